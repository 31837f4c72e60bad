package commdn_test

import (
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// most is how many allocations a message may cost beyond those of its list.
const most = 3

func TestAllocs(t *testing.T) {
	for _, g := range golden {
		l := g.msg.UserData()
		if n := testing.AllocsPerRun(20, func() { _, _ = commdn.Decode(l) }); n > most {
			t.Errorf("%s: decoding allocates %v times, want at most %d", g.name, n, most)
		}
		lists := float64(lists(l))
		if n := testing.AllocsPerRun(20, func() { _ = g.msg.UserData() }); n > lists+most {
			t.Errorf("%s: encoding allocates %v times for %v lists, want at most %d more", g.name, n, lists, most)
		}
	}
}

// lists counts l and the lists inside it.
func lists(l tkvlist.List) int {
	n := 1
	for _, p := range l {
		if inner, ok := p.Value.List(); ok {
			n += lists(inner)
		}
	}
	return n
}

func BenchmarkDecode(b *testing.B) {
	for _, g := range golden {
		l := g.msg.UserData()
		b.Run(g.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := commdn.Decode(l); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUserData(b *testing.B) {
	for _, g := range golden {
		b.Run(g.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if len(g.msg.UserData()) == 0 {
					b.Fatal("empty")
				}
			}
		})
	}
}
