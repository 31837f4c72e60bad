package live

import (
	"bufio"
	"bytes"
	"testing"
)

// FuzzRead: for any input, messages stay within their bounds, and reading ends.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"alive\n", "error CFGLoginIncorrect\n", "directory 2 1\n{}alive\n", "directory 67108865 1\n", "directory 9 1\n{}",
		"directory 0 0\n", "error \xff\x00\r\n", "\n", "alive \n", "directory 1 1 1\n{",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &wire{src: bufio.NewReaderSize(bytes.NewReader(data), maxLine)}
		for n := 0; ; n++ {
			m, err := w.read()
			if err != nil {
				return
			}
			if n > len(data) || len(m.text) > 3*maxLine || len(m.data) > len(data) {
				t.Fatalf("message %d: %d bytes of text, %d of data", n, len(m.text), len(m.data))
			}
			for _, r := range m.text {
				if r < ' ' {
					t.Fatalf("text %q", m.text)
				}
			}
		}
	})
}
