package lease

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Keeper takes and renews one lease while Run runs.
type Keeper struct {
	o      Options
	ttl    time.Duration
	margin time.Duration
	kick   chan struct{}

	mu      sync.Mutex
	state   State
	until   time.Duration // when the lease ends by Now; 0: it is not held
	sending int           // who has entered and not left
	left    chan struct{} // closed when the last one leaves; nil: nobody waits

	// The rest is Run's.
	mine     bool // the store has this run as the holder
	record   Record
	revision uint64
	ends     time.Duration // of mine
	renew    time.Duration // when to write next
	known    bool          // seen counts
	seen     uint64        // the revision that the store has since seenAt; 0: none
	seenAt   time.Duration
	looked   time.Duration // when the store last answered
	notYet   time.Duration // before that the lease is not taken: Begin has failed
	idle     time.Duration
	begun    chan error // of Begin; nil: it does not run
	cancel   context.CancelFunc
	untold   bool // Changed has failed at the state
}

// New makes a Keeper that holds nothing.
func New(o Options) *Keeper {
	return &Keeper{o: o, ttl: o.TTL, margin: Margin(o.TTL), kick: make(chan struct{}, 1), looked: o.Now()}
}

// Enter says whether something may be sent now, and for how long it may take. Who
// enters leaves when it is sent: a lease is not given back before. The error is
// ErrNotHeld.
func (k *Keeper) Enter() (left time.Duration, leave func(), err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	left = k.until - k.margin - k.o.Now()
	if k.until == 0 || left <= 0 {
		return 0, nil, ErrNotHeld
	}
	k.sending++
	return left, k.leave, nil
}

func (k *Keeper) leave() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sending--
	if k.sending == 0 && k.left != nil {
		close(k.left)
		k.left = nil
	}
}

// stop lets nobody enter any more, and waits until all have left.
func (k *Keeper) stop() {
	k.mu.Lock()
	k.until = 0
	var left chan struct{}
	if k.sending > 0 {
		left = make(chan struct{})
		k.left = left
	}
	k.mu.Unlock()
	if left != nil {
		<-left
	}
}

// State gives the state that Changed was told last.
func (k *Keeper) State() State {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.state
}

// Kick has Run look at Ready and the store at once.
func (k *Keeper) Kick() {
	select {
	case k.kick <- struct{}{}:
	default:
	}
}

// Run keeps the lease until ctx ends, and gives it back then.
func (k *Keeper) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			k.release("the relay ends")
			return
		case err := <-k.begun:
			k.ready(err)
		case <-k.kick:
		case <-timer.C:
		}
		k.step(ctx)
		timer.Reset(k.pause())
	}
}

func (k *Keeper) pause() time.Duration {
	if !k.mine {
		return k.ttl / looks
	}
	return max(min(k.renew, k.ends-k.margin)-k.o.Now(), time.Millisecond)
}

func (k *Keeper) step(ctx context.Context) {
	switch {
	case k.mine && !k.couldSend():
		k.release("the relay has no link to T-Server")
	case k.mine:
		k.hold(ctx)
	default:
		k.look(ctx)
	}
}

// hold renews the lease, if it is time, and notices its end.
func (k *Keeper) hold(ctx context.Context) {
	now := k.o.Now()
	if left := k.ends - k.margin - now; left > 0 && now >= k.renew {
		ctx, cancel := context.WithTimeout(ctx, min(left, k.ttl/renewals))
		defer cancel()
		revision, err := k.o.Store.Update(ctx, k.record.bytes(), k.revision)
		switch {
		case err == nil:
			k.revision, k.ends, k.renew = revision, now+k.ttl, now+k.ttl/renewals
			k.mu.Lock()
			if k.until != 0 { // else Begin still runs
				k.until = k.ends
			}
			k.mu.Unlock()
		case errors.Is(err, ErrTaken) && !k.stillMine(ctx):
			k.lost("another relay has taken the lease")
			return
		default: // it may have been written: stillMine has found its revision
			k.renew = k.o.Now() + k.ttl/(renewals*renewals*2)
		}
	}
	if k.o.Now() >= k.ends-k.margin {
		k.lost("the lease could not be renewed in time: NATS does not answer")
	}
}

// stillMine says whether the record is that of this process, after a write of which
// nobody knew whether it was taken, and finds its revision. A store that does not answer
// or is behind leaves that open.
func (k *Keeper) stillMine(ctx context.Context) bool {
	value, revision, err := k.o.Store.Get(ctx)
	if err != nil || revision <= k.revision {
		return true
	}
	r, err := read(value)
	if err != nil || r != k.record {
		return false
	}
	k.revision = revision
	return true
}

// release gives the lease back, so that another relay need not wait for its end.
func (k *Keeper) release(reason string) {
	if !k.mine {
		return
	}
	r, revision := k.record, k.revision
	k.lost(reason)
	r.Holder, r.Run = "", ""
	ctx, cancel := context.WithTimeout(context.Background(), k.ttl/2)
	defer cancel()
	if revision, err := k.o.Store.Update(ctx, r.bytes(), revision); err == nil {
		k.seen, k.seenAt = revision, k.o.Now()
	}
}

// lost ends the lease here. When it returns nothing is being sent any more.
func (k *Keeper) lost(reason string) {
	k.stop()
	k.cancel()
	if k.begun != nil {
		<-k.begun
		k.begun = nil
	}
	k.mine = false
	k.known, k.seen, k.seenAt = true, k.revision, k.o.Now()
	term := k.record.Term
	_ = k.guarded("End", func() error {
		k.o.End(term)
		return nil
	})
	k.tell(State{Term: term, Reason: reason})
	k.Kick()
}

// tell tells a state that is new, or that Changed has failed to take in.
func (k *Keeper) tell(s State) error {
	k.mu.Lock()
	told := s == k.state && !k.untold
	k.state = s
	k.mu.Unlock()
	if told {
		return nil
	}
	err := k.guarded("Changed", func() error {
		k.o.Changed(s)
		return nil
	})
	k.untold = err != nil
	return err
}

func (k *Keeper) couldSend() (is bool) {
	_ = k.guarded("Ready", func() error {
		is = k.o.Ready()
		return nil
	})
	return is
}

// guarded calls something of Options. A panic in it is reported and becomes the error: it
// may cost the lease, never the process.
func (k *Keeper) guarded(what string, call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if k.o.Log != nil {
				k.o.Log.Error("what the lease calls has failed", "call", what, "panic", p, "stack", string(debug.Stack()))
			}
			err = fmt.Errorf("%s has failed: %v", what, p)
		}
	}()
	return call()
}
