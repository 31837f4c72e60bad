package relay

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/sim/scenario"
)

// Whoever subscribes gets what is known at once, also the second time, as
// CM_EvCampaignStatus.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, nil)
	started := status(0, commdn.StatusRunning)
	started.Event = commdn.EvDialingStarted
	h.send(started.UserData())
	bare := &commdn.CampaignEvent{Address: commdn.Address{Origin: 201}, Event: commdn.EvDialingStopped, CampaignGroup: winterNorth}
	h.send(bare.UserData()) // its type says its status, and the relay asks
	if q, ok := h.any().(*commdn.GetCampaignStatus); !ok || q.CampaignGroup != winterNorth {
		t.Errorf("asked %v", q)
	}
	h.send(event(autumnSouth, commdn.StatusActive).UserData())
	r.until("the status is known", func() bool { return r.srv.cache.Len() == 3 })
	c := r.session()
	for range 2 {
		c.subscribe()
		got := map[commdn.CampaignGroup]commdn.GroupStatus{}
		for range 3 {
			m, err := commdn.Decode(c.next().Body)
			e, ok := m.(*commdn.CampaignEvent)
			if err != nil || !ok || e.Event != commdn.EvCampaignStatus {
				t.Fatalf("told %v", m)
			}
			got[e.CampaignGroup] = e.Status
		}
		if len(got) != 3 || got[autumn] != commdn.StatusRunning || got[winterNorth] != commdn.StatusActive || got[autumnSouth] != commdn.StatusActive {
			t.Errorf("told %v", got)
		}
		c.ping()
	}
	// News keep their own type.
	h.send(started.UserData())
	if e := c.told(commdn.StatusRunning); e.Event != commdn.EvDialingStarted {
		t.Errorf("told %v", e.Event)
	}
	c.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{}.Body()})
	c.ping()
	h.send(started.UserData())
	c.put1(h)
	c.ping()
}

// There may be more campaign groups than a queue has room for.
func TestSnapshotOfManyGroups(t *testing.T) {
	t.Parallel()
	const groups = 600
	r, h := slowly(t, func(o *Options) { o.Settings.Limits.Queue = 8 })
	for n := range commdn.DBID(groups) {
		h.send(event(commdn.CampaignGroup{Campaign: n + 1, Group: 501}, commdn.StatusActive).UserData())
	}
	r.until("the status is known", func() bool { return r.srv.cache.Len() == groups })
	c := r.dialSlowly()
	c.subscribe()
	c.send(frame.Frame{Kind: frame.KindPing})
	got := map[commdn.DBID]bool{}
	for len(got) < groups {
		if f := c.next(); f.Kind == frame.KindNotification {
			id, _ := f.Body.Int(commdn.KeyCampaignID)
			got[commdn.DBID(id)] = true
		}
	}
}

// A directory may have more frames than a queue has room for.
func TestLargeDirectory(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("campaigns:\n")
	const campaigns = 1000
	for n := range campaigns {
		fmt.Fprintf(&text, "  - {dbid: %d, name: %s %d}\n", n+1, strings.Repeat("x", 60), n+1)
	}
	r, _ := slowly(t, func(o *Options) { o.Settings.Limits.Queue, o.Settings.Directory = 4, names(t, text.String()) })
	c := r.dialSlowly()
	if got := len(c.directory.Campaigns); got != campaigns {
		t.Errorf("told of %d campaigns", got)
	}
	s := r.srv.opts.Settings
	for range 3 { // only the last one has to come, whole
		if err := r.srv.Reload(s); err != nil {
			t.Fatal(err)
		}
	}
	s.Directory = nil
	if err := r.srv.Reload(s); err != nil {
		t.Fatal(err)
	}
	for c.readDirectory(); len(c.directory.Campaigns) > 0; c.readDirectory() {
		if got := len(c.directory.Campaigns); got != campaigns {
			t.Errorf("told of %d campaigns", got)
		}
	}
	c.ping()
}

// busyDay has three campaign groups, of which OCS 201 knows.
func busyDay() *scenario.Scenario {
	sc := installation(connectedOCS(201))
	sc.Groups = []scenario.Group{{DBID: 501, Name: "North"}, {DBID: 502, Name: "South"}}
	sc.Campaigns = []scenario.Campaign{{DBID: 1001, Name: "Autumn"}, {DBID: 1002, Name: "Winter"}}
	for _, g := range []commdn.CampaignGroup{autumnNorth, autumnSouth, winterNorth} {
		sc.CampaignGroups = append(sc.CampaignGroups, scenario.CampaignGroup{Campaign: g.Campaign, Group: g.Group, OCS: 201})
	}
	return sc
}

const busyNames = `
campaigns: [{dbid: 1001, name: Autumn}, {dbid: 1002, name: Winter}]
groups: [{dbid: 501, name: North}, {dbid: 502, name: South}]
campaign_groups:
  - {campaign: 1001, group: 501}
  - {campaign: 1001, group: 502}
  - {campaign: 1002, group: 501}
`

// The relay asks for the status of every campaign group that it knows of at the
// start and after a reconnect, and forgets what it knew when the link goes.
func TestStatusIsAskedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, busyDay(), func(o *Options) { o.Settings.Directory = names(t, busyNames) })
	known := func(n int) func() bool { return func() bool { return r.srv.cache.Len() == n } }
	r.until("all groups are known", known(3))
	c := r.session()
	c.subscribe()
	for range 3 {
		c.told(commdn.StatusNotLoaded)
	}
	r.sim.TServers()[0].SetLink(false)
	r.until("nothing is known without a link", known(0))
	r.sim.TServers()[0].SetLink(true)
	r.until("all groups are known again", known(3))
	for told := 0; told < 3; {
		if f := c.next(); f.Kind == frame.KindNotification {
			told++
		}
	}

	// Those of a new directory are asked for when it comes.
	r = newRig(t, busyDay(), nil)
	s := r.srv.opts.Settings
	s.Directory = names(t, busyNames)
	if err := r.srv.Reload(s); err != nil {
		t.Fatal(err)
	}
	r.until("all groups of the new directory are known", known(3))
}

// An OCS that never answers keeps neither the relay from ending nor a link that
// comes and goes from being asked anew.
func TestStatusOfSilentOCS(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), func(o *Options) {
		o.AnswerTimeout, o.Settings.Directory = time.Hour, names(t, busyNames)
	})
	h := r.hand("OCS_by_hand")
	for range 5 {
		r.sim.TServers()[0].SetLink(false)
		r.waitLink(false)
		r.sim.TServers()[0].SetLink(true)
		r.waitLink(true)
	}
	r.until("old questions end", func() bool { return r.srv.links[0].InFlight() <= 3 })
	c := r.session()
	c.put1(h.but(commdn.ReqGetCampaignStatus))
	c.bye()
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

// but gives a hand that passes over requests of a type.
func (h *hand) but(passedOver commdn.MessageType) *hand {
	others := &hand{t: h.t, link: h.link, requests: make(chan commdn.Request, 1)}
	go func() {
		for {
			select {
			case req := <-h.requests:
				if req.Type() != passedOver {
					others.requests <- req
					return
				}
			case <-h.t.Context().Done():
				return
			}
		}
	}()
	return others
}

// The question for a status is answered from the cache while that is young, and
// goes to OCS when it is not, or when it is about a sequence.
func TestStatusFromBoard(t *testing.T) {
	t.Parallel()
	question := &commdn.GetCampaignStatus{CampaignGroup: autumn}
	other := &commdn.GetCampaignStatus{CampaignGroup: winterNorth}
	day := &commdn.GetCampaignStatus{CampaignGroup: commdn.CampaignGroup{Group: 501}, Sequence: &commdn.Sequence{Items: []commdn.SequenceItem{item(1001)}}}
	for name, c := range map[string]struct {
		age   time.Duration
		asked bool
	}{"young": {time.Hour, false}, "old": {1, true}, "never": {-1, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, h := byHand(t, func(o *Options) { o.StatusAge = c.age })
			started := status(0, commdn.StatusRunning)
			started.Event = commdn.EvDialingStarted
			h.send(started.UserData())
			r.until("the status is known", func() bool { return r.srv.cache.Len() == 1 })
			p := r.session()
			p.request(1, question.UserData())
			if c.asked {
				if got := h.any(); got.Type() != commdn.ReqGetCampaignStatus {
					t.Errorf("on the CommDN is %v", got.Type())
				}
				h.send(status(101, commdn.StatusRunning).UserData())
			}
			m := p.message(p.next(), frame.KindOutcome, 1)
			if e, ok := m.(*commdn.CampaignEvent); !ok || e.Event != commdn.EvCampaignStatus || e.Status != commdn.StatusRunning || e.CampaignGroup != autumn {
				t.Errorf("answered by %s", commdn.Trace(m, true))
			}
			for n, req := range []commdn.Request{other, day} { // of these the cache has nothing
				p.request(1, req.UserData())
				if got, ok := h.any().(*commdn.GetCampaignStatus); !ok || got.Campaign != req.(*commdn.GetCampaignStatus).Campaign {
					t.Errorf("question %d: on the CommDN is %+v", n, got)
				}
				h.send(bareFault())
				p.message(p.next(), frame.KindOutcome, 1)
			}
		})
	}
}
