package person

import (
	"errors"
	"strings"
	"testing"

	"commdn/components/session"
	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// TestEarlier: a request that a page before has left is shown by the element of its kind
// that shows its person, when it comes or when the element comes to the person.
func TestEarlier(t *testing.T) {
	hand := func(d *desk, req commdn.Request) *uitest.Asked {
		return d.Client().Earlier(client.Earlier{Request: req})
	}
	for _, tt := range []struct {
		name  string
		make  func(*testing.T) *desk
		req   commdn.Request
		shown bool
	}{
		{"its person", func(t *testing.T) *desk { return newDesk(t, NewDnc, "phone", "555") }, &commdn.DoNotCall{Phone: "555"}, true},
		{"another person", func(t *testing.T) *desk { return newDesk(t, NewDnc, "phone", "556") }, &commdn.DoNotCall{Phone: "555"}, false},
		{"another kind", func(t *testing.T) *desk { return newDesk(t, NewDnc, "phone", "555") }, &commdn.CancelRecord{Phone: "555"}, false},
		{"the other kind", func(t *testing.T) *desk { return newDesk(t, NewCancel, "phone", "555") }, &commdn.CancelRecord{Phone: "555", Campaign: "Spring"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := tt.make(t)
			a := hand(d, tt.req)
			if got := len(d.c.lines) == 1; got != tt.shown {
				t.Fatalf("%d lines", len(d.c.lines))
			}
			if !tt.shown {
				a.Answer(nil)
				return
			}
			if w := uitest.States(d.Events()); w != "sending" {
				t.Errorf("states %q", w)
			}
			a.Answer(nil, processed)
			d.Await("settled", func() bool { return d.c.lines[0].settled() })
			events := d.Events()
			if last := events[len(events)-1]; last.Name != "commdn-result" || last.Detail["state"] != "done" || last.Detail["earlier"] != true {
				t.Errorf("told %+v", events)
			}
		})
	}

	// The element comes to the person later.
	d := newDesk(t, NewDnc, "phone", "556")
	a := hand(d, &commdn.DoNotCall{Phone: "555"})
	d.Set("phone", "555")
	if len(d.c.lines) != 1 || !d.c.busy() {
		t.Errorf("%d lines, busy %v", len(d.c.lines), d.c.busy())
	}
	d.Set("phone", "556")
	d.Set("phone", "555")
	if len(d.c.lines) != 1 {
		t.Errorf("%d lines after coming back", len(d.c.lines))
	}
	a.Answer(&client.NoAnswerError{Err: client.ErrOtherPerson})
	d.Await("gone", func() bool { return len(d.c.lines) == 0 })
}

// TestStates: what the agent reads while a request is kept, waits in the relay, or has
// expired.
func TestStates(t *testing.T) {
	offline := uitest.Connected
	offline.State = client.Disconnected
	unkept := offline
	unkept.Unkept = errors.New("full")
	for _, tt := range []struct {
		name    string
		status  client.Status
		events  []client.Event
		err     error
		outcome session.Outcome
		text    string
	}{
		{"waiting", offline, nil, nil, session.Waiting, "Waiting for the connection; then it is sent, if this page stays open: "},
		{"waiting and kept", offline, []client.Event{{Kind: client.Kept}}, nil, session.Waiting, "Waiting for the connection; then it is sent, even if this page is closed: "},
		{"waiting and not kept", unkept, nil, nil, session.Waiting, " · Keep this page open: the browser keeps no requests."},
		{"accepted", uitest.Connected, []client.Event{{Kind: client.Accepted}}, nil, session.Accepted, "Accepted: "},
		{"queued", uitest.Connected, []client.Event{{Kind: client.Queued, Queued: frame.Queued{Reason: frame.QueuedBehind}}}, nil, session.Queued, "Waiting in the relay since "},
		{"queued for the link", uitest.Connected, []client.Event{{Kind: client.Queued, Queued: frame.Queued{Reason: frame.QueuedLinkDown, Since: uitest.Noon.Unix()}}}, nil,
			session.Queued, "Waiting in the relay for the link to T-Server, down since 12:00:00: "},
		{"expired", offline, nil, &client.NoAnswerError{Err: client.ErrExpired}, session.Expired, "There was no connection for as long as requests are kept."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := &desk{Desk: uitest.New(t, NewDnc, tt.status, "phone", "5551234567", "confirm", "off")}
			d.c = d.C.(*Person)
			d.c.handleClick(once())
			a := d.Asked()
			for _, e := range tt.events {
				a.Tell(e)
			}
			if tt.err != nil {
				a.Answer(tt.err)
			} else {
				defer a.Answer(nil)
			}
			d.Await("the state", func() bool { return d.c.lines[0].entry.Outcome == tt.outcome })
			if got := d.c.lineText(d.c.lines[0]); !strings.Contains(got, tt.text) {
				t.Errorf("reads %q, want %q", got, tt.text)
			}
		})
	}
}
