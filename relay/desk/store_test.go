package desk

import (
	"strconv"
	"testing"
	"time"

	"commdn/protocol/commdn"
)

// Memory keeps outcomes for a while, and only so many; never forgets what is in
// flight.
func TestMemoryForgets(t *testing.T) {
	m, now := NewMemory(), time.Unix(1_700_000_000, 0)
	m.now = func() time.Time { return now }
	put := func(key string) {
		t.Helper()
		if known, err := m.Put(t.Context(), Entry{ID: ID{"ann", key}}); known != nil || err != nil {
			t.Fatalf("%s: %v %v", key, known, err)
		}
	}
	has := func(key string) bool {
		r, err := m.Find(t.Context(), ID{"ann", key})
		return r != nil && err == nil
	}
	settle := func(key string) {
		t.Helper()
		if err := m.Settle(t.Context(), ID{"ann", key}, Outcome{Answer: &commdn.DoNotCallProcessed{}}); err != nil {
			t.Fatal(err)
		}
	}
	put("in flight")
	put("a")
	settle("a")
	settle("a") // again: the first outcome stays
	if known, _ := m.Put(t.Context(), Entry{ID: ID{"ann", "a"}}); known == nil || known.Outcome == nil {
		t.Error("a settled one is not known")
	}
	if known, _ := m.Put(t.Context(), Entry{ID: ID{"ben", "a"}}); known != nil {
		t.Error("somebody else's key is known")
	}
	now = now.Add(memoryAge - time.Second)
	put("b")
	settle("b")
	now = now.Add(time.Second)
	if has("a") || !has("b") || !has("in flight") {
		t.Error("age is wrong")
	}
	for n := range memoryRecords {
		put(strconv.Itoa(n))
		settle(strconv.Itoa(n))
	}
	if has("b") || !has("0") || !has("in flight") {
		t.Error("number is wrong")
	}
}
