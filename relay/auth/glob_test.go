package auth

import (
	"strings"
	"testing"

	"commdn/protocol/commdn"
)

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		dbid          commdn.DBID
		want          bool
	}{
		{"*", "", 5, true},
		{"*", "anything / at all", 5, true},
		{"?", "", 5, false},
		{"?", "ä", 5, true},
		{"Autumn", "autumn", 5, true},
		{"AUTUMN offers", "Autumn Offers", 5, true},
		{"Autumn", "Autumn ", 5, false},
		{"Autumn", "Autum", 5, false},
		{"Autumn*", "Autumn", 5, true},
		{"*offers", "Autumn offers", 5, true},
		{"*offers", "Autumn offers 2", 5, false},
		{"a*b*c", "aXbXbXc", 5, true},
		{"a*b*c", "aXbXbX", 5, false},
		{"**a**", "bab", 5, true},
		{"a?c", "abc", 5, true},
		{"a?c", "ac", 5, false},
		{"*?", "", 5, false},
		{"ÄPFEL*", "äpfel und birnen", 5, true},
		{"σας", "ΣΑΣ", 5, true},
		{`\*`, "*", 5, true},
		{`\*`, "x", 5, false},
		{`EU \[north]`, "eu [north]", 5, true},
		{`a\\b`, `A\B`, 5, true},
		{"a/b", "a/b", 5, true},
		{"a*", "a/b", 5, true},
		{"1001", "Autumn", 1001, true},
		{"1001", "1001", 5, false},
		{"01001", "", 1001, true},
		{`\1001`, "1001", 5, true}, // a name of digits
		{"100?", "1001", 5, true},
		{"a*", "b\xffa", 5, false},
		{"*a", "b\xffa", 5, true},
		{strings.Repeat("a*", 40) + "b", strings.Repeat("a", 4000), 5, false},
	} {
		p, err := parsePattern(tt.pattern)
		if err != nil {
			t.Errorf("%q: %v", tt.pattern, err)
			continue
		}
		if got := p.matches(Named{tt.dbid, tt.name}); got != tt.want {
			t.Errorf("%q for %.40q (%d): %v, want %v", tt.pattern, tt.name, tt.dbid, got, tt.want)
		}
	}
}

func TestNamed(t *testing.T) {
	for want, n := range map[string]Named{"Acme (101)": acme, "101": {DBID: 101}, "Acme": {Name: "Acme"}, "": {}} {
		if n.String() != want {
			t.Errorf("%#v is written %q, want %q", n, n, want)
		}
	}
	names := map[string]bool{}
	for r := range rights {
		names[r.String()] = true
	}
	names[Right(99).String()] = true
	if len(names) != int(rights)+1 || !names["right 99"] {
		t.Errorf("rights do not have names of their own: %v", names)
	}
}
