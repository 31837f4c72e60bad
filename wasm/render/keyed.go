package render

import "slices"

// token decides which node of the last paint can become which node of the next: those
// with equal tokens.
type token struct {
	kind    uint32 // vugu.VGNodeType
	ns, tag string
	owner   any    // the component whose root node this is, or nil
	key     string // data-key or id, or ""
}

// keyed reports whether the node keeps its identity when siblings change places.
func (t token) keyed() bool { return t.owner != nil || t.key != "" }

// maxTable bounds the work of aligning siblings without a key: rows times columns. Beyond
// it they match in order.
const maxTable = 250_000

// match returns for every node of want the index of the old node that becomes it, or -1.
// A node with a key finds its equal anywhere. Nodes without a key align like lines of a
// diff, so that one that comes or goes does not shift the others: the white space between
// the elements of a .vugu file marks their places.
func match(old, want []token) []int {
	m := make([]int, len(want))
	head := 0
	for head < len(old) && head < len(want) && old[head] == want[head] {
		m[head] = head
		head++
	}
	oldEnd, wantEnd := len(old), len(want)
	for oldEnd > head && wantEnd > head && old[oldEnd-1] == want[wantEnd-1] {
		oldEnd--
		wantEnd--
		m[wantEnd] = oldEnd
	}
	if head == wantEnd {
		return m
	}

	byKey := map[token][]int{}
	var oldPlain, wantPlain []int
	for i := head; i < oldEnd; i++ {
		if old[i].keyed() {
			byKey[old[i]] = append(byKey[old[i]], i)
		} else {
			oldPlain = append(oldPlain, i)
		}
	}
	for i := head; i < wantEnd; i++ {
		m[i] = -1
		if !want[i].keyed() {
			wantPlain = append(wantPlain, i)
		} else if same := byKey[want[i]]; len(same) > 0 { // duplicate key: first to first
			m[i] = same[0]
			byKey[want[i]] = same[1:]
		}
	}
	align(old, want, oldPlain, wantPlain, m)
	return m
}

// align matches the nodes at oldAt with those at wantAt in order, as many as possible,
// and writes the result to m.
func align(old, want []token, oldAt, wantAt, m []int) {
	for len(oldAt) > 0 && len(wantAt) > 0 && old[oldAt[0]] == want[wantAt[0]] {
		m[wantAt[0]] = oldAt[0]
		oldAt, wantAt = oldAt[1:], wantAt[1:]
	}
	for len(oldAt) > 0 && len(wantAt) > 0 && old[oldAt[len(oldAt)-1]] == want[wantAt[len(wantAt)-1]] {
		m[wantAt[len(wantAt)-1]] = oldAt[len(oldAt)-1]
		oldAt, wantAt = oldAt[:len(oldAt)-1], wantAt[:len(wantAt)-1]
	}
	if len(oldAt) == 0 || len(wantAt) == 0 {
		return
	}
	if len(oldAt)*len(wantAt) > maxTable {
		for i := range min(len(oldAt), len(wantAt)) {
			if old[oldAt[i]] == want[wantAt[i]] {
				m[wantAt[i]] = oldAt[i]
			}
		}
		return
	}
	// best[i][j] is the length of the longest common subsequence of the tails.
	width := len(wantAt) + 1
	best := make([]int32, (len(oldAt)+1)*width)
	for i := len(oldAt) - 1; i >= 0; i-- {
		for j := len(wantAt) - 1; j >= 0; j-- {
			if old[oldAt[i]] == want[wantAt[j]] {
				best[i*width+j] = best[(i+1)*width+j+1] + 1
			} else {
				best[i*width+j] = max(best[(i+1)*width+j], best[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(oldAt) && j < len(wantAt); {
		switch {
		case old[oldAt[i]] == want[wantAt[j]]:
			m[wantAt[j]] = oldAt[i]
			i++
			j++
		case best[(i+1)*width+j] >= best[i*width+j+1]:
			i++
		default:
			j++
		}
	}
}

// inOrder reports whether the matched nodes keep their order.
func inOrder(m []int) bool {
	last := -1
	for _, from := range m {
		if from < 0 {
			continue
		}
		if from < last {
			return false
		}
		last = from
	}
	return true
}

// staying returns which matched nodes need not move: the largest set that is already in
// order and contains the node pinned (an index into m, -1 for none). The focused element
// is pinned, since a move would take its focus.
func staying(m []int, pinned int) []bool {
	stay := make([]bool, len(m))
	tails := make([]int, 0, len(m)) // tails[k]: the end of the best run of length k+1
	before := make([]int, len(m))   // the node before i in the run that ends at i
	for i, from := range m {
		if from < 0 || pinned >= 0 && (i < pinned && from > m[pinned] || i > pinned && from < m[pinned]) {
			continue
		}
		k, _ := slices.BinarySearchFunc(tails, from, func(tail, from int) int { return m[tail] - from })
		before[i] = -1
		if k > 0 {
			before[i] = tails[k-1]
		}
		if k == len(tails) {
			tails = append(tails, i)
		} else {
			tails[k] = i
		}
	}
	if len(tails) > 0 {
		for i := tails[len(tails)-1]; i >= 0; i = before[i] {
			stay[i] = true
		}
	}
	return stay
}
