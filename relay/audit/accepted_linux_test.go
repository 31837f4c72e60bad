package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/desk"
)

// What it takes to accept a request, with the audit and without, beside the machine's
// own append and fdatasync of 300 bytes, one after the other.
func BenchmarkAccepted(b *testing.B) {
	for _, with := range []bool{false, true} {
		b.Run(fmt.Sprintf("audit=%v", with), func(b *testing.B) { accepted(b, with) })
	}
}

func accepted(b *testing.B, with bool) {
	folder := b.TempDir()
	j := openJournal(b, filepath.Join(folder, "journal"))
	l, err := Open(b.Context(), options(j))
	if err != nil {
		b.Fatal(err)
	}
	o, err := newOffice(j, l, true, func(o *desk.Options) {
		if !with {
			o.Audit = nil
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	defer o.end()
	f, err := os.OpenFile(filepath.Join(folder, "plain"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var accepted, settled, plain []time.Duration
	line, n := make([]byte, 300), 0
	for b.Loop() {
		began := time.Now()
		ticket, refusal := o.ask(b.Context(), fmt.Sprintf("%032d", n), &commdn.DoNotCall{Phone: "5550100001"})
		if refusal != nil {
			b.Fatal(refusal)
		}
		accepted = append(accepted, time.Since(began))
		for i := 0; ; i++ {
			if e, err := ticket.Next(b.Context(), i); err != nil || e.Kind == desk.Settled {
				break
			}
		}
		settled = append(settled, time.Since(began))
		began = time.Now()
		if _, err := f.Write(line); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
		plain = append(plain, time.Since(began))
		n++
	}
	at := func(times []time.Duration, q float64) float64 {
		slices.Sort(times)
		return float64(times[min(int(q*float64(len(times))), len(times)-1)]) / float64(time.Microsecond)
	}
	b.ReportMetric(at(accepted, .5), "µs-median")
	b.ReportMetric(at(accepted, .99), "µs-p99")
	b.ReportMetric(at(settled, .5), "µs-settled-median")
	b.ReportMetric(at(plain, .5), "µs-plain-median")
	b.ReportMetric(at(plain, .99), "µs-plain-p99")
	b.ReportMetric(at(accepted, .5)/at(plain, .5), "times-median")
	b.ReportMetric(at(accepted, .99)/at(plain, .99), "times-p99")
}
