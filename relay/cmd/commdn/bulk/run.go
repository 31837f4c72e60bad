package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Options say what a job does. Open, Prepare and Send are needed.
type Options struct {
	// Open opens the input, from its start. It is called a second time where
	// results tell of rows that are done.
	Open func() (io.ReadCloser, error)
	// Encoding of the input, one of Encodings; empty: auto.
	Encoding string
	// Prepare completes a row and says what is wrong with it, or nil. It is
	// called by one goroutine at a time.
	Prepare func(Row) (Row, *RowError)
	// Send asks for one row and gives what became of it. It is called by
	// Parallel goroutines, and must return soon when its context ends.
	Send func(context.Context, Row) Outcome
	// Parallel is how many rows are under way at once; at least 1.
	Parallel int
	// Grace is how long rows under way may take after an interruption.
	Grace time.Duration

	Results *Results     // where results go, and which rows are done; nil: nowhere, none
	Each    func(Result) // is told of every result, one at a time, in the order of ending; may be nil
	// Progress is drawn on this terminal; nil: none. Size is the length of the
	// input in bytes, 0 where not known.
	Progress io.Writer
	Size     int64
}

// Summary counts what became of the rows.
type Summary struct {
	Skipped    int           // done before
	Duplicates int           // rows of the input that ask for the same as an earlier one
	States     map[State]int // the rows that this job ended, by state
	Took       time.Duration
}

// Rows gives the number of rows that are done, now or before, or failed now.
func (s Summary) Rows() int { return s.Skipped + s.ended() }

// Failed gives the number of rows that did not end well.
func (s Summary) Failed() int { return s.ended() - s.States[Done] - s.States[Incomplete] }

func (s Summary) ended() (n int) {
	for _, k := range s.States {
		n += k
	}
	return n
}

// ErrInterrupted says that the context ended before the input did.
var ErrInterrupted = errors.New("interrupted")

// StoppedError says that a job was given up because the next rows would have
// fared no better.
type StoppedError struct {
	What string
	Last Outcome
}

// Error gives one line.
func (e *StoppedError) Error() string { return e.What + ": " + e.Last.Message }

// rounds is how many times all rows under way may stay without an answer, with
// none between them, before a job is given up.
const rounds = 3

// job is a Run under way.
type job struct {
	Options
	rows  interface{ Next() (Row, error) }
	stop  chan struct{} // closed when no further row is to be begun
	ended chan Result
	read  atomic.Int64 // bytes of the input
	seen  *duplicates  // used by feed

	mu      sync.Mutex
	summary Summary
	readErr error // why reading ended; nil while it goes on
}

// Run works on every row that is not done, and blocks until the last one has
// ended. When ctx ends, no further row is begun; those under way have Grace to
// end, and are Unknown then if they had been sent. The error is nil when the
// whole input was read, however its rows ended; else ErrInterrupted, a
// *StoppedError, a *HeaderError, a *ResultsError, or that of a file.
//
// Where the input blocks when ctx ends, Run does not wait for it; whoever owns
// the input closes it.
func Run(ctx context.Context, o Options) (Summary, error) {
	began := time.Now()
	if err := checkResults(o); err != nil {
		return Summary{}, err
	}
	in, err := o.Open()
	if err != nil {
		return Summary{}, err
	}
	defer in.Close()
	j := &job{Options: o, stop: make(chan struct{}), ended: make(chan Result), seen: newDuplicates()}
	j.summary.States = make(map[State]int)
	text, err := Decode(counter{in, &j.read}, o.Encoding)
	if err != nil {
		return Summary{}, err
	}
	if j.rows, err = NewReader(text); err != nil {
		return Summary{}, err
	}
	err = j.run(ctx)
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.summary
	s.Took = time.Since(began)
	if j.readErr != nil { // feed has ended; else it may still read
		s.Duplicates = j.seen.count()
	}
	if err == nil && j.readErr != io.EOF {
		err = j.readErr
	}
	if err == nil && o.Results != nil {
		err = o.Results.complete()
	}
	return s, err
}

func checkResults(o Options) error {
	if o.Results == nil || o.Results.Len() == 0 {
		return nil
	}
	in, err := o.Open()
	if err != nil {
		return err
	}
	return errors.Join(o.Results.check(in, o.Encoding, o.Prepare), in.Close())
}

func (j *job) run(ctx context.Context) error {
	sending, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	work := make(chan Row)
	go j.feed(work)
	var workers sync.WaitGroup
	for range j.Parallel {
		workers.Go(func() { j.work(sending, work) })
	}
	all := make(chan struct{})
	go func() { workers.Wait(); close(all) }()

	bar := newBar(j.Progress, j.Size)
	defer bar.end()
	var failure error
	halt := func(why error) {
		if failure == nil {
			failure = why
			close(j.stop)
		}
	}
	silent, undone := 0, 0
	interrupted := ctx.Done()
	for {
		select {
		case res := <-j.ended:
			if failure != nil && res.State == NotSent {
				undone++ // and is not recorded: the next job works on it
				continue
			}
			if err := j.record(res); err != nil {
				halt(err)
				giveUp()
			}
			if res.State != Unknown {
				silent = 0
			} else if silent++; silent >= rounds*j.Parallel {
				halt(&StoppedError{fmt.Sprintf("given up after %d rows without an answer", silent), res.Outcome})
			}
			if res.State == NotSent {
				halt(&StoppedError{fmt.Sprintf("given up at row %d", res.Line), res.Outcome})
			}
		case <-bar.due():
			bar.draw(j.read.Load(), j.snapshot())
		case <-interrupted:
			interrupted = nil
			halt(ErrInterrupted)
			grace := time.AfterFunc(j.Grace, giveUp)
			defer grace.Stop()
		case <-all:
			bar.draw(j.read.Load(), j.snapshot())
			if failure == ErrInterrupted && undone == 0 && j.readAll() {
				return nil // the last rows were under way
			}
			return failure
		}
	}
}

// record counts a result, writes it down, and tells of it.
func (j *job) record(res Result) error {
	res.Time = time.Now()
	j.mu.Lock()
	j.summary.States[res.State]++
	j.mu.Unlock()
	if j.Each != nil {
		j.Each(res)
	}
	if j.Results == nil {
		return nil
	}
	return j.Results.Append(res)
}

func (j *job) snapshot() Summary {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.summary
	s.States = make(map[State]int, len(j.summary.States))
	for state, n := range j.summary.States {
		s.States[state] = n
	}
	return s
}

// feed reads rows and hands them to the workers; bad ones end here.
func (j *job) feed(work chan<- Row) {
	defer close(work)
	// The rows that are done are those of earlier jobs: Append changes the set
	// while this goroutine reads, and no line comes twice.
	var before rowSet
	if j.Results != nil {
		before.runs = append(before.runs, j.Results.done.runs...)
	}
	for {
		row, err := j.rows.Next()
		bad, isBad := errors.AsType[*RowError](err)
		if err != nil && !isBad {
			j.mu.Lock()
			j.readErr = err
			j.mu.Unlock()
			return
		}
		if !isBad {
			j.seen.add(row)
		}
		if before.has(row.Line) {
			j.mu.Lock()
			j.summary.Skipped++
			j.mu.Unlock()
			continue
		}
		if !isBad {
			row, bad = j.Prepare(row)
		}
		if bad != nil {
			res := Result{Row: row, Outcome: Outcome{State: Invalid, Name: "invalid", Message: bad.Column + ": " + bad.What}}
			select {
			case j.ended <- res:
			case <-j.stop:
				return
			}
			continue
		}
		select {
		case work <- row:
		case <-j.stop:
			return
		}
	}
}

// readAll says whether every row of the input has been handed on.
func (j *job) readAll() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.readErr == io.EOF
}

// work sends rows until there is none or the job stops.
func (j *job) work(ctx context.Context, work <-chan Row) {
	for {
		select {
		case <-j.stop:
			return
		default:
		}
		select {
		case row, ok := <-work:
			if !ok {
				return
			}
			j.ended <- Result{Row: row, Outcome: j.Send(ctx, row)}
		case <-j.stop:
			return
		}
	}
}

// counter counts what is read.
type counter struct {
	in   io.Reader
	read *atomic.Int64
}

func (c counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.read.Add(int64(n))
	return n, err
}
