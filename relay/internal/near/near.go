// Package near finds the names that somebody may have meant.
package near

import (
	"slices"
	"strings"
)

// Names gives those of have that look like want, best first, at most most of
// them: names that differ in a few characters, case apart, and names that
// begin with want or hold it. A name that is twice in have is given once. It
// is nil when nothing looks like want.
func Names(want string, have []string, most int) []string {
	type candidate struct {
		name string
		far  int
	}
	want = strings.ToLower(want)
	limit := len([]rune(want))/3 + 1
	var found []candidate
	seen := make(map[string]bool)
	for _, name := range have {
		if seen[name] {
			continue
		}
		seen[name] = true
		lower := strings.ToLower(name)
		far := distance(want, lower, limit)
		if far > limit && want != "" && strings.Contains(lower, want) {
			far = limit // as good as the worst of the others
		}
		if far <= limit {
			found = append(found, candidate{name, far})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.far - b.far })
	var names []string
	for _, c := range found[:min(most, len(found))] {
		names = append(names, c.name)
	}
	return names
}

// distance is the number of characters to insert, delete or change between a
// and b, or limit+1 where it is clear that there are more than limit.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > limit || len(y)-len(x) > limit {
		return limit + 1
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, c := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, d := range y {
			change := diagonal
			if c != d {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
