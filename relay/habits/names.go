package habits

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"commdn/relay/internal/charsets"
	"commdn/relay/internal/near"
)

// maxText bounds a text in bytes, and maxAfter AnswerAfter in milliseconds.
const (
	maxText  = 255
	maxAfter = 60_000
)

// Error is what is wrong with one habit.
type Error struct {
	Name string // of the habit
	What string // the end of the sentence
}

// Error gives one line.
func (e *Error) Error() string { return "habit " + e.Name + ": " + e.What }

// habit is a field of Habits.
type habit struct {
	name, says string
	values     []string
	index      int
}

var all = fields()

func fields() (list []habit) {
	t := reflect.TypeFor[Habits]()
	for i := range t.NumField() {
		f := t.Field(i)
		h := habit{says: f.Tag.Get("says"), index: i}
		h.name, _, _ = strings.Cut(f.Tag.Get("yaml"), ",")
		if values := f.Tag.Get("values"); values != "" {
			h.values = strings.Split(values, ",")
		}
		list = append(list, h)
	}
	return list
}

// Names gives the names of all habits, in the order of Habits.
func Names() []string {
	names := make([]string, len(all))
	for i, h := range all {
		names[i] = h.name
	}
	return names
}

// Says tells what OCS does that has a habit; it is empty for a name that is none.
func Says(name string) string {
	h, _ := find(name)
	return h.says
}

func find(name string) (habit, error) {
	if i := slices.IndexFunc(all, func(h habit) bool { return h.name == name }); i >= 0 {
		return all[i], nil
	}
	if like := near.Names(name, Names(), 1); like != nil {
		return habit{}, &Error{name, "there is none of this name; did you mean " + like[0] + "?"}
	}
	return habit{}, &Error{name, "there is none of this name; there are " + strings.Join(Names(), ", ")}
}

// Set sets a habit by its name. value is true or false, a whole number, or a
// text, and the empty text is the value of Plain. The error is an *Error, and h
// is as it was then.
func (h *Habits) Set(name, value string) error {
	f, err := find(name)
	if err != nil {
		return err
	}
	changed := *h
	v := reflect.ValueOf(&changed).Elem().Field(f.index)
	switch {
	case value == "":
		v.SetZero()
	case v.Kind() == reflect.Bool:
		on, err := strconv.ParseBool(value)
		if err != nil || value != strconv.FormatBool(on) {
			return &Error{name, fmt.Sprintf("is %q; give true or false", value)}
		}
		v.SetBool(on)
	case v.Kind() == reflect.Int32:
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			return &Error{name, fmt.Sprintf("is %q; give a whole number", value)}
		}
		v.SetInt(n)
	default:
		v.SetString(value)
	}
	if e := changed.check(f); e != nil {
		return e
	}
	*h = changed
	return nil
}

// Setting is a habit with its value as Set takes it.
type Setting struct{ Name, Value string }

// Settings gives the habits that differ from those of Plain, in the order of
// Habits.
func (h Habits) Settings() []Setting {
	var list []Setting
	for _, f := range all {
		if v := reflect.ValueOf(h).Field(f.index); !v.IsZero() {
			list = append(list, Setting{f.name, fmt.Sprint(v.Interface())})
		}
	}
	return list
}

// Check says what is wrong with the values: joined *Errors, or nil.
func (h Habits) Check() error {
	var errs []error
	for _, e := range h.Problems() {
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

// Problems gives what Check joins.
func (h Habits) Problems() (list []*Error) {
	for _, f := range all {
		if e := h.check(f); e != nil {
			list = append(list, e)
		}
	}
	return list
}

// check says what is wrong with one habit.
func (h Habits) check(f habit) *Error {
	v := reflect.ValueOf(h).Field(f.index)
	switch {
	case f.name == "charset":
		if err := charsets.Check(h.Charset); err != nil {
			return &Error{f.name, err.Error()}
		}
	case f.name == "answer_after" && (v.Int() < 0 || v.Int() > maxAfter):
		return &Error{f.name, fmt.Sprintf("is %d; give 0 to %d milliseconds", v.Int(), maxAfter)}
	case v.Kind() == reflect.Int32 && v.Int() < 0:
		return &Error{f.name, fmt.Sprintf("is %d; give 0 or more", v.Int())}
	case v.Kind() == reflect.String && v.Len() > maxText:
		return &Error{f.name, fmt.Sprintf("has %d bytes; at most %d are possible", v.Len(), maxText)}
	case v.Kind() == reflect.String && strings.ContainsFunc(v.String(), unprintable):
		return &Error{f.name, fmt.Sprintf("is %q, which is no plain text", v.String())}
	case f.values != nil && !v.IsZero() && !slices.Contains(f.values, v.String()):
		return &Error{f.name, fmt.Sprintf("is %q; give %s", v.String(), strings.Join(f.values, " or "))}
	}
	return nil
}

func unprintable(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }
