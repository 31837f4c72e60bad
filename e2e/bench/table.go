package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
)

// The targets of the packed form against MessagePack.
const (
	encodeTimes  = 10.0
	decodeTimes  = 2.5
	encodeAllocs = 0
	decodeAllocs = 2 // plus one per nested list
	nestedLists  = 2 // in doNotCall
)

// table prints one line per codec and direction; the ratio is the time in units of
// tkvlist's.
func table(w io.Writer, all []codec, enc, dec []result) {
	fmt.Fprintf(w, "CM_ReqDoNotCall user data, %s/%s, %s, median of %d rounds\n\n",
		runtime.GOOS, runtime.GOARCH, runtime.Version(), rounds)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "\tencode ns\tallocs\tB\tratio\tdecode ns\tallocs\tB\tratio\t")
	own := index(all, nameTKVList)
	for i, c := range all {
		fmt.Fprintf(tw, "%s\t%.1f\t%d\t%d\t%.2f\t%.1f\t%d\t%d\t%.2f\t\n", c.name,
			enc[i].ns, enc[i].allocs, enc[i].bytes, enc[i].ns/enc[own].ns,
			dec[i].ns, dec[i].allocs, dec[i].bytes, dec[i].ns/dec[own].ns)
	}
	tw.Flush()
}

// targets prints each target and whether this run reached it.
func targets(w io.Writer, all []codec, enc, dec []result) {
	own, peer := index(all, nameTKVList), index(all, nameMsgpack)
	line := func(what string, reached bool, got string) {
		verdict := "not reached"
		if reached {
			verdict = "reached"
		}
		fmt.Fprintf(w, "%-11s  %s: %s\n", verdict, what, got)
	}
	fmt.Fprintln(w)
	encRatio, decRatio := enc[peer].ns/enc[own].ns, dec[peer].ns/dec[own].ns
	line("packing allocates nothing", enc[own].allocs == encodeAllocs,
		fmt.Sprintf("%d allocations", enc[own].allocs))
	line(fmt.Sprintf("packing at least %g times as fast as msgpack encodes", encodeTimes), encRatio >= encodeTimes,
		fmt.Sprintf("%.1f times", encRatio))
	line(fmt.Sprintf("unpacking allocates at most %d times and once per nested list", decodeAllocs),
		dec[own].allocs <= decodeAllocs+nestedLists,
		fmt.Sprintf("%d allocations with %d nested lists", dec[own].allocs, nestedLists))
	line(fmt.Sprintf("unpacking at least %g times as fast as msgpack decodes", decodeTimes), decRatio >= decodeTimes,
		fmt.Sprintf("%.1f times", decRatio))
}

func index(all []codec, name string) int {
	for i, c := range all {
		if c.name == name {
			return i
		}
	}
	panic("bench: no codec " + name)
}
