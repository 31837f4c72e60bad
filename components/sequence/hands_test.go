package sequence

import (
	"strings"
	"testing"
	"time"

	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// TestAfterUnload: once the sequence is unloaded its items have no state, although OCS's
// last event still names one, and the times of the last run are gone.
func TestAfterUnload(t *testing.T) {
	r := ready(t)
	const waiting = commdn.StatusWaitingUnload
	r.SetNow(at(13, 0))
	r.tell(plan(t), running, active, active)
	r.SetNow(at(13, 2))
	r.tell(plan(t), running, running, active)
	r.SetNow(at(13, 4))
	r.tell(plan(t), running, notLoaded, running)
	if r.c.live.seen[0] == (span{}) || r.c.items[1].State != "Running" {
		t.Fatalf("seen %v, state %q", r.c.live.seen, r.c.items[1].State)
	}
	r.tell(plan(t), notLoaded, notLoaded, waiting)
	for i, row := range r.c.items {
		if row.State != "" || row.StateClass != "state" || strings.Contains(row.Bar, " s") || strings.Contains(row.Title, "Waiting") {
			t.Errorf("item %d is %q %q, bar %q, %q", i, row.State, row.StateClass, row.Bar, row.Title)
		}
		if r.c.live.seen[i] != (span{}) {
			t.Errorf("item %d was seen %v in the run before", i, r.c.live.seen[i])
		}
	}
	if !strings.HasPrefix(r.c.liveText(), "On OCS: Not loaded") {
		t.Errorf("it says %q", r.c.liveText())
	}
	r.tell(plan(t), running, running, active)
	if s := r.c.live.seen[0]; s.to != 0 {
		t.Errorf("the next run has the times of the last: %v", s)
	}
}

// TestRefreshOfNothing: that there is no sequence is a state, not an error.
func TestRefreshOfNothing(t *testing.T) {
	fault := &commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: commdn.ErrorCampaignScheduleNotFound}
	r := ready(t)
	r.act(status)
	r.Asked().Answer(fault, fault)
	r.Await("settled", func() bool { return r.c.sent == nil })
	if s := r.c.resultText(r.c.result); s != "12:00:00 No sequence is loaded for this group" || r.c.resultClass() != "row result" || !strings.HasPrefix(r.c.liveText(), "On OCS: Not loaded") {
		t.Errorf("it says %q (%s) and %q", s, r.c.resultClass(), r.c.liveText())
	}
	r.act(load) // there the same answer is an error
	r.Asked().Answer(fault, fault)
	r.Await("settled", func() bool { return r.c.sent == nil })
	if s := r.c.resultText(r.c.result); !strings.Contains(s, "Refused") || r.c.resultClass() != "row result refused" {
		t.Errorf("of a load it says %q (%s)", s, r.c.resultClass())
	}
}

// TestUntouched: a page that nobody has touched accuses nobody. What was edited, and all
// of it once an action was tried, says what is wrong.
func TestUntouched(t *testing.T) {
	r := started(t)
	wrong := func() string { return strings.Join(r.c.hints(), "|") }
	quiet := func(when string) {
		t.Helper()
		if html := r.HTML(); wrong() != "" || strings.Contains(html, `aria-invalid="true"`) || strings.Contains(html, ">Choose one") {
			t.Errorf("%s: %q\n%s", when, wrong(), html)
		}
	}
	quiet("untouched")
	r.act(add)
	quiet("with a new campaign")
	r.typed(0, goal, "101")
	if s := wrong(); s != "1. no campaign yet: Goal: Give a whole number from 0 to 100" {
		t.Errorf("after a wrong goal: %q", s)
	}
	r.typed(0, goal, "10")
	quiet("mended")
	r.act(load)
	if s := wrong(); s != "Group: Choose one. One more field is missing or wrong." || !strings.Contains(r.HTML(), `aria-invalid="true"`) {
		t.Errorf("after a click on Load: %q", s)
	}
	if s := strings.Join(started(t, "value", two).c.hints(), "|"); s != "" {
		t.Errorf("before the first paint: %q", s)
	}
	r = started(t, "value", two)
	if r.HTML(); wrong() != "Group: Choose one" {
		t.Errorf("of a draft that the page gave: %q", wrong())
	}
}

// TestUndoRemoval puts a removed item back where it was.
func TestUndoRemoval(t *testing.T) {
	r := ready(t)
	r.typed(0, contacts, "33")
	r.do(func() { r.c.remove(0) })
	if r.names() != "13" || r.button(undo).Text != "Undo the removal" {
		t.Fatalf("left %s", r.names())
	}
	r.Events()
	r.act(undo)
	if r.names() != "12 13" || r.c.draft.items[0].StopAtContacts != 33 || len(r.Events()) != 1 {
		t.Errorf("back: %s, %+v", r.names(), r.c.draft.items[0])
	}
	r.do(func() { r.c.remove(1); r.c.remove(0) })
	r.act(undo)
	if r.names() != "12" {
		t.Errorf("the last one is %s", r.names())
	}
	r.do(func() { r.c.remove(0) })
	r.Set("value", two)
	r.HTML()
	for _, b := range r.c.buttons() {
		if b.act == undo {
			t.Error("offers to put an item of another draft back")
		}
	}
}

// TestKeysOfConfirmation: the way back has the focus, and a key that was under way before
// the confirmation does not answer it. What lies below stays where it is.
func TestKeysOfConfirmation(t *testing.T) {
	r := ready(t)
	r.tell(plan(t), running, running, active)
	open := func(ms int) {
		r.SetNow(uitest.Noon.Add(time.Duration(ms) * time.Millisecond))
		r.do(func() { r.c.handleButton(stop, ev(props{"detail": 0, "timeStamp": ms})) })
	}
	key := func(ms int) bool {
		r.SetNow(uitest.Noon.Add(time.Duration(ms) * time.Millisecond))
		e := ev(props{"key": "Enter", "target.tagName": "BUTTON", "timeStamp": ms})
		r.do(func() { r.c.handleKey(e); r.c.handleKeyUp(e) })
		return e.p["prevented"] == true
	}
	open(1000)
	html := r.HTML()
	if i := strings.Index(html, "No, go back"); i < 0 || !strings.Contains(html[i-80:i], "autofocus") || strings.Count(html, "autofocus") != 1 {
		t.Errorf("the focus is elsewhere:\n%s", html)
	}
	if !key(1100) {
		t.Error("a second press without a gap answers")
	}
	r.do(func() { r.c.handleYes(ev(props{"detail": 0})) })
	r.Quiet()
	if key(1400) {
		t.Error("a press that is meant does not count")
	}
	r.do(func() { r.c.handleYes(ev(props{"detail": 0, "currentTarget.offsetParent.offsetHeight": 500})) })
	r.Asked()
	if r.c.space() != "min-block-size:500px" {
		t.Errorf("the style is %v", r.c.space())
	}
	r.typed(0, goal, "10")
	if r.c.space() != nil {
		t.Errorf("after an edit the style is %v", r.c.space())
	}
}

// TestRoom: what lies below the element does not move when the confirmation or the result
// goes away under the pointer.
func TestRoom(t *testing.T) {
	tall := props{"detail": 1, "currentTarget.offsetParent.offsetHeight": 500}
	for name, click := range map[string]func(r *rig){
		"Yes": func(r *rig) { r.act(stop); r.do(func() { r.c.handleYes(ev(tall)) }); r.Asked() },
		"No":  func(r *rig) { r.act(stop); r.do(func() { r.c.handleNo(ev(tall)) }) },
		"dismissing": func(r *rig) {
			r.act(status)
			r.Asked().Answer(nil)
			r.Await("settled", func() bool { return r.c.sent == nil })
			r.do(func() { r.c.handleDismiss(ev(tall)) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := ready(t)
			r.tell(plan(t), running, running, active)
			if r.c.space() != nil {
				t.Fatalf("the style before is %v", r.c.space())
			}
			click(r)
			if html := r.HTML(); r.c.space() != "min-block-size:500px" || !strings.Contains(html, "min-block-size:500px") {
				t.Errorf("the style is %v", r.c.space())
			}
		})
	}
}

// TestNoRightNoNames: who may not see campaigns is offered none of their names.
func TestNoRightNoNames(t *testing.T) {
	status := uitest.Connected
	status.Identity = frame.Identity{Name: "ann", Roles: []string{frame.RoleAgent}}
	c := uitest.NewClient(status)
	c.SetDirectory(directory)
	r := rigWith(t, c)
	r.act(add)
	if html := r.HTML(); strings.Contains(html, "Autumn") || strings.Contains(html, "Sales") {
		t.Errorf("shows names:\n%s", html)
	}
	r.Client().SetStatus(client.Status{State: client.Connected, Link: uitest.Connected.Link, OCS: uitest.Connected.OCS})
	if html := r.HTML(); !strings.Contains(html, "Autumn") || !strings.Contains(html, "Sales") {
		t.Error("shows none although there is the right")
	}
}
