package cluster

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/internal/leak"
	"commdn/relay/internal/natstest"
	"commdn/relay/lease"
	"commdn/relay/link"
)

func TestMain(m *testing.M) { leak.Main(m) }

const patience = 30 * time.Second

var autumn = commdn.CampaignGroup{Campaign: 1001, Group: 501}

// none is a journal that has nothing.
type none struct{}

func (none) Hold(context.Context, string, uint64) error { return nil }
func (none) Lose(string)                                {}

// relay is the part of one relay, with an OCS that the test plays.
type relay struct {
	*Link
	t    *testing.T
	conn *nats.Conn
	end  func()

	mu    sync.Mutex
	ask   func(link.Call) *frame.Refusal
	heard []string
	fails string // whoever hears that panics, once
}

func start(t *testing.T, server *natstest.Server, name string, ask func(link.Call) *frame.Refusal) *relay {
	t.Helper()
	conn, err := nats.Connect(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{JetStream: js, Name: name, Lease: time.Second, Replicas: 1, Journal: none{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{t: t, conn: conn, ask: ask}
	hear := func(what string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.heard = append(r.heard, what)
		if what == r.fails {
			r.fails = ""
			panic("a mistake at " + what)
		}
	}
	r.Link = c.Join(LinkOptions{
		Name: "madrid", AnswerTimeout: patience, Ready: func() bool { return true },
		Ask:     func(_ context.Context, c link.Call) *frame.Refusal { return r.ask(c) },
		Changed: func(lease.State) {},
		Note:    func(e *commdn.CampaignEvent, _ time.Time) { hear(e.Status.String()) },
		Gap:     func(time.Time) { hear("gap") },
		Missed:  func() { hear("missed") },
	}).(*Link)
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	r.end = sync.OnceFunc(func() {
		r.Close()
		conn.Close()
	})
	t.Cleanup(r.end)
	return r
}

func (r *relay) until(what string, is func() bool) {
	r.t.Helper()
	for late := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			r.t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

func (r *relay) knows(s lease.Sender) {
	r.t.Helper()
	r.until("who sends", func() bool { return r.State().Sender == s })
}

func (r *relay) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.heard)
}

func loaded(s commdn.GroupStatus) *commdn.CampaignEvent {
	return &commdn.CampaignEvent{Address: commdn.Address{Origin: 201, Target: 101}, Event: commdn.EvCampaignStatus, CampaignGroup: autumn, HasStatus: true, Status: s}
}

func stop() *commdn.StopDialing { return &commdn.StopDialing{CampaignGroup: autumn} }

// All that the one that sends says of a request reaches who asked for it, a late answer
// too; a request that it cannot read, or that makes it fail, is refused.
func TestForward(t *testing.T) {
	server := natstest.Start(t)
	late := make(chan func(link.Answer), 1)
	first := start(t, server, "first", func(c link.Call) *frame.Refusal {
		switch c.Key {
		case "answered":
			c.Sending()
			c.Waits()
			c.Answer(link.Answer{Message: loaded(commdn.StatusRunning)}, false)
			c.Answer(link.Answer{Message: loaded(commdn.StatusActive)}, true)
			return nil
		case "fails":
			panic("a mistake")
		case "final":
			c.Final()
			return &frame.Refusal{Code: frame.RefusedTServer, Message: "error 53"}
		}
		late <- c.Late
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS did not answer"}
	})
	first.knows(lease.Self)
	second := start(t, server, "second", nil)
	second.knows(lease.Another)
	var said []string
	after := make(chan link.Answer, 1)
	call := func(key string) *frame.Refusal {
		said = nil
		return second.Ask(t.Context(), link.Call{
			Key: key, Request: stop(), Sending: func() { said = append(said, "sending") }, Waits: func() { said = append(said, "waits") },
			Answer: func(a link.Answer, last bool) {
				said = append(said, a.Message.(*commdn.CampaignEvent).Status.String())
				if last {
					said = append(said, "last")
				}
			},
			Late:  func(a link.Answer) { after <- a },
			Final: func() { said = append(said, "final") },
		})
	}
	if refusal := call("answered"); refusal != nil {
		t.Error(refusal)
	}
	if want := []string{"sending", "waits", commdn.StatusRunning.String(), commdn.StatusActive.String(), "last"}; !slices.Equal(said, want) {
		t.Errorf("told %q, want %q", said, want)
	}
	if refusal := call("fails"); refusal == nil || refusal.Code != frame.RefusedNoAnswer {
		t.Errorf("after a mistake: %v", refusal)
	}
	if refusal := call("final"); refusal == nil || refusal.Code != frame.RefusedTServer || !slices.Equal(said, []string{"final"}) {
		t.Errorf("refused for good: %v, told %q", refusal, said)
	}
	if refusal := call("late"); refusal == nil || len(said) != 0 || refusal.Message != "OCS did not answer" {
		t.Errorf("refusal %v", refusal)
	}
	(<-late)(link.Answer{Message: loaded(commdn.StatusActive)})
	select {
	case a := <-after:
		if a.Message.(*commdn.CampaignEvent).Status != commdn.StatusActive {
			t.Errorf("late %+v", a)
		}
	case <-time.After(patience):
		t.Error("no late answer")
	}
}

// Where the one that sends is gone without a word, or does not say that it has the
// request, who asked hears at once, or within two seconds, what is known of that.
func TestForwardToNobody(t *testing.T) {
	server := natstest.Start(t)
	first := start(t, server, "first", nil)
	first.knows(lease.Self)
	second := start(t, server, "second", nil)
	second.knows(lease.Another)
	subject := first.asked.Subject
	if err := first.asked.Unsubscribe(); err != nil {
		t.Fatal(err)
	}
	if err := first.conn.Flush(); err != nil {
		t.Fatal(err)
	}
	refusal := second.Ask(t.Context(), link.Call{Request: stop()})
	if refusal == nil || refusal.Code != frame.RefusedLinkDown || !strings.Contains(refusal.Message, "nothing was sent") {
		t.Errorf("nobody listens: %v", refusal)
	}
	if _, err := first.conn.SubscribeSync(subject); err != nil { // it listens and says nothing
		t.Fatal(err)
	}
	if err := first.conn.Flush(); err != nil {
		t.Fatal(err)
	}
	refusal = second.Ask(t.Context(), link.Call{Request: stop()})
	if refusal == nil || refusal.Code != frame.RefusedNoAnswer || !strings.Contains(refusal.Message, "may have been carried out; ask for the status") {
		t.Errorf("nobody answers: %v", refusal)
	}
}

// The others hear what the one that sends publishes, in order, and what was before they
// started. What one of an earlier term says afterwards is passed over.
func TestNews(t *testing.T) {
	server := natstest.Start(t)
	first := start(t, server, "first", nil)
	first.knows(lease.Self)
	second := start(t, server, "second", nil)
	second.knows(lease.Another)
	first.Publish(loaded(commdn.StatusActive))
	second.Publish(loaded(commdn.StatusRunning)) // it does not send: nobody hears it
	first.Publish(loaded(commdn.StatusNotLoaded))
	want := []string{"gap", commdn.StatusActive.String(), commdn.StatusNotLoaded.String()}
	second.until("the news", func() bool { return slices.Equal(second.told(), want) })
	term := first.State().Term
	first.end()
	second.knows(lease.Self)
	third := start(t, server, "third", nil)
	want = append(want, "gap")
	third.until("what was before", func() bool { return slices.Equal(third.told(), want) })

	data, err := tkvlist.AppendPack(nil, loaded(commdn.StatusRunning).UserData())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []uint64{term, term + 1} { // that of before, and the present one
		m := &nats.Msg{Subject: subjectNews + third.token + ".201.1001.501", Data: data, Header: nats.Header{headerTerm: {string(rune('0' + one))}, headerRun: {"somebody"}}}
		if _, err := third.c.js.PublishMsg(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	want = append(want, commdn.StatusRunning.String())
	third.until("the news of the present term", func() bool { return slices.Equal(third.told(), want) })
}

// A panic of whoever hears the news costs these, and no others.
func TestNewsPanic(t *testing.T) {
	server := natstest.Start(t)
	first := start(t, server, "first", nil)
	first.knows(lease.Self)
	second := start(t, server, "second", nil)
	second.knows(lease.Another)
	var want []string
	for _, fails := range []string{"gap", commdn.StatusActive.String()} {
		second.until("the gap", func() bool { return len(second.told()) == len(want)+1 })
		want = second.told()
		second.mu.Lock()
		second.fails = fails
		second.mu.Unlock()
		if fails == "gap" {
			first.PublishGap(time.Now())
		} else {
			first.Publish(loaded(commdn.StatusActive))
		}
		want = append(want, fails)
		second.until("what panics", func() bool { return slices.Equal(second.told(), want) })
		first.Publish(loaded(commdn.StatusRunning))
	}
	want = append(want, commdn.StatusRunning.String())
	second.until("the news after it", func() bool { return slices.Equal(second.told(), want) })
}

// Nor does a panic end the goroutine that tells others, which notices what they missed.
func TestMissedPanic(t *testing.T) {
	r := start(t, natstest.Start(t), "first", nil)
	r.knows(lease.Self)
	r.mu.Lock()
	r.fails = "missed"
	r.mu.Unlock()
	for n := range 2 {
		r.out.miss()
		r.until("missed", func() bool { return len(r.told()) == n+1 })
	}
}
