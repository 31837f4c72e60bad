// Package journal keeps do-not-call and cancel requests on disk from "accepted" to
// their outcome, in streams of NATS JetStream: in a folder of this process, or on a
// NATS cluster. It is the desk's second store.
package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"commdn/relay/desk"
)

// Options say where the journal is. One of Folder and NATS is needed.
type Options struct {
	Folder string // made where it is not there; this process alone has it
	NATS   NATS   // a cluster in place of Folder

	InFlight int           // requests handed out at once for each set of links; the others wait on disk
	Keep     time.Duration // how long an outcome is known
	// Leased says that several relays share the journal, and that of each set of links
	// the requests go to the relay that holds the lease of the first link: see Hold.
	Leased bool
	Log    *slog.Logger
}

// AckWait is how long a cluster waits before it hands out again what a lost process had.
const AckWait = 30 * time.Second

// Bounds of what the journal waits for and keeps.
const (
	answerTime = 10 * time.Second // for JetStream to answer
	window     = 2 * time.Minute  // in which a key that comes twice is one message, whatever else is known of it
	farewell   = 2 * time.Second  // for what is told to NATS at the end
	mostWork   = 2_000_000        // requests without an outcome
)

// Journal is the store. Several goroutines may use it.
type Journal struct {
	o       Options
	log     *slog.Logger
	streams Streams

	before          uint64 // the last sequence of work that an earlier process may have begun
	accepted, again atomic.Uint64

	ctx context.Context // ends what runs in the background
	end context.CancelFunc

	opening sync.Mutex // one consumer is made at a time

	mu      sync.Mutex
	do      func(desk.Job)
	dropped func(desk.ID, desk.Outcome)
	routes  map[string]func() // with what stops its consumer
	jobs    map[uint64]*job   // handed out, by sequence
	gone    map[uint64]bool   // dropped by an administrator: one may be on its way here still
	terms   map[string]*term  // of the leases that this relay holds, by link; nil where nothing is leased
	known   map[string]string // sets of links, with the first link of each
	follows []func()          // with what ends them
	running sync.WaitGroup
}

var _ desk.Journal = (*Journal)(nil)

// Open opens the journal, or says why that cannot be done. What is damaged or of a
// newer version is not touched.
func Open(o Options) (*Journal, error) {
	s, err := openJetStreams(context.Background(), o)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return OpenOn(s, o)
}

// OpenOn opens the journal on streams that are there, and closes them with it. Folder
// and NATS of the options have no meaning then.
func OpenOn(s Streams, o Options) (*Journal, error) {
	j := &Journal{o: o, log: o.Log, streams: s, routes: make(map[string]func()), jobs: make(map[uint64]*job), gone: make(map[uint64]bool)}
	j.ctx, j.end = context.WithCancel(context.Background())
	ctx, cancel := context.WithTimeout(j.ctx, answerTime)
	defer cancel()
	st, err := s.State(ctx, streamWork)
	if err != nil {
		j.Close()
		return nil, fmt.Errorf("journal: %w", err)
	}
	j.before = st.LastSequence
	if o.Leased {
		if _, ok := s.(Fenced); !ok {
			j.Close()
			return nil, errors.New("journal: its streams know no fences")
		}
		j.terms, j.known = make(map[string]*term), make(map[string]string)
	}
	j.running.Go(j.heartbeat)
	return j, nil
}

// Durable is true.
func (*Journal) Durable() bool { return true }

// Close ends the journal. What has no outcome stays in it. It may be called more
// than once.
func (j *Journal) Close() {
	j.end()
	j.mu.Lock()
	consumers, follows := j.routes, j.follows
	j.routes, j.follows = nil, nil
	for link, t := range j.terms {
		delete(j.terms, link)
		close(t.lost)
	}
	j.mu.Unlock()
	for _, stop := range consumers {
		stop()
	}
	for _, stop := range follows {
		stop()
	}
	j.running.Wait()
	j.streams.Close()
}

// Counts is how the journal is.
type Counts struct {
	Waiting  uint64        // requests without an outcome
	Oldest   time.Duration // age of the one that was accepted first; 0: there is none
	Dead     uint64        // requests that were put aside
	Accepted uint64        // since this process started
	Again    uint64        // of what was handed out, that which had been before
}

// Counts says how the journal is now.
func (j *Journal) Counts(ctx context.Context) (Counts, error) {
	c := Counts{Accepted: j.accepted.Load(), Again: j.again.Load()}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	work, err := j.streams.State(ctx, streamWork)
	if err != nil {
		return c, fmt.Errorf("journal: %w", err)
	}
	c.Waiting = work.Messages
	if c.Waiting > 0 {
		c.Oldest = max(time.Since(work.First), time.Nanosecond)
	}
	dead, err := j.streams.Subjects(ctx, streamState, subjectDead+"*")
	if err != nil {
		return c, fmt.Errorf("journal: %w", err)
	}
	c.Dead = uint64(len(dead))
	return c, nil
}
