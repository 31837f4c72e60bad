package simulation

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"commdn/relay/journal"
)

// What several relays need of a cluster beside what one needs: journal.Fenced.

var _ journal.Fenced = (*user)(nil)

// PublishIf keeps a message where the fence is that of the term of who writes.
func (c *user) PublishIf(ctx context.Context, subject string, data []byte, fence string, sequence uint64) (uint64, error) {
	if err := c.there(ctx, subject); err != nil {
		return 0, err
	}
	s := c.s
	s.mu.Lock()
	last := uint64(0)
	for _, m := range s.of(fence).kept {
		if m.Subject == fence {
			last = m.Sequence
		}
	}
	s.mu.Unlock() // nothing waits on the way from here to the write
	if last != sequence && (s.w.planted != NoFence || subject == fence) {
		if err := c.back(ctx, subject); err != nil {
			return 0, err
		}
		return 0, journal.ErrFenced
	}
	_, m := s.write(subject, "", data)
	s.synced(m)
	return m.Sequence, c.back(ctx, subject)
}

// ConsumeAlone takes no time, as Consume.
func (c *user) ConsumeAlone(ctx context.Context, name string, term uint64, pattern string, most int, take func(journal.Delivery), failed func(error)) (func(), error) {
	s := c.s
	now := s.w.now()
	if s.w.plan.shut[pair(c.host.name, nats)].after(now) != now {
		return nil, errAway
	}
	s.mu.Lock()
	for key, k := range s.consumers {
		of, n, _ := strings.Cut(key, "-")
		if before, err := strconv.ParseUint(n, 10, 64); of == name && (err != nil || before < term) {
			k.gone = true
			delete(s.consumers, key)
		}
	}
	s.mu.Unlock()
	return c.Consume(ctx, fmt.Sprintf("%s-%d", name, term), pattern, most, take, failed)
}

// follower is told of every message that comes. store.mu guards what is not the channel's.
type follower struct {
	c               *user
	stream, pattern string
	wake            chan struct{}

	mu   sync.Mutex
	come []came
	last time.Time
}

type came struct {
	at time.Time
	m  journal.Message
}

func (f *follower) hear(m journal.Message) {
	at := f.c.s.w.arrival(nats, f.c.host.name, f.c.dice.of("follow "+m.Subject))
	f.mu.Lock()
	defer f.mu.Unlock()
	if !at.After(f.last) {
		at = f.last.Add(1)
	}
	f.last = at
	f.come = append(f.come, came{at, m})
	nudge(f.wake)
}

// Follow hands out what comes into a stream.
func (c *user) Follow(ctx context.Context, stream, pattern string, all bool, take func(journal.Message)) (func(), error) {
	f := &follower{c: c, stream: stream, pattern: pattern, wake: make(chan struct{}, 1)}
	err := c.ask(ctx, "follow "+pattern, func() {
		if all {
			for _, m := range c.s.all(stream, pattern) {
				f.hear(m.Message)
			}
		}
		c.s.followers = append(c.s.followers, f)
	})
	if err != nil {
		return nil, err
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			if c.host.passUnless(stop) != nil {
				return
			}
			f.mu.Lock()
			wait := time.Hour
			var m *journal.Message
			if len(f.come) > 0 {
				if wait = time.Until(f.come[0].at); wait <= 0 {
					m = &f.come[0].m
					f.come = f.come[1:]
				}
			}
			f.mu.Unlock()
			if m != nil {
				take(*m)
				continue
			}
			timer := time.NewTimer(wait)
			select {
			case <-f.wake:
			case <-timer.C:
			case <-c.host.dead:
			case <-stop:
				timer.Stop()
				return
			}
			timer.Stop()
		}
	}()
	return sync.OnceFunc(func() {
		c.s.mu.Lock()
		c.s.followers = slices.DeleteFunc(c.s.followers, func(x *follower) bool { return x == f })
		c.s.mu.Unlock()
		close(stop)
		<-done
	}), nil
}
