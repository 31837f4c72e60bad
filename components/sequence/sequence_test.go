package sequence

import (
	"strings"
	"testing"

	"commdn/components/session"
	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

const (
	notLoaded = commdn.StatusNotLoaded
	active    = commdn.StatusActive
	running   = commdn.StatusRunning
)

// TestLooks compares the markup of each state with a golden file.
func TestLooks(t *testing.T) {
	for name, draw := range map[string]func(t *testing.T) *rig{
		"empty":   func(t *testing.T) *rig { return started(t) },
		"ready":   ready,
		"unnamed": func(t *testing.T) *rig { return rigWith(t, uitest.NewClient(uitest.Connected)) },
		"nonsense": func(t *testing.T) *rig {
			return started(t, "group", "<b>", "target", "-1", "value", `{"items":[{"campaign":"Autumn"}]}`)
		},
		"connecting": func(t *testing.T) *rig {
			return rigWith(t, uitest.NewClient(client.Status{}), "group", "7", "value", two)
		},
		"link-down": func(t *testing.T) *rig {
			r := ready(t)
			r.Client().SetStatus(client.Status{State: client.Connected, OCS: []commdn.DBID{201}})
			return r
		},
		"no-right": func(t *testing.T) *rig {
			s := uitest.Connected
			s.Identity = frame.Identity{Name: "Ann", Roles: []string{frame.RoleAgent}}
			return rigWith(t, uitest.NewClient(s), "group", "7", "value", two)
		},
		"several-ocs": func(t *testing.T) *rig {
			s := uitest.Connected
			s.OCS = []commdn.DBID{201, 202}
			return rigWith(t, uitest.NewClient(s), "group", "9", "value", two)
		},
		"readonly": func(t *testing.T) *rig {
			r := ready(t)
			r.Set("readonly", "")
			return r
		},
		"editing": func(t *testing.T) *rig {
			r := ready(t)
			r.do(func() { r.c.handleButton(add, once) })
			r.typed(2, goal, "101")
			r.typed(2, stopTime, "2026-03-04T14:00")
			return r
		},
		"running": func(t *testing.T) *rig {
			r := ready(t)
			r.tell(plan(t), running, active, active)
			r.SetNow(at(13, 10))
			r.tell(plan(t), running, running, active)
			r.SetNow(at(14, 0))
			return r
		},
		"differs": func(t *testing.T) *rig {
			r := ready(t)
			r.tell(plan(t), active, active, active)
			r.typed(0, contacts, "7")
			return r
		},
		"confirming": func(t *testing.T) *rig {
			r := ready(t)
			r.tell(plan(t), running, running, active)
			r.act(stop)
			return r
		},
		"refused": func(t *testing.T) *rig {
			r := ready(t)
			r.act(load)
			fault := &commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: commdn.ErrorInvalidCampaignSchedule, Message: "scheduleItem-1: <i>no</i>"}
			r.Asked().Answer(fault, fault)
			r.Await("settled", func() bool { return r.c.sent == nil })
			return r
		},
		"dragging": func(t *testing.T) *rig {
			r := ready(t)
			r.grab(0, false, 0, 40)
			r.do(func() { r.c.handleDrag(ev(props{"pageY": 50, "buttons": 1})) })
			return r
		},
	} {
		t.Run(name, func(t *testing.T) { draw(t).holds(name) })
	}
}

// TestMarkup: names from OCS and from the host stay text.
func TestMarkup(t *testing.T) {
	r := ready(t)
	r.typed(0, campaign, "14")
	r.typed(-1, description, `"><script>`)
	if html := r.HTML(); strings.Contains(html, "<b>Winter") || strings.Contains(html, "<script>") || !strings.Contains(html, "&lt;b&gt;Winter") {
		t.Errorf("not as text:\n%s", html)
	}
}

// TestChange: the host page hears of each edit, and may write it back.
func TestChange(t *testing.T) {
	r := ready(t)
	r.typed(1, dials, "25")
	events := r.Events()
	if len(events) != 1 || events[0].Name != "commdn-change" {
		t.Fatalf("events %v", events)
	}
	d := events[0].Detail
	second := d["items"].([]any)[1].(map[string]any)
	if d["valid"] != true || d["description"] != "Day" || d["start"] != "2026-03-04T13:00:00.000Z" || d["group"] != 7 || d["target"] != 201 ||
		second["stopAtDials"] != 25 || second["sleepMinutes"] != 30 || second["stopAtTime"] != "" || second["dialing"].(map[string]any)["optimizeBy"] != 3 {
		t.Errorf("told %v", d)
	}
	r.typed(1, dials, "x")
	if events := r.Events(); len(events) != 1 || events[0].Detail["valid"] != false {
		t.Errorf("told %v", events)
	}

	before := r.c.draft.items[1]
	r.Set("value", strings.Replace(two, `"stopAtDials":1`, `"stopAtDials":0`, 1))
	if r.c.draft.items[1] != before || before.texts[dials-campaign] != "x" {
		t.Error("writing back what was told took away what is being typed")
	}
	r.Set("value", two)
	if r.c.draft.items[1] == before || r.c.draft.items[1].StopAtDials != 1 {
		t.Error("another value is not taken in")
	}
	r.Set("value", "{")
	if len(r.c.draft.items) != 2 || r.c.badValue == "" {
		t.Error("a value that cannot be read did something")
	}
	if len(r.Events()) != 0 {
		t.Error("the host is told of what it did itself")
	}
}

// TestTakesOver: without a draft the editor shows what OCS has; with a draft only on
// demand, and there is a way back.
func TestTakesOver(t *testing.T) {
	r := started(t, "group", "7")
	r.tell(plan(t), active, active, active)
	if r.names() != "12 13" || !r.c.same() {
		t.Fatalf("draft %s", r.names())
	}
	r.do(func() { r.c.remove(0) })
	r.tell(plan(t), running, running, active)
	if r.names() != "13" || !r.c.differs() || r.c.matches() {
		t.Fatalf("draft %s", r.names())
	}
	r.do(func() { r.c.handleButton(show, once) })
	if r.names() != "12 13" || r.c.differs() || r.c.autofocus(actionKey(back)) == nil {
		t.Errorf("draft %s", r.names())
	}
	r.do(func() { r.c.handleButton(back, once) })
	if r.names() != "13" || !r.c.differs() || r.c.kept != nil {
		t.Errorf("draft %s", r.names())
	}
}

// TestLive follows a sequence through its events, and through the gaps in OCS's reports.
func TestLive(t *testing.T) {
	r := ready(t)
	for _, step := range []struct {
		minute int
		status commdn.GroupStatus
		items  [2]commdn.GroupStatus
		seen   [2]span
		at     int
	}{
		{0, active, [2]commdn.GroupStatus{active, active}, [2]span{}, -1},
		{1, running, [2]commdn.GroupStatus{active, active}, [2]span{}, -1},
		{2, running, [2]commdn.GroupStatus{running, active}, [2]span{{from: 2}}, 0},
		{3, running, [2]commdn.GroupStatus{running, active}, [2]span{{from: 2}}, 0},
		{4, running, [2]commdn.GroupStatus{notLoaded, active}, [2]span{{from: 2, to: 4}}, -1},
		{9, running, [2]commdn.GroupStatus{notLoaded, running}, [2]span{{from: 2, to: 4}, {from: 9}}, 1},
		{12, active, [2]commdn.GroupStatus{notLoaded, notLoaded}, [2]span{{from: 2, to: 4}, {from: 9, to: 12}}, -1},
		{20, running, [2]commdn.GroupStatus{running, active}, [2]span{{from: 20}, {}}, 0},
	} {
		r.SetNow(at(13, step.minute))
		r.tell(plan(t), step.status, step.items[:]...)
		for i := range step.seen {
			for _, n := range []*int64{&step.seen[i].from, &step.seen[i].to} {
				if *n != 0 {
					*n = at(13, int(*n)).Unix()
				}
			}
			if r.c.live.seen[i] != step.seen[i] {
				t.Errorf("13:%02d: item %d seen %v, want %v", step.minute, i, r.c.live.seen[i], step.seen[i])
			}
		}
		if r.c.live.running() != step.at || r.c.live.status != step.status {
			t.Errorf("13:%02d: running %d, status %v", step.minute, r.c.live.running(), r.c.live.status)
		}
	}

	for _, e := range []struct {
		event commdn.MessageType
		want  commdn.GroupStatus
	}{
		{commdn.EvCampaignLoaded, active}, {commdn.EvDialingStarted, running},
		{commdn.EvDialingStopped, active}, {commdn.EvCampaignUnloaded, notLoaded},
	} {
		r.Client().Tell(&commdn.CampaignEvent{Event: e.event, Address: commdn.Address{Origin: 201}, CampaignGroup: commdn.CampaignGroup{Group: 7}})
		r.do(r.c.follow)
		if r.c.live.status != e.want || r.c.live.plan == nil {
			t.Errorf("after %v: %v", e.event, r.c.live.status)
		}
	}

	r.Set("group", "8")
	if r.c.live.known || r.c.key() != (session.GroupKey{OCS: 201, Group: 8}) {
		t.Error("the other group has the state of the first")
	}
	r.Set("group", "7")
	if !r.c.live.known {
		t.Error("forgot the first group")
	}
}

// TestOneFrame: changes that come together are drawn together, and nothing is drawn after
// Close.
func TestOneFrame(t *testing.T) {
	r := ready(t)
	told := make(chan struct{}, 50)
	defer r.Session.Watch(func(ch session.Change) {
		if ch.Kind == session.SequenceChanged {
			told <- struct{}{}
		}
	})()
	r.Await("the directory", func() bool { r.c.mu.Lock(); defer r.c.mu.Unlock(); return r.c.due })
	r.Frame()
	for range 50 {
		r.Client().Tell(&commdn.CampaignEvent{Event: commdn.EvCampaignStatus, Address: commdn.Address{Origin: 201}, CampaignGroup: commdn.CampaignGroup{Group: 7}, HasStatus: true})
	}
	for range 50 {
		<-told // the goroutine that reports the directory may send it
	}
	r.c.passed()
	if n := r.Frame(); n != 1 || r.c.live.event == nil {
		t.Errorf("%d frames", n)
	}
	r.c.Close()
	r.c.passed()
	if n := r.Frame(); n != 0 {
		t.Errorf("%d frames after Close", n)
	}
}

// TestWhichOCS: the only OCS, or the one that dials the group's campaigns.
func TestWhichOCS(t *testing.T) {
	s := uitest.Connected
	s.OCS = []commdn.DBID{201, 202}
	c := uitest.NewClient(s)
	c.SetDirectory(directory)
	r := rigWith(t, c)
	for _, step := range []struct {
		group string
		want  commdn.DBID
	}{{"7", 201}, {"8", 202}, {"9", 0}} {
		r.Set("group", step.group)
		if got := r.c.key().OCS; got != step.want {
			t.Errorf("group %s: OCS %d, want %d", step.group, got, step.want)
		}
	}
	r.typed(-1, ocs, "202")
	if got := r.c.key().OCS; got != 202 {
		t.Errorf("chosen, OCS %d", got)
	}
	r.Set("target", "201")
	if got := r.c.key().OCS; got != 201 {
		t.Errorf("by the attribute, OCS %d", got)
	}
}

// TestTwelveHours: all times are on the reader's clock.
func TestTwelveHours(t *testing.T) {
	r := ready(t)
	r.Speak("en-u-hc-h12")
	r.tell(plan(t), active)
	if s := r.c.items[0].Title; s != "1. Autumn: 1:00 PM to 3:00 PM" {
		t.Errorf("the span says %q", s)
	}
	if s := r.c.items[0].Short; !strings.Contains(s, "until 3:00 PM") {
		t.Errorf("the bar says %q", s)
	}
	if s := r.c.items[0].Summary; !strings.Contains(s, "until 3:00 PM") {
		t.Errorf("the line says %q", s)
	}
	if s := r.c.picture(); !strings.Contains(s, "Starts 2026-03-04 1:00 PM") || !strings.Contains(s, "1:00 PM to 3:00 PM") {
		t.Errorf("the timeline says %q", s)
	}
	if s := r.c.liveText(); !strings.Contains(s, "12:00:00 PM") {
		t.Errorf("of OCS it says %q", s)
	}
	for _, tick := range r.c.ticks() {
		if !strings.HasSuffix(tick.Text, " PM") {
			t.Errorf("a mark says %q", tick.Text)
		}
	}
	r.act(status)
	r.Asked().Answer(nil)
	r.Await("settled", func() bool { return r.c.sent == nil })
	if s := r.c.resultText(r.c.result); !strings.HasPrefix(s, "12:00:00 PM ") {
		t.Errorf("the result says %q", s)
	}
	r.SetNow(at(12, 0).AddDate(0, 0, 1))
	if r.HTML(); !strings.Contains(r.c.items[0].Summary, "until 2026-03-04 3:00 PM") {
		t.Errorf("the day after, the line says %q", r.c.items[0].Summary)
	}
}
