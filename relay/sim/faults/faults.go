// Package faults holds what is to go wrong in a simulation, and says what does
// for each request and each UserEvent.
package faults

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/scenario"
)

// Active is a fault that is set.
type Active struct {
	ID int // from 1, in the order of Add
	scenario.Fault
	Happened int // how often
}

// spent says whether the fault has happened as often as it is to.
func (a *Active) spent() bool {
	times := a.Times
	if times == 0 && a.OfTServer() {
		times = 1
	}
	return times > 0 && a.Happened >= times
}

// Set is the faults of a simulation. Its methods may be called by several
// goroutines.
type Set struct {
	tserver atomic.Bool // a fault of T-Server is set

	mu     sync.Mutex
	random *rand.Rand
	last   int
	active []*entry
}

type entry struct {
	Active
	seen int // UserEvents since it was set or happened last
}

// New makes an empty set; seed is of shares and jitter.
func New(seed uint64) *Set {
	return &Set{random: rand.New(rand.NewPCG(seed, 0xfa17))}
}

// Add sets a fault that scenario.Fault.Check has passed and gives its ID. One
// of T-Server that is to happen at once is for tserver.Server.Do.
func (s *Set) Add(f scenario.Fault) (id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.active = append(s.active, &entry{Active: Active{ID: s.last, Fault: f}})
	s.changed()
	return s.last
}

// Remove takes a fault away and says whether there was one of that ID.
func (s *Set) Remove(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.active)
	s.active = slices.DeleteFunc(s.active, func(e *entry) bool { return e.ID == id })
	s.changed()
	return len(s.active) < before
}

// Clear takes all faults away.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active = nil
	s.changed()
}

// All gives the faults that are set, oldest first. It is never nil.
func (s *Set) All() []Active {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Active, len(s.active))
	for i, e := range s.active {
		all[i] = e.Active
	}
	return all
}

// Request is what an OCS knows of a request before it serves it; what it cannot
// read is zero.
type Request struct {
	OCS      commdn.DBID
	Type     commdn.MessageType
	Phone    string
	Campaign commdn.DBID
}

// Effect is what goes wrong with a request.
type Effect struct {
	Delay     time.Duration
	Silence   bool
	Refuse    commdn.ErrorCode // 0 is not
	Reorder   bool
	Drop      bool
	Duplicate bool
}

// Request says what goes wrong with a request; faults that do are counted.
func (s *Set) Request(r Request) (e Effect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.active {
		if f.OfTServer() || !f.means(r) || f.Percent > 0 && s.random.IntN(100) >= f.Percent {
			continue
		}
		f.Happened++
		switch f.Do {
		case scenario.Delay:
			e.Delay += f.Latency
			if f.Jitter > 0 {
				e.Delay += time.Duration(s.random.Int64N(int64(f.Jitter)))
			}
		case scenario.Silence:
			e.Silence = true
		case scenario.Refuse:
			e.Refuse = f.Error
		case scenario.Reorder:
			e.Reorder = true
		case scenario.Drop:
			e.Drop = true
		case scenario.Duplicate:
			e.Duplicate = true
		}
	}
	s.forget()
	return e
}

func (e *entry) means(r Request) bool {
	return (e.OCS == 0 || e.OCS == r.OCS) &&
		(e.Fault.Request == 0 || e.Fault.Request == r.Type) &&
		(e.Phone == "" || e.Phone == r.Phone) &&
		(e.Campaign == 0 || e.Campaign == r.Campaign)
}

// UserEvent counts a UserEvent that T-Server distributes and gives the faults of
// T-Server that happen with it. It costs next to nothing while none is set.
func (s *Set) UserEvent() (due []scenario.Fault) {
	if !s.tserver.Load() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.active {
		if !f.OfTServer() {
			continue
		}
		if f.seen++; f.seen >= f.After {
			f.seen = 0
			f.Happened++
			due = append(due, f.Fault)
		}
	}
	if due != nil {
		s.forget()
	}
	return due
}

// forget removes the faults that are spent. The caller holds s.mu.
func (s *Set) forget() {
	s.active = slices.DeleteFunc(s.active, func(e *entry) bool { return e.spent() })
	s.changed()
}

// changed is called with s.mu held.
func (s *Set) changed() {
	s.tserver.Store(slices.ContainsFunc(s.active, func(e *entry) bool { return e.OfTServer() }))
}
