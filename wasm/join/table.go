package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
)

// table is the part of the Go runtime's findfunctab that counts: rows of rowSize bytes
// that begin with the number of a function, then zeros. It has a row for each 4096 bytes
// of code as the linker counts them, and on wasm each function takes the same 65536 of
// those, so sameRows rows have one number. The rows of the first function are all zeros.
type table struct {
	at   uint32 // address of the first row of function 1
	rows int
}

const (
	rowSize  = 20
	sameRows = 16
	leastOf  = 256 // rows; less is not worth a function
)

// row is the row with this index in a table.
func row(i int) []byte {
	return binary.LittleEndian.AppendUint32(nil, uint32(i/sameRows+1))
}

// cut takes the table out of the segments. Without one it returns nil.
func cut(segments []segment) ([]segment, *table) {
	var first []byte
	for i := range sameRows + 1 {
		first = append(append(first, row(i)...), make([]byte, rowSize-4)...)
	}
	for i, s := range segments {
		at := bytes.Index(s.data, first)
		if at < 0 {
			continue
		}
		var none [rowSize - 4]byte
		rows := 0
		for rest := s.data[at:]; len(rest) >= rowSize && bytes.HasPrefix(rest, row(rows)) && bytes.Equal(rest[4:rowSize], none[:]); rest = rest[rowSize:] {
			rows++
		}
		if rows < leastOf {
			continue
		}
		end := at + rows*rowSize
		t := &table{s.offset + uint32(at), rows}
		return slices.Replace(segments, i, i+1, segment{s.offset, s.data[:at]}, segment{s.offset + uint32(end), s.data[end:]}), t
	}
	return segments, nil
}

// withStart gives a module a start function that makes the table.
func withStart(sections []section, t *table) ([]section, error) {
	find := func(id byte) (*section, int) {
		i := slices.IndexFunc(sections, func(s section) bool { return s.id == id })
		if i < 0 {
			return nil, i
		}
		return &sections[i], i
	}
	types, _ := find(sectionType)
	functions, _ := find(sectionFunction)
	code, _ := find(sectionCode)
	if types == nil || functions == nil || code == nil {
		return nil, errors.New("the module has data for Go's runtime, but no functions")
	}
	if _, i := find(sectionStart); i >= 0 {
		return nil, errors.New("the module has a start function already, which Go's linker does not write")
	}
	number := uint64(0)
	if imports, _ := find(sectionImport); imports != nil {
		n, err := importedFunctions(imports.body)
		if err != nil {
			return nil, err
		}
		number = n
	}
	kind := count(types.body)
	types.body = appended(types.body, []byte{0x60, 0, 0}) // no parameters, no results
	number += count(functions.body)
	functions.body = appended(functions.body, binary.AppendUvarint(nil, kind))
	body := t.function()
	code.body = appended(code.body, append(binary.AppendUvarint(nil, uint64(len(body))), body...))
	// The order of sections is that of their ids, but for those that may stand anywhere.
	_, i := find(sectionElement)
	if i < 0 {
		_, i = find(sectionCode)
	}
	return slices.Insert(sections, i, section{sectionStart, binary.AppendUvarint(nil, number)}), nil
}

// function is the code that makes the table.
func (t *table) function() []byte {
	const (
		loop, brIf, blockEmpty      = 0x03, 0x0d, 0x40
		localGet, localTee, local32 = 0x20, 0x22, 0x7f
		store, lessThan             = 0x36, 0x49
		add, multiply, shiftRight   = 0x6a, 0x6c, 0x76
	)
	b := []byte{1, 1, local32} // i = 0
	b = append(b, loop, blockEmpty)
	// memory[at + i*rowSize] = i/sameRows + 1
	b = append(b, localGet, 0, i32Const, rowSize, multiply)
	b = append(b, localGet, 0, i32Const, 4, shiftRight, i32Const, 1, add)
	b = append(b, store, 0)
	b = binary.AppendUvarint(b, uint64(t.at))
	// i++; again if i < rows
	b = append(b, localGet, 0, i32Const, 1, add, localTee, 0, i32Const)
	b = appendInt(b, int32(t.rows))
	return append(b, lessThan, brIf, 0, end, end)
}

// count is the number of items in a section.
func count(body []byte) uint64 { return (&reader{left: body}).uint() }

// appended is a section with one more item.
func appended(body, item []byte) []byte {
	r := &reader{left: body}
	n := r.uint()
	return slices.Concat(binary.AppendUvarint(nil, n+1), r.left, item)
}

// importedFunctions counts them in an import section. Go's linker imports nothing else.
func importedFunctions(body []byte) (uint64, error) {
	r := &reader{left: body}
	n := r.uint()
	for range n {
		r.bytes(r.uint()) // module
		r.bytes(r.uint()) // name
		if kind := r.byte(); kind != 0 || r.short {
			return 0, errors.New("an import is not a function, as those of Go's linker are")
		}
		r.uint() // type
	}
	return n, nil
}
