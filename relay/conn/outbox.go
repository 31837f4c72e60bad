package conn

import (
	"slices"
	"sync"

	"commdn/protocol/frame"
)

// outbox is the queue of frames to one client. It is bounded, never blocks, and
// keeps of each campaign group only the newest status, and only the newest
// directory and history. These are bounded by what there is, and do not count for the limit.
type outbox struct {
	mu      sync.Mutex
	frames  []queued
	live    int               // of frames: those that were not replaced
	limit   int               // of live frames that nothing replaces
	begin   func()            // has somebody take what is put, until take gives nil; it must not block
	own     func()            // the caller of putOwn takes; it must not block
	latest  map[statusKey]int // status to its index in frames
	writing bool              // somebody takes what is put
	shut    bool              // nothing more is put
}

// queued is a frame's bytes, which may be other sessions' too; nil was replaced
// by a newer one. Its parts go out right before it.
type queued struct {
	message []byte
	parts   [][]byte
	key     statusKey
}

// put queues a frame and has it taken. It is false when the queue is full. See
// enqueue.
func (o *outbox) put(m frame.Message, key statusKey) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	ok, first := o.enqueue(m, key)
	if first {
		o.begin()
	}
	return ok
}

// putOwn is put for a caller that can write itself: first says that it has to,
// as own has been told.
func (o *outbox) putOwn(m frame.Message) (ok, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	ok, first = o.enqueue(m, statusKey{})
	if first {
		o.own()
	}
	return ok, first
}

// enqueue queues a frame. A status goes behind what is queued, and an older one of
// the same campaign group does not go out any more: no answer is followed by
// what was before it. first says that nobody takes what is queued yet.
func (o *outbox) enqueue(m frame.Message, key statusKey) (ok, first bool) {
	if o.shut {
		return true, false
	}
	if key != (statusKey{}) {
		o.drop(key)
	} else if o.live-len(o.latest) >= o.limit {
		return false, false
	}
	return true, o.add(m, key)
}

// putParts queues the frames of one directory, or one history, which stay
// together. An older one that nobody has begun to take does not go out any more.
func (o *outbox) putParts(what part, messages [][]byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.shut {
		return
	}
	for i := 0; o.drop(partKey(what, i)); i++ {
	}
	first := false
	for i, message := range messages {
		first = o.add(frame.Message{Frame: message}, partKey(what, i)) || first
	}
	if first {
		o.begin()
	}
}

func partKey(what part, n int) statusKey { return statusKey{what: what, n: n} }

// drop takes away what is queued with a key, if there is something.
func (o *outbox) drop(key statusKey) bool {
	i, older := o.latest[key]
	if older {
		o.frames[i].message, o.frames[i].parts = nil, nil
		delete(o.latest, key)
		o.live--
	}
	return older
}

// add appends a frame. first says that nobody takes what is queued yet: the
// caller has to see to it.
func (o *outbox) add(m frame.Message, key statusKey) (first bool) {
	if len(o.frames) >= 2*max(o.limit, o.live) {
		o.compact()
	}
	if key != (statusKey{}) {
		if o.latest == nil {
			o.latest = make(map[statusKey]int)
		}
		o.latest[key] = len(o.frames)
	}
	o.frames = append(o.frames, queued{m.Frame, m.Parts, key})
	o.live++
	first = !o.writing
	o.writing = true
	return first
}

// resize sets how many frames may be queued; those that are stay.
func (o *outbox) resize(limit int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.limit = limit
}

// compact forgets frames that were replaced.
func (o *outbox) compact() {
	o.frames = slices.DeleteFunc(o.frames, func(q queued) bool { return q.message == nil })
	for i, q := range o.frames {
		if q.key != (statusKey{}) {
			o.latest[q.key] = i
		}
	}
}

// take gives all that is queued, and nil when there is nothing, which ends the
// taking until the next put.
func (o *outbox) take() []queued {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.frames
	// An idle session holds no memory here.
	o.frames, o.latest, o.live = nil, nil, 0
	if all == nil {
		o.writing = false
	}
	return all
}

// close lets nothing more in, and begins nothing any more; what is queued may
// still be taken.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shut = true
}
