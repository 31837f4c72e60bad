package audit

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"commdn/protocol/commdn"
	"commdn/relay/desk"
	"commdn/relay/internal/leak"
	"commdn/relay/journal"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(victimFolder); folder != "" {
		if err := victim(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	leak.Main(m)
}

const patience = 30 * time.Second

// key is a private key by a number.
func key(n byte) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	return ed25519.NewKeyFromSeed(seed)
}

// rig is an audit with the journal that has its streams.
type rig struct {
	*Log
	t       testing.TB
	journal *journal.Journal
	folder  string
}

func openJournal(t testing.TB, folder string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(journal.Options{Folder: folder, InFlight: 64, Keep: time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func options(j *journal.Journal) Options {
	return Options{Share: j.Share(), Waiting: j.Waiting, Relay: "one", Keep: 24 * time.Hour, Key: key(1), Log: slog.New(slog.DiscardHandler)}
}

func start(t testing.TB) *rig { return startIn(t, filepath.Join(t.TempDir(), "journal")) }

func startIn(t testing.TB, folder string) *rig {
	t.Helper()
	r := &rig{t: t, journal: openJournal(t, folder), folder: folder}
	l, err := Open(t.Context(), options(r.journal))
	if err != nil {
		r.journal.Close()
		t.Fatal(err)
	}
	r.Log = l
	t.Cleanup(r.end)
	return r
}

func (r *rig) end() {
	r.Close()
	r.journal.Close()
}

// dnc is the deed of a do-not-call that OCS has carried out.
func dnc(key, phone string) *desk.Deed {
	now := time.Now()
	done := &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: phone}
	return &desk.Deed{
		Kind: desk.DeedEnded, ID: desk.ID{Subject: "ann", Key: key}, Name: "Ann", Door: "websocket", From: "192.0.2.1", Session: "s1",
		Request: &commdn.DoNotCall{Phone: phone}, Links: []string{"madrid"}, Submitted: now, Accepted: now,
		Sent:    []desk.Sending{{Link: "madrid", Phone: phone, First: now, Last: now, Times: 1}},
		Answers: []desk.Answering{{Link: "madrid", Phone: phone, Answer: done, At: now}}, Outcome: desk.Outcome{Answer: done},
	}
}

func (r *rig) record(all ...*desk.Deed) {
	r.t.Helper()
	for _, d := range all {
		if err := r.Record(r.t.Context(), d); err != nil {
			r.t.Fatal(err)
		}
	}
}

// dncs records do-not-calls of 5550100001, 5550100002, …, each in a block of its own.
func (r *rig) dncs(n int) {
	r.t.Helper()
	for i := range n {
		r.record(dnc(fmt.Sprintf("k%d", i+1), fmt.Sprintf("55501%05d", i+1)))
	}
}

func (r *rig) find(q Query) (all []*Entry) {
	r.t.Helper()
	if err := r.Find(r.t.Context(), q, func(e *Entry) error { all = append(all, e); return nil }); err != nil {
		r.t.Fatal(err)
	}
	return all
}

func (r *rig) verify(cp *Signed) *Report {
	r.t.Helper()
	rep, err := r.Verify(r.t.Context(), cp, r.PublicKey())
	if err != nil {
		r.t.Fatal(err)
	}
	return rep
}

func (r *rig) checkpoint() *Signed {
	r.t.Helper()
	cp, err := r.Checkpoint(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return cp
}

// messages gives the messages of the chain.
func (r *rig) messages() (all [][]byte) {
	r.t.Helper()
	for seq := uint64(1); ; {
		m, err := r.blocks.GetMsg(context.Background(), seq, jetstream.WithGetMsgSubject(subjectBlock))
		if err != nil {
			return all
		}
		all, seq = append(all, m.Data), m.Sequence+1
	}
}

// rewrite puts other messages in the place of the chain, as somebody can who has the
// folder or the cluster.
func (r *rig) rewrite(all [][]byte) {
	r.t.Helper()
	ctx := context.Background()
	conf := r.blocks.CachedInfo().Config
	if err := r.js.DeleteStream(ctx, streamBlocks); err != nil {
		r.t.Fatal(err)
	}
	s, err := r.js.CreateStream(ctx, conf)
	if err != nil {
		r.t.Fatal(err)
	}
	r.blocks = s
	h := r.now() // they know of the note, too
	if err := os.WriteFile(r.markerFile(), fmt.Appendf(nil, "%x\n", h.chain), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	r.marked = h.seq
	r.mu.Unlock()
	for _, data := range all {
		if _, err := r.js.Publish(ctx, subjectBlock, data); err != nil {
			r.t.Fatal(err)
		}
	}
}
