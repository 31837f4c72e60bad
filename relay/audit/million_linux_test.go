package audit

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"commdn/protocol/commdn"
	"commdn/relay/desk"
	"commdn/relay/journal"
)

// million fills a folder with n requests that wait and n entries, each in a block of its
// own, by a JetStream that does not sync each of them.
func million(b *testing.B, folder string, n int) {
	b.Helper()
	r := startIn(b, folder)
	if err := r.journal.Begin(func(desk.Job) {}, nil); err != nil {
		b.Fatal(err)
	}
	first := desk.Entry{
		ID: desk.ID{Subject: "ann", Key: fmt.Sprintf("%032d", 0)}, Name: "Ann", Door: "websocket", From: "192.0.2.1",
		Data: (&commdn.DoNotCall{Phone: "5550100001"}).UserData(), Links: []string{"a"}, At: time.Now(),
	}
	if _, err := r.journal.Put(b.Context(), first); err != nil {
		b.Fatal(err)
	}
	work, err := r.js.Stream(b.Context(), "COMMDN_WORK")
	if err != nil {
		b.Fatal(err)
	}
	like, err := work.GetMsg(b.Context(), 1)
	if err != nil {
		b.Fatal(err)
	}
	h := r.now()
	r.end()

	s, err := server.NewServer(&server.Options{ServerName: "commdn", DontListen: true, NoSigs: true, JetStream: true, StoreDir: folder, NoSystemAccount: true})
	if err != nil {
		b.Fatal(err)
	}
	s.Start()
	defer func() {
		s.Shutdown()
		s.WaitForShutdown()
	}()
	if !s.ReadyForConnections(time.Minute) {
		b.Fatal("JetStream does not start")
	}
	c, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	js, err := jetstream.New(c, jetstream.WithPublishAsyncMaxPending(4096))
	if err != nil {
		b.Fatal(err)
	}
	put := func(subject string, data []byte) {
		if _, err := js.PublishAsync(subject, data, jetstream.WithStallWait(time.Minute)); err != nil {
			b.Fatal(err)
		}
	}
	route := like.Subject[:len(like.Subject)-32]
	for i := 1; i < n; i++ {
		key := fmt.Sprintf("%032d", i)
		put(route+journal.ID(desk.ID{Subject: "ann", Key: key}), bytes.Replace(like.Data, []byte(first.ID.Key), []byte(key), 1))
	}
	at := utc(time.Now())
	for i := h.seq; i < uint64(n); i++ {
		e := entryOf(dnc(fmt.Sprintf("%032d", i), "5550100001"))
		e.At, e.Relay = at, "one"
		one := &block{chain: h.chain, mark: uint64(n)}
		if h.hash, err = one.add(e, i+1, h.hash); err != nil {
			b.Fatal(err)
		}
		put(subjectBlock, one.encode())
	}
	select {
	case <-js.PublishAsyncComplete():
	case <-time.After(time.Minute):
		b.Fatal("JetStream does not take them")
	}
}

// cpu gives the seconds that this process has computed since then, which others on the
// machine change little.
func cpu(b *testing.B) (spent func() float64) {
	b.Helper()
	now := func() float64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
	}
	began := now()
	return func() float64 { return now() - began }
}

const many = 1_000_000

// The start with a million requests that wait and a million entries, each in a block of
// its own, and the proof of these: the worst case, as what comes together shares a block.
func BenchmarkMillion(b *testing.B) {
	folder := filepath.Join(b.TempDir(), "journal")
	million(b, folder, many)
	b.Run("Start", func(b *testing.B) {
		spent := cpu(b)
		for b.Loop() {
			j := openJournal(b, folder)
			l, err := Open(b.Context(), options(j))
			if err != nil {
				b.Fatal(err)
			}
			first := make(chan struct{})
			once := sync.OnceFunc(func() { close(first) })
			if err := j.Begin(func(desk.Job) { once() }, nil); err != nil {
				b.Fatal(err)
			}
			<-first
			b.StopTimer()
			b.ReportMetric(spent(), "cpu-s")
			l.Close()
			j.Close()
			spent = cpu(b)
			b.StartTimer()
		}
	})
	b.Run("Verify", func(b *testing.B) {
		j := openJournal(b, folder)
		defer j.Close()
		l, err := Open(b.Context(), options(j))
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		for b.Loop() {
			spent := cpu(b)
			r, err := l.Verify(b.Context(), nil, nil)
			if err != nil || r.Entries != many || len(r.Problems) > 0 {
				b.Fatalf("%v, %+v", err, r)
			}
			b.ReportMetric(spent(), "cpu-s")
		}
	})
}
