package desk_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/auth"
	"commdn/relay/campaigns"
	"commdn/relay/desk"
	"commdn/relay/internal/leak"
	"commdn/relay/internal/maskhash"
	"commdn/relay/link"
	"commdn/relay/metrics"
	"commdn/relay/numbers"
	"commdn/relay/policy"
)

func TestMain(m *testing.M) { leak.Main(m) }

// ocs is a link with an OCS behind it that the test plays.
type ocs struct {
	mu    sync.Mutex
	asked []commdn.Request
	// answer is asked for each request; it may block until ctx ends.
	answer func(ctx context.Context, req commdn.Request, waits func(), answer func(link.Answer, bool)) *frame.Refusal
	late   func(link.Answer) // of the request asked last
}

func (o *ocs) Ask(ctx context.Context, c link.Call) *frame.Refusal {
	o.mu.Lock()
	o.asked, o.late = append(o.asked, c.Request), c.Late
	o.mu.Unlock()
	return o.answer(ctx, c.Request, c.Waits, c.Answer)
}

func (o *ocs) Remember(commdn.Request) {}

func (o *ocs) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.asked)
}

func acknowledge(_ context.Context, req commdn.Request, _ func(), answer func(link.Answer, bool)) *frame.Refusal {
	answer(link.Answer{Message: &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: req.(*commdn.DoNotCall).Phone}}, true)
	return nil
}

// silent answers when the test says so.
func silent(release <-chan struct{}) func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
	return func(ctx context.Context, req commdn.Request, waits func(), answer func(link.Answer, bool)) *frame.Refusal {
		waits()
		waits()
		select {
		case <-release:
			return acknowledge(ctx, req, waits, answer)
		case <-ctx.Done():
			return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "given up"}
		}
	}
}

type rig struct {
	*desk.Desk
	t     *testing.T
	links []*ocs
	cache *campaigns.Cache
	log   *strings.Builder
}

func newRig(t *testing.T, store desk.Store, change func(*desk.Options), links ...*ocs) *rig {
	t.Helper()
	r := &rig{t: t, links: links, cache: campaigns.New(), log: &strings.Builder{}}
	asked, routes := make(map[string]desk.Link), []policy.Link{}
	for i, l := range links {
		name := string(rune('a' + i))
		asked[name] = l
		routes = append(routes, policy.Link{Name: name, AppDBID: 101, OCS: []commdn.DBID{commdn.DBID(201 + i)}})
	}
	m, err := metrics.New(prometheus.NewRegistry(), "test", r.cache.Len)
	if err != nil {
		t.Fatal(err)
	}
	view := policy.New(nil, nil, routes)
	o := desk.Options{
		Undo: func() time.Duration { return time.Minute },
		View: func() *policy.View { return view }, Links: asked, Cache: r.cache, StatusAge: time.Hour, Store: store,
		Forms: func(_, phone string) ([]numbers.Form, error) {
			return []numbers.Form{{Rule: numbers.Digits, Text: phone}}, nil
		},
		Metrics: m, Hash: maskhash.NewKey(), Log: slog.New(slog.NewTextHandler(&lockedWriter{w: r.log}, nil)),
	}
	o.Limited = o.Log
	if change != nil {
		change(&o)
	}
	r.Desk = desk.New(o)
	t.Cleanup(r.Close)
	return r
}

type lockedWriter struct {
	mu sync.Mutex
	w  *strings.Builder
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func source() *desk.Source {
	return desk.NewSource("192.0.2.1", desk.Limits{Rate: 1000, Burst: 1000, Requests: 3}, nil)
}

// ann may do what agents and supervisors do.
func ann() desk.Actor {
	g := (&auth.Policy{}).Grant(auth.Identity{Subject: "ann", Roles: []auth.Role{auth.Agent, auth.Supervisor}})
	return desk.Actor{Subject: "ann", Name: "Ann", Grant: g, Door: "test", Session: "1"}
}

func dnc(phone string) tkvlist.List { return (&commdn.DoNotCall{Phone: phone}).UserData() }

// submit hands in a do-not-call of Ann's.
func (r *rig) submit(s *desk.Source, key, phone string) (*desk.Ticket, *frame.Refusal) {
	ticket, _, refusal := r.Submit(context.Background(), desk.Submission{Key: key, Actor: ann(), Source: s, Data: dnc(phone)})
	return ticket, refusal
}

func (r *rig) must(s *desk.Source, key, phone string) *desk.Ticket {
	r.t.Helper()
	ticket, refusal := r.submit(s, key, phone)
	if refusal != nil {
		r.t.Fatal(refusal)
	}
	return ticket
}

// over waits until no ticket lives: one does for a moment after its outcome is told.
func (r *rig) over() {
	r.t.Helper()
	for late := time.Now().Add(30 * time.Second); r.InFlight() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			r.t.Fatalf("%d requests are in flight", r.InFlight())
		}
	}
}

// events reads a ticket to its end.
func events(t *testing.T, ticket *desk.Ticket) (all []desk.Event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for n := 0; ; n++ {
		e, err := ticket.Next(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
		if e.Kind == desk.Settled {
			return all
		}
	}
}

func last(t *testing.T, ticket *desk.Ticket) desk.Event {
	t.Helper()
	all := events(t, ticket)
	return all[len(all)-1]
}
