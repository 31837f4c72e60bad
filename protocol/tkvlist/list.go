// Package tkvlist is the TKVList of Genesys T-Library: an ordered list of
// key-value pairs in which a key may repeat and a value may be a list again.
//
// The packed form (pack.go, unpack.go) is what servers log the length and the
// first bytes of; which part of it is known from their logs and which part is
// our own choice stands in the README of package protocol. Text forms live in
// the sub-packages tkvlog (as servers print a list) and tkvjson, so that a
// browser does not link them.
package tkvlist

import (
	"slices"
	"strconv"
)

// Kind says what a Value holds. Its number is the type byte of the packed form.
type Kind uint8

// The five kinds of value.
const (
	KindString  Kind = 0 // bytes in the encoding of the site; not necessarily UTF-8
	KindInt     Kind = 1 // 32-bit signed integer
	KindBinary  Kind = 2 // bytes without an encoding
	KindList    Kind = 3 // a nested List
	KindUnicode Kind = 4 // UTF-8 text; T-Server and clients of release 7.0 or later
)

// String gives the kind's name, or its number when there is no such kind.
func (k Kind) String() string {
	switch k {
	case KindString:
		return "string"
	case KindInt:
		return "integer"
	case KindBinary:
		return "binary"
	case KindList:
		return "list"
	case KindUnicode:
		return "unicode"
	}
	return "kind " + strconv.Itoa(int(k))
}

// Value is one value of any kind. It cannot be changed once made; the zero
// Value is the empty string. A nested list is shared, not copied.
type Value struct {
	kind Kind
	num  int32
	str  string
	list List
}

// String makes a value of KindString.
func String(s string) Value { return Value{kind: KindString, str: s} }

// Int makes a value of KindInt.
func Int(n int32) Value { return Value{kind: KindInt, num: n} }

// Binary makes a value of KindBinary from a copy of b.
func Binary(b []byte) Value { return Value{kind: KindBinary, str: string(b)} }

// Nested makes a value of KindList that holds l itself, not a copy. A list must
// not come to hold itself: only packing would notice.
func Nested(l List) Value { return Value{kind: KindList, list: l} }

// Unicode makes a value of KindUnicode. Text that is not UTF-8 is refused when
// it is packed.
func Unicode(s string) Value { return Value{kind: KindUnicode, str: s} }

// Kind says which kind of value v is.
func (v Value) Kind() Kind { return v.kind }

// Text gives the text of a string or unicode value; ok is false for any other.
func (v Value) Text() (s string, ok bool) {
	if v.kind == KindString || v.kind == KindUnicode {
		return v.str, true
	}
	return "", false
}

// Int gives an integer value; ok is false for any other.
func (v Value) Int() (n int32, ok bool) { return v.num, v.kind == KindInt }

// Bytes gives a copy of a binary value; ok is false for any other.
func (v Value) Bytes() (b []byte, ok bool) {
	if v.kind == KindBinary {
		return []byte(v.str), true
	}
	return nil, false
}

// List gives a nested list, not a copy of it; ok is false for any other value.
func (v Value) List() (l List, ok bool) { return v.list, v.kind == KindList }

// Equal reports whether v and w have the same kind and content.
func (v Value) Equal(w Value) bool {
	return v.kind == w.kind && v.num == w.num && v.str == w.str && Equal(v.list, w.list)
}

// Pair is one entry of a List.
type Pair struct {
	Key   string // 1 to 255 bytes
	Value Value
}

// List is a TKVList. The order of pairs counts and a key may repeat. A nil
// List is an empty one.
type List []Pair

// Equal reports whether a and b hold equal pairs in the same order.
func Equal(a, b List) bool {
	return slices.EqualFunc(a, b, func(p, q Pair) bool {
		return p.Key == q.Key && p.Value.Equal(q.Value)
	})
}

// Get gives the value of the first pair with this key.
func (l List) Get(key string) (v Value, ok bool) {
	for i := range l {
		if l[i].Key == key {
			return l[i].Value, true
		}
	}
	return Value{}, false
}

// Text gives the text of the first pair with this key; ok is false when there
// is none or it is neither string nor unicode.
func (l List) Text(key string) (s string, ok bool) {
	if v, found := l.Get(key); found {
		return v.Text()
	}
	return "", false
}

// Int gives the integer of the first pair with this key; ok is false when
// there is none or it is of another kind.
func (l List) Int(key string) (n int32, ok bool) {
	if v, found := l.Get(key); found {
		return v.Int()
	}
	return 0, false
}

// Bytes gives a copy of the binary value of the first pair with this key; ok
// is false when there is none or it is of another kind.
func (l List) Bytes(key string) (b []byte, ok bool) {
	if v, found := l.Get(key); found {
		return v.Bytes()
	}
	return nil, false
}

// List gives the nested list of the first pair with this key; ok is false when
// there is none or it is of another kind.
func (l List) List(key string) (sub List, ok bool) {
	if v, found := l.Get(key); found {
		return v.List()
	}
	return nil, false
}

// Set replaces the value of the first pair with this key, or appends a pair.
// Further pairs with the same key stay.
func (l *List) Set(key string, v Value) {
	for i := range *l {
		if (*l)[i].Key == key {
			(*l)[i].Value = v
			return
		}
	}
	l.Add(key, v)
}

// Add appends a pair, whether or not the key is there already.
func (l *List) Add(key string, v Value) { *l = append(*l, Pair{Key: key, Value: v}) }

// Delete removes every pair with this key.
func (l *List) Delete(key string) {
	*l = slices.DeleteFunc(*l, func(p Pair) bool { return p.Key == key })
}
