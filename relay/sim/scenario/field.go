package scenario

import (
	"reflect"
	"strings"
	"time"
)

// field is a field of a struct as a file has it.
type field struct {
	key      string
	index    []int
	required bool // not omitempty
}

// tagged gives the fields of a struct by their yaml tags, with those of structs
// that are inline.
func tagged(t reflect.Type) (all []field) {
	for i := range t.NumField() {
		f := t.Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if options == "inline" {
			for _, inner := range tagged(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				all = append(all, inner)
			}
			continue
		}
		all = append(all, field{key, []int{i}, options != "omitempty"})
	}
	return all
}

// structs are the fields of all structs of a file, which are plain but for times.
var structs = func() map[reflect.Type][]field {
	all := make(map[reflect.Type][]field)
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() || all[t] != nil {
			return
		}
		all[t] = tagged(t)
		for _, f := range all[t] {
			add(t.FieldByIndex(f.index).Type)
		}
	}
	add(reflect.TypeFor[Scenario]())
	add(reflect.TypeFor[file]())
	return all
}()

func keys(fields []field) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.key
	}
	return all
}

// join gives the path of a key.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
