// Package bulk runs a request for every row of a CSV file: a reader that keeps
// one line in memory, a results file that grows row by row and from which an
// interrupted job goes on, and the job itself.
//
// The package knows no CommDN: what a row asks for is the caller's Send.
package bulk

import (
	"hash/fnv"
	"strconv"
	"time"
)

// Row is one row of the input: what to ask for, and where it stands.
type Row struct {
	Line       int // of the file, the header being line 1
	Phone      string
	CustomerID string
	Chain      string
	Campaign   string
}

// sum tells two rows apart, the line included.
func (r Row) sum() uint64 {
	h := fnv.New64a()
	for _, s := range []string{strconv.Itoa(r.Line), r.Phone, r.CustomerID, r.Chain, r.Campaign} {
		_, _ = h.Write(append([]byte(s), 0))
	}
	return h.Sum64()
}

// State says how a row ended.
type State string

// The states. Done is final: a job that goes on passes such rows over, and works
// on all others again.
const (
	Done       State = "done"
	Incomplete State = "incomplete" // OCS did it but for records on an agent's desktop
	Refused    State = "refused"    // by OCS or by the relay
	Invalid    State = "invalid"    // the row is wrong; nothing was sent
	Unknown    State = "unknown"    // sent, and no answer came
	NotSent    State = "not-sent"
)

// final says whether the row needs no further work.
func (s State) final() bool { return s == Done }

// outcome tells two outcomes of a row apart.
func (r Row) outcome(o Outcome) uint64 {
	h := fnv.New64a()
	for _, s := range []string{string(o.State), strconv.Itoa(int(o.Code)), o.Name, o.Message} {
		_, _ = h.Write(append([]byte(s), 0))
	}
	return r.sum() ^ h.Sum64()
}

// Outcome is what became of a row.
type Outcome struct {
	State   State
	Code    int32  // OCS's error code, 0 where there is none
	Name    string // the code's or refusal's name
	Message string // OCS's own words, or what is wrong
	// Forms are the forms in which the number was sent, where one of them ended
	// otherwise than the row.
	Forms []Form
}

// Form is what one OCS said of one form of a number.
type Form struct {
	Phone string
	Outcome
}

// Result is one line of the results file.
type Result struct {
	Row
	Outcome
	Time time.Time
}

// RowError says that a row is wrong and was not worked on.
type RowError struct {
	Line   int
	Column string // the column's name, or "at character N" where the line is no CSV
	What   string

	column int // its number, where Column names it by that
}

// name names the column by its name, if it has one.
func (e *RowError) name(columns []string) {
	if e.column > 0 && e.column <= len(columns) {
		e.Column = columns[e.column-1]
	}
}

// Error gives one line: row LINE, COLUMN: WHAT.
func (e *RowError) Error() string {
	return "row " + strconv.Itoa(e.Line) + ", " + e.Column + ": " + e.What
}

// HeaderError says that the input does not begin with a usable header row.
type HeaderError struct{ What string }

// Error gives one line.
func (e *HeaderError) Error() string { return "header row: " + e.What }
