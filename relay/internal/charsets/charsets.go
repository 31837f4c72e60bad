// Package charsets reads and writes the texts of a CommDN in the encoding of the site:
// T-Server carries bytes.
package charsets

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"

	"commdn/protocol/tkvlist"
)

// Charset is the encoding in which the site's OCS has strings. The zero value is
// UTF-8.
type Charset struct {
	name string
	enc  encoding.Encoding
}

// Lookup gives an encoding by its WHATWG name, nil for UTF-8; ok is false where no
// encoding has that name.
func Lookup(name string) (e encoding.Encoding, ok bool) {
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil, false
	}
	if canonical, _ := htmlindex.Name(e); canonical == "utf-8" {
		return nil, true
	}
	return e, true
}

// Check says what is wrong with the name of a charset, as the end of a sentence.
func Check(name string) error {
	_, err := New(name)
	return err
}

// New gives a charset by its WHATWG name; empty is UTF-8. Digits and keys are ASCII
// on a CommDN, so New refuses a charset in which ASCII is something else.
func New(name string) (Charset, error) {
	if name == "" {
		return Charset{}, nil
	}
	enc, ok := Lookup(name)
	switch {
	case !ok:
		return Charset{}, fmt.Errorf("is %q, which is no charset that is known; give iso-8859-1, windows-1252, shift_jis or another name of the WHATWG's list", name)
	case enc == nil:
		return Charset{}, nil
	case !keepsASCII(enc):
		return Charset{}, fmt.Errorf("is %q, in which ASCII is not what it is elsewhere; no T-Server works with it", name)
	}
	return Charset{name, enc}, nil
}

func keepsASCII(e encoding.Encoding) bool {
	const ascii = "GSW_PHONE +49 (0)30"
	out, err := e.NewEncoder().String(ascii)
	in, inErr := e.NewDecoder().String(ascii)
	return err == nil && inErr == nil && out == ascii && in == ascii
}

// In gives a list as it is in UTF-8. An OCS may say texts as binary values.
func (c Charset) In(l tkvlist.List) tkvlist.List {
	if c.enc == nil {
		return l
	}
	l, _ = recoded(l, true, c.enc.NewDecoder().String) // what cannot be read becomes U+FFFD
	return l
}

// Out gives a list as the site's OCS expects it. The error names what cannot be
// said in the charset, and no more of the text: it may be a customer's.
func (c Charset) Out(l tkvlist.List) (tkvlist.List, error) {
	if c.enc == nil {
		return l, nil
	}
	return recoded(l, false, func(s string) (string, error) {
		out, err := c.enc.NewEncoder().String(s)
		for _, r := range s {
			if err == nil {
				break
			}
			if _, bad := c.enc.NewEncoder().String(string(r)); bad != nil {
				return "", fmt.Errorf("%q cannot be said in %s, the charset of this OCS", r, c.name)
			}
		}
		return out, err
	})
}

// Spell gives a text in the charset, as a database writes it: what the charset does
// not have is replaced.
func (c Charset) Spell(text string) string {
	if c.enc == nil {
		return text
	}
	// The encoder has no more errors: every rune is valid, and those without a place are replaced.
	text, _ = encoding.ReplaceUnsupported(c.enc.NewEncoder()).String(strings.ToValidUTF8(text, "\ufffd"))
	return text
}

// recoded gives a copy of a list with the strings that change gives, and binary values
// where they are to be changed, too.
func recoded(l tkvlist.List, binary bool, change func(string) (string, error)) (tkvlist.List, error) {
	out := make(tkvlist.List, len(l))
	for i, p := range l {
		out[i] = p
		if inner, ok := p.Value.List(); ok {
			inner, err := recoded(inner, binary, change)
			if err != nil {
				return nil, err
			}
			out[i].Value = tkvlist.Nested(inner)
			continue
		}
		if s, ok := p.Value.Text(); ok && p.Value.Kind() == tkvlist.KindString {
			s, err := change(s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.Key, err)
			}
			out[i].Value = tkvlist.String(s)
		}
		if b, ok := p.Value.Bytes(); ok && binary {
			s, err := change(string(b))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.Key, err)
			}
			out[i].Value = tkvlist.Binary([]byte(s))
		}
	}
	return out, nil
}
