package charsets

import (
	"strings"
	"testing"

	"commdn/protocol/tkvlist"
)

func name(v tkvlist.Value) tkvlist.List {
	return tkvlist.List{{Key: "n", Value: tkvlist.Int(1)}, {Key: "list", Value: tkvlist.Nested(tkvlist.List{{Key: "name", Value: v}})}}
}

// What goes out is in the site's charset, and comes back in UTF-8, in nested lists
// too. Unicode values are UTF-8 everywhere.
func TestBothWays(t *testing.T) {
	for charset, bytes := range map[string]string{
		"": "Frühling", "UTF-8": "Frühling", "iso-8859-1": "Fr\xfchling", "latin1": "Fr\xfchling", "windows-1252": "Fr\xfchling", "ISO-8859-15": "Fr\xfchling",
	} {
		c, err := New(charset)
		if err != nil {
			t.Fatal(err)
		}
		plain := name(tkvlist.String("Frühling"))
		out, err := c.Out(plain)
		if want := name(tkvlist.String(bytes)); err != nil || !tkvlist.Equal(out, want) {
			t.Errorf("%q: out %v, %v, want %v", charset, out, err, want)
		}
		if in := c.In(out); !tkvlist.Equal(in, plain) {
			t.Errorf("%q: in %v", charset, in)
		}
		unicode := name(tkvlist.Unicode("Frühling"))
		if out, err := c.Out(unicode); err != nil || !tkvlist.Equal(out, unicode) || !tkvlist.Equal(c.In(unicode), unicode) {
			t.Errorf("%q: unicode is %v, %v", charset, out, err)
		}
	}
	latin1, err := New("latin1")
	if err != nil {
		t.Fatal(err)
	}
	if in, want := latin1.In(name(tkvlist.Binary([]byte("Fr\xfchling")))), name(tkvlist.Binary([]byte("Frühling"))); !tkvlist.Equal(in, want) {
		t.Errorf("binary is %v", in)
	}
	shiftJIS, err := New("shift_jis")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := shiftJIS.Out(name(tkvlist.String("春"))); err != nil || !tkvlist.Equal(shiftJIS.In(out), name(tkvlist.String("春"))) {
		t.Errorf("%v, %v", out, err)
	}
}

// What cannot be said is refused by name, and a charset that there is not, too.
func TestRefused(t *testing.T) {
	c, err := New("windows-1252")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := c.Out(name(tkvlist.String("春 sale"))); err == nil || out != nil || !strings.Contains(err.Error(), "name: '春' cannot be said in windows-1252") {
		t.Errorf("%v, %v", out, err)
	}
	for bad, want := range map[string]string{
		"latin": "is no charset", "utf8mb4": "is no charset", " ": "is no charset",
		"utf-16le": "in which ASCII is not what it is elsewhere", "iso-2022-kr": "in which ASCII is not what it is elsewhere",
	} {
		if err := Check(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", bad, err, want)
		}
	}
}

// Spell replaces what the charset does not have.
func TestSpell(t *testing.T) {
	for charset, want := range map[string]string{
		"": "ü", "utf-8": "ü", "UTF8": "ü", "iso-8859-1": "\xfc", "windows-1252": "\xfc", "iso-8859-2": "\xfc", "ibm866": "\x1a", // Cyrillic alone
	} {
		c, err := New(charset)
		if err != nil {
			t.Errorf("%s: %v", charset, err)
		} else if got := c.Spell("ü"); got != want {
			t.Errorf("%s: %q, want %q", charset, got, want)
		}
	}
}
