package campaigns

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/components/uitest"
	"commdn/protocol/commdn"
)

// TestStopAndUnloadAsk: stop and unload of one campaign group ask as for many, and the
// focus is on the way back.
func TestStopAndUnloadAsk(t *testing.T) {
	for typ, yes := range map[commdn.MessageType]string{
		commdn.ReqStopDialing: "Yes, stop", commdn.ReqUnloadCampaign: "Yes, unload", commdn.ReqForceUnloadCampaign: "Yes, force unload",
	} {
		d := states(t)
		d.openRow(5)
		d.click(typ)
		d.Quiet()
		if !d.c.asking() || d.c.yesText() != yes || d.c.focusNo() == nil || d.c.focusYes() != nil {
			t.Errorf("%s: asking %v, %q, focus on no %v, on yes %v", typ, d.c.asking(), d.c.yesText(), d.c.focusNo(), d.c.focusYes())
		}
		if html := d.HTML(); !strings.Contains(html, "No, go back") || !strings.Contains(html, "Campaign 3 · Service") {
			t.Errorf("%s asks:\n%s", typ, html)
		}
		d.c.handleYes(&input{clicks: 1})
		if req := d.answer(nil); req.Type() != typ {
			t.Errorf("%s asked %s", typ, req.Type())
		}
	}
}

// TestPanelKeys: a key that was under way before the panel asked presses nothing in it.
func TestPanelKeys(t *testing.T) {
	d := states(t)
	d.SetNow(uitest.Noon)
	d.openRow(0)
	press := func(after time.Duration, up bool) *input {
		d.SetNow(uitest.Noon.Add(after))
		e := &input{key: "Enter", stamp: float64(after / time.Millisecond)}
		d.c.handlePanelKey(e)
		if up {
			d.c.handleKeyUp(e)
		}
		return e
	}
	if e := press(time.Second, false); e.mine {
		t.Fatal("a press that is meant does not count")
	}
	d.c.handleAction(actions[0], &input{stamp: 1000})
	if e := press(1500*time.Millisecond, true); !e.mine {
		t.Error("a key that was never up confirms")
	}
	d.c.handleYes(&input{})
	d.Quiet()
	d.c.handleBack(&input{clicks: 1})
	d.c.handleAction(actions[0], &input{stamp: 1600, clicks: 1}) // at 1.5 s
	if e := press(1700*time.Millisecond, true); !e.mine {
		t.Error("a second press without a gap confirms")
	}
	if e := press(2*time.Second, true); e.mine {
		t.Error("a press that is meant does not count")
	}
	d.c.handleYes(&input{})
	d.answer(nil)
}

// TestSecondClick: the second click of a double click hits nothing, whatever the first one
// has moved under the pointer. A click later or elsewhere counts, and so does a key.
func TestSecondClick(t *testing.T) {
	bulk := func(d *desk) {
		d.pick(3, 4, 5)
		d.c.handleBulk(&input{})
	}
	confirm := func(d *desk) {
		bulk(d)
		d.click(commdn.ReqUnloadCampaign)
	}
	report := func(d *desk) {
		confirm(d)
		d.c.handleYes(&input{})
		d.Asked()
	}
	unload := func(d *desk, e *input) { d.c.handleAction(actions[4], e) }
	row := func(on string) func(*desk, *input) {
		return func(d *desk, e *input) { e.on = on; d.c.handleRow(d.row(5), e) }
	}
	all := func(d *desk, e *input) { d.c.handleHead(bySelect, e) }
	hold := func(d *desk, e *input) { d.c.handleHold(e) }
	dismiss := func(d *desk, e *input) { d.c.handleDismiss(e) }
	closed := func(d *desk, e *input) { d.c.handleClose(e) }
	back := func(d *desk, e *input) { d.c.handleBack(e) }
	yes := func(d *desk, e *input) { d.c.handleYes(e) }
	gone := func(d *desk) bool { return d.c.panel == nil }
	open := func(d *desk) bool { return d.c.panel != nil }
	held := func(d *desk) bool { return !d.c.unsent() }
	for _, tt := range []struct {
		name          string
		begin         func(*desk)
		first, second func(*desk, *input)
		hit           func(*desk) bool // the second click counted
	}{
		{"Yes, then what holds back", confirm, yes, hold, held},
		{"Yes, then what dismisses", confirm, yes, dismiss, gone},
		{"holding back, then what dismisses", report, hold, dismiss, gone},
		{"dismissing, then a row", report, dismiss, row("9"), open},
		{"closing, then a row", bulk, closed, row("9"), open},
		{"closing, then a box", bulk, closed, row("0"), func(d *desk) bool { return d.c.picked == 2 }},
		{"closing, then all boxes", bulk, closed, all, func(d *desk) bool { return d.c.picked == 7 }},
		{"all boxes, twice", func(*desk) {}, all, all, func(d *desk) bool { return d.c.picked == 0 }},
		{"closing, then clearing", bulk, closed, func(d *desk, e *input) { d.c.handleClear(e) }, func(d *desk) bool { return d.c.picked == 0 }},
		{"closing, then the actions", bulk, closed, func(d *desk, e *input) { d.c.handleBulk(e) }, open},
		{"a row, then what closes", func(*desk) {}, row("9"), closed, gone},
		{"a row, then an action", func(*desk) {}, row("9"), unload, func(d *desk) bool { return d.c.asking() }},
		{"an action, then Yes", bulk, unload, yes, func(d *desk) bool { return d.c.reporting() }},
		{"an action, then No", bulk, unload, back, func(d *desk) bool { return d.c.choosing() }},
		{"No, then an action", confirm, back, unload, func(d *desk) bool { return d.c.asking() }},
	} {
		for _, e := range []struct {
			name  string
			input input
			hits  bool
		}{
			{"counted", input{clicks: 2, stamp: 1060}, false},
			{"not counted", input{clicks: 1, stamp: 1250}, false},
			{"later", input{clicks: 1, stamp: 1500}, true},
			{"elsewhere", input{clicks: 1, stamp: 1250, x: 40}, true},
			{"by key", input{}, true},
		} {
			t.Run(tt.name+", "+e.name, func(t *testing.T) {
				d := states(t)
				tt.begin(d)
				d.HTML()
				tt.first(d, &input{clicks: 1, stamp: 1000})
				d.HTML()
				if tt.hit(d) {
					t.Fatal("the first click has done it")
				}
				tt.second(d, &e.input)
				if d.HTML(); tt.hit(d) != e.hits {
					t.Errorf("counted %v", !e.hits)
				}
			})
		}
	}
}

// TestEnterInField: Enter in a field of the panel sends, unless something is wrong, and not
// while the reader composes characters. Enter in the filter does not.
func TestEnterInField(t *testing.T) {
	d := states(t)
	d.openRow(4)
	d.click(commdn.ReqStartDialing)
	d.c.handleField("goal", &input{value: "101"})
	d.SetNow(uitest.Noon.Add(time.Second))
	enter := func(kind string) {
		e := &input{key: "Enter", kind: kind, stamp: 1000}
		d.c.handlePanelKey(e)
		d.c.handleKeyUp(e)
	}
	enter("text")
	d.c.handleField("goal", &input{value: "60"})
	enter("search")
	d.c.handlePanelKey(&input{key: "Enter", kind: "text", stamp: 1000, composing: true})
	d.c.handleKeyUp(&input{key: "Enter"})
	d.Quiet()
	enter("text")
	if req := d.answer(nil).(*commdn.StartDialing); req.Dialing.Goal != 60 {
		t.Errorf("asked %+v", req)
	}
}

// TestPanelStays: after a load the panel offers the start, without being opened again, and
// gives it the focus once OCS has loaded.
func TestPanelStays(t *testing.T) {
	d := states(t)
	d.openRow(0)
	d.order(commdn.ReqLoadCampaign)
	d.draw()
	if !d.c.choosing() || d.c.none != "A request about it is under way" {
		t.Fatalf("choosing %v, %q", d.c.choosing(), d.c.none)
	}
	d.c.handleFocusOut(nil) // the focus went to the button that closes
	d.answer(nil)
	d.tell(0, commdn.StatusActive)
	d.draw()
	if x := d.c.choices[1]; x.off != "false" || x.focus == nil {
		t.Errorf("the start is %+v", x)
	}
	d.order(commdn.ReqStartDialing)
	d.c.handlePanelKey(&input{key: "Tab"}) // moves on
	moves := d.c.moves
	if req := d.answer(nil); req.Type() != commdn.ReqStartDialing {
		t.Errorf("asked %s", req.Type())
	}
	d.tell(0, commdn.StatusRunning)
	if d.draw(); d.c.moves != moves {
		t.Error("takes the focus away from somebody who has moved on")
	}
}

// TestMarked: the row of the panel is marked, and the panel comes after the table, so that
// no row moves when it opens.
func TestMarked(t *testing.T) {
	d := states(t)
	for i, r := range append([]*row(nil), d.c.shown...) {
		d.c.handleRow(r, &input{on: "9", clicks: 1})
		html := d.HTML()
		marked := strings.Index(html, `class="r marked"`)
		if marked < 0 || strings.Count(html, "r marked") != 1 || !strings.Contains(html[marked:marked+60], `style="--i:`+strconv.Itoa(i)+`"`) {
			t.Errorf("row %d is not marked", i)
		}
		if strings.Index(html, `part="panel"`) < strings.Index(html, `part="table"`) {
			t.Error("the panel is above the rows")
		}
	}
	d.c.handleClose(&input{clicks: 1})
	if strings.Contains(d.HTML(), "marked") {
		t.Error("marked without a panel")
	}
}

// TestLegend explains each layer of the strips.
func TestLegend(t *testing.T) {
	d := states(t)
	got := []string{d.c.stripText()}
	for _, s := range signs {
		got = append(got, d.c.signText(s))
	}
	if s := strings.Join(got, " | "); s != "Last 4 h | Running | Loaded | Inactive, Unloading | Not loaded | Unknown" {
		t.Error(s)
	}
}

// TestNoRightNoNames: who may not see campaigns sees none of their names; with the right
// they appear.
func TestNoRightNoNames(t *testing.T) {
	d := newDesk(t, 2, agentOnly)
	if html := d.draw(); strings.Contains(html, "Campaign 1") || strings.Contains(html, "Sales") || d.c.count() != "" || d.c.empty() != "" {
		t.Errorf("shows names:\n%s", html)
	}
	d.Client().SetStatus(uitest.Connected)
	if html := d.draw(); !strings.Contains(html, "Campaign 1") {
		t.Error("shows none although there is the right")
	}
}

// TestUnknownState: a state of which the API says nothing allows every action.
func TestUnknownState(t *testing.T) {
	d := states(t)
	d.tell(0, 77)
	d.draw()
	d.openRow(0)
	for _, x := range d.c.choices {
		if x.off != "false" {
			t.Errorf("%s is impossible: %v", x.text, x.title)
		}
	}
}

// TestFinishOfOCS: the form begins with what OCS does when all records are done.
func TestFinishOfOCS(t *testing.T) {
	d := states(t)
	e := event(ocs, 4, commdn.StatusActive)
	e.AutoCompletion = commdn.AutoCompletionOn
	d.Client().Tell(e)
	d.draw()
	d.openRow(4)
	d.click(commdn.ReqStartDialing)
	if d.c.panel.form.finish != "2" {
		t.Errorf("begins with %q", d.c.panel.form.finish)
	}
	d.c.handleYes(&input{clicks: 1})
	if req := d.answer(nil).(*commdn.StartDialing); req.AutoCompletion != commdn.AutoCompletionOn {
		t.Errorf("asked %+v", req)
	}
}
