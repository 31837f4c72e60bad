// Package cluster is what several relays on one CommDN share over NATS: which of them
// sends on a link, the requests that one has the other send, and what OCS says about
// campaigns.
package cluster

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/internal/insist"
	"commdn/relay/lease"
	"commdn/relay/link"
	"commdn/relay/tserver"
)

// Options say what a Cluster works with. All but Now are needed.
type Options struct {
	JetStream jetstream.JetStream // that of the journal
	Name      string              // of this relay; differs from those of the others
	Lease     time.Duration       // how long a lease lasts that is not renewed
	Replicas  int                 // of what is kept
	Journal   Journal
	Log       *slog.Logger
	Now       func() time.Duration // nil: lease.Clock
}

// Journal hands out the requests of a link while this relay holds its lease.
type Journal interface {
	Hold(ctx context.Context, link string, term uint64) error
	Lose(link string)
}

// Cluster is this relay's part. Its links share the connection to NATS.
type Cluster struct {
	o    Options
	run  string // of this process
	conn *nats.Conn
	js   jetstream.JetStream // with this package's own errors of publications
	kv   jetstream.KeyValue
	news jetstream.Stream

	mu    sync.Mutex
	links map[string]*Link // by token
}

const (
	bucket     = "COMMDN_LEASE"
	streamNews = "COMMDN_NEWS"

	subjectNews = "commdn.news." // LINK.OCS.CAMPAIGN.GROUP, or LINK.gap
	subjectAsk  = "commdn.ask."  // LINK.TERM
)

// New makes the bucket and the stream, or takes those that are there.
func New(o Options) (*Cluster, error) {
	if o.Now == nil {
		o.Now = lease.Clock
	}
	c := &Cluster{o: o, run: rand.Text(), conn: o.JetStream.Conn(), links: make(map[string]*Link)}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var err error
	if c.js, err = jetstream.New(c.conn, jetstream.WithPublishAsyncErrHandler(c.unpublished)); err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	if c.kv, err = insist.Until(ctx, func(ctx context.Context) (jetstream.KeyValue, error) {
		return c.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: bucket, Description: "which relay sends on a link", History: 1, Storage: jetstream.FileStorage, Replicas: o.Replicas,
		})
	}); err != nil {
		return nil, fmt.Errorf("cluster: bucket %s: %w", bucket, err)
	}
	if c.news, err = insist.Until(ctx, func(ctx context.Context) (jetstream.Stream, error) {
		return c.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name: streamNews, Description: "what OCS says about campaigns", Subjects: []string{subjectNews + ">"},
			MaxMsgsPerSubject: frame.MaxChanges, MaxAge: newsAge, MaxBytes: newsBytes, Storage: jetstream.MemoryStorage, Replicas: o.Replicas,
		})
	}); err != nil {
		return nil, fmt.Errorf("cluster: stream %s: %w", streamNews, err)
	}
	return c, nil
}

// token gives the name of a link in subjects and keys.
func token(link string) string {
	sum := sha256.Sum256([]byte(link))
	return hex.EncodeToString(sum[:8])
}

// LinkOptions say what a Link works with. All are needed.
type LinkOptions struct {
	Name          string
	Ready         func() bool // the link to T-Server is up
	Ask           func(context.Context, link.Call) *frame.Refusal
	AnswerTimeout time.Duration // of OCS
	// Changed is told who sends, Self only when everything is ready for that. Nobody
	// may have been the sender for s.Idle before.
	Changed func(s lease.State)
	// Note takes in an event about a campaign that another relay heard, Gap that nothing
	// is known since then. Missed says that others were not told everything.
	Note   func(e *commdn.CampaignEvent, at time.Time)
	Gap    func(since time.Time)
	Missed func()
}

// Joiner has links that several relays share. A Cluster is one.
type Joiner interface {
	// Join makes a link that does nothing until Start.
	Join(LinkOptions) Shared
}

// Shared is a link that several relays have. A Link is one.
type Shared interface {
	Start() error
	Close()
	Kick()
	State() lease.State
	Fence() (time.Duration, func(), error)
	Ask(context.Context, link.Call) *frame.Refusal
	Publish(*commdn.CampaignEvent)
	PublishGap(since time.Time)
}

var (
	_ Joiner = (*Cluster)(nil)
	_ Shared = (*Link)(nil)
)

// Link is one link that several relays have over NATS.
type Link struct {
	c      *Cluster
	o      LinkOptions
	token  string
	log    *slog.Logger
	keeper *lease.Keeper
	out    outgoing

	ctx     context.Context
	end     context.CancelFunc
	running sync.WaitGroup

	asked *nats.Subscription // while this relay holds the lease; of the keeper
	slots chan struct{}      // requests of other relays that are being sent
	stop  func()             // ends following the news
}

// Join makes a Link that does nothing until Start.
func (c *Cluster) Join(o LinkOptions) Shared {
	l := &Link{c: c, o: o, token: token(o.Name), log: c.o.Log.With("link", o.Name), slots: make(chan struct{}, mostAsked)}
	l.ctx, l.end = context.WithCancel(context.Background())
	l.out.queue = make(chan *nats.Msg, mostNews)
	l.keeper = lease.New(lease.Options{
		Name: c.o.Name, Run: c.run, TTL: c.o.Lease, Store: store{c.kv, l.token}, Now: c.o.Now,
		Ready: o.Ready, Begin: l.begin, End: l.over, Changed: l.changed, Log: l.log,
	})
	c.mu.Lock()
	c.links[l.token] = l
	c.mu.Unlock()
	return l
}

// Start follows the news of other relays and reaches for the lease, in the background.
func (l *Link) Start() error {
	if err := l.follow(); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	l.running.Go(l.publish)
	l.running.Go(func() { l.keeper.Run(l.ctx) })
	return nil
}

// Close gives the lease back. When it returns, nothing of LinkOptions is called any more.
func (l *Link) Close() {
	l.end()
	if l.stop != nil {
		l.stop()
	}
	l.running.Wait()
}

// Kick has the lease looked at: the link to T-Server has come up or gone down.
func (l *Link) Kick() { l.keeper.Kick() }

// State says who sends.
func (l *Link) State() lease.State { return l.keeper.State() }

// Fence is for tserver.Options.
func (l *Link) Fence() (time.Duration, func(), error) {
	left, leave, err := l.keeper.Enter()
	if err != nil {
		err = fmt.Errorf("%w: %w", tserver.ErrFenced, err)
	}
	return left, leave, err
}

// begin makes ready what the one that sends needs.
func (l *Link) begin(ctx context.Context, term uint64, idle time.Duration) error {
	if err := l.c.o.Journal.Hold(ctx, l.o.Name, term); err != nil {
		return err
	}
	if err := l.serve(term); err != nil {
		l.c.o.Journal.Lose(l.o.Name)
		return err
	}
	l.out.begin(term)
	l.PublishGap(time.Now().Add(-idle))
	return nil
}

// over is the end of what begin has begun.
func (l *Link) over(uint64) {
	if l.asked != nil {
		_ = l.asked.Unsubscribe()
		l.asked = nil
	}
	l.out.begin(0)
	l.c.o.Journal.Lose(l.o.Name)
}

func (l *Link) changed(s lease.State) {
	switch s.Sender {
	case lease.Self:
		l.log.Info("this relay sends on the link", "term", s.Term, "nobody_for", s.Idle.Round(time.Millisecond))
	case lease.Another:
		l.log.Info("another relay sends on the link, and this one stands by", "relay", s.Holder, "term", s.Term)
	default:
		l.log.Warn("no relay sends on the link", "reason", s.Reason)
	}
	l.o.Changed(s)
}

// store has a lease in the bucket.
type store struct {
	kv  jetstream.KeyValue
	key string
}

func (s store) Get(ctx context.Context) ([]byte, uint64, error) {
	e, err := s.kv.Get(ctx, s.key)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound), errors.Is(err, jetstream.ErrKeyDeleted):
		return nil, 0, lease.ErrNone
	case err != nil:
		return nil, 0, err
	}
	return e.Value(), e.Revision(), nil
}

func (s store) Create(ctx context.Context, value []byte) (uint64, error) {
	revision, err := s.kv.Create(ctx, s.key, value)
	return revision, taken(err)
}

func (s store) Update(ctx context.Context, value []byte, revision uint64) (uint64, error) {
	next, err := s.kv.Update(ctx, s.key, value, revision)
	return next, taken(err)
}

// otherOnItsWay is what a cluster answers while another write of the key is on its way.
const otherOnItsWay = 10164

// taken makes lease.ErrTaken of JetStream's words for it.
func taken(err error) error {
	var no *jetstream.APIError
	if errors.Is(err, jetstream.ErrKeyExists) ||
		errors.As(err, &no) && (no.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || no.ErrorCode == otherOnItsWay) {
		return lease.ErrTaken
	}
	return err
}
