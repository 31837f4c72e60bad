package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
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
const MaxErrors = 20

// Error gives one line, FILE:LINE: PATH: WHAT.
func (e *Error) Error() string {
	s := e.File
	if s == "" {
		s = "scenario"
	}
	if e.Line > 0 {
		s += ":" + strconv.Itoa(e.Line)
	}
	if e.Path != "" {
		s += ": " + e.Path
	}
	return s + ": " + e.What
}

// enough errors are kept before the first ones of the file are chosen.
const enough = 1000

// problems collects errors.
type problems struct {
	file  string
	lines map[string]int // by path; nil without a file
	all   []*Error
}

func (p *problems) fail(path, format string, args ...any) {
	p.failAt(p.line(path), path, format, args...)
}

func (p *problems) failAt(line int, path, format string, args ...any) {
	if len(p.all) < enough {
		p.all = append(p.all, &Error{p.file, line, path, fmt.Sprintf(format, args...)})
	}
}

// line gives the line of path, or of what it is in. What generate made up is
// where that is.
func (p *problems) line(path string) int {
	if p.lines == nil {
		return 0
	}
	for ; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
		if n, ok := p.lines[path]; ok {
			return n
		}
		if n, ok := p.lines["generate"]; ok && isItem(path) {
			return n
		}
	}
	return p.lines[""]
}

// isItem says whether path is that of an item of a list at the top.
func isItem(path string) bool {
	return strings.HasSuffix(path, "]") && !strings.Contains(path, ".")
}

// seen says where another item is, as the end of a sentence.
func (p *problems) seen(path string) string {
	if n := p.line(path); n > 0 {
		return path + " in line " + strconv.Itoa(n)
	}
	return path
}

// err gives the errors that come first, or nil.
func (p *problems) err() error {
	slices.SortStableFunc(p.all, func(a, b *Error) int { return a.Line - b.Line })
	var first []error
	for _, e := range p.all[:min(len(p.all), MaxErrors)] {
		first = append(first, e)
	}
	return errors.Join(first...)
}
