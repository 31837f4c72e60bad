package tkvlist

import (
	"strconv"
	"unicode/utf8"
)

// minPair is the least a packed pair takes: a key of one byte, an empty value.
const minPair = pairHead + 1

// Unpack reads a packed list within the default Limits. src must hold the list
// and nothing else. The result owns its memory, all keys and values in one
// piece and all pairs in another: whoever keeps one pair keeps them all.
func Unpack(src []byte) (List, error) { return Limits{}.Unpack(src) }

// Unpack reads a packed list within these limits. It reads twice: first to
// check every length and count the pairs, then to fill a piece of memory of
// exactly that size. So wrong input costs no more than a copy of itself.
func (lim Limits) Unpack(src []byte) (List, error) {
	lim = lim.orDefault()
	if len(src) > lim.MaxBytes {
		return nil, lim.tooLong(len(src), lim.MaxBytes)
	}
	// The copy is what is checked, so that nobody changes it in between.
	c := checker{Limits: lim, src: string(src)}
	end := c.list(0, len(src), lim.MaxDepth)
	if c.err == nil && end != len(src) {
		c.fail(end, strconv.Itoa(len(src)-end)+" bytes after the list")
	}
	if c.err != nil {
		return nil, c.err
	}
	f := filler{src: c.src, free: make(List, c.pairs)}
	return f.list(), nil
}

// checker is sticky: its first error stays and ends all loops. Its methods take
// the position to read at and the end of the innermost list, and give the
// position behind what they read.
type checker struct {
	Limits
	src   string
	pairs int // in all lists
	err   error
}

func (c *checker) fail(pos int, what string) int {
	if c.err == nil {
		c.err = &SyntaxError{What: what, Offset: pos}
	}
	return pos
}

func (c *checker) list(pos, end, depth int) int {
	if depth == 0 {
		c.err = c.TooDeep(pos)
		return pos
	}
	if end-pos < 2 {
		return c.fail(pos, "truncated count of pairs")
	}
	n := u16(c.src[pos:])
	if n*minPair > end-pos-2 {
		return c.fail(pos, "count of "+strconv.Itoa(n)+" pairs with "+strconv.Itoa(end-pos-2)+" bytes left")
	}
	c.pairs += n
	pos += 2
	for ; n > 0 && c.err == nil; n-- {
		pos = c.pair(pos, end, depth)
	}
	return pos
}

func (c *checker) pair(pos, end, depth int) int {
	src := c.src[pos:end]
	if len(src) == 0 {
		return c.fail(pos, "truncated type of value")
	}
	kind := Kind(src[0])
	if kind > KindUnicode {
		return c.fail(pos, "unknown type of value "+strconv.Itoa(int(kind)))
	}
	if len(src) < 3 {
		return c.fail(pos+1, "truncated key length")
	}
	k := u16(src[1:])
	if k == 0 || k > MaxKey {
		return c.fail(pos+1, "key length "+strconv.Itoa(k)+" is not 1 to "+strconv.Itoa(MaxKey))
	}
	at := 3 + k
	if at > len(src) {
		return c.fail(pos+3, "key of "+strconv.Itoa(k)+" bytes with "+strconv.Itoa(len(src)-3)+" left")
	}
	if at+2 > len(src) {
		return c.fail(pos+at, "truncated value length")
	}
	n := u16(src[at:])
	if kind == KindInt && n != 4 {
		return c.fail(pos+at, "integer of "+strconv.Itoa(n)+" bytes instead of 4")
	}
	at += 2
	if n > len(src)-at {
		return c.fail(pos+at, kind.String()+" value of "+strconv.Itoa(n)+" bytes with "+strconv.Itoa(len(src)-at)+" left")
	}
	if kind == KindList {
		c.nested(pos+at, pos+at+n, depth)
	} else if kind == KindUnicode && !utf8.ValidString(src[at:at+n]) {
		c.fail(pos+at, "unicode value is not UTF-8")
	}
	return pos + at + n
}

// nested checks a list value: its own length field and the list.
func (c *checker) nested(pos, end, depth int) {
	if end-pos < 2 {
		c.fail(pos, "truncated list length")
		return
	}
	if inner := u16(c.src[pos:]); inner != end-pos-2 {
		c.fail(pos, "list length "+strconv.Itoa(inner)+" in a value of "+strconv.Itoa(end-pos)+" bytes")
		return
	}
	pos = c.list(pos+2, end, depth-1)
	if c.err == nil && pos != end {
		c.fail(pos, strconv.Itoa(end-pos)+" bytes after the nested list")
	}
}

// filler reads what checker has passed: every length is known to be right.
type filler struct {
	src  string
	free List // pairs not yet taken
}

// list reads the list at the start of src. An empty one is nil. The room behind
// its end belongs to other lists: appending to it has to move it.
func (f *filler) list() List {
	n := u16(f.src)
	f.src = f.src[2:]
	if n == 0 {
		return nil
	}
	l := f.free[:n:n]
	f.free = f.free[n:]
	for i := range l {
		p := &l[i]
		k := 3 + u16(f.src[1:])
		n := k + 2 + u16(f.src[k:])
		p.Key = f.src[3:k]
		p.Value.kind = Kind(f.src[0])
		switch v := f.src[k+2 : n]; p.Value.kind {
		case KindInt:
			p.Value.num = int32(uint32(v[0])<<24 | uint32(v[1])<<16 | uint32(v[2])<<8 | uint32(v[3]))
		case KindList:
			f.src = f.src[k+4:]
			p.Value.list = f.list()
			continue
		default:
			p.Value.str = v
		}
		f.src = f.src[n:]
	}
	return l
}

func u16(s string) int { return int(s[0])<<8 | int(s[1]) }
