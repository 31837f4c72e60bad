package tlink

import (
	"encoding/binary"
	"strconv"

	"commdn/protocol/tkvlist"
)

// decoder reads a frame. It is sticky: its first error stays, and everything after it is
// zero.
type decoder struct {
	src []byte
	pos int
	err error
}

func (d *decoder) failAt(at int, what string) {
	if d.err == nil {
		d.err = &SyntaxError{What: what, Offset: at}
	}
}

// take returns the next n bytes of src itself, nil if there are fewer.
func (d *decoder) take(n int, of string) []byte {
	if d.err != nil {
		return nil
	}
	if left := len(d.src) - d.pos; left < n {
		d.failAt(d.pos, of+" of "+strconv.Itoa(n)+" bytes with "+strconv.Itoa(left)+" left")
		return nil
	}
	b := d.src[d.pos : d.pos+n]
	d.pos += n
	return b
}

func (d *decoder) u8(of string) uint8 {
	if b := d.take(1, of); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) u16(of string) uint16 {
	if b := d.take(2, of); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (d *decoder) u32(of string) uint32 {
	if b := d.take(4, of); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// list reads a packed list of n bytes.
func (d *decoder) list(n int, part string, limit int) tkvlist.List {
	at := d.pos
	b := d.take(n, part)
	if d.err != nil {
		return nil
	}
	l, err := tkvlist.Limits{MaxBytes: limit}.Unpack(b)
	if err != nil {
		d.err = inList(part, at, err)
	}
	return l
}
