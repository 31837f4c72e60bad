// Package charsets reads and writes the texts of a CommDN in the encoding of the site:
// T-Server carries bytes.
package charsets

import (
	"fmt"

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

// Check says what is wrong with the name of an encoding, as the end of a sentence.
func Check(name string) error {
	_, err := New(name)
	return err
}

// New gives an encoding by its WHATWG name; empty is UTF-8.
func New(name string) (Charset, error) {
	if name == "" {
		return Charset{}, nil
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		return Charset{}, fmt.Errorf("is %q, which is no charset; give one such as utf-8, windows-1252, iso-8859-15 or shift_jis", name)
	}
	if canonical, _ := htmlindex.Name(enc); canonical == "utf-8" {
		return Charset{}, nil
	}
	return Charset{name, enc}, nil
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
