package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// numbers gives an input of n phones.
func numbers(n int) string {
	var b strings.Builder
	b.WriteString("phone\n")
	for i := range n {
		fmt.Fprintf(&b, "555%06d\n", i)
	}
	return b.String()
}

// sent takes notes of what was asked for.
type sent struct {
	mu    sync.Mutex
	rows  []Row
	under int // rows under way
	most  int
}

func (s *sent) send(_ context.Context, r Row) Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, r)
	return Outcome{State: Done}
}

func (s *sent) lines() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []int
	for _, r := range s.rows {
		lines = append(lines, r.Line)
	}
	slices.Sort(lines)
	return lines
}

func options(in string, send func(context.Context, Row) Outcome) Options {
	return Options{
		Open:     func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(in)), nil },
		Prepare:  func(r Row) (Row, *RowError) { return r, nil },
		Send:     send,
		Parallel: 4,
		Grace:    time.Minute,
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	var s sent
	o := options("phone,chain\n5551,\n5552,bad\n,\"\"\n5553,,x\n5551\n", s.send)
	o.Prepare = func(r Row) (Row, *RowError) {
		if r.Chain == "bad" {
			return r, &RowError{Line: r.Line, Column: "chain", What: "is bad"}
		}
		r.Chain = "AllChain"
		return r, nil
	}
	var each []Result
	o.Each = func(r Result) { each = append(each, r) }
	o.Results = results(t, filepath.Join(t.TempDir(), "out.csv"))
	for _, c := range []struct {
		sent    []int
		skipped int
		done    int
	}{{[]int{2, 6}, 0, 2}, {nil, 2, 0}} {
		s.rows, each = nil, nil
		got, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s.lines(), c.sent) || got.Skipped != c.skipped || got.States[Done] != c.done || got.States[Invalid] != 2 || got.Failed() != 2 || got.Rows() != 4 || got.Duplicates != 1 || got.Took <= 0 {
			t.Errorf("sent %v, %+v", s.lines(), got)
		}
		slices.SortFunc(each, func(a, b Result) int { return a.Line - b.Line })
		var bad []string
		for _, r := range each {
			if r.Time.IsZero() {
				t.Errorf("%+v has no time", r)
			}
			if r.State == Invalid {
				bad = append(bad, fmt.Sprint(r.Line, " ", r.Message))
			}
		}
		if want := []string{"3 chain: is bad", "5 column 3: has no name in the header row"}; !slices.Equal(bad, want) {
			t.Errorf("bad rows %q", bad)
		}
	}
}

// No more rows are under way than Parallel says, and as many as that.
func TestRunParallel(t *testing.T) {
	t.Parallel()
	var s sent
	full := make(chan struct{})
	o := options(numbers(50), func(ctx context.Context, r Row) Outcome {
		s.mu.Lock()
		s.under++
		s.most = max(s.most, s.under)
		if s.under == 4 {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		s.mu.Unlock()
		<-full
		s.mu.Lock()
		s.under--
		s.mu.Unlock()
		return Outcome{State: Done}
	})
	got, err := Run(t.Context(), o)
	if err != nil || got.States[Done] != 50 || s.most != 4 {
		t.Errorf("%+v, %v, at most %d at once", got, err, s.most)
	}
}

// After an interruption rows under way end, no other begins, and the next job
// works on those that are left, each once.
func TestRunInterruptedAndAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.csv")
	var s sent
	ctx, interrupt := context.WithCancel(t.Context())
	o := options(numbers(200), func(sending context.Context, r Row) Outcome {
		if r.Line == 100 {
			interrupt()
		}
		if sending.Err() != nil {
			t.Error("a row under way is given up at once")
		}
		return s.send(sending, r)
	})
	o.Results = results(t, path)
	first, err := Run(ctx, o)
	if !errors.Is(err, ErrInterrupted) || first.States[Done] < 90 || first.States[Done] >= 200 {
		t.Fatalf("%+v, %v", first, err)
	}
	_ = o.Results.Close()
	o.Results = results(t, path)
	o.Send = s.send
	second, err := Run(t.Context(), o)
	if err != nil || second.Skipped != first.States[Done] || second.Rows() != 200 {
		t.Errorf("%+v, %v", second, err)
	}
	var want []int
	for line := 2; line < 202; line++ {
		want = append(want, line)
	}
	if !slices.Equal(s.lines(), want) {
		t.Errorf("sent %v", s.lines())
	}
}

// Rows that do not end in the grace are given up: those that were sent are
// recorded as unknown, the others stay undone.
func TestRunGrace(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	var begun sync.WaitGroup
	begun.Add(4)
	go func() { begun.Wait(); interrupt() }()
	o := options(numbers(20), func(sending context.Context, r Row) Outcome {
		begun.Done()
		<-sending.Done()
		if r.Line%2 == 0 {
			return Outcome{State: Unknown, Message: "given up"}
		}
		return Outcome{State: NotSent, Message: "given up"}
	})
	o.Grace = time.Millisecond
	got, err := Run(ctx, o)
	if !errors.Is(err, ErrInterrupted) || got.States[Unknown] != 2 || got.Rows() != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

// An interruption while the last rows are under way interrupts nothing.
func TestRunInterruptedAtTheEnd(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan struct{})
	in := io.MultiReader(strings.NewReader(numbers(1)), readFunc(func() (int, error) { close(ended); return 0, io.EOF }))
	o := options("", func(sending context.Context, r Row) Outcome {
		<-ended
		return Outcome{State: Done}
	})
	o.Open = func() (io.ReadCloser, error) { return io.NopCloser(in), nil }
	o.Each = func(Result) { interrupt() }
	if got, err := Run(ctx, o); got.States[Done] != 1 || err != nil && !errors.Is(err, ErrInterrupted) {
		t.Errorf("%+v, %v", got, err)
	}
}

type readFunc func() (int, error)

func (f readFunc) Read([]byte) (int, error) { return f() }

// A job ends by itself where no row can be sent or none is answered.
func TestRunStops(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state State
		most  int
		want  string
	}{
		{NotSent, 1, "given up at row"},
		// The last round, and what each of the four has under way meanwhile.
		{Unknown, rounds*4 + 4, "given up after 12 rows without an answer: nobody there"},
	} {
		o := options(numbers(100), func(context.Context, Row) Outcome { return Outcome{State: c.state, Message: "nobody there"} })
		got, err := Run(t.Context(), o)
		var stopped *StoppedError
		if !errors.As(err, &stopped) || !strings.HasPrefix(err.Error(), c.want) || stopped.Last.State != c.state {
			t.Errorf("%s: %v", c.state, err)
		}
		if n := got.States[c.state]; n < 1 || n > c.most {
			t.Errorf("%s: %d rows", c.state, n)
		}
	}
	answered := 0
	o := options(numbers(100), func(_ context.Context, r Row) Outcome {
		if answered++; answered%rounds == 0 {
			return Outcome{State: Refused}
		}
		return Outcome{State: Unknown}
	})
	o.Parallel = 1
	if got, err := Run(t.Context(), o); err != nil || got.Rows() != 100 {
		t.Errorf("now and then an answer: %+v, %v", got, err)
	}
}

// A results file of another input would pass over numbers that nobody asked
// for, so it is refused, before anything is sent.
func TestRunOtherInput(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.csv")
	o := options(numbers(5), (&sent{}).send)
	o.Results = results(t, path)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{
		"changed": strings.Replace(numbers(5), "555000003", "555000009", 1), "shorter": numbers(4), "shifted": strings.Replace(numbers(5), "phone\n", "phone\n\n", 1),
	} {
		var s sent
		_ = o.Results.Close()
		o = options(in, s.send)
		o.Results = results(t, path)
		_, err := Run(t.Context(), o)
		var other *ResultsError
		if !errors.As(err, &other) || !strings.HasPrefix(err.Error(), path+": this is of other rows: of its 5 done rows, ") || len(s.rows) > 0 {
			t.Errorf("%s: %v, sent %v", name, err, s.rows)
		}
	}
	_ = o.Results.Close()
	o = options(numbers(6), (&sent{}).send)
	o.Results = results(t, path)
	if got, err := Run(t.Context(), o); err != nil || got.Skipped != 5 || got.States[Done] != 1 {
		t.Errorf("longer: %+v, %v", got, err)
	}
}

// Files that break are told, and the rows before are done.
func TestRunFilesBreak(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	open := func(in io.Reader) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(in), nil }
	}
	o := options("", (&sent{}).send)
	o.Open = func() (io.ReadCloser, error) { return nil, broken }
	if _, err := Run(t.Context(), o); err != broken {
		t.Errorf("open: %v", err)
	}
	var s sent
	o = options("", s.send)
	o.Open = open(io.MultiReader(strings.NewReader(numbers(3)), iotest.ErrReader(broken)))
	if got, err := Run(t.Context(), o); err != broken || got.States[Done] != 3 || len(s.rows) != 3 {
		t.Errorf("reading: %+v, %v", got, err)
	}
	var header *HeaderError
	if _, err := Run(t.Context(), options("a,b\n", s.send)); !errors.As(err, &header) {
		t.Errorf("header: %v", err)
	}
	o = options(numbers(100), s.send)
	o.Results = results(t, filepath.Join(t.TempDir(), "out.csv"))
	_ = o.Results.Close()
	if got, err := Run(t.Context(), o); err == nil || got.Rows() > 20 {
		t.Errorf("results: %+v, %v", got, err)
	}
	o.Results = results(t, filepath.Join(t.TempDir(), "done.csv"))
	appendRow(t, o.Results, 2, Done)
	o.Open = func() (io.ReadCloser, error) { return nil, broken }
	if _, err := Run(t.Context(), o); !errors.Is(err, broken) {
		t.Errorf("open to compare: %v", err)
	}
	for _, in := range []io.Reader{iotest.ErrReader(broken), io.MultiReader(strings.NewReader("phone\n"), iotest.ErrReader(broken))} {
		o.Open = open(in)
		if _, err := Run(t.Context(), o); !errors.Is(err, broken) {
			t.Errorf("compare: %v", err)
		}
	}
}

// The input may block when the job is interrupted, as a terminal does.
func TestRunInputBlocks(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	in, out := io.Pipe()
	o := options("", (&sent{}).send)
	o.Open = func() (io.ReadCloser, error) { return in, nil }
	o.Each = func(Result) { interrupt() }
	go func() { _, _ = io.WriteString(out, numbers(1)) }()
	if got, err := Run(ctx, o); !errors.Is(err, ErrInterrupted) || got.States[Done] != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := newBar(&out, 200)
	b.draw(50, Summary{Skipped: 3, States: map[State]int{Done: 5, Refused: 2}})
	b.draw(300, Summary{States: map[State]int{Done: 9}})
	b.end()
	text := out.String()
	for _, want := range []string{"\r[######------------------]  25% 10 rows, 2 failed, ", "\r[########################] 100% 9 rows, 0 failed, ", "/s"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q without %q", text, want)
		}
	}
	if !strings.HasSuffix(text, "\n") {
		t.Errorf("%q does not end the line", text)
	}

	out.Reset()
	o := options(numbers(2), (&sent{}).send)
	o.Progress = &out
	if _, err := Run(t.Context(), o); err != nil || !strings.Contains(out.String(), "2 rows, 0 failed") || strings.Contains(out.String(), "%") {
		t.Errorf("without a size: %v, %q", err, &out)
	}
}
