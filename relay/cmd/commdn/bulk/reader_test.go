package bulk

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// read gives every row, and every error but io.EOF as text, in order.
func read(t testing.TB, in string) (rows []Row, errs []string) {
	t.Helper()
	r, err := NewReader(strings.NewReader(in))
	if err != nil {
		return nil, []string{err.Error()}
	}
	for {
		row, err := r.Next()
		if err == io.EOF {
			return rows, errs
		}
		var bad *RowError
		if err != nil {
			if !errors.As(err, &bad) {
				t.Fatalf("%T %v", err, err)
			}
			errs = append(errs, err.Error())
			continue
		}
		rows = append(rows, row)
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		rows []Row
		errs []string
	}{
		"one column":        {"phone\n5551\n5552\n", []Row{{Line: 2, Phone: "5551"}, {Line: 3, Phone: "5552"}}, nil},
		"any order, CRLF":   {"campaign,Chain, PHONE ,customer_id\r\nAutumn,RecordOnly,5551,C-1\r\n", []Row{{2, "5551", "C-1", "RecordOnly", "Autumn"}}, nil},
		"byte order mark":   {"\uFEFFphone\n5551", []Row{{Line: 2, Phone: "5551"}}, nil},
		"quotes and blanks": {"phone,campaign\n \"5551\",\n\"5552\",\"Say \"\"hi\"\", twice\"\n 5553 ,x\n", []Row{{Line: 3, Phone: "5552", Campaign: `Say "hi", twice`}, {Line: 4, Phone: "5553", Campaign: "x"}}, []string{"row 2, at character 2: a quote inside a value that does not begin with one"}},
		"blank lines":       {"\n\nphone\n\n5551\n\r\n\n5552\n\n", []Row{{Line: 5, Phone: "5551"}, {Line: 8, Phone: "5552"}}, nil},
		"header alone":      {"phone\n", nil, nil},
		"fields":            {"phone,campaign\n5551\n5552,a,b\n5553,c\n", []Row{{Line: 4, Phone: "5553", Campaign: "c"}}, []string{"row 2, campaign: is missing", "row 3, column 3: has no name in the header row"}},
		"open quote":        {"phone,campaign\n\"5551,a\n5552,b\n5553,\"c\nd\"\n5554,e\n", []Row{{Line: 3, Phone: "5552", Campaign: "b"}, {Line: 6, Phone: "5554", Campaign: "e"}}, []string{"row 2, at character 9: a quote is not closed, or text follows it", "row 4, at character 9: a quote is not closed, or text follows it", "row 5, at character 2: a quote inside a value that does not begin with one"}},
		"not UTF-8":         {"phone,campaign\n5551,\xff\n5552,b\n", []Row{{Line: 3, Phone: "5552", Campaign: "b"}}, []string{"row 2, campaign: is not UTF-8 text"}},
		"long line":         {"phone\n" + strings.Repeat("5", 3*MaxLine) + "\n5552\n", []Row{{Line: 3, Phone: "5552"}}, []string{"row 2, the line: is longer than 4096 bytes"}},
		"long last line":    {"phone\n" + strings.Repeat("5", 3*MaxLine), nil, []string{"row 2, the line: is longer than 4096 bytes"}},
		"nothing":           {"", nil, []string{"header row: the input is empty; begin with the names of the columns: phone, customer_id, chain, campaign"}},
		"unknown column":    {"phone,custmer_id\n", nil, []string{`header row: unknown column "custmer_id"; the columns are phone, customer_id, chain, campaign; did you mean customer_id?`}},
		"other separator":   {"phone;chain\n", nil, []string{`header row: unknown column "phone;chain"; the columns are phone, customer_id, chain, campaign`}},
		"no header":         {"5551\n", nil, []string{`header row: unknown column "5551"; the columns are phone, customer_id, chain, campaign`}},
		"column twice":      {"phone,Phone\n", nil, []string{"header row: column phone is there twice"}},
		"nobody":            {"chain,campaign\n", nil, []string{"header row: neither phone nor customer_id is among the columns"}},
		"header is no CSV":  {"\"phone\n", nil, []string{"header row: at character 8: a quote is not closed, or text follows it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, errs := read(t, c.in)
			if !slices.Equal(rows, c.rows) || !slices.Equal(errs, c.errs) {
				t.Errorf("rows %+v\nwant %+v\nerrors %q\nwant   %q", rows, c.rows, errs, c.errs)
			}
		})
	}
}

// An input that breaks is an error of its own, wherever it breaks.
func TestReaderInputBreaks(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	if _, err := NewReader(iotest.ErrReader(broken)); err != broken {
		t.Errorf("in the header: %v", err)
	}
	for _, begun := range []string{"phone\n", "phone\n" + strings.Repeat("5", 2*MaxLine)} {
		r, err := NewReader(io.MultiReader(strings.NewReader(begun), iotest.ErrReader(broken)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); err != broken {
			t.Errorf("after %.20q: %v", begun, err)
		}
	}
}

// Whatever the input, the reader ends, tells lines in order, and gives values
// that could stand in a line.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"phone\n5551\n", "\uFEFFphone,customer_id,chain,campaign\r\n1,2,AllChain,x\r\n", "phone\n\"\n\"\n1", "phone\n\"a\"b\n",
		"customer_id,phone\n\"a,\"\"b\",c\n\n,\n", "phone", "", "\n\n", "phone\n" + strings.Repeat("9", MaxLine+1) + "\n1\n", "phone\n\xff\n\r1\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := NewReader(bytes.NewReader(in))
		if err != nil {
			return
		}
		lines := bytes.Count(in, []byte("\n")) + 1
		last := 1
		for {
			row, err := r.Next()
			if err == io.EOF {
				return
			}
			if row.Line <= last || row.Line > lines {
				t.Fatalf("line %d after %d of %d", row.Line, last, lines)
			}
			last = row.Line
			var bad *RowError
			if err != nil && !errors.As(err, &bad) {
				t.Fatal(err)
			}
			if bad != nil && bad.Line != row.Line {
				t.Fatalf("error of line %d at line %d", bad.Line, row.Line)
			}
			for _, value := range []string{row.Phone, row.CustomerID, row.Chain, row.Campaign} {
				if strings.TrimSpace(value) != value || strings.Contains(value, "\n") {
					t.Fatalf("value %q", value)
				}
			}
		}
	})
}
