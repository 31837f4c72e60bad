package main

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// Go's pclntab says of each instruction which function it is part of, what the garbage
// collector finds on the stack there, which line of which file it is from, and which calls
// were inlined there. Only stack traces show the last two, a tenth of the download: as ?:0
// and as part of the caller if they are missing. Traces name the functions still. recover
// counts calls on the stack too, but the compiler inlines none that has a recover. The
// layout is that of runtime/symtab.go.

// tabHeader is how a pclntab begins: a magic number, the least size of an instruction, and
// the size of a pointer.
var tabHeader = []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}

// Where things are in a pclntab, and in the record of a function there.
const (
	tabFunctions = 8  // number of functions
	tabNames     = 32 // offset of the names of functions
	tabUnits     = 40 // offset of the files of compilation units, followed by their names
	tabValues    = 56 // offset of what is said about instructions
	tabRecords   = 64 // offset of pairs: instruction and record, which lies behind them

	recordStack  = 16 // offset behind tabValues
	recordFile   = 20 // the same, 0 for none
	recordLine   = 24 // the same
	recordCount  = 28 // number of the others
	recordUnit   = 32
	recordStart  = 36 // line of the function
	recordData   = 43 // number of offsets of data, which follow the others
	recordOthers = 44 // the others

	inlinedAt   = 2          // index of that one of the others which says where inlined calls are
	inlinedData = 3          // index of their data: a tree of calls
	inlinedSize = 16         // bytes of a call
	noData      = 0xffffffff // offset of none

	moduleData = 320 // where the runtime's moduledata has the address of all data
)

// withoutLines takes the lines, the files and the inlined calls out of the pclntab in the
// segments.
func withoutLines(segments []segment) (err error) {
	// An offset points out of the table.
	defer func() {
		if recover() != nil {
			err = errors.New("the module has a pclntab of another layout than runtime/symtab.go says")
		}
	}()
	for _, s := range segments {
		if at := bytes.Index(s.data, tabHeader); at >= 0 {
			tab := s.data[at:]
			clearLines(tab, dataOf(segments, tab, uint64(s.offset)+uint64(at)))
			break
		}
	}
	return nil
}

// dataOf returns the data of functions that the pclntab at an address speaks of.
func dataOf(segments []segment, tab []byte, address uint64) []byte {
	le := binary.LittleEndian
	module := le.AppendUint64(le.AppendUint64(nil, address), address+le.Uint64(tab[tabNames:]))
	// No segment begins with a zero, as the lowest byte of the address may be one.
	begin := bytes.TrimLeft(module, "\x00")
	zeros := len(module) - len(begin)
	for _, s := range segments {
		if at := bytes.Index(s.data, begin); at >= 0 {
			address := le.Uint64(s.data[at-zeros+moduleData:])
			for _, s := range segments {
				if behind := address - uint64(s.offset); behind < uint64(len(s.data)) {
					return s.data[behind:]
				}
			}
		}
	}
	panic("no moduledata")
}

func clearLines(tab, data []byte) {
	le := binary.LittleEndian
	units, values, records := le.Uint64(tab[tabUnits:]), le.Uint64(tab[tabValues:]), le.Uint64(tab[tabRecords:])
	kept := []byte{0} // what stays of the values
	moved := map[uint32]uint32{0: 0}
	move := func(at []byte) {
		of := le.Uint32(at)
		if _, ok := moved[of]; !ok { // functions share what they say alike
			moved[of] = uint32(len(kept))
			kept = append(kept, sequence(tab[values+uint64(of):records])...)
		}
		le.PutUint32(at, moved[of])
	}
	for i := range le.Uint64(tab[tabFunctions:]) {
		record := tab[records+uint64(le.Uint32(tab[records+8*i+4:])):]
		count := le.Uint32(record[recordCount:])
		if count > inlinedAt && record[recordData] > inlinedData {
			where, tree := record[recordOthers+4*inlinedAt:], record[recordOthers+4*count+4*inlinedData:]
			if of := le.Uint32(tree); of != noData {
				clear(data[of:][:inlinedSize*(1+most(tab[values+uint64(le.Uint32(where)):records]))])
			}
			le.PutUint32(where, 0)
			le.PutUint32(tree, noData)
		}
		move(record[recordStack:])
		for k := range count {
			move(record[recordOthers+4*k:])
		}
		for _, of := range []int{recordFile, recordLine, recordUnit, recordStart} {
			le.PutUint32(record[of:], 0)
		}
	}
	clear(tab[units:values])
	clear(tab[values+uint64(copy(tab[values:records], kept)) : records])
}

// most is the greatest value of the first sequence in b. Values begin at -1.
func most(b []byte) int {
	r := &reader{left: sequence(b)}
	value, greatest := -1, -1
	for len(r.left) > 0 {
		change := r.uint()
		value += int(change>>1) ^ -int(change&1)
		greatest = max(greatest, value)
		r.uint()
	}
	return greatest
}

// sequence is the first sequence in b: pairs of a change of a value and a number of
// instructions, ended by no change, which the first pair may have.
func sequence(b []byte) []byte {
	r := &reader{left: b}
	for first := true; r.uint() != 0 || first; first = false {
		r.uint()
	}
	if r.short {
		panic("no end")
	}
	return b[:len(b)-len(r.left)]
}

// apart splits segments where they have more than maxGap zeros.
func apart(segments []segment) []segment {
	zeros := make([]byte, maxGap+1)
	var all []segment
	for _, s := range segments {
		for at := bytes.Index(s.data, zeros); at >= 0; at = bytes.Index(s.data, zeros) {
			all = append(all, segment{s.offset, s.data[:at]})
			rest := bytes.TrimLeft(s.data[at:], "\x00")
			s = segment{s.offset + uint32(len(s.data)-len(rest)), rest}
		}
		all = append(all, s)
	}
	return all
}
