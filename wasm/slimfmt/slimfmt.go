// Package fmt has the few functions of fmt that the plugin and its libraries use, for
// error texts, without reflection. ./build.sh builds the plugin with this file in place
// of the standard library's fmt, by an overlay: fmt and its dependencies (reflect, os,
// the String methods of every type) would be a twentieth of the agent's download. Code
// that needs more of fmt does not compile.
//
// It knows the verbs %v %s %d %q %x %T and ignores their flags. It formats values of
// basic kinds, errors and Stringers; anything else prints as ?, so a component hands only
// strings, numbers and bools to an attribute or text.
package fmt

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

// Stringer is fmt.Stringer.
type Stringer interface{ String() string }

// State is fmt.State. Nothing implements it: it lets Format methods compile.
type State interface {
	io.Writer
	Flag(c int) bool
}

// Sprintf is fmt.Sprintf within the limits of this package.
func Sprintf(format string, args ...any) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(format, "%")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		verb := strings.TrimLeft(rest, "+#-0123456789.")
		if verb == "" {
			b.WriteByte('%')
			return b.String()
		}
		format = verb[1:]
		switch {
		case verb[0] == '%':
			b.WriteByte('%')
		case len(args) == 0:
			b.WriteString("%!" + verb[:1])
		default:
			b.WriteString(one(verb[0], args[0]))
			args = args[1:]
		}
	}
}

func one(verb byte, v any) string {
	switch verb {
	case 'q':
		return strconv.Quote(Sprint(v))
	case 'x':
		if n, ok := v.(uint64); ok {
			return strconv.FormatUint(n, 16)
		}
	case 'T':
		return "value"
	}
	return Sprint(v)
}

// Sprint formats one value as %v does.
func Sprint(v any) string {
	switch v := v.(type) {
	case nil:
		return "<nil>"
	case string:
		return v
	case []byte:
		return string(v)
	case error:
		return v.Error()
	case Stringer:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int32: // also a rune
		return strconv.Itoa(int(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case uint8:
		return strconv.Itoa(int(v))
	case uint32:
		return strconv.FormatUint(uint64(v), 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	}
	return "?"
}

// Errorf is fmt.Errorf. If the format has a %w, errors.Is and errors.As find the first
// error among the arguments.
func Errorf(format string, args ...any) error {
	text := Sprintf(strings.ReplaceAll(format, "%w", "%v"), args...)
	if strings.Contains(format, "%w") {
		for _, a := range args {
			if err, ok := a.(error); ok {
				return &wrapped{text, err}
			}
		}
	}
	return errors.New(text)
}

type wrapped struct {
	text string
	err  error
}

func (w *wrapped) Error() string { return w.text }
func (w *wrapped) Unwrap() error { return w.err }

// Fprintf is fmt.Fprintf within the limits of this package.
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	return io.WriteString(w, Sprintf(format, args...))
}

// Fprint writes the values in turn.
func Fprint(w io.Writer, args ...any) (int, error) {
	return io.WriteString(w, Sprintf(strings.Repeat("%v", len(args)), args...))
}
