package tkvlog

import (
	"bytes"
	"strings"

	"commdn/protocol/tkvlist"
)

// What stands between a key and its value when the value is neither a string
// nor an integer.
const (
	listMark    = "(list)"
	binaryMark  = "(binary)"
	unicodeMark = "(unicode)"
)

// kindMasked is that of a value that a server, or somebody, has put a mask over:
// any kind may be behind it.
const kindMasked tkvlist.Kind = 0xff

// suppressed is what a server prints in place of a value that it is to hide.
const suppressed = "[output suppressed]"

// isMask says whether s is a mask: a server's, or three asterisks or more.
func isMask[T string | []byte](s T) bool {
	return string(s) == suppressed || len(s) >= 3 && strings.Trim(string(s), "*") == ""
}

// rest gives the line that b begins with, without the blanks at its end.
func rest(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return bytes.TrimRight(line, "\r\t ")
}

// keyScan is a quoted key at the start of a line and what follows it.
type keyScan struct {
	end   int          // bytes of the key, without its quotes
	kind  tkvlist.Kind // of the value, by how it begins
	value int          // where the value begins, or the nested pair
}

// scanKey reads a key up to the first quote on its line that a value follows.
// line begins with the opening quote.
func scanKey(line []byte) (k keyScan, ok bool) {
	for i := 1; i < len(line) && line[i] != '\n'; i++ {
		if line[i] != '\'' {
			continue
		}
		if kind, n, ok := valueHead(line[i+1:]); ok {
			return keyScan{end: i - 1, kind: kind, value: i + 1 + n}, true
		}
	}
	return keyScan{}, false
}

// valueHead says which kind of value follows a key, and after how many bytes.
func valueHead(b []byte) (kind tkvlist.Kind, n int, ok bool) {
	for _, mark := range []struct {
		text string
		kind tkvlist.Kind
	}{{listMark, tkvlist.KindList}, {binaryMark, tkvlist.KindBinary}, {unicodeMark, tkvlist.KindUnicode}} {
		behind, found := bytes.CutPrefix(b, []byte(mark.text))
		if !found {
			continue
		}
		gap := blanks(behind)
		quoted := gap < len(behind) && behind[gap] == '\''
		if isMask(rest(behind[gap:])) {
			return kindMasked, len(mark.text) + gap, true
		}
		switch mark.kind {
		case tkvlist.KindUnicode:
			ok = quoted
		case tkvlist.KindList:
			ok = gap > 0 || quoted || lineEnd(behind) >= 0
		default:
			ok = gap > 0 || lineEnd(behind) >= 0
		}
		return mark.kind, len(mark.text) + gap, ok
	}
	n = blanks(b)
	if n == 0 || n == len(b) {
		return 0, 0, false
	}
	switch c := b[n]; {
	case c == '\'':
		return tkvlist.KindString, n, true
	case c == '-' || '0' <= c && c <= '9':
		return tkvlist.KindInt, n, true
	case (c == '*' || c == '[') && isMask(rest(b[n:])):
		return kindMasked, n, true
	}
	return 0, 0, false
}

// scanString gives the length of a quoted string with its quotes: up to the
// first quote that ends a line, unless a line begins as a pair before that.
func scanString(b []byte) (n int, ok bool) {
	for i := 1; i < len(b); i++ {
		switch {
		case b[i] == '\'' && lineEnd(b[i+1:]) >= 0:
			return i + 1, true
		case b[i] == '\n' && beginsPair(b[i+1:]):
			return 0, false
		}
	}
	return 0, false
}

func beginsPair(line []byte) bool {
	line = line[blanks(line):]
	if len(line) == 0 || line[0] != '\'' {
		return false
	}
	_, ok := scanKey(line)
	return ok
}

// blanks counts the tabs and blanks at the start of b.
func blanks(b []byte) int {
	n := 0
	for n < len(b) && (b[n] == '\t' || b[n] == ' ') {
		n++
	}
	return n
}

// lineEnd gives the length of the line end at the start of b, which is \n, \r\n
// or the end of the text, also behind a \r; -1 when there is none.
func lineEnd(b []byte) int {
	n := 0
	if len(b) > 0 && b[0] == '\r' {
		n = 1
	}
	switch {
	case n == len(b):
		return n
	case b[n] == '\n':
		return n + 1
	}
	return -1
}

// isName says whether b can be the name of an attribute: one word, and not the
// start of a pair.
func isName(b []byte) bool {
	if len(b) == 0 || b[0] == '\'' {
		return false
	}
	return !bytes.ContainsFunc(b, func(r rune) bool { return r <= ' ' || r == 0x7f })
}
