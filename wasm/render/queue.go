package render

import (
	"runtime"
	"sync"
)

const (
	maxRounds = 100    // paints in one JS task, see ErrRunaway
	maxQueued = 10_000 // waiting functions, see ErrOverflow
)

// queue runs functions in order and paints after them. Nobody ever waits for it. A caller
// runs its own work unless somebody else is draining the queue; then it leaves the work
// there. A plain lock would kill the program: the browser calls back into Go in the
// middle of a paint or a handler (a removed input fires blur, a listener of our event
// sets an attribute), and that call could not wait for the outer one.
type queue struct {
	paint  func()       // builds and patches
	report func(error)  // takes failures; may call back into the queue
	later  func(func()) // runs a function in another task

	mu      sync.Mutex // guards the fields below; never held while foreign code runs
	todo    []task     // to run before the next paint
	after   []func()   // to run after the next paint
	dirty   bool       // a paint is due
	held    int        // number of holds; nothing runs until 0, see hold
	busy    bool       // somebody drains
	runaway bool       // ErrRunaway was reported
	ending  bool       // no new work
	ended   bool       // the last function of todo has run
}

// task is a waiting function; paint says whether a paint follows in any case.
type task struct {
	run   func()
	paint bool
}

// do runs f, if not nil, and paints: now, or later if the queue is busy or held.
func (q *queue) do(f func()) { q.add(f, true) }

// doIf runs f and paints if f returns true.
func (q *queue) doIf(f func() bool) {
	q.add(func() {
		if f() {
			q.mu.Lock()
			q.dirty = true
			q.mu.Unlock()
		}
	}, false)
}

func (q *queue) add(f func(), paint bool) {
	q.mu.Lock()
	full := len(q.todo) >= maxQueued
	if !q.ending && !full {
		if f != nil {
			q.todo = append(q.todo, task{f, paint})
		} else {
			q.dirty = true
		}
	}
	q.mu.Unlock()
	if full {
		q.tell(ErrOverflow)
	}
	q.drain()
}

// afterPaint runs f after the next paint, which it asks for.
func (q *queue) afterPaint(f func()) {
	q.mu.Lock()
	if !q.ended || q.busy {
		q.after = append(q.after, f)
		q.dirty = q.dirty || !q.ended
	}
	q.mu.Unlock()
	q.drain()
}

// end runs f as the last function and ignores all later work. Functions already given to
// afterPaint still run, without a paint.
func (q *queue) end(f func()) {
	q.mu.Lock()
	if !q.ending {
		q.ending = true
		q.todo = append(q.todo, task{run: func() {
			defer func() {
				q.mu.Lock()
				q.ended = true
				q.mu.Unlock()
			}()
			f()
		}})
	}
	q.mu.Unlock()
	q.drain()
}

// hold makes everything wait until as many calls of release. It never blocks and excludes
// no other holder.
func (q *queue) hold() {
	q.mu.Lock()
	q.held++
	q.mu.Unlock()
}

// release undoes one hold and ignores one too many. With paint set it asks for a paint.
func (q *queue) release(paint bool) {
	q.mu.Lock()
	q.held = max(q.held-1, 0)
	if paint && !q.ending {
		q.dirty = true
	}
	q.mu.Unlock()
	q.drain()
}

// drain works until nothing is left, or returns at once if somebody else drains.
func (q *queue) drain() {
	q.mu.Lock()
	if q.busy || !q.workLeft() {
		q.mu.Unlock()
		return
	}
	q.busy = true
	q.mu.Unlock()

	for round := 1; ; round++ {
		for _, t := range q.takeTodo() {
			q.guard("function given to Do", t.run)
		}
		if q.startPaint() {
			q.guard("paint", q.paint)
		}
		for _, f := range q.takeAfter() {
			q.guard("function given to After", f)
		}
		if !q.goOn(round) {
			return
		}
	}
}

// workLeft reports whether a drain would do something. The end does not wait for holds.
// Callers hold mu.
func (q *queue) workLeft() bool {
	return (q.held == 0 || q.ending) && (len(q.todo) > 0 || len(q.after) > 0 || q.dirty)
}

func (q *queue) takeTodo() []task {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.todo
	q.todo = nil
	for _, t := range taken {
		q.dirty = q.dirty || t.paint
	}
	return taken
}

// startPaint reports whether to paint now. A handler may have called hold.
func (q *queue) startPaint() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		q.dirty = false
	}
	if !q.dirty || q.held > 0 {
		return false
	}
	q.dirty = false
	return true
}

// takeAfter takes the functions that had their paint.
func (q *queue) takeAfter() []func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.dirty && q.held > 0 && !q.ended {
		return nil
	}
	taken := q.after
	q.after = nil
	return taken
}

// goOn ends the drain if nothing is left or if it has lasted too long.
func (q *queue) goOn(round int) bool {
	q.mu.Lock()
	if !q.workLeft() {
		q.busy = false
		q.runaway = false
		q.mu.Unlock()
		return false
	}
	if round < maxRounds {
		q.mu.Unlock()
		return true
	}
	told := q.runaway
	q.runaway = true
	q.mu.Unlock()
	if !told {
		q.tell(ErrRunaway)
	}
	q.later(func() {
		q.mu.Lock()
		q.busy = false
		q.mu.Unlock()
		q.drain()
	})
	return false
}

// stack is debug.Stack, cut to a length; runtime/debug would link fmt and os into the
// download.
func stack() []byte {
	b := make([]byte, 16<<10)
	return b[:runtime.Stack(b, false)]
}

// guard runs f and reports its panic.
func (q *queue) guard(where string, f func()) {
	defer func() {
		if v := recover(); v != nil {
			q.tell(&PanicError{Where: where, Value: v, Stack: stack()})
		}
	}()
	f()
}

// tell reports err. If the reporter itself panics, nobody is left to tell.
func (q *queue) tell(err error) {
	defer func() { _ = recover() }()
	q.report(err)
}
