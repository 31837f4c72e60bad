package desk

import (
	"context"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// Find gives the request with a key of a person; nil: the desk has none.
func (d *Desk) Find(ctx context.Context, subject, key string) *Ticket {
	id := ID{subject, key}
	t, err := d.inFlight(ctx, id)
	if t != nil || err != nil {
		return t
	}
	r, err := d.o.Store.Find(ctx, id)
	if r == nil && err == nil && d.o.Journal != nil {
		r, err = d.o.Journal.Find(ctx, id)
	}
	if err != nil {
		d.o.Log.Error("the store does not answer", "error", err)
		return nil
	}
	if r == nil {
		return nil
	}
	req, refusal := decode(r.Data)
	if refusal != nil {
		return nil
	}
	t, _ = d.recorded(ctx, r, r.Data, req)
	return t
}

// same gives the ticket of a request in flight.
func (d *Desk) same(ctx context.Context, id ID, data tkvlist.List) (*Ticket, *frame.Refusal) {
	t, err := d.inFlight(ctx, id)
	switch {
	case err != nil:
		return nil, &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "another submission of the same request is not taken in yet; ask again, once more does no harm"}
	case t != nil && !tkvlist.Equal(t.data, data):
		return nil, otherRequest()
	}
	return t, nil // nil: Put says whether the store has it
}

// inFlight gives the ticket of a request; nil: there is none. It waits for another
// submission of the same request until that is kept, or is not.
func (d *Desk) inFlight(ctx context.Context, id ID) (*Ticket, error) {
	for {
		d.mu.Lock()
		t := d.tickets[id]
		d.mu.Unlock()
		if t == nil || t.taken == nil {
			return t, nil
		}
		select {
		case <-t.taken:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		d.mu.Lock()
		still := d.tickets[id] == t
		d.mu.Unlock()
		if still {
			return t, nil
		}
	}
}

// recorded gives a ticket for what the store knows.
func (d *Desk) recorded(ctx context.Context, r *Record, data tkvlist.List, req commdn.Request) (*Ticket, *frame.Refusal) {
	if !tkvlist.Equal(r.Data, data) {
		return nil, otherRequest()
	}
	if _, journaled := d.store(req); journaled && r.Outcome == nil {
		return d.restore(ctx, r.Entry), nil
	}
	if r.Outcome == nil { // begun by another submission at this moment
		return nil, &frame.Refusal{Code: frame.RefusedBusy, Message: "the same request is just being taken in; ask again"}
	}
	return settledTicket(r.ID, req, Event{Answer: r.Outcome.Answer, Refusal: r.Outcome.Refusal}), nil
}

func otherRequest() *frame.Refusal {
	return &frame.Refusal{Code: frame.RefusedInvalid, Message: "the key was used for another request; each click needs a key of its own"}
}
