package activity

import (
	"embed"
	encoding "encoding/csv"
	"flag"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vugu/vugu"

	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var update = flag.Bool("update", false, "write testdata/*.html")

//go:embed testdata
var golden embed.FS

// click is a mouse event; detail counts the clicks.
type click struct {
	vugu.DOMEvent
	detail float64
}

func (c click) PropFloat64(...string) float64 { return c.detail }

var once = click{detail: 1}

var (
	processed = &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201}}
	fault     = &commdn.Fault{Address: commdn.Address{Origin: 202}, Code: commdn.ErrorInvalidParameter, Message: "bad <phone>"}
	onDesktop = &commdn.RecordCanceled{Address: commdn.Address{Origin: 201}, Message: commdn.IncompleteMessage}
	running   = &commdn.CampaignEvent{Address: commdn.Address{Origin: 201}}
	nord      = commdn.CampaignGroup{Campaign: 12, Group: 9}
	to        = commdn.Address{Target: 201}
)

func dnc(phone string) *commdn.DoNotCall { return &commdn.DoNotCall{Phone: phone} }

// ask makes the session send a request and, unless answer is nil, waits for the element
// to see the result.
func ask(t *testing.T, d *uitest.Desk, req commdn.Request, answer func(*uitest.Asked)) {
	t.Helper()
	id := d.Session.Send(req).ID
	a := d.Asked()
	if answer == nil {
		t.Cleanup(func() { a.Answer(nil) })
		d.Frame()
		return
	}
	answer(a)
	draw(t, d, func() bool {
		for _, r := range d.C.(*Activity).shownRows() {
			if r.Key == strconv.Itoa(id) {
				return len(r.Lines) > 2 // the reason, or who answered
			}
		}
		return false
	})
}

// draw gives the element frames until f returns true.
func draw(t *testing.T, d *uitest.Desk, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if d.Frame(); time.Now().After(deadline) {
			t.Fatalf("never drawn; it is\n%s", d.HTML())
		}
	}
}

func with(err error, messages ...commdn.Message) func(*uitest.Asked) {
	return func(a *uitest.Asked) { a.Answer(err, messages...) }
}

// aDay has a request of each kind and outcome, on two days.
func aDay(t *testing.T, attributes ...string) *uitest.Desk {
	d := uitest.New(t, New, uitest.Connected, attributes...)
	d.SetNow(uitest.Noon.Add(-24 * time.Hour))
	ask(t, d, dnc("5551234567"), with(nil, processed))
	d.SetNow(uitest.Noon)
	ask(t, d, &commdn.DoNotCall{CustomerID: "C-42", Chain: commdn.RecordOnly}, with(fault, processed, fault))
	ask(t, d, &commdn.CancelRecord{Phone: "5550000000", CustomerID: "C-1", Campaign: "Früh, \"Spring\""}, with(nil, onDesktop))
	ask(t, d, &commdn.StartDialing{Address: to, CampaignGroup: nord}, with(&frame.Refusal{Code: frame.RefusedLinkDown, Message: "no link"}))
	ask(t, d, &commdn.StopDialing{Address: to, CampaignGroup: nord}, with(nil, running))
	ask(t, d, dnc("<script>"), with(&client.NoAnswerError{Sent: true, Err: client.ErrTimeout}))
	ask(t, d, dnc("=HYPERLINK(1)"), nil)
	return d
}

func TestLooks(t *testing.T) {
	for name, draw := range map[string]func(t *testing.T) *uitest.Desk{
		"empty": func(t *testing.T) *uitest.Desk { return uitest.New(t, New, uitest.Connected) },
		"day":   func(t *testing.T) *uitest.Desk { return aDay(t) },
		"limit": func(t *testing.T) *uitest.Desk { return aDay(t, "limit", "2", "export", "off") },
		"hint":  func(t *testing.T) *uitest.Desk { return uitest.New(t, New, uitest.Connected, "limit", "<b>") },
		"failed": func(t *testing.T) *uitest.Desk {
			d := aDay(t)
			choose(d, 1)
			return d
		},
		"waiting": func(t *testing.T) *uitest.Desk {
			d := uitest.New(t, New, client.Status{State: client.Disconnected})
			ask(t, d, dnc("1"), nil)
			choose(d, 2)
			return d
		},
		"late": func(t *testing.T) *uitest.Desk { return late(t, nil, processed) },
		"late-one-of-two": func(t *testing.T) *uitest.Desk {
			return late(t, &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS 202 did not answer"}, processed)
		},
		"none-under-way": func(t *testing.T) *uitest.Desk {
			d := uitest.New(t, New, uitest.Connected)
			ask(t, d, dnc("1"), with(nil, processed))
			choose(d, 2)
			return d
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, file := draw(t).HTML(), "testdata/"+name+".html"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := golden.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs (-update writes it):\n%s", file, got)
			}
			if strings.Contains(got, "<script>") || strings.Contains(got, "<phone>") {
				t.Error("markup of others in ours")
			}
		})
	}
}

// late has a request that OCS answers after it was given up and drawn.
func late(t *testing.T, err error, answers ...commdn.Message) *uitest.Desk {
	d := uitest.New(t, New, uitest.Connected)
	var asked *uitest.Asked
	ask(t, d, dnc("1"), func(a *uitest.Asked) {
		asked = a
		a.Answer(&frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS did not answer"})
	})
	d.SetNow(uitest.Noon.Add(9 * time.Second))
	d.Client().Late(asked, err, answers...)
	draw(t, d, func() bool { return d.C.(*Activity).entries[0].Answers != nil })
	return d
}

func choose(d *uitest.Desk, choice int) {
	a := d.C.(*Activity)
	d.Update(func() { a.handleChoice(a.choices()[choice]) })
}

func asked(a *Activity) string {
	var all []string
	for _, r := range a.shownRows() {
		all = append(all, r.Word)
	}
	return strings.Join(all, ", ")
}

func TestFilter(t *testing.T) {
	d := aDay(t)
	a := d.C.(*Activity)
	for i, want := range []struct{ label, rows, said string }{
		{"All (7)", "Sending, No answer, Done, Not sent, Incomplete, Refused, Done", "7 requests"},
		{"Failed (4)", "No answer, Not sent, Incomplete, Refused", "4 requests"},
		{"Under way (1)", "Sending", "1 request"},
	} {
		choose(d, i)
		if got := a.choices(); got[i].Label != want.label || got[i].Pressed != "true" || got[(i+1)%3].Pressed != "false" {
			t.Errorf("%s: the choices are %v", want.label, got)
		}
		if asked(a) != want.rows || a.outcome() != want.said {
			t.Errorf("%s: shows %q, says %q", want.label, asked(a), a.outcome())
		}
	}
}

// TestLive: one frame reads all changes up to it once, and existing rows keep their keys.
func TestLive(t *testing.T) {
	d := uitest.New(t, New, uitest.Connected)
	a := d.C.(*Activity)
	for i := range 20 {
		d.Session.Send(dnc(strconv.Itoa(i)))
	}
	if n := d.Frame(); n != 1 || len(a.shownRows()) != 20 {
		t.Fatalf("%d frames, %d rows", n, len(a.shownRows()))
	}
	keys := map[string]string{}
	for _, r := range a.shownRows() {
		keys[r.Asked] = r.Key
	}
	for range 20 {
		d.Asked().Answer(nil, processed)
	}
	d.Await("all to be done", func() bool { return d.Session.Entries()[0].OK() && d.Session.Entries()[19].OK() })
	d.Session.Send(dnc("20"))
	d.Await("the last one", func() bool { return len(d.Session.Entries()) == 21 })
	draw(t, d, func() bool { return asked(a) == "Sending"+strings.Repeat(", Done", 20) })
	for _, r := range a.shownRows()[1:] {
		if keys[r.Asked] != r.Key {
			t.Errorf("%s had the key %s, and has %s", r.Asked, keys[r.Asked], r.Key)
		}
	}
	d.Asked().Answer(nil)
	d.C.Close()
	d.Session.Send(dnc("21"))
	if d.Asked().Answer(nil); d.Frame() > 1 { // of the one before
		t.Error("a closed element draws")
	}
}

func TestAttributes(t *testing.T) {
	d := aDay(t)
	a := d.C.(*Activity)
	const nonsense = "limit can be 1 to 500, not "
	for _, c := range []struct {
		value string
		rows  int
		hint  string
	}{
		{"3", 3, ""}, {" 1 ", 1, ""}, {"500", 7, ""}, {"", 7, ""}, {"0", 7, nonsense + "0"}, {"501", 7, nonsense + "501"}, {"-1", 7, nonsense + "-1"},
		{"many", 7, nonsense + "many"}, {strings.Repeat("🙂", 10_000), 7, nonsense + strings.Repeat("🙂", 32) + "…"},
	} {
		d.Set("limit", c.value)
		if len(a.shownRows()) != c.rows || a.hint() != c.hint {
			t.Errorf("%.20q: %d rows, hint %q", c.value, len(a.shownRows()), a.hint())
		}
	}
	d.Set("limit", "2")
	if a.outcome() != "The newest 2 of 7" {
		t.Errorf("says %q", a.outcome())
	}
	d.Remove("limit")
	if len(a.shownRows()) != 7 || a.hint() != "" {
		t.Error("the default is not what it was")
	}
}

func TestExport(t *testing.T) {
	d := aDay(t, "limit", "1")
	a := d.C.(*Activity)
	choose(d, 1)
	d.Update(func() { a.handleExport(once) })
	d.Update(func() { a.handleExport(click{detail: 2}) }) // the second of a double click
	saved, events := d.Saved(), d.Events()
	if len(saved) != 1 || len(events) != 1 || events[0].Name != "commdn-export" {
		t.Fatalf("%d files, events %v", len(saved), events)
	}
	name, detail := "commdn-activity-2026-03-04-1200.csv", events[0].Detail
	if saved[0].Name != name || saved[0].Mime != "text/csv;charset=utf-8" || detail["name"] != name || detail["rows"] != 7 {
		t.Errorf("saved as %s, %s; the page is told %v", saved[0].Name, saved[0].Mime, detail)
	}
	if a.outcome() != name+" is saved" {
		t.Errorf("says %q", a.outcome())
	}
	text, found := strings.CutPrefix(saved[0].Content, "\ufeff")
	if !found || text != detail["csv"] || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") {
		t.Errorf("the file is %q", saved[0].Content)
	}
	const noon, before, answered = "2026-03-04T12:00:00.000Z", "2026-03-03T12:00:00.000Z", "OCS 202: CM_ERROR_INVALID_PARAMETER bad <phone>"
	want := [][]string{
		{"asked", "request", "phone", "sent_as", "customer_id", "campaign", "group", "target", "chain", "outcome", "settled", "code", "name", "message"},
		{noon, "CM_ReqDoNotCall", "'=HYPERLINK(1)", "", "", "", "", "0", "", "sending", "", "", "", ""},
		{noon, "CM_ReqDoNotCall", "<script>", "", "", "", "", "0", "", "no-answer", noon, "", "", "client: sent, but no answer in time"},
		{noon, "CM_ReqStopDialing", "", "", "", "12", "9", "201", "", "done", noon, "", "", ""},
		{noon, "CM_ReqStartDialing", "", "", "", "12", "9", "201", "", "not-sent", noon, "", "link-down", "no link"},
		{noon, "CM_ReqCancelRecord", "5550000000", "", "C-1", "Früh, \"Spring\"", "", "0", "", "incomplete", noon, "", "", commdn.IncompleteMessage},
		{noon, "CM_ReqDoNotCall", "", "", "C-42", "", "", "0", "RecordOnly", "refused", noon, "10", "CM_ERROR_INVALID_PARAMETER", answered},
		{before, "CM_ReqDoNotCall", "5551234567", "", "", "", "", "0", "", "done", before, "", "", ""},
	}
	got, err := encoding.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v; the file holds\n%q, want\n%q", err, got, want)
	}
	choose(d, 0)
	if a.outcome() != "The newest 1 of 7" {
		t.Errorf("goes on saying %q", a.outcome())
	}
}

// TestForms: a request shows in which forms its number was sent, and which of them OCS did
// not take, in its details and in the file.
func TestForms(t *testing.T) {
	at := commdn.Address{Origin: 201}
	ok := func(phone string) commdn.Message { return &commdn.DoNotCallProcessed{Address: at, Phone: phone} }
	gone := func(phone string) commdn.Message { return &commdn.RecordCanceled{Address: at, Phone: phone} }
	no := func(phone string) *commdn.Fault {
		return &commdn.Fault{Address: at, Code: commdn.ErrorInvalidParameter, Phone: phone}
	}
	const why = "OCS says that one of the values is wrong. Check the number, the customer and the campaign. [CM_ERROR_INVALID_PARAMETER (10)]"
	for _, c := range []struct {
		req           commdn.Request
		err           error
		answers       []commdn.Message
		lines         []string
		sent, message string
	}{
		{dnc("600111"), nil, []commdn.Message{ok("600111")}, []string{"Sent as 600111", "OCS 201: done"}, "600111", ""},
		{dnc("600111"), nil, []commdn.Message{ok("")}, []string{"OCS 201: done"}, "", ""},
		{dnc("600 111"), nil, []commdn.Message{ok("600111")}, []string{"Sent as 600111", "OCS 201: done"}, "600111", ""},
		{dnc("600111"), nil, []commdn.Message{ok("600111"), ok("+34600111")}, []string{"Sent as 600111, also as \u2068+34600111\u2069", "OCS 201: done"}, "600111; +34600111", ""},
		{dnc("600111"), no("+34600111"), []commdn.Message{ok("600111"), no("+34600111")},
			[]string{"Sent as 600111, also as \u2068+34600111\u2069", "OCS 201 · 600111: done", "OCS 201 · \u2068+34600111\u2069: " + why},
			"600111; +34600111", "OCS 201 +34600111: CM_ERROR_INVALID_PARAMETER"},
		{&commdn.CancelRecord{Phone: "600111"}, nil, []commdn.Message{gone("600111"), no("+34600111")},
			[]string{"Sent as 600111, also as \u2068+34600111\u2069", "OCS 201 · 600111: done", "OCS 201 · \u2068+34600111\u2069: " + why},
			"600111; +34600111", "OCS 201 +34600111: CM_ERROR_INVALID_PARAMETER"},
		{dnc("600111"), &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "silent"}, nil, []string{"OCS did not answer in time. Perhaps the relay's application is not in OCS's Connections. [silent]"}, "", "silent"},
	} {
		d := uitest.New(t, New, uitest.Connected)
		ask(t, d, c.req, func(a *uitest.Asked) { a.Answer(c.err, c.answers...) })
		a := d.C.(*Activity)
		var lines []string
		for _, line := range a.shownRows()[0].Lines[2:] {
			lines = append(lines, line.Text)
		}
		if !reflect.DeepEqual(lines, c.lines) {
			t.Errorf("lines %q, want %q", lines, c.lines)
		}
		d.Update(func() { a.handleExport(once) })
		rows, err := encoding.NewReader(strings.NewReader(d.Events()[0].Detail["csv"].(string))).ReadAll()
		if err != nil || rows[1][3] != harmless(c.sent) || rows[1][13] != c.message {
			t.Errorf("%v; the file holds %q, want %q, %q", err, rows, c.sent, c.message)
		}
	}
}

func TestExportToThePage(t *testing.T) {
	d := aDay(t, "export", "event")
	a := d.C.(*Activity)
	d.Update(func() { a.handleExport(once) })
	events := d.Events()
	if len(d.Saved()) != 0 || len(events) != 1 || events[0].Detail["rows"] != 7 {
		t.Errorf("%d files, events %v", len(d.Saved()), events)
	}
	if a.outcome() != "commdn-activity-2026-03-04-1200.csv is handed to the page" {
		t.Errorf("says %q", a.outcome())
	}
	d.Set("export", "off")
	if a.canExport() {
		t.Error("can export")
	}
	d.Remove("export")
	d.Update(func() { a.handleExport(once) })
	if !a.canExport() || len(d.Saved()) != 1 {
		t.Error("cannot export again")
	}
}

func TestNothingToExport(t *testing.T) {
	d := uitest.New(t, New, uitest.Connected)
	a := d.C.(*Activity)
	d.Update(func() { a.handleExport(once) })
	if len(d.Saved()) != 0 || len(d.Events()) != 0 || !a.nothing() {
		t.Error("saves an empty file")
	}
}

// TestLeft: after a reload the list says what the page before had not settled, and that it
// was not sent or that its result is not known.
func TestLeft(t *testing.T) {
	d := uitest.New(t, New, uitest.Connected, "left", "waiting\t1772618400\tCM_ReqDoNotCall\t…567\t0\t0\t0\n"+
		"sending\t1772618460\tCM_ReqStopDialing\t\t12\t7\t201\nnonsense\n\t\t\n")
	c := d.C.(*Activity)
	rows := c.shownRows()
	if len(rows) != 2 || c.outcome() != "2 requests" {
		t.Fatalf("%d rows, %q", len(rows), c.outcome())
	}
	for i, want := range []string{
		"result no-answer|No answer|Stop 12 · 7|No answer: Stop 12 · 7. Whether OCS has done it is not known.",
		"result not-sent|Not sent|Do not call …567|Not sent: Do not call …567",
	} {
		r := rows[i]
		if got := r.Class + "|" + r.Word + "|" + r.Asked + "|" + r.Lines[0].Text; got != want {
			t.Errorf("row %d is %q", i, got)
		}
	}
	d.Set("limit", "1")
	if rows := c.shownRows(); len(rows) != 1 || c.outcome() != "The newest 1 of 2" {
		t.Errorf("%d rows, %q", len(rows), c.outcome())
	}
	d.Session.Send(&commdn.DoNotCall{Phone: "1"})
	d.Frame()
	if rows := c.shownRows(); len(rows) != 1 || rows[0].Asked != "Do not call 1" {
		t.Errorf("the newest is %+v", rows)
	}
	d.Update(func() { c.handleChoice(c.choices()[underWay]) })
	if rows := c.shownRows(); len(rows) != 1 {
		t.Errorf("%d rows under way", len(rows))
	}
}

// TestLeftAndKept: what a page noted in the tab and kept without its person is one row.
func TestLeftAndKept(t *testing.T) {
	d := uitest.New(t, New, uitest.Connected, "left", "waiting\t1772618400\tCM_ReqDoNotCall\t…567\t0\t0\t0\n"+
		"waiting\t1772618400\tCM_ReqCancelRecord\t…567\t0\t0\t0\nwaiting\t1772618401\tCM_ReqDoNotCall\t…567\t0\t0\t0\n")
	c := d.C.(*Activity)
	d.Client().Earlier(client.Earlier{Request: dnc("…567"), Asked: time.Unix(1772618400, 9e8)}).Answer(&client.NoAnswerError{Err: client.ErrUnbound})
	draw(t, d, func() bool { return len(c.entries) == 1 && !c.entries[0].UnderWay() })
	rows := c.shownRows()
	if len(rows) != 3 || c.outcome() != "3 requests" || c.counts[failed] != 3 {
		t.Fatalf("%d rows, %q, %d failed", len(rows), c.outcome(), c.counts[failed])
	}
	if got := rows[0].Lines[2].Text; got != "Its page ended before it was connected, so it was not sent. If you made it, make it again." {
		t.Errorf("the kept one says %q", got)
	}
}

// TestEarlier: what a page before has left is listed as one of this page, masked until its
// person is here, and goes away if that is somebody else.
func TestEarlier(t *testing.T) {
	offline := uitest.Connected
	offline.State = client.Disconnected
	d := uitest.New(t, New, offline)
	c := d.C.(*Activity)
	shown := func() string {
		d.Frame()
		rows := c.shownRows()
		if len(rows) == 0 {
			return ""
		}
		return rows[0].Word + ": " + strings.NewReplacer("\u2068", "", "\u2069", "").Replace(rows[0].Asked)
	}
	a := d.Client().Earlier(client.Earlier{Request: dnc("5551234567"), Subject: "ann"})
	if got := shown(); got != "Waiting: Do not call …567" {
		t.Errorf("offline it reads %q", got)
	}
	ann := uitest.Connected
	ann.Identity = frame.Identity{Subject: "ann", Name: "Ann", Roles: []string{frame.RoleAgent}}
	d.Client().SetStatus(ann)
	if got := shown(); got != "Sending: Do not call 5551234567" {
		t.Errorf("to its person it reads %q", got)
	}
	a.Tell(client.Event{Kind: client.Queued, Queued: frame.Queued{Reason: frame.QueuedLinkDown, Since: uitest.Noon.Unix()}})
	if got := shown(); got != "Queued: Do not call 5551234567" {
		t.Errorf("queued it reads %q", got)
	}
	a.Answer(&client.NoAnswerError{Err: client.ErrOtherPerson})
	d.Await("it is gone", func() bool { return len(d.Session.Entries()) == 0 })
	if got := shown(); got != "" {
		t.Errorf("to somebody else it reads %q", got)
	}
}

// TestUndone: what was taken back has not failed, and nobody refused it.
func TestUndone(t *testing.T) {
	d := uitest.New(t, New, uitest.Connected)
	d.Session.Send(dnc("1"))
	d.Asked().Answer(uitest.Undone)
	a := d.C.(*Activity)
	draw(t, d, func() bool { return len(a.entries) == 1 && !a.entries[0].UnderWay() })
	if got := a.choices(); got[failed].Label != "Failed (0)" {
		t.Errorf("the choices are %v", got)
	}
	for _, line := range a.lines(a.env.Lang(), &a.entries[0]) {
		if strings.Contains(line.Text, "refused") || strings.Contains(line.Text, "taken back in time") {
			t.Errorf("says %q", line.Text)
		}
	}
}
