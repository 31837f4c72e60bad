package main

import (
	"bytes"
	"encoding/binary"
	"syscall/js"
	"testing"
)

// part is a section as bytes.
func part(id byte, body ...byte) []byte {
	return append(binary.AppendUvarint([]byte{id}, uint64(len(body))), body...)
}

// runtimeLike is a module with an import, a function, an exported memory of two pages,
// and a data section as Go's linker writes it: without the zeros.
func runtimeLike(segments []segment) []byte {
	return bytes.Join([][]byte{
		[]byte(header),
		part(sectionType, 2, 0x60, 1, 0x7f, 0, 0x60, 0, 0), // (i32), ()
		part(sectionImport, 1, 1, 'm', 1, 'f', 0, 0),
		part(sectionFunction, 1, 1),
		part(5, 1, 0, 2),
		part(7, 2, 3, 'm', 'e', 'm', 2, 0, 3, 'r', 'u', 'n', 0, 1),
		part(sectionCode, 1, 2, 0, end),
		part(sectionData, write(segments)...),
		part(0, 1, 'x'),
	}, nil)
}

// memory is that of an instance of the module.
func memory(t *testing.T, module []byte) []byte {
	t.Helper()
	array := js.Global().Get("Uint8Array").New(len(module))
	js.CopyBytesToJS(array, module)
	web := js.Global().Get("WebAssembly")
	called := js.FuncOf(func(js.Value, []js.Value) any {
		t.Error("the start called the import")
		return nil
	})
	defer called.Release()
	instance := web.Get("Instance").New(web.Get("Module").New(array), map[string]any{"m": map[string]any{"f": called}})
	view := js.Global().Get("Uint8Array").New(instance.Get("exports").Get("mem").Get("buffer"))
	b := make([]byte, view.Length())
	js.CopyBytesToGo(b, view)
	return b
}

// TestTable: an instance has the same memory whether the table is in the module or not.
func TestTable(t *testing.T) {
	counting := func(rows int) []segment {
		at := uint32(1000)
		segments := []segment{{at - 3, []byte("abc")}}
		for i := range rows {
			b := row(i)
			segments = append(segments, segment{at + uint32(i*rowSize), bytes.TrimRight(b, "\x00")})
		}
		return append(segments, segment{at + uint32(rows*rowSize) + 2, []byte("def")})
	}
	broken := counting(1000)
	broken[500].data = []byte{77}
	for _, tt := range []struct {
		name     string
		segments []segment
		left     int // rows that the module holds no more
	}{
		{"none", []segment{{16, []byte("ab")}}, 0},
		{"of many functions", counting(5000), 5000},
		{"that ends within a function", counting(4321), 4321},
		{"up to the first row that is another", broken, 499},
		{"too short", counting(leastOf - 1), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			module := runtimeLike(tt.segments)
			out, err := join(module)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(memory(t, out), memory(t, module)) {
				t.Error("the memory is another")
			}
			segments, err := joined(tt.segments)
			if err != nil {
				t.Fatal(err)
			}
			whole := len(runtimeLike(segments))
			if saved := whole - len(out); saved > tt.left*rowSize || saved < tt.left*rowSize-60 {
				t.Errorf("%d bytes are left out, want about %d", saved, tt.left*rowSize)
			}
		})
	}
}
