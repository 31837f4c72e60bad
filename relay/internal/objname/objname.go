// Package objname reads how people name an object of the Configuration Database:
// by name or by DBID.
package objname

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Prefixes that say which of the two is meant.
const (
	NamePrefix = "name:"
	DBIDPrefix = "dbid:"
)

// Ref is what somebody has written. A bare number may be either, so that both
// are there.
type Ref struct {
	Name string // folded; empty if it can only be a DBID
	DBID int32  // 0 if it can only be a name
}

// Parse reads a name, a number, name:NAME or dbid:NUMBER. ok is false for a
// dbid: with something behind it that is no DBID.
func Parse(s string) (r Ref, ok bool) {
	if name, found := strings.CutPrefix(s, NamePrefix); found {
		return Ref{Name: Fold(name)}, true
	}
	digits, only := strings.CutPrefix(s, DBIDPrefix)
	id, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || id < 1 {
		return Ref{Name: Fold(s)}, !only
	}
	if only {
		return Ref{DBID: int32(id)}, true
	}
	return Ref{Name: Fold(s), DBID: int32(id)}, true
}

// Fold gives the form in which names are compared. A file name or a clipboard of
// one system has ü in one character, that of another in two.
func Fold(name string) string { return norm.NFC.String(name) }
