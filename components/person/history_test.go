package person

import (
	"strings"
	"testing"

	"commdn/components/session"
	"commdn/protocol/commdn"
)

// TestEarlierCallers: under the button are the results of whom it shows. Those of other
// callers are in a closed list, which says how many failed.
func TestEarlierCallers(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "111")
	d.ask()
	d.settle(fault, fault)
	if len(d.shown()) != 1 || len(d.earlier()) != 0 || strings.Contains(d.HTML(), "earlier") {
		t.Errorf("%d shown, %d earlier:\n%s", len(d.shown()), len(d.earlier()), d.HTML())
	}
	d.Set("phone", "222")
	if len(d.shown()) != 0 || d.earlierText() != "Earlier callers (1) · 1 of them not done" {
		t.Errorf("%d shown, %q", len(d.shown()), d.earlierText())
	}
	html := d.HTML()
	if !strings.Contains(html, `class="stack earlier failed"`) || !strings.Contains(html, `aria-expanded="false"`) || strings.Contains(html, "Try again") {
		t.Errorf("the refusal of the caller before stands beside this one:\n%s", html)
	}
	d.c.handleEarlier()
	if html := d.HTML(); !strings.Contains(html, `aria-expanded="true"`) || !strings.Contains(html, "Try again") {
		t.Errorf("opened, it shows:\n%s", html)
	}
	d.ask()
	d.settle(nil, processed)
	if len(d.shown()) != 1 || len(d.earlier()) != 1 {
		t.Errorf("%d shown, %d earlier", len(d.shown()), len(d.earlier()))
	}
	d.Set("phone", "111")
	if d.c.open {
		t.Error("the list stays open for the next caller")
	}
	if len(d.shown()) != 1 || d.earlierText() != "Earlier callers (1)" {
		t.Errorf("back at the first: %d shown, %q", len(d.shown()), d.earlierText())
	}
	d.Set("history", "0")
	if d.earlier() != nil {
		t.Error("history=0 shows some")
	}
}

// TestRetryAsks: "Try again" asks and names whom, even where the button sends at once.
func TestRetryAsks(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "5551234567", "confirm", "off")
	d.ask()
	d.settle(fault, fault)
	d.Set("phone", "777")
	failed := d.c.lines[0]
	d.c.handleRetry(failed, once())
	d.Quiet()
	if !d.c.isAsking() || d.c.question() != "Put 5551234567 on the Do Not Call list?" || d.c.changed() != "" {
		t.Fatalf("asking %v, changed %q", d.c.isAsking(), d.c.changed())
	}
	d.c.handleNo(once())
	if len(d.c.lines) != 1 || d.c.isAsking() {
		t.Errorf("%d lines after No", len(d.c.lines))
	}
	d.c.handleRetry(failed, once())
	d.Set("phone", "888")
	if d.c.changed() != "The call has changed; this still concerns 5551234567." {
		t.Errorf("changed %q", d.c.changed())
	}
	d.c.handleYes(once())
	if req := d.settle(nil, processed).(*commdn.DoNotCall); req.Phone != "5551234567" {
		t.Errorf("sent %+v", req)
	}
	if len(d.c.lines) != 1 || d.c.lines[0].entry.Outcome != session.Done {
		t.Errorf("%d lines", len(d.c.lines))
	}
}

// TestReturningCaller: the button says that the number is on the list by this session,
// whoever put it there. Records may be other ones by then.
func TestReturningCaller(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "111", "confirm", "off", "history", "1")
	for _, phone := range []string{"111", "222", "333"} {
		d.Set("phone", phone)
		d.ask()
		d.settle(nil, processed)
	}
	d.Set("phone", "111")
	if d.c.buttonText() != "On the Do Not Call list" || !d.c.busy() {
		t.Errorf("button %q, busy %v", d.c.buttonText(), d.c.busy())
	}
	d.ask()
	d.Quiet()
	d.Set("chain", "RecordOnly")
	if d.c.busy() {
		t.Error("another scope is another request")
	}
	d.Remove("chain")
	d.Set("phone", "444")
	d.Session.Send(&commdn.DoNotCall{Phone: "444"}) // another element
	d.Asked().Answer(nil, processed)
	d.Await("said", func() bool { return d.c.listed() })

	d = newDesk(t, NewCancel, "phone", "111", "confirm", "off")
	d.ask()
	d.settle(nil, canceled)
	d.Set("phone", "222")
	d.Set("phone", "111")
	if d.c.busy() {
		t.Error("the records of a caller who returns cannot be cancelled")
	}
}
