// Command bench compares the packed TKVList with other encodings that a Go program might
// use for the same data, natively and as WebAssembly. It prints one table, measured in
// one run, and whether the targets are reached.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
)

// rounds is how often every codec takes its turn. If the machine is busy for a while, all
// of them slow down, and the median drops that round.
const rounds = 9

// result is the cost of one codec in one direction.
type result struct {
	ns     float64 // per operation, the median of the rounds
	allocs int64   // per operation
	bytes  int64   // allocated per operation
}

func main() {
	testing.Init()
	benchtime := flag.String("benchtime", "60ms", "how long one round of one codec takes, in each direction")
	flag.Parse()
	if err := flag.Set("test.benchtime", *benchtime); err != nil {
		fmt.Fprintln(os.Stderr, "bench: -benchtime:", err)
		os.Exit(2)
	}
	all, err := codecs()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	enc, dec := measure(all)
	table(os.Stdout, all, enc, dec)
	targets(os.Stdout, all, enc, dec)
}

// measure runs all codecs in turn, round after round.
func measure(all []codec) (enc, dec []result) {
	n := len(all)
	encNs, decNs := make([][]float64, n), make([][]float64, n)
	enc, dec = make([]result, n), make([]result, n)
	for range rounds {
		for i, c := range all {
			e := testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := c.encode(); err != nil {
						b.Fatal(err)
					}
				}
			})
			d := testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := c.decode(); err != nil {
						b.Fatal(err)
					}
				}
			})
			encNs[i] = append(encNs[i], nsPerOp(e))
			decNs[i] = append(decNs[i], nsPerOp(d))
			enc[i].allocs, enc[i].bytes = e.AllocsPerOp(), e.AllocedBytesPerOp()
			dec[i].allocs, dec[i].bytes = d.AllocsPerOp(), d.AllocedBytesPerOp()
		}
	}
	for i := range all {
		enc[i].ns, dec[i].ns = median(encNs[i]), median(decNs[i])
	}
	return enc, dec
}

func nsPerOp(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
