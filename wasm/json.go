//go:build js && wasm

package wasm

import "strconv"

// object writes a JSON object, member by member. The program hands data to the host page
// as JSON: that costs one call into JavaScript instead of one for each member, and a
// fraction of the code of map literals.
type object struct{ b []byte }

// json closes the object and returns it. Do not write to the object after that.
func (o *object) json() []byte {
	if len(o.b) == 0 {
		return []byte("{}")
	}
	return append(o.b, '}')
}

// raw adds a member that is already JSON.
func (o *object) raw(name string, json []byte) {
	sep := byte(',')
	if len(o.b) == 0 {
		sep = '{'
	}
	o.b = append(o.b, sep, '"')
	o.b = append(o.b, name...) // our own names need no escapes
	o.b = append(o.b, '"', ':')
	o.b = append(o.b, json...)
}

func (o *object) text(name, s string)      { o.raw(name, quoted(nil, s)) }
func (o *object) int(name string, n int)   { o.raw(name, strconv.AppendInt(nil, int64(n), 10)) }
func (o *object) bool(name string, b bool) { o.raw(name, strconv.AppendBool(nil, b)) }

// array returns n values as a JSON array.
func array(n int, value func(i int) []byte) []byte {
	b := []byte{'['}
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, value(i)...)
	}
	return append(b, ']')
}

// quoted appends a string as JSON. Invalid UTF-8 becomes U+FFFD on the way into
// JavaScript.
func quoted(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// value returns the JSON of a value in a component's detail: strings, numbers, booleans,
// and maps and slices of those. Anything else is null.
func value(v any) []byte {
	switch v := v.(type) {
	case string:
		return quoted(nil, v)
	case int:
		return strconv.AppendInt(nil, int64(v), 10)
	case int32:
		return strconv.AppendInt(nil, int64(v), 10)
	case int64:
		return strconv.AppendInt(nil, v, 10)
	case float64:
		return strconv.AppendFloat(nil, v, 'g', -1, 64)
	case bool:
		return strconv.AppendBool(nil, v)
	case []any:
		return array(len(v), func(i int) []byte { return value(v[i]) })
	case []string:
		return array(len(v), func(i int) []byte { return quoted(nil, v[i]) })
	case map[string]any:
		o := object{}
		for k, m := range v {
			o.raw(k, value(m))
		}
		return o.json()
	}
	return []byte("null")
}
