// Package tkvlog is the text form of a TKVList that Genesys servers print into
// their logs, in both directions:
//
//	<TAB>AttributeUserData<TAB>[95] 00 02 01 00..
//	<TAB><TAB>'GSW_CM_MessageType'<TAB>32
//	<TAB><TAB>'GSW_CM_AttrProperties'(list) 'do_not_call'(list) 'GSW_PHONE'<TAB>'5551234567'
//	<TAB><TAB><TAB><TAB>'GSW_CUSTOMER_ID'<TAB>'C-42'
//
// The header has the packed length and the first four packed bytes. The first
// pair of a nested list stands on the line of its key, the others one tab
// deeper than the pairs of the list that holds it; nothing but indentation ends
// a list. No log we have seen shows a binary or a unicode value: 'KEY'(binary)
// 00ff and 'KEY'(unicode) 'text' are our own choice.
//
// The form escapes nothing, so not everything can be told apart in it:
//
//   - a string ends at the first quote that ends a line, so it cannot hold a
//     quote right before a line end;
//   - a string may go over several lines, but none of them can begin as a pair
//     does (blanks, quoted key, value), since a log whose lines were cut looks
//     just like that;
//   - a key ends at the first quote that a value follows, on the same line;
//   - where blanks have replaced the tabs and the text was also moved to the
//     left, the first line below two lists that open on one line may belong to
//     either: it is read as one of the inner.
//
// ParseLog reads whole messages, and the form of the Platform SDK, too.
//
// Append refuses the first three, so that what it writes always reads back
// equal. Package tkvjson can write every list.
package tkvlog

import (
	"encoding/hex"
	"strconv"

	"commdn/protocol/tkvlist"
)

// limits are the widest that T-Server can be set to: a log may come from
// anywhere.
var limits = tkvlist.Limits{MaxBytes: tkvlist.MaxBytes}

// Append appends the log text of l under an attribute name such as
// AttributeUserData, each line ended by a newline. The name is one word; with
// an empty one the header is left out. On an error dst comes back as it was.
//
// The error is a *tkvlist.LimitError or *tkvlist.SyntaxError: of packing, with
// the offset in the packed list, or for a key or string that would not read
// back as it is, with the offset in the text.
func Append(dst []byte, attribute string, l tkvlist.List) ([]byte, error) {
	packed, err := limits.AppendPack(nil, l)
	if err != nil {
		return dst, err
	}
	w := writer{start: len(dst)}
	out := dst
	if attribute != "" {
		if !isName([]byte(attribute)) {
			return dst, &tkvlist.SyntaxError{What: "attribute name " + strconv.Quote(attribute) + " is not one word"}
		}
		out = appendHeader(out, attribute, packed)
	}
	if len(l) > 0 {
		out = w.list(append(out, "\t\t"...), l, 2)
	}
	if w.err != nil {
		return dst, w.err
	}
	return out, nil
}

func appendHeader(dst []byte, attribute string, packed []byte) []byte {
	dst = append(dst, '\t')
	dst = append(dst, attribute...)
	dst = append(dst, "\t["...)
	dst = strconv.AppendInt(dst, int64(len(packed)), 10)
	dst = append(dst, ']')
	for _, b := range packed[:min(4, len(packed))] {
		dst = append(dst, ' ')
		dst = hex.AppendEncode(dst, []byte{b})
	}
	return append(dst, "..\n"...)
}

// writer keeps the first error; after it the output is worthless.
type writer struct {
	start int // of this text in the output
	err   error
}

// list writes pairs, the first of them where the line stands, the others on
// lines of their own behind this many tabs.
func (w *writer) list(dst []byte, l tkvlist.List, tabs int) []byte {
	for i, p := range l {
		if i > 0 {
			for range tabs {
				dst = append(dst, '\t')
			}
		}
		dst = w.pair(dst, p, tabs)
	}
	return dst
}

func (w *writer) pair(dst []byte, p tkvlist.Pair, tabs int) []byte {
	at := len(dst)
	dst = append(dst, '\'')
	dst = append(dst, p.Key...)
	dst = append(dst, '\'')
	switch p.Value.Kind() {
	case tkvlist.KindInt:
		n, _ := p.Value.Int()
		dst = strconv.AppendInt(append(dst, '\t'), int64(n), 10)
	case tkvlist.KindBinary:
		b, _ := p.Value.Bytes()
		dst = hex.AppendEncode(append(dst, binaryMark+" "...), b)
	case tkvlist.KindList:
		dst = append(dst, listMark+" "...)
	case tkvlist.KindUnicode:
		dst = w.text(append(dst, unicodeMark+" "...), p)
	default:
		dst = w.text(append(dst, '\t'), p)
	}
	if key, ok := scanKey(dst[at:]); !ok || key.end != len(p.Key) {
		w.fail(at, "key "+strconv.Quote(p.Key)+" does not read back from a log")
	}
	if l, _ := p.Value.List(); len(l) > 0 {
		return w.list(dst, l, tabs+1)
	}
	return append(dst, '\n')
}

func (w *writer) text(dst []byte, p tkvlist.Pair) []byte {
	at := len(dst)
	s, _ := p.Value.Text()
	dst = append(dst, '\'')
	dst = append(dst, s...)
	dst = append(dst, '\'')
	if end, ok := scanString(dst[at:]); !ok || end != len(dst)-at {
		w.fail(at, "value of key "+strconv.Quote(p.Key)+" does not read back from a log")
	}
	return dst
}

func (w *writer) fail(at int, what string) {
	if w.err == nil {
		w.err = &tkvlist.SyntaxError{What: what, Offset: at - w.start}
	}
}
