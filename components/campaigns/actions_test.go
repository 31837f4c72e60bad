package campaigns

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"commdn/components/session"
	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// TestAllowed is the table of actions by state: load, start, stop, set, unload, force
// unload.
func TestAllowed(t *testing.T) {
	d := states(t)
	for i, want := range []string{
		"L.....", ".....F", ".....F", "....UF", ".S..UF", "..SMUF",
		"LSSMUF", // unknown state: OCS decides
	} {
		d.openRow(i)
		got := ""
		for j, x := range d.c.choices {
			if (x.off == "true") != (x.title != nil) {
				t.Errorf("row %d: %q is off %s with the reason %v", i, x.text, x.off, x.title)
			}
			if x.off == "true" {
				got += "."
			} else {
				got += "LSSMUF"[j : j+1]
			}
		}
		if got != want {
			t.Errorf("state %d allows %s, want %s", i, got, want)
		}
	}
}

// TestRequests compares the request that each action makes of one row.
func TestRequests(t *testing.T) {
	to, d45 := commdn.Address{Target: ocs}, commdn.Dialing{Mode: commdn.DialPushPreview, OptimizeBy: commdn.OptimizeWaitTime, Goal: 45}
	of := func(i int) commdn.CampaignGroup { return event(ocs, i, 0).CampaignGroup }
	for _, c := range []struct {
		row  int
		want commdn.Request
	}{
		{0, &commdn.LoadCampaign{Address: to, CampaignGroup: of(0), Dialing: d45, AutoCompletion: commdn.AutoCompletionOn}},
		{4, &commdn.StartDialing{Address: to, CampaignGroup: of(4), Dialing: d45, AutoCompletion: commdn.AutoCompletionOn}},
		{5, &commdn.StopDialing{Address: to, CampaignGroup: of(5)}},
		{5, &commdn.SetDialingMode{Address: to, CampaignGroup: of(5), Dialing: d45, AutoCompletion: commdn.AutoCompletionOn}},
		{4, &commdn.UnloadCampaign{Address: to, CampaignGroup: of(4)}},
		{1, &commdn.ForceUnloadCampaign{Address: to, CampaignGroup: of(1)}},
	} {
		d := states(t)
		d.openRow(c.row)
		d.click(c.want.Type())
		if d.c.panel != nil && len(d.c.fields()) > 0 {
			for _, f := range d.c.fields() {
				d.c.handleField(f.name, &input{value: map[string]string{"mode": "8", "by": "3", "finish": "2"}[f.name]})
			}
			d.c.handleField("goal", &input{value: " 45 "})
		}
		d.c.handleYes(&input{clicks: 1})
		asked := d.Asked()
		if got, want := asked.Req.UserData(), c.want.UserData(); asked.Req.Validate() != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: asked %v, want %v, %v", c.want.Type(), got, want, asked.Req.Validate())
		}
		d.Events()
		d.settle(asked, nil)
		events := d.Events()
		if uitest.States(events) != "done" || events[1].Name != "commdn-result" || events[1].Detail["request"] != c.want.Type().String() {
			t.Errorf("%s: the host is told %v", c.want.Type(), events)
		}
		if !d.c.choosing() || d.HTML() == "" || d.c.said == "" {
			t.Errorf("%s: %q is said, panel %+v", c.want.Type(), d.c.said, d.c.panel)
		}
	}
}

// TestInProgress: the row shows what is in flight, then why it failed, until somebody
// dismisses that.
func TestInProgress(t *testing.T) {
	d := states(t)
	note := func() string { d.draw(); return d.row(5).note }
	d.openRow(5)
	d.order(commdn.ReqStopDialing)
	if got := note(); got != "Stopping…" {
		t.Errorf("under way: %q", got)
	}
	d.openRow(5)
	if x := d.c.choices[2]; x.off != "true" || x.title != "A request about it is under way" {
		t.Errorf("a second one: %+v", x)
	}
	d.answer(refused)
	if got := note(); got != "Refused: CM_ERROR_LICENSE_VIOLATION (15)" {
		t.Errorf("refused: %q", got)
	}
	if got := d.c.trouble(); !strings.Contains(got, "no licence for <b>this</b>") || !strings.Contains(got, "There is no licence left") {
		t.Errorf("in full: %q", got)
	}
	d.c.handleDismiss(&input{clicks: 1})
	if got := note(); got != "" || d.c.trouble() != "" {
		t.Errorf("dismissed: %q, %q", got, d.c.trouble())
	}
	d.order(commdn.ReqStopDialing)
	d.answer(&client.NoAnswerError{Sent: true, Err: client.ErrTimeout})
	if got := note(); got != "No answer" {
		t.Errorf("the next one: %q", got)
	}
	d.openRow(5)
	d.order(commdn.ReqStopDialing)
	if got := note(); got != "Stopping…" {
		t.Errorf("superseded: %q", got)
	}
	d.answer(nil)
	if got := note(); got != "" {
		t.Errorf("done: %q", got)
	}
}

// TestLate: OCS may answer after the relay has given a request up. The row, the report and
// the host page hear of it.
func TestLate(t *testing.T) {
	noAnswer := &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS 201 did not answer"}
	d := states(t)
	d.pick(3, 4)
	d.c.handleBulk(&input{})
	d.click(commdn.ReqUnloadCampaign)
	d.c.handleYes(&input{})
	var asked []*uitest.Asked
	for range 2 {
		a := d.Asked()
		asked = append(asked, a)
		d.settle(a, noAnswer)
	}
	if got := d.c.summary(); got != "Unload: 0 done, 2 failed, 0 under way" {
		t.Fatalf("before: %q", got)
	}
	d.Events()
	d.Client().Late(asked[0], nil, event(ocs, 3, commdn.StatusNotLoaded))
	d.Client().Late(asked[1], refused, refused)
	d.Client().Late(asked[1], nil, event(ocs, 4, commdn.StatusNotLoaded)) // once is enough
	events := d.Events()
	if len(events) != 4 || events[1].Name != "commdn-late" || events[1].Detail["state"] != "done" || events[1].Detail["late"] != true ||
		events[3].Name != "commdn-late" || events[3].Detail["state"] != "refused" {
		t.Errorf("the host is told %v", events)
	}
	if got := d.c.summary(); got != "Unload: 1 done, 1 failed, 0 under way" || d.c.said != got {
		t.Errorf("after: %q, said %q", got, d.c.said)
	}
	if got := d.c.outcomes(); len(got) != 1 || !strings.Contains(got[0], "Refused, late: There is no licence left for this dialing mode. [CM_ERROR_LICENSE_VIOLATION (15)") {
		t.Errorf("the report lists %q", got)
	}
	d.c.handleDismiss(&input{clicks: 1})
	d.draw()
	if done := d.row(3); done.note != "" || done.failed() {
		t.Errorf("the row of the done one says %q", done.note)
	}

	d = states(t)
	d.openRow(5)
	d.order(commdn.ReqStopDialing)
	a := d.Asked()
	d.settle(a, noAnswer)
	d.draw()
	if got := d.row(5).note; got != "No answer" {
		t.Errorf("before: %q", got)
	}
	d.Client().Late(a, refused, refused)
	d.draw()
	if got := d.row(5).note; got != "Refused, late: CM_ERROR_LICENSE_VIOLATION (15)" || !strings.Contains(d.c.said, "OCS answered late") {
		t.Errorf("after: %q, said %q", got, d.c.said)
	}
}

func TestDoubleClicks(t *testing.T) {
	d := states(t)
	d.openRow(4)
	d.c.handleAction(actions[1], &input{clicks: 2})
	if d.c.asking() {
		t.Error("the second click of a double click chose an action")
	}
	d.click(commdn.ReqStartDialing)
	d.c.handleYes(&input{clicks: 2})
	d.c.handleBack(&input{clicks: 2})
	if !d.c.asking() {
		t.Error("the second click of a double click confirmed")
	}
	d.c.handleYes(&input{})
	d.c.handleYes(&input{})
	d.answer(nil)
	d.Quiet()
}

func TestEscape(t *testing.T) {
	d := states(t)
	escape := func() bool {
		e := &input{key: "Escape"}
		d.c.handlePanelKey(e)
		d.HTML()
		return e.stopped
	}
	if escape() {
		t.Error("took an Escape that was not for us")
	}
	d.c.handleFocusIn(nil)
	d.press("ArrowDown", "Enter")
	if d.c.panel == nil || d.c.panel.rows[0] != d.c.shown[1] {
		t.Fatal("Enter opens no panel")
	}
	d.click(commdn.ReqForceUnloadCampaign)
	if !escape() || !d.c.choosing() || !escape() || d.c.panel != nil || d.c.focus != "cell" {
		t.Errorf("after two Escapes: %v, the focus goes to %q", d.c.panel, d.c.focus)
	}
	held := &input{key: "Enter", repeat: true}
	if d.c.handlePanelKey(held); !held.mine {
		t.Error("Enter held down goes on pressing buttons")
	}
	d.pick(1)
	d.c.handleBulk(&input{})
	d.c.handleClose(&input{clicks: 1})
	if d.c.focus != "bulk" {
		t.Errorf("the focus goes to %q", d.c.focus)
	}
	d.Quiet()
}

// TestNoLink: nothing can be sent while the states are stale, not even from a panel that
// is already open.
func TestNoLink(t *testing.T) {
	d := states(t)
	d.openRow(4)
	d.click(commdn.ReqStartDialing)
	d.Client().SetStatus(linkDown)
	d.draw()
	d.c.handleYes(&input{})
	if d.Quiet(); !d.c.asking() || d.c.yesOff() != "true" {
		t.Error("sent without a link")
	}
	d.c.handleBack(&input{})
	d.click(commdn.ReqStartDialing)
	if d.c.asking() || len(d.c.choices) != 6 || d.c.choices[1].title != "T-Server cannot be reached: connection refused" {
		t.Errorf("offered without a link: %+v", d.c.choices)
	}
	d.Client().SetStatus(uitest.Connected)
	d.draw()
	d.click(commdn.ReqStartDialing)
	d.c.handleYes(&input{})
	if req := d.answer(nil); req.Type() != commdn.ReqStartDialing {
		t.Errorf("asked %v", req)
	}
}

// TestWhichOCS: a row without an OCS goes to the only OCS; with several, the action is
// impossible.
func TestWhichOCS(t *testing.T) {
	for _, c := range []struct {
		all  []commdn.DBID
		want commdn.DBID
	}{{nil, 0}, {[]commdn.DBID{7}, 7}, {[]commdn.DBID{7, 8}, 0}} {
		d := newDesk(t, 1, client.Status{State: client.Connected, Link: frame.Link{Up: true}, OCS: c.all})
		d.openRow(0)
		d.order(commdn.ReqUnloadCampaign)
		if c.want == 0 {
			if d.Quiet(); d.c.choices[0].title != d.c.none || d.c.none != "It is not known which OCS runs it" {
				t.Errorf("OCS %v: %q, %+v", c.all, d.c.none, d.c.choices[0])
			}
			continue
		}
		if key := about(d.answer(nil)); key.OCS != c.want {
			t.Errorf("OCS %v: asked of %v", c.all, key)
		}
	}
}

// TestForm: the form offers what OCS last reported and refuses nonsense.
func TestForm(t *testing.T) {
	d := states(t)
	d.openRow(6)
	d.click(commdn.ReqLoadCampaign)
	if f := d.c.panel.form; f.mode != "2" || f.by != "1" || f.goal != "80" || f.untold != 1 || f.canKeep {
		t.Errorf("of a row that nobody told of: %+v", f)
	}
	d.openRow(4)
	d.click(commdn.ReqStartDialing)
	if f := d.c.panel.form; f.mode != "1" || f.by != "1" || f.goal != "80" || f.untold != 0 {
		t.Errorf("of a row that OCS told of: %+v", f)
	}
	for _, c := range []struct {
		by, goal string
		ok       bool
	}{
		{"1", "0", true}, {"1", "100", true}, {"2", "101", false}, {"1", "-1", false}, {"1", "", false}, {"1", "1e2", false},
		{"1", strings.Repeat("9", 10000), false}, {"3", "101", true}, {"3", "2147483647", true}, {"3", "2147483648", false}, {"3", "-1", false},
		{"3", "😀", false},
	} {
		d.c.handleField("by", &input{value: c.by})
		d.c.handleField("goal", &input{value: c.goal})
		invalid := false
		for _, f := range d.c.fields() {
			invalid = invalid || f.name == "goal" && f.invalid != nil
		}
		if ok := d.c.formProblem() == ""; ok != c.ok || (d.c.yesOff() == "false") != c.ok || invalid == c.ok {
			t.Errorf("goal %q of method %s: %q", c.goal[:min(len(c.goal), 20)], c.by, d.c.formProblem())
		}
	}
	d.c.handleYes(&input{})
	if d.Quiet(); !d.c.asking() {
		t.Error("nonsense was sent")
	}
	other := event(ocs, 4, commdn.StatusActive)
	other.Dialing = commdn.Dialing{Mode: 99, OptimizeBy: 9, Goal: -5}
	d.Client().Tell(other)
	d.draw()
	d.openRow(4)
	d.click(commdn.ReqStartDialing)
	if f := d.c.panel.form; f.mode != "2" || f.goal != "80" || f.untold != 1 {
		t.Errorf("of a row with numbers that are none: %+v", f)
	}
}

// TestFrozen: the table sends what the panel shows, whatever changes meanwhile.
func TestFrozen(t *testing.T) {
	d := states(t)
	d.pick(4, 5, 0)
	d.c.handleBulk(&input{})
	d.HTML()
	d.click(commdn.ReqUnloadCampaign)
	if d.c.question() != "Unload: 2 campaign groups" || strings.Join(d.c.names(), ", ") != "Campaign 3 · Sales, Campaign 3 · Service" ||
		!strings.HasPrefix(d.c.notes()[0], "1 selected row is left out") || d.c.movedOn() != "" {
		t.Errorf("asks %q of %v, %v", d.c.question(), d.c.names(), d.c.notes())
	}
	d.pick(1)
	d.tell(4, commdn.StatusNotLoaded)
	d.draw()
	if d.c.question() != "Unload: 2 campaign groups" || !strings.HasPrefix(d.c.movedOn(), "1 row has changed") {
		t.Errorf("asks %q, %q", d.c.question(), d.c.movedOn())
	}
	d.c.handleYes(&input{})
	d.answerAll(nil, nil)
	d.Quiet()
}

// TestEachItsOwn: a bulk start dials each group as OCS last reported, unless the
// supervisor chooses one way for all.
func TestEachItsOwn(t *testing.T) {
	for _, mode := range []string{"", "8"} {
		d := newDesk(t, 2, uitest.Connected)
		preview := event(ocs, 1, commdn.StatusActive)
		preview.Dialing = commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 3}
		d.tell(0, commdn.StatusActive)
		d.Client().Tell(preview)
		d.draw()
		d.press("^a")
		d.c.handleBulk(&input{})
		d.HTML()
		d.click(commdn.ReqStartDialing)
		if f := d.c.panel.form; !f.keep || len(d.c.fields()) != 3 {
			t.Errorf("the form begins as %+v", f)
		}
		d.c.handleField("mode", &input{value: mode})
		if d.HTML(); mode != "" && len(d.c.fields()) != 5 {
			t.Error("one way for all cannot be told")
		}
		d.c.handleYes(&input{})
		got := map[commdn.DBID]commdn.Dialing{}
		for range 2 {
			r := d.answer(nil).(*commdn.StartDialing)
			got[r.Group] = r.Dialing
		}
		want := map[commdn.DBID]commdn.Dialing{501: predictive, 502: preview.Dialing}
		if mode != "" {
			want[501] = commdn.Dialing{Mode: 8, OptimizeBy: 1, Goal: 80}
			want[502] = want[501]
		}
		if got[501] != want[501] || got[502] != want[502] {
			t.Errorf("mode %q: asked %v, want %v", mode, got, want)
		}
	}
}

// TestBulk: one request at a time, a result for each, and the supervisor can hold back
// the rest.
func TestBulk(t *testing.T) {
	d := newDesk(t, 40, uitest.Connected)
	for i := range 40 {
		d.tell(i, commdn.StatusRunning)
	}
	d.draw()
	d.press("^a")
	d.c.handleBulk(&input{})
	d.HTML()
	d.click(commdn.ReqStopDialing)
	if names := d.c.names(); len(names) != namesShown+1 || names[namesShown] != "and 28 more" {
		t.Errorf("names %v", names)
	}
	d.c.handleYes(&input{})
	first := d.Asked()
	d.Quiet()
	d.settle(first, nil)
	d.settle(d.Asked(), refused)
	if got := d.c.summary(); got != "Stop: 1 done, 1 failed, 38 under way" || !d.c.unsent() {
		t.Errorf("summary %q", got)
	}
	third := d.Asked()
	d.c.handleHold(&input{clicks: 1})
	d.HTML()
	d.settle(third, nil)
	d.Quiet()
	if got := d.c.summary(); got != "Stop: 2 done, 1 failed, 0 under way · 37 not sent" || d.c.said != got || d.c.unsent() {
		t.Errorf("summary %q, said %q", got, d.c.said)
	}
	if lines := d.c.outcomes(); len(lines) != 1 || !strings.Contains(lines[0], "CM_ERROR_LICENSE_VIOLATION (15)") {
		t.Errorf("went wrong: %v", lines)
	}
	results := 0
	for _, e := range d.Events() {
		if e.Name == "commdn-result" {
			results++
		}
	}
	d.draw()
	d.c.handleDismiss(&input{clicks: 1})
	d.draw()
	if results != 3 || d.c.panel != nil || slices.ContainsFunc(d.c.order, (*row).failed) {
		t.Errorf("%d results, panel %v", results, d.c.panel)
	}
}

// TestEnd: a bulk action stops when its element is gone.
func TestEnd(t *testing.T) {
	d := newDesk(t, 20, uitest.Connected)
	d.press("^a")
	d.c.handleBulk(&input{})
	d.HTML()
	d.click(commdn.ReqStopDialing)
	d.c.handleYes(&input{})
	first := d.Asked()
	d.c.Close()
	first.Answer(nil)
	d.Await("an answer", func() bool {
		return slices.ContainsFunc(d.Session.Entries(), func(e session.Entry) bool { return e.OK() })
	})
	d.Quiet()
}

// TestReadonly: the attribute closes an open panel.
func TestReadonly(t *testing.T) {
	d := states(t)
	d.openRow(4)
	d.Set("readonly", "")
	if html := d.draw(); d.c.panel != nil || strings.Contains(html, "action-button") {
		t.Error("actions are offered")
	}
	d.Remove("readonly")
	if html := d.draw(); !strings.Contains(html, "action-button") {
		t.Error("actions are not offered again")
	}
}

func BenchmarkRepaint500(b *testing.B) {
	d := newDesk(b, 500, uitest.Connected, "sort", "-changed")
	for i := range 500 {
		d.tell(i, commdn.StatusActive)
	}
	d.draw()
	d.measure(420, 4000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for j := range 5 {
			d.tell((i*5+j)%500, commdn.GroupStatus(4+i%2))
		}
		d.Frame()
		d.c.Compute()
		d.c.Build(nil)
	}
}
