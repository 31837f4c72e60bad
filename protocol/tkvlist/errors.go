package tkvlist

import "strconv"

// SyntaxError says that bytes or text are not a list, or that a list cannot be
// packed because a part of it is wrong.
type SyntaxError struct {
	What   string // what is wrong, in a few words
	Offset int    // where, in bytes from the start of the input, or of the output when packing
}

// Error gives one line: tkvlist: WHAT at byte N.
func (e *SyntaxError) Error() string { return line(e.What, e.Offset) }

// LimitError says that a list is larger or deeper than the Limits allow.
type LimitError struct {
	What   string // what is over the limit, with the limit
	Offset int    // where, as in SyntaxError
	Limit  int    // the limit: bytes, or levels of nesting
}

// Error gives one line: tkvlist: WHAT at byte N.
func (e *LimitError) Error() string { return line(e.What, e.Offset) }

func line(what string, offset int) string {
	return "tkvlist: " + what + " at byte " + strconv.Itoa(offset)
}
