package sequence

import (
	"strings"
	"testing"

	"commdn/components/uitest"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// little is the sequence q as an OCS reports it that leaves out all it may.
func little(q *commdn.Sequence, items ...commdn.GroupStatus) *commdn.Sequence {
	told := &commdn.Sequence{}
	for i, it := range q.Items {
		one := commdn.SequenceItem{Campaign: it.Campaign}
		if i < len(items) {
			one.Status, one.HasStatus = items[i], true
		}
		told.Items = append(told.Items, one)
	}
	return told
}

// say makes OCS report an event without a status of its own.
func (r *rig) say(typ commdn.MessageType, q *commdn.Sequence, change ...func(*commdn.CampaignEvent)) {
	e := &commdn.CampaignEvent{Event: typ, Address: commdn.Address{Origin: 201, Target: 101}, CampaignGroup: commdn.CampaignGroup{Group: 7}, Sequence: q}
	for _, f := range change {
		f(e)
	}
	r.Client().Tell(e)
	r.do(r.c.follow)
}

// TestStatesInTheItems: a sequence is as far as its items say.
func TestStatesInTheItems(t *testing.T) {
	for name, c := range map[string]struct {
		event  commdn.MessageType
		items  []commdn.GroupStatus
		known  bool
		status commdn.GroupStatus
		at     int
	}{
		"loaded":                {commdn.EvCampaignStatus, []commdn.GroupStatus{active, active}, true, active, -1},
		"first":                 {commdn.EvCampaignStatus, []commdn.GroupStatus{running, active}, true, running, 0},
		"second":                {commdn.EvDialingStarted, []commdn.GroupStatus{notLoaded, running}, true, running, 1},
		"over":                  {commdn.EvCampaignStatus, []commdn.GroupStatus{notLoaded, notLoaded}, true, notLoaded, -1},
		"one that tells":        {commdn.EvCampaignStatus, []commdn.GroupStatus{active}, true, active, -1},
		"started, no item says": {commdn.EvDialingStarted, nil, true, running, -1},
		"nobody says":           {commdn.EvCampaignStatus, nil, false, 0, -1},
	} {
		t.Run(name, func(t *testing.T) {
			r := ready(t)
			r.tell(plan(t), active, active, active)
			r.say(c.event, little(plan(t), c.items...))
			if v := &r.c.live; v.known != c.known || v.status != c.status || v.running() != c.at {
				t.Errorf("known %v, %v, item %d runs", v.known, v.status, v.running())
			}
			if text := r.c.liveText(); strings.Contains(text, "not reported") == c.known {
				t.Errorf("says %q", text)
			}
		})
	}
}

// TestTheItemsCampaign: an OCS may name the campaign that runs where the vendor has 0.
func TestTheItemsCampaign(t *testing.T) {
	r := ready(t)
	r.say(commdn.EvDialingStarted, little(plan(t), running, active), func(e *commdn.CampaignEvent) { e.Campaign = 12 })
	if v := &r.c.live; !v.runs() || v.running() != 0 {
		t.Errorf("%+v", v)
	}
}

// TestWhatOcsLeavesOut: an OCS that does not tell how it dials the items does so as this
// element asked, or as it told before; then nothing differs, and all can be asked.
func TestWhatOcsLeavesOut(t *testing.T) {
	r := ready(t)
	answer := func(a action, want commdn.MessageType) *commdn.Control {
		t.Helper()
		r.act(a)
		asked := r.Asked()
		if asked.Req.Type() != want || asked.Req.Validate() != nil {
			t.Fatalf("asked %+v, %v", asked.Req, asked.Req.Validate())
		}
		asked.Answer(nil, &commdn.CampaignEvent{Event: commdn.EvCampaignStatus, Address: commdn.Address{Origin: 201}})
		r.Await("settled", func() bool { return r.c.sent == nil })
		control, _ := commdn.ControlOf(asked.Req)
		return &control
	}
	same := func(when string) {
		t.Helper()
		if !r.c.same() || r.c.differs() || !r.c.matches() {
			t.Errorf("%s OCS has %+v", when, r.c.live.plan)
		}
	}
	answer(load, commdn.ReqLoadCampaign)
	r.say(commdn.EvCampaignLoaded, little(plan(t), active, active))
	same("loaded:")
	answer(begin, commdn.ReqStartDialing)
	r.say(commdn.EvDialingStarted, little(plan(t), running, active))
	same("started:")
	r.typed(1, goal, "33")
	if r.c.same() {
		t.Error("an edit makes no difference")
	}
	r.say(commdn.EvCampaignStatus, little(plan(t), running, active))
	if r.c.same() {
		t.Error("an edit is what OCS has")
	}
	answer(set, commdn.ReqSetDialingMode)
	same("changed:")
	r.act(stop)
	r.do(func() { r.c.handleYes(once) })
	req := r.Asked()
	if control, _ := commdn.ControlOf(req.Req); req.Req.Validate() != nil || control.Sequence.Items[1].Goal != 33 || control.Sequence.Description != "Day" {
		t.Errorf("asked %+v, %v", control.Sequence, req.Req.Validate())
	}
	req.Answer(nil)
}

// TestStopWhatOcsLeavesOut: a sequence of others, of which only the campaigns are known,
// can be seen, stopped and unloaded.
func TestStopWhatOcsLeavesOut(t *testing.T) {
	r := started(t, "group", "7")
	r.say(commdn.EvDialingStarted, little(plan(t), running, active))
	html := r.HTML()
	if r.names() != "12 13" || !strings.Contains(html, "Unknown · ") || strings.Contains(html, "Mode 0") || strings.Contains(html, "Goal 0") {
		t.Errorf("shows\n%s", html)
	}
	for _, a := range []action{stop, unload} {
		if why := r.button(a).Why; why != "" {
			t.Fatalf("action %d: %s", a, why)
		}
		r.act(a)
		r.do(func() { r.c.handleYes(once) })
		req := r.Asked()
		if control, _ := commdn.ControlOf(req.Req); req.Req.Validate() != nil || control.Sequence.Items[0].Campaign != 12 {
			t.Errorf("asked %+v, %v", control.Sequence, req.Req.Validate())
		}
		req.Answer(&frame.Refusal{Code: frame.RefusedNoAnswer})
		r.Await("settled", func() bool { return r.c.sent == nil })
	}
	if off := r.button(set).Off; off != "true" {
		t.Error("modes that nobody knows can be changed")
	}
}

// TestLate: OCS may answer after the relay has given a request up. The host page hears of
// it once, even if the result is gone from the page.
func TestLate(t *testing.T) {
	r := ready(t)
	give := func() *uitest.Asked {
		t.Helper()
		r.act(load)
		asked := r.Asked()
		asked.Answer(&frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS 201 did not answer"})
		r.Await("settled", func() bool { return r.c.sent == nil })
		r.Events()
		return asked
	}
	heard := func(state string) {
		t.Helper()
		events := r.Events()
		if len(events) != 2 || events[0].Name != "commdn-state" || events[1].Name != "commdn-late" || events[1].Detail["state"] != state || events[1].Detail["late"] != true {
			t.Errorf("the host is told %v", events)
		}
	}
	first := give()
	r.Client().Late(first, nil, &commdn.CampaignEvent{Event: commdn.EvCampaignLoaded, Address: commdn.Address{Origin: 201}})
	heard("done")
	if text := r.c.resultText(r.c.result); r.c.result.Outcome != "done" || !strings.Contains(text, "OCS answered late") || r.c.said != text {
		t.Errorf("shows %q, says %q", text, r.c.said)
	}
	second := give()
	r.do(func() { r.c.handleDismiss(once) })
	fault := &commdn.Fault{Address: commdn.Address{Origin: 201}, Code: commdn.ErrorInvalidCampaignSchedule}
	for range 2 {
		r.Client().Late(second, fault, fault)
	}
	heard("refused")
	if r.c.result.ID != 0 {
		t.Error("a dismissed result is back")
	}
}

// TestFinish: auto completion goes out with the requests that load, start and change, and
// OCS's own comes with its sequence.
func TestFinish(t *testing.T) {
	r := ready(t)
	if events := r.Events(); len(events) != 0 {
		t.Fatalf("told %v", events)
	}
	for i, want := range []commdn.AutoCompletion{commdn.AutoCompletionUnset, commdn.AutoCompletionOn, commdn.AutoCompletionOff} {
		value := []string{"0", "2", "1"}[i]
		r.typed(-1, finish, value)
		detail := r.Events()[0].Detail
		if on, there := detail["autoCompletion"]; there != (want != commdn.AutoCompletionUnset) || there && on != (want == commdn.AutoCompletionOn) {
			t.Errorf("%s: told %v", value, detail)
		}
		r.act(load)
		asked := r.Asked()
		if control, _ := commdn.ControlOf(asked.Req); control.AutoCompletion != want {
			t.Errorf("%s: asked %v", value, control.AutoCompletion)
		}
		asked.Answer(nil)
		r.Await("settled", func() bool { return r.c.sent == nil })
		r.Events()
	}

	told := func(a commdn.AutoCompletion) func(*commdn.CampaignEvent) {
		return func(e *commdn.CampaignEvent) { e.AutoCompletion = a }
	}
	states := plan(t)
	states.Items[0].Status, states.Items[0].HasStatus = running, true
	r.say(commdn.EvDialingStarted, states, told(commdn.AutoCompletionOff))
	if why := r.button(set).Why; why != "Modes and goals are those that OCS has" {
		t.Errorf("nothing to change: %q", why)
	}
	r.typed(-1, finish, "2")
	if why := r.button(set).Why; why != "" {
		t.Errorf("something to change: %q", why)
	}
	r = started(t, "group", "7")
	r.say(commdn.EvDialingStarted, states, told(commdn.AutoCompletionOn))
	if r.c.draft.finish != commdn.AutoCompletionOn {
		t.Errorf("what OCS has is shown with %v", r.c.draft.finish)
	}
	r.Set("value", strings.Replace(two, `{"description"`, `{"autoCompletion":false,"description"`, 1))
	if r.c.draft.finish != commdn.AutoCompletionOff {
		t.Errorf("the host's value is shown with %v", r.c.draft.finish)
	}
}
