package cluster

import (
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// Bounds of the news. What is kept is what a relay remembers (package campaigns).
const (
	newsAge   = 12 * time.Hour
	newsBytes = 256 << 20
	mostNews  = 10_000 // that wait to be told to NATS
)

// Headers of a message with news.
const (
	headerTerm = "Commdn-Term"
	headerRun  = "Commdn-Run"
	gap        = "gap"
)

// outgoing is what is to be told to the others.
type outgoing struct {
	queue chan *nats.Msg

	mu     sync.Mutex
	term   uint64 // 0: this relay does not hold the lease
	missed bool   // something was not told
}

func (o *outgoing) begin(term uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.term, o.missed = term, false
}

// miss notes that something was not told, if it had to be.
func (o *outgoing) miss() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.missed = o.term != 0
}

func (o *outgoing) takeMissed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	missed := o.missed
	o.missed = false
	return missed
}

// Publish tells the other relays of an event, if this one holds the lease. It does not
// block.
func (l *Link) Publish(e *commdn.CampaignEvent) {
	data, err := tkvlist.AppendPack(nil, e.UserData())
	if err != nil {
		l.log.Error("news are not told to the other relays", "error", err)
		return
	}
	l.put(strings.Join([]string{strconv.Itoa(int(e.Origin)), strconv.Itoa(int(e.Campaign)), strconv.Itoa(int(e.Group))}, "."), data)
}

// PublishGap tells them that nothing is known since then.
func (l *Link) PublishGap(since time.Time) { l.put(gap, strconv.AppendInt(nil, since.Unix(), 10)) }

func (l *Link) put(of string, data []byte) {
	l.out.mu.Lock()
	term := l.out.term
	l.out.mu.Unlock()
	if term == 0 {
		return
	}
	m := &nats.Msg{Subject: subjectNews + l.token + "." + of, Data: data, Header: nats.Header{
		headerTerm: {strconv.FormatUint(term, 10)}, headerRun: {l.c.run},
	}}
	select {
	case l.out.queue <- m:
	default:
		l.out.miss()
	}
}

// publish is the goroutine that tells the others.
func (l *Link) publish() {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case m := <-l.out.queue:
			if _, err := l.c.js.PublishMsgAsync(m, jetstream.WithRetryAttempts(0)); err != nil {
				l.out.miss()
			}
		case <-look.C:
			if len(l.out.queue) == 0 && l.out.takeMissed() {
				l.log.Warn("other relays were not told all news: the status of each campaign group is asked for again")
				l.guarded("news that were missed", l.o.Missed)
			}
		}
	}
}

// unpublished is told of news that NATS has not taken.
func (c *Cluster) unpublished(_ jetstream.JetStream, m *nats.Msg, _ error) {
	of, ours := strings.CutPrefix(m.Subject, subjectNews)
	if !ours {
		return
	}
	name, _, _ := strings.Cut(of, ".")
	c.mu.Lock()
	l := c.links[name]
	c.mu.Unlock()
	if l != nil {
		l.out.miss()
	}
}

// follow takes in what other relays tell, beginning with what is still kept.
func (l *Link) follow() error {
	c, err := l.c.news.OrderedConsumer(l.ctx, jetstream.OrderedConsumerConfig{FilterSubjects: []string{subjectNews + l.token + ".>"}})
	if err != nil {
		return err
	}
	newest := uint64(0) // term
	following, err := c.Consume(func(m jetstream.Msg) {
		term, err := strconv.ParseUint(m.Headers().Get(headerTerm), 10, 64)
		if err != nil || term < newest || m.Headers().Get(headerRun) == l.c.run {
			return
		}
		newest = term // who held the lease before has nothing more to say
		meta, err := m.Metadata()
		if err != nil {
			return
		}
		l.guarded("news of another relay", func() {
			l.take(strings.TrimPrefix(m.Subject(), subjectNews+l.token+"."), m.Data(), meta.Timestamp)
		})
	})
	if err != nil {
		return err
	}
	l.stop = func() {
		following.Stop()
		select {
		case <-following.Closed():
		case <-time.After(time.Second): // NATS is away
		}
	}
	return nil
}

func (l *Link) take(of string, data []byte, at time.Time) {
	if of == gap {
		if since, err := strconv.ParseInt(string(data), 10, 64); err == nil {
			l.o.Gap(time.Unix(since, 0))
		}
		return
	}
	list, err := tkvlist.Unpack(data)
	if err == nil {
		var m commdn.Message
		if m, err = commdn.Decode(list); err == nil {
			if e, ok := m.(*commdn.CampaignEvent); ok {
				l.o.Note(e, at)
			}
			return
		}
	}
	l.log.Error("news of another relay are passed over", "error", err)
}

// guarded keeps a mistake in what is called from the process.
func (l *Link) guarded(what string, call func()) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error(what+" were not handled", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	call()
}
