package main

import (
	"bytes"
	"strings"
	"testing"
)

// module is a wasm module with a custom section, a data section and a further one.
func module(data string) []byte {
	return []byte(header + "\x00\x03\x02hi" + "\x0b" + string(rune(len(data))) + data + "\x00\x02\x01x")
}

func TestJoin(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"none", "\x00", "\x00"},
		{"one",
			"\x01" + "\x00\x41\x10\x0b\x02ab",
			"\x01" + "\x00\x41\x10\x0b\x02ab"},
		{"side by side and with a gap, out of order",
			"\x03" + "\x00\x41\x15\x0b\x01e" + "\x00\x41\x10\x0b\x02ab" + "\x00\x41\x12\x0b\x01c",
			"\x01" + "\x00\x41\x10\x0b\x06abc\x00\x00e"},
		{"too far apart", // 0x90 is 16; 0x90 0xc0 0x00 is 8208
			"\x02" + "\x00\x41\x10\x0b\x01a" + "\x00\x41\x90\xc0\x00\x0b\x01b",
			"\x02" + "\x00\x41\x10\x0b\x01a" + "\x00\x41\x90\xc0\x00\x0b\x01b"},
		{"the upper half of memory, a negative constant", // -16
			"\x02" + "\x00\x41\x70\x0b\x01a" + "\x00\x41\x71\x0b\x01b",
			"\x01" + "\x00\x41\x70\x0b\x02ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := join(module(tt.data))
			if err != nil || !bytes.Equal(got, module(tt.want)) {
				t.Errorf("%v\ngot  %q\nwant %q", err, got, module(tt.want))
			}
		})
	}
}

func TestRefused(t *testing.T) {
	whole := module("\x01" + "\x00\x41\x10\x0b\x02ab")
	tests := []struct {
		name, want string
		module     []byte
	}{
		{"no wasm", "version 1", []byte("#!/bin/sh")},
		{"cut off", "cut off", whole[:len(whole)-1]},
		{"passive segment", "kind", module("\x01" + "\x01\x41\x10\x0b\x02ab")},
		{"no constant", "constant", module("\x01" + "\x00\x41\x10\x6a\x02ab")},
		{"overlap", "overlap at 0x11", module("\x02" + "\x00\x41\x10\x0b\x02ab" + "\x00\x41\x11\x0b\x01b")},
		{"short section", "as long as it says", module("\x02" + "\x00\x41\x10\x0b\x02ab")},
		{"more behind", "as long as it says", module("\x01" + "\x00\x41\x10\x0b\x02abcd")},
		{"endless number", "as long as it says", module("\x01" + "\x00\x41\xff\xff\xff\xff\xff\xff\x0b\x00")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := join(tt.module); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestNoStart: what the table's start function cannot be added to.
func TestNoStart(t *testing.T) {
	code := []section{{sectionType, []byte{0}}, {sectionFunction, []byte{0}}, {sectionCode, []byte{0}}}
	for _, tt := range []struct {
		name, want string
		sections   []section
	}{
		{"no functions", "no functions", code[:1]},
		{"a start function", "already", append([]section{{sectionStart, []byte{0}}}, code...)},
		{"another import", "not a function", append([]section{{sectionImport, []byte("\x01\x01m\x01f\x02\x00\x01")}}, code...)},
		{"half an import", "not a function", append([]section{{sectionImport, []byte("\x01\x01m")}}, code...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := withStart(tt.sections, &table{at: 16, rows: leastOf}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}
