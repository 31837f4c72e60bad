package campaigns

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/components/session"
	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

func TestSort(t *testing.T) {
	d := states(t)
	later(d, time.Minute)
	d.tell(0, commdn.StatusActive)
	other := event(ocs, 3, commdn.StatusInActive)
	other.Dialing = commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeWaitTime, Goal: 5}
	d.Client().Tell(other)
	d.draw()
	for _, c := range []struct{ by, want string }{
		{"campaign", "1Sa 1Se 2Sa 2Se 3Sa 3Se 4Sa"},
		{"-campaign", "4Sa 3Sa 3Se 2Sa 2Se 1Sa 1Se"},
		{"group", "1Sa 2Sa 3Sa 4Sa 1Se 2Se 3Se"},
		{"state", "4Sa 1Se 2Sa 2Se 1Sa 3Sa 3Se"},
		{"-state", "3Se 1Sa 3Sa 2Se 2Sa 1Se 4Sa"},
		{"mode", "4Sa 1Sa 1Se 2Sa 3Sa 3Se 2Se"},
		{"-goal", "2Se 1Sa 1Se 2Sa 3Sa 3Se 4Sa"},
		{"-changed", "1Sa 1Se 2Sa 2Se 3Sa 3Se 4Sa"},
		{"", "1Sa 1Se 2Sa 2Se 3Sa 3Se 4Sa"},
		{"-", "1Sa 1Se 2Sa 2Se 3Sa 3Se 4Sa"},
		{"colour", "1Sa 1Se 2Sa 2Se 3Sa 3Se 4Sa"},
	} {
		d.Set("sort", c.by)
		d.draw()
		if got := d.names(); got != c.want {
			t.Errorf("sort=%q gives %s, want %s", c.by, got, c.want)
		}
		if wrong := c.by == "colour" || c.by == "" || c.by == "-"; wrong != (d.c.banner() != "") {
			t.Errorf("sort=%q is told of as %q", c.by, d.c.banner())
		}
	}
	d.Remove("sort")
	d.c.handleHead(byState, &input{clicks: 1})
	d.draw()
	up := d.names()
	d.c.handleHead(byState, &input{clicks: 1})
	d.draw()
	if up != "4Sa 1Se 2Sa 2Se 1Sa 3Sa 3Se" || d.names() != "3Se 1Sa 3Sa 2Se 2Sa 1Se 4Sa" || d.c.banner() != "" {
		t.Errorf("a header sorts to %s, then %s", up, d.names())
	}
}

func TestFilter(t *testing.T) {
	d := states(t, "filter", "running")
	for _, c := range []struct{ text, want string }{
		{"", "1Sa 1Se 2Sa 2Se 3Sa 3Se 4Sa"},
		{"  SERVICE 3 ", "3Se"},
		{"loaded", "1Sa 3Sa"},
		{"predictive", "1Sa 1Se 2Sa 2Se 3Sa 3Se"},
		{"\x00<b>", ""},
	} {
		d.c.handleFilter(&input{value: c.text})
		if d.draw(); d.names() != c.want {
			t.Errorf("%q leaves %s, want %s", c.text, d.names(), c.want)
		}
	}
	d.Set("filter", "running")
	d.draw()
	d.tell(5, commdn.StatusActive)
	d.tell(0, commdn.StatusRunning)
	if d.draw(); d.names() != "1Sa" {
		t.Errorf("after two changes the filter leaves %s", d.names())
	}
}

// TestCoalesced: any number of changes costs one paint per frame.
func TestCoalesced(t *testing.T) {
	d := newDesk(t, 500, uitest.Connected)
	for i := range 500 {
		d.tell(i, commdn.StatusActive)
	}
	if n := d.Frame(); n != 1 {
		t.Errorf("%d frames for 500 changes", n)
	}
	d.HTML()
	for i := range 50 {
		d.tell(i*10, commdn.StatusRunning)
	}
	if n := d.Frame(); n != 1 || d.Frame() != 0 {
		t.Errorf("%d frames for 50 changes", n)
	}
	d.HTML()
	if r := d.row(490); r.status() != commdn.StatusRunning {
		t.Errorf("row 490 is %v", r.status())
	}
}

// TestWindow: of 500 rows the table draws those in sight, and the one with the focus.
func TestWindow(t *testing.T) {
	d := newDesk(t, 500, uitest.Connected)
	drawn := func() (n int, first, last string) {
		html := d.HTML()
		indexes := strings.Split(html, "aria-rowindex=\"")[2:]
		number := func(s string) string { s, _, _ = strings.Cut(s, "\""); return s }
		return len(indexes), number(indexes[0]), number(indexes[len(indexes)-1])
	}
	if n, _, _ := drawn(); n > 50 {
		t.Errorf("%d rows drawn before anything is known", n)
	}
	d.measure(360, 0)
	if n, first, last := drawn(); n != 14 || first != "2" || last != "15" {
		t.Errorf("at the top: %d rows, %s to %s", n, first, last)
	}
	d.measure(360, 3600)
	if n, first, last := drawn(); n != 19 || first != "2" || last != "115" {
		t.Errorf("in the middle: %d rows, %s to %s", n, first, last)
	}
	d.measure(360, 1e9)
	if n, _, last := drawn(); n < 10 || n > 20 || last != "501" {
		t.Errorf("beyond the end: %d rows, up to %s", n, last)
	}
	d.c.handleSight(&input{}) // not laid out
	d.c.handleFilter(&input{value: "campaign 250"})
	if n, _, last := drawn(); n != 2 || last != "3" {
		t.Errorf("filtered: %d rows, up to %s", n, last)
	}
}

// TestRecycled: a drawn row keeps its element, scrolling makes no new elements, and no
// two rows share one.
func TestRecycled(t *testing.T) {
	d := newDesk(t, 500, uitest.Connected)
	d.measure(360, 3600)
	d.measure(360, 3600)
	at, stays, slots := d.c.at.row.slot, d.c.shown[110].slot, d.c.slots
	for _, top := range []float64{3700, 3900, 9000, 0} {
		d.measure(360, top)
		seen := map[int]bool{}
		for _, r := range d.c.drawn {
			if r.slot == 0 || seen[r.slot] {
				t.Errorf("at %v row %d has slot %d", top, r.index, r.slot)
			}
			seen[r.slot] = true
		}
		if d.c.at.row.slot != at || top < 9000 && top > 0 && d.c.shown[110].slot != stays {
			t.Errorf("at %v a row that stays has another slot", top)
		}
	}
	if d.c.slots != slots || d.c.shown[110].slot != 0 {
		t.Errorf("%d slots, before %d", d.c.slots, slots)
	}
}

func TestKeyboard(t *testing.T) {
	d := newDesk(t, 500, uitest.Connected)
	d.measure(396, 0)
	d.c.handleFocusIn(nil)
	for _, c := range []struct{ keys, want string }{
		{"ArrowDown", "1 1"}, {"ArrowRight", "1 2"}, {"ArrowRight", "1 4"}, {"End", "1 9"}, {"ArrowRight", "1 9"},
		{"Home", "1 0"}, {"ArrowLeft", "1 0"}, {"PageDown", "10 0"}, {"PageDown", "19 0"}, {"PageUp", "10 0"},
		{"<ArrowLeft", "10 1"}, {"<ArrowLeft", "10 2"}, {"<ArrowRight", "10 1"}, {"<Home", "10 0"}, // right to left
		{"^End", "499 9"}, {"ArrowDown", "499 9"}, {"^Home", "0 0"}, {"PageUp", "0 0"},
		{"ArrowUp", "header 0"}, {"ArrowUp", "header 0"}, {"End", "header 7"}, {"ArrowDown", "0 7"},
	} {
		if d.press(c.keys); d.spot() != c.want {
			t.Errorf("%s leads to %s, want %s", c.keys, d.spot(), c.want)
		}
		if html := d.HTML(); strings.Count(html, `tabindex="0"`) != 1 || strings.Count(html, "autofocus") != 1 {
			t.Errorf("after %s: %d cells for Tab, %d with the focus", c.keys, strings.Count(html, `tabindex="0"`), strings.Count(html, "autofocus"))
		}
	}
	d.press("Tab")
	d.c.handleFocusOut(nil)
	if html := d.HTML(); strings.Contains(html, "autofocus") {
		t.Error("the focus is sent somewhere though it has left")
	}
	if d.press("^End"); d.c.top != 500*36+36-396 {
		t.Errorf("the last row is looked for at %v", d.c.top)
	}
}

// TestFocusStays: the focus stays with its row through changes, and moves to a neighbour
// when the row goes.
func TestFocusStays(t *testing.T) {
	d := states(t, "sort", "state")
	d.c.handleFocusIn(nil)
	d.press("ArrowDown", "ArrowDown")
	at, moves := d.c.at.row, d.c.moves
	d.tell(6, commdn.StatusRunning)
	d.tell(0, commdn.StatusRunning)
	d.draw()
	if d.c.at.row != at || d.c.moves != moves || at.index != 1 {
		t.Errorf("after sorting the focus is at %s", d.spot())
	}
	d.Set("filter", "running")
	d.draw()
	if d.c.at.row == nil || d.c.at.row == at || d.c.at.row.index != 1 || d.c.moves == moves {
		t.Errorf("after filtering the focus is at %s", d.spot())
	}
	d.Set("filter", "nothing")
	d.draw()
	if d.spot() != "header 1" {
		t.Errorf("without rows the focus is at %s", d.spot())
	}
	d.c.handleFocusOut(nil)
	d.Set("filter", "")
	moves = d.c.moves
	if d.draw(); d.spot() != "0 1" || d.c.moves != moves {
		t.Errorf("without the focus the keyboard begins at %s", d.spot())
	}
}

func TestSelect(t *testing.T) {
	d := states(t)
	d.c.handleFocusIn(nil)
	picked := func() string {
		var rows []string
		for _, e := range d.Events() {
			if e.Name == "commdn-select" {
				rows = nil
				for _, r := range e.Detail["rows"].([]any) {
					m := r.(map[string]any)
					rows = append(rows, strconv.Itoa(m["campaign"].(int))+"/"+strconv.Itoa(m["group"].(int))+"@"+strconv.Itoa(m["target"].(int)))
				}
			}
		}
		return strings.Join(rows, " ")
	}
	d.press("ArrowDown", " ", "ArrowDown", " ")
	if got := picked(); got != "1001/502@201 1002/501@201" {
		t.Errorf("Space selects %s", got)
	}
	d.press(" ")
	if got := picked(); got != "1001/502@201" {
		t.Errorf("Space again leaves %s", got)
	}
	d.pick(1, 1)
	d.c.handleRow(d.row(3), &input{on: "0", shift: true})
	d.HTML()
	if got := picked(); got != "1001/502@201 1002/501@201 1002/502@201" || d.c.picked != 3 {
		t.Errorf("Shift selects %s, %d", got, d.c.picked)
	}
	d.Set("filter", "loaded")
	d.draw()
	d.press("^a")
	if d.HTML(); d.c.selected() != "5 selected · 3 of them not shown" || d.c.allChecked() != "true" {
		t.Errorf("of those that match: %q, %s", d.c.selected(), d.c.allChecked())
	}
	d.c.handleHead(bySelect, &input{clicks: 1})
	if d.HTML(); d.c.picked != 3 || d.c.allChecked() != "mixed" {
		t.Errorf("taken off again: %d, %s", d.c.picked, d.c.allChecked())
	}
	d.c.handleClear(&input{clicks: 1})
	if d.HTML(); d.c.picked != 0 || picked() != "" || d.c.allChecked() != "false" {
		t.Errorf("cleared: %d", d.c.picked)
	}
	d.c.handleBulk(&input{})
	if d.c.panel != nil {
		t.Error("a panel about nothing")
	}
}

// TestTakenOver: a row that the directory listed without an OCS stays the same when an
// OCS reports it.
func TestTakenOver(t *testing.T) {
	d := newDesk(t, 2, uitest.Connected)
	d.pick(0)
	before := d.row(0)
	d.tell(0, commdn.StatusRunning)
	d.tell(1, commdn.StatusRunning)
	d.draw()
	if r := d.row(0); r != before || !r.selected || r.g.Key.OCS != ocs || r.status() != commdn.StatusRunning || d.c.picked != 1 {
		t.Errorf("it became %+v, %d selected", r, d.c.picked)
	}
}

// TestNotListed: a group that the user may no longer see disappears, and an open panel
// sends nothing for it.
func TestNotListed(t *testing.T) {
	d := states(t)
	d.pick(5)
	d.openRow(5)
	d.Client().SetDirectory(frame.Directory{CampaignGroups: []frame.CampaignGroup{{Campaign: 1001, Group: 501}}})
	d.Client().SetStatus(uitest.Connected)
	d.rows(1)
	d.click(commdn.ReqStopDialing)
	if d.Quiet(); len(d.c.shown) != 1 || d.c.picked != 0 || d.c.at.row != d.c.shown[0] {
		t.Errorf("%d rows left, %d selected, keyboard at %s", len(d.c.shown), d.c.picked, d.spot())
	}
}

func TestStrip(t *testing.T) {
	at := func(minutes int, s commdn.GroupStatus) session.Span {
		return session.Span{From: uitest.Noon.Add(time.Duration(minutes) * time.Minute), Status: s}
	}
	d := newDesk(t, 0, uitest.Connected)
	for _, c := range []struct {
		past        []session.Span
		style, text string
	}{
		{nil, "", "Unknown"},
		{[]session.Span{at(-600, commdn.StatusRunning)},
			"--a:#0000 0 0%,var(--_good) 0 100%,#0000 0;--e:#0000 0 0%,var(--_surface) 0 100%,#0000 0;",
			"Running since 02:00:00"},
		{[]session.Span{at(-180, commdn.StatusActive), at(-120, session.Unknown), at(-60, commdn.StatusActive), at(-30, commdn.StatusNotLoaded)},
			"--b:#0000 0 25%,var(--_accent) 0 50%,#0000 0 75%,var(--_accent) 0 87.5%,#0000 0;" +
				"--d:#0000 0 87.5%,var(--_edge) 0 100%,#0000 0;" +
				"--e:#0000 0 25%,var(--_surface) 0 50%,#0000 0 75%,var(--_surface) 0 100%,#0000 0;",
			"Not loaded since 11:30:00; Loaded 11:00:00–11:30:00; Unknown 10:00:00–11:00:00; Loaded 09:00:00–10:00:00"},
		{[]session.Span{at(-2000, commdn.StatusActive), at(0, 77)},
			"--b:#0000 0 0%,var(--_accent) 0 100%,#0000 0;--c:#0000 0 99.2%,var(--_warn) 0 100%,#0000 0;--e:#0000 0 0%,var(--_surface) 0 100%,#0000 0 99.2%,var(--_surface) 0 100%,#0000 0;",
			"State 77 since 12:00:00; Loaded 2026-03-03 02:40–12:00:00"},
		{[]session.Span{at(-10, commdn.StatusRunning), at(-5, session.Unknown)},
			"--a:#0000 0 95.8%,var(--_good) 0 97.9%,#0000 0;--e:#0000 0 95.8%,var(--_surface) 0 97.9%,#0000 0;",
			"Unknown since 11:55:00; Running 11:50:00–11:55:00"},
		{[]session.Span{at(60, commdn.StatusRunning)}, // clocks differ
			"--a:#0000 0 99.2%,var(--_good) 0 100%,#0000 0;--e:#0000 0 99.2%,var(--_surface) 0 100%,#0000 0;",
			"Running since 13:00:00"},
	} {
		if got := d.c.strip(c.past); got != c.style {
			t.Errorf("%v is drawn as\n%s, want\n%s", c.past, got, c.style)
		}
		if got := d.c.past(c.past); got != c.text {
			t.Errorf("%v is told as %q, want %q", c.past, got, c.text)
		}
	}
}

// TestTimePasses: strips move with time, not with every paint.
func TestTimePasses(t *testing.T) {
	d := states(t)
	later(d, time.Hour)
	d.HTML()
	later(d, 29*time.Second)
	d.HTML()
	before := d.row(5).cells
	later(d, time.Second)
	d.HTML()
	if after := d.row(5).cells; &after[0] == &before[0] || after[6].style == before[6].style {
		t.Errorf("after 30 seconds the strip is still %v", after[6].style)
	}
	d.c.passed()
	if d.Frame() != 1 {
		t.Error("the clock does not ask for a paint")
	}
	d.c.Close()
	d.c.passed()
	if d.Frame() != 0 {
		t.Error("the clock asks for paints after the end")
	}
}

func TestBanner(t *testing.T) {
	d := states(t)
	later(d, 10*time.Minute)
	for _, c := range []struct {
		status client.Status
		want   string
	}{
		{linkDown, "States as of 12:10:00. T-Server cannot be reached: connection refused"},
		{client.Status{State: client.Disconnected}, "States as of 12:10:00. Not connected; trying again"},
		{client.Status{State: client.Connecting}, "States as of 12:10:00. Connecting"},
		{client.Status{State: client.Failed, Err: &frame.CloseError{Code: frame.CloseSubprotocol}}, "States as of 12:10:00. Out of order"},
		{agentOnly, "You do not have the right to see or control campaigns."},
	} {
		d.Client().SetStatus(c.status)
		d.draw()
		if got := d.c.banner(); !strings.HasPrefix(got, c.want) || c.status.State != client.Failed && got != c.want {
			t.Errorf("%v: %q, want %q", c.status.State, got, c.want)
		}
	}
	if slices.Contains(d.c.columns, byActions) || d.c.canAct() {
		t.Error("somebody without the right is offered actions")
	}
	d.press("Enter")
	d.c.handleRow(d.row(0), &input{on: "9"})
	if d.c.panel != nil {
		t.Error("somebody without the right has a panel")
	}
}

// TestColumnsChange: a second OCS adds a column to all rows.
func TestColumnsChange(t *testing.T) {
	d := states(t)
	columns := func() (heads, cells int) {
		html := d.draw()
		return strings.Count(html, `role="columnheader"`), strings.Count(html, `role="gridcell"`)
	}
	if heads, cells := columns(); heads != 9 || cells != 7*9 {
		t.Errorf("one OCS: %d columns, %d cells", heads, cells)
	}
	status := uitest.Connected
	status.OCS = []commdn.DBID{ocs, 202}
	d.Client().SetStatus(status)
	if heads, cells := columns(); heads != 10 || cells != 7*10 {
		t.Errorf("two OCS: %d columns, %d cells", heads, cells)
	}
	d.Client().SetStatus(uitest.Connected)
	d.draw()
	d.Set("readonly", "")
	d.Client().SetStatus(status) // one more, one fewer
	if heads, cells := columns(); heads != 9 || cells != 7*9 || !strings.Contains(d.HTML(), ">201<") {
		t.Errorf("without actions: %d columns, %d cells", heads, cells)
	}
}

func TestLanguageChanges(t *testing.T) {
	d := states(t)
	before := d.c.lang
	d.Speak("en")
	d.Set("filter", "running")
	if d.HTML(); d.c.lang == before || d.names() != "3Se" {
		t.Errorf("after another language the filter finds %q", d.names())
	}
}

// TestTwelveHours: all times are on the reader's clock.
func TestTwelveHours(t *testing.T) {
	d := states(t)
	d.Speak("en-u-hc-h12")
	later(d, 3*time.Hour)
	d.tell(5, commdn.StatusActive)
	changed := func(i int) string {
		d.draw()
		for _, x := range d.row(i).cells {
			if x.col == byChanged {
				return x.text
			}
		}
		return ""
	}
	if s := changed(4); s != "12:00:00 PM" {
		t.Errorf("row 4 changed at %q", s)
	}
	if s := changed(5); s != "3:00:00 PM" {
		t.Errorf("row 5 changed at %q", s)
	}
	if s := d.c.past(d.row(5).g.Past); !strings.Contains(s, "Running 12:00:00 PM–3:00:00 PM") {
		t.Errorf("the strip says %q", s)
	}
	d.openRow(4)
	d.order(commdn.ReqStartDialing)
	d.answer(refused)
	if d.draw(); !strings.HasPrefix(d.c.trouble(), "3:00:00 PM · ") {
		t.Errorf("the failure says %q", d.c.trouble())
	}
	later(d, 24*time.Hour)
	if s := changed(5); s != "2026-03-04 3:00 PM" {
		t.Errorf("the day after, row 5 changed at %q", s)
	}
	d.Client().SetStatus(linkDown)
	if d.draw(); !strings.Contains(d.c.banner(), " PM") {
		t.Errorf("the banner says %q", d.c.banner())
	}
}
