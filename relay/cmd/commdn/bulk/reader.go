package bulk

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"commdn/relay/internal/near"
)

// MaxLine is the longest line of an input, in bytes. A longer one is a bad row.
const MaxLine = 4096

// Columns are the columns that an input may have, in any order.
var Columns = []string{"phone", "customer_id", "chain", "campaign"}

// Reader reads rows. It keeps one line in memory: no value may hold a line
// break, so a quote that is not closed spoils its own line only.
type Reader struct {
	*lines
	columns []string
}

// NewReader reads the header row of UTF-8 text; see Decode. Its error is a
// *HeaderError or that of in.
func NewReader(in io.Reader) (*Reader, error) {
	r := &Reader{lines: newLines(in)}
	names, err := r.header()
	if errors.Is(err, io.EOF) {
		return nil, &HeaderError{"the input is empty; begin with the names of the columns: " + strings.Join(Columns, ", ")}
	}
	if bad, ok := errors.AsType[*RowError](err); ok {
		return nil, &HeaderError{bad.Column + ": " + bad.What}
	}
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		name = strings.ToLower(name)
		switch {
		case name == "":
			return nil, &HeaderError{"column " + strconv.Itoa(i+1) + " has no name, and others follow it"}
		case !slices.Contains(Columns, name):
			what := "unknown column " + quote(name) + "; the columns are " + strings.Join(Columns, ", ")
			if like := near.Names(name, Columns, 1); like != nil {
				what += "; did you mean " + like[0] + "?"
			}
			if strings.Contains(name, "\x00") {
				what = "the input looks like UTF-16; give its encoding, utf-16le or utf-16be"
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

// Next reads one row. Rows without any value are passed over; values that are
// missing at the end of a row are empty. A *RowError means that this row is wrong
// and that the next one can be read; any other error is the end, io.EOF the good
// one. With a *RowError the row tells its line, and its values as far as they
// could be read.
func (r *Reader) Next() (Row, error) {
	values, err := r.record()
	row := Row{Line: r.line}
	if err != nil {
		if bad, ok := errors.AsType[*RowError](err); ok {
			bad.name(r.columns)
		}
		return row, err
	}
	for i, value := range values {
		if i >= len(r.columns) {
			if value != "" {
				return row, &RowError{Line: row.Line, Column: "column " + strconv.Itoa(i+1), What: "has no name in the header row"}
			}
			continue
		}
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
	return row, nil
}

// quote quotes the start of s for an error.
func quote(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return strconv.Quote(string(runes[:most])) + "…"
	}
	return strconv.Quote(s)
}
