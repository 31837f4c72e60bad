package relay

import (
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
)

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
		for _, g := range r.srv.cache.Snapshot(true).Past {
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
	for _, g := range r.srv.cache.Snapshot(true).Past {
		for _, c := range g.Changes {
			if c.Since < before || c.Since > time.Now().Unix() {
				t.Errorf("%+v changed at %d, and the test began at %d", g.Key, c.Since, before)
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
	s.Policy = rules(t)
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
			e := event(commdn.CampaignGroup{Campaign: n + 1, Group: 501}, commdn.GroupStatus(round%2))
			e.Origin = 201
			if _, err := r.srv.cache.Note(r.srv.links[0].Name(), e); err != nil {
				t.Fatal(err)
			}
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
