package strictyaml

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"commdn/relay/internal/near"
)

// reader reads a plain value: its text, and the node where there is a file. It
// fails with what is wrong, as the end of a sentence.
type reader func(s string, n ast.Node, v reflect.Value) error

// Scalar reads the plain values of one type.
type Scalar struct {
	of   reflect.Type
	read reader
}

// Int32 reads an int of 32 bits, whatever the machine has.
var Int32 = Scalar{reflect.TypeFor[int](), readInt(32)}

// Enum reads the values of an enumeration with parse, whose error says all that
// is wrong with a name.
func Enum[T ~int32](parse func(name string) (T, error)) Scalar {
	return Scalar{reflect.TypeFor[T](), func(s string, n ast.Node, v reflect.Value) error {
		if _, ok := text(n); n != nil && !ok {
			return wrong(s, n, "a name")
		}
		e, err := parse(s)
		if err != nil {
			return err
		}
		v.SetInt(int64(e))
		return nil
	}}
}

// scalar gives the reader of a type, nil for one that is no plain value.
func (f Format) scalar(t reflect.Type) reader {
	if i := slices.IndexFunc(f.Scalars, func(s Scalar) bool { return s.of == t }); i >= 0 {
		return f.Scalars[i].read
	}
	return scalar(t)
}

// scalar gives the reader that every Format has. Texts may stand without quotes
// even if they look like numbers.
func scalar(t reflect.Type) reader {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return readDuration
	case reflect.TypeFor[time.Time]():
		return readTime
	}
	switch t.Kind() {
	case reflect.String:
		return readText
	case reflect.Bool:
		return readBool
	case reflect.Int, reflect.Int32, reflect.Int64:
		return readInt(t.Bits())
	case reflect.Uint64:
		return readUint
	case reflect.Float64:
		return readFloat
	}
	return nil
}

// Set reads s into v as a file would, for a value that comes from elsewhere.
// It says what is wrong as the end of a sentence. v must be of a plain type.
func Set(v reflect.Value, s string) error { return scalar(v.Type())(s, nil, v) }

// IsScalar says whether a type is that of a plain value.
func IsScalar(t reflect.Type) bool { return scalar(t) != nil }

func readText(s string, n ast.Node, v reflect.Value) error {
	_, ok := text(n)
	if _, is := n.(*ast.BoolNode); n != nil && (is || !ok) {
		return wrong(s, n, "a text")
	}
	v.SetString(s)
	return nil
}

func readBool(s string, n ast.Node, v reflect.Value) error {
	b, ok := n.(*ast.BoolNode)
	switch {
	case ok:
		v.SetBool(b.Value)
	case n == nil && (s == "true" || s == "false"):
		v.SetBool(s == "true")
	default:
		return wrong(s, n, "true or false")
	}
	return nil
}

func readInt(bits int) reader {
	return func(s string, n ast.Node, v reflect.Value) error {
		i, err := strconv.ParseInt(s, 10, bits)
		if _, ok := n.(*ast.IntegerNode); n != nil && !ok || err != nil {
			return wrong(s, n, fmt.Sprintf("a whole number up to %d", int64(1)<<(bits-1)-1))
		}
		v.SetInt(i)
		return nil
	}
}

func readUint(s string, n ast.Node, v reflect.Value) error {
	u, err := strconv.ParseUint(s, 10, 64)
	if _, ok := n.(*ast.IntegerNode); n != nil && !ok || err != nil {
		return wrong(s, n, "a whole number from 0 to "+strconv.FormatUint(math.MaxUint64, 10))
	}
	v.SetUint(u)
	return nil
}

func readFloat(s string, n ast.Node, v reflect.Value) error {
	f, err := strconv.ParseFloat(s, 64)
	switch n.(type) {
	case nil, *ast.IntegerNode, *ast.FloatNode:
		if err == nil && f-f == 0 { // neither infinite nor NaN
			v.SetFloat(f)
			return nil
		}
	}
	return wrong(s, n, "a number")
}

func readDuration(s string, n ast.Node, v reflect.Value) error {
	if s == "0" {
		v.SetInt(0)
		return nil
	}
	t, err := time.ParseDuration(s)
	if err != nil {
		return wrong(s, n, "a duration such as 200ms, 90s or 1h30m")
	}
	v.SetInt(int64(t))
	return nil
}

func readTime(s string, n ast.Node, v reflect.Value) error {
	t, err := ParseTime(s)
	if err != nil {
		return wrong(s, n, "a time with a zone such as 2026-11-23T09:00:00+01:00")
	}
	v.Set(reflect.ValueOf(t.UTC()))
	return nil
}

// rfc3339 is what RFC 3339 allows; time.Parse takes hours of one digit, a comma
// before the fraction and offsets that no place on earth has.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// ParseTime reads a time as RFC 3339 has it, and nothing else.
func ParseTime(s string) (time.Time, error) {
	if !rfc3339.MatchString(s) {
		return time.Time{}, errors.New("is no time of RFC 3339")
	}
	return time.Parse(time.RFC3339, s)
}

// wrong says what a value is and what it should be.
func wrong(s string, n ast.Node, want string) error {
	is := "is no plain value"
	_, isText := n.(*ast.StringNode)
	if _, ok := text(n); n == nil || isText {
		is = "is the text " + Quote(s)
	} else if ok {
		is = "is " + abridged(s)
	}
	return errors.New(is + "; give " + want)
}

// abridged gives what stands in a file for the line of an error.
func abridged(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	if q := strconv.Quote(s); len(q) > len(s)+2 {
		return q
	}
	return s
}

// Quote gives what stands in a file in quotes, cut to what a line can hold.
func Quote(s string) string {
	if a := abridged(s); strings.HasPrefix(a, `"`) {
		return a
	}
	return `"` + abridged(s) + `"`
}

// Hint gives the name that may have been meant, or else all of them after the
// words of all.
func Hint(name string, have []string, all string) string {
	if like := near.Names(name, have, 1); like != nil {
		return "; did you mean " + like[0] + "?"
	}
	return all + strings.Join(have, ", ")
}

// WrongText says what is wrong with a text of at most so many bytes that has to
// match one elsewhere, "" if nothing is.
func WrongText(s string, most int) string {
	switch {
	case len(s) > most:
		return fmt.Sprintf("has %d bytes; at most %d are possible", len(s), most)
	case !utf8.ValidString(s):
		return "is no UTF-8 text"
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "holds a control character"
	case strings.TrimSpace(s) != s:
		return "begins or ends with a blank"
	}
	return ""
}
