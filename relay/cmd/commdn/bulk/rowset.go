package bulk

import "slices"

// rowSet is a set of line numbers. It is kept as runs, so that its size grows
// with the gaps and not with the rows: jobs end their rows nearly in order.
type rowSet struct {
	runs []run // ascending, with a gap between any two
}

type run struct{ first, last int }

// find gives the index of the run that holds n, or of the first one after n.
func (s *rowSet) find(n int) (i int, there bool) {
	return slices.BinarySearchFunc(s.runs, n, func(r run, n int) int {
		switch {
		case r.last < n:
			return -1
		case r.first > n:
			return 1
		}
		return 0
	})
}

func (s *rowSet) has(n int) bool {
	_, there := s.find(n)
	return there
}

// add puts n in, and says whether it was not there.
func (s *rowSet) add(n int) bool {
	i, there := s.find(n)
	if there {
		return false
	}
	before := i > 0 && s.runs[i-1].last == n-1
	after := i < len(s.runs) && s.runs[i].first == n+1
	switch {
	case before && after:
		s.runs[i-1].last = s.runs[i].last
		s.runs = slices.Delete(s.runs, i, i+1)
	case before:
		s.runs[i-1].last = n
	case after:
		s.runs[i].first = n
	default:
		s.runs = slices.Insert(s.runs, i, run{n, n})
	}
	return true
}

func (s *rowSet) len() (n int) {
	for _, r := range s.runs {
		n += r.last - r.first + 1
	}
	return n
}
