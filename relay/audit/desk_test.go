package audit

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/campaigns"
	"commdn/relay/desk"
	"commdn/relay/internal/maskhash"
	"commdn/relay/journal"
	"commdn/relay/link"
	"commdn/relay/metrics"
	"commdn/relay/numbers"
	"commdn/relay/policy"
)

// ocs is a link with an OCS that the test plays.
type ocs struct {
	down  atomic.Bool
	asked atomic.Int64
}

func (*ocs) Remember(commdn.Request) {}

func (o *ocs) Ask(_ context.Context, c link.Call) *frame.Refusal {
	if o.down.Load() {
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "no link"}
	}
	c.Sending()
	o.asked.Add(1)
	from := commdn.Address{Origin: 201, Target: 101}
	switch m := c.Request.(type) {
	case *commdn.DoNotCall:
		c.Answer(link.Answer{Message: &commdn.DoNotCallProcessed{Address: from, Phone: m.Phone}}, true)
	case *commdn.CancelRecord:
		c.Answer(link.Answer{Message: &commdn.RecordCanceled{Address: from, Phone: m.Phone, Message: "1 on a desktop"}}, true)
	default:
		c.Answer(link.Answer{Message: &commdn.Fault{Address: from, Code: 6, Message: "not now"}}, true)
	}
	return nil
}

// office is a desk with a journal, an audit, and one link.
type office struct {
	*desk.Desk
	audit   *Log
	journal *journal.Journal
	link    *ocs
	source  *desk.Source
	end     func()
}

func newOffice(j *journal.Journal, l *Log, up bool, change ...func(*desk.Options)) (*office, error) {
	o := &office{audit: l, journal: j, link: &ocs{}, source: desk.NewSource("192.0.2.1", desk.Limits{Rate: 1e6, Burst: 1e6, Requests: 10_000}, nil)}
	o.link.down.Store(!up)
	cache := campaigns.New()
	m, err := metrics.New(prometheus.NewRegistry(), "test", cache.Len)
	if err != nil {
		return nil, err
	}
	view := policy.New(nil, nil, []policy.Link{{Name: "a", AppDBID: 101, OCS: []commdn.DBID{201}}})
	log := slog.New(slog.DiscardHandler)
	opts := desk.Options{
		View: func() *policy.View { return view }, Links: map[string]desk.Link{"a": o.link}, Cache: cache, StatusAge: time.Hour, Store: desk.NewMemory(),
		Forms:   func(_, phone string) ([]numbers.Form, error) { return []numbers.Form{{Text: phone}}, nil },
		Journal: j, Audit: l, Retry: desk.Retry{Attempts: 3, Min: time.Millisecond, Max: 4 * time.Millisecond},
		Metrics: m, Hash: maskhash.NewKey(), Log: log, Limited: log,
	}
	for _, f := range change {
		f(&opts)
	}
	o.Desk = desk.New(opts)
	o.LinkState("a", frame.Link{Up: up, Since: 1})
	o.end = sync.OnceFunc(func() {
		o.Close()
		l.Close()
		j.Close()
	})
	return o, o.Resume()
}

func openOffice(t *testing.T, folder string, up bool, change ...func(*desk.Options)) *office {
	t.Helper()
	j := openJournal(t, folder)
	l, err := Open(t.Context(), options(j))
	if err != nil {
		t.Fatal(err)
	}
	o, err := newOffice(j, l, up, change...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.end)
	return o
}

func (o *office) ask(ctx context.Context, key string, req commdn.Request, roles ...auth.Role) (*desk.Ticket, *frame.Refusal) {
	if roles == nil {
		roles = []auth.Role{auth.Agent, auth.Supervisor}
	}
	g := (&auth.Policy{}).Grant(auth.Identity{Subject: "ann", Roles: roles})
	ticket, _, refusal := o.Submit(ctx, desk.Submission{
		Key: key, Actor: desk.Actor{Subject: "ann", Name: "Ann", Grant: g, Door: "test", Session: "1"}, Source: o.source, Data: req.UserData(),
	})
	return ticket, refusal
}

// settled gives the last event of a ticket.
func settled(t *testing.T, ticket *desk.Ticket) desk.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for n := 0; ; n++ {
		e, err := ticket.Next(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == desk.Settled || e.Kind == desk.Left {
			return e
		}
	}
}

func (o *office) entries(t *testing.T, key string) (all []*Entry) {
	t.Helper()
	if err := o.audit.Find(t.Context(), Query{Key: key}, func(e *Entry) error { all = append(all, e); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

// Every request that changes something is in the audit when its outcome is told.
func TestDesk(t *testing.T) {
	o := openOffice(t, filepath.Join(t.TempDir(), "journal"), true)
	group := commdn.CampaignGroup{Campaign: 1001, Group: 5}
	for i, c := range []struct {
		name    string
		req     commdn.Request
		kinds   []Kind
		outcome string
		code    int
	}{
		{"do not call", &commdn.DoNotCall{Phone: "5550100001"}, []Kind{Ended}, Done, 0},
		{"cancel", &commdn.CancelRecord{Phone: "5550100001", Campaign: "Autumn"}, []Kind{Ended}, Incomplete, 0},
		{"unload", &commdn.UnloadCampaign{CampaignGroup: group}, []Kind{Asked, Ended}, Fault, 6},
		{"a question", &commdn.GetCampaignStatus{CampaignGroup: group}, nil, "", 0},
	} {
		key := fmt.Sprint("key", i)
		ticket, refusal := o.ask(t.Context(), key, c.req)
		if refusal != nil {
			t.Fatal(refusal)
		}
		settled(t, ticket)
		all := o.entries(t, key)
		if len(all) != len(c.kinds) {
			t.Fatalf("%s: %+v", c.name, all)
		}
		for i, e := range all {
			if e.Kind != c.kinds[i] || e.Subject != "ann" || e.Door != "test" || e.Address != "192.0.2.1" || e.Submitted.IsZero() {
				t.Errorf("%s: %+v", c.name, e)
			}
		}
		if n := len(all); n > 0 {
			e := all[n-1]
			if e.Outcome != c.outcome || len(e.Answers) != 1 || e.Answers[0].Link != "a" || e.Answers[0].OCS != 201 || e.Answers[0].Code != c.code || len(e.Sent) != 1 || e.Sent[0].First.IsZero() {
				t.Errorf("%s: %+v", c.name, e)
			}
			if about := c.req.Type().AboutPerson(); e.Accepted.IsZero() == about {
				t.Errorf("%s: accepted %s", c.name, e.Accepted)
			}
		}
	}
	if _, refusal := o.ask(t.Context(), "d1", &commdn.UnloadCampaign{CampaignGroup: group}, auth.Agent); refusal == nil {
		t.Fatal("allowed")
	}
	for late := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if all := o.entries(t, "d1"); len(all) == 1 && all[0].Kind == Denied && all[0].Code == "forbidden" && all[0].Request == "CM_ReqUnloadCampaign" {
			break
		}
		if time.Now().After(late) {
			t.Fatal("the denial is not in the audit")
		}
	}
}

// What waits for its link is in the audit while it waits, and when it has its outcome.
func TestWaiting(t *testing.T) {
	o := openOffice(t, filepath.Join(t.TempDir(), "journal"), false)
	ticket, refusal := o.ask(t.Context(), "k1", &commdn.DoNotCall{Phone: "5550100001"})
	if refusal != nil {
		t.Fatal(refusal)
	}
	for late := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if all := o.entries(t, "k1"); len(all) == 1 && all[0].Kind == Waiting && all[0].Person.Phone == "5550100001" && all[0].Name == "Ann" {
			break
		}
		if time.Now().After(late) {
			t.Fatal("it is not in the audit")
		}
	}
	time.Sleep(2 * lookEvery) // it is there once
	o.link.down.Store(false)
	o.LinkState("a", frame.Link{Up: true, Since: 2})
	settled(t, ticket)
	if all := o.entries(t, "k1"); len(all) != 2 || all[1].Kind != Ended || all[1].Outcome != Done {
		t.Errorf("%+v", all)
	}
}

// Without an audit that can be written nothing changes a campaign, and no outcome of a
// do-not-call is told: after the next start it is sent once more.
func TestFailsClosed(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "journal")
	o := openOffice(t, folder, true)
	o.audit.Close()
	ticket, refusal := o.ask(t.Context(), "k1", &commdn.UnloadCampaign{CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 5}})
	if refusal != nil {
		t.Fatal(refusal)
	}
	if e := settled(t, ticket); e.Refusal == nil || o.link.asked.Load() != 0 {
		t.Errorf("%+v, and OCS was asked %d times", e, o.link.asked.Load())
	}
	if ticket, refusal = o.ask(t.Context(), "k2", &commdn.DoNotCall{Phone: "5550100001"}); refusal != nil {
		t.Fatal(refusal)
	}
	for late := time.Now().Add(patience); o.link.asked.Load() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("OCS was not asked")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for n := 0; ; n++ {
		e, err := ticket.Next(ctx, n)
		if err != nil {
			break
		}
		if e.Kind == desk.Settled {
			t.Fatalf("told %+v", e)
		}
	}
	o.end()
	o = openOffice(t, folder, true)
	for late := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if all := o.entries(t, "k2"); len(all) > 0 && all[len(all)-1].Kind == Ended {
			break
		}
		if time.Now().After(late) {
			t.Fatal("it is not in the audit")
		}
	}
}

// A burst of requests takes few blocks, and none of its entries is missing.
func TestBurst(t *testing.T) {
	o := openOffice(t, filepath.Join(t.TempDir(), "journal"), true)
	const n = 300
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() {
			ticket, refusal := o.ask(t.Context(), fmt.Sprint("k", i), &commdn.DoNotCall{Phone: fmt.Sprintf("55501%05d", i)})
			if refusal != nil {
				t.Error(refusal)
				return
			}
			settled(t, ticket)
		})
	}
	running.Wait()
	ended := 0
	if err := o.audit.Find(t.Context(), Query{}, func(e *Entry) error {
		if e.Kind == Ended {
			ended++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if blocks := o.audit.now().message; ended != n || blocks > n {
		t.Errorf("%d entries in %d blocks", ended, blocks)
	}
}
