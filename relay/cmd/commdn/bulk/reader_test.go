package bulk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
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
		"fields":            {"phone,campaign\n5551\n5552,a,b\n5553,c\n", []Row{{Line: 2, Phone: "5551"}, {Line: 4, Phone: "5553", Campaign: "c"}}, []string{"row 3, column 3: has no name in the header row"}},
		"open quote":        {"phone,campaign\n\"5551,a\n5552,b\n5553,\"c\nd\"\n5554,e\n", []Row{{Line: 3, Phone: "5552", Campaign: "b"}, {Line: 6, Phone: "5554", Campaign: "e"}}, []string{"row 2, at character 9: a quote is not closed, or text follows it", "row 4, at character 9: a quote is not closed, or text follows it", "row 5, at character 2: a quote inside a value that does not begin with one"}},
		"not UTF-8":         {"phone,campaign\n5551,\xff\n5552,b\n", []Row{{Line: 3, Phone: "5552", Campaign: "b"}}, []string{"row 2, campaign: is not UTF-8 text; give the encoding of the file"}},
		"long line":         {"phone\n" + strings.Repeat("5", 3*MaxLine) + "\n5552\n", []Row{{Line: 3, Phone: "5552"}}, []string{"row 2, the line: is longer than 4096 bytes"}},
		"long last line":    {"phone\n" + strings.Repeat("5", 3*MaxLine), nil, []string{"row 2, the line: is longer than 4096 bytes"}},
		"nothing":           {"", nil, []string{"header row: the input is empty; begin with the names of the columns: phone, customer_id, chain, campaign"}},
		"unknown column":    {"phone,custmer_id\n", nil, []string{`header row: unknown column "custmer_id"; the columns are phone, customer_id, chain, campaign; did you mean customer_id?`}},
		"semicolons":        {"phone;chain\n5551;RecordOnly\n5,5;\n", []Row{{Line: 2, Phone: "5551", Chain: "RecordOnly"}, {Line: 3, Phone: "5,5"}}, nil},
		"tabs":              {"phone\tcampaign\n5551\t\"a\tb\"\n", []Row{{Line: 2, Phone: "5551", Campaign: "a\tb"}}, nil},
		"old Mac":           {"phone,chain\r5551,\r5552,\r", nil, []string{"header row: the line: holds carriage returns, which some programs for the Mac write in place of line feeds; save the file as CSV for Windows, or as UTF-8 CSV"}},
		"sep=;":             {"sep=;\r\nphone;chain\r\n5551;\r\n", []Row{{Line: 3, Phone: "5551"}}, nil},
		"sep=, in quotes":   {"\"SEP=,\"\nphone;x,chain\n", nil, []string{`header row: unknown column "phone;x"; the columns are phone, customer_id, chain, campaign; did you mean phone?`}},
		"sep= and a tab":    {"sep=\t\nphone\n5551\n", []Row{{Line: 3, Phone: "5551"}}, nil},
		"sep= a letter":     {"sep=x\nphone\n", nil, []string{`header row: sep=: is "x"; give a comma, a semicolon, a tab or |`}},
		"ragged":            {"phone,customer_id,chain,campaign,,\n5551\n,,,\n5552,C-1,,,,,,\n,,,,,,\n\"\",\"\"\n5553,,AllChain\n", []Row{{Line: 2, Phone: "5551"}, {Line: 4, Phone: "5552", CustomerID: "C-1"}, {Line: 7, Phone: "5553", Chain: "AllChain"}}, nil},
		"no name between":   {"phone,,chain\n", nil, []string{"header row: column 2 has no name, and others follow it"}},
		"armour":            {"phone,campaign\n=\"0012\",x\n\"=\"\"0013\"\"\",y\n", []Row{{Line: 2, Phone: `="0012"`, Campaign: "x"}, {Line: 3, Phone: `="0013"`, Campaign: "y"}}, nil},
		"UTF-16, no mark":   {"p\x00h\x00o\x00n\x00e\x00\n\x00", nil, []string{"header row: the input looks like UTF-16; give its encoding, utf-16le or utf-16be"}},
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

func TestDecode(t *testing.T) {
	t.Parallel()
	wide := func(order binary.AppendByteOrder, s string) string {
		var b []byte
		for _, c := range utf16.Encode([]rune(s)) {
			b = order.AppendUint16(b, c)
		}
		return string(b)
	}
	const text = "phone,campaign\n5551,Señal €\n"
	for _, c := range []struct{ name, in, encoding string }{
		{"as it is", text, ""}, {"as it is, said", text, "UTF-8"}, {"mark", "\uFEFF" + text, "auto"},
		{"UTF-16 by its mark", wide(binary.LittleEndian, "\uFEFF"+text), ""}, {"big-endian by its mark", wide(binary.BigEndian, "\uFEFF"+text), "auto"},
		{"UTF-16 without", wide(binary.LittleEndian, text), "utf-16le"}, {"big-endian without", wide(binary.BigEndian, text), "utf-16be"},
		{"said with a mark", wide(binary.LittleEndian, "\uFEFF"+text), "utf-16le"},
		{"cp1252", "phone,campaign\n5551,Se\xf1al \x80\n", "cp1252"},
	} {
		in, err := Decode(strings.NewReader(c.in), c.encoding)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(in)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if row, err := r.Next(); err != nil || row != (Row{Line: 2, Phone: "5551", Campaign: "Señal €"}) {
			t.Errorf("%s: %+v, %v", c.name, row, err)
		}
	}
	if _, err := Decode(strings.NewReader("PK\x03\x04\x14\x00"), ""); err == nil || !strings.Contains(err.Error(), "spreadsheet") {
		t.Errorf("an xlsx file: %v", err)
	}
	if _, err := Decode(strings.NewReader(""), "ebcdic"); err == nil || err.Error() != `encoding "ebcdic" is not known; give one of auto, utf-8, utf-16le, utf-16be, cp1252, latin1` {
		t.Error(err)
	}
	if in, err := Decode(strings.NewReader(""), ""); err != nil {
		t.Error(err)
	} else if _, err := NewReader(in); err == nil {
		t.Error("nothing is no error")
	}
}
