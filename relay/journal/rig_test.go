package journal

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/campaigns"
	"commdn/relay/desk"
	"commdn/relay/internal/leak"
	"commdn/relay/internal/maskhash"
	"commdn/relay/link"
	"commdn/relay/metrics"
	"commdn/relay/numbers"
	"commdn/relay/policy"
	"commdn/relay/tserver"
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

// ocs is a link with an OCS that the test plays: it answers while up, says nothing
// while silent, and else there is no link.
type ocs struct {
	mu     sync.Mutex
	up     bool
	silent bool
	fault  bool // it refuses
	hangs  bool // it takes the request and says nothing until the relay ends
	asked  []string
	known  []string // that may have been asked before this process
	// What T-Server answers to a phone, one after the other; a code of 0 lets it pass.
	tserver map[string][]int32
	// Phones that it refuses, and those that it does not answer the next time.
	refused, once map[string]bool
	late          map[string]func(link.Answer) // by phone
}

func (o *ocs) set(change func(o *ocs)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(o)
}

func (o *ocs) Ask(ctx context.Context, c link.Call) *frame.Refusal {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.hangs {
		o.asked = append(o.asked, "")
		o.mu.Unlock()
		<-ctx.Done()
		o.mu.Lock()
		return &frame.Refusal{Code: frame.RefusedTServer, Message: "given up"}
	}
	if !o.up {
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "no link"}
	}
	phone := ""
	if m, ok := c.Request.(*commdn.DoNotCall); ok {
		phone = m.Phone
	}
	o.asked = append(o.asked, phone)
	if o.late != nil {
		o.late[phone] = c.Late
	}
	if codes := o.tserver[phone]; len(codes) > 0 {
		o.tserver[phone] = codes[1:]
		if e := (&tserver.Error{Request: "RequestDistributeUserEvent", Code: codes[0], Message: "no"}); e.Code != 0 {
			if e.Permanent() {
				c.Final()
			}
			return &frame.Refusal{Code: frame.RefusedTServer, Message: e.Error()}
		}
	}
	if o.silent || o.once[phone] {
		delete(o.once, phone)
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS did not answer"}
	}
	var m commdn.Message = &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: phone}
	if o.fault || o.refused[phone] {
		m = &commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 4, Message: "no such list", Phone: phone}
	}
	c.Answer(link.Answer{Message: m}, true)
	return nil
}

func (o *ocs) Remember(req commdn.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p, _ := commdn.PersonOf(req)
	o.known = append(o.known, p.Phone)
}

func (o *ocs) heard() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string{}, o.asked...)
}

// rig is a desk with a journal, and links with OCS.
type rig struct {
	*desk.Desk
	t       testing.TB
	journal *Journal
	links   map[string]*ocs
	close   func()
}

func open(t testing.TB, folder string) *Journal {
	t.Helper()
	j, err := Open(Options{Folder: folder, InFlight: 64, Keep: time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// start runs a desk on a journal in a folder. The states of its links are told.
func start(t testing.TB, folder string, links map[string]*ocs) *rig {
	t.Helper()
	return startOn(t, open(t, folder), links)
}

func startOn(t testing.TB, j *Journal, links map[string]*ocs, change ...func(*desk.Options)) *rig {
	t.Helper()
	r := &rig{t: t, journal: j, links: links}
	asked, routes := make(map[string]desk.Link), []policy.Link{}
	for name, l := range links {
		asked[name] = l
		routes = append(routes, policy.Link{Name: name, AppDBID: 101, OCS: []commdn.DBID{201}})
	}
	cache := campaigns.New()
	m, err := metrics.New(prometheus.NewRegistry(), "test", cache.Len)
	if err != nil {
		t.Fatal(err)
	}
	view := policy.New(nil, nil, routes)
	log := slog.New(slog.DiscardHandler)
	o := desk.Options{
		Undo: func() time.Duration { return time.Minute },
		View: func() *policy.View { return view }, Links: asked, Cache: cache, StatusAge: time.Hour, Store: desk.NewMemory(),
		Forms:   func(_, phone string) ([]numbers.Form, error) { return []numbers.Form{{Text: phone}}, nil },
		Journal: j, Retry: desk.Retry{Attempts: 3, Min: time.Millisecond, Max: 4 * time.Millisecond},
		Metrics: m, Hash: maskhash.NewKey(), Log: log, Limited: log,
	}
	for _, f := range change {
		f(&o)
	}
	r.Desk = desk.New(o)
	for name, l := range links {
		r.LinkState(name, frame.Link{Up: l.up, Since: 1})
	}
	if err := r.Resume(); err != nil {
		t.Fatal(err)
	}
	r.close = sync.OnceFunc(func() {
		r.Close()
		j.Close()
	})
	t.Cleanup(r.close)
	return r
}

// up changes a link, and tells the desk.
func (r *rig) up(name string, up bool) {
	r.links[name].set(func(o *ocs) { o.up = up })
	r.LinkState(name, frame.Link{Up: up, Since: 2})
}

func ann() desk.Actor {
	g := (&auth.Policy{}).Grant(auth.Identity{Subject: "ann", Roles: []auth.Role{auth.Agent, auth.Supervisor}})
	return desk.Actor{Subject: "ann", Name: "Ann", Grant: g, Door: "test", Session: "1"}
}

func (r *rig) submit(key string, req commdn.Request) (*desk.Ticket, *frame.Refusal) {
	source := desk.NewSource("192.0.2.1", desk.Limits{Rate: 1e6, Burst: 1e6, Requests: 1000}, nil)
	ticket, _, refusal := r.Submit(r.t.Context(), desk.Submission{Key: key, Actor: ann(), Source: source, Data: req.UserData()})
	return ticket, refusal
}

func (r *rig) dnc(key, phone string) *desk.Ticket {
	r.t.Helper()
	ticket, refusal := r.submit(key, &commdn.DoNotCall{Phone: phone})
	if refusal != nil {
		r.t.Fatal(refusal)
	}
	return ticket
}

// next gives the event n of a ticket, which must be of a kind.
func next(t testing.TB, ticket *desk.Ticket, n int, kind desk.EventKind) desk.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	e, err := ticket.Next(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	if e.Kind != kind {
		t.Fatalf("event %d is %+v, want the kind %d", n, e, kind)
	}
	return e
}

func (r *rig) counts() Counts {
	r.t.Helper()
	c, err := r.journal.Counts(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	for late := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			r.t.Fatalf("%s: not within %s", what, patience)
		}
	}
}
