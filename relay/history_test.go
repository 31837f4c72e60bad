package relay

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
)

// everything may be seen.
func everything(statusKey) bool { return true }

// clocked is a history with a clock of the test's own.
func clocked() (h *history, now *time.Time) {
	h, at := newHistory(), time.Unix(1_700_000_000, 0)
	h.now = func() time.Time { return at }
	return h, &at
}

func keyOf(s *site, campaign commdn.DBID) statusKey {
	return statusKey{s, 201, commdn.CampaignGroup{Campaign: campaign, Group: 501}}
}

// of gives what is remembered of one campaign group, as "STATUS after SECONDS".
func (h *history) of(k statusKey, began time.Time) (all []string) {
	for _, g := range h.all(func(other statusKey) bool { return other == k }).Groups {
		for _, c := range g.Changes {
			all = append(all, fmt.Sprintf("%d after %d", c.Status, c.Since-began.Unix()))
		}
	}
	return all
}

func TestHistoryChanges(t *testing.T) {
	h, now := clocked()
	began, s, other := *now, &site{}, &site{}
	for _, step := range []struct {
		status commdn.GroupStatus
		after  time.Duration
	}{{commdn.StatusActive, 0}, {commdn.StatusActive, 5 * time.Second}, {commdn.StatusRunning, 10 * time.Second}, {commdn.StatusActive, -time.Minute}} {
		*now = began.Add(step.after)
		h.note(keyOf(s, 1), step.status)
	}
	h.note(keyOf(other, 1), commdn.StatusRunning)
	// The clock was set back: the order stays.
	if got, want := h.of(keyOf(s, 1), began), []string{"4 after 0", "5 after 10", "4 after 10"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	gone := h.lost(s, began.Unix()+20)
	if len(gone.Groups) != 1 || gone.Groups[0].CampaignGroup != (frame.CampaignGroup{Campaign: 1, Group: 501, OCS: 201}) ||
		!slices.Equal(gone.Groups[0].Changes, []frame.Change{{Status: frame.StatusUnknown, Since: began.Unix() + 20}}) {
		t.Errorf("lost %+v", gone)
	}
	if again := h.lost(s, began.Unix()+30); again.Groups != nil {
		t.Errorf("lost once more: %+v", again)
	}
	*now = began.Add(40 * time.Second)
	h.note(keyOf(s, 1), commdn.StatusActive)
	if got, want := h.of(keyOf(s, 1), began), []string{"4 after 0", "5 after 10", "4 after 10", "-1 after 20", "4 after 40"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := h.of(keyOf(other, 1), began), []string{"5 after -60"}; !slices.Equal(got, want) {
		t.Errorf("the other link: %q, want %q", got, want)
	}
}

// The last 64 changes of the last 12 hours are kept, with the one that held when
// these began.
func TestHistoryForgets(t *testing.T) {
	h, now := clocked()
	began, s := *now, &site{}
	for i := range 200 {
		*now = began.Add(time.Duration(i) * time.Minute)
		h.note(keyOf(s, 1), commdn.GroupStatus(i%2))
	}
	got := h.of(keyOf(s, 1), began)
	if len(got) != frame.MaxChanges || got[0] != "0 after 8160" || got[63] != "1 after 11940" {
		t.Errorf("%d changes: %q", len(got), got)
	}
	*now = began.Add(199*time.Minute + historySpan - 30*time.Second) // they begin 30 s before the last change
	if got, want := h.of(keyOf(s, 1), began), []string{"0 after 11880", "1 after 11940"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	*now = now.Add(30 * time.Second)
	if got, want := h.of(keyOf(s, 1), began), []string{"1 after 11940"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	*now = now.Add(100 * historySpan) // it holds still
	if got, want := h.of(keyOf(s, 1), began), []string{"1 after 11940"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	h.lost(s, now.Unix())
	*now = now.Add(historySpan - time.Second)
	if got := h.of(keyOf(s, 1), began); len(got) != 2 {
		t.Errorf("%q", got)
	}
	*now = now.Add(time.Second)
	if got := h.of(keyOf(s, 1), began); got != nil || len(h.groups) != 0 {
		t.Errorf("of a link that has been gone for long: %q, %d groups", got, len(h.groups))
	}
}

// There are so many campaign groups and no more, until one may be forgotten.
func TestHistoryIsBounded(t *testing.T) {
	h, now := clocked()
	s, gone := &site{}, &site{}
	h.note(keyOf(gone, 1), commdn.StatusActive)
	h.lost(gone, now.Unix())
	for i := range commdn.DBID(historyGroups + 10) {
		h.note(keyOf(s, i), commdn.StatusActive)
	}
	late := keyOf(s, historyGroups+5)
	if n := len(h.groups); n != historyGroups || h.groups[late] != nil {
		t.Errorf("%d groups", n)
	}
	h.note(keyOf(s, 0), commdn.StatusRunning) // one that is known changes all the same
	if n := len(h.groups[keyOf(s, 0)]); n != 2 {
		t.Errorf("%d changes", n)
	}
	*now = now.Add(historySpan)
	h.note(late, commdn.StatusActive)
	if n := len(h.groups); n != historyGroups || h.groups[late] == nil || h.groups[keyOf(gone, 1)] != nil {
		t.Errorf("%d groups after the time", n)
	}
}

// recall subscribes to the history too and reads it; what is known now follows.
func (c *peer) recall(frames, now int) map[commdn.CampaignGroup][]commdn.GroupStatus {
	c.t.Helper()
	c.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true, History: true}.Body()})
	past := c.past(frames)
	for range now {
		if f := c.next(); f.Kind != frame.KindNotification {
			c.t.Fatalf("got %v %v, want a notification", f.Kind, f.Body)
		}
	}
	return past
}

// past reads so many frames of a history.
func (c *peer) past(frames int) map[commdn.CampaignGroup][]commdn.GroupStatus {
	c.t.Helper()
	past := make(map[commdn.CampaignGroup][]commdn.GroupStatus)
	for range frames {
		f := c.next()
		if f.Kind != frame.KindHistory {
			c.t.Fatalf("got %v %v, want a history", f.Kind, f.Body)
		}
		for _, g := range frame.ReadHistory(f.Body).Groups {
			of := commdn.CampaignGroup{Campaign: g.Campaign, Group: g.Group}
			if past[of] != nil || g.OCS != 201 {
				c.t.Errorf("told %+v", g)
			}
			for _, change := range g.Changes {
				past[of] = append(past[of], change.Status)
			}
		}
	}
	return past
}

func (r *rig) remembered(changes int) {
	r.t.Helper()
	r.until("the history", func() bool {
		n := 0
		for _, g := range r.srv.history.all(everything).Groups {
			n += len(g.Changes)
		}
		return n == changes
	})
}

// Whoever has just come is told what was before, by their rights, and only if
// they ask for it.
func TestHistoryIsTold(t *testing.T) {
	t.Parallel()
	r, h, p := rightsRig(t, auth.Rule{Role: auth.Supervisor, Values: []string{"lead-autumn"}, Campaigns: []string{"Autumn"}},
		auth.Rule{Role: auth.Supervisor, Values: []string{"lead-winter"}, Campaigns: []string{"Winter"}})
	before := time.Now().Unix()
	for _, s := range []commdn.GroupStatus{commdn.StatusInActive, commdn.StatusActive, commdn.StatusActive, commdn.StatusRunning} {
		h.send(event(autumnNorth, s).UserData())
	}
	h.send(event(winterNorth, commdn.StatusActive).UserData())
	r.remembered(4)
	for _, g := range r.srv.history.all(everything).Groups {
		for _, c := range g.Changes {
			if c.Since < before || c.Since > time.Now().Unix() {
				t.Errorf("%+v changed at %d, and the test began at %d", g.CampaignGroup, c.Since, before)
			}
		}
	}
	autumn := r.sessionOf(of(p, "ann", "supervisor", "lead-autumn"))
	winter := r.sessionOf(of(p, "ben", "supervisor", "lead-winter"))
	agent, plain := r.sessionOf(of(p, "eva", "agent")), r.sessionOf(of(p, "tom", "supervisor", "lead-winter"))
	for range 2 { // each time they ask
		if got := autumn.recall(1, 1); len(got) != 1 || !slices.Equal(got[autumnNorth], []commdn.GroupStatus{3, 4, 5}) {
			t.Errorf("told %v", got)
		}
	}
	if got := winter.recall(1, 1); len(got) != 1 || !slices.Equal(got[winterNorth], []commdn.GroupStatus{4}) {
		t.Errorf("told %v", got)
	}
	agent.recall(0, 0)
	plain.subscribe()
	plain.told(commdn.StatusActive)

	// News come as ever, and a lost link is told to those who know what was before.
	h.send(event(winterNorth, commdn.StatusRunning).UserData())
	for _, c := range []*peer{winter, plain} {
		c.told(commdn.StatusRunning)
	}
	r.sim.TServers()[0].SetLink(false)
	for c, of := range map[*peer]commdn.CampaignGroup{autumn: autumnNorth, winter: winterNorth} {
		if got := c.past(1); len(got) != 1 || !slices.Equal(got[of], []commdn.GroupStatus{frame.StatusUnknown}) {
			t.Errorf("told %v", got)
		}
	}
	for _, c := range []*peer{autumn, winter, agent, plain} {
		if f := c.next(); f.Kind != frame.KindLink || frame.ReadLink(f.Body).Up {
			t.Errorf("got %v %v", f.Kind, f.Body)
		}
	}

	// A reload that gives more rights tells what was before, too.
	s := r.srv.opts.Settings
	s.Policy = policy(t)
	if err := r.srv.Reload(s); err != nil {
		t.Fatal(err)
	}
	winter.readDirectory()
	got := winter.past(1)
	if len(got) != 2 || !slices.Equal(got[autumnNorth], []commdn.GroupStatus{3, 4, 5, frame.StatusUnknown}) ||
		!slices.Equal(got[winterNorth], []commdn.GroupStatus{4, 5, frame.StatusUnknown}) {
		t.Errorf("told %v", got)
	}
	agent.readDirectory()
	agent.ping()
}

// A switchover is a gap, and the status behind it comes when OCS tells it.
func TestHistoryOfSwitchover(t *testing.T) {
	t.Parallel()
	r, h, _ := pairRig(t, nil)
	c := r.session()
	h.send(status(0, commdn.StatusRunning).UserData())
	r.remembered(1)
	r.switchOver(c)
	h.sendWhenUp(status(0, commdn.StatusRunning).UserData())
	r.remembered(3)
	if got := c.recall(1, 1); !slices.Equal(got[autumn], []commdn.GroupStatus{5, frame.StatusUnknown, 5}) {
		t.Errorf("told %v", got)
	}
	// Nothing more of it.
	c.subscribe()
	c.told(commdn.StatusRunning)
	r.switchOver(c)
	c.ping()
}

// A long history takes several frames, more than a queue has room for.
func TestLongHistory(t *testing.T) {
	t.Parallel()
	r, _ := slowly(t, func(o *Options) { o.Settings.Limits.Queue = 4 })
	const groups = 120
	for round := range frame.MaxChanges {
		for n := range commdn.DBID(groups) {
			r.srv.history.note(statusKey{r.srv.sites[0], 201, commdn.CampaignGroup{Campaign: n + 1, Group: 501}}, commdn.GroupStatus(round%2))
		}
	}
	c := r.dialSlowly()
	subscribe := frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true, History: true}.Body()}
	for range 3 { // only the last one has to come whole
		c.send(subscribe)
	}
	c.send(frame.Frame{Kind: frame.KindPing})
	got, frames := make(map[commdn.DBID]int), 0
	for f := c.next(); f.Kind != frame.KindPong; f = c.next() {
		frames++
		for _, g := range frame.ReadHistory(f.Body).Groups {
			if got[g.Campaign]++; len(g.Changes) != frame.MaxChanges {
				t.Errorf("%d changes of %d", len(g.Changes), g.Campaign)
			}
		}
	}
	if len(got) != groups || frames < 6 {
		t.Errorf("told of %d groups in %d frames", len(got), frames)
	}
}

// BenchmarkHistory is what a page costs that opens: 500 campaign groups, each
// with as many changes as there can be, packed.
func BenchmarkHistory(b *testing.B) {
	h, s := newHistory(), &site{}
	for round := range frame.MaxChanges {
		for n := range commdn.DBID(500) {
			h.note(keyOf(s, n), commdn.GroupStatus(round%2))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		size := 0
		for _, body := range h.all(everything).Bodies() {
			message, err := frame.Frame{Kind: frame.KindHistory, Body: body}.Append(nil)
			if err != nil {
				b.Fatal(err)
			}
			size += len(message)
		}
		b.ReportMetric(float64(size), "bytes")
	}
}
