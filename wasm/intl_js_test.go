//go:build js && wasm

package wasm

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/hack-pad/safejs"

	"commdn/components/lang"
)

// TestLanguage: texts follow the table, dates and numbers the reader's own tag.
func TestLanguage(t *testing.T) {
	p := &plugin{parts: Parts{Language: lang.New}, languages: map[string]*lang.Language{}}
	at := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	for _, c := range []struct{ tag, number, moment string }{
		{"en", "1,234,567", "Mar 14, 2026"},
		{"en-GB", "1,234,567", "14 Mar 2026"},
		{"xx", "1,234,567", "Mar 14, 2026"},     // no such language
		{"en--x", "1,234,567", "Mar 14, 2026"},  // malformed tag
		{"<b>", "1,234,567", "Mar 14, 2026"},    // malformed
		{"", "1,234,567", "Mar 14, 2026"},       // malformed
		{"en-IN", "12,34,567", "14 Mar 2026"},   // lakhs
		{"EN-us", "1,234,567", "Mar 14, 2026,"}, // case does not matter
	} {
		l := p.language(c.tag)
		if n := l.Number(1234567); n != c.number {
			t.Errorf("%q: the number is %q, want %q", c.tag, n, c.number)
		}
		if m := l.Moment(at); !strings.Contains(m, c.moment) {
			t.Errorf("%q: the moment is %q, want %q in it", c.tag, m, c.moment)
		}
		if l.Clock(at) == "" || l.Zone() == "" {
			t.Errorf("%q: clock %q, zone %q", c.tag, l.Clock(at), l.Zone())
		}
		if p.language(c.tag) != l {
			t.Errorf("%q is made anew each time", c.tag)
		}
	}
	for n, want := range map[int]string{0: "other", 1: "one", 2: "other"} {
		if got := p.language("en").Plural(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	for i := range 3 * maxLanguages {
		p.language("en-x-" + strings.Repeat("a", i%8+1) + strings.Repeat("-b", i/8))
	}
	if n := len(p.languages); n > maxLanguages {
		t.Errorf("%d languages are remembered", n)
	}
}

// TestOtherLanguages asks Intl for languages whose tables may come later.
func TestOtherLanguages(t *testing.T) {
	for _, c := range []struct{ tag, number string }{
		{"de", "1.234.567"}, {"fr", "1\u202f234\u202f567"}, {"pt-BR", "1.234.567"}, {"ja", "1,234,567"},
	} {
		l, err := newIntl(c.tag)
		if err != nil {
			t.Fatal(err)
		}
		if n := l.Number(1234567); n != c.number {
			t.Errorf("%s: the number is %q, want %q", c.tag, n, c.number)
		}
	}
	if l, err := newIntl("no tag"); err == nil || l.Number(1) != "" {
		t.Error("an Intl for what is no tag")
	}
}

// TestField: an <input type="datetime-local"> is in the reader's time zone, with summer
// time.
func TestField(t *testing.T) {
	l, err := newIntl("en")
	if err != nil {
		t.Fatal(err)
	}
	date := get(t, safejs.Global(), "Date")
	for month := time.January; month <= time.December; month++ {
		at := time.Date(2026, month, 15, 23, 45, 0, 0, time.UTC)
		local, err := date.New(at.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		hours, err := local.Call("getHours")
		if err != nil {
			t.Fatal(err)
		}
		want, _ := hours.Int()
		field := l.Field(at)
		if parsed, err := time.Parse("2006-01-02T15:04", field); err != nil || parsed.Hour() != want {
			t.Errorf("%v is %q in the field, want hour %d", at, field, want)
		}
		if back, ok := l.ParseField(field); !ok || !back.Equal(at) {
			t.Errorf("%q is %v, want %v", field, back, at)
		}
	}
	for _, s := range []string{
		"", "2026-03-14", "2026-03-14T15:09:26", "2026-03-14T15:09Z", "2026-03-14 15:09", "2026-13-14T15:09",
		"2026-03-14T25:09", "14.03.2026 15:09", "2026-03-14T15:0x", "now",
	} {
		if at, ok := l.ParseField(s); ok {
			t.Errorf("%q is %v", s, at)
		}
	}
}

func TestJSON(t *testing.T) {
	for _, s := range []string{"", `"quoted"`, `back\slash`, "line\nfeed\ttab\x00\x1f\x7f", "日本語 ☎️ é", "</script>\u2028"} {
		o := object{}
		o.text("s", s)
		o.int("n", -5)
		o.bool("b", true)
		o.raw("list", value([]any{s, 1, false, nil, map[string]any{"in": s}, []string{s}}))
		var got struct {
			S    string
			N    int
			B    bool
			List []any
		}
		if err := json.Unmarshal(o.json(), &got); err != nil {
			t.Fatalf("%q: %v in %s", s, err, o.json())
		}
		inner, _ := got.List[4].(map[string]any)
		if got.S != s || got.N != -5 || !got.B || len(got.List) != 6 || got.List[0] != s || got.List[3] != nil || inner["in"] != s {
			t.Errorf("%q came back as %+v", s, got)
		}
	}
	empty := object{}
	if s := string(empty.json()); s != "{}" {
		t.Errorf("an empty object is %s", s)
	}
}

func get(t *testing.T, v safejs.Value, name string) safejs.Value {
	t.Helper()
	p, err := v.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
