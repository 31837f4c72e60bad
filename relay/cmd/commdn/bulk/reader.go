package bulk

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"commdn/relay/internal/near"
)

// MaxLine is the longest line of an input, in bytes. A longer one is a bad row.
const MaxLine = 4096

// Columns are the columns that an input may have, in any order.
var Columns = []string{"phone", "customer_id", "chain", "campaign"}

// Reader reads rows. It keeps one line in memory: no value may hold a line
// break, so a quote that is not closed spoils its own line only.
type Reader struct {
	src     *lineSource
	csv     *csv.Reader
	columns []string
}

// NewReader reads the header row. Its error is a *HeaderError or that of in.
// A byte order mark at the start is passed over.
func NewReader(in io.Reader) (*Reader, error) {
	r := &Reader{src: &lineSource{in: bufio.NewReaderSize(in, MaxLine)}}
	r.csv = csv.NewReader(r.src)
	r.csv.FieldsPerRecord, r.csv.ReuseRecord = -1, true
	names, err := r.record()
	if errors.Is(err, io.EOF) {
		return nil, &HeaderError{"the input is empty; begin with the names of the columns: " + strings.Join(Columns, ", ")}
	}
	if bad, ok := errors.AsType[*RowError](err); ok {
		return nil, &HeaderError{bad.Column + ": " + bad.What}
	}
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(Columns, name):
			what := "unknown column " + quote(name) + "; the columns are " + strings.Join(Columns, ", ")
			if like := near.Names(name, Columns, 1); like != nil {
				what += "; did you mean " + like[0] + "?"
			}
			return nil, &HeaderError{what}
		case slices.Contains(r.columns, name):
			return nil, &HeaderError{"column " + name + " is there twice"}
		}
		r.columns = append(r.columns, name)
	}
	if !r.Has("phone") && !r.Has("customer_id") {
		return nil, &HeaderError{"neither phone nor customer_id is among the columns"}
	}
	return r, nil
}

// Has says whether the input has the column.
func (r *Reader) Has(column string) bool { return slices.Contains(r.columns, column) }

// Next reads one row. Blank lines are passed over. A *RowError means that this
// row is wrong and that the next one can be read; any other error is the end,
// io.EOF the good one. With a *RowError the row tells its line, and its values
// as far as they could be read.
func (r *Reader) Next() (Row, error) {
	values, err := r.record()
	row := Row{Line: r.src.line}
	if err != nil {
		return row, err
	}
	for i, value := range values {
		if i >= len(r.columns) {
			return row, &RowError{row.Line, "column " + strconv.Itoa(i+1), "has no name in the header row"}
		}
		value = strings.TrimSpace(value)
		switch r.columns[i] {
		case "phone":
			row.Phone = value
		case "customer_id":
			row.CustomerID = value
		case "chain":
			row.Chain = value
		case "campaign":
			row.Campaign = value
		}
	}
	if len(values) < len(r.columns) {
		return row, &RowError{row.Line, r.columns[len(values)], "is missing"}
	}
	return row, nil
}

// record reads the values of one line that is not blank.
func (r *Reader) record() ([]string, error) {
	for {
		if err := r.src.next(); err != nil {
			return nil, err
		}
		values, err := r.csv.Read()
		if err == io.EOF {
			continue // a blank line
		}
		if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
			// Whatever the line still holds must not run into the next one.
			r.src.rest = nil
			what := "a quote inside a value that does not begin with one"
			if errors.Is(err, csv.ErrQuote) {
				what = "a quote is not closed, or text follows it"
			}
			return nil, &RowError{r.src.line, "at character " + strconv.Itoa(syntax.Column), what}
		}
		for i, value := range values {
			if !utf8.ValidString(value) {
				return nil, &RowError{r.src.line, r.column(i), "is not UTF-8 text"}
			}
		}
		return values, err
	}
}

func (r *Reader) column(i int) string {
	if i < len(r.columns) {
		return r.columns[i]
	}
	return "column " + strconv.Itoa(i+1)
}

// lineSource hands a csv.Reader one line at a time, each followed by io.EOF.
type lineSource struct {
	in   *bufio.Reader
	line int
	rest []byte
}

// next fetches a line. A line that is too long is a *RowError, and is gone.
func (s *lineSource) next() error {
	line, err := s.in.ReadSlice('\n')
	if err == io.EOF && len(line) > 0 {
		err = nil
	}
	if err != nil && err != bufio.ErrBufferFull {
		return err
	}
	s.line++
	if err == bufio.ErrBufferFull {
		for err == bufio.ErrBufferFull {
			_, err = s.in.ReadSlice('\n')
		}
		if err != nil && err != io.EOF {
			return err
		}
		return &RowError{s.line, "the line", "is longer than " + strconv.Itoa(MaxLine) + " bytes"}
	}
	if s.line == 1 {
		line = []byte(strings.TrimPrefix(string(line), "\uFEFF"))
	}
	s.rest = line
	return nil
}

// Read gives what is left of the line.
func (s *lineSource) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// quote quotes the start of s for an error.
func quote(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return strconv.Quote(string(runes[:most])) + "…"
	}
	return strconv.Quote(s)
}
