package tkvlog

// tabWidth is how many columns a tab is worth beside blanks.
const tabWidth = 8

// indentation finds the level of a line from its depth relative to the others.
// Logs are pasted from everywhere: with tabs, with two, four or eight blanks for
// a tab, moved to the left, with the first tabs of the text lost.
type indentation struct {
	header int  // columns before the header; 0 when there is none
	base   int  // columns before the pairs of the outermost list
	unit   int  // columns for one level; 0 until a line shows it
	fixed  bool // a list has opened, from which on the base counts
}

// level gives the level of a line, 0 for the outermost list; open is how many
// nested lists it can belong to. Before the first nested list every line is of
// level 0, wherever it begins.
func (in *indentation) level(blank []byte, open int) (level int, ok bool) {
	cols, tab := columns(blank)
	if !in.fixed {
		in.base = cols
	}
	deeper := cols - in.base
	if deeper == 0 {
		return 0, true
	}
	if deeper < 0 || open == 0 {
		return 0, false
	}
	fits := func(unit int) bool { return unit > 0 && deeper%unit == 0 && deeper/unit <= open }
	if in.unit == 0 {
		in.unit = in.guess(deeper, tab, open, fits)
	}
	if !fits(in.unit) {
		return 0, false
	}
	return deeper / in.unit, true
}

// guess finds the unit on the first line that is deeper than the base. Servers
// put one unit before the header and two before the pairs.
func (in *indentation) guess(deeper int, tab bool, open int, fits func(int) bool) int {
	switch half := in.base / 2; {
	case tab:
		return tabWidth
	case fits(in.base-in.header) && in.header > 0:
		return in.base - in.header
	case fits(half):
		return half
	case deeper%open == 0:
		return deeper / open
	}
	return 0
}

func columns(blank []byte) (cols int, tab bool) {
	for _, b := range blank {
		if b == '\t' {
			cols += tabWidth - cols%tabWidth
			tab = true
		} else {
			cols++
		}
	}
	return cols, tab
}
