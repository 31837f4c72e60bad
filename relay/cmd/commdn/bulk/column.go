package bulk

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"commdn/relay/internal/near"
)

// phoneColumns are names that a column of numbers may have in a calling list.
var phoneColumns = []string{"phone", "phone_number", "contact_info", "number", "telephone", "msisdn"}

// Column reads one column of a file that may have any others, such as an export
// of a calling list.
type Column struct {
	*lines
	Name  string
	index int
}

// NewColumn reads the header row and finds the column: the one that is named, or
// without a name one that is called as those of numbers are, or the only one. Its
// error is a *HeaderError or that of in.
func NewColumn(in io.Reader, name string) (*Column, error) {
	c := &Column{lines: newLines(in), index: -1}
	names, err := c.header()
	if err == io.EOF {
		return nil, &HeaderError{"the input is empty; begin with the names of the columns"}
	}
	if bad, is := err.(*RowError); is {
		return nil, &HeaderError{bad.Column + ": " + bad.What}
	}
	if err != nil {
		return nil, err
	}
	names = slices.Clone(names)
	c.index = slices.IndexFunc(names, func(n string) bool {
		return name != "" && strings.EqualFold(n, name) || name == "" && slices.Contains(phoneColumns, strings.ToLower(n))
	})
	if c.index < 0 && name == "" && len(names) == 1 {
		c.index = 0
	}
	if c.index < 0 {
		what := "no column is called " + quote(name) + "; the columns are " + strings.Join(names, ", ")
		if name == "" {
			what = "none of the columns " + strings.Join(names, ", ") + " is known to hold numbers; name it with --column"
		} else if like := near.Names(name, names, 1); like != nil {
			what += "; did you mean " + like[0] + "?"
		}
		return nil, &HeaderError{what}
	}
	c.Name = names[c.index]
	return c, nil
}

// Next gives the value of one row, which is empty where the row has none, and its
// line. A *RowError means that the next one can be read; io.EOF is the end.
func (c *Column) Next() (value string, line int, err error) {
	values, err := c.record()
	if err != nil {
		if bad, is := err.(*RowError); is && bad.column > 0 {
			bad.Column = "column " + strconv.Itoa(bad.column)
		}
		return "", c.line, err
	}
	if c.index < len(values) {
		value = values[c.index]
	}
	return value, c.line, nil
}
