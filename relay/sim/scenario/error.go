package scenario

import (
	"errors"

	"commdn/relay/internal/strictyaml"
)

// Error is one thing that is wrong with a scenario. Check, Parse and Load join
// up to MaxErrors of them.
type Error struct {
	File string // empty for a scenario that was written in Go
	Line int    // 0 where there is none
	Path string // of what is wrong, campaigns[2].name for one; empty is the whole
	What string
}

// MaxErrors is how many errors are told at once.
const MaxErrors = strictyaml.MaxErrors

// Error gives one line, FILE:LINE: PATH: WHAT.
func (e *Error) Error() string {
	s := strictyaml.Error{File: e.File, Line: e.Line, Path: e.Path, What: e.What}
	if s.File == "" {
		s.File = "scenario"
	}
	return s.Error()
}

// joined gives the errors that come first, or nil.
func joined(p *strictyaml.Problems) error {
	var first []error
	for _, e := range p.First() {
		first = append(first, &Error{e.File, e.Line, e.Path, e.What})
	}
	return errors.Join(first...)
}
