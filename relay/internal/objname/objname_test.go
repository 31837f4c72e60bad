package objname

import "testing"

func TestParse(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Ref{
		"Autumn": {Name: "Autumn"}, "1001": {Name: "1001", DBID: 1001}, "name:1001": {Name: "1001"}, "dbid:1001": {DBID: 1001},
		"name:dbid:5": {Name: "dbid:5"}, "Fru\u0308hling": {Name: "Fr\u00fchling"}, "name:Fru\u0308hling": {Name: "Fr\u00fchling"},
		"0": {Name: "0"}, "-5": {Name: "-5"}, "2147483648": {Name: "2147483648"}, "": {}, "1001x": {Name: "1001x"}, "Name:x": {Name: "Name:x"},
	} {
		if got, ok := Parse(s); got != want || !ok {
			t.Errorf("%q: %+v, %v, want %+v", s, got, ok, want)
		}
	}
	for _, s := range []string{"dbid:", "dbid:x", "dbid:0", "dbid:-1", "dbid:2147483648"} {
		if got, ok := Parse(s); ok {
			t.Errorf("%q: %+v", s, got)
		}
	}
}
