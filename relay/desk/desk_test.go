package desk_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
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
		View: func() *policy.View { return view }, Links: asked, Cache: r.cache, StatusAge: time.Hour, Store: store,
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

// A request lives on when nobody listens any more, and tells everything to who
// comes back with its key.
func TestOutlivesItsListener(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: silent(release)})
	ticket := r.must(source(), "k1", "5550100001")
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for n := 0; ; n++ {
		if _, err := ticket.Next(gone, n); err != nil {
			break
		}
	}
	again := r.Find(t.Context(), "ann", "k1")
	if again == nil {
		t.Fatal("the desk does not find it")
	}
	if other := r.Find(t.Context(), "ben", "k1"); other != nil {
		t.Error("somebody else finds it")
	}
	close(release)
	for _, one := range []*desk.Ticket{ticket, again} {
		all := events(t, one)
		if len(all) != 2 || all[0].Kind != desk.Queued || all[0].Queued.Reason != frame.QueuedBehind || all[1].Refusal != nil {
			t.Errorf("events %+v", all)
		}
	}
	for r.InFlight() > 0 { // until then it is the ticket that lives
		time.Sleep(time.Millisecond)
	}
	settled := r.Find(t.Context(), "ann", "k1")
	if settled == nil {
		t.Fatal("the desk has forgotten the outcome")
	}
	if e, done := settled.Done(); !done || e.Answer.(*commdn.DoNotCallProcessed).Phone != "5550100001" {
		t.Errorf("outcome %+v", e)
	}
}

// Who submits a new request may be told its events without a goroutine of its
// own, in order and each once; of one that the desk has already the ticket tells.
func TestTell(t *testing.T) {
	r := newRig(t, &disk{Memory: desk.NewMemory()}, nil, &ocs{answer: acknowledge})
	var mu sync.Mutex
	var told []desk.EventKind
	submit := func() (*desk.Ticket, bool) {
		ticket, begun, refusal := r.Submit(t.Context(), desk.Submission{
			Key: "k1", Actor: ann(), Source: source(), Data: dnc("5550100001"),
			Tell: func(e desk.Event) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, e.Kind)
			},
		})
		if refusal != nil {
			t.Fatal(refusal)
		}
		return ticket, begun
	}
	ticket, begun := submit()
	if !begun {
		t.Error("a new request did not begin")
	}
	last(t, ticket)
	<-r.Drain()
	mu.Lock()
	defer mu.Unlock()
	if want := []desk.EventKind{desk.Accepted, desk.Settled}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// An answer that comes after the request was given up corrects what the store
// has, and who asked is told.
func TestLate(t *testing.T) {
	asked := &ocs{answer: func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS did not answer"}
	}}
	r := newRig(t, desk.NewMemory(), nil, asked)
	told := make(chan desk.Event, 8)
	ticket, _, refusal := r.Submit(t.Context(), desk.Submission{
		Key: "k1", Actor: ann(), Source: source(), Data: dnc("5550100001"), Tell: func(e desk.Event) { told <- e },
	})
	if refusal != nil {
		t.Fatal(refusal)
	}
	if e := last(t, ticket); e.Refusal == nil {
		t.Fatalf("settled as %+v", e)
	}
	<-told
	asked.late(link.Answer{Message: &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}}})
	if e := <-told; e.Kind != desk.Late || e.Key != "k1" || e.Answer.Type() != commdn.EvDoNotCallProcessed {
		t.Errorf("told %+v", e)
	}
	if e := last(t, r.must(source(), "k1", "5550100001")); e.Refusal != nil || asked.count() != 1 {
		t.Errorf("asked again with the same key: %+v, sent %d times", e, asked.count())
	}
}

// A key is one request: in flight, settled, and never with another content.
func TestSameKey(t *testing.T) {
	release := make(chan struct{})
	link := &ocs{answer: silent(release)}
	r := newRig(t, desk.NewMemory(), nil, link)
	s := source()
	first := r.must(s, "k1", "5550100001")
	for range 10 { // more than may be in flight
		if again := r.must(s, "k1", "5550100001"); again != first {
			t.Fatal("another ticket")
		}
	}
	if _, refusal := r.submit(s, "k1", "5550100002"); refusal == nil || refusal.Code != frame.RefusedInvalid {
		t.Errorf("another number with the key: %v", refusal)
	}
	close(release)
	last(t, first)
	for r.InFlight() > 0 {
		time.Sleep(time.Millisecond)
	}
	if e := last(t, r.must(s, "k1", "5550100001")); e.Refusal != nil {
		t.Errorf("after it was settled: %+v", e)
	}
	if _, refusal := r.submit(s, "k1", "5550100002"); refusal == nil || refusal.Code != frame.RefusedInvalid {
		t.Errorf("another number with the key of a settled one: %v", refusal)
	}
	if link.count() != 1 {
		t.Errorf("%d requests went out", link.count())
	}
	for _, key := range []string{"", strings.Repeat("k", frame.MaxKey+1), "k 1", "é"} {
		if _, refusal := r.submit(s, key, "5550100001"); refusal == nil || refusal.Code != frame.RefusedInvalid {
			t.Errorf("key %q: %v", key, refusal)
		}
	}
}

// disk is a store that survives a crash, as far as the desk can tell.
type disk struct {
	*desk.Memory
	full bool
}

func (*disk) Durable() bool { return true }
func (d *disk) Put(ctx context.Context, e desk.Entry) (*desk.Record, error) {
	if d.full {
		return nil, errors.New("no space left on device")
	}
	return d.Memory.Put(ctx, e)
}

// Only what is on disk is accepted, and what is not on disk is not sent.
func TestAccepted(t *testing.T) {
	store, link := &disk{Memory: desk.NewMemory()}, &ocs{answer: acknowledge}
	r := newRig(t, store, nil, link)
	if all := events(t, r.must(source(), "k1", "5550100001")); len(all) != 2 || all[0].Kind != desk.Accepted {
		t.Errorf("events %+v", all)
	}
	store.full = true
	if _, refusal := r.submit(source(), "k2", "5550100002"); refusal == nil || !strings.Contains(refusal.Message, "no space left") {
		t.Errorf("with a full disk: %v", refusal)
	}
	if r.InFlight() != 0 || link.count() != 1 {
		t.Errorf("%d in flight, %d asked", r.InFlight(), link.count())
	}
	memory := newRig(t, desk.NewMemory(), nil, &ocs{answer: acknowledge})
	if all := events(t, memory.must(source(), "k1", "5550100001")); len(all) != 1 {
		t.Errorf("in memory: %+v", all)
	}
}

// One of two links that refuses makes the refusal the outcome, with its name.
func TestSeveralLinks(t *testing.T) {
	good := &ocs{answer: acknowledge}
	bad := &ocs{answer: func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "gone"}
	}}
	worse := &ocs{answer: func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		panic("a mistake")
	}}
	both := newRig(t, desk.NewMemory(), nil, good, &ocs{answer: acknowledge})
	if all := events(t, both.must(source(), "k", "5550100001")); len(all) != 2 || all[0].Kind != desk.Answer || all[1].Refusal != nil {
		t.Errorf("both: %+v", all)
	}
	one := newRig(t, desk.NewMemory(), nil, good, bad)
	if all := events(t, one.must(source(), "k", "5550100001")); len(all) != 2 || all[1].Refusal == nil || all[1].Refusal.Message != "b: gone" {
		t.Errorf("one: %+v", all)
	}
	failed := newRig(t, desk.NewMemory(), nil, good, worse)
	if e := last(t, failed.must(source(), "k", "5550100001")); e.Refusal == nil || !strings.HasPrefix(e.Refusal.Message, "b: ") {
		t.Errorf("one that fails: %+v", e)
	}
}

// A mistake in the way to OCS settles the request, and the desk goes on.
func TestPanic(t *testing.T) {
	link := &ocs{answer: func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		panic("a mistake")
	}}
	r := newRig(t, desk.NewMemory(), nil, link)
	if e := last(t, r.must(source(), "k1", "5550100001")); e.Refusal == nil || e.Refusal.Code != frame.RefusedNoAnswer {
		t.Errorf("outcome %+v", e)
	}
	link.answer = acknowledge
	if e := last(t, r.must(source(), "k2", "5550100001")); e.Refusal != nil {
		t.Errorf("outcome %+v", e)
	}
}

// So many requests are in flight of one client, and come in a second; who goes
// on all the same is too fast.
func TestLimits(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: silent(release)})
	s := source()
	var tickets []*desk.Ticket
	for n := range 3 {
		tickets = append(tickets, r.must(s, strconv.Itoa(n), "555010000"+strconv.Itoa(n)))
	}
	if _, refusal := r.submit(s, "one more", "5550100009"); refusal == nil || refusal.Code != frame.RefusedBusy {
		t.Errorf("a fourth one: %v", refusal)
	}
	s.Adopt(desk.Limits{Rate: 1000, Burst: 1000, Requests: 4})
	tickets = append(tickets, r.must(s, "3", "5550100003"))
	close(release)
	for _, one := range tickets {
		last(t, one)
	}
	r.must(s, "5", "5550100005") // there is room as soon as the outcome is told

	slow := desk.NewSource("192.0.2.1", desk.Limits{Rate: 0.001, Burst: 1, Requests: 3}, nil)
	last(t, r.must(slow, "s", "5550100006"))
	refused := func(n int) {
		if _, refusal := r.submit(slow, "t"+strconv.Itoa(n), "5550100007"); refusal == nil || refusal.Code != frame.RefusedRateLimited {
			t.Fatalf("number %d: %v", n, refusal)
		}
	}
	for n := range 1000 {
		if refused(n); slow.TooFast() {
			t.Fatalf("too fast after %d", n+1)
		}
	}
	for n := 1000; !slow.TooFast(); n++ { // ten a second are forgiven
		if refused(n); n == 2000 {
			t.Fatal("never too fast")
		}
	}
	crowded := desk.NewSource("203.0.113.9", desk.Limits{Rate: 1000, Burst: 1000, Requests: 3}, func(time.Time) bool { return false })
	if _, refusal := r.submit(crowded, "c", "5550100008"); refusal == nil || refusal.Code != frame.RefusedRateLimited {
		t.Errorf("from an address that may not: %v", refusal)
	}
}

// Too fast is who goes over the limit all the time, also where every other
// request is let through.
func TestTooFastBetweenOthers(t *testing.T) {
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: acknowledge})
	let := false
	s := desk.NewSource("192.0.2.1", desk.Limits{Rate: 1e9, Burst: 1e9, Requests: 3}, func(time.Time) bool { let = !let; return let })
	for n := 0; !s.TooFast(); n++ {
		if n == 4000 {
			t.Fatal("never too fast")
		}
		ticket, refusal := r.submit(s, strconv.Itoa(n), "5550100001")
		if (refusal == nil) != let {
			t.Fatalf("number %d: %v", n, refusal)
		}
		if ticket != nil {
			last(t, ticket)
		}
	}
}

// A client hears of fewer requests at a time before they count: what it sent
// before that is not refused.
func TestFewerRequestsAtATime(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: silent(release)})
	s := source()
	s.Adopt(desk.Limits{Rate: 1000, Burst: 1000, Requests: 2})
	s.Adopt(desk.Limits{Rate: 1000, Burst: 1000, Requests: 1}) // it may not have heard of the first one either
	for n := range 3 {
		r.must(s, strconv.Itoa(n), "555010000"+strconv.Itoa(n))
	}
	s.Adopt(desk.Limits{Rate: 1000, Burst: 1000, Requests: 1}) // the same again
	if _, refusal := r.submit(s, "one more", "5550100009"); refusal == nil || refusal.Code != frame.RefusedBusy {
		t.Errorf("more than before the limit was lowered: %v", refusal)
	}
}

// Rights fail closed at the desk too.
func TestNoGrantNoRequest(t *testing.T) {
	link := &ocs{answer: acknowledge}
	r := newRig(t, desk.NewMemory(), nil, link)
	for name, g := range map[string]*auth.Grant{"nil": nil, "zero": {}} {
		actor := ann()
		actor.Grant = g
		if _, _, refusal := r.Submit(t.Context(), desk.Submission{Key: "k", Actor: actor, Source: source(), Data: dnc("5550100001")}); refusal == nil || refusal.Code != frame.RefusedForbidden {
			t.Errorf("%s: %v", name, refusal)
		}
	}
	if link.count() != 0 {
		t.Error("it was sent")
	}
}

// A status that OCS told not long ago answers a question at once.
func TestKnownStatus(t *testing.T) {
	link := &ocs{answer: func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "asked"}
	}}
	r := newRig(t, desk.NewMemory(), nil, link)
	of := commdn.CampaignGroup{Campaign: 1001, Group: 501}
	u, err := r.cache.Note("a", &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 201}, Event: commdn.EvCampaignStatus, CampaignGroup: of, HasStatus: true, Status: commdn.StatusRunning,
		Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(g commdn.CampaignGroup) desk.Event {
		t.Helper()
		ticket, _, refusal := r.Submit(t.Context(), desk.Submission{
			Key: "k", Actor: ann(), Source: source(), Data: (&commdn.GetCampaignStatus{CampaignGroup: g}).UserData(),
		})
		if refusal != nil {
			t.Fatal(refusal)
		}
		return last(t, ticket)
	}
	if e := ask(of); e.Refusal != nil || string(e.Packed) != string(u.Data()) || link.count() != 0 {
		t.Errorf("%+v, %d asked", e, link.count())
	}
	if e := ask(commdn.CampaignGroup{Campaign: 1002, Group: 501}); e.Refusal == nil || link.count() != 1 {
		t.Errorf("of an unknown group: %+v, %d asked", e, link.count())
	}
}

// The desk drains: no request begins, and those in flight come to their end.
func TestDrain(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: silent(release)})
	ticket := r.must(source(), "k1", "5550100001")
	idle := r.Drain()
	if _, refusal := r.submit(source(), "k2", "5550100002"); refusal == nil || refusal.Code != frame.RefusedBusy {
		t.Errorf("a request after Drain: %v", refusal)
	}
	select {
	case <-idle:
		t.Error("idle with a request in flight")
	default:
	}
	close(release)
	<-idle
	if e := last(t, ticket); e.Refusal != nil {
		t.Errorf("outcome %+v", e)
	}
	<-r.Drain()
}

// Close gives up what is in flight.
func TestClose(t *testing.T) {
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: silent(nil)})
	ticket := r.must(source(), "k1", "5550100001")
	r.Close()
	if e := last(t, ticket); e.Refusal == nil || r.InFlight() != 0 {
		t.Errorf("outcome %+v, %d in flight", e, r.InFlight())
	}
}
