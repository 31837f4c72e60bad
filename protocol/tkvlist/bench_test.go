package tkvlist_test

import (
	"testing"

	"commdn/protocol/tkvlist"
)

func BenchmarkPack(b *testing.B) {
	l := doNotCall()
	buf := make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tkvlist.AppendPack(buf, l); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	packed, err := tkvlist.AppendPack(nil, doNotCall())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(packed)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tkvlist.Unpack(packed); err != nil {
			b.Fatal(err)
		}
	}
}
