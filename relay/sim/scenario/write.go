package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// YAML gives the scenario as a file that Parse reads back, without keys that
// have their zero value. It fails for what Check refuses, and for a scenario
// that is larger than a file may be.
func (s *Scenario) YAML() ([]byte, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	w := &writer{}
	w.mapping(reflect.ValueOf(s).Elem(), "", "")
	if w.Len() == 0 {
		w.WriteString("{}\n")
	}
	if w.Len() > MaxSize {
		return nil, fmt.Errorf("scenario: takes %d bytes as a file; at most %d are possible", w.Len(), MaxSize)
	}
	return w.Bytes(), nil
}

// MarshalJSON gives the keys that a file has, durations as text, enumerations
// by the vendor's names, and no zero values.
func (f Fault) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, e := range written(reflect.ValueOf(f)) {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := json.Marshal(plain(e.value))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", e.key, value)
	}
	return []byte("{" + b.String() + "}"), nil
}

// keyed is a key with its value.
type keyed struct {
	key   string
	value reflect.Value
}

// written gives the fields of a struct that are not left out.
func written(v reflect.Value) (all []keyed) {
	for _, f := range structs[v.Type()] {
		value := v.FieldByIndex(f.index)
		if f.required || !value.IsZero() && (value.Kind() != reflect.Slice || value.Len() > 0) {
			all = append(all, keyed{f.key, value})
		}
	}
	return all
}

// plain gives a value as text, number or bool: times and enumerations as text.
func plain(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case time.Duration:
		return short(x)
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	case fmt.Stringer:
		return x.String()
	}
	if v.Kind() == reflect.Pointer {
		return plain(v.Elem())
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return v.Interface()
}

// short gives 1m30s, and 1h rather than 1h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

type writer struct{ bytes.Buffer }

// mapping writes the keys of a struct, the first one after first and the others
// after indent.
func (w *writer) mapping(v reflect.Value, first, indent string) {
	for _, e := range written(v) {
		w.WriteString(first + e.key + ":")
		first = indent
		switch v := e.value; {
		case isMapping(v.Type()):
			w.WriteByte('\n')
			w.mapping(v, indent+"  ", indent+"  ")
		case v.Kind() == reflect.Slice && isMapping(v.Type().Elem()):
			w.WriteByte('\n')
			for i := range v.Len() {
				w.item(v.Index(i), indent+"  ")
			}
		case v.Kind() == reflect.Slice:
			w.WriteByte('\n')
			for i := range v.Len() {
				w.WriteString(indent + "  - " + scalar(v.Index(i)) + "\n")
			}
		default:
			w.WriteString(" " + scalar(v) + "\n")
		}
	}
}

// item writes an item of a list, in one line if it has plain values alone.
func (w *writer) item(v reflect.Value, indent string) {
	fields := written(v)
	pairs := make([]string, len(fields))
	for i, e := range fields {
		if isMapping(e.value.Type()) || e.value.Kind() == reflect.Slice {
			w.mapping(v, indent+"- ", indent+"  ")
			return
		}
		pairs[i] = e.key + ": " + scalar(e.value)
	}
	w.WriteString(indent + "- {" + strings.Join(pairs, ", ") + "}\n")
}

// isMapping says whether a type has keys in a file.
func isMapping(t reflect.Type) bool { return structs[t] != nil }

// unquoted are texts that need no quotes anywhere.
var unquoted = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*([ .-][A-Za-z0-9_]+)*$`)

func scalar(v reflect.Value) string {
	switch s := plain(v).(type) {
	case string:
		switch _, isTime := v.Interface().(time.Time); {
		case isTime, v.Type() == reflect.TypeFor[time.Duration]():
			return s
		case !unquoted.MatchString(s), isWord(s):
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
