package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Encodings are the names that Decode takes. auto is UTF-8, or UTF-16 where the
// input begins with a byte order mark.
var Encodings = []string{"auto", "utf-8", "utf-16le", "utf-16be", "cp1252", "latin1"}

// Decode gives an input as UTF-8, without a byte order mark.
func Decode(in io.Reader, name string) (io.Reader, error) {
	var from encoding.Encoding
	switch strings.ToLower(name) {
	case "", "auto":
		b := bufio.NewReader(in)
		mark, err := b.Peek(4)
		if err != nil && err != io.EOF {
			return nil, err
		}
		in = b
		if string(mark) == "PK\x03\x04" {
			return nil, errors.New("this is no text but a spreadsheet, or another ZIP file; save it as CSV")
		}
		if bytes.HasPrefix(mark, []byte{0xff, 0xfe}) || bytes.HasPrefix(mark, []byte{0xfe, 0xff}) {
			from = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
		}
	case "utf-8":
	case "utf-16le":
		from = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16be":
		from = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "cp1252":
		from = charmap.Windows1252
	case "latin1":
		from = charmap.ISO8859_1
	default:
		return nil, fmt.Errorf("encoding %q is not known; give one of %s", name, strings.Join(Encodings, ", "))
	}
	if from == nil {
		return in, nil
	}
	return transform.NewReader(in, from.NewDecoder()), nil
}
