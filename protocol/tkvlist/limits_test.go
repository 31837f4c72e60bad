package tkvlist_test

import (
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"

	"commdn/protocol/tkvlist"
)

// nest gives a list of this many levels; the innermost is empty.
func nest(levels int) tkvlist.List {
	var l tkvlist.List
	for range levels - 1 {
		l = tkvlist.List{{Key: "k", Value: tkvlist.Nested(l)}}
	}
	return l
}

// sized gives a list of one string that takes this many bytes packed.
func sized(bytes int) tkvlist.List {
	return tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", bytes-8))}}
}

func TestLimits(t *testing.T) {
	wide := tkvlist.Limits{MaxBytes: tkvlist.MaxBytes, MaxDepth: 100}
	tests := []struct {
		name   string
		limits tkvlist.Limits
		list   tkvlist.List
		pack   string // the error; none when empty
		unpack string
		limit  int
	}{
		{"default bytes reached", tkvlist.Limits{}, sized(16000), "", "", 0},
		{"default bytes passed", tkvlist.Limits{}, sized(16001),
			"packed list is longer than 16000 bytes at byte 2",
			"packed list of 16001 bytes is longer than 16000 at byte 16000", 16000},
		{"own bytes reached", tkvlist.Limits{MaxBytes: 9}, sized(9), "", "", 0},
		{"own bytes passed", tkvlist.Limits{MaxBytes: 9}, sized(10),
			"packed list is longer than 9 bytes at byte 2",
			"packed list of 10 bytes is longer than 9 at byte 9", 9},
		{"no room for the second pair", tkvlist.Limits{MaxBytes: 13}, tkvlist.List{{Key: "a"}, {Key: "b"}},
			"packed list is longer than 13 bytes at byte 8",
			"packed list of 14 bytes is longer than 13 at byte 13", 13},
		{"no room for an integer", tkvlist.Limits{MaxBytes: 11}, tkvlist.List{{Key: "a", Value: tkvlist.Int(1)}},
			"packed list is longer than 11 bytes at byte 2",
			"packed list of 12 bytes is longer than 11 at byte 11", 11},
		{"no room for a nested list", tkvlist.Limits{MaxBytes: 11}, nest(2),
			"packed list is longer than 11 bytes at byte 2",
			"packed list of 12 bytes is longer than 11 at byte 11", 11},
		{"no room for a count", tkvlist.Limits{MaxBytes: 1}, nil,
			"packed list is longer than 1 bytes at byte 0",
			"packed list of 2 bytes is longer than 1 at byte 1", 1},
		{"most bytes reached", wide, sized(65535), "", "", 0},
		{"no more than the most", tkvlist.Limits{MaxBytes: 1 << 30}, sized(65535), "", "", 0},
		{"default depth reached", tkvlist.Limits{}, nest(8), "", "", 0},
		{"default depth passed", tkvlist.Limits{}, nest(9),
			"list nested deeper than 8 levels at byte 72",
			"list nested deeper than 8 levels at byte 80", 8},
		{"own depth reached", tkvlist.Limits{MaxDepth: 1}, nest(1), "", "", 0},
		{"own depth passed", tkvlist.Limits{MaxDepth: 1}, nest(2),
			"list nested deeper than 1 levels at byte 2",
			"list nested deeper than 1 levels at byte 10", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.limits.AppendPack(nil, tt.list)
			checkLimit(t, "pack", err, tt.pack, tt.limit)
			packed, err2 := wide.AppendPack(nil, tt.list)
			if err2 != nil {
				t.Fatal(err2)
			}
			if err == nil && string(got) != string(packed) {
				t.Errorf("packed % x, want % x", got, packed)
			}
			l, err := tt.limits.Unpack(packed)
			checkLimit(t, "unpack", err, tt.unpack, tt.limit)
			if err == nil && !tkvlist.Equal(l, tt.list) {
				t.Errorf("unpacked %v", l)
			}
		})
	}
}

func checkLimit(t *testing.T, what string, err error, want string, limit int) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	var over *tkvlist.LimitError
	if !errors.As(err, &over) || over.Error() != "tkvlist: "+want || over.Limit != limit {
		t.Errorf("%s: got %v, want tkvlist: %s, limit %d", what, err, want, limit)
	}
}

// Packing never writes lengths that do not fit their two bytes.
func TestPackOverMost(t *testing.T) {
	lim := tkvlist.Limits{MaxBytes: 1 << 30}
	many := make(tkvlist.List, 70000)
	for i := range many {
		many[i].Key = "k"
	}
	self := tkvlist.List{{Key: "k"}}
	self[0].Value = tkvlist.Nested(self)
	for name, l := range map[string]tkvlist.List{
		"string": sized(65536),
		"pairs":  many,
		"nested": {{Key: "k", Value: tkvlist.Nested(sized(65530))}},
		"itself": self,
	} {
		var over *tkvlist.LimitError
		if got, err := lim.AppendPack(nil, l); !errors.As(err, &over) || got != nil {
			t.Errorf("%s: %d bytes and %v", name, len(got), err)
		}
	}
}

func TestPackAllocatesNothing(t *testing.T) {
	l := doNotCall()
	buf := make([]byte, 0, 512)
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := tkvlist.AppendPack(buf, l); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// One for all bytes and one for all pairs, however deep the lists are.
func TestUnpackAllocatesTwice(t *testing.T) {
	packed, err := tkvlist.AppendPack(nil, doNotCall())
	if err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := tkvlist.Unpack(packed); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 2 {
		t.Errorf("%v allocations", allocs)
	}
}

// Counts that promise as many pairs as could fit, one list inside the other,
// must not make room for them before the pairs are seen.
func TestUnpackHostileCounts(t *testing.T) {
	const size, levels = 15000, 8
	hostile := make([]byte, size)
	pos := 0
	for range levels {
		left := size - pos
		binary.BigEndian.PutUint16(hostile[pos:], uint16((left-2)/6))
		hostile[pos+2] = byte(tkvlist.KindList)
		copy(hostile[pos+3:], "\x00\x01k")
		binary.BigEndian.PutUint16(hostile[pos+6:], uint16(left-8))
		binary.BigEndian.PutUint16(hostile[pos+8:], uint16(left-10))
		pos += 10
	}
	if _, err := tkvlist.Unpack(hostile); err == nil {
		t.Fatal("hostile counts are read")
	}
	const runs = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		if _, err := tkvlist.Unpack(hostile); err == nil {
			t.Fatal("hostile counts are read")
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / runs; got > 2*size {
		t.Errorf("%d bytes allocated for %d wrong ones", got, size)
	}
}
