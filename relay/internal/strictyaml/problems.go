package strictyaml

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Error is one thing that is wrong with a file.
type Error struct {
	File         string
	Line, Column int    // from 1; 0 where there is none
	Path         string // of what is wrong, links[2].name for one; empty is the whole
	What         string
}

// MaxErrors is how many errors are told at once.
const MaxErrors = 20

// Error gives one line, FILE:LINE:COLUMN: PATH: WHAT.
func (e *Error) Error() string {
	s := e.File
	if e.Line > 0 {
		s += ":" + strconv.Itoa(e.Line)
		if e.Column > 0 {
			s += ":" + strconv.Itoa(e.Column)
		}
	}
	if e.Path != "" {
		s += ": " + e.Path
	}
	return s + ": " + e.What
}

// enough errors are kept before the first ones of the file are chosen.
const enough = 1000

type position struct {
	line, column int
	source       string // in place of the file
}

// Problems collects errors. The zero value is that of something that is in no
// file.
type Problems struct {
	file      string
	at        map[string]position // by path
	noColumns bool
	all       []*Error
}

// New gives Problems for something named name that is in no file.
func New(name string) *Problems { return &Problems{file: name} }

// Fail notes an error at a key.
func (p *Problems) Fail(path, format string, args ...any) {
	p.failAt(p.position(path), path, format, args...)
}

func (p *Problems) failAt(at position, path, format string, args ...any) {
	if len(p.all) < enough {
		file := p.file
		if at.source != "" {
			file = at.source
		}
		if p.noColumns {
			at.column = 0
		}
		p.all = append(p.all, &Error{file, at.line, at.column, path, fmt.Sprintf(format, args...)})
	}
}

// From notes that the value of a key comes from elsewhere, an environment
// variable for one, so that errors at it name that in place of the file.
func (p *Problems) From(path, source string) { p.note(path, position{source: source}) }

// FromKey notes that the value of path was made of that of a key, so that errors
// at it are where the key is.
func (p *Problems) FromKey(path, key string) { p.note(path, p.position(key)) }

func (p *Problems) note(path string, at position) {
	if p.at == nil {
		p.at = make(map[string]position)
	}
	p.at[path] = at
}

// Fresh gives Problems without errors for the same file.
func (p *Problems) Fresh() *Problems {
	return &Problems{file: p.file, at: p.at, noColumns: p.noColumns}
}

// Given says whether the file has the key.
func (p *Problems) Given(path string) bool {
	_, ok := p.at[path]
	return ok
}

// position gives that of path, or of what it is in.
func (p *Problems) position(path string) position {
	for ; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
		if at, ok := p.at[path]; ok {
			return at
		}
	}
	return p.at[""]
}

// Seen says where a key is, as the end of a sentence.
func (p *Problems) Seen(path string) string {
	if at := p.position(path); at.line > 0 {
		return path + " in line " + strconv.Itoa(at.line)
	}
	return path
}

// First gives the first MaxErrors in the order of the file.
func (p *Problems) First() []*Error {
	slices.SortStableFunc(p.all, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return p.all[:min(len(p.all), MaxErrors)]
}

// Err gives First as joined *Errors, or nil.
func (p *Problems) Err() error {
	var first []error
	for _, e := range p.First() {
		first = append(first, e)
	}
	return errors.Join(first...)
}
