package journal_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"commdn/relay/audit"
	"commdn/relay/journal"
)

// Nothing is acknowledged before it is synced to the disk: not by the JetStream in the
// folder, and by no stream of journal and audit.
func TestSyncsAlways(t *testing.T) {
	j, err := journal.Open(journal.Options{Folder: t.TempDir(), InFlight: 64, Keep: time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	l, err := audit.Open(t.Context(), audit.Options{Share: j.Share(), Waiting: j.Waiting, Relay: "one", Keep: 24 * time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if conf := j.Server().JetStreamConfig(); conf == nil || !conf.SyncAlways {
		t.Errorf("JetStream does not sync every write: %+v", conf)
	}
	streams := j.Share().JetStream.ListStreams(t.Context())
	n := 0
	for info := range streams.Info() {
		n++
		if c := info.Config; c.Storage != jetstream.FileStorage || c.PersistMode != jetstream.DefaultPersistMode {
			t.Errorf("%s is stored in %s, %s", c.Name, c.Storage, c.PersistMode)
		}
	}
	if err := streams.Err(); err != nil || n != 5 {
		t.Errorf("%d streams, %v", n, err)
	}
}
