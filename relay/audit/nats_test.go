package audit

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"commdn/relay/journal"
)

// startNATS runs a NATS server with JetStream in a folder, at a port; -1 is any.
func startNATS(t *testing.T, folder string, port int) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{ServerName: "nats", Host: "127.0.0.1", Port: port, NoSigs: true, JetStream: true, StoreDir: folder, SyncAlways: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		t.Fatal("NATS does not start")
	}
	return s
}

func stopNATS(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

// member is a relay on a NATS server.
func member(t *testing.T, url, name string) *rig {
	t.Helper()
	j, err := journal.Open(journal.Options{
		NATS: journal.NATS{URLs: []string{url}, Replicas: 1}, InFlight: 64, Keep: time.Hour, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	o := options(j)
	o.Relay = name
	l, err := Open(t.Context(), o)
	if err != nil {
		j.Close()
		t.Fatal(err)
	}
	r := &rig{Log: l, t: t, journal: j}
	t.Cleanup(r.end)
	return r
}

// On NATS two relays have one chain. While NATS is away nothing is written and that is
// said; when it is back all goes on, and no entry is there twice.
func TestNATS(t *testing.T) {
	folder := t.TempDir()
	s := startNATS(t, folder, server.RANDOM_PORT)
	t.Cleanup(func() { stopNATS(s) }) // after the relays
	url, port := s.ClientURL(), s.Addr().(*net.TCPAddr).Port
	one, two := member(t, url, "one"), member(t, url, "two")
	one.record(dnc("k1", "5550100001"))
	two.record(dnc("k2", "5550100002"))
	one.record(dnc("k3", "5550100003"))
	stopNATS(s)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	if err := one.Record(ctx, dnc("k4", "5550100004")); err == nil {
		t.Error("written without NATS")
	}
	cancel()
	s = startNATS(t, folder, port)
	for late := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if err := two.Record(t.Context(), dnc("k5", "5550100005")); err == nil {
			break
		} else if time.Now().After(late) {
			t.Fatal(err)
		}
	}
	one.record(dnc("k6", "5550100006"))
	seen := map[string]int{}
	for _, e := range two.find(Query{}) {
		seen[e.Key]++
	}
	for _, key := range []string{"k1", "k2", "k3", "k5", "k6"} {
		if seen[key] != 1 {
			t.Errorf("%s is there %d times", key, seen[key])
		}
	}
	if seen["k4"] > 1 {
		t.Errorf("k4 is there %d times", seen["k4"])
	}
	cp := two.checkpoint()
	if rep := one.verify(cp); len(rep.Problems) > 0 || !strings.Contains(rep.Proof, "checkpoint") {
		t.Errorf("%+v", rep)
	}
}

// A person whom one relay erases is erased for the other one, too.
func TestNATSErase(t *testing.T) {
	s := startNATS(t, t.TempDir(), server.RANDOM_PORT)
	t.Cleanup(func() { stopNATS(s) }) // after the relays
	one, two := member(t, s.ClientURL(), "one"), member(t, s.ClientURL(), "two")
	one.record(dnc("k1", "5550100001"))
	two.record(dnc("k2", "5550100001"))
	if n, err := one.Erase(t.Context(), "5550100001", ""); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	if all := two.find(Query{Phone: "5550100001"}); len(all) > 0 {
		t.Errorf("%+v", all)
	}
	if rep := two.verify(nil); len(rep.Problems) > 0 || rep.Erased != 2 {
		t.Errorf("%+v", rep)
	}
}
