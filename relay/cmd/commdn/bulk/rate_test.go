package bulk

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"commdn/protocol/number"
)

// plainReader is the yardstick: rows of comma-separated UTF-8, each through
// encoding/csv, as the reader was before it took other separators, ragged rows
// and armour.
type plainReader struct {
	in   *bufio.Reader
	rest []byte
	csv  *csv.Reader
	line int
}

func newPlainReader(in io.Reader) *plainReader {
	r := &plainReader{in: bufio.NewReaderSize(in, MaxLine)}
	r.csv = csv.NewReader(r)
	r.csv.FieldsPerRecord, r.csv.ReuseRecord = -1, true
	return r
}

func (r *plainReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *plainReader) Next() (row Row, err error) {
	if r.rest, err = r.in.ReadSlice('\n'); err != nil {
		return row, err
	}
	r.line++
	values, err := r.csv.Read()
	if err != nil {
		return row, err
	}
	row.Line = r.line
	for i, v := range values {
		if !utf8.ValidString(v) {
			return row, io.ErrUnexpectedEOF
		}
		if v = strings.TrimSpace(v); i == 0 {
			row.Phone = v
		} else {
			row.CustomerID = v
		}
	}
	return row, nil
}

// repeated gives a text many times over, without holding it.
type repeated struct {
	text string
	left int
	rest string
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.left--
		r.rest = r.text
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// thousand are a thousand rows, with numbers as people write them.
func thousand() string {
	var b strings.Builder
	for i := range 1000 {
		for _, part := range []string{"600", string(rune('0'+i/100)) + "11", "222"} {
			b.WriteString(part)
			if i%4 == 0 {
				b.WriteByte(' ')
			}
		}
		b.WriteString(",C-10422\n")
	}
	return b.String()
}

const rateRows = 1_000_000

// plainly and fully run a job of a million rows whose requests take no time, the
// one as the yardstick reads it, the other as a command does: with each number
// understood and duplicates counted.
func plainly(b *testing.B) time.Duration {
	return rate(b, &job{
		rows:    newPlainReader(&repeated{text: thousand(), left: rateRows / 1000}),
		Options: Options{Prepare: func(r Row) (Row, *RowError) { return r, nil }},
	})
}

func fully(b *testing.B) (took time.Duration, heap uint64) {
	in, err := Decode(io.MultiReader(strings.NewReader("phone,customer_id\n"), &repeated{text: thousand(), left: rateRows / 1000}), "")
	if err != nil {
		b.Fatal(err)
	}
	rows, err := NewReader(in)
	if err != nil {
		b.Fatal(err)
	}
	j := &job{rows: rows, seen: newDuplicates(), Options: Options{Prepare: func(r Row) (Row, *RowError) {
		n, err := number.Read(r.Phone)
		if err != nil {
			return r, &RowError{Line: r.Line, Column: "phone", What: err.Error()}
		}
		r.Phone = n.Text()
		return r, nil
	}}}
	took = rate(b, j)
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	if n := j.seen.count(); n < rateRows-1000 {
		b.Fatal(n)
	}
	return took, stats.HeapAlloc
}

func rate(b *testing.B, j *job) time.Duration {
	j.stop, j.ended = make(chan struct{}), make(chan Result)
	j.summary.States = make(map[State]int)
	j.Parallel = 8
	j.Send = func(context.Context, Row) Outcome { return Outcome{State: Done} }
	began := time.Now()
	if err := j.run(b.Context()); err != nil || j.summary.States[Done] != rateRows {
		b.Fatal(err, j.summary)
	}
	return time.Since(began)
}

// BenchmarkRows gives how the rate of a job of a million rows stands to that of
// the yardstick, best of three each in one run, and the memory that a row leaves
// behind. In a real job the answers take most of the time.
func BenchmarkRows(b *testing.B) {
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	plain, full, heap := time.Hour, time.Hour, uint64(0)
	for b.Loop() {
		for range 3 {
			plain = min(plain, plainly(b))
			took, held := fully(b)
			full, heap = min(full, took), max(heap, held)
		}
	}
	b.ReportMetric(plain.Seconds()/full.Seconds(), "ratio")
	b.ReportMetric(rateRows/full.Seconds(), "rows/s")
	b.ReportMetric(float64(heap-min(heap, before.HeapAlloc))/rateRows, "heap-B/row")
}
