package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"commdn/relay/journal"
)

// store is a model of JetStream: streams on a disk that forgets what was not
// synced, in a folder of one relay; or on a cluster that several reach through the
// network, where a message that is kept stays.
type store struct {
	w       *world
	cluster bool
	random  *rand.Rand

	mu        sync.Mutex
	streams   map[string]*stream
	consumers map[string]*consumer // on a cluster
	followers []*follower
}

type stream struct {
	conf    journal.StreamConfig
	writing chan struct{} // one writer at a time; no mutex, as a write takes its time
	last    uint64
	kept    []*message
	ids     map[string]time.Time
	loose   []change // not synced, the oldest first
}

type message struct {
	journal.Message
	id     string
	at     time.Time
	synced bool // else nobody sees it yet
}

// change is something that is not synced: a message that came or went.
type change struct {
	came, went *message
}

// keep is how long outcomes are kept: longer than any world lasts.
const keep = 24 * time.Hour

// workStream is the name of the stream with requests that have no outcome.
var workStream = func() string {
	for _, c := range journal.Layout(keep) {
		if c.Queue {
			return c.Name
		}
	}
	panic("no stream is a queue")
}()

func (w *world) store(name string, cluster bool) *store {
	s := &store{w: w, cluster: cluster, random: random(w.plan.seed, name), streams: make(map[string]*stream), consumers: make(map[string]*consumer)}
	for _, c := range journal.Layout(keep) {
		if cluster { // the fences of a stream are in it
			c.Subjects = append(c.Subjects, "commdn.fence."+strings.ToLower(strings.TrimPrefix(c.Name, "COMMDN_"))+".*.*")
		}
		s.streams[c.Name] = &stream{conf: c, writing: make(chan struct{}, 1), ids: make(map[string]time.Time)}
	}
	return s
}

// of gives the stream that takes messages with a subject.
func (s *store) of(subject string) *stream {
	for _, one := range s.streams {
		for _, p := range one.conf.Subjects {
			if fits(p, subject) {
				return one
			}
		}
	}
	panic("no stream takes " + subject)
}

// fits says whether a subject fits a pattern.
func fits(pattern, subject string) bool {
	for more := true; more; {
		var want, have string
		var also bool
		want, pattern, more = strings.Cut(pattern, ".")
		have, subject, also = strings.Cut(subject, ".")
		if more != also || want != "*" && want != have {
			return false
		}
	}
	return true
}

// write puts a message into a stream. What is written is synced when synced returns.
func (s *store) write(subject, id string, data []byte) (duplicate bool, m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.of(subject)
	if at, known := st.ids[id]; id != "" && known && time.Since(at) < st.conf.Window && s.w.planted != ForgottenKey {
		return true, nil
	}
	st.last++
	m = &message{Message: journal.Message{Subject: subject, Sequence: st.last, Data: data}, id: id, at: time.Now()}
	if id != "" {
		st.ids[id] = m.at
	}
	st.kept = append(st.kept, m)
	st.loose = append(st.loose, change{came: m})
	return false, m
}

// synced notes that everything of a stream so far is on disk, and hands out what came.
func (s *store) synced(m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.of(m.Subject)
	for _, c := range st.loose {
		if c.came != nil {
			s.show(st, c.came)
		}
	}
	st.loose = nil
	s.handOut()
}

// show lets a message be seen. s.mu is held.
func (s *store) show(st *stream, m *message) {
	if !m.synced && st.conf.Queue {
		s.w.ledger.kept(m.Data, m.id)
	}
	if !m.synced && strings.HasPrefix(m.Subject, windowPrefix) && undoes(m.Subject, m.Data) {
		s.w.ledger.decided(strings.TrimPrefix(m.Subject, windowPrefix))
	}
	for _, f := range s.followers {
		if !m.synced && f.stream == st.conf.Name && fits(f.pattern, m.Subject) {
			f.hear(m.Message)
		}
	}
	if !m.synced && st.conf.Latest {
		for _, old := range slices.Clone(st.kept) {
			if old.Subject == m.Subject && old.Sequence < m.Sequence {
				st.remove(old)
			}
		}
	}
	m.synced = true
}

// remove takes a message out of a stream. That is not synced.
func (st *stream) remove(m *message) {
	if i := slices.Index(st.kept, m); i >= 0 {
		st.kept = slices.Delete(st.kept, i, i+1)
		st.loose = append(st.loose, change{went: m})
	}
}

// crash is what a crash leaves on the disk: all that was written, or, where the power
// failed, what was synced and some of what came after it.
func (s *store) crash(how ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range s.names() {
		st := s.streams[name]
		left := len(st.loose)
		if how == power && left > 0 {
			left = s.random.IntN(left+1) * s.random.IntN(2)
		}
		for _, c := range slices.Backward(st.loose[left:]) {
			if c.came != nil {
				st.kept = slices.DeleteFunc(st.kept, func(m *message) bool { return m == c.came })
				st.last--
				s.w.note("disk", "forgets message %d of %s", c.came.Sequence, name)
				if c.came.synced && st.conf.Queue {
					s.w.ledger.lost(c.came.Data)
				}
			} else {
				st.kept = append(st.kept, c.went)
			}
		}
		slices.SortFunc(st.kept, func(a, b *message) int { return int(a.Sequence) - int(b.Sequence) })
		st.ids = make(map[string]time.Time) // made anew from what is there
		st.writing = make(chan struct{}, 1)
		for _, m := range slices.Clone(st.kept) {
			s.show(st, m)
			if m.id != "" {
				st.ids[m.id] = m.at
			}
		}
		st.loose = nil
	}
}

func (s *store) names() []string {
	names := make([]string, 0, len(s.streams))
	for name := range s.streams {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// all gives the messages that fit a pattern and can be seen. s.mu is held.
func (s *store) all(name, pattern string) []*message {
	var all []*message
	for _, m := range s.streams[name].kept {
		if m.synced && fits(pattern, m.Subject) {
			all = append(all, m)
		}
	}
	return all
}

// user is what one process has of a store: journal.Streams.
type user struct {
	s    *store
	host *host

	dice  *dice
	local map[string]*consumer // of a folder: they end with the process
}

func (s *store) user(h *host) *user {
	return &user{s: s, host: h, dice: newDice(h.lots.of(nats).Uint64(), nats), local: make(map[string]*consumer)}
}

var errAway = errors.New("nats: no response from server")

// there goes to the store, back returns from it. On the way everything can stop.
func (c *user) there(ctx context.Context, what string) error {
	return c.way(ctx, c.host.name, nats, what)
}
func (c *user) back(ctx context.Context, what string) error {
	return c.way(ctx, nats, c.host.name, what+" back")
}

func (c *user) way(ctx context.Context, from, to, what string) error {
	if err := c.host.pass(); err != nil {
		sleep(ctx, time.Second) // nothing of the process counts any more, but it must not run in circles
		return err
	}
	if _, limited := ctx.Deadline(); !limited { // as JetStream does
		var done context.CancelFunc
		ctx, done = context.WithTimeout(ctx, 5*time.Second)
		defer done()
	}
	if c.s.cluster {
		at := c.s.w.arrival(from, to, c.dice.of(what))
		if !sleep(ctx, time.Until(at)) {
			return fmt.Errorf("%w: %w", errAway, ctx.Err())
		}
	}
	return c.host.pass()
}

func (c *user) Publish(ctx context.Context, subject, id string, data []byte) (duplicate bool, err error) {
	duplicate, _, err = c.publish(ctx, subject, id, data, "")
	return duplicate, err
}

func (c *user) First(ctx context.Context, stream, subject string, data []byte) (there *journal.Message, err error) {
	_, there, err = c.publish(ctx, subject, "", data, stream)
	return there, err
}

// publish keeps a message, unless stream, where it is given, has one with the subject.
func (c *user) publish(ctx context.Context, subject, id string, data []byte, stream string) (duplicate bool, there *journal.Message, err error) {
	if err := c.there(ctx, subject); err != nil {
		return false, nil, err
	}
	w := c.s.w
	if !c.s.cluster && w.plan.full.after(w.now()) != w.now() {
		return false, nil, fmt.Errorf("%w: no space left on device", journal.ErrRefused)
	}
	if w.planted == LostOutcome && strings.HasPrefix(subject, "commdn.done.") {
		return false, nil, nil
	}
	c.s.mu.Lock()
	writing := c.s.of(subject).writing
	c.s.mu.Unlock()
	select {
	case writing <- struct{}{}:
	case <-c.host.dead:
		return false, nil, errDead
	}
	done := func() { <-writing }
	if stream != "" {
		c.s.mu.Lock()
		if all := c.s.all(stream, subject); len(all) > 0 {
			m := all[len(all)-1].Message
			there = &m
		}
		c.s.mu.Unlock()
		if there != nil {
			done()
			return false, there, c.back(ctx, subject)
		}
	}
	duplicate, m := c.s.write(subject, id, data)
	if duplicate {
		done()
		return true, nil, c.back(ctx, subject)
	}
	switch {
	case w.planted == NoSync, w.planted == LostUndo && undoes(subject, data):
		c.s.mu.Lock()
		c.s.show(c.s.of(subject), m) // it stays loose
		c.s.handOut()
		c.s.mu.Unlock()
	case c.s.cluster:
		c.s.synced(m)
	default:
		c.host.sleep(between(c.dice.of(subject), 100*time.Microsecond, 5*time.Millisecond), nil)
		if c.host.pass() != nil {
			return false, nil, errDead
		}
		c.s.synced(m)
	}
	done()
	return false, nil, c.back(ctx, subject)
}

// ask asks for something that changes nothing.
func (c *user) ask(ctx context.Context, about string, what func()) error {
	if err := c.there(ctx, about); err != nil {
		return err
	}
	c.s.mu.Lock()
	what()
	c.s.mu.Unlock()
	return c.back(ctx, about)
}

func (c *user) Last(ctx context.Context, name, pattern string) (found *journal.Message, err error) {
	err = c.ask(ctx, pattern, func() {
		if all := c.s.all(name, pattern); len(all) > 0 && !c.s.w.unseen(pattern) {
			m := all[len(all)-1].Message
			found = &m
		}
	})
	return found, err
}

func (c *user) Next(ctx context.Context, name, pattern string, from uint64) (found *journal.Message, err error) {
	err = c.ask(ctx, pattern, func() {
		for _, m := range c.s.all(name, pattern) {
			if m.Sequence >= from {
				found = &journal.Message{Subject: m.Subject, Sequence: m.Sequence, Data: m.Data}
				return
			}
		}
	})
	return found, err
}

func (c *user) Subjects(ctx context.Context, name, pattern string) (subjects []string, err error) {
	err = c.ask(ctx, pattern, func() {
		for _, m := range c.s.all(name, pattern) {
			if !slices.Contains(subjects, m.Subject) {
				subjects = append(subjects, m.Subject)
			}
		}
	})
	return subjects, err
}

func (c *user) State(ctx context.Context, name string) (st journal.StreamState, err error) {
	err = c.ask(ctx, name, func() {
		one := c.s.streams[name]
		st.Messages, st.LastSequence = uint64(len(one.kept)), one.last
		if len(one.kept) > 0 {
			st.First = one.kept[0].at
		}
	})
	return st, err
}

func (c *user) Purge(ctx context.Context, name, subject string) error {
	return c.ask(ctx, subject, func() {
		for _, m := range c.s.all(name, subject) {
			c.s.streams[name].remove(m)
		}
	})
}

func (c *user) Delete(ctx context.Context, name string, sequence uint64) error {
	return c.ask(ctx, name, func() {
		for _, m := range c.s.all(name, ">") {
			if m.Sequence == sequence {
				c.s.streams[name].remove(m)
			}
		}
	})
}

func (c *user) Shared() bool { return c.s.cluster }

func (c *user) Writable() error {
	w := c.s.w
	if !c.s.cluster && w.plan.full.after(w.now()) != w.now() {
		return errors.New("the disk of the journal is full")
	}
	return nil
}

// left takes a process that is gone out of the consumers. A cluster notices that late:
// what is on its way to the process is handed out again after AckWait.
func (s *store) left(h *host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.consumers {
		k.subs = slices.DeleteFunc(k.subs, func(u *sub) bool { return u.c.host == h })
	}
	s.followers = slices.DeleteFunc(s.followers, func(f *follower) bool { return f.c.host == h })
	s.w.mu.Lock()
	s.w.users[s] = slices.DeleteFunc(s.w.users[s], func(c *user) bool { return c.host == h })
	s.w.mu.Unlock()
}
