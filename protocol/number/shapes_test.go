package number

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/shapes.tsv")

// sample is a way to write a number, with the right outcome: want is what String
// gives, or fail the kind of the error.
type sample struct {
	name, given string
	want, ext   string
	fail        Kind
	at          int // the character that the error names, where it names one
}

// base is a number in its groups. The shapes are made of it and of what people,
// pages and spreadsheets do to one; no outcome is taken from Read.
type base struct {
	plus   bool
	groups []string
}

var bases = []base{
	{true, []string{"34", "600", "111", "222"}}, {false, []string{"600", "111", "222"}},
	{false, []string{"0034", "600111222"}}, {false, []string{"555", "0104477"}},
}

func (b base) want() string {
	if b.plus {
		return "+" + strings.Join(b.groups, "")
	}
	return strings.Join(b.groups, "")
}

func (b base) with(separator string) string {
	if b.plus {
		return "+" + strings.Join(b.groups, separator)
	}
	return strings.Join(b.groups, separator)
}

// in writes the digits of s with those that follow zero.
func in(zero rune, s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return zero + r - '0'
		}
		return r
	}, s)
}

var separated = []struct{ name, text string }{
	{"nothing", ""}, {"blank", " "}, {"two blanks", "  "}, {"tab", "\t"}, {"line break", "\n"}, {"CRLF", "\r\n"}, {"hyphen", "-"}, {"dot", "."},
	{"slash", "/"}, {"blank and hyphen", " - "}, {"no-break blank", "\u00a0"}, {"narrow no-break blank", "\u202f"}, {"thin blank", "\u2009"},
	{"ideographic blank", "\u3000"}, {"figure blank", "\u2007"}, {"Unicode hyphen", "\u2010"}, {"no-break hyphen", "\u2011"},
	{"figure dash", "\u2012"}, {"en dash", "\u2013"}, {"em dash", "\u2014"}, {"minus sign", "\u2212"}, {"fullwidth hyphen", "\uff0d"},
	{"katakana long mark", "\u30fc"}, {"middle dot", "\u00b7"}, {"katakana middle dot", "\u30fb"}, {"fullwidth dot", "\uff0e"},
	{"division slash", "\u2215"}, {"zero width blank", "\u200b"}, {"soft hyphen", "\u00ad"}, {"word joiner", "\u2060"},
}

var scripts = []struct {
	name string
	zero rune
}{
	{"ASCII", '0'}, {"Arabic", 0x660}, {"Persian", 0x6f0}, {"Devanagari", 0x966}, {"Bengali", 0x9e6}, {"Tamil", 0xbe6}, {"Thai", 0xe50},
	{"Khmer", 0x17e0}, {"Burmese", 0x1040}, {"fullwidth", 0xff10}, {"mathematical bold", 0x1d7ce}, {"Adlam", 0x1e950},
}

var marks = []struct{ name, text string }{
	{"left-to-right mark", "\u200e"}, {"right-to-left mark", "\u200f"}, {"Arabic letter mark", "\u061c"}, {"embedding", "\u202a"},
	{"override", "\u202d"}, {"isolate", "\u2066"}, {"byte order mark", "\ufeff"}, {"zero width joiner", "\u200d"}, {"variation selector", "\ufe0f"},
	{"Hangul filler", "\u3164"}, {"tag", "\U000e0020"},
}

var armours = []struct{ name, before, after string }{
	{"apostrophe", "'", ""}, {"typographic apostrophe", "\u2019", ""}, {"formula", `="`, `"`}, {"formula in CSV quotes", `"=""`, `"""`},
	{"quotes", `"`, `"`}, {"typographic quotes", "\u201c", "\u201d"}, {"tel:", "tel:", ""}, {"TEL: and blank", "TEL: ", ""},
	{"blanks", "  ", "\t"}, {"line break behind", "", "\r\n"}, {"apostrophe in quotes", `"'`, `"`}, {"blank and apostrophe", " '", " "},
	{"direction marks", "\u202d", "\u202c"},
}

// shapes gives them all.
func shapes() (all []sample) {
	ok := func(name, given string, b base) { all = append(all, sample{name: name, given: given, want: b.want()}) }
	for _, b := range bases {
		for _, s := range separated {
			ok(s.name+" between", b.with(s.text), b)
		}
		for _, s := range scripts {
			ok(s.name+" digits", in(s.zero, b.with(" ")), b)
			ok(s.name+" digits, direction marks, no separator", "\u2067"+in(s.zero, b.with(""))+"\u2069", b)
		}
		for _, m := range marks {
			ok(m.name+" around", m.text+b.with(" ")+m.text, b)
			ok(m.name+" inside", strings.ReplaceAll(b.with("-"), "0", "0"+m.text), b)
		}
		for _, a := range armours {
			ok(a.name, a.before+b.with(" ")+a.after, b)
		}
		for _, x := range []string{"x12", " x 12", " ext. 12", " EXT:12", " extension 12", ";ext=12", " (ext. 12)", " Extn.12", " ｘ１２"} {
			all = append(all, sample{name: "extension", given: b.with(" ") + x, want: b.want(), ext: "12"})
		}
		bad := func(name, given string, fail Kind, at int) {
			all = append(all, sample{name: name, given: given, fail: fail, at: at})
		}
		plain := b.with("")
		n := len(plain)
		bad("in exponent form", plain[n-1:]+"."+plain[n-3:]+"E+09", Damaged, 0)
		bad("in exponent form, comma", plain[n-1:]+","+plain[n-3:]+"e+10", Damaged, 0)
		bad("letter O for the last digit", plain[:n-1]+"O", Letter, n)
		bad("letter l in the middle", plain[:3]+"l"+plain[4:], Letter, 4)
		bad("word behind", plain+" casa", Letter, n+2)
		bad("word before", "Tel "+plain, Letter, 1)
		bad("Cyrillic letter", plain+"\u041e", Character, n+1)
		bad("combining mark", plain[:3]+"\u0301"+plain[3:], Character, 4)
		bad("keycap", plain+"\ufe0f\u20e3", Character, n+2)
		bad("superscript", plain+"²", Character, n+1)
		bad("NUL", plain+"\x00", Character, n+1)
		bad("not UTF-8", plain+"\xff", Character, n+1)
		bad("plus behind", plain+"+", Character, n+1)
		bad("two pluses", "++"+b.with(" "), Character, 2)
		bad("plus in the middle", plain[:4]+"+"+plain[4:], Character, 5)
		bad("comma between", b.with(","), Character, strings.Index(b.with(","), ",")+1)
		bad("two with a slash", b.want()+"/5550104477", Several, n+2)
		bad("two with a semicolon", plain+";5550104477", Character, n+1)
		bad("two with a blank", plain+" 5550104477", Several, n+2)
		bad("masked", plain[:n-3]+"***", Character, n-2)
		bad("too long", plain+strings.Repeat("-99", 12), TooLong, 0)
		bad("in an object", `{"phone":"`+plain+`"}`, Word, 0)
		bad("in a list", `["`+plain+`"]`, Word, 0)
		bad("long extension", plain+" x123456789012", TooLong, 0)
		bad("under marks", plain+strings.Repeat("\u0301", 10_000), TooLong, 0)
		if b.plus {
			ok("plus in brackets", "(+"+b.groups[0]+") "+strings.Join(b.groups[1:], " "), b)
			ok("fullwidth plus", "＋"+strings.Join(b.groups, " "), b)
			ok("plus and blank", "+ "+strings.Join(b.groups, " "), b)
			ok("trunk zero in brackets", "+"+b.groups[0]+" (0)"+strings.Join(b.groups[1:], " "), b)
			continue
		}
		bad("with decimals", plain+".0", Damaged, 0)
		bad("with two decimals", plain+".00", Damaged, 0)
		bad("a negative sum", "-"+plain, Damaged, 0)
		ok("first group in brackets", "("+b.groups[0]+") "+strings.Join(b.groups[1:], "-"), b)
		ok("first group in fullwidth brackets", "（"+b.groups[0]+"）"+strings.Join(b.groups[1:], ""), b)
	}
	for _, word := range []string{"undefined", "null", "NaN", "Null", "None", "n/a", "true", "[object Object]", "Infinity", "Anonymous", "'undefined'", "FLOWERS"} {
		all = append(all, sample{name: "word", given: word, fail: Word})
	}
	for _, lost := range []string{"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#########", "#"} {
		all = append(all, sample{name: "lost by a spreadsheet", given: lost, fail: Damaged})
	}
	for _, empty := range []string{"", " ", "\u00a0", "+", "()", "-", `=""`, "''", "\u200e\u200f", "tel", "."} {
		s := sample{name: "nobody", given: empty, fail: Empty}
		if empty == "tel" {
			s.fail = Word
		}
		all = append(all, s)
	}
	return append(all, []sample{
		{name: "two digits", given: "12", fail: TooShort}, {name: "three digits", given: "112", want: "112"},
		{name: "25 digits", given: strings.Repeat("12345", 5), want: strings.Repeat("12345", 5)},
		{name: "26 digits", given: strings.Repeat("1", 26), fail: TooLong},
		{name: "256 bytes", given: "600\u00a0" + strings.Repeat("\u200b", 83) + "11", want: "60011"},
		{name: "257 bytes", given: "600\u00a0" + strings.Repeat("\u200b", 83) + "111", fail: TooLong},
		{name: "service code", given: "*21#", fail: Character, at: 1}, {name: "dialled prefix", given: "#31#600111222", fail: Damaged},
		{name: "formula without quotes", given: "=600111222", want: "600111222"}, {name: "zero that is dialled in Italy", given: "+39 (0)6 1234567", want: "+39061234567"},
		{name: "time", given: "10:30", fail: Character, at: 3}, {name: "address", given: "user@600111222", fail: Letter, at: 1},
		{name: "hexadecimal", given: "0x1234", fail: Letter, at: 2}, {name: "underscore", given: "600_111_222", fail: Character, at: 4},
		{name: "three decimals are a group", given: "600.000", want: "600000"}, {name: "vanity", given: "1-800-FLOWERS", fail: Letter, at: 7},
	}...)
}

// Each shape has its outcome, and testdata/shapes.tsv shows them to people.
func TestShapes(t *testing.T) {
	t.Parallel()
	var table bytes.Buffer
	seen := make(map[string]bool)
	for _, s := range shapes() {
		n, err := Read(s.given)
		outcome := s.want
		if s.ext != "" {
			outcome += " ext " + s.ext
		}
		if s.fail == 0 {
			if err != nil || n.String() != s.want || n.Extension != s.ext || n.Given != s.given || n.Changed() != (s.given != s.want) {
				t.Errorf("%s: Read(%q) = %+v, %v; want %s", s.name, s.given, n, err, s.want)
			}
		} else {
			e, is := errors.AsType[*Error](err)
			if !is || e.Kind != s.fail || s.at != 0 && e.At != s.at {
				t.Errorf("%s: Read(%q) = %v, %+v; want kind %d at %d", s.name, s.given, n, err, s.fail, s.at)
				continue
			}
			outcome = "refused: " + e.Error()
		}
		given := strconv.QuoteToASCII(s.given)
		if len(given) > 100 {
			given = given[:100] + "…"
		}
		if !seen[s.given] {
			fmt.Fprintf(&table, "%s\t%s\t%s\n", s.name, given, outcome)
		}
		seen[s.given] = true
	}
	if len(seen) < 300 {
		t.Errorf("%d shapes", len(seen))
	}
	const file = "testdata/shapes.tsv"
	if *update {
		if err := os.WriteFile(file, table.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || !bytes.Equal(want, table.Bytes()) {
		t.Errorf("%s is not what is read today (%v); see what changed with -update", file, err)
	}
}
