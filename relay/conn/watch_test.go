package conn

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/campaigns"
	"commdn/relay/desk"
	"commdn/relay/hub"
	"commdn/relay/internal/admission"
	"commdn/relay/metrics"
	"commdn/relay/policy"
)

// watcher is a connection that was welcomed and watches, of which nobody reads
// the outbox.
func watcher(t *testing.T, cache *campaigns.Cache) *Conn {
	t.Helper()
	m, err := metrics.New(prometheus.NewRegistry(), "test", cache.Len)
	if err != nil {
		t.Fatal(err)
	}
	now := &Settings{View: policy.New(nil, nil, []policy.Link{{Name: "a"}}), Limits: desk.Limits{Rate: 1, Burst: 1, Requests: 1}, Queue: 100}
	log := slog.New(slog.DiscardHandler)
	members := hub.New(nil, hub.Counters{}, log)
	t.Cleanup(members.Close)
	s := NewServer(Options{Hub: members, Cache: cache, Metrics: m, Settings: func() *Settings { return now }, Log: log})
	t.Cleanup(s.Close)
	c := s.connection(&socket{net: &once{Conn: discard{}}}, "1", "192.0.2.1", &admission.Seat{})
	c.out.begin = func() {}
	if c.person, err = auth.Everybody().Authenticate(context.Background(), ""); err != nil {
		t.Fatal(err)
	}
	close(c.welcome)
	c.subscribed = frame.Subscribe{On: true}
	return c
}

// note takes news of a campaign into the cache: no plain status, of which the
// outbox keeps the newest alone.
func note(t *testing.T, cache *campaigns.Cache, campaign commdn.DBID, status commdn.GroupStatus) *hub.News {
	t.Helper()
	u, err := cache.Note("a", &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 201}, Event: commdn.EvDialingStarted, HasStatus: true, Status: status,
		CampaignGroup: commdn.CampaignGroup{Campaign: campaign, Group: 501},
		Dialing:       commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &hub.News{Update: u}
}

// told takes what is queued, as CAMPAIGN/STATUS.
func told(t *testing.T, c *Conn) (all []string) {
	t.Helper()
	for _, q := range c.out.take() {
		if q.message == nil {
			continue
		}
		f, err := frame.Decode(q.message)
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind == frame.KindOutcome {
			all = append(all, "outcome")
			continue
		}
		m, err := commdn.Decode(f.Body)
		if err != nil {
			t.Fatal(err)
		}
		e := m.(*commdn.CampaignEvent)
		all = append(all, strconv.Itoa(int(e.Campaign))+"/"+strconv.Itoa(int(e.Status)))
	}
	return all
}

// An answer does not wait for the fan-out. What OCS said of the same campaign
// group before it is not told after it; what it said later is, and so is what it
// said of others.
func TestAnswerOvertakesNews(t *testing.T) {
	cache := campaigns.New()
	c := watcher(t, cache)
	older, other := note(t, cache, 1, commdn.StatusActive), note(t, cache, 2, commdn.StatusActive)
	answer := note(t, cache, 1, commdn.StatusRunning)
	later := note(t, cache, 1, commdn.StatusActive)
	c.begin(7)
	c.tell(7, desk.Event{Kind: desk.Settled, Answer: answer.Update.Event, Of: answer.Update.Key(), Seq: answer.Update.Seq})
	for _, n := range []*hub.News{older, other, answer} {
		c.News(n)
	}
	if got, want := told(t, c), []string{"outcome", "2/4", "1/5"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	c.News(later)
	if got, want := told(t, c), []string{"1/4"}; !slices.Equal(got, want) || len(c.newest) != 0 {
		t.Errorf("told %q, want %q; %d answers are remembered", got, want, len(c.newest))
	}
}

// News that come while a snapshot is on its way follow it, once: the snapshot
// has everything up to its number.
func TestSnapshotMeetsNews(t *testing.T) {
	cache := campaigns.New()
	c := watcher(t, cache)
	before := note(t, cache, 1, commdn.StatusActive)
	c.holding = true // as watch does first
	c.News(before)
	snapshot := cache.Snapshot(false)
	after := note(t, cache, 1, commdn.StatusRunning)
	c.News(after)
	if got := told(t, c); got != nil {
		t.Errorf("told %q before the snapshot", got)
	}
	for _, u := range snapshot.Last {
		c.queue(u.Current, statusKey{})
	}
	c.meet(snapshot.Seq)
	if got, want := told(t, c), []string{"1/4", "1/5"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

// News that a snapshot had already, and that the fan-out brings behind it, are not
// told: the client would take them for the newest.
func TestNewsBehindASnapshot(t *testing.T) {
	cache := campaigns.New()
	c := watcher(t, cache)
	late := note(t, cache, 1, commdn.StatusActive)
	newer := note(t, cache, 1, commdn.StatusRunning)
	c.watch()
	if got, want := told(t, c), []string{"1/5"}; !slices.Equal(got, want) {
		t.Fatalf("the snapshot told %q, want %q", got, want)
	}
	c.News(late)
	c.News(newer)
	c.News(note(t, cache, 1, commdn.StatusNotLoaded))
	if got, want := told(t, c), []string{"1/0"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

// New limits count for a connection that is there.
func TestAdopt(t *testing.T) {
	c := watcher(t, campaigns.New())
	now := *c.s.o.Settings()
	now.Queue, now.Limits.Requests = 2, 9
	c.s.o.Settings = func() *Settings { return &now }
	c.adopt()
	for n := range 4 {
		c.Links(hub.Links{{Name: "a", Link: frame.Link{Up: true, Since: int64(n)}}})
	}
	if c.ctx.Err() == nil {
		t.Error("the queue is as long as before")
	}
	all := c.out.take()
	if f, err := frame.Decode(all[0].message); err != nil || f.Kind != frame.KindLimits || frame.ReadLimits(f.Body).MaxRequests != 9 {
		t.Errorf("told %v, %v", f, err)
	}
}
