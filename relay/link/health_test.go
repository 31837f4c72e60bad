package link_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
	"commdn/relay/tserver"
)

func (r *rig) of(id commdn.DBID) link.Health {
	r.t.Helper()
	for _, h := range r.Health() {
		if h.OCS == id {
			return h
		}
	}
	r.t.Fatalf("OCS %d is not watched: %+v", id, r.Health())
	return link.Health{}
}

func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	for late := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			r.t.Fatalf("%s: not within %s; log: %s", what, patience, r.log)
		}
	}
}

// An OCS that leaves two requests in a row unanswered is silent, since the first
// of them, until it says something. Another OCS beside it is not.
func TestSilentOCS(t *testing.T) {
	r := newRigOf(t, []commdn.DBID{201, 202}, nil, 200*time.Millisecond)
	if h := r.of(202); h.State() != "not asked yet" || h.Asked != 0 || !h.LastAnswer.IsZero() {
		t.Errorf("at the start: %+v", h)
	}
	start := time.Now()
	for i, want := range []string{"left the last request unanswered", "silent since "} {
		refusal := r.ask(&commdn.DoNotCall{Phone: "1"}, nil)
		<-r.wire.sent
		r.wire.come <- processed("1")
		if got := <-refusal; got == nil || !strings.Contains(got.Message, "OCS 202 did not answer within 200ms; if this is always so, check that application 101 is in the Connections") {
			t.Errorf("refusal %v", got)
		}
		if h := r.of(202); !strings.HasPrefix(h.State(), want) || h.Unanswered != i+1 || h.Asked != i+1 || h.Median != 0 {
			t.Errorf("after %d requests: %+v", i+1, h)
		}
	}
	h := r.of(202)
	if h.SilentSince.Before(start.Add(-200*time.Millisecond)) || h.SilentSince.After(time.Now().Add(-300*time.Millisecond)) {
		t.Errorf("silent since %s, asked at %s", h.SilentSince, start)
	}
	if h := r.of(201); h.State() != "answers" || h.Asked != 2 || h.Unanswered != 0 || h.Median <= 0 || h.LastAnswer.Before(start) {
		t.Errorf("the other OCS: %+v", h)
	}
	if n := strings.Count(r.log.String(), `msg="OCS is silent" link=a ocs=202 since=`); n != 1 {
		t.Errorf("the log says %d times that it is silent: %s", n, r.log)
	}

	// What it says, asked or not, ends that.
	r.wire.come <- (&commdn.Fault{Address: commdn.Address{Origin: 202, Target: 101}, Code: commdn.ErrorInvalidParameter, Phone: "77"}).UserData()
	r.until("it answers again", func() bool {
		return strings.Contains(r.log.String(), `msg="OCS answers again" link=a ocs=202 silent_for=`)
	})
	if h := r.of(202); h.State() != "answers" || !h.SilentSince.IsZero() || h.Unanswered != 2 {
		t.Errorf("after it spoke: %+v", h)
	}
	// It has answered before, so that its Connections are no reason any more.
	refusal := r.ask(&commdn.DoNotCall{Address: commdn.Address{Target: 202}, Phone: "1"}, nil)
	<-r.wire.sent
	if got := <-refusal; got == nil || strings.Contains(got.Message, "Connections") || !strings.Contains(got.Message, "has answered before") {
		t.Errorf("refusal %v", got)
	}
}

// Of many requests only the last twenty count.
func TestRecent(t *testing.T) {
	r := newRig(t, nil)
	for range 25 {
		done := r.ask(&commdn.DoNotCall{Phone: "1"}, nil)
		<-r.wire.sent
		r.wire.come <- processed("1")
		if refusal := <-done; refusal != nil {
			t.Fatal(refusal)
		}
	}
	if h := r.of(201); h.Asked != 20 || h.Unanswered != 0 {
		t.Errorf("%+v", h)
	}
}

// frozen is a T-Server that takes what is sent and says nothing.
type frozen struct{ *wire }

func (f frozen) Open(context.Context, tserver.ConnOptions) (tserver.Conn, error) { return f, nil }

func (f frozen) SendUserEvent(ctx context.Context, _ tkvlist.List) error {
	<-ctx.Done()
	return ctx.Err()
}

// A T-Server that does not acknowledge is no reason to look at OCS.
func TestFrozenTServer(t *testing.T) {
	r := newRigOn(t, func(w *wire) tserver.Driver { return frozen{w} }, []commdn.DBID{201}, nil, 50*time.Millisecond)
	for range 3 {
		got := <-r.ask(&commdn.DoNotCall{Phone: "1"}, nil)
		if got == nil || got.Code != frame.RefusedNoAnswer || !strings.HasPrefix(got.Message, "T-Server did not acknowledge the request within 50ms") || strings.Contains(got.Message, "Connections") {
			t.Errorf("refusal %v", got)
		}
	}
	if h := r.of(201); h.Asked != 0 || !h.SilentSince.IsZero() {
		t.Errorf("OCS is said to be silent: %+v", h)
	}
}

// An answer that comes too late says by how much, and to which request.
func TestTooLate(t *testing.T) {
	r := newRigOf(t, []commdn.DBID{201}, nil, 50*time.Millisecond)
	if got := r.Ask(t.Context(), link.Call{Key: "k-77", Request: &commdn.DoNotCall{Phone: "5550104477"}}); got == nil || got.Code != frame.RefusedNoAnswer {
		t.Fatalf("refusal %v", got)
	}
	r.wire.come <- processed("5550104477")
	line := regexp.MustCompile(`level=WARN msg="answer too late" link=a late_by=\d+m?s ocs=201 key=k-77 request="CM_ReqDoNotCall .*477.*" message="CM_EvDoNotCall`)
	r.until("the line", func() bool { return line.MatchString(r.log.String()) })
	r.wire.come <- processed("5550104477") // once more, and of no request
	r.until("the second", func() bool { return strings.Contains(r.log.String(), `answer without a request`) })
	if strings.Contains(r.log.String(), "5550104477") {
		t.Errorf("the log has the number: %s", r.log)
	}
}

// Another sender with the DBID of the relay is noticed; the relay's own requests,
// which T-Server distributes to it too, are not taken for one.
func TestTwin(t *testing.T) {
	r := newRig(t, nil)
	own := func() {
		t.Helper()
		done := r.ask(&commdn.DoNotCall{Phone: "1"}, nil)
		echo := <-r.wire.sent
		r.wire.come <- echo
		r.wire.come <- processed("1")
		if refusal := <-done; refusal != nil {
			t.Error(refusal)
		}
	}
	own()
	own()
	if seen, last := r.Twin(); seen != 0 || !last.IsZero() {
		t.Errorf("the relay takes itself for another one: %d, %s", seen, last)
	}
	foreign := (&commdn.DoNotCall{Address: commdn.Address{Origin: 101}, Phone: "1"}).UserData()
	r.wire.come <- foreign
	r.wire.come <- foreign
	r.until("both are seen", func() bool { seen, _ := r.Twin(); return seen == 2 })
	if n := strings.Count(r.log.String(), "another sender uses the DBID of this relay's application"); n != 1 {
		t.Errorf("said %d times: %s", n, r.log)
	}
}

// An error of T-Server that answers no request is kept for whoever looks.
func TestComplaints(t *testing.T) {
	r := newRig(t, nil)
	if c := r.Complaints(); c.Count != 0 {
		t.Errorf("before: %+v", c)
	}
	r.wire.complain(&tserver.Error{Code: 53, Message: "first"})
	r.wire.complain(&tserver.Error{Code: 54, Message: "second"})
	r.until("both are seen", func() bool { return r.Complaints().Count == 2 })
	if c := r.Complaints(); c.Code != 54 || c.Message != "second" || c.Last.IsZero() {
		t.Errorf("%+v", c)
	}
}

// An OCS that left one request unanswered and answered another meanwhile is not
// silent, however often that is so.
func TestSlowIsNotSilent(t *testing.T) {
	r := newRigOf(t, []commdn.DBID{201}, nil, 100*time.Millisecond)
	for range 3 {
		never := r.ask(&commdn.DoNotCall{Phone: "1"}, nil)
		<-r.wire.sent
		other := r.ask(&commdn.DoNotCall{Phone: "2"}, nil)
		<-r.wire.sent
		r.wire.come <- processed("2")
		if refusal := <-other; refusal != nil {
			t.Fatal(refusal)
		}
		if refusal := <-never; refusal == nil {
			t.Fatal("it was answered")
		}
	}
	if h := r.of(201); h.State() != "answers" || h.Unanswered != 3 || h.Asked != 6 {
		t.Errorf("%+v", h)
	}
}

// A late answer about another number is not taken for that of a request which was
// given up.
func TestTooLateForAnother(t *testing.T) {
	r := newRigOf(t, []commdn.DBID{201}, nil, 50*time.Millisecond)
	if got := r.Ask(t.Context(), link.Call{Request: &commdn.DoNotCall{Phone: "5550104477"}}); got == nil {
		t.Fatal("it was answered")
	}
	r.wire.come <- processed("5550199999")
	r.until("the line", func() bool { return strings.Contains(r.log.String(), `msg="answer without a request"`) })
	if strings.Contains(r.log.String(), "too late") {
		t.Error(r.log.String())
	}
}
