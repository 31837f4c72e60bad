package lease

import (
	"context"
	"errors"
	"fmt"
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
	case k.mine && !k.o.Ready():
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

// look sees who holds the lease, and takes it where nobody does.
func (k *Keeper) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, k.ttl/2)
	defer cancel()
	value, revision, err := k.o.Store.Get(ctx)
	now := k.o.Now()
	var r Record
	switch {
	case errors.Is(err, ErrNone):
		err = nil
	case err == nil:
		r, err = read(value)
	}
	if err != nil {
		if now-k.looked >= k.ttl {
			k.tell(State{Reason: fmt.Sprintf("it is not known which relay may send: %v", err)})
		}
		return
	}
	k.looked = now
	first := !k.known && revision == 0 // relay of all: it need not wait
	if !k.known || revision != k.seen {
		k.seenAt = now
	}
	k.known, k.seen = !first, revision
	quiet := now - k.seenAt
	switch {
	case revision != 0 && r.Holder == "":
		k.take(ctx, r, revision, 0)
	case first:
		k.take(ctx, r, 0, 0)
	case r.Run == k.o.Run: // a write of which nobody knew whether it was taken
		k.take(ctx, r, revision, quiet)
	case quiet >= max(r.ttl(), k.ttl): // a record that is gone counts as one that nobody renews
		k.take(ctx, r, revision, quiet)
	default:
		k.tell(State{Sender: Another, Holder: r.Holder, Term: r.Term})
	}
}

// take takes a lease that nobody holds, if this relay can send.
func (k *Keeper) take(ctx context.Context, before Record, revision uint64, idle time.Duration) {
	if !k.o.Ready() {
		k.tell(State{Term: before.Term, Reason: "no relay that has a link to T-Server may send"})
		return
	}
	began := k.o.Now()
	if began < k.notYet {
		return
	}
	r := Record{Holder: k.o.Name, Run: k.o.Run, Term: before.Term + 1, TTL: k.ttl.Milliseconds()}
	var err error
	if revision == 0 {
		revision, err = k.o.Store.Create(ctx, r.bytes())
	} else {
		revision, err = k.o.Store.Update(ctx, r.bytes(), revision)
	}
	if err != nil {
		if !errors.Is(err, ErrTaken) && k.o.Log != nil {
			k.o.Log.Warn("the lease could not be taken", "error", err)
		}
		return
	}
	k.mine, k.record, k.revision, k.idle = true, r, revision, idle
	k.ends, k.renew = began+k.ttl, began+k.ttl/renewals
	begun := make(chan error, 1)
	k.begun = begun
	ctx, k.cancel = context.WithCancel(context.WithoutCancel(ctx))
	beginning := ctx
	go func() { begun <- k.o.Begin(beginning, r.Term, idle) }()
}

// ready is the end of Begin.
func (k *Keeper) ready(err error) {
	k.begun = nil
	var behind *BehindError
	switch {
	case errors.As(err, &behind):
		k.record.Term = behind.Term // the next term is one more
		k.release(err.Error())
		return
	case err != nil:
		if k.o.Log != nil {
			k.o.Log.Error("the lease is given back: this relay could not begin to send", "error", err)
		}
		k.notYet = k.o.Now() + k.ttl
		k.release("the relay that took the lease could not begin to send: " + err.Error())
		return
	case k.o.Now() >= k.ends-k.margin:
		k.lost("it took too long to begin to send")
		return
	}
	k.mu.Lock()
	k.until = k.ends
	k.mu.Unlock()
	k.tell(State{Sender: Self, Holder: k.o.Name, Term: k.record.Term, Idle: k.idle})
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
	k.o.End(term)
	k.tell(State{Term: term, Reason: reason})
	k.Kick()
}

func (k *Keeper) tell(s State) {
	k.mu.Lock()
	same := s == k.state
	k.state = s
	k.mu.Unlock()
	if !same {
		k.o.Changed(s)
	}
}
