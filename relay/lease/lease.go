// Package lease says which of several relays sends on a link: one at a time, by a
// record in a store that they share. Each record has a revision, and a write names the
// revision that it replaces.
//
// A holder believes in its lease for TTL from the moment at which it began the write
// that the store took. The others wait for TTL from the moment at which they saw that
// write, which is later. So no clock has to show the same time as another one; they
// only have to run equally fast, and a margin makes up for what they differ.
package lease

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Store has the record of one lease. An error that is neither ErrNone nor ErrTaken
// says nothing of whether the write was taken.
type Store interface {
	// Get gives the record and its revision, or ErrNone. It may be behind.
	Get(ctx context.Context) (value []byte, revision uint64, err error)
	// Create writes the first record; ErrTaken where there is one.
	Create(ctx context.Context, value []byte) (revision uint64, err error)
	// Update replaces the record of a revision; ErrTaken where it has another one.
	Update(ctx context.Context, value []byte, revision uint64) (next uint64, err error)
}

var (
	// ErrNone says that there is no record.
	ErrNone = errors.New("there is no lease yet")
	// ErrTaken says that the record has changed meanwhile.
	ErrTaken = errors.New("the lease has changed meanwhile")
	// ErrNotHeld says that this process may not send.
	ErrNotHeld = errors.New("another relay may send on this link")
)

// BehindError is Begin's, where a term is no later than one that was there before: the
// store has lost its record. The next term is later.
type BehindError struct{ Term uint64 }

func (e *BehindError) Error() string {
	return fmt.Sprintf("the store of the lease is behind: there was a term %d already", e.Term)
}

// Record is what the store has.
type Record struct {
	Holder string `json:"holder"` // its name, for people; empty: nobody holds the lease
	Run    string `json:"run"`    // of this start of the holder
	Term   uint64 `json:"term"`   // grows by one with each holder
	TTL    int64  `json:"ttl_ms"` // after so long without a new revision others may take it
}

func (r Record) ttl() time.Duration { return time.Duration(r.TTL) * time.Millisecond }

func (r Record) bytes() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts and numbers
	}
	return b
}

func read(value []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(value, &r); err != nil {
		return r, fmt.Errorf("the record of the lease cannot be read: %w", err)
	}
	return r, nil
}

// Sender says who sends on a link.
type Sender uint8

// Who sends.
const (
	Nobody  Sender = iota // nobody, or nobody knows
	Another               // another relay, and this one stands by
	Self                  // this relay
)

// State is how a lease is, as this process knows it.
type State struct {
	Sender Sender
	Holder string // the name of who sends; empty for Nobody
	Term   uint64
	// Idle is, where this process has become the sender, how long nobody may have been
	// one before.
	Idle   time.Duration
	Reason string // why nobody sends
}

// Options say what a Keeper works with. All but Log are needed.
type Options struct {
	Name  string // of this relay
	Run   string // differs with each start of each process
	TTL   time.Duration
	Store Store
	// Now is a clock that only runs forward, and that counts the time in which the
	// machine was suspended, where it can: see Clock.
	Now func() time.Duration
	// Ready says whether this relay could send. One that cannot gives the lease back.
	Ready func() bool
	// Begin makes ready what the holder needs, such as the fences of what it writes. It
	// is called before the state is Self. ctx ends when the lease is lost meanwhile. With
	// an error the lease is given back.
	Begin func(ctx context.Context, term uint64, idle time.Duration) error
	// End is called after Self is over, before anything else is.
	End func(term uint64)
	// Changed is told each new state. No two of Begin's result, End and Changed are
	// at the same time.
	Changed func(State)
	Log     *slog.Logger
}

// The parts of TTL.
const (
	renewals = 4 // so often within TTL the holder writes
	looks    = 8 // so often the others look
	margins  = 6 // this part before the end the holder stops
)

// Margin is how long before its end a lease of this length is not used any more.
func Margin(ttl time.Duration) time.Duration { return ttl / margins }
