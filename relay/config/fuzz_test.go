package config

import (
	"os"
	"testing"
)

// FuzzParse: a parsed configuration, written and parsed again, is the same.
func FuzzParse(f *testing.F) {
	data, err := os.ReadFile(example)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, "")
	for _, s := range []string{
		oneLink, "{}", "links: [{name: a, servers: []}]", "origins: ['true', \"a\\nb\", '#', ' x', '- a']", "auth: {rules: [{role: \"\\u2028\", groups: ['a: b', '*x', '&y', '!z', '%', '@']}]}",
		"limits: {requests_per_second: 1e300, burst: -9223372036854775808}\nlog: {}", "drain_timeout: 2562047h47m16.854775807s", "x: &a {listen: b}\n<<: *a",
	} {
		f.Add([]byte(s), "COMMDN_LISTEN=a")
	}
	f.Add([]byte(oneLink), "COMMDN_LIMITS_QUEUE=5")
	f.Fuzz(func(t *testing.T, data []byte, variable string) {
		if len(data) > 64<<10 {
			return // the parser is slow
		}
		c, err := Parse("/f", data, []string{variable})
		if (c == nil) == (err == nil) {
			t.Fatalf("%v, %v", c, err)
		}
		if err != nil {
			return
		}
		k := c.checker()
		if k.values(); k.Err() != nil {
			return
		}
		text := c.Masked()
		again, err := Parse("/again", text, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if a, b := Diff(c, again); a != nil || b != nil {
			t.Fatalf("%q, %q are different in\n%s", a, b, text)
		}
	})
}
