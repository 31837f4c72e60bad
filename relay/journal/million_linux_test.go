package journal

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// million fills a folder with entries that wait, by a JetStream that does not sync
// each of them.
func million(t testing.TB, folder string, n int) {
	t.Helper()
	j := open(t, folder) // makes the streams
	route := route([]string{"a"})
	if err := j.keep(t.Context(), subjectRoute+route, []string{"a"}); err != nil {
		t.Fatal(err)
	}
	j.Close()
	s, err := server.NewServer(&server.Options{ServerName: "commdn", DontListen: true, NoSigs: true, JetStream: true, StoreDir: folder, NoSystemAccount: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer func() {
		s.Shutdown()
		s.WaitForShutdown()
	}()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("JetStream does not start")
	}
	c, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	js, err := jetstream.New(c, jetstream.WithPublishAsyncMaxPending(4096))
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		e := entry(i)
		r, err := encode(e)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.PublishAsync(subjectWork+route+"."+id(e.ID), data, jetstream.WithStallWait(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-js.PublishAsyncComplete():
	case <-time.After(time.Minute):
		t.Fatal("JetStream does not take them")
	}
}
