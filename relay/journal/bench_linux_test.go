package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/desk"
)

// at gives the quantile of times.
func at(times []time.Duration, q float64) time.Duration {
	slices.Sort(times)
	return times[min(int(q*float64(len(times))), len(times)-1)]
}

// entry gives a request with an ID of its own.
func entry(n int) desk.Entry {
	return desk.Entry{
		ID: desk.ID{Subject: "ann", Key: fmt.Sprintf("%032d", n)}, Name: "Ann", Door: "websocket", From: "192.0.2.1",
		Data: (&commdn.DoNotCall{Phone: "5550100001"}).UserData(), Links: []string{"a"}, At: time.Now(),
	}
}

// What it takes to accept a request, beside the machine's own append and fdatasync of
// 300 bytes, one after the other.
func BenchmarkAccepted(b *testing.B) {
	folder := b.TempDir()
	j := open(b, filepath.Join(folder, "journal"))
	defer j.Close()
	if err := j.Begin(func(w desk.Job) {}, nil); err != nil {
		b.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(folder, "plain"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var accepted, plain []time.Duration
	line := make([]byte, 300)
	n := 0
	for b.Loop() {
		began := time.Now()
		if _, err := j.Put(b.Context(), entry(n)); err != nil {
			b.Fatal(err)
		}
		accepted = append(accepted, time.Since(began))
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
	micro := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	b.ReportMetric(micro(at(accepted, .5)), "µs-median")
	b.ReportMetric(micro(at(accepted, .99)), "µs-p99")
	b.ReportMetric(micro(at(plain, .5)), "µs-plain-median")
	b.ReportMetric(micro(at(plain, .99)), "µs-plain-p99")
	b.ReportMetric(float64(at(accepted, .5))/float64(at(plain, .5)), "times-median")
	b.ReportMetric(float64(at(accepted, .99))/float64(at(plain, .99)), "times-p99")
}

// A thousand requests a second, accepted, sent and settled.
func BenchmarkThousandASecond(b *testing.B) {
	r := start(b, b.TempDir(), map[string]*ocs{"a": {up: true}})
	var mu sync.Mutex
	var accepted []time.Duration
	var running sync.WaitGroup
	began, n := time.Now(), 0
	for b.Loop() {
		time.Sleep(time.Until(began.Add(time.Duration(n) * time.Millisecond)))
		key, due := fmt.Sprintf("%032d", n), time.Now()
		running.Go(func() {
			ticket, refusal := r.submit(key, &commdn.DoNotCall{Phone: "5550100001"})
			if refusal != nil {
				b.Error(refusal)
				return
			}
			mu.Lock()
			accepted = append(accepted, time.Since(due))
			mu.Unlock()
			next(b, ticket, 1, desk.Settled)
		})
		n++
	}
	running.Wait()
	b.ReportMetric(float64(n)/time.Since(began).Seconds(), "accepted/s")
	b.ReportMetric(float64(at(accepted, .5))/float64(time.Millisecond), "ms-median")
	b.ReportMetric(float64(at(accepted, .99))/float64(time.Millisecond), "ms-p99")
}

// The start with a million requests that wait. They are written without a sync for
// each, which is what takes the time.
func BenchmarkStartWithMillion(b *testing.B) {
	folder := filepath.Join(b.TempDir(), "journal")
	million(b, folder, 1_000_000)
	for b.Loop() {
		j := open(b, folder)
		first := make(chan struct{})
		once := sync.OnceFunc(func() { close(first) })
		if err := j.Begin(func(desk.Job) { once() }, nil); err != nil {
			b.Fatal(err)
		}
		<-first
		b.StopTimer()
		j.Close()
		b.StartTimer()
	}
}
