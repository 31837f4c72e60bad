package simulation

import (
	"context"
	"slices"
	"sync"
	"time"

	"commdn/relay/journal"
)

// consumer hands out the messages of one pattern. store.mu guards it.
type consumer struct {
	s       *store
	pattern string
	most    int
	out     map[uint64]*outstanding // handed out and not acknowledged
	subs    []*sub
	turn    int
	gone    bool // that of a later term is in its place
}

type outstanding struct {
	until time.Time // it is handed out again then
	times int
	sub   *sub
}

// sub is who takes what a consumer hands out.
type sub struct {
	c    *user
	of   *consumer
	take func(journal.Delivery)
	stop chan struct{}
	done chan struct{}

	mu   sync.Mutex
	wake chan struct{}
	come []*delivery
}

// handOut gives everything that waits to who takes it. s.mu is held.
func (s *store) handOut() {
	if s.cluster {
		for _, c := range s.consumers {
			c.handOut()
		}
		return
	}
	s.w.mu.Lock()
	clients := s.w.users[s]
	s.w.mu.Unlock()
	for _, c := range clients {
		for _, one := range c.local {
			one.handOut()
		}
	}
}

// handOut gives out what may be, in order. s.mu is held.
func (k *consumer) handOut() {
	if k.gone {
		return
	}
	now := time.Now()
	for _, m := range k.s.all(workStream, k.pattern) {
		o := k.out[m.Sequence]
		if o == nil && len(k.out) >= k.most || o != nil && o.until.After(now) {
			continue
		}
		if len(k.subs) == 0 {
			return
		}
		k.turn++
		to := k.subs[k.turn%len(k.subs)]
		if o == nil {
			o = &outstanding{}
			k.out[m.Sequence] = o
		}
		o.times++
		o.sub, o.until = to, now.Add(journal.AckWait)
		d := &delivery{sub: to, m: m.Message, again: o.times > 1}
		at := now
		if k.s.cluster {
			at = k.s.w.arrival(nats, to.c.host.name, to.c.dice.of(m.Subject))
			time.AfterFunc(journal.AckWait+time.Microsecond, k.look)
		}
		if k.s.w.planted == EarlyAck {
			k.s.streams[workStream].remove(m)
			delete(k.out, m.Sequence)
		}
		d.at = at
		to.mu.Lock()
		to.come = append(to.come, d)
		nudge(to.wake)
		to.mu.Unlock()
	}
}

func (k *consumer) look() {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	k.handOut()
}

// Consume takes no time: the journal holds a mutex meanwhile.
func (c *user) Consume(_ context.Context, name, pattern string, most int, take func(journal.Delivery), _ func(error)) (func(), error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	all := c.local
	if s.cluster {
		all = s.consumers
	}
	k := all[name]
	if k == nil {
		k = &consumer{s: s, pattern: pattern, most: most, out: make(map[uint64]*outstanding)}
		all[name] = k
	}
	one := &sub{c: c, of: k, take: take, stop: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}, 1)}
	k.subs = append(k.subs, one)
	go one.run()
	k.handOut()
	return sync.OnceFunc(func() {
		s.mu.Lock()
		k.subs = slices.DeleteFunc(k.subs, func(x *sub) bool { return x == one })
		s.mu.Unlock()
		close(one.stop)
		<-one.done
	}), nil
}

// run calls take for what comes, in order.
func (u *sub) run() {
	defer close(u.done)
	for {
		if u.c.host.pass() != nil {
			return
		}
		u.mu.Lock()
		var next *delivery
		wait := time.Hour
		if len(u.come) > 0 {
			if wait = time.Until(u.come[0].at); wait <= 0 {
				next = u.come[0]
				u.come = u.come[1:]
			}
		}
		u.mu.Unlock()
		if next != nil {
			u.c.s.w.note(u.c.host.name, "is handed out message %d", next.m.Sequence)
			u.take(next)
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-u.wake:
		case <-timer.C:
		case <-u.c.host.dead:
		case <-u.stop:
			timer.Stop()
			u.giveBack()
			return
		}
		timer.Stop()
	}
}

// giveBack returns what has come and was not taken.
func (u *sub) giveBack() {
	u.mu.Lock()
	all := u.come
	u.come = nil
	u.mu.Unlock()
	for _, d := range all {
		_ = d.GiveBack()
	}
}

// delivery is a message that was handed out.
type delivery struct {
	sub   *sub
	m     journal.Message
	again bool
	at    time.Time
}

func (d *delivery) Message() journal.Message { return d.m }
func (d *delivery) Again() bool              { return d.again }

// later does something at the store when word of it has come there, unless the
// process is gone by then.
func (d *delivery) later(what func(k *consumer)) error {
	c := d.sub.c
	if err := c.host.pass(); err != nil {
		return err
	}
	s := c.s
	r := c.dice.of("about " + d.m.Subject)
	at := time.Now().Add(between(r, 0, time.Millisecond))
	if s.cluster {
		at = s.w.arrival(c.host.name, nats, r)
	}
	time.AfterFunc(time.Until(at), func() {
		select {
		case <-c.host.dead:
			if !s.cluster {
				return
			}
		default:
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		what(d.sub.of)
		d.sub.of.handOut()
	})
	return nil
}

func (d *delivery) Ack() error {
	return d.later(func(k *consumer) {
		if k.out[d.m.Sequence] == nil || k.gone {
			return
		}
		delete(k.out, d.m.Sequence)
		st := k.s.streams[workStream]
		for _, m := range st.kept {
			if m.Sequence == d.m.Sequence {
				st.remove(m)
				k.s.w.note(d.sub.c.host.name, "has message %d done", m.Sequence)
				return
			}
		}
	})
}

func (d *delivery) GiveBack() error {
	return d.later(func(k *consumer) {
		if o := k.out[d.m.Sequence]; o != nil {
			o.until = time.Now()
		}
	})
}

func (d *delivery) InProgress() error {
	return d.later(func(k *consumer) {
		if o := k.out[d.m.Sequence]; o != nil {
			o.until = time.Now().Add(journal.AckWait)
			time.AfterFunc(journal.AckWait+time.Microsecond, k.look)
		}
	})
}

// Close ends what this process has of the store.
func (c *user) Close() {}
