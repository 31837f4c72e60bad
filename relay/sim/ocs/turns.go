package ocs

import (
	"container/heap"
	"time"
)

// push gives a record a turn among those of its kind.
func (l *callingList) push(t turn) { heap.Push(&l.turns[l.records[t.record].kind], t) }

// pass passes over a record that may not be dialed when its turn comes. The record
// waits for the agent, or leaves its turn to the next of its chain.
func (l *callingList) pass(t turn) {
	switch l.records[t.record].status {
	case RecordReady:
		l.passed[t.record] = t.due
	case RecordCanceled:
		l.follow(t)
	}
}

// follow gives the turn to the next record of the chain that is ready.
func (l *callingList) follow(t turn) {
	for f := l.records[t.record].follower; f != 0; f = l.records[f-1].follower {
		if l.records[f-1].status == RecordReady {
			l.push(turn{t.due, f - 1})
			return
		}
	}
}

// again makes a record ready from t on.
func (l *callingList) again(i int32, t time.Time) {
	l.become(i, RecordReady)
	l.push(turn{t.UnixNano(), i})
}

// reschedule is again for a record that was not answered.
func (l *callingList) reschedule(i int32, t time.Time) {
	if r := &l.records[i]; r.kind == general {
		r.kind = rescheduled
	}
	l.again(i, t)
}

// turn is when a record is to be dialed.
type turn struct {
	due    int64 // nanoseconds since 1970; 0 is at once
	record int32
}

func (t turn) before(u turn) bool {
	return t.due < u.due || t.due == u.due && t.record < u.record
}

// turns is a heap with the earliest first.
type turns []turn

func (h turns) Len() int           { return len(h) }
func (h turns) Less(i, j int) bool { return h[i].before(h[j]) }
func (h turns) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is for package heap.
func (h *turns) Push(x any) { *h = append(*h, x.(turn)) }

// Pop is for package heap.
func (h *turns) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
