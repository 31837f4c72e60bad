package strictyaml

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

type part struct {
	Min time.Duration `yaml:"min,omitempty"`
	Max time.Duration `yaml:"max,omitempty"`
}

type item struct {
	DBID  int32  `yaml:"dbid"`
	Name  string `yaml:"name,omitempty"`
	Ports []int  `yaml:"ports,omitempty"`
	Wait  part   `yaml:"wait,omitempty"`
	notes string
}

func (i *item) SetDefaults() { i.Wait.Min, i.notes = time.Second, "kept out of files" }

type common struct {
	Seed int64 `yaml:"seed,omitempty"`
}

type sample struct {
	common `yaml:",inline"`
	Name   string   `yaml:"name,omitempty"`
	On     bool     `yaml:"on,omitempty"`
	Maybe  *bool    `yaml:"maybe,omitempty"`
	Rate   float64  `yaml:"rate,omitempty"`
	Words  []string `yaml:"words,omitempty"`
	Items  []item   `yaml:"items,omitempty"`
	Extra  *item    `yaml:"extra,omitempty"`
	Wait   part     `yaml:"wait,omitempty"`
}

var format = Format{What: "a sample", MaxSize: 1 << 20}

func start() sample { return sample{Name: "default", Words: []string{"a", "b"}, Wait: part{1, 2}} }

func TestRead(t *testing.T) {
	yes := true
	for _, c := range []struct {
		name, text string
		change     func(*sample)
	}{
		{"nothing given", "{}", func(*sample) {}},
		{"JSON", `{"name": "a", "items": [{"dbid": 5}]}`, func(s *sample) {
			s.Name, s.Items = "a", []item{{DBID: 5, Wait: part{Min: time.Second}, notes: "kept out of files"}}
		}},
		{"a list takes the place of the default", "words: [x]", func(s *sample) { s.Words = []string{"x"} }},
		{"an empty list too", "words: []", func(s *sample) { s.Words = []string{} }},
		{"nothing leaves the default", "words:\nwait:\nitems:\nextra:", func(*sample) {}},
		{"half of a part", "wait: {max: 1m30s}", func(s *sample) { s.Wait.Max = 90 * time.Second }},
		{"zero", "wait: {max: 0}\nseed: 0", func(s *sample) { s.Wait.Max = 0 }},
		{"texts like numbers", "words: [0123, 1.50, 0x10, +49]", func(s *sample) { s.Words = []string{"0123", "1.50", "0x10", "+49"} }},
		{"plain values", "seed: -9223372036854775808\non: true\nmaybe: True\nrate: 0.001", func(s *sample) {
			s.Seed, s.On, s.Maybe, s.Rate = -1<<63, true, &yes, 0.001
		}},
		{"merged keys", "items:\n- &a {dbid: 1, name: x}\n- {<<: *a, dbid: 2}\n- {<<: [*a, {ports: [7]}]}", func(s *sample) {
			def := part{Min: time.Second}
			s.Items = []item{{1, "x", nil, def, "kept out of files"}, {2, "x", nil, def, "kept out of files"}, {1, "x", []int{7}, def, "kept out of files"}}
		}},
		{"a pointer", "extra: {dbid: 1}", func(s *sample) { s.Extra = &item{DBID: 1, Wait: part{Min: time.Second}, notes: "kept out of files"} }},
	} {
		got, want := start(), start()
		c.change(&want)
		if err := format.Read("f", []byte(c.text), &got).Err(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v\nwant %+v", c.name, got, err, want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "f: is empty; give the keys of a sample"},
		{"a comment alone", "# no keys\n", "f: is empty; give the keys of a sample"},
		{"null", "~\n", "f:1:1: a sample must be keys with values"},
		{"a list", "- name: a\n", "f:1:1: a sample must be keys with values"},
		{"two documents", "name: a\n---\nname: b\n", "f:3:1: a second document; give a sample alone"},
		{"no YAML", "name: a\n  seed: 1\n", "f:1:7: mapping value is not allowed in this context"},
		{"no UTF-8", "name: a\nwords: \"\xff\"\n", "f:2: is no UTF-8 text"},
		{"a long line", "#" + strings.Repeat("x", maxLine) + "\n", "f:1: a line of 8194 bytes; at most 8192 are possible"},
		{"brackets", "\nname: " + strings.Repeat("[", 201), "f:2: is nested too deep"},
		{"a large file", strings.Repeat("\n", 1<<20+1), "f: is too large: at most 1048576 bytes are possible"},

		{"unknown key", "name: a\nnmae: b\n", "f:2:1: nmae: unknown key; did you mean name?"},
		{"nothing like it", "wait:\n  secret: 1\n", "f:2:3: wait.secret: unknown key; the keys here are min, max"},
		{"in braces", "items: [{dbid: 1, wait: {mni: 1s}}]\n", "f:1:26: items[0].wait.mni: unknown key; did you mean min?"},
		{"a field without a key", "items: [{dbid: 1, notes: 5}]\n", "f:1:19: items[0].notes: unknown key; the keys here are dbid, name, ports, wait"},
		{"a key twice", "name: a\nseed: 1\nname: b\n", "f:3:1: name: is there twice; first in line 1"},
		{"a key missing", "items:\n\n  - name: a\n", "f:3:5: items[0]: dbid is missing"},

		{"list", "items: {dbid: 1}\n", "f:1:1: items: must be a list"},
		{"mapping", "wait: 5\n", "f:1:7: wait: must be keys with values"},
		{"item", "items:\n  - 5\n  -\n", "f:2:5: items[0]: must be keys with values\nf:3:5: items[1]: must be keys with values"},
		{"text", "name: [a]\n", "f:1:1: name: is no plain value; give a text"},
		{"text, a bool", "name: true\n", "f:1:1: name: is true; give a text"},
		{"text, nothing", "name:\n", "f:1:1: name: is empty; give a value, or leave the key out"},
		{"bool", "on: yes\n", `f:1:1: on: is the text "yes"; give true or false`},
		{"int", "items: [{dbid: 1.5}]\n", "f:1:10: items[0].dbid: is 1.5; give a whole number up to 2147483647"},
		{"int in quotes", "seed: \"1\"\n", `f:1:1: seed: is the text "1"; give a whole number up to 9223372036854775807`},
		{"int, too large", "items: [{dbid: 2147483648}]\n", "f:1:10: items[0].dbid: is 2147483648; give a whole number up to 2147483647"},
		{"float", "rate: .inf\n", "f:1:1: rate: is .inf; give a number"},
		{"duration", "wait: {min: 5 s}\n", `f:1:8: wait.min: is the text "5 s"; give a duration such as 200ms, 90s or 1h30m`},
		{"long text", "rate: " + strings.Repeat("é", 100) + "\n", `f:1:1: rate: is the text "` + strings.Repeat("é", 60) + `…"; give a number`},

		{"no anchor", "name: *a\n", "f:1:7: name: there is no anchor &a before it"},
		{"an anchor in itself", "items: &a\n  - *a\n", "f:2:5: items[0]: *a stands for itself"},
		{"a merged text", "wait:\n  <<: 5\n", "f:2:7: wait: must be keys with values"},
		{"tag", "name: !!str 5\n", "f:1:7: name: has the tag !!str; there are none here"},
	} {
		s := start()
		err := format.Read("f", []byte(c.text), &s).Err()
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

// A short file stays small, and a file of errors is told in a few lines.
func TestBounds(t *testing.T) {
	text := "items:\n  - &a\n    dbid: 1\n    ports: [" + strings.Repeat("1, ", 999) + "1]\n" + strings.Repeat("  - *a\n", 500)
	var s sample
	if err := format.Read("f", []byte(text), &s).Err(); err == nil || !strings.Contains(err.Error(), "aliases stand for more than 200000 values") {
		t.Errorf("aliases: %v", err)
	}
	err := format.Read("f", []byte(strings.Repeat("x: 1\n", 5000)), &s).Err()
	if lines := strings.Split(err.Error(), "\n"); len(lines) != MaxErrors || !strings.HasPrefix(lines[19], "f:20:1: x: unknown key") {
		t.Errorf("%d errors, the last one %s", len(lines), lines[len(lines)-1])
	}
}

func TestProblems(t *testing.T) {
	var s sample
	p := format.Read("f", []byte("words: [a]\nitems:\n  - dbid: 1\n"), &s)
	p.Fail("items[0].name", "is not there")
	p.Fail("words[0]", "comes first, see %s", p.Seen("items[0].dbid"))
	want := "f:1:9: words[0]: comes first, see items[0].dbid in line 3\nf:3:5: items[0].name: is not there"
	if err := p.Err(); err.Error() != want {
		t.Errorf("got %s", err)
	}
	if !p.Given("words") || p.Given("name") {
		t.Error("Given")
	}
	p = p.Fresh()
	p.From("items[0].dbid", "variable X")
	p.Fail("items[0].dbid", "is wrong")
	if got := p.Err().Error(); got != "variable X: items[0].dbid: is wrong" {
		t.Errorf("got %s", got)
	}
	p = New("elsewhere")
	p.Fail("a.b", "is wrong; %s", p.Seen("c"))
	if got := p.Err().Error(); got != "elsewhere: a.b: is wrong; c" {
		t.Errorf("got %s", got)
	}
}

func TestSet(t *testing.T) {
	var v struct {
		B bool
		I int32
		F float64
		D time.Duration
		S string
	}
	fields := reflect.ValueOf(&v).Elem()
	for i, s := range []string{"true", "-5", "2.5", "90s", "true"} {
		if err := Set(fields.Field(i), s); err != nil {
			t.Error(err)
		}
	}
	if v.B != true || v.I != -5 || v.F != 2.5 || v.D != 90*time.Second || v.S != "true" {
		t.Errorf("%+v", v)
	}
	for i, want := range []string{"true or false", "a whole number up to 2147483647", "a number", "a duration such as 200ms, 90s or 1h30m"} {
		if err := Set(fields.Field(i), "TRUE\n"); err == nil || err.Error() != `is the text "TRUE\n"; give `+want {
			t.Errorf("%v", err)
		}
	}
	if IsScalar(reflect.TypeFor[item]()) || !IsScalar(reflect.TypeFor[time.Duration]()) || IsMapping(reflect.TypeFor[time.Time]()) {
		t.Error("kinds of types")
	}
}
