// Package audit keeps who asked for what, and what became of it, in a stream of NATS
// JetStream beside the journal: append-only, each entry with the hash of the one before,
// so that what is changed by hand is found.
package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/time/rate"

	"commdn/relay/desk"
	"commdn/relay/internal/insist"
	"commdn/relay/journal"
)

// Options say where the audit is, and for how long.
type Options struct {
	Share journal.Share
	// Waiting gives the requests in the journal without an outcome, see
	// journal.Journal.Waiting.
	Waiting func(ctx context.Context, after uint64, most int) ([]journal.Waiting, uint64, error)
	Relay   string             // name of this relay in the entries
	Keep    time.Duration      // entries that are older are removed
	Key     ed25519.PrivateKey // signs checkpoints; nil: there are none
	Log     *slog.Logger
}

// The streams. Blocks have the chain; those in which a person was erased are in the
// second one, by the sequence of their first entry.
const (
	streamBlocks  = "COMMDN_AUDIT"
	streamErased  = "COMMDN_AUDIT_ERASED"
	subjectBlock  = "commdn.audit.block"
	subjectErased = "commdn.audit.erased." // SEQUENCE.MESSAGE, that of the block that it replaces
)

const (
	answerTime = 10 * time.Second // for JetStream to answer
	lookEvery  = time.Second      // for requests that wait in the journal
	markEvery  = 10 * time.Second // where the chain ends
)

// Log is the audit. Several goroutines may use it.
type Log struct {
	o              Options
	log            *slog.Logger
	js             jetstream.JetStream
	blocks, erased jetstream.Stream

	queue    chan *pending
	closing  chan struct{}
	written  chan struct{} // closed when nothing is written any more
	close    func()
	running  sync.WaitGroup
	failures atomic.Uint64
	denied   allowance
	started  started

	mu     sync.Mutex
	head   head   // the end of the chain, as far as this relay knows
	marked uint64 // sequence that the folder's note has

	changing sync.RWMutex // while somebody is erased, or entries are removed, nobody reads
}

var _ desk.Audit = (*Log)(nil)

// head is the end of a chain.
type head struct {
	chain   [16]byte
	seq     uint64
	hash    digest
	mark    uint64
	message uint64 // sequence of its block in the stream
	at      time.Time
}

// Open opens the audit, or begins its chain.
func Open(ctx context.Context, o Options) (*Log, error) {
	l := &Log{o: o, log: o.Log, js: o.Share.JetStream, queue: make(chan *pending, 4096), closing: make(chan struct{}), written: make(chan struct{})}
	l.denied.rate = rate.NewLimiter(deniedRate, deniedBurst)
	l.close = sync.OnceFunc(func() { close(l.closing) })
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := l.open(ctx); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	l.running.Go(l.write)
	l.running.Go(l.follow)
	return l, nil
}

// Close ends the audit, after it has written what it was told. The journal's
// JetStream must still be there.
func (l *Log) Close() {
	l.close()
	l.running.Wait()
	l.markSoon()
}

func (l *Log) open(ctx context.Context) error {
	marked, err := l.marker()
	if err != nil {
		return err
	}
	if marked.chain != "" {
		if _, err := insist.Until(ctx, func(ctx context.Context) (jetstream.Stream, error) { return l.js.Stream(ctx, streamBlocks) }); err != nil {
			return fmt.Errorf("the chain %s, which was begun here, cannot be opened: %w; restore the folder from a copy, or take the file %s away: then a new chain begins, and nothing proves what the old one had", marked.chain, err, l.markerFile())
		}
	}
	for _, s := range []struct {
		to   *jetstream.Stream
		conf jetstream.StreamConfig
	}{
		{&l.blocks, jetstream.StreamConfig{Name: streamBlocks, Subjects: []string{subjectBlock}}},
		{&l.erased, jetstream.StreamConfig{Name: streamErased, Subjects: []string{subjectErased + "*.*"}}},
	} {
		s.conf.Storage, s.conf.Replicas, s.conf.Duplicates = jetstream.FileStorage, l.o.Share.Replicas, time.Second
		if *s.to, err = insist.Until(ctx, func(ctx context.Context) (jetstream.Stream, error) { return l.js.CreateOrUpdateStream(ctx, s.conf) }); err != nil {
			return fmt.Errorf("stream %s: %w", s.conf.Name, err)
		}
	}
	h, err := insist.Until(ctx, l.end)
	l.started = started{time.Now(), h.at}
	switch chain := fmt.Sprintf("%x", h.chain); {
	case err != nil:
	case h.seq == 0:
		h, err = l.begin(ctx, marked.chain)
	case marked.chain != "" && marked.chain != chain:
		err = fmt.Errorf("the folder holds the chain %s, and %s was begun here: entries were exchanged; restore the folder from a copy", chain, marked.chain)
	default:
		h, err = l.whole(ctx, h, marked)
	}
	if err != nil {
		return err
	}
	l.head = h
	if err := l.mark(h); err != nil && marked.chain == "" {
		return err
	} else if err != nil {
		l.log.Warn("the audit cannot note where its chain ends", "error", err)
	}
	return nil
}

// end finds the end of the chain. The sequence is 0 where there is no chain.
func (l *Log) end(ctx context.Context) (head, error) {
	m, err := l.blocks.GetLastMsgForSubject(ctx, subjectBlock)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		info, err := l.blocks.Info(ctx)
		if err == nil && info.State.LastSeq > 0 {
			err = fmt.Errorf("the stream %s has had %d blocks and has none: they were removed by hand; restore it from a copy", streamBlocks, info.State.LastSeq)
		}
		return head{}, err
	}
	if err != nil {
		return head{}, err
	}
	b, err := decode(m.Data)
	if err != nil {
		return head{}, fmt.Errorf("the last block of the chain: %w", err)
	}
	return b.end(m.Sequence, m.Time), nil
}

// end gives the end of a block.
func (b *block) end(message uint64, at time.Time) head {
	r := &b.records[len(b.records)-1]
	return head{chain: b.chain, seq: r.seq, hash: b.hash(r), mark: b.mark, message: message, at: at}
}

// begin begins a chain. Another relay may just do the same: then that chain is taken.
func (l *Log) begin(ctx context.Context, marked string) (head, error) {
	if marked != "" {
		return head{}, fmt.Errorf("the chain %s, which was begun here, has no entries; restore the folder from a copy", marked)
	}
	b := block{}
	_, _ = rand.Read(b.chain[:])
	e := &Entry{Kind: Begun, Relay: l.o.Relay, At: utc(time.Now()), Text: fmt.Sprintf("chain %x", b.chain)}
	if _, err := b.add(e, 1, digest{}); err != nil {
		return head{}, err
	}
	l.log.Info("a chain of the audit begins", "chain", fmt.Sprintf("%x", b.chain))
	_, err := l.js.Publish(ctx, subjectBlock, b.encode(), jetstream.WithExpectLastSequence(0), jetstream.WithRetryAttempts(0))
	if err != nil && !moved(err) {
		return head{}, err
	}
	return l.end(ctx)
}

// whole looks whether something is missing at the end of the chain, and writes that
// into it.
func (l *Log) whole(ctx context.Context, h head, marked marker) (head, error) {
	info, err := l.blocks.Info(ctx)
	if err == nil && info.State.LastSeq != h.message {
		h, err = l.end(ctx) // another relay may just have written
	}
	if err != nil {
		return h, err
	}
	text := marked.missing(h)
	if h.message < info.State.LastSeq {
		text = fmt.Sprintf("%d blocks behind entry %d were removed by hand", info.State.LastSeq-h.message, h.seq)
	}
	if text == "" {
		return h, nil
	}
	l.log.Error("the audit lacks its end", "last", h.seq, "what", text)
	b := &block{chain: h.chain, mark: h.mark}
	e := &Entry{Kind: Gap, Relay: l.o.Relay, At: utc(time.Now()), Text: text}
	if _, err := b.add(e, h.seq+1, h.hash); err != nil {
		return h, err
	}
	if _, err := l.js.Publish(ctx, subjectBlock, b.encode(), jetstream.WithExpectLastSequence(max(info.State.LastSeq, h.message))); err != nil && !moved(err) {
		return h, err
	}
	return l.end(ctx)
}

// moved says whether an error of a publication is that the chain has grown.
func moved(err error) bool {
	var no *jetstream.APIError
	return errors.As(err, &no) && no.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}

// now gives the end of the chain, as far as this relay knows.
func (l *Log) now() head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head
}

// Counts is how the audit is.
type Counts struct {
	Chain    string    // 32 hexadecimal digits
	Last     uint64    // sequence of the last entry
	At       time.Time // when it was written
	Failures uint64    // entries that could not be written since the start
	Signs    bool      // there is a key for checkpoints
}

// Counts says how the audit is now.
func (l *Log) Counts() Counts {
	h := l.now()
	return Counts{fmt.Sprintf("%x", h.chain), h.seq, h.at, l.failures.Load(), l.o.Key != nil}
}

// same says whether the message at a sequence of the stream is this one.
func (l *Log) same(ctx context.Context, seq uint64, data []byte) (bool, error) {
	m, err := l.blocks.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return bytes.Equal(m.Data, data), nil
}
