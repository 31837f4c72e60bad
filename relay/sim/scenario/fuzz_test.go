package scenario

import (
	"reflect"
	"testing"
)

// What is read and checked is written and read to the same again.
func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		data, err := Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	all, err := everything().YAML()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(all)
	for _, s := range []string{
		"", "{}", "- a", "name: \"\\u2028\\x41\"", "tenants: &a [*a]", "clock: &a {<<: *a}", "? a\n: b", "seed: 1\n---\n", "name: !!str a",
		"description: >-\n  a\n  b\n", "calling_lists: [{dbid: 1, name: a, records: [{phone: 0123}, {phone: 1e5}]}]", "\ufeffname: a",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return // the parser takes its time
		}
		s, err := Parse("f", data)
		if (s == nil) == (err == nil) {
			t.Fatalf("%v, %v", s, err)
		}
		if err != nil {
			return
		}
		text, err := s.YAML()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := Parse("again", text)
		if err != nil || !reflect.DeepEqual(s, again) {
			t.Fatalf("%v, another one comes back from\n%s", err, text)
		}
	})
}
