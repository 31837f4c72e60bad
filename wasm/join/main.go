// Command join rewrites a wasm binary with few data segments. Go's linker leaves out
// every run of zeros, so it writes tens of thousands of segments, whose headers compress
// badly. Joined with the zeros between them, they make the plugin's download 9% smaller.
// A table of the runtime that is a quarter of the bytes then, and that a loop can count
// out, is made at the start (table.go). The memory after instantiation is the same, but for
// the lines, files and inlined calls of stack traces, which join leaves out (lines.go).
package main

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
)

// maxGap is the longest run of zeros that join fills in.
const maxGap = 4096

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: join IN.wasm OUT.wasm")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "join:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	module, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	if module, err = join(module); err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return os.WriteFile(out, module, 0o644)
}

const (
	header = "\x00asm\x01\x00\x00\x00"

	sectionType     = 1
	sectionImport   = 2
	sectionFunction = 3
	sectionStart    = 8
	sectionElement  = 9
	sectionCode     = 10
	sectionData     = 11

	active   = 0x00 // segment in memory 0, at a constant offset
	i32Const = 0x41
	end      = 0x0b
)

// segment is bytes and their place in memory.
type segment struct {
	offset uint32
	data   []byte
}

// section is one section of a module.
type section struct {
	id   byte
	body []byte
}

// join returns the module with the data section rewritten, and with a start function if
// that makes up for a table that is left out.
func join(module []byte) ([]byte, error) {
	r := &reader{left: module}
	if string(r.bytes(uint64(len(header)))) != header {
		return nil, errors.New("not a wasm module of version 1")
	}
	var sections []section
	for len(r.left) > 0 && !r.short {
		id := r.byte()
		sections = append(sections, section{id, r.bytes(r.uint())})
	}
	if r.short {
		return nil, errors.New("the module is cut off")
	}
	var t *table
	for i, s := range sections {
		if s.id != sectionData {
			continue
		}
		segments, err := read(s.body)
		if err != nil {
			return nil, err
		}
		if segments, err = joined(segments); err != nil {
			return nil, err
		}
		if err := withoutLines(segments); err != nil {
			return nil, err
		}
		segments, t = cut(apart(segments))
		sections[i].body = write(segments)
	}
	if t != nil {
		var err error
		if sections, err = withStart(sections, t); err != nil {
			return nil, err
		}
	}
	out := slices.Grow([]byte(header), len(module)+len(module)/4)
	for _, s := range sections {
		out = append(out, s.id)
		out = binary.AppendUvarint(out, uint64(len(s.body)))
		out = append(out, s.body...)
	}
	return out, nil
}

func read(body []byte) ([]segment, error) {
	r := &reader{left: body}
	var segments []segment
	for n := r.uint(); n > 0 && !r.short; n-- {
		kind, op, offset, last := r.byte(), r.byte(), uint32(r.int()), r.byte()
		data := r.bytes(r.uint())
		switch {
		case r.short: // reported below
		case kind != active || op != i32Const:
			return nil, errors.New("a data segment is not of the kind that Go's linker writes")
		case last != end:
			return nil, errors.New("the offset of a data segment is no constant")
		}
		segments = append(segments, segment{offset, data})
	}
	if r.short || len(r.left) > 0 {
		return nil, errors.New("the data section is not as long as it says")
	}
	return segments, nil
}

func joined(segments []segment) ([]segment, error) {
	slices.SortStableFunc(segments, func(a, b segment) int { return cmp.Compare(a.offset, b.offset) })
	var all []segment
	for _, s := range segments {
		if len(all) == 0 {
			all = append(all, segment{s.offset, slices.Clone(s.data)})
			continue
		}
		last := &all[len(all)-1]
		gap := int64(s.offset) - int64(last.offset) - int64(len(last.data))
		switch {
		case gap < 0:
			return nil, fmt.Errorf("data segments overlap at %#x", s.offset)
		case gap > maxGap:
			all = append(all, segment{s.offset, slices.Clone(s.data)})
		default:
			last.data = append(last.data, make([]byte, gap)...)
			last.data = append(last.data, s.data...)
		}
	}
	return all, nil
}

func write(segments []segment) []byte {
	body := binary.AppendUvarint(nil, uint64(len(segments)))
	for _, s := range segments {
		body = append(body, active, i32Const)
		body = appendInt(body, int32(s.offset))
		body = append(body, end)
		body = binary.AppendUvarint(body, uint64(len(s.data)))
		body = append(body, s.data...)
	}
	return body
}

// appendInt appends a signed LEB128.
func appendInt(b []byte, v int32) []byte {
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

// reader reads until it runs short, and remembers that.
type reader struct {
	left  []byte
	short bool
}

func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.left)) {
		r.short, r.left = true, nil
		return nil
	}
	b := r.left[:n]
	r.left = r.left[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.left)
	if n <= 0 {
		r.short, r.left = true, nil
		return 0
	}
	r.left = r.left[n:]
	return v
}

// int reads a signed LEB128 of 32 bits.
func (r *reader) int() int32 {
	var v int64
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		v |= int64(b&0x7f) << shift
		if b&0x80 == 0 {
			if b&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			return int32(v)
		}
	}
	r.short = true
	return 0
}
