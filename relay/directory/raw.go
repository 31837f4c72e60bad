package directory

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
)

// The vendor's XML as JSON: <type value="23"/> is {"type": {"value": 23}} or {"type":
// 23}. A single element is an object, a repeated one a list of objects. Digits are
// numbers or texts, true is a boolean or a text, and an empty element is "".

// raw is any value of an export.
type raw struct{ v any }

// bare unwraps {"value": x}.
func (r raw) bare() any {
	v := r.v
	for {
		m, ok := v.(map[string]any)
		inner, has := m["value"]
		if !ok || !has || len(m) != 1 {
			return v
		}
		v = inner
	}
}

// get returns the value of a key, in any case; the zero raw if missing.
func (r raw) get(key string) raw {
	m, _ := r.bare().(map[string]any)
	if v, ok := m[key]; ok {
		return raw{v}
	}
	for k, v := range m {
		if strings.EqualFold(k, key) {
			return raw{v}
		}
	}
	return raw{}
}

// all returns the items of a list, or the only one.
func (r raw) all() []raw {
	switch v := r.bare().(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return nil
		}
	case []any:
		items := make([]raw, len(v))
		for i := range v {
			items[i] = raw{v[i]}
		}
		return items
	}
	return []raw{{r.bare()}}
}

// elements returns the items of a list that may be inside an element with one of the
// names.
func (r raw) elements(names ...string) []raw {
	m, _ := r.bare().(map[string]any)
	for _, name := range names {
		if _, there := m[name]; there {
			return r.get(name).all()
		}
	}
	return r.all()
}

// text returns a plain value as text; "" is none.
func (r raw) text() string {
	switch v := r.bare().(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case []any:
		if len(v) == 1 {
			return raw{v[0]}.text()
		}
	}
	return ""
}

// id returns a DBID.
func (r raw) id() (commdn.DBID, bool) {
	n, err := strconv.ParseInt(r.text(), 10, 64)
	if err != nil || n < 1 || n > math.MaxInt32 {
		return 0, false
	}
	return commdn.DBID(n), true
}

// section is a section of options.
type section struct {
	name    string
	options map[string]string
}

// sections returns the options of an object: elements list_pair with the attribute key,
// and in them elements str_pair or int_pair with key and value; or objects in objects.
func (r raw) sections() []section {
	var found []section
	m, _ := r.bare().(map[string]any)
	lists := r.elements("list_pair")
	if raw := r.get("list_pair"); m != nil && raw.v == nil && r.get("key").v == nil {
		for name, options := range m {
			found = append(found, section{name, pairs(options)})
		}
		return found
	}
	for _, l := range lists {
		if name := l.get("key").text(); name != "" {
			found = append(found, section{name, pairs(l.bare())})
		}
	}
	return found
}

// pairs returns the options of a section, their keys in lower case.
func pairs(v any) map[string]string {
	found := make(map[string]string)
	m, ok := v.(map[string]any)
	if !ok {
		add(found, raw{v}) // a list of pairs
		return found
	}
	for name, inner := range m {
		switch {
		case strings.HasSuffix(name, "_pair"), name == "value":
			add(found, raw{inner})
		case name != "key":
			found[strings.ToLower(name)] = raw{inner}.text()
		}
	}
	return found
}

func add(to map[string]string, list raw) {
	for _, pair := range list.all() {
		if key := pair.get("key").text(); key != "" {
			to[strings.ToLower(key)] = pair.get("value").text()
		}
	}
}
