package audit

import (
	"bytes"
	"testing"
)

// Whatever bytes a block has, it is read or refused; what is read is written as it was,
// and an erased person changes no hash.
func FuzzBlock(f *testing.F) {
	b := &block{mark: 7}
	var before digest
	for i, e := range []*Entry{{Kind: Begun, Text: "x"}, entryOf(dnc("k1", "5550100001")), entryOf(dnc("k2", "5550100002"))} {
		var err error
		if before, err = b.add(e, uint64(i+1), before); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(b.encode())
	b.records[1].erase()
	f.Add(b.encode())
	f.Add(b.encode()[:100])
	f.Add(append(magic, bytes.Repeat([]byte{0xff}, 60)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := decode(data)
		if err != nil {
			return
		}
		if !bytes.Equal(b.encode(), data) {
			t.Fatalf("%x is written as %x", data, b.encode())
		}
		for i := range b.records {
			r := &b.records[i]
			_, _, _ = peek(r.public)
			if e, err := r.read(); err == nil && e.Sequence != r.seq {
				t.Fatalf("entry %d is %d", r.seq, e.Sequence)
			}
			if r.form == plain {
				hash := b.hash(r)
				if r.erase(); b.hash(r) != hash {
					t.Fatal("erasing changes the hash")
				}
			}
		}
	})
}
