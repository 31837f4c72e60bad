package auth

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"commdn/protocol/commdn"
)

// pattern matches objects: one by its DBID, or those whose names match, ignoring case.
type pattern struct {
	dbid   commdn.DBID // if not 0, this object
	pieces []piece
}

// piece is one character of a name pattern.
type piece struct {
	char rune // folded; only for a literal character
	kind pieceKind
}

type pieceKind uint8

const (
	exactly pieceKind = iota
	anyOne            // ?
	anyMany           // *
)

// parsePattern reads a pattern: digits are a DBID, everything else is a name in which *
// stands for any characters, including none, ? for one, and \ escapes the next character.
func parsePattern(s string) (pattern, error) {
	if s == "" {
		return pattern{}, errors.New("is empty; leave the list out to take all, or give *")
	}
	if strings.Trim(s, "0123456789") == "" {
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil || n == 0 {
			return pattern{}, errors.New("is not a DBID: those go from 1 to " + strconv.Itoa(math.MaxInt32))
		}
		return pattern{dbid: commdn.DBID(n)}, nil
	}
	var p pattern
	escaped := false
	for _, c := range s {
		switch {
		case escaped:
			p.pieces = append(p.pieces, piece{char: fold(c)})
			escaped = false
		case c == '\\':
			escaped = true
		case c == '*':
			if n := len(p.pieces); n == 0 || p.pieces[n-1].kind != anyMany {
				p.pieces = append(p.pieces, piece{kind: anyMany})
			}
		case c == '?':
			p.pieces = append(p.pieces, piece{kind: anyOne})
		case c == '[':
			return pattern{}, errors.New(`has a [: there are no ranges; give ? for one character, or \[ for the bracket itself`)
		default:
			p.pieces = append(p.pieces, piece{char: fold(c)})
		}
	}
	if escaped {
		return pattern{}, errors.New(`ends with \, which takes the meaning from the character behind it; give \\ for the character itself`)
	}
	return p, nil
}

// fold makes upper and lower case equal.
func fold(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// matches takes at worst time in proportion to the name times the pattern, and no memory.
func (p *pattern) matches(o Named) bool {
	if p.dbid != 0 {
		return o.DBID == p.dbid
	}
	// After a mismatch the last * takes one more character.
	at, star, name, retry := 0, -1, o.Name, ""
	for name != "" {
		r, n := utf8.DecodeRuneInString(name)
		switch {
		case at < len(p.pieces) && p.pieces[at].kind == anyMany:
			star, retry = at, name
			at++
		case at < len(p.pieces) && (p.pieces[at].kind == anyOne || p.pieces[at].char == fold(r)):
			name = name[n:]
			at++
		case star >= 0:
			_, n = utf8.DecodeRuneInString(retry)
			retry = retry[n:]
			name, at = retry, star+1
		default:
			return false
		}
	}
	for at < len(p.pieces) && p.pieces[at].kind == anyMany {
		at++
	}
	return at == len(p.pieces)
}
