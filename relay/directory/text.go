package directory

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
)

// few is how many of many objects a line names.
const few = 8

// list joins DBIDs in order, at most few of them.
func list(all []commdn.DBID) string {
	if len(all) == 0 {
		return "none"
	}
	all = slices.Sorted(slices.Values(all))
	words := make([]string, 0, few)
	for _, id := range all[:min(few, len(all))] {
		words = append(words, strconv.Itoa(int(id)))
	}
	return strings.Join(words, ", ") + more(len(all))
}

// more ends a list that names only few.
func more(n int) string {
	if n > few {
		return fmt.Sprintf(" and %d more", n-few)
	}
	return ""
}

func names(x index) []string { return slices.Sorted(maps.Keys(x.byName)) }

// String returns name and DBID.
func (c Campaign) String() string { return confdb.Label(c.Name, c.DBID) }

// String returns name and DBID.
func (g Group) String() string { return confdb.Label(g.Name, g.DBID) }

// join joins at most few things.
func join[T fmt.Stringer](all []T) string {
	words := make([]string, 0, few)
	for _, o := range all[:min(few, len(all))] {
		words = append(words, o.String())
	}
	return strings.Join(words, ", ") + more(len(all))
}

// count words a number of things: 1 campaign, 2 campaigns.
func count(n int, one string) string {
	if n != 1 {
		one += "s"
	}
	return strconv.Itoa(n) + " " + one
}
