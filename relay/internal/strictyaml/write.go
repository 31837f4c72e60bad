package strictyaml

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Layout says how a struct is written as a file that Read reads back.
type Layout struct {
	Sparse bool                // without the keys that may be missing and have their zero value
	Few    int                 // so many plain values of a list stand in one line
	Mask   func(string) string // what of a text is shown; nil: all
}

// Write gives the file of the struct that v points to.
func (l Layout) Write(v any) []byte {
	w := &writer{Layout: l}
	w.mapping(reflect.ValueOf(v).Elem(), "", "")
	if w.Len() == 0 {
		w.WriteString("{}\n")
	}
	return w.Bytes()
}

// Keyed is a key with its value.
type Keyed struct {
	Key   string
	Value reflect.Value
}

// Written gives the fields of a struct that a sparse file has.
func Written(v reflect.Value) []Keyed { return keyed(v, true) }

func keyed(v reflect.Value, sparse bool) (all []Keyed) {
	for _, f := range Fields(v.Type()) {
		value := v.FieldByIndex(f.Index)
		if !sparse || f.Required || !value.IsZero() && (value.Kind() != reflect.Slice || value.Len() > 0) {
			all = append(all, Keyed{f.Key, value})
		}
	}
	return all
}

// Plain gives a value as text, number or bool: times and enumerations as text.
func Plain(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case time.Duration:
		return Short(x)
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	case fmt.Stringer:
		return x.String()
	}
	if v.Kind() == reflect.Pointer {
		return Plain(v.Elem())
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return v.Interface()
}

// Short gives 1m30s, and 1h rather than 1h0m0s.
func Short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

type writer struct {
	bytes.Buffer
	Layout
}

// mapping writes the keys of a struct, the first one after first and the others
// after indent.
func (w *writer) mapping(v reflect.Value, first, indent string) {
	for _, k := range keyed(v, w.Sparse) {
		w.WriteString(first + k.Key + ":")
		first = indent
		switch v := k.Value; {
		case IsMapping(v.Type()):
			w.WriteByte('\n')
			w.mapping(v, indent+"  ", indent+"  ")
		case v.Kind() == reflect.Slice:
			w.list(v, indent+"  ")
		default:
			w.WriteString(" " + w.scalar(v) + "\n")
		}
	}
}

func (w *writer) list(v reflect.Value, indent string) {
	mappings := IsMapping(v.Type().Elem())
	if short, ok := shortened(v); ok {
		v, mappings = short, false
	}
	if n := v.Len(); n == 0 || n <= w.Few && !mappings {
		words := make([]string, n)
		for i := range words {
			words[i] = w.scalar(v.Index(i))
		}
		w.WriteString(" [" + strings.Join(words, ", ") + "]\n")
		return
	}
	w.WriteByte('\n')
	for i := range v.Len() {
		if mappings {
			w.item(v.Index(i), indent)
		} else {
			w.WriteString(indent + "- " + w.scalar(v.Index(i)) + "\n")
		}
	}
}

// shortened gives the plain values that stand for the items of a list, where all of
// them can be said so.
func shortened(v reflect.Value) (short reflect.Value, ok bool) {
	if v.Len() == 0 || shorthand(reflect.Zero(v.Type().Elem())) == "" {
		return v, false
	}
	for i := range v.Len() {
		for _, f := range Fields(v.Type().Elem()) {
			value := v.Index(i).FieldByIndex(f.Index)
			switch {
			case f.Key != shorthand(v.Index(i)):
				if !value.IsZero() {
					return v, false
				}
			case !short.IsValid():
				short = reflect.MakeSlice(reflect.SliceOf(value.Type()), 0, v.Len())
				fallthrough
			default:
				short = reflect.Append(short, value)
			}
		}
	}
	return short, short.IsValid()
}

// item writes an item of a list, in one line if it has plain values alone.
func (w *writer) item(v reflect.Value, indent string) {
	fields := keyed(v, w.Sparse)
	pairs := make([]string, len(fields))
	for i, k := range fields {
		if IsMapping(k.Value.Type()) || k.Value.Kind() == reflect.Slice {
			w.mapping(v, indent+"- ", indent+"  ")
			return
		}
		pairs[i] = k.Key + ": " + w.scalar(k.Value)
	}
	w.WriteString(indent + "- {" + strings.Join(pairs, ", ") + "}\n")
}

// unquoted are texts that need no quotes anywhere.
var unquoted = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*([ .-][A-Za-z0-9_]+)*$`)

func (w *writer) scalar(v reflect.Value) string {
	switch s := Plain(v).(type) {
	case string:
		if t := v.Type(); t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[time.Duration]() {
			return s
		}
		if w.Mask != nil {
			s = w.Mask(s)
		}
		if !unquoted.MatchString(s) || isWord(s) {
			return strconv.Quote(s)
		}
		return s
	case float64:
		return strconv.FormatFloat(s, 'f', -1, 64)
	default:
		return fmt.Sprint(s)
	}
}

// isWord says whether YAML, old or new, takes a text for something else.
func isWord(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf":
		return true
	}
	return false
}
