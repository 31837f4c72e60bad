package relay

import (
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
)

// resume connects again and takes up requests of an earlier connection.
func (r *rig) resume(token string, all ...frame.Resume) *peer {
	r.t.Helper()
	c := r.dial(nil)
	c.send(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "test", Token: token, Resume: all}.Body()})
	c.welcomed()
	return c
}

// A request lives on when its connection is gone: whoever comes back with its
// key hears the outcome, and nothing is sent twice. Nobody else's key is known.
func TestResume(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, func(o *Options) { o.Auth, o.AnswerTimeout = auth.NewDevelopment(), patience })
	for name, repeatable := range map[string]bool{"do not call": true, "campaign control": false} {
		t.Run(name, func(t *testing.T) {
			data := (&commdn.StopDialing{CampaignGroup: autumn}).UserData()
			if repeatable {
				data = dnc("5550100001")
			}
			key := newKey()
			c := r.sessionOf("agent,supervisor=Ann")
			c.send(frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{Key: key, Data: data}.Body()})
			h.any()
			r.leave(c)

			other := r.resume("agent,supervisor=Ben", frame.Resume{Key: key, Number: 3})
			other.refused(3, frame.RefusedUnknownKey)

			flight := r.resume("agent,supervisor=Ann", frame.Resume{Key: key, Number: 7}, frame.Resume{Key: "nobody's", Number: 8})
			flight.refused(8, frame.RefusedUnknownKey)
			if repeatable {
				h.send(processed("5550100001"))
			} else {
				h.send(status(101, commdn.StatusActive).UserData())
			}
			flight.message(flight.next(), frame.KindOutcome, 7)

			after := r.resume("agent,supervisor=Ann", frame.Resume{Key: key, Number: 9})
			after.message(after.next(), frame.KindOutcome, 9)
			after.send(frame.Frame{Kind: frame.KindRequest, Number: 9, Body: frame.Request{Key: key, Data: data}.Body()})
			after.message(after.next(), frame.KindOutcome, 9) // the same click once more
			after.ping()
		})
	}
	select {
	case req := <-h.requests:
		t.Errorf("on the CommDN is %v once more", req.Type())
	default:
	}
}

// A request that waits for an earlier one says so.
func TestQueued(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, nil)
	a, b := r.session(), r.session()
	a.request(1, dnc("5550100001"))
	h.request()
	b.request(1, dnc("5550100001"))
	f, err := b.read()
	if err != nil || f.Kind != frame.KindQueued || f.Number != 1 {
		t.Fatalf("got %v %d %v", f.Kind, f.Number, err)
	}
	if q := frame.ReadQueued(f.Body); q.Reason != frame.QueuedBehind || q.Since == 0 || q.Message == "" {
		t.Errorf("queued %+v", q)
	}
	h.send(processed("5550100001"))
	a.message(a.next(), frame.KindOutcome, 1)
	h.request()
	h.send(processed("5550100001"))
	b.message(b.next(), frame.KindOutcome, 1)
}

// A reload that changes how many requests may be in flight is told.
func TestLimitsAreTold(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	c := r.session()
	s := r.srv.opts.Settings
	s.Limits.Requests = 5
	if err := r.srv.Reload(s); err != nil {
		t.Fatal(err)
	}
	f := c.next()
	if f.Kind != frame.KindLimits {
		t.Fatalf("got %v", f.Kind)
	}
	if m := frame.ReadLimits(f.Body); m.MaxRequests != 5 || m.PingSeconds != 15 {
		t.Errorf("told %+v", m)
	}
	c.readDirectory()
	if err := r.srv.Reload(s); err != nil {
		t.Fatal(err)
	}
	c.readDirectory() // and no limits, which are the same
	if w := r.session().welcome; w.MaxRequests != 5 {
		t.Errorf("a new session is told %d", w.MaxRequests)
	}
}
