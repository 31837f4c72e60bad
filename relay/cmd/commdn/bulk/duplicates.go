package bulk

import (
	"hash/maphash"
	"slices"
)

// duplicates counts rows that ask for the same as an earlier one. It keeps 4
// bytes for a row, of a hash of 44 bits: among a million rows, one is counted
// wrongly in one of thirty files.
type duplicates struct {
	seed maphash.Seed
	rows [1 << 12][]uint32
}

func newDuplicates() *duplicates { return &duplicates{seed: maphash.MakeSeed()} }

// add takes note of a row; without a count, of none.
func (d *duplicates) add(r Row) {
	if d == nil {
		return
	}
	r.Line = 0
	sum := maphash.Comparable(d.seed, r)
	d.rows[sum>>52] = append(d.rows[sum>>52], uint32(sum))
}

// count gives how many of the rows were there before. It may be called once.
func (d *duplicates) count() (n int) {
	for _, rows := range d.rows {
		slices.Sort(rows)
		n += len(rows) - len(slices.Compact(rows))
	}
	return n
}
