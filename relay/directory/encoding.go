package directory

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"

	"commdn/relay/internal/charsets"
	"commdn/relay/internal/strictyaml"
)

var byteOrderMark = []byte("\ufeff")

// CheckEncoding says what is wrong with the name of an encoding, as the end of a
// sentence; "" is none, and UTF-8.
func CheckEncoding(name string) error {
	_, err := encodingOf(name)
	return err
}

// encodingOf gives nil for UTF-8.
func encodingOf(name string) (encoding.Encoding, error) {
	if name == "" {
		return nil, nil
	}
	e, ok := charsets.Lookup(name)
	if !ok {
		return nil, fmt.Errorf("%s is no encoding; give windows-1252, iso-8859-15, shift_jis or another of the WHATWG list", strictyaml.Quote(name))
	}
	return e, nil
}

// decode gives the text of a file in UTF-8, without the mark at its beginning.
// With "" it is UTF-8, or UTF-16 with its mark, as editors of Windows write it.
// Bytes that are no text in the encoding are an error: each would become � in a
// name, and the name would be found no more.
func decode(name string, data []byte, from string) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return nil, &strictyaml.Error{File: name, What: "is not whole UTF-16 text"}
		}
		return text, nil
	}
	data = bytes.TrimPrefix(data, byteOrderMark)
	e, err := encodingOf(from)
	if err != nil {
		return nil, &strictyaml.Error{File: name, What: "its encoding " + err.Error()}
	}
	if e == nil {
		if line, text := notUTF8(data); line > 0 {
			return nil, &strictyaml.Error{File: name, Line: line, What: fmt.Sprintf("is not UTF-8 text: %q; say which encoding it has (--encoding, or directory.encoding in a configuration), windows-1252 for most of Windows", text)}
		}
		return data, nil
	}
	if utf8.Valid(data) && bytes.ContainsFunc(data, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return nil, &strictyaml.Error{File: name, What: "is UTF-8 text, not " + from + "; leave the encoding away"}
	}
	text, err := e.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		line := 1 + bytes.Count(text[:max(bytes.IndexRune(text, utf8.RuneError), 0)], []byte("\n"))
		return nil, &strictyaml.Error{File: name, Line: line, What: "is not text in " + from + "; give another encoding"}
	}
	return text, nil
}

// notUTF8 gives the first line that is not UTF-8, and what stands around the
// place; line is 0 where there is none.
func notUTF8(data []byte) (line int, text string) {
	if utf8.Valid(data) {
		return 0, ""
	}
	const around = 12
	for l := range bytes.Lines(data) {
		line++
		for i := 0; i < len(l); {
			r, n := utf8.DecodeRune(l[i:])
			if r == utf8.RuneError && n == 1 {
				return line, strings.TrimSpace(string(l[max(i-around, 0):min(i+around, len(l))]))
			}
			i += n
		}
	}
	return line, ""
}
