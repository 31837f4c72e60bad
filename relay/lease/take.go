package lease

import (
	"context"
	"errors"
	"fmt"
	"time"
)

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
	if !k.couldSend() {
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
	go func() {
		begun <- k.guarded("Begin", func() error { return k.o.Begin(beginning, r.Term, idle) })
	}()
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
		k.unfit(err)
		return
	case k.o.Now() >= k.ends-k.margin:
		k.lost("it took too long to begin to send")
		return
	}
	k.mu.Lock()
	k.until = k.ends
	k.mu.Unlock()
	if err := k.tell(State{Sender: Self, Holder: k.o.Name, Term: k.record.Term, Idle: k.idle}); err != nil {
		k.unfit(err) // who does not know that it holds the lease sends nothing
	}
}

// unfit gives the lease back, and leaves the next one to others.
func (k *Keeper) unfit(err error) {
	if k.o.Log != nil {
		k.o.Log.Error("the lease is given back: this relay could not begin to send", "error", err)
	}
	k.notYet = k.o.Now() + k.ttl
	k.release("the relay that took the lease could not begin to send: " + err.Error())
}
