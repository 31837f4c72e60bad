package render

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// record is a queue that logs what it does.
type record struct {
	*queue
	mu     sync.Mutex
	log    []string
	errs   []error
	second func() // the argument of later
}

func newRecord() *record {
	r := &record{}
	r.queue = &queue{
		paint: func() { r.add("paint") },
		report: func(err error) {
			r.mu.Lock()
			r.errs = append(r.errs, err)
			r.mu.Unlock()
		},
		later: func(f func()) { r.second = f },
	}
	return r
}

func (r *record) add(s string) {
	r.mu.Lock()
	r.log = append(r.log, s)
	r.mu.Unlock()
}

func (r *record) note(s string) func() { return func() { r.add(s) } }

func TestQueueOrder(t *testing.T) {
	tests := []struct {
		name string
		use  func(r *record)
		want string
	}{
		{"a function, then a paint", func(r *record) { r.do(r.note("a")) }, "a paint"},
		{"no function", func(r *record) { r.do(nil) }, "paint"},
		{"nothing has changed", func(r *record) { r.doIf(func() bool { r.add("a"); return false }) }, "a"},
		{"something has", func(r *record) { r.doIf(func() bool { r.add("a"); return true }) }, "a paint"},
		{"nothing has changed, but something else", func(r *record) {
			r.hold()
			r.do(r.note("a"))
			r.doIf(func() bool { r.add("b"); return false })
			r.release(false)
		}, "a b paint"},
		{"nothing has changed, and somebody is to be told", func(r *record) {
			r.doIf(func() bool { r.afterPaint(r.note("told")); return false })
		}, "paint told"},
		{"a call from inside waits", func(r *record) {
			r.do(func() { r.do(r.note("b")); r.add("a") })
		}, "a paint b paint"},
		{"after runs after the paint", func(r *record) {
			r.do(func() { r.afterPaint(r.note("told")); r.add("a") })
		}, "a paint told"},
		{"what a listener does is painted before the next one is told", func(r *record) {
			r.do(func() { r.afterPaint(func() { r.add("told"); r.do(r.note("b")); r.afterPaint(r.note("told again")) }) })
		}, "paint told b paint told again"},
		{"after from outside", func(r *record) { r.afterPaint(r.note("told")) }, "paint told"},
		{"held", func(r *record) {
			r.hold()
			r.do(r.note("a"))
			r.do(r.note("b"))
			r.add("held")
			r.release(false)
		}, "held a b paint"},
		{"held twice", func(r *record) {
			r.hold()
			r.hold()
			r.do(r.note("a"))
			r.release(true)
			r.add("held")
			r.release(false)
		}, "held a paint"},
		{"release asks for a paint", func(r *record) { r.hold(); r.release(true) }, "paint"},
		{"release asks for nothing", func(r *record) { r.hold(); r.release(false) }, ""},
		{"one release too many", func(r *record) { r.release(false); r.do(r.note("a")) }, "a paint"},
		{"a handler locks and unlocks", func(r *record) {
			r.do(func() { r.hold(); r.add("a"); r.release(true) })
		}, "a paint"},
		{"a handler hands its lock on", func(r *record) {
			r.do(func() { r.hold(); r.afterPaint(r.note("told")); r.add("a") })
			r.add("held")
			r.release(true)
		}, "a held paint told"},
		{"the end", func(r *record) { r.do(r.note("a")); r.end(r.note("end")); r.do(r.note("b")); r.afterPaint(r.note("c")) }, "a paint end"},
		{"the end from inside", func(r *record) {
			r.do(func() {
				r.do(r.note("before"))
				r.afterPaint(r.note("told"))
				r.end(r.note("end"))
				r.end(r.note("end again"))
				r.do(r.note("ignored"))
				r.add("a")
			})
			r.do(r.note("ignored"))
		}, "a paint told before end"},
		{"the end does not wait for a lock", func(r *record) { r.hold(); r.do(r.note("a")); r.end(r.note("end")); r.release(true) }, "a end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRecord()
			tt.use(r)
			if got := strings.Join(r.log, " "); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if len(r.errs) > 0 {
				t.Errorf("errors: %v", r.errs)
			}
		})
	}
}

func TestQueuePanics(t *testing.T) {
	r := newRecord()
	cause := errors.New("broken")
	r.do(func() { panic(cause) })
	r.do(r.note("still works"))
	r.do(func() { r.afterPaint(func() { panic("told") }) })
	if got := strings.Join(r.log, " "); got != "paint still works paint paint" {
		t.Errorf("log %q", got)
	}
	if len(r.errs) != 2 || !errors.Is(r.errs[0], cause) {
		t.Fatalf("errors: %v", r.errs)
	}
	var p *PanicError
	if !errors.As(r.errs[1], &p) || p.Value != "told" || p.Where != "function given to After" || !strings.Contains(string(p.Stack), "TestQueuePanics") {
		t.Errorf("error %#v", r.errs[1])
	}
	r.report = func(error) { panic("the reporter too") }
	r.do(func() { panic("nobody hears it") })
	r.do(r.note("still works"))
	if r.log[len(r.log)-2] != "still works" {
		t.Errorf("log %q", r.log)
	}
}

func TestQueueRunaway(t *testing.T) {
	r := newRecord()
	paints := 0
	r.paint = func() { paints++; r.do(nil) }
	r.do(nil)
	if paints != maxRounds {
		t.Errorf("%d paints in one task, want %d", paints, maxRounds)
	}
	r.do(nil) // a click meanwhile does not start another hundred
	if paints != maxRounds {
		t.Errorf("%d paints after another call, want %d", paints, maxRounds)
	}
	for range 3 {
		r.second()
	}
	if paints != 4*maxRounds {
		t.Errorf("%d paints after three more tasks, want %d", paints, 4*maxRounds)
	}
	if len(r.errs) != 1 || !errors.Is(r.errs[0], ErrRunaway) {
		t.Errorf("errors: %v, want ErrRunaway once", r.errs)
	}
	r.paint = r.note("paint")
	r.second()
	r.do(r.note("a"))
	if got := strings.Join(r.log, " "); got != "paint a paint" {
		t.Errorf("after it has come to rest: %q", got)
	}
}

func TestQueueOverflow(t *testing.T) {
	r := newRecord()
	r.hold()
	ran := 0
	for range maxQueued + 3 {
		r.do(func() { ran++ })
	}
	if len(r.errs) != 3 || !errors.Is(r.errs[0], ErrOverflow) {
		t.Errorf("errors: %v, want ErrOverflow three times", r.errs)
	}
	r.release(false)
	if ran != maxQueued {
		t.Errorf("%d functions ran, want %d", ran, maxQueued)
	}
}

// TestQueueGoroutines: every function of many goroutines runs once, one at a time, those
// of one goroutine in order, and nothing is left when all calls have returned.
func TestQueueGoroutines(t *testing.T) {
	r := newRecord()
	const goroutines, calls = 8, 200
	inside := 0 // written without a lock: the race detector sees two at a time
	var got [goroutines][]int
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range calls {
				r.do(func() {
					inside++
					got[g] = append(got[g], i)
					r.afterPaint(func() { inside-- })
				})
				if i%10 == 0 {
					r.hold()
					r.release(true)
				}
			}
		})
	}
	wg.Wait()
	want := make([]int, calls)
	for i := range want {
		want[i] = i
	}
	for g := range got {
		if !slices.Equal(got[g], want) {
			t.Errorf("goroutine %d: %v", g, got[g])
		}
	}
	if inside != 0 {
		t.Errorf("%d functions given to afterPaint did not run", inside)
	}
}

func TestPanicErrorText(t *testing.T) {
	err := &PanicError{Where: "click handler", Value: fmt.Errorf("no campaign")}
	if got := err.Error(); got != "render: panic in click handler: no campaign" {
		t.Error(got)
	}
}
