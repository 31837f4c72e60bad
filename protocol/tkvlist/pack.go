package tkvlist

import (
	"strconv"
	"unicode/utf8"
)

// pairHead is what a packed pair takes beside its key and its value: the type
// and two lengths.
const pairHead = 1 + 2 + 2

// AppendPack appends the packed form of l to dst within the default Limits.
// It allocates only when dst has too little room. On an error dst comes back
// as it was, though the room behind its end may have been written to; the
// offset is that of the wrong pair, from the start of the packed list.
func AppendPack(dst []byte, l List) ([]byte, error) { return Limits{}.AppendPack(dst, l) }

// AppendPack appends the packed form of l to dst within these limits.
func (lim Limits) AppendPack(dst []byte, l List) ([]byte, error) {
	p := packer{Limits: lim.orDefault(), start: len(dst)}
	out, err := p.list(dst, l, p.MaxDepth)
	if err != nil {
		return dst, err
	}
	return out, nil
}

type packer struct {
	Limits
	start int // of the packed list in the output
}

// list needs no check of the count: 65,535 pairs are over MaxBytes long before.
func (p *packer) list(dst []byte, l List, depth int) ([]byte, error) {
	if len(dst)-p.start+2 > p.MaxBytes {
		return nil, p.TooLong(len(dst) - p.start)
	}
	dst = append(dst, byte(len(l)>>8), byte(len(l)))
	for i := range l {
		key, v := l[i].Key, &l[i].Value
		// What fits the limit fits the two bytes of each length.
		room := p.MaxBytes - (len(dst) - p.start) - pairHead - len(key) - len(v.str)
		if uint(len(key)-1) >= MaxKey || room < 4 || v.kind >= KindList {
			if err := p.check(key, v, len(dst)-p.start, room, depth); err != nil {
				return nil, err
			}
		}
		dst = append(dst, byte(v.kind), 0, byte(len(key)))
		dst = append(dst, key...)
		switch v.kind {
		case KindInt:
			n := uint32(v.num)
			dst = append(dst, 0, 4, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
		case KindList:
			at := len(dst)
			var err error
			if dst, err = p.list(append(dst, 0, 0, 0, 0), v.list, depth-1); err != nil {
				return nil, err
			}
			n := len(dst) - at - 4
			dst[at], dst[at+1] = byte((n+2)>>8), byte(n+2)
			dst[at+2], dst[at+3] = byte(n>>8), byte(n)
		default:
			dst = append(dst, byte(len(v.str)>>8), byte(len(v.str)))
			dst = append(dst, v.str...)
		}
	}
	return dst, nil
}

// check says what keeps a pair from being packed at this offset; room is what
// key and string leave of the limit.
func (p *packer) check(key string, v *Value, at, room, depth int) error {
	if v.kind == KindInt || v.kind == KindList {
		room -= 4 // the integer; the length and the count of a list
	}
	switch {
	case len(key) == 0:
		return &SyntaxError{What: "empty key", Offset: at}
	case len(key) > MaxKey:
		return &SyntaxError{What: "key of " + strconv.Itoa(len(key)) + " bytes, over " + strconv.Itoa(MaxKey), Offset: at}
	case v.kind == KindList && depth == 1:
		return p.TooDeep(at)
	case room < 0:
		return p.TooLong(at)
	case v.kind == KindUnicode && !utf8.ValidString(v.str):
		return &SyntaxError{What: "unicode value of key " + strconv.Quote(key) + " is not UTF-8", Offset: at}
	}
	return nil
}
