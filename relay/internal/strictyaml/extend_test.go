package strictyaml

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

type colour int32

const (
	red colour = iota + 1
	green
)

func (c colour) String() string { return map[colour]string{red: "Red", green: "Dark green"}[c] }

func parseColour(s string) (colour, error) {
	for _, c := range []colour{red, green} {
		if s == c.String() {
			return c, nil
		}
	}
	return 0, fmt.Errorf("%q is no colour", s)
}

type pot struct {
	Colour  colour   `yaml:"colour"`
	Colours []colour `yaml:"colours,omitempty"`
}

type garden struct {
	Seed  uint64    `yaml:"seed,omitempty"`
	Pots  []pot     `yaml:"pots,omitempty"`
	Since time.Time `yaml:"since,omitempty"`
	Small int       `yaml:"small,omitempty"`
	Share *float64  `yaml:"share,omitempty"`
	Words []string  `yaml:"words,omitempty"`
	Rest  struct {
		Wait time.Duration `yaml:"wait,omitempty"`
		On   bool          `yaml:"on,omitempty"`
	} `yaml:"rest,omitempty"`
}

var gardens = Format{What: "a garden", MaxSize: 1 << 20, Scalars: []Scalar{Int32, Enum(parseColour)}, NoColumns: true}

func TestScalars(t *testing.T) {
	var got garden
	text := "seed: 18446744073709551615\npots: [{colour: Red, colours: [Red, Dark green]}]\nsince: 2026-11-23T09:00:00+01:00\nsmall: -2147483648\nwords: []\n"
	want := garden{Seed: 1<<64 - 1, Pots: []pot{{red, []colour{red, green}}}, Since: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), Small: -1 << 31}
	if err := gardens.Read("f", []byte(text), &got).Err(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"uint64", "seed: -1\n", "f:1: seed: is -1; give a whole number from 0 to 18446744073709551615"},
		{"uint64 in quotes", "seed: '1'\n", `f:1: seed: is the text "1"; give a whole number from 0 to 18446744073709551615`},
		{"int of 32 bits", "small: 2147483648\n", "f:1: small: is 2147483648; give a whole number up to 2147483647"},
		{"time", "since: 2026-11-23 09:00\n", `f:1: since: is the text "2026-11-23 09:00"; give a time with a zone such as 2026-11-23T09:00:00+01:00`},
		{"time, a list", "since: [1]\n", "f:1: since: is no plain value; give a time with a zone such as 2026-11-23T09:00:00+01:00"},
		{"name", "pots: [{colour: blue}]\n", `f:1: pots[0].colour: "blue" is no colour`},
		{"name, a list", "pots: [{colour: [Red]}]\n", "f:1: pots[0].colour: is no plain value; give a name"},
		{"name, nothing", "pots: [{colour: }]\n", "f:1: pots[0].colour: is empty; give a value, or leave the key out"},
		{"optional", "share: much\n", `f:1: share: is the text "much"; give a number`},
		{"in the order in which they are found", "pots: [{colours: [x]}]\n", "f:1: pots[0].colours[0]: \"x\" is no colour\nf:1: pots[0]: colour is missing"},
	} {
		err := gardens.Read("f", []byte(c.text), &garden{}).Err()
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

// What is read into a list does not get into the list that was the default.
func TestDefaultListStays(t *testing.T) {
	def := []string{"a", "b"}
	g := garden{Words: def}
	if err := gardens.Read("f", []byte("words: [x]"), &g).Err(); err != nil || def[0] != "a" || len(g.Words) != 1 {
		t.Errorf("%v, %v, %v", def, g.Words, err)
	}
}

func TestFromKey(t *testing.T) {
	var g garden
	p := gardens.Read("f", []byte("seed: 1\nsmall: 3\nwords: [a]\n"), &g)
	p.FromKey("pots[0]", "small")
	p.Fail("pots[0].colour", "is like that of %s", p.Seen("pots[0]"))
	p.Fail("pots[1].colour", "is nowhere")
	if got, want := p.Err().Error(), "f:1: pots[1].colour: is nowhere\nf:2: pots[0].colour: is like that of pots[0] in line 2"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestWrite(t *testing.T) {
	half := 0.5
	g := garden{Seed: 5, Pots: []pot{{Colour: green}, {red, []colour{green}}}, Since: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), Share: &half,
		Words: []string{"plain words", "Yes", "0123", "a: b", "secret"}}
	g.Rest.Wait = time.Hour
	mask := func(s string) string { return strings.ReplaceAll(s, "secret", "*") }
	for _, c := range []struct {
		name   string
		layout Layout
		v      any
		want   string
	}{
		{"sparse", Layout{Sparse: true}, &g, `seed: 5
pots:
  - {colour: Dark green}
  - colour: Red
    colours:
      - Dark green
since: 2026-11-23T08:00:00Z
share: 0.5
words:
  - plain words
  - "Yes"
  - "0123"
  - "a: b"
  - secret
rest:
  wait: 1h
`},
		{"few in one line, masked", Layout{Sparse: true, Few: 5, Mask: mask}, &garden{Words: g.Words, Pots: g.Pots[1:]}, `pots:
  - colour: Red
    colours: [Dark green]
words: [plain words, "Yes", "0123", "a: b", "*"]
`},
		{"all keys", Layout{}, &pot{}, "colour: \"\"\ncolours: []\n"},
		{"nothing", Layout{Sparse: true}, &garden{Words: []string{}}, "{}\n"},
	} {
		if got := string(c.layout.Write(c.v)); got != c.want {
			t.Errorf("%s:\n%s", c.name, got)
		}
	}
	var again garden
	if err := gardens.Read("f", Layout{Sparse: true}.Write(&g), &again).Err(); err != nil || !reflect.DeepEqual(again, g) {
		t.Errorf("%+v, %v comes back", again, err)
	}
	for d, want := range map[time.Duration]string{90 * time.Second: "1m30s", 2 * time.Minute: "2m", time.Hour + time.Second: "1h0m1s", 0: "0s"} {
		if got := Short(d); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestWrongText(t *testing.T) {
	for s, want := range map[string]string{
		"a b ü": "", "": "", "123456789": "has 9 bytes; at most 8 are possible", "\xff": "is no UTF-8 text",
		"a\n": "holds a control character", "a ": "begins or ends with a blank",
	} {
		if got := WrongText(s, 8); got != want {
			t.Errorf("%q %s", s, got)
		}
	}
}
