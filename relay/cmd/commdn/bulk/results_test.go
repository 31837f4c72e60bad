package bulk

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func results(t *testing.T, path string) *Results {
	t.Helper()
	r, err := OpenResults(path, dnc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func appendRow(t *testing.T, r *Results, line int, state State) {
	t.Helper()
	if err := r.Append(Result{Row{Line: line, Phone: "555"}, Outcome{State: state}, noon}); err != nil {
		t.Fatal(err)
	}
}

// What is written is read again, and goes on where it ended.
func TestResults(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.csv")
	r := results(t, path)
	for _, res := range []Result{
		{Row{2, "5551", "C-1", "AllChain", "Autumn, \"late\""}, Outcome{State: Done}, noon},
		{Row{4, "5553", "", "", ""}, Outcome{State: Refused, Code: 10, Name: "CM_ERROR_INVALID_PARAMETER", Message: "a\r\nb\tc"}, noon.Add(time.Millisecond)},
		{Row{3, "5552", "", "", ""}, Outcome{State: Incomplete, Message: strings.Repeat("ä", maxMessage)}, noon},
	} {
		if err := r.Append(res); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "row,phone,customer_id,chain,campaign,state,code,name,message,time\n" +
		"2,5551,C-1,AllChain,\"Autumn, \"\"late\"\"\",done,,,,2026-11-22T12:00:00Z\n" +
		"4,5553,,,,refused,10,CM_ERROR_INVALID_PARAMETER,a  b c,2026-11-22T12:00:00.001Z\n" +
		"3,5552,,,,incomplete,,," + strings.Repeat("ä", maxMessage/2) + "…,2026-11-22T12:00:00Z\n"
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	_ = r.Close()
	again := results(t, path)
	// What was not done may be tried again, and 3 is on a desktop no longer.
	if again.Len() != 1 || !again.Done(2) || again.Done(3) || again.Done(4) || again.sum != r.sum {
		t.Errorf("read again: %+v", again.done)
	}
	appendRow(t, again, 4, Done)
	if text, err = os.ReadFile(path); err != nil || string(text) != want+"4,555,,,,done,,,,2026-11-22T12:00:00Z\n" {
		t.Errorf("%v\n%s", err, text)
	}
}

// Where the forms of a number ended in different ways, each has a line before that of
// its row. They are no outcome of the row: a job that goes on reads the row's own.
func TestResultsOfForms(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.csv")
	r := results(t, path)
	refused := Outcome{State: Refused, Code: 10, Name: "X", Message: "OCS 201: a\nb"}
	row := Row{2, "600 111", "C-1", "AllChain", ""}
	forms := []Form{{"600111", Outcome{State: Done, Message: "OCS 201"}}, {"+34600111", refused}}
	for _, res := range []Result{
		{row, Outcome{State: Refused, Code: 10, Name: "X", Forms: forms}, noon},
		{row, Outcome{State: Refused, Code: 10, Name: "X", Forms: forms}, noon}, // the same again: no further line
		{Row{Line: 3, Phone: "600 222"}, Outcome{State: Done, Forms: forms}, noon},
	} {
		if err := r.Append(res); err != nil {
			t.Fatal(err)
		}
	}
	const time = "2026-11-22T12:00:00Z\n"
	want := "row,phone,customer_id,chain,campaign,state,code,name,message,time\n" +
		"2,600111,C-1,AllChain,,form-done,,,OCS 201," + time + "2,+34600111,C-1,AllChain,,form-refused,10,X,OCS 201: a b," + time +
		"2,600 111,C-1,AllChain,,refused,10,X,," + time +
		"3,600111,,,,form-done,,,OCS 201," + time + "3,+34600111,,,,form-refused,10,X,OCS 201: a b," + time + "3,600 222,,,,done,,,," + time
	if text, err := os.ReadFile(path); err != nil || string(text) != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, text, want)
	}
	_ = r.Close()
	if again := results(t, path); again.Len() != 1 || !again.Done(3) || again.Done(2) || again.sum != r.sum || again.last[2] != r.last[2] {
		t.Errorf("read again: %+v, %v", again.done, again.last)
	}
}

// A job that was killed may leave a line without its end.
func TestResultsTorn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.csv")
	r := results(t, path)
	for line := 2; line < 5; line++ {
		appendRow(t, r, line, Done)
	}
	_ = r.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) + 1 {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		torn, err := OpenResults(path, dnc)
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		lines := strings.Count(string(whole[:n]), "\n")
		if want := max(lines-1, 0); torn.Len() != want {
			t.Errorf("%d bytes: %d rows, want %d", n, torn.Len(), want)
		}
		appendRow(t, torn, 9, Done)
		_ = torn.Close()
		again, err := OpenResults(path, dnc)
		if err != nil {
			t.Fatal(err)
		}
		_ = again.Close()
		if again.Len() != torn.Len() || !again.Done(9) {
			t.Errorf("%d bytes: after going on %v", n, again.done)
		}
	}
}

// No other file is touched.
func TestResultsOfSomethingElse(t *testing.T) {
	t.Parallel()
	header := strings.Join(ResultColumns, ",") + "\n"
	for text, want := range map[string]string{
		"phone\n5551\n":                     "1: this is no results file",
		"x":                                 "1: this is no results file",
		strings.Repeat("x", maxResult+1):    "1: is too long for a results file",
		header + "2,1\n":                    "2: this is no line of a results file, which has 10 columns",
		header + "2,\"1,,,,done,,,,\n":      "2: this is no line of a results file",
		header + "x,1,,,,done,,,,\n":        `2: row "x" is no number of a row`,
		header + "\n1,1,,,,done,,,,\n":      "2: this is no line",
		header + "1,1,,,,done,,,,\n":        `2: row "1" is no number of a row`,
		header + strings.Repeat("x", 80000): "2: is too long",
	} {
		path := filepath.Join(t.TempDir(), "out.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenResults(path, dnc)
		var e *ResultsError
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), path+":"+want) {
			t.Errorf("%.70q: %v, want %s", text, err, want)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != text {
			t.Errorf("%.70q: changed, %v", text, err)
		}
	}
	if _, err := OpenResults(t.TempDir(), dnc); err == nil {
		t.Error("a folder is no error")
	}
}

// Two jobs with one results file would each spoil what the other writes.
func TestResultsInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.csv")
	first := results(t, path)
	_, err := OpenResults(path, dnc)
	who := regexp.MustCompile(`^` + regexp.QuoteMeta(path) + `: is in use by process \d+ on \S+ since \S+; wait for its end, or give another name$`)
	if e, is := errors.AsType[*ResultsError](err); !is || !who.MatchString(e.Error()) {
		t.Errorf("%v", err)
	}
	appendRow(t, first, 2, Done)
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path + ".lock"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the note stays: %v", err)
	}
	if second := results(t, path); second.Len() != 1 {
		t.Errorf("%d rows", second.Len())
	}
}

// A row that ends again as it did before has no further line, whatever the job.
func TestResultsSayEachOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.csv")
	refused := Outcome{State: Refused, Code: 10, Name: "X", Message: "a\nb"}
	invalid := Outcome{State: Invalid, Message: strings.Repeat("ä", maxMessage)}
	for _, step := range []struct {
		o    Outcome
		want int // lines of row 2
	}{{refused, 1}, {refused, 1}, {invalid, 2}, {invalid, 2}, {refused, 3}, {Outcome{State: Incomplete}, 4}, {Outcome{State: Incomplete}, 4}, {Outcome{State: Done}, 5}} {
		r, err := OpenResults(path, dnc)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := r.Append(Result{Row{Line: 2, Phone: "5551"}, step.o, noon}); err != nil {
				t.Fatal(err)
			}
			if step.o.State == Done {
				break // a job does not ask again for what is done
			}
		}
		_ = r.Close()
		text, err := os.ReadFile(path)
		if got := strings.Count(string(text), "\n2,"); err != nil || got != step.want {
			t.Errorf("%s: %d lines, want %d; %v\n%s", step.o.State, got, step.want, err, text)
		}
	}
}
