package desk_test

import (
	"strconv"
	"testing"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/desk"
)

// So many requests are in flight of one client, and come in a second; who goes
// on all the same is too fast.
func TestLimits(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: silent(release)})
	s := source()
	var tickets []*desk.Ticket
	for n := range 3 {
		tickets = append(tickets, r.must(s, strconv.Itoa(n), "555010000"+strconv.Itoa(n)))
	}
	if _, refusal := r.submit(s, "one more", "5550100009"); refusal == nil || refusal.Code != frame.RefusedBusy {
		t.Errorf("a fourth one: %v", refusal)
	}
	s.Adopt(desk.Limits{Rate: 1000, Burst: 1000, Requests: 4})
	tickets = append(tickets, r.must(s, "3", "5550100003"))
	close(release)
	for _, one := range tickets {
		last(t, one)
	}
	r.must(s, "5", "5550100005") // there is room as soon as the outcome is told

	slow := desk.NewSource("192.0.2.1", desk.Limits{Rate: 0.001, Burst: 1, Requests: 3}, nil)
	last(t, r.must(slow, "s", "5550100006"))
	refused := func(n int) {
		if _, refusal := r.submit(slow, "t"+strconv.Itoa(n), "5550100007"); refusal == nil || refusal.Code != frame.RefusedRateLimited {
			t.Fatalf("number %d: %v", n, refusal)
		}
	}
	for n := range 1000 {
		if refused(n); slow.TooFast() {
			t.Fatalf("too fast after %d", n+1)
		}
	}
	for n := 1000; !slow.TooFast(); n++ { // ten a second are forgiven
		if refused(n); n == 2000 {
			t.Fatal("never too fast")
		}
	}
	crowded := desk.NewSource("203.0.113.9", desk.Limits{Rate: 1000, Burst: 1000, Requests: 3}, func(time.Time) bool { return false })
	if _, refusal := r.submit(crowded, "c", "5550100008"); refusal == nil || refusal.Code != frame.RefusedRateLimited {
		t.Errorf("from an address that may not: %v", refusal)
	}
}

// Too fast is who goes over the limit all the time, also where every other
// request is let through.
func TestTooFastBetweenOthers(t *testing.T) {
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: acknowledge})
	let := false
	s := desk.NewSource("192.0.2.1", desk.Limits{Rate: 1e9, Burst: 1e9, Requests: 3}, func(time.Time) bool { let = !let; return let })
	for n := 0; !s.TooFast(); n++ {
		if n == 4000 {
			t.Fatal("never too fast")
		}
		ticket, refusal := r.submit(s, strconv.Itoa(n), "5550100001")
		if (refusal == nil) != let {
			t.Fatalf("number %d: %v", n, refusal)
		}
		if ticket != nil {
			last(t, ticket)
		}
	}
}

// A client hears of fewer requests at a time before they count: what it sent
// before that is not refused.
func TestFewerRequestsAtATime(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: silent(release)})
	s := source()
	s.Adopt(desk.Limits{Rate: 1000, Burst: 1000, Requests: 2})
	s.Adopt(desk.Limits{Rate: 1000, Burst: 1000, Requests: 1}) // it may not have heard of the first one either
	for n := range 3 {
		r.must(s, strconv.Itoa(n), "555010000"+strconv.Itoa(n))
	}
	s.Adopt(desk.Limits{Rate: 1000, Burst: 1000, Requests: 1}) // the same again
	if _, refusal := r.submit(s, "one more", "5550100009"); refusal == nil || refusal.Code != frame.RefusedBusy {
		t.Errorf("more than before the limit was lowered: %v", refusal)
	}
}
