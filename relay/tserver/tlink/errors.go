package tlink

import (
	"errors"
	"strconv"

	"commdn/protocol/tkvlist"
)

// SyntaxError means that a frame violates the framing, or that a message does not fit
// into one.
type SyntaxError struct {
	What   string // the fault, in a few words
	Offset int    // where, in bytes from the start of the frame
	Err    error  // the list's own error, with offsets in the list; nil for a fault outside the lists
}

// Error returns one line: tlink: WHAT at byte N of the frame.
func (e *SyntaxError) Error() string { return line(e.What, e.Offset) }

// Unwrap returns Err.
func (e *SyntaxError) Unwrap() error { return e.Err }

// LimitError means that a frame, or a list in it, exceeds a limit.
type LimitError struct {
	What   string // what is over the limit, with the limit
	Offset int    // where, as in SyntaxError
	Limit  int    // the limit: bytes, or levels of nesting
	Err    error  // as in SyntaxError
}

// Error returns one line: tlink: WHAT at byte N of the frame.
func (e *LimitError) Error() string { return line(e.What, e.Offset) }

// Unwrap returns Err.
func (e *LimitError) Unwrap() error { return e.Err }

func line(what string, offset int) string {
	return "tlink: " + what + " at byte " + strconv.Itoa(offset) + " of the frame"
}

// inList moves an error of package tkvlist to its place in the frame: the list starts at
// byte at.
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
