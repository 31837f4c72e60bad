package person

import (
	"strings"
	"testing"
	"time"

	"commdn/components/session"
	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

// held is a desk whose first request can be undone for five seconds.
func held(t *testing.T, attributes ...string) (*desk, *uitest.Asked) {
	t.Helper()
	d := newDesk(t, NewDnc, append([]string{"phone", "5551234567", "undo", "5"}, attributes...)...)
	d.ask()
	return d, d.Asked()
}

// undo takes a request back, as the queue of a browser runs a handler: what comes of it
// waits.
func (d *desk) undo(a *line, event *event) {
	d.Update(func() { d.c.handleUndo(a, event) })
}

func (d *desk) at(after time.Duration) {
	d.Update(func() { d.SetNow(uitest.Noon.Add(after)) })
}

// outcome waits until the last request has it.
func (d *desk) outcome(want session.Outcome) {
	d.Await(string(want), func() bool { return d.c.lines[0].entry.Outcome == want })
}

// attribute gives the markup of the opening tag of a part; "" if there is none.
func tag(html, part string) string {
	_, tag, ok := strings.Cut(html, `part="`+part+`"`)
	if !ok {
		return ""
	}
	tag, _, _ = strings.Cut(tag, ">")
	return part + tag
}

// TestUndo: the request is held, its countdown has a button with the focus, and what
// that takes back is told everybody as undone.
func TestUndo(t *testing.T) {
	d, asked := held(t)
	if asked.Window != 5*time.Second {
		t.Errorf("a window of %s", asked.Window)
	}
	html := d.HTML()
	if !strings.Contains(html, "Not sent yet, can be undone: Do not call 5551234567") || !strings.Contains(tag(html, "undo-button"), `data-left=" · 5 s"`) || !strings.Contains(html, ">Undo<") || !strings.Contains(tag(html, "undo-button"), "autofocus") || !d.c.busy() {
		t.Errorf("held:\n%s", html)
	}
	if got := d.c.announcement(); got != "Not sent yet, can be undone: Do not call 5551234567" {
		t.Errorf("announced: %q", got)
	}
	d.c.handleUndoFocus(d.c.lines[0], true)
	d.undo(d.c.lines[0], once())
	d.outcome(session.Undone)
	html = d.HTML()
	if !strings.Contains(html, "Undone: Do not call 5551234567. OCS was told nothing. · 12:00:00<") || tag(html, "undo-button") != "" || tag(html, "retry-button") != "" {
		t.Errorf("undone:\n%s", html)
	}
	if !strings.Contains(tag(html, "button"), "autofocus") || d.c.busy() || d.c.announcement() == "" {
		t.Errorf("the button has no focus, or does not go on:\n%s", html)
	}
	events := d.Events()
	if got := uitest.States(events); got != "confirming held undone" {
		t.Errorf("states %q", got)
	}
	last := events[len(events)-1]
	if last.Name != "commdn-result" || last.Detail["state"] != "undone" || last.Detail["ok"] != false || last.Detail["refusal"] != "undone" {
		t.Errorf("%+v", last)
	}
}

// TestCountdown: seconds go by in sight, and screen readers hear of them once.
func TestCountdown(t *testing.T) {
	d, asked := held(t)
	said := d.c.announcement()
	d.at(1500 * time.Millisecond)
	if html := d.HTML(); !strings.Contains(html, `data-left=" · 4 s"`) || d.c.announcement() != said {
		t.Errorf("announced %q, drawn:\n%s", d.c.announcement(), html)
	}
	d.at(5 * time.Second) // the relay has not said so yet
	html := d.HTML()
	if tag(html, "undo-button") != "" || !strings.Contains(html, "Not sent yet, can be undone: Do not call 5551234567") {
		t.Errorf("at the end:\n%s", html)
	}
	d.Client().Release(asked)
	d.outcome(session.Sending)
	asked.Answer(nil, processed)
	d.outcome(session.Done)
	if got := uitest.States(d.Events()); got != "confirming held sending done" {
		t.Errorf("states %q", got)
	}
}

// TestTicks: the element paints itself each second, and no longer when there is nothing
// to count.
func TestTicks(t *testing.T) {
	paints := make(chan bool, 10)
	d := newDesk(t, NewDnc, "phone", "5551234567", "undo", "5")
	update := d.c.env.UpdateIf
	d.c.env.UpdateIf = func(f func() bool) {
		update(f)
		select {
		case paints <- true:
		default:
		}
	}
	d.ask()
	d.Asked()
	for d.Events(); len(paints) > 0; {
		<-paints
	}
	<-paints // after a second
	<-paints
	d.undo(d.c.lines[0], once())
	d.outcome(session.Undone)
	for late := time.After(2500 * time.Millisecond); ; {
		select {
		case <-paints: // the outcome, and the second that was waited for
			continue
		case <-late:
		}
		break
	}
	select {
	case <-paints:
		t.Error("it still counts")
	case <-time.After(1500 * time.Millisecond):
	}
}

// TestWindowEndsUnderTheHand: the focus goes back to the main button if it was on the
// one that is gone, and stays where the agent has moved it.
func TestWindowEndsUnderTheHand(t *testing.T) {
	for _, on := range []bool{true, false} {
		d, asked := held(t)
		d.c.handleUndoFocus(d.c.lines[0], true)
		if !on {
			d.c.handleUndoFocus(d.c.lines[0], false)
		}
		moves := d.c.focused
		d.Client().Release(asked)
		d.outcome(session.Sending)
		if moved := d.c.focused != moves; moved != on || on && !strings.Contains(tag(d.HTML(), "button"), "autofocus") {
			t.Errorf("focus on undo: %v, moved: %v\n%s", on, moved, d.HTML())
		}
		d.undo(d.c.lines[0], once()) // a click that was under way
		if d.c.lines[0].undone {
			t.Error("too late, and taken for undone")
		}
		asked.Answer(nil, processed)
		d.outcome(session.Done)
	}
}

// TestTooLate: the window ended on the way, and the line says so.
func TestTooLate(t *testing.T) {
	d, asked := held(t)
	d.Client().Forget(asked) // before the element has heard of it
	d.undo(d.c.lines[0], once())
	if html := d.HTML(); tag(html, "undo-button") != "" {
		t.Errorf("asked for:\n%s", html)
	}
	d.Client().Release(asked)
	d.outcome(session.Sending)
	if html := d.HTML(); strings.Count(html, "Too late to undo: Sending: Do not call 5551234567") != 2 {
		t.Errorf("too late:\n%s", html)
	}
	asked.Answer(nil, processed)
	d.outcome(session.Done)
	if html := d.HTML(); strings.Contains(html, "Too late") {
		t.Errorf("done:\n%s", html)
	}
}

// TestNextCallerInTheWindow: the countdown stays in sight, says whom it is about, and
// keeps the focus if it had it.
func TestNextCallerInTheWindow(t *testing.T) {
	for _, focused := range []bool{true, false} {
		d, _ := held(t)
		d.c.handleUndoFocus(d.c.lines[0], focused)
		d.Set("phone", "222")
		html := d.HTML()
		if d.earlierText() != "Earlier callers (1)" || !strings.Contains(html, `aria-expanded="false"`) || !strings.Contains(html, "Not sent yet, can be undone: Do not call 5551234567") {
			t.Errorf("the next caller:\n%s", html)
		}
		if got := strings.Contains(tag(html, "undo-button"), "autofocus"); got != focused {
			t.Errorf("focused before: %v, now: %v", focused, got)
		}
		if !strings.Contains(d.c.announcement(), "5551234567") || d.c.busy() {
			t.Errorf("announced %q", d.c.announcement())
		}
		d.undo(d.c.lines[0], once())
		d.outcome(session.Undone)
		if html := d.HTML(); tag(html, "result") != "" || d.earlierText() != "Earlier callers (1)" {
			t.Errorf("undone, and in a closed list:\n%s", html)
		}
	}
}

// TestKeysAndUndo: the key that has sent undoes nothing, and Escape never does. A double
// click does not either.
func TestKeysAndUndo(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "5551234567", "confirm", "off", "undo", "5")
	first := d.key("Enter", 1000, false)
	d.c.handleClick(first)
	d.c.handleKeyUp(&event{key: "Enter"})
	a := d.c.lines[0]
	d.Asked()
	if second := d.key("Enter", 1100, false); !second.prevented {
		t.Error("a bouncing key presses the button")
	}
	d.undo(a, &event{}) // Firefox clicks all the same
	d.c.handleKeyUp(&event{key: "Enter"})
	d.undo(a, &event{clicks: 2})
	if escape := d.key("Escape", 2000, false); escape.prevented || escape.stopped {
		t.Error("Escape is kept from the page")
	}
	if a.undone {
		t.Fatal("undone by accident")
	}
	if third := d.key("Enter", 2000, false); third.prevented {
		t.Error("a key that is meant presses nothing")
	}
	d.undo(a, &event{})
	d.outcome(session.Undone)
	d.c.handleKeyUp(&event{key: "Enter"})
	if fourth := d.key("Enter", 2100, false); !fourth.prevented {
		t.Error("a bouncing key asks for the same again")
	}
}

// TestUndoAttribute: seconds; anything else is none. The line is there even where no
// history is shown, until it cannot be undone any more.
func TestUndoAttribute(t *testing.T) {
	for value, want := range map[string]time.Duration{"": 0, "0": 0, "-5": 0, "soon": 0, "2.5": 0, " 7 ": 7 * time.Second, "3600": time.Minute} {
		d := newDesk(t, NewCancel, "phone", "5551234567", "undo", value)
		d.ask()
		if asked := d.Asked(); asked.Window != want || d.c.canUndo(d.c.lines[0]) != (want > 0) {
			t.Errorf("undo=%q: a window of %s", value, asked.Window)
		}
		d.Remove("undo")
		if d.c.window != 0 {
			t.Error("the attribute is gone, and its window is not")
		}
	}
	d, asked := held(t, "history", "0")
	if html := d.HTML(); tag(html, "undo-button") == "" {
		t.Errorf("no history, no undo:\n%s", html)
	}
	d.Client().Release(asked)
	d.outcome(session.Sending)
	if html := d.HTML(); tag(html, "result") != "" {
		t.Errorf("sent:\n%s", html)
	}
}

// TestUndoWithoutConnection: what waits for a connection can be undone too.
func TestUndoWithoutConnection(t *testing.T) {
	d := uitest.New(t, NewDnc, client.Status{State: client.Disconnected}, "phone", "5551234567", "undo", "5")
	one := &desk{d, d.C.(*Person)}
	one.ask()
	d.Asked()
	if a := one.c.lines[0]; a.entry.Outcome != session.Waiting || !one.c.canUndo(a) {
		t.Errorf("%+v", a.entry)
	}
	one.undo(one.c.lines[0], once())
	one.outcome(session.Undone)
}

// TestUndoEarlier: a request of the page before counts down to the end of its window, and
// does not take the focus.
func TestUndoEarlier(t *testing.T) {
	status := uitest.Connected
	status.Undo = time.Minute
	d := &desk{Desk: uitest.New(t, NewDnc, status, "phone", "5551234567")}
	d.c = d.C.(*Person)
	hand := func(ago time.Duration) {
		d.Client().Earlier(client.Earlier{Request: &commdn.DoNotCall{Phone: "5551234567"}, Asked: uitest.Noon.Add(-ago), Window: 20 * time.Second, Accepted: true})
	}
	hand(time.Minute)
	if html := d.HTML(); tag(html, "undo-button") != "" || !strings.Contains(html, "Accepted: ") {
		t.Errorf("after its window:\n%s", html)
	}
	hand(5 * time.Second)
	html := d.HTML()
	if button := tag(html, "undo-button"); !strings.Contains(button, `data-left=" · 15 s"`) || strings.Contains(button, "autofocus") || !strings.Contains(html, "Not sent yet, can be undone: ") {
		t.Errorf("in its window:\n%s", html)
	}
	d.undo(d.c.lines[0], once())
	d.outcome(session.Undone)
}
