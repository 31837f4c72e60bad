package bulk

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// ResultColumns are the columns of a results file. row is the line of the
// input, time is RFC 3339 in UTC.
var ResultColumns = []string{"row", "phone", "customer_id", "chain", "campaign", "state", "code", "name", "message", "time"}

// formState begins the state in a line about one form of a row's number. It is no final
// state, and the line of the row comes after it.
const formState = "form-"

// maxMessage is how much of a message goes into a results file, in bytes;
// maxResult is more than a line can have then, all quotes doubled.
const (
	maxMessage = 1024
	maxResult  = 64 << 10
)

// ResultsError says that a file is no results file, or one of other rows.
type ResultsError struct {
	Path string
	Line int // 0: the file as a whole
	What string
}

// Error gives one line: PATH:LINE: WHAT.
func (e *ResultsError) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.What
	}
	return e.Path + ":" + strconv.Itoa(e.Line) + ": " + e.What
}

// Results is a results file: a header row and a line for each row of the input
// that a job ended. A row that was tried again has a further line if it ended in
// another way; the last one counts. Lines whose state begins with formState stand
// before that of their row: they say how the forms of its number ended, where that is
// not the same for all. It is for one goroutine, and no other job can open the file
// meanwhile.
type Results struct {
	file    *os.File
	release func() error // closes file; see hold
	line    bytes.Buffer
	csv     *csv.Writer
	done    rowSet
	sum     uint64 // of the rows in done, in any order
	job     identity
	last    map[int]uint64 // how the rows that are not done ended, by Row.outcome
}

// OpenResults opens a results file or makes one, and reads which rows are done.
// A last line without its end, as a killed job may leave, is cut off. A file
// that does not begin as a results file is left alone: *ResultsError. So is one
// that another job has open, and one whose lines are not of this job.
func OpenResults(path string, job Job) (*Results, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	release, err := hold(path, file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r := &Results{file: file, release: release, last: make(map[int]uint64)}
	r.csv = csv.NewWriter(&r.line)
	if err := r.load(path, job); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// load reads what is there, and leaves the file at the end of its last line.
func (r *Results) load(path string, job Job) error {
	in := bufio.NewReaderSize(r.file, maxResult)
	header := strings.Join(ResultColumns, ",")
	var end int64
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			return &ResultsError{path, n, "is too long for a results file"}
		}
		if err != nil && err != io.EOF {
			return err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if n == 1 && (err == nil && text != header || err == io.EOF && !strings.HasPrefix(header, text)) {
			return &ResultsError{path, 1, "this is no results file, which begins with " + header + "; give another name"}
		}
		if err == io.EOF {
			break
		}
		if n > 1 {
			if what := r.take(text); what != "" {
				return &ResultsError{path, n, what}
			}
		}
		end += int64(len(line))
	}
	if err := r.file.Truncate(end); err != nil {
		return err
	}
	if _, err := r.file.Seek(end, io.SeekStart); err != nil {
		return err
	}
	var err error
	if r.job, err = identify(path, end == 0, job); err != nil || end > 0 {
		return err
	}
	return r.write(ResultColumns)
}

// take notes one line. It tells what is wrong with it, or "".
func (r *Results) take(line string) string {
	v, err := csv.NewReader(strings.NewReader(line)).Read()
	if err != nil || len(v) != len(ResultColumns) {
		return "this is no line of a results file, which has " + strconv.Itoa(len(ResultColumns)) + " columns"
	}
	n, err := strconv.Atoi(v[0])
	if err != nil || n < 2 {
		return "row " + quote(v[0]) + " is no number of a row"
	}
	row := Row{n, v[1], v[2], v[3], v[4]}
	code, _ := strconv.Atoi(v[6]) // none is 0
	r.ended(row, Outcome{State: State(v[5]), Code: int32(code), Name: v[7], Message: v[8]})
	return ""
}

// ended takes note of how a row ended.
func (r *Results) ended(row Row, o Outcome) {
	if !o.State.final() {
		r.last[row.Line] = row.outcome(o)
		return
	}
	delete(r.last, row.Line)
	if r.done.add(row.Line) {
		r.sum += row.sum()
	}
}

// Done says whether the row with this line number is done, as an earlier job
// or Append told.
func (r *Results) Done(line int) bool { return r.done.has(line) }

// Len gives the number of rows that are done.
func (r *Results) Len() int { return r.done.len() }

// Append writes one line through to the file, unless the last line of the row
// says the same already, time apart.
func (r *Results) Append(res Result) error {
	res = res.readable()
	if last, is := r.last[res.Line]; is && last == res.outcome(res.Outcome) {
		return nil
	}
	var lines [][]string
	for _, f := range res.Forms {
		one := Result{res.Row, f.Outcome, res.Time}
		one.State = formState + f.State
		if f.Phone != "" {
			one.Phone = f.Phone
		}
		lines = append(lines, one.readable().values())
	}
	err := r.write(append(lines, res.values())...)
	if err == nil {
		r.ended(res.Row, res.Outcome)
	}
	return err
}

// readable gives a result as it will be read again.
func (r Result) readable() Result {
	if len(r.Message) > maxMessage {
		r.Message = strings.ToValidUTF8(r.Message[:maxMessage], "") + "…"
	}
	for _, s := range []*string{&r.Phone, &r.CustomerID, &r.Chain, &r.Campaign, &r.Name, &r.Message} {
		*s = oneLine(*s)
	}
	return r
}

// values gives the columns of a result.
func (r Result) values() []string {
	code := ""
	if r.Code != 0 {
		code = strconv.Itoa(int(r.Code))
	}
	return []string{
		strconv.Itoa(r.Line), r.Phone, r.CustomerID, r.Chain, r.Campaign,
		string(r.State), code, r.Name, r.Message, r.Time.UTC().Format(time.RFC3339Nano),
	}
}

func (r *Results) write(lines ...[]string) error {
	r.line.Reset()
	_ = r.csv.WriteAll(lines) // into memory
	_, err := r.file.Write(r.line.Bytes())
	return err
}

// oneLine replaces line breaks and what else would spoil a line.
func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, s)
}

// check reads an input that the results may be of, and fails with a
// *ResultsError when a row that is done is not in it as it was: else numbers
// would be passed over that nobody has asked for.
func (r *Results) check(in io.Reader, encoding string, prepare func(Row) (Row, *RowError)) error {
	text, err := Decode(in, encoding)
	if err != nil {
		return err
	}
	rows, err := NewReader(text)
	if err != nil {
		return err
	}
	var sum uint64
	found := 0
	for {
		row, err := rows.Next()
		if err == io.EOF {
			break
		}
		if _, bad := errors.AsType[*RowError](err); err != nil && !bad {
			return err
		}
		if !r.Done(row.Line) {
			continue
		}
		found++
		if row, bad := prepare(row); bad == nil {
			sum += row.sum()
		}
	}
	if sum != r.sum {
		return &ResultsError{r.file.Name(), 0, fmt.Sprintf("this is of other rows: of its %d done rows, %d are in the input, and not all as they were; give a new results file, or the input and the flags of the first time", r.Len(), found)}
	}
	return nil
}

// Close closes the file, and lets others have it.
func (r *Results) Close() error { return r.release() }
