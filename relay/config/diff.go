package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"commdn/relay/internal/strictyaml"
)

// reloadable are the keys and sections that a running relay can change.
var reloadable = []string{
	"hosts", "origins", "parents", "auth.roles", "auth.rules", "auth.claims", "auth.grace", "tls", "directory.file", "directory.encoding", "log.level",
	"limits.sessions", "limits.sessions_per_address", "limits.requests_per_second", "limits.burst",
	"limits.address_requests_per_second", "limits.address_burst", "limits.sessions_per_person", "limits.person_requests_per_second", "limits.person_burst",
	"limits.requests_per_session", "limits.queue", "limits.undo",
}

// mayReload reports whether a running relay can switch to another value of a key.
func mayReload(path string, from, to *Config) bool {
	if strings.HasPrefix(path, "tls.") && from.TLS.On() != to.TLS.On() {
		return false
	}
	if strings.HasPrefix(path, "directory.") && (from.Directory.Bridge.On() || to.Directory.Bridge.On()) {
		return false
	}
	return slices.ContainsFunc(reloadable, func(r string) bool {
		return path == r || strings.HasPrefix(path, r) && strings.ContainsRune(".[", rune(path[len(r)]))
	})
}

// Diff returns the paths of the differences between two configurations: those that a
// running relay applies, and those that need a restart. Turning TLS on or off needs one;
// another certificate does not. So does a directory from a file in place of a bridge. Diff does not compare the content of files that both name
// (certificate, key, JWKS, directory).
func Diff(from, to *Config) (takenOver, needsRestart []string) {
	var paths []string
	differ(reflect.ValueOf(from).Elem(), reflect.ValueOf(to).Elem(), "", &paths)
	for _, p := range paths {
		if mayReload(p, from, to) {
			takenOver = append(takenOver, p)
		} else {
			needsRestart = append(needsRestart, p)
		}
	}
	return takenOver, needsRestart
}

// Merge returns the configuration of a running relay after a reload: from, with what it
// applies of to.
func Merge(from, to *Config) *Config {
	c := *from
	values := make(map[string]reflect.Value)
	walk(reflect.ValueOf(to).Elem(), "", func(path string, v reflect.Value) { values[path] = v })
	walk(reflect.ValueOf(&c).Elem(), "", func(path string, v reflect.Value) {
		if mayReload(path, from, to) {
			v.Set(values[path])
		}
	})
	return &c
}

// differ adds the paths of different values. It compares lists of mappings with the same
// length item by item, and other lists as a whole.
func differ(a, b reflect.Value, path string, paths *[]string) {
	switch {
	case strictyaml.IsMapping(a.Type()):
		for _, f := range strictyaml.Fields(a.Type()) {
			differ(a.FieldByIndex(f.Index), b.FieldByIndex(f.Index), strictyaml.Join(path, f.Key), paths)
		}
	case a.Kind() == reflect.Slice && a.Len() == b.Len():
		before := len(*paths)
		for i := range a.Len() {
			differ(a.Index(i), b.Index(i), path+"["+strconv.Itoa(i)+"]", paths)
		}
		if !strictyaml.IsMapping(a.Type().Elem()) && len(*paths) > before {
			*paths = append((*paths)[:before], path)
		}
	case !reflect.DeepEqual(a.Interface(), b.Interface()):
		*paths = append(*paths, path)
	}
}
