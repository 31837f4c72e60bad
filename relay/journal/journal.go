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

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"commdn/relay/desk"
)

// Options say where the journal is. One of Folder and NATS is needed.
type Options struct {
	Folder string // made where it is not there; this process alone has it
	NATS   NATS   // a cluster in place of Folder

	InFlight int           // requests handed out at once for each set of links; the others wait on disk
	Keep     time.Duration // how long an outcome is known
	Log      *slog.Logger
}

// Bounds of what the journal waits for and keeps.
const (
	answerTime = 10 * time.Second // for JetStream to answer
	ackWait    = 30 * time.Second // after which a cluster hands out again what a lost process had
	window     = 2 * time.Minute  // in which a key that comes twice is one message, whatever else is known of it
	farewell   = 2 * time.Second  // for what is told to NATS at the end
	mostWork   = 2_000_000        // requests without an outcome
)

// The streams. Each entry is a message of work until it has its outcome. done has
// outcomes; state has what was put aside, attempts that began, the sets of links, and how
// windows for undo ended.
const (
	streamWork  = "COMMDN_WORK"
	streamDone  = "COMMDN_DONE"
	streamState = "COMMDN_STATE"

	subjectWork  = "commdn.work."  // ROUTE.ID
	subjectDone  = "commdn.done."  // ID
	subjectDead  = "commdn.dead."  // ID
	subjectTry   = "commdn.try."   // ID
	subjectRoute = "commdn.route." // ROUTE

	subjectWindow = "commdn.window." // ID
)

// Journal is the store. Several goroutines may use it.
type Journal struct {
	o    Options
	log  *slog.Logger
	data *folder // nil: a cluster has the data
	conn *nats.Conn
	js   jetstream.JetStream

	work, done, state jetstream.Stream
	before            uint64 // the last sequence of work that an earlier process may have begun
	accepted, again   atomic.Uint64

	ctx context.Context // ends what runs in the background
	end context.CancelFunc

	opening sync.Mutex // one consumer is made at a time

	mu      sync.Mutex
	do      func(desk.Job)
	dropped func(desk.ID, desk.Outcome)
	routes  map[string]jetstream.ConsumeContext
	jobs    map[uint64]*job // handed out, by sequence
	running sync.WaitGroup
}

var _ desk.Journal = (*Journal)(nil)

// Open opens the journal, or says why that cannot be done. What is damaged or of a
// newer version is not touched.
func Open(o Options) (*Journal, error) {
	j := &Journal{o: o, log: o.Log, routes: make(map[string]jetstream.ConsumeContext), jobs: make(map[uint64]*job)}
	j.ctx, j.end = context.WithCancel(context.Background())
	err := j.connect()
	if err == nil {
		err = j.streams()
	}
	if err != nil {
		j.Close()
		return nil, fmt.Errorf("journal: %w", err)
	}
	j.running.Go(j.heartbeat)
	return j, nil
}

func (j *Journal) connect() (err error) {
	if j.o.Folder != "" {
		if j.data, err = openFolder(j.o.Folder, j.log); err != nil {
			return err
		}
		j.conn, err = nats.Connect("", nats.InProcessServer(j.data.server), nats.MaxReconnects(-1))
	} else {
		j.conn, err = j.o.NATS.connect(j.log)
	}
	if err != nil {
		return err
	}
	j.js, err = jetstream.New(j.conn)
	return err
}

// streams makes the streams, or takes those that are there.
func (j *Journal) streams() error {
	ctx, cancel := context.WithTimeout(j.ctx, time.Minute)
	defer cancel()
	replicas := max(j.o.NATS.Replicas, 1)
	for _, s := range []struct {
		to   *jetstream.Stream
		conf jetstream.StreamConfig
	}{
		{&j.work, jetstream.StreamConfig{
			Name: streamWork, Subjects: []string{subjectWork + "*.*"}, Retention: jetstream.WorkQueuePolicy,
			MaxMsgs: mostWork, Discard: jetstream.DiscardNew, Duplicates: window,
		}},
		{&j.done, jetstream.StreamConfig{
			Name: streamDone, Subjects: []string{subjectDone + "*"}, MaxMsgsPerSubject: 1, MaxAge: j.o.Keep, Duplicates: time.Second,
		}},
		{&j.state, jetstream.StreamConfig{
			Name: streamState, Subjects: []string{subjectDead + "*", subjectTry + "*", subjectRoute + "*", subjectWindow + "*"}, MaxMsgsPerSubject: 1, Duplicates: time.Second,
		}},
	} {
		s.conf.Storage, s.conf.Replicas, s.conf.AllowDirect = jetstream.FileStorage, replicas, true
		var err error
		if *s.to, err = j.js.CreateOrUpdateStream(ctx, s.conf); err != nil {
			return fmt.Errorf("stream %s: %w", s.conf.Name, err)
		}
	}
	j.before = j.work.CachedInfo().State.LastSeq
	if j.data != nil {
		return j.data.made()
	}
	return nil
}

// Durable is true.
func (*Journal) Durable() bool { return true }

// Close ends the journal. What has no outcome stays in it. It may be called more
// than once.
func (j *Journal) Close() {
	j.end()
	j.mu.Lock()
	consumers := j.routes
	j.routes = nil
	j.mu.Unlock()
	for _, c := range consumers {
		if j.data == nil {
			c.Drain() // what has come is given back, so that others need not wait for it
		} else {
			c.Stop()
		}
		select {
		case <-c.Closed():
		case <-time.After(farewell): // NATS is away
		}
	}
	j.running.Wait()
	if j.conn != nil {
		_ = j.conn.FlushTimeout(farewell)
		j.conn.Close()
	}
	if j.data != nil {
		j.data.close()
	}
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
	work, err := j.work.Info(ctx)
	if err != nil {
		return c, fmt.Errorf("journal: %w", err)
	}
	c.Waiting = work.State.Msgs
	if c.Waiting > 0 {
		c.Oldest = max(time.Since(work.State.FirstTime), time.Nanosecond)
	}
	state, err := j.state.Info(ctx, jetstream.WithSubjectFilter(subjectDead+"*"))
	if err != nil {
		return c, fmt.Errorf("journal: %w", err)
	}
	c.Dead = uint64(len(state.State.Subjects))
	return c, nil
}

// missing says whether an error is that there is no such message.
func missing(err error) bool { return errors.Is(err, jetstream.ErrMsgNotFound) }
