package render

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// tokens reads "t" as a text node, "div" as an element, "li:7" as one with the key 7.
func tokens(s string) []token {
	var list []token
	for _, word := range strings.Fields(s) {
		tag, key, _ := strings.Cut(word, ":")
		if tag == "t" {
			list = append(list, token{kind: 1})
		} else {
			list = append(list, token{kind: 3, tag: tag, key: key})
		}
	}
	return list
}

func TestMatch(t *testing.T) {
	tests := []struct {
		name, old, want string
		match           []int
	}{
		{"nothing", "", "", []int{}},
		{"all new", "", "t div", []int{-1, -1}},
		{"all gone", "t div", "", []int{}},
		{"the same", "t div t", "t div t", []int{0, 1, 2}},
		{"appended", "li li", "li li li", []int{0, 1, -1}},
		{"another kind", "div", "span", []int{-1}},
		{"a vg-if comes: its neighbours stay", "t t input t", "t div t input t", []int{0, -1, 1, 2, 3}},
		{"a vg-if goes: the white space tells which", "t div t div t div t", "t t div t div t", []int{0, 2, 3, 4, 5, 6}},
		{"one goes, one comes", "t p t input t t", "t t input t p t", []int{0, 2, 3, 4, -1, 5}},
		{"keys swapped", "li:a li:b li:c", "li:c li:b li:a", []int{2, 1, 0}},
		{"a key removed in front", "t li:a li:b li:c t", "t li:b li:c t", []int{0, 2, 3, 4}},
		{"keys among others", "t li:a li:b t p t", "t li:b li:x li:a t p t", []int{0, 2, -1, 1, 3, 4, 5}},
		{"a key with another tag", "li:a", "td:a", []int{-1}},
		{"a key twice", "li:a li:a li:b", "li:b li:a li:a li:a", []int{2, 0, 1, -1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := match(tokens(tt.old), tokens(tt.want)); !slices.Equal(got, tt.match) {
				t.Errorf("match(%q, %q) = %v, want %v", tt.old, tt.want, got, tt.match)
			}
		})
	}
}

func TestMatchByOwner(t *testing.T) {
	a, b := new(int), new(int)
	row := func(owner *int) token { return token{kind: 3, tag: "tr", owner: owner} }
	if got := match([]token{row(a), row(b)}, []token{row(b), row(a)}); !slices.Equal(got, []int{1, 0}) {
		t.Errorf("components swapped: %v", got)
	}
	if got := match([]token{row(a)}, []token{row(b)}); !slices.Equal(got, []int{-1}) {
		t.Errorf("another component of the same type: %v", got)
	}
}

// TestMatchMany: too many nodes for the table still match in order, and only equals do.
func TestMatchMany(t *testing.T) {
	var old, want []token
	for i := range 600 {
		old = append(old, token{kind: 3, tag: []string{"p", "i", "b"}[i%3]})
		want = append(want, token{kind: 3, tag: []string{"b", "i", "p"}[i%3]})
	}
	m := match(old, want)
	found := 0
	for i, from := range m {
		if from >= 0 {
			found++
			if old[from] != want[i] {
				t.Fatalf("%d is matched with %d, another kind", i, from)
			}
		}
	}
	if found != 200 || !inOrder(m) {
		t.Errorf("%d matches, in order %v; want 200 in order", found, inOrder(m))
	}
}

func TestStaying(t *testing.T) {
	tests := []struct {
		name   string
		match  []int
		pinned int
		moves  int
	}{
		{"in order", []int{0, 1, 2}, -1, 0},
		{"last to the front", []int{4, 0, 1, 2, 3}, -1, 1},
		{"first to the end", []int{1, 2, 3, 4, 0}, -1, 1},
		{"reversed", []int{3, 2, 1, 0}, -1, 3},
		{"new ones do not count", []int{-1, 2, -1, 0, 1}, -1, 1},
		{"last to the front, but it has the focus", []int{4, 0, 1, 2, 3}, 0, 4},
		{"reversed around the focus", []int{4, 3, 2, 1, 0}, 2, 4},
		{"two blocks, focus in the shorter", []int{3, 4, 0, 1, 2}, 1, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkStay(t, tt.match, tt.pinned, tt.moves)
		})
	}
}

func checkStay(t *testing.T, m []int, pinned, moves int) {
	t.Helper()
	stay := staying(m, pinned)
	last, moved := -1, 0
	for i, from := range m {
		switch {
		case from < 0 && stay[i]:
			t.Fatalf("%v: the new node %d stays", m, i)
		case stay[i] && from < last:
			t.Fatalf("%v: %v are not in order", m, stay)
		case stay[i]:
			last = from
		case from >= 0:
			moved++
		}
	}
	if pinned >= 0 && !stay[pinned] {
		t.Errorf("%v: the pinned node %d is moved", m, pinned)
	}
	if moved != moves {
		t.Errorf("%v: %d moves, want %d", m, moved, moves)
	}
}

// TestStayingIsBest compares with every subset.
func TestStayingIsBest(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		m := rnd.Perm(7)
		for pinned := -1; pinned < len(m); pinned++ {
			best := 0
			for set := range 1 << len(m) {
				last, size := -1, 0
				for i, from := range m {
					if set>>i&1 == 1 {
						if from < last {
							size = -1
							break
						}
						last = from
						size++
					}
				}
				if pinned < 0 || set>>pinned&1 == 1 {
					best = max(best, size)
				}
			}
			checkStay(t, m, pinned, len(m)-best)
		}
	}
}
