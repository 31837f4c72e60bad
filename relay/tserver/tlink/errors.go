package tlink

import (
	"errors"
	"strconv"

	"commdn/protocol/tkvlist"
)

// SyntaxError says that a frame is not built as the framing demands, or that a
// message cannot be put into one.
type SyntaxError struct {
	What   string // what is wrong, in a few words
	Offset int    // where, in bytes from the start of the frame
	Err    error  // the list's own error, with offsets in the list; nil when the fault is outside the lists
}

// Error gives one line: tlink: WHAT at byte N of the frame.
func (e *SyntaxError) Error() string { return line(e.What, e.Offset) }

// Unwrap gives Err.
func (e *SyntaxError) Unwrap() error { return e.Err }

// LimitError says that a frame, or a list in it, is over a limit.
type LimitError struct {
	What   string // what is over the limit, with the limit
	Offset int    // where, as in SyntaxError
	Limit  int    // the limit: bytes, or levels of nesting
	Err    error  // as in SyntaxError
}

// Error gives one line: tlink: WHAT at byte N of the frame.
func (e *LimitError) Error() string { return line(e.What, e.Offset) }

// Unwrap gives Err.
func (e *LimitError) Unwrap() error { return e.Err }

func line(what string, offset int) string {
	return "tlink: " + what + " at byte " + strconv.Itoa(offset) + " of the frame"
}

// inList moves an error of package tkvlist to its place in the frame: the list
// starts at byte at.
func inList(part string, at int, err error) error {
	var syntax *tkvlist.SyntaxError
	if errors.As(err, &syntax) {
		return &SyntaxError{part + ": " + syntax.What, at + syntax.Offset, err}
	}
	var limit *tkvlist.LimitError
	if errors.As(err, &limit) {
		return &LimitError{part + ": " + limit.What, at + limit.Offset, limit.Limit, err}
	}
	return &SyntaxError{part + ": " + err.Error(), at, err}
}
