package person

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"commdn/components/session"
	"commdn/components/ui"
	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

func TestDoubleClicks(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "5551234567")
	twice := &event{clicks: 2}
	d.c.handleClick(once())
	d.c.handleYes(twice)
	d.c.handleNo(twice)
	if !d.c.isAsking() {
		t.Fatal("the second click of a double click counted")
	}
	d.c.handleYes(&event{}) // the keyboard
	d.c.handleYes(once())
	d.c.handleClick(once())
	if d.c.isAsking() || len(d.c.lines) != 1 {
		t.Errorf("asking %v, %d requests", d.c.isAsking(), len(d.c.lines))
	}
	d.settle(fault, fault)
	d.Set("confirm", "off")
	d.c.handleClick(twice)
	d.c.handleRetry(d.c.lines[0], twice)
	d.c.handleDismiss(d.c.lines[0], twice)
	if len(d.c.lines) != 1 {
		t.Errorf("%d requests", len(d.c.lines))
	}
	d.Quiet()
	d.c.handleRetry(d.c.lines[0], once())
	d.c.handleYes(once())
	d.settle(nil, processed)
	d.Quiet()
	d.c.handleClick(once())
	if d.c.isAsking() || len(d.c.lines) != 1 {
		t.Error("sent again what is on the list")
	}
}

func TestEscape(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "5551234567")
	escape := &event{key: "Escape"}
	d.c.handleKey(escape)
	if escape.stopped {
		t.Error("took an Escape that was not for us")
	}
	d.c.handleClick(once())
	d.c.handleKey(&event{key: "a"})
	if !d.c.isAsking() {
		t.Error("another key closed the confirmation")
	}
	d.c.handleKey(escape)
	if w := uitest.States(d.Events()); d.c.isAsking() || !escape.stopped || w != "confirming idle" || d.c.focusMain() != "1" {
		t.Errorf("asking %v, stopped %v, states %q, focus %v", d.c.isAsking(), escape.stopped, w, d.c.focusMain())
	}
}

// TestEnter: Enter in a field opens the confirmation and never confirms by itself.
func TestEnter(t *testing.T) {
	d := newDesk(t, NewCancel)
	d.c.handleEnter(enterIn("phone"))
	if d.c.isAsking() {
		t.Fatal("asks about nobody")
	}
	d.typeIn(phone, " 5551234567 ")
	d.c.handleEnter(&event{key: "Enter", tag: "BUTTON"})
	d.c.handleEnter(&event{key: "5", tag: "INPUT", name: "phone"})
	if d.c.isAsking() {
		t.Error("took a key that was not for us")
	}
	d.c.handleEnter(enterIn("customer-id"))
	if !d.c.isAsking() {
		t.Fatal("Enter in a field does not ask")
	}
	held := &event{key: "Enter", repeat: true, tag: "BUTTON"}
	if d.c.handleEnter(held); !held.prevented {
		t.Error("a key that is held down presses Yes")
	}
	d.c.handleKey(&event{key: "Escape"})
	if d.c.focus(customer) != "1" || d.c.focusMain() != nil {
		t.Errorf("the focus went to %v %v", d.c.focus(customer), d.c.focusMain())
	}
	d.c.handleEnter(enterIn("phone"))
	d.c.handleYes(&event{})
	if req := d.settle(nil, canceled).(*commdn.CancelRecord); *req != (commdn.CancelRecord{Phone: "5551234567"}) {
		t.Errorf("sent %+v", req)
	}
	if d.c.focus(phone) != "2" || d.c.typed[phone] != " 5551234567 " {
		t.Errorf("focus %v, typed %q", d.c.focus(phone), d.c.typed[phone])
	}
	d.Set("phone", "111")
	d.Remove("phone")
	if d.c.focus(phone) != nil {
		t.Error("the fields come back and take the focus")
	}
}

// TestEditWhileAsking: an edit of the agent closes the confirmation, a change of the host
// page does not.
func TestEditWhileAsking(t *testing.T) {
	d := newDesk(t, NewDnc, "choose-chain", "")
	d.typeIn(phone, "111")
	d.c.handleClick(once())
	d.typeIn(phone, "111 ") // the same
	if !d.c.isAsking() {
		t.Error("closed without need")
	}
	d.typeIn(phone, "112")
	if d.c.isAsking() || d.c.focusMain() != nil {
		t.Errorf("asking %v, focus %v", d.c.isAsking(), d.c.focusMain())
	}
	d.c.handleClick(once())
	d.c.handleScope("RecordOnly")
	if d.c.isAsking() {
		t.Error("asks about another scope than the one chosen")
	}
	d.c.handleClick(once())
	d.Set("phone", "777")
	if !d.c.isAsking() || d.c.changed() != "The call has changed; this still concerns 112." || d.c.announcement() != d.c.changed() {
		t.Errorf("asking %v, %q", d.c.isAsking(), d.c.changed())
	}
	d.c.handleYes(once())
	if req := d.settle(nil, processed).(*commdn.DoNotCall); *req != (commdn.DoNotCall{Phone: "112", Chain: commdn.RecordOnly}) {
		t.Errorf("sent %+v", req)
	}
	d.Events()
	d.c.handleClick(once())
	d.Set("disabled", "")
	if d.c.isAsking() || uitest.States(d.Events()) != "confirming idle" {
		t.Error("asks although nothing can be sent")
	}
}

// TestWanted is what attributes, fields and choice add up to.
func TestWanted(t *testing.T) {
	for _, tt := range []struct {
		name       string
		make       func(ui.Env) *Person
		attributes []string
		typed      [3]string
		chosen     string
		want       commdn.Request
	}{
		{"blanks around", NewDnc, []string{"phone", "\n 555 1234\t", "customer-id", " C-42 ", "chain", " RecordOnly ", "target", " 201 "}, [3]string{}, "",
			&commdn.DoNotCall{Address: commdn.Address{Target: 201}, Phone: "555 1234", CustomerID: "C-42", Chain: commdn.RecordOnly}},
		{"typed", NewDnc, nil, [3]string{"111", "222", ""}, "", &commdn.DoNotCall{Phone: "111", CustomerID: "222"}},
		{"a customer is enough", NewDnc, []string{"customer-id", "C-42"}, [3]string{"111", "222", ""}, "", &commdn.DoNotCall{CustomerID: "C-42"}},
		{"not for a cancellation", NewCancel, []string{"customer-id", "C-42"}, [3]string{"111", "222", "Spring"}, "",
			&commdn.CancelRecord{Phone: "111", CustomerID: "C-42", Campaign: "Spring"}},
		{"attributes win", NewCancel, []string{"phone", "999", "campaign", "Fall"}, [3]string{"111", "222", "Spring"}, "", &commdn.CancelRecord{Phone: "999", Campaign: "Fall"}},
		{"no call", NewDnc, []string{"phone", ""}, [3]string{"111", "222", ""}, "", &commdn.DoNotCall{}},
		{"a campaign means nothing", NewDnc, []string{"phone", "111", "campaign", "Fall"}, [3]string{}, "", &commdn.DoNotCall{Phone: "111"}},
		{"scope as shown", NewDnc, []string{"phone", "111", "choose-chain", ""}, [3]string{}, "", &commdn.DoNotCall{Phone: "111", Chain: commdn.AllChain}},
		{"scope of the page", NewDnc, []string{"phone", "111", "choose-chain", "", "chain", "RecordOnly"}, [3]string{}, "", &commdn.DoNotCall{Phone: "111", Chain: commdn.RecordOnly}},
		{"scope chosen", NewCancel, []string{"phone", "111", "choose-chain", "", "chain", "RecordOnly"}, [3]string{}, "AllChain", &commdn.CancelRecord{Phone: "111", Chain: commdn.AllChain}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, tt.make, tt.attributes...)
			for i, text := range tt.typed {
				d.typeIn(i, text)
			}
			if tt.chosen != "" {
				d.c.handleScope(tt.chosen)
			}
			if got := d.c.kind.request(d.c.wanted()); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("wants %+v, not %+v", got, tt.want)
			}
		})
	}
}

// TestNextCall: a failure stays, a success steps back, and the choice was for that call
// only.
func TestNextCall(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "111", "confirm", "off", "choose-chain", "")
	d.ask()
	d.settle(fault, fault)
	d.Set("phone", "222")
	d.c.handleScope("RecordOnly")
	d.ask()
	d.settle(nil, processed)
	if d.c.buttonText() != "On the Do Not Call list" || d.c.announcement() != d.c.lineText(d.c.lines[0]) {
		t.Errorf("button %q, announced %q", d.c.buttonText(), d.c.announcement())
	}
	d.Set("phone", "333")
	if w := d.c.wanted(); w.chain != commdn.AllChain {
		t.Errorf("the choice for one call went over to the next: %+v", w)
	}
	d.c.handleScope("AllChain")
	if d.Set("chain", "RecordOnly"); d.c.wanted().chain != commdn.RecordOnly {
		t.Error("the choice outlives what the page says later")
	}
	d.Remove("chain")
	if a := d.c.lines; len(a) != 2 || !a[0].past || a[1].past || d.c.announcement() != "" {
		t.Errorf("lines %+v %+v, announced %q", a[0], a[1], d.c.announcement())
	}
	d.Set("phone", "222")
	if d.c.busy() {
		t.Error("a call that comes back cannot be asked for again")
	}
	failed := d.c.lines[1]
	before := d.c.focusMain()
	d.c.handleRetry(failed, once())
	d.c.handleYes(once())
	if req := d.settle(nil, processed).(*commdn.DoNotCall); req.Phone != "111" {
		t.Errorf("retried %+v", req)
	}
	if len(d.c.lines) != 2 || d.c.lines[0].entry.Outcome != session.Done || d.c.focusMain() == before {
		t.Errorf("after the retry: %d lines, focus %v", len(d.c.lines), d.c.focusMain())
	}
	d.c.handleRetry(d.c.lines[0], once())
	d.Quiet()
	d.c.handleDismiss(d.c.lines[0], once())
	if len(d.c.lines) != 1 {
		t.Errorf("%d lines after one was dismissed", len(d.c.lines))
	}
}

// TestHistory keeps the page short and forgets no request in flight.
func TestHistory(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "000", "confirm", "off")
	d.ask()
	open := d.Asked()
	for i := range 2 * usualHistory {
		d.Set("phone", strings.Repeat("1", i+3))
		d.ask()
		d.settle(fault, fault)
	}
	underWay := func() (n int) {
		for _, a := range d.c.lines {
			if !a.settled() {
				n++
			}
		}
		return n
	}
	for _, tt := range []struct {
		history     string
		kept, shown int
	}{
		{"5", 5, 5}, {"3", 3, 3}, {"nonsense", 3, 3}, {"-1", 3, 3}, {"1", 2, 2}, {"0", 2, 0},
	} {
		d.Set("history", tt.history)
		if shown := len(d.shown()) + len(d.earlier()); len(d.c.lines) != tt.kept || shown != tt.shown || underWay() != 1 {
			t.Errorf("history=%s: %d kept, %d shown, %d under way", tt.history, len(d.c.lines), shown, underWay())
		}
	}
	open.Answer(nil, processed)
	d.Await("settled", func() bool { return underWay() == 0 })
	d.Set("history", "1000")
	if d.c.history != mostHistory {
		t.Errorf("history %d", d.c.history)
	}
}

// TestEvents compares the events for the host page.
func TestEvents(t *testing.T) {
	d := newDesk(t, NewCancel, "phone", "5551234567", "customer-id", "C-42", "campaign", "Spring", "chain", "RecordOnly")
	d.c.handleClick(once())
	first := d.Events()[0]
	if x := first.Detail; first.Name != "commdn-state" || x["state"] != "confirming" || x["request"] != "CM_ReqCancelRecord" ||
		x["phone"] != "5551234567" || x["customerId"] != "C-42" || x["campaignName"] != "Spring" || x["chain"] != "RecordOnly" {
		t.Errorf("the host is told %v", first)
	}
	d.c.handleYes(once())
	d.Client().SetStatus(down)
	d.Client().SetStatus(uitest.Connected)
	d.settle(fault, canceled, fault, incomplete)
	events := d.Events()
	if w := uitest.States(events); w != "sending waiting sending refused" {
		t.Errorf("states %q", w)
	}
	last := events[len(events)-1]
	ocs, _ := last.Detail["ocs"].([]any)
	if x := last.Detail; last.Name != "commdn-result" || x["ok"] != false || x["code"] != 10 || len(ocs) != 3 || x["campaignName"] != "Spring" {
		t.Errorf("the host is told %v", last)
	}
	// Requests of the session's other elements are none of our business.
	d.Session.Send(&commdn.DoNotCall{Phone: "111"})
	other := d.Asked()
	other.Answer(nil, processed)
	d.Await("the other one", func() bool { return !d.Session.Entries()[0].UnderWay() })
	if e := d.Events(); len(e) != 0 || len(d.c.lines) != 1 {
		t.Errorf("events %v, %d lines", e, len(d.c.lines))
	}
}

// TestLate: OCS may answer after the relay has given a request up. The line and the button
// say what became of it, and the host page hears of it once, even if the line is gone.
func TestLate(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "5551234567", "confirm", "off")
	d.late(nil, processed)
	events := d.Events()
	if w := uitest.States(events); w != "sending no-answer done" {
		t.Errorf("states %q", w)
	}
	last := events[len(events)-1]
	if x := last.Detail; last.Name != "commdn-late" || x["state"] != "done" || x["late"] != true || x["ok"] != true || x["message"] != nil {
		t.Errorf("the host is told %v", last)
	}
	if a := d.c.lines[0]; d.c.canRetry(a) || a.class() != "line row result done" || !strings.Contains(d.c.lineText(a), "OCS answered late") ||
		d.c.buttonText() != "On the Do Not Call list" || d.c.announcement() != d.c.lineText(a) {
		t.Errorf("shows %q, button %q", d.c.lineText(a), d.c.buttonText())
	}

	d.Set("phone", "5550000000")
	d.ask()
	asked := d.Asked()
	asked.Answer(noAnswer)
	d.Await("settled", func() bool { return d.c.lines[0].settled() })
	d.c.handleDismiss(d.c.lines[0], once())
	d.Events()
	for range 2 {
		d.Client().Late(asked, fault, fault)
	}
	events = d.Events()
	if len(events) != 2 || events[0].Name != "commdn-state" || events[1].Name != "commdn-late" || events[1].Detail["code"] != 10 {
		t.Errorf("of a line that is gone the host is told %v", events)
	}
}

// TestLateOfSeveral: while another OCS is silent, the outcome stays unknown.
func TestLateOfSeveral(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "5551234567", "confirm", "off")
	d.late(noAnswer, processed)
	if a := d.c.lines[0]; a.entry.Outcome != session.NoAnswer || a.entry.Late || len(a.entry.Answers) != 1 {
		t.Errorf("is %+v", a.entry)
	}
	if w := uitest.States(d.Events()); w != "sending no-answer" {
		t.Errorf("states %q", w)
	}
	d.Client().Late(&uitest.Asked{Req: d.c.lines[0].entry.Req}, fault, processed, fault)
	events := d.Events()
	if a := d.c.lines[0]; a.entry.Outcome != session.Refused || len(d.c.answers(a)) != 2 || len(events) != 2 || events[1].Name != "commdn-late" {
		t.Errorf("is %+v, the host is told %v", a.entry, events)
	}
}

// TestCancelByCustomer: a customer without a number can be cancelled only if the relay
// says so.
func TestCancelByCustomer(t *testing.T) {
	d := newDesk(t, NewCancel, "customer-id", "C-42")
	for i, status := range []client.Status{uitest.Connected, byCustomer, uitest.Connected} {
		d.Client().SetStatus(status)
		hint := "A number is needed"
		if status.CancelByCustomer {
			hint = ""
		}
		if d.c.buttonOff() != (hint != "") || d.c.hint() != hint {
			t.Errorf("%d: off %v, hint %q", i, d.c.buttonOff(), d.c.hint())
		}
	}
	d.Client().SetStatus(byCustomer)
	d.ask()
	if req := d.settle(nil, canceled).(*commdn.CancelRecord); req.Phone != "" || req.CustomerID != "C-42" {
		t.Errorf("asked %+v", req)
	}
	d = newDesk(t, NewCancel)
	d.Client().SetStatus(byCustomer)
	if d.ask(); !d.c.buttonOff() {
		t.Error("nobody can be cancelled")
	}
	d.Quiet()
}

func TestConfirmAttribute(t *testing.T) {
	for value, want := range map[string]bool{"": true, "on": true, "yes": true, "off": false, "false": false, "no": false} {
		if d := newDesk(t, NewDnc, "confirm", value); d.c.confirm != want {
			t.Errorf("confirm=%q gives %v", value, d.c.confirm)
		}
	}
}

// TestHintStays: the hint of a lost connection stays while the client dials again, so
// that nothing jumps. The very first attempt shows none.
func TestHintStays(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "111")
	lost := errors.New("connection lost")
	for i, tt := range []struct {
		status client.Status
		hint   string
	}{
		{client.Status{State: client.Connecting}, ""},
		{client.Status{State: client.Disconnected, Err: lost}, "Not connected; a request will be sent when the connection is back"},
		{client.Status{State: client.Connecting, Err: lost}, "Not connected; a request will be sent when the connection is back"},
		{client.Status{State: client.Disconnected, Err: lost}, "Not connected; a request will be sent when the connection is back"},
		{uitest.Connected, ""},
	} {
		d.Client().SetStatus(tt.status)
		if got := d.c.hint(); got != tt.hint {
			t.Errorf("step %d: hint %q, want %q", i, got, tt.hint)
		}
	}
}

// TestBlocked: the element sends nothing, and the hint says why.
func TestBlocked(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status client.Status
		hint   string
	}{
		{"no right", client.Status{State: client.Connected, Link: frame.Link{Up: true}, Identity: frame.Identity{Name: "eva", Roles: []string{frame.RoleSupervisor}}},
			"You do not have the right to do this."},
		{"failed", client.Status{State: client.Failed, Err: &frame.CloseError{Code: frame.CloseSubprotocol}},
			"Out of order: connection closed: sub-protocol missing (4506). Reload the page."},
		{"failed without a reason", client.Status{State: client.Failed}, "Out of order: . Reload the page."},
		{"closed", client.Status{State: client.Closed}, "The page has closed the connection."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, NewDnc, "phone", "111", "confirm", "off")
			d.ask()
			d.settle(fault, fault)
			d.Client().SetStatus(tt.status)
			d.c.handleClick(once())
			d.c.handleRetry(d.c.lines[0], once())
			d.Quiet()
			if !d.c.buttonOff() || d.c.hint() != tt.hint {
				t.Errorf("disabled %v, hint %q", d.c.buttonOff(), d.c.hint())
			}
			d.Client().SetStatus(uitest.Connected)
			if d.c.buttonOff() || d.c.hint() != "" {
				t.Errorf("disabled %v, hint %q although all is well", d.c.buttonOff(), d.c.hint())
			}
		})
	}
}

// TestNonsense: nonsense becomes a hint of reasonable length, and the element sends
// nothing.
func TestNonsense(t *testing.T) {
	long := strings.Repeat("📞", 10_000)
	for _, tt := range []struct {
		make       func(ui.Env) *Person
		attributes []string
		hint       string
	}{
		{NewDnc, []string{"phone", ""}, "No number"},
		{NewCancel, []string{"phone", "", "customer-id", "C-42"}, "A number is needed"},
		{NewCancel, []string{"customer-id", "C-42"}, "A number is needed"},
		{NewDnc, []string{"phone", long}, "Number: Give one phone number of 3 to 25 digits"},
		{NewDnc, []string{"phone", "111", "customer-id", long}, "Customer: Too long: at most 255 bytes, this has 40000"},
		{NewCancel, []string{"phone", "111", "campaign", long}, "Campaign: Too long: at most 255 bytes, this has 40000"},
		{NewDnc, []string{"phone", "111\x1b222"}, "Number: “U+1b” at position 4 does not belong there"},
		{NewDnc, []string{"phone", "111", "customer-id", "1\n2"}, "Customer: Control characters are not possible"},
		{NewDnc, []string{"phone", "600\x00111"}, "Number: “U+0” at position 4 does not belong there"},
		{NewDnc, []string{"phone", "6" + strings.Repeat("\u200e", 83) + "00111222"}, "Number: Give one phone number of 3 to 25 digits"},
		{NewDnc, []string{"phone", "111", "chain", long}, "chain can be AllChain or RecordOnly, not " + strings.Repeat("📞", 32) + "…"},
		{NewDnc, []string{"phone", "111", "chain", "Every"}, "chain can be AllChain or RecordOnly, not Every"},
		{NewDnc, []string{"phone", "111", "target", "-1"}, "target has to be the DBID of an OCS, not -1"},
		{NewDnc, []string{"phone", "111", "target", "9999999999"}, "target has to be the DBID of an OCS, not 9999999999"},
		{NewCancel, []string{"phone", "111", "target", "OCS <b>"}, "target has to be the DBID of an OCS, not OCS <b>"},
	} {
		d := newDesk(t, tt.make, tt.attributes...)
		d.ask()
		d.Quiet()
		if d.c.hint() != tt.hint || !d.c.buttonOff() || len(d.HTML()) > 2000 {
			t.Errorf("%.60q: hint %q, disabled %v, %d bytes of HTML", tt.attributes, d.c.hint(), d.c.buttonOff(), len(d.HTML()))
		}
	}
	d := newDesk(t, NewDnc)
	if d.c.hint() != "" || !d.c.buttonOff() {
		t.Errorf("an empty field: hint %q, disabled %v", d.c.hint(), d.c.buttonOff())
	}
	d.typeIn(phone, long)
	if d.c.invalid(phone) != "true" || d.c.invalid(customer) != nil || !d.c.buttonOff() {
		t.Errorf("invalid: %v %v, disabled %v", d.c.invalid(phone), d.c.invalid(customer), d.c.buttonOff())
	}
}
