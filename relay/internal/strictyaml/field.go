package strictyaml

import (
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Field is a field of a struct as a file has it.
type Field struct {
	Key      string
	Index    []int // for reflect.Value.FieldByIndex
	Required bool
}

var known sync.Map // reflect.Type to []Field

// Fields gives the fields of a struct that have a key, in the order of the
// struct.
func Fields(t reflect.Type) []Field {
	if all, ok := known.Load(t); ok {
		return all.([]Field)
	}
	var all []Field
	for i := range t.NumField() {
		f := t.Field(i)
		tag, ok := f.Tag.Lookup("yaml")
		if !ok {
			continue
		}
		key, options, _ := strings.Cut(tag, ",")
		if options == "inline" {
			for _, inner := range Fields(f.Type) {
				inner.Index = append([]int{i}, inner.Index...)
				all = append(all, inner)
			}
			continue
		}
		all = append(all, Field{key, []int{i}, options != "omitempty"})
	}
	known.Store(t, all)
	return all
}

// IsMapping says whether a type has keys in a file.
func IsMapping(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]()
}

func keys(fields []Field) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = f.Key
	}
	return all
}

// Join gives the path of a key.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Item gives the path of an item of a list.
func Item(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
