//go:build !js

package main

import (
	"bytes"
	"debug/gosym"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// linked builds a real program and returns its segments, joined.
func linked(t *testing.T) []segment {
	t.Helper()
	file := filepath.Join(t.TempDir(), "small.wasm")
	build := exec.Command("go", "build", "-o", file, "./testdata/small")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	module, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{left: module[len(header):]}
	for len(r.left) > 0 {
		id := r.byte()
		body := r.bytes(r.uint())
		if id != sectionData {
			continue
		}
		segments, err := read(body)
		if err != nil {
			t.Fatal(err)
		}
		if segments, err = joined(segments); err != nil {
			t.Fatal(err)
		}
		return segments
	}
	t.Fatal("the program has no data")
	return nil
}

func pclntab(t *testing.T, segments []segment) []byte {
	t.Helper()
	for _, s := range segments {
		if at := bytes.Index(s.data, tabHeader); at >= 0 {
			return s.data[at:]
		}
	}
	t.Fatal("there is no pclntab")
	return nil
}

// said is what a pclntab says about the stack in each function, as the runtime reads it,
// but for inlined calls.
func said(tab []byte) []string {
	word := func(b []byte, at uint32) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	values, records := tab[word(tab, 56):], tab[word(tab, 64):]
	var all []string
	for i := range word(tab, 8) {
		f := records[word(records, 8*i+4):]
		offsets := []uint32{word(f, 16)}
		for k := range word(f, 28) {
			if k != 2 {
				offsets = append(offsets, word(f, 44+4*k))
			}
		}
		for _, of := range offsets {
			text := "none"
			if of != 0 {
				text = string(sequence(values[of:]))
			}
			all = append(all, text)
		}
	}
	return all
}

// calls returns the offsets of the trees of inlined calls that a pclntab speaks of, and of
// all other data of functions.
func calls(tab []byte) (inlined, other []uint32) {
	word := func(b []byte, at uint32) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	records := tab[word(tab, 64):]
	for i := range word(tab, 8) {
		f := records[word(records, 8*i+4):]
		for k := range uint32(f[43]) {
			switch of := word(f, 44+4*word(f, 28)+4*k); {
			case of == 0xffffffff:
			case k == 3:
				inlined = append(inlined, of)
			default:
				other = append(other, of)
			}
		}
	}
	return inlined, other
}

func size(segments []segment) int {
	n := 0
	for _, s := range segments {
		n += len(s.data)
	}
	return n
}

// TestLines: of a real program's functions everything stays but their lines and the calls
// that were inlined.
func TestLines(t *testing.T) {
	segments := linked(t)
	before, whole := bytes.Clone(pclntab(t, segments)), size(apart(segments))
	data := functionData(t, segments)
	dataBefore := bytes.Clone(data)
	if err := withoutLines(segments); err != nil {
		t.Fatal(err)
	}
	after := pclntab(t, segments)
	table := func(tab []byte) *gosym.Table {
		made, err := gosym.NewTable(nil, gosym.NewLineTable(tab, 0))
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	was, is := table(before), table(after)
	if len(is.Funcs) < 500 || len(is.Funcs) != len(was.Funcs) {
		t.Fatalf("%d functions, before %d", len(is.Funcs), len(was.Funcs))
	}
	known := 0
	for i, f := range is.Funcs {
		if old := was.Funcs[i]; f.Name != old.Name || f.Entry != old.Entry || f.End != old.End {
			t.Fatalf("function %d is %+v, before %+v", i, f, old)
		}
		if _, line, _ := was.PCToLine(f.Entry); line > 0 {
			known++
		}
		if file, line, _ := is.PCToLine(f.Entry); file != "" || line > 0 {
			t.Fatalf("%s is in %s, line %d", f.Name, file, line)
		}
	}
	if known < 500 {
		t.Errorf("only %d functions had lines", known)
	}
	if !slices.Equal(said(after), said(before)) {
		t.Error("the runtime reads something else about the stack")
	}
	inlined, other := calls(before)
	if len(inlined) < 100 {
		t.Errorf("only %d functions had inlined calls", len(inlined))
	}
	if still, same := calls(after); len(still) > 0 || !slices.Equal(same, other) {
		t.Errorf("%d functions have inlined calls; other data is the same: %v", len(still), slices.Equal(same, other))
	}
	for _, of := range inlined {
		if !bytes.Equal(data[of:][:16], make([]byte, 16)) {
			t.Fatalf("the inlined calls at %d are % x", of, data[of:][:16])
		}
	}
	for _, of := range other { // the number of stack maps, and the bits in each
		if is, was := data[of:][:8], dataBefore[of:][:8]; !bytes.Equal(is, was) {
			t.Fatalf("the data at %d are % x, before % x", of, is, was)
		}
	}
	if now := size(apart(segments)); now > whole-len(before)/20 {
		t.Errorf("%d bytes of data, before %d", now, whole)
	}
}

// functionData are the data of functions, found by the address of the pclntab.
func functionData(t *testing.T, segments []segment) []byte {
	t.Helper()
	for _, s := range segments {
		if at := bytes.Index(s.data, tabHeader); at >= 0 {
			return dataOf(segments, s.data[at:], uint64(s.offset)+uint64(at))
		}
	}
	t.Fatal("there is no pclntab")
	return nil
}

// TestOtherLayout: a table that is another than this one is refused.
func TestOtherLayout(t *testing.T) {
	segments := linked(t)
	tab := pclntab(t, segments)
	binary.LittleEndian.PutUint64(tab[tabRecords:], uint64(len(tab)))
	if err := withoutLines(segments); err == nil || !strings.Contains(err.Error(), "another layout") {
		t.Errorf("error %v", err)
	}
}

func TestApart(t *testing.T) {
	zeros := func(n int) string { return strings.Repeat("\x00", n) }
	got := apart([]segment{{16, []byte("ab" + zeros(maxGap+5) + "c" + zeros(maxGap) + "d")}, {20000, []byte("e")}})
	want := []segment{{16, []byte("ab")}, {16 + 2 + maxGap + 5, []byte("c" + zeros(maxGap) + "d")}, {20000, []byte("e")}}
	if len(got) != len(want) {
		t.Fatalf("%d segments, want %d", len(got), len(want))
	}
	for i, s := range got {
		if s.offset != want[i].offset || !bytes.Equal(s.data, want[i].data) {
			t.Errorf("segment %d is %d bytes at %d, want %d at %d", i, len(s.data), s.offset, len(want[i].data), want[i].offset)
		}
	}
}

// The runtime's moduledata is found wherever the linker has put the pclntab: where the
// lowest byte of its address is zero, a segment may begin behind that byte.
func TestDataOf(t *testing.T) {
	le := binary.LittleEndian
	tab := make([]byte, 72)
	le.PutUint64(tab[tabNames:], 72)
	for _, address := range []uint64{0x10120, 0x10100, 0x10000} {
		module := make([]byte, moduleData+8)
		le.PutUint64(module, address)
		le.PutUint64(module[8:], address+72)
		le.PutUint64(module[moduleData:], 0x30002)
		begin := bytes.TrimLeft(module, "\x00")
		segments := []segment{
			{uint32(address), tab}, {uint32(0x20000 + len(module) - len(begin)), begin}, {0x30000, []byte("..data")},
		}
		if got := dataOf(segments, tab, address); string(got) != "data" {
			t.Errorf("for %#x the data is %q", address, got)
		}
	}
}
