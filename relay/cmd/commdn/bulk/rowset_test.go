package bulk

import (
	"math/rand/v2"
	"testing"
)

// The set agrees with a map, in whatever order rows come, and is small where
// there are few gaps.
func TestRowSet(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	const most = 500
	for range 50 {
		var set rowSet
		there := map[int]bool{}
		for range random.IntN(2 * most) {
			n := random.IntN(most)
			if set.add(n) == there[n] {
				t.Fatalf("add(%d) of %v", n, set.runs)
			}
			there[n] = true
		}
		for n := -1; n <= most; n++ {
			if set.has(n) != there[n] {
				t.Fatalf("has(%d) is %v in %v", n, set.has(n), set.runs)
			}
		}
		if set.len() != len(there) {
			t.Fatalf("%d of %d", set.len(), len(there))
		}
		for i := 1; i < len(set.runs); i++ {
			if set.runs[i].first < set.runs[i-1].last+2 {
				t.Fatalf("runs that could be one: %v", set.runs)
			}
		}
	}
	var set rowSet
	for _, n := range random.Perm(most) {
		set.add(n)
	}
	if len(set.runs) != 1 {
		t.Errorf("all rows in %d runs", len(set.runs))
	}
}
