package sequence

import (
	"reflect"
	"slices"
	"testing"

	"commdn/components/session"
	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

// TestRequests compares the requests of the buttons.
func TestRequests(t *testing.T) {
	to, of := commdn.Address{Target: 201}, commdn.CampaignGroup{Group: 7}
	dialing := commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	changed := plan(t)
	changed.Items[1].Goal = 30
	for _, test := range []struct {
		action action
		status commdn.GroupStatus
		edit   func(*rig)
		want   commdn.Request
	}{
		{load, -1, nil, &commdn.LoadCampaign{Address: to, CampaignGroup: of, Dialing: dialing, Sequence: plan(t)}},
		{load, notLoaded, nil, &commdn.LoadCampaign{Address: to, CampaignGroup: of, Dialing: dialing, Sequence: plan(t)}},
		{begin, active, nil, &commdn.StartDialing{Address: to, CampaignGroup: of, Dialing: dialing, Sequence: plan(t)}},
		{set, running, func(r *rig) { r.typed(1, goal, "30") }, &commdn.SetDialingMode{Address: to, CampaignGroup: of, Dialing: dialing, Sequence: changed}},
		{stop, running, func(r *rig) { r.do(func() { r.c.remove(0) }) }, &commdn.StopDialing{Address: to, CampaignGroup: of, Sequence: plan(t)}},
		{unload, active, func(r *rig) { r.typed(0, campaign, "") }, &commdn.UnloadCampaign{Address: to, CampaignGroup: of, Sequence: plan(t)}},
		{status, -1, nil, &commdn.GetCampaignStatus{Address: to, CampaignGroup: of, Sequence: plan(t)}},
	} {
		r := ready(t)
		if test.status >= 0 {
			r.tell(plan(t), test.status, test.status, active)
		}
		if test.edit != nil {
			test.edit(r)
		}
		r.act(test.action)
		if test.action == stop || test.action == unload {
			r.Quiet()
			r.do(func() { r.c.handleYes(once) })
		}
		asked := r.Asked()
		if !reflect.DeepEqual(asked.Req, test.want) {
			t.Errorf("action %d: asked %+v, want %+v", test.action, asked.Req, test.want)
		}
		if err := asked.Req.(interface{ Validate() error }).Validate(); err != nil {
			t.Errorf("action %d: %v", test.action, err)
		}
	}
}

// TestReasons: a disabled button says why, and does nothing.
func TestReasons(t *testing.T) {
	loaded := func(s commdn.GroupStatus) func(*rig) {
		return func(r *rig) { r.tell(plan(r.t), s, s, active) }
	}
	both := func(fs ...func(*rig)) func(*rig) {
		return func(r *rig) {
			for _, f := range fs {
				f(r)
			}
		}
	}
	less := func(r *rig) { r.do(func() { r.c.remove(1) }) }
	for _, test := range []struct {
		name   string
		action action
		state  func(*rig)
		want   string
	}{
		{"no connection", load, func(r *rig) { r.Client().SetStatus(client.Status{State: client.Disconnected}) }, "There is no connection to the relay."},
		{"not valid", load, func(r *rig) { r.typed(0, goal, "") }, "1. Autumn: Goal: Give a whole number from 0 to 100"},
		{"load again", load, loaded(active), "A sequence is loaded for this group already"},
		{"start again", begin, loaded(running), "The sequence is running already"},
		{"start another", begin, both(loaded(active), less), "OCS has another sequence than this one. Show what OCS has first."},
		{"start nothing", begin, loaded(notLoaded), "No sequence is loaded for this group"},
		{"set untold", set, func(*rig) {}, "OCS has not reported a sequence for this group"},
		{"set what does not run", set, loaded(active), "The sequence is not running"},
		{"set the same", set, loaded(running), "Modes and goals are those that OCS has"},
		{"set others", set, both(loaded(running), less), "Only modes and goals can change while it runs; the campaigns are others"},
		{"set more than modes", set, both(loaded(running), func(r *rig) { r.typed(0, contacts, "3") }), "While it runs, only modes and goals can change. Stop it first."},
		{"stop what does not run", stop, loaded(active), "The sequence is not running"},
		{"unload nothing", unload, loaded(notLoaded), "No sequence is loaded for this group"},
		{"stop what cannot be sent", stop, less2, "Campaigns: Add at least one"},
		{"busy", begin, func(r *rig) { r.act(load); r.Asked() }, "A request about this sequence is under way"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			test.state(r)
			r.HTML()
			b := r.button(test.action)
			if b.Why != test.want || b.Off != "true" {
				t.Errorf("%s because %q, want %q", b.Off, b.Why, test.want)
			}
			r.act(test.action)
			hints := r.c.hints()
			if r.c.asking != nil || r.c.said != test.want || !slices.Contains(hints, test.want) {
				t.Errorf("clicked: asks %v, says %q, shows %q", r.c.asking, r.c.said, hints)
			}
			r.Quiet()
		})
	}
}

func less2(r *rig) { r.do(func() { r.c.remove(1); r.c.remove(0) }) }

// TestConfirmation: the component sends what the confirmation shows, whatever happens
// meanwhile.
func TestConfirmation(t *testing.T) {
	r := ready(t)
	r.tell(plan(t), running, running, active)
	r.act(stop)
	for _, double := range []func(){
		func() { r.c.handleYes(ev(props{"detail": 2})) },
		func() { r.c.handleNo(ev(props{"detail": 2})) },
		func() { r.c.handleKey(ev(props{"key": "a"})) },
	} {
		if r.do(double); r.c.asking == nil {
			t.Fatal("closed by what was not meant for it")
		}
	}
	esc := ev(props{"key": "Escape"})
	r.do(func() { r.c.handleKey(esc) })
	if r.c.asking != nil || esc.p["stopped"] != true || r.c.autofocus(actionKey(stop)) == nil {
		t.Error("Escape does not close it")
	}
	other := ev(props{"key": "Escape"})
	if r.do(func() { r.c.handleKey(other) }); other.p["stopped"] == true {
		t.Error("took an Escape that was not for us")
	}

	r.act(unload)
	if r.c.changedText() != "" {
		t.Error("changed already")
	}
	r.Set("group", "8")
	if r.c.changedText() != "What is shown here has changed; this still concerns Autumn · Spring" {
		t.Errorf("says %q", r.c.changedText())
	}
	r.do(func() { r.c.handleYes(ev(props{"detail": 0})) })
	req, _ := r.Asked().Req.(*commdn.UnloadCampaign)
	if req == nil || req.Group != 7 || req.Target != 201 || !reflect.DeepEqual(req.Sequence, plan(t)) {
		t.Errorf("asked %+v", req)
	}
}

// TestConnectionLostWhileAsking: no campaign control is sent late.
func TestConnectionLostWhileAsking(t *testing.T) {
	r := ready(t)
	r.tell(plan(t), running, running, active)
	r.act(stop)
	r.Client().SetStatus(client.Status{State: client.Disconnected})
	r.do(func() { r.c.handleYes(once) })
	r.Quiet()
	const why = "There is no connection to the relay."
	if hints := r.c.hints(); r.c.asking == nil || len(hints) != 1 || hints[0] != why {
		t.Errorf("asks %v, shows %q", r.c.asking, hints)
	}
	r.Client().SetStatus(uitest.Connected)
	if hints := r.c.hints(); len(hints) != 0 {
		t.Errorf("connected again, and still shows %q", hints)
	}
	r.do(func() { r.c.handleYes(once) })
	r.Asked()
}

// TestResult: the host gets the results of this element's requests, each once.
func TestResult(t *testing.T) {
	r := ready(t)
	r.Session.Send(&commdn.GetCampaignStatus{Address: commdn.Address{Target: 201}, CampaignGroup: commdn.CampaignGroup{Group: 7}, Sequence: plan(t)})
	r.Asked().Answer(nil)
	r.act(status)
	r.act(status)
	if events := r.Events(); uitest.States(events) != "sending" {
		t.Errorf("states %q", uitest.States(events))
	}
	r.tell(plan(t), active, active, active)
	fault := &commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: commdn.ErrorCampaignScheduleNotFound}
	r.Asked().Answer(fault, fault)
	r.Await("settled", func() bool { return r.c.sent == nil })
	events := r.Events()
	if len(events) != 2 || uitest.States(events) != "refused" || events[1].Name != "commdn-result" ||
		events[1].Detail["code"] != 13 || events[1].Detail["group"] != 7 || events[1].Detail["campaign"] != 0 {
		t.Errorf("the host is told %v", events)
	}
	if r.c.live.loaded() {
		t.Error("OCS does not have the sequence, and it is still shown as loaded")
	}
	if r.c.reason(load, r.c.problems()) != "" {
		t.Error("cannot be loaded again")
	}
	r.do(func() { r.c.handleDismiss(once) })
	if r.c.result.ID != 0 || r.c.autofocus(actionKey(status)) == nil {
		t.Error("not dismissed")
	}
}

// TestSecondClick: the second click of a double click hits nothing, whatever the first one
// has moved under the pointer. A click later or elsewhere counts, and so does a key.
func TestSecondClick(t *testing.T) {
	press := func(a action) func(*rig, event) {
		return func(r *rig, e event) { r.c.handleButton(a, e) }
	}
	item := func(a action) func(*rig, event) { // of the first item
		return func(r *rig, e event) { r.c.handleRow(0, r.c.items[0].Buttons[a-up], e) }
	}
	fold := func(r *rig, e event) { r.c.handleOpen(0, e) }
	yes := func(r *rig, e event) { r.c.handleYes(e) }
	no := func(r *rig, e event) { r.c.handleNo(e) }
	dismiss := func(r *rig, e event) { r.c.handleDismiss(e) }
	asks := func(r *rig) { r.act(stop) }
	loaded := func(r *rig) {
		r.act(status)
		r.Asked().Answer(nil)
		r.Await("settled", func() bool { return r.c.sent == nil })
	}
	asking := func(r *rig) bool { return r.c.asking != nil }
	unasked := func(r *rig) bool { return r.c.asking == nil }
	sent := func(r *rig) bool { return r.c.sent != nil }
	items := func(names string) func(*rig) bool {
		return func(r *rig) bool { return r.names() == names }
	}
	for _, tt := range []struct {
		name          string
		begin         func(*rig)
		first, second func(*rig, event)
		hit           func(*rig) bool // the second click counted
	}{
		{"Yes, then dismissing", asks, yes, dismiss, func(r *rig) bool { return r.c.result.ID == 0 }},
		{"No, then a button", asks, no, press(status), sent},
		{"No, then asking", asks, no, press(unload), asking},
		{"asking, then Yes", func(*rig) {}, press(stop), yes, unasked},
		{"asking, then No", func(*rig) {}, press(stop), no, unasked},
		{"dismissing, then a button", loaded, dismiss, press(status), sent},
		{"removing, then removing", func(*rig) {}, item(remove), item(remove), items("")},
		{"removing, then the undo", func(*rig) {}, item(remove), press(undo), items("12 13")},
		{"the undo, then removing", func(r *rig) { r.do(func() { r.c.remove(0) }) }, press(undo), item(remove), items("13")},
		{"removing, then unfolding", func(*rig) {}, item(remove), fold, func(r *rig) bool { return r.c.open == r.c.draft.items[0].id }},
		{"unfolding, then moving", func(*rig) {}, fold, item(down), items("13 12")},
		{"moving, then moving", func(*rig) {}, item(down), item(down), items("12 13")},
		{"adding, then duplicating", func(*rig) {}, press(add), item(duplicate), items("12 12 13 ")},
	} {
		for _, e := range []struct {
			name string
			p    props
			hits bool
		}{
			{"counted", props{"detail": 2, "timeStamp": 1060}, false},
			{"not counted", props{"detail": 1, "timeStamp": 1250}, false},
			{"later", props{"detail": 1, "timeStamp": 1500}, true},
			{"elsewhere", props{"detail": 1, "timeStamp": 1250, "clientX": 40}, true},
			{"by key", props{"detail": 0, "timeStamp": 1250}, true},
		} {
			t.Run(tt.name+", "+e.name, func(t *testing.T) {
				r := ready(t)
				r.tell(plan(t), running, running, active)
				tt.begin(r)
				r.HTML()
				r.do(func() { tt.first(r, ev(props{"detail": 1, "timeStamp": 1000})) })
				if tt.hit(r) {
					t.Fatal("the first click has done it")
				}
				r.do(func() { tt.second(r, ev(e.p)) })
				if tt.hit(r) != e.hits {
					t.Errorf("counted %v; %s", !e.hits, r.names())
				}
			})
		}
	}
}

// TestSentOnce: neither the second click of a double click nor one that comes before the
// answer sends anything.
func TestSentOnce(t *testing.T) {
	r := ready(t)
	r.do(func() { r.c.handleButton(load, ev(props{"detail": 2})) })
	r.Quiet()
	r.act(load)
	r.act(load)
	r.Asked().Answer(nil)
	r.Await("settled", func() bool { return r.c.result.Outcome == session.Done })
	r.Quiet()
}
