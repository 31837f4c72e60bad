package bulk

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dnc is the job of the tests.
var dnc = Job{"dnc", "--ocs 201 --relay ws://a/ws"}

// keyRows are the rows of keysOf: many, as a job may work on a few more after it was told
// to stop.
const keyRows = 60

// keysOf runs a job over keyRows rows and gives the key of each, by line. stop ends the
// job before its last row.
func keysOf(t *testing.T, path string, outcome State, stop bool) map[int]string {
	t.Helper()
	r, err := OpenResults(path, dnc)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	keys := map[int]string{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = Run(ctx, Options{
		Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("phone\n100\n" + strings.Repeat("200\n", keyRows-1))), nil
		},
		Prepare: func(r Row) (Row, *RowError) { return r, nil }, Parallel: 1, Results: r,
		Send: func(_ context.Context, row Row) Outcome {
			keys[row.Line] = r.Key(row, 0)
			if stop && len(keys) == 2 {
				cancel()
				<-ctx.Done()
			}
			return Outcome{State: outcome}
		},
	})
	if stop != errors.Is(err, ErrInterrupted) || !stop && err != nil {
		t.Fatal(err)
	}
	return keys
}

// The key of a row is the same until a job has worked on every row, and no other row has
// it, nor the row in another job.
func TestKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	first := keysOf(t, path, Refused, true)
	again := keysOf(t, path, Refused, false) // goes on
	anew := keysOf(t, path, Refused, false)  // all rows were worked on
	if len(first) < 2 || len(again) != keyRows || len(anew) != keyRows {
		t.Fatalf("%d, %d and %d rows", len(first), len(again), len(anew))
	}
	seen := map[string]bool{}
	for line, key := range again {
		if k, was := first[line]; was && k != key {
			t.Errorf("row %d has the key %s, and had %s before", line, key, k)
		}
		for _, k := range []string{key, anew[line]} {
			if seen[k] || len(k) != 32 {
				t.Errorf("row %d: the key %s is another one's", line, k)
			}
			seen[k] = true
		}
	}
	for _, name := range []string{path, path + ".lock"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	for line, key := range keysOf(t, path, Done, false) {
		if seen[key] {
			t.Errorf("row %d has a key of the job before", line)
		}
	}
	r, other := &Results{job: identity{id: "x", job: dnc}}, &Results{job: identity{id: "x", job: Job{"cancel", dnc.Flags}}}
	row := Row{Line: 2, Phone: "100"}
	if r.Key(row, 0) == other.Key(row, 0) {
		t.Error("two commands have one key")
	}
	if r.Key(row, 0) == r.Key(row, 1) || r.Key(row, 0) == r.Key(Row{Line: 2, CustomerID: "100"}, 0) || r.Key(row, 0) == r.Key(Row{Line: 3, Phone: "100"}, 0) {
		t.Error("two requests have one key")
	}
}

// An identity that is no identity is not replaced: requests under its keys may be under
// way.
func TestNoIdentity(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	keysOf(t, path, Done, false)
	for _, text := range []string{"", "garbage", "id x\n"} {
		if err := os.WriteFile(path+".job", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenResults(path, dnc)
		var wrong *ResultsError
		if !errors.As(err, &wrong) || wrong.Path != path+".job" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A results file is of one job: what it calls done is not done for another command, nor
// at other OCS. Where it is not known whose it is, nothing is passed over.
func TestResultsOfAnotherJob(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	keysOf(t, path, Done, false)
	identity, err := os.ReadFile(path + ".job")
	if err != nil {
		t.Fatal(err)
	}
	round, _, _ := strings.Cut(string(identity), "\n")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		job  Job
		text string // of PATH.job; empty: as it was; "-": none
		want string
	}{
		"the same":        {job: dnc},
		"another command": {job: Job{"cancel", dnc.Flags}, want: "this is the results file of a dnc job; give another one"},
		"other flags":     {job: Job{"dnc", "--ocs 202 --relay ws://a/ws"}, want: "this is the results file of dnc --ocs 201 --relay ws://a/ws; go on with these flags, or give another results file"},
		"older":           {job: dnc, text: round + "\n", want: "is of an earlier version"},
		"gone":            {job: dnc, text: "-", want: path + ".job is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			switch c.text {
			case "":
				c.text = string(identity)
				fallthrough
			default:
				if err := os.WriteFile(path+".job", []byte(c.text), 0o600); err != nil {
					t.Fatal(err)
				}
			case "-":
				if err := os.Remove(path + ".job"); err != nil {
					t.Fatal(err)
				}
			}
			r, err := OpenResults(path, c.job)
			if err == nil {
				r.Close()
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v", err)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the results are changed, %v", err)
			}
		})
	}
}
