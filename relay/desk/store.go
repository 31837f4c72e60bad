package desk

import (
	"context"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// ID names a request: the key that its click made, within the person who
// clicked. Nobody else's key means the same request.
type ID struct{ Subject, Key string }

// Entry is a request as it is kept: enough to send it and to say who asked.
type Entry struct {
	ID    ID
	Name  string // of the person
	Door  string // by which they came
	From  string // their address
	Data  tkvlist.List
	Links []string  // it goes over these
	At    time.Time // of the submission
	// NotBefore is when it goes out, by the clock on the wall, unless it is undone
	// before; zero: at once.
	NotBefore time.Time
}

// Outcome is what became of a request: the last answer of OCS, or why there is
// none. One of the two is nil.
type Outcome struct {
	Answer  commdn.Message
	Refusal *frame.Refusal
}

// Undone says that who asked took the request back.
func (o Outcome) Undone() bool { return o.Refusal != nil && o.Refusal.Code == frame.RefusedUndone }

// Store keeps requests from submission to outcome, and their outcomes for a
// while, so that a key that comes twice is one request. Several goroutines may
// use it.
type Store interface {
	// Put keeps e before the desk sends it. Where the store has the ID already
	// it changes nothing and gives what it has; else known is nil. The error
	// means that nothing was kept.
	Put(ctx context.Context, e Entry) (known *Record, err error)
	// Settle keeps the outcome of an entry. A later one takes its place: OCS may
	// answer after it was given up.
	Settle(ctx context.Context, id ID, o Outcome) error
	// Find gives what the store has of a request; nil: nothing.
	Find(ctx context.Context, id ID) (*Record, error)
	// Durable says whether an entry survives a crash from Put on. Only then the
	// desk tells a client that a request is accepted.
	Durable() bool
}

// Record is an entry and its outcome; nil: there is none yet.
type Record struct {
	Entry
	Outcome *Outcome
}

// Bounds of what Memory keeps of settled requests.
const (
	memoryRecords = 10_000
	memoryAge     = 5 * time.Minute
)

// Memory is the Store that lives and dies with the process.
type Memory struct {
	now func() time.Time

	mu      sync.Mutex
	records map[ID]*Record
	settled []settled // the oldest first
}

type settled struct {
	id ID
	at time.Time
}

// NewMemory makes an empty store.
func NewMemory() *Memory {
	return &Memory{now: time.Now, records: make(map[ID]*Record)}
}

// Durable is false.
func (*Memory) Durable() bool { return false }

// Put keeps e.
func (m *Memory) Put(_ context.Context, e Entry) (*Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	if r := m.records[e.ID]; r != nil {
		known := *r
		return &known, nil
	}
	m.records[e.ID] = &Record{Entry: e}
	return nil, nil
}

// Settle keeps the outcome for memoryAge, and for as long as no memoryRecords
// others came later.
func (m *Memory) Settle(_ context.Context, id ID, o Outcome) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.records[id]
	if r == nil {
		return nil
	}
	if r.Outcome == nil {
		m.settled = append(m.settled, settled{id, m.now()})
	}
	r.Outcome = &o
	return nil
}

// Find gives what there is.
func (m *Memory) Find(_ context.Context, id ID) (*Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	r := m.records[id]
	if r == nil {
		return nil, nil
	}
	known := *r
	return &known, nil
}

// forget drops settled requests that are too old or too many.
func (m *Memory) forget() {
	gone := 0
	for i, s := range m.settled {
		if m.now().Sub(s.at) < memoryAge && len(m.settled)-i <= memoryRecords {
			break
		}
		delete(m.records, s.id)
		gone++
	}
	m.settled = m.settled[gone:]
}
