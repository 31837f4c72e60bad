// Package tkvjson is the JSON form of a TKVList, in both directions. A list is
// an array of [key, value] pairs, since the order counts and a key may repeat:
//
//	[["GSW_CM_MessageType",32],["GSW_CM_AttrProperties",[["do_not_call",[["GSW_PHONE","5551234567"]]]]]]
//
// The value says its kind:
//
//	"text"            string
//	32                integer, 32-bit signed
//	[…]               list
//	{"binary":"00ff"} binary, as hex digits
//	{"unicode":"…"}   unicode
//	{"string":"80"}   string that is not UTF-8, as hex digits; a key too
//	{"masked":"***"}  what a log hides; written only, by AppendMasked
//
// So no list that can be packed loses anything.
package tkvjson

import (
	"encoding/hex"
	"strconv"
	"unicode/utf8"

	"commdn/protocol/tkvlist"
)

// Append appends the JSON form of l to dst, on one line and without blanks.
// Control characters are escaped; characters that only HTML minds are not. The
// text of a unicode value that is not UTF-8, which cannot be packed either, is
// written with U+FFFD for each wrong byte. Keys and depth are not checked: what
// packing refuses, Parse refuses.
func Append(dst []byte, l tkvlist.List) []byte { return AppendMasked(dst, l, nil) }

// AppendMasked does the same, with {"masked":"…"} for the values of the pairs
// with these numbers, which count from 0 in the order of the form, those of
// nested lists too. Parse refuses such a value: nobody knows what it was.
func AppendMasked(dst []byte, l tkvlist.List, masked []int) []byte {
	w := writer{masked: masked}
	return w.list(dst, l)
}

type writer struct {
	masked []int // those that come
	pairs  int   // that have been written
}

func (w *writer) list(dst []byte, l tkvlist.List) []byte {
	dst = append(dst, '[')
	for i, p := range l {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '[')
		dst = appendString(dst, p.Key)
		dst = append(dst, ',')
		if text, ok := p.Value.Text(); ok && len(w.masked) > 0 && w.masked[0] == w.pairs {
			w.masked = w.masked[1:]
			dst = append(dst, `{"masked":`...)
			dst = append(appendQuoted(dst, text), '}')
			w.pairs++
		} else {
			w.pairs++
			dst = w.value(dst, p.Value)
		}
		dst = append(dst, ']')
	}
	return append(dst, ']')
}

func (w *writer) value(dst []byte, v tkvlist.Value) []byte {
	switch v.Kind() {
	case tkvlist.KindInt:
		n, _ := v.Int()
		return strconv.AppendInt(dst, int64(n), 10)
	case tkvlist.KindBinary:
		b, _ := v.Bytes()
		dst = append(dst, `{"binary":"`...)
		dst = hex.AppendEncode(dst, b)
		return append(dst, `"}`...)
	case tkvlist.KindList:
		l, _ := v.List()
		return w.list(dst, l)
	case tkvlist.KindUnicode:
		s, _ := v.Text()
		dst = append(dst, `{"unicode":`...)
		dst = appendQuoted(dst, s)
		return append(dst, '}')
	}
	s, _ := v.Text()
	return appendString(dst, s)
}

func appendString(dst []byte, s string) []byte {
	if utf8.ValidString(s) {
		return appendQuoted(dst, s)
	}
	dst = append(dst, `{"string":"`...)
	dst = hex.AppendEncode(dst, []byte(s))
	return append(dst, `"}`...)
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r < ' ' || r == 0x7f:
			dst = append(dst, `\u00`...)
			dst = hex.AppendEncode(dst, []byte{byte(r)})
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
