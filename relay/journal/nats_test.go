package journal

import (
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"commdn/protocol/commdn"
	"commdn/relay/desk"
)

// cluster is one NATS server with JetStream, which can be ended and started again at
// the same address.
type cluster struct {
	t      *testing.T
	folder string
	server *server.Server
	port   int
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, folder: t.TempDir(), port: server.RANDOM_PORT}
	c.start()
	t.Cleanup(c.stop)
	return c
}

func (c *cluster) start() {
	c.t.Helper()
	s, err := server.NewServer(&server.Options{ServerName: "nats", Host: "127.0.0.1", Port: c.port, NoSigs: true, JetStream: true, StoreDir: c.folder, SyncAlways: true})
	if err != nil {
		c.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		c.t.Fatal("NATS does not start")
	}
	c.server, c.port = s, s.Addr().(*net.TCPAddr).Port
}

func (c *cluster) stop() {
	c.server.Shutdown()
	c.server.WaitForShutdown()
}

func (c *cluster) open() *Journal {
	c.t.Helper()
	j, err := Open(Options{NATS: NATS{URLs: []string{c.server.ClientURL()}, Replicas: 1}, InFlight: 64, Keep: time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		c.t.Fatal(err)
	}
	return j
}

// On NATS what one relay has accepted the next one sends, and both know the outcome.
func TestNATS(t *testing.T) {
	c := newCluster(t)
	first := startOn(t, c.open(), one(false))
	ticket := first.dnc("k1", "5550100001")
	next(t, ticket, 0, desk.Accepted)
	next(t, ticket, 1, desk.Queued)
	first.close()

	second := startOn(t, c.open(), one(true))
	second.until("the request is sent", func() bool { return len(second.links["a"].heard()) == 1 && second.counts().Waiting == 0 })
	third := startOn(t, c.open(), one(true))
	if e, done := third.Find(t.Context(), "ann", "k1").Done(); !done || e.Refusal != nil {
		t.Errorf("outcome %+v", e)
	}
}

// While NATS is away nothing is accepted; when it is back all goes on.
func TestNATSAway(t *testing.T) {
	c := newCluster(t)
	r := startOn(t, c.open(), one(true))
	next(t, r.dnc("k1", "5550100001"), 1, desk.Settled)
	c.stop()
	if _, refusal := r.submit("k2", &commdn.DoNotCall{Phone: "5550100002"}); refusal == nil {
		t.Error("accepted without NATS")
	}
	c.start()
	r.until("NATS is used again", func() bool {
		_, refusal := r.submit("k3", &commdn.DoNotCall{Phone: "5550100003"})
		return refusal == nil
	})
	next(t, r.dnc("k3", "5550100003"), 1, desk.Settled)
}

// A NATS that cannot be reached at the start is an error.
func TestNATSNotThere(t *testing.T) {
	if _, err := Open(Options{NATS: NATS{URLs: []string{"nats://127.0.0.1:1"}}, Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("opened")
	}
}
