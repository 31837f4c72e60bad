// Package pace lets work that may wait, and that there can be any amount of, go
// behind work that may not.
//
// Go runs what can run first come, first served. It looks for what has come over the
// network when nothing can run, else every 10 ms only. So a thousand connections that
// always have something to do cost a request this queue and these 10 ms at each step
// of its way: to the relay, to T-Server, and back.
package pace

import (
	"cmp"
	"runtime"
	"sync"
	"time"
)

// While there is always something to do, a pause follows each slice. Timers of Go
// are no finer than a millisecond.
const (
	slice = 2 * time.Millisecond
	pause = time.Millisecond
)

// Pacer is shared by goroutines that do such work. Its zero value is ready for use.
type Pacer struct {
	Slice time.Duration // how long it works until it pauses; 0 is 2 ms

	mu    sync.Mutex
	began time.Time // of the slice; where it is in future, there is a pause until then
}

// Yield is called before each piece of work, of well under a millisecond. It returns
// when everybody else who can run has had a turn; after a slice it returns after a
// pause.
func (p *Pacer) Yield() {
	if d := p.wait(time.Now()); d > 0 {
		time.Sleep(d)
		return
	}
	runtime.Gosched()
}

// wait gives how long there is a pause.
func (p *Pacer) wait(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	slice := cmp.Or(p.Slice, slice)
	switch used := now.Sub(p.began); {
	case used < 0:
		return -used
	case used < slice:
		return 0
	case used < slice+pause:
		p.began = now.Add(pause)
		return pause
	}
	p.began = now // nobody worked for as long as a pause
	return 0
}
