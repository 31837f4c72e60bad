package simulation

import (
	"context"
	"fmt"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/cluster"
	"commdn/relay/journal"
	"commdn/relay/lease"
	"commdn/relay/link"
	"commdn/relay/tserver"
)

// leaseTime is how long a lease lasts that is not renewed.
const leaseTime = 3 * time.Second

// union is what several relays share, in place of cluster.Cluster over NATS. The leases
// are those of the product.
type union struct {
	w *world

	mu      sync.Mutex
	records map[string]*entry
	members []*member
}

// entry is the record of a lease.
type entry struct {
	value    []byte
	revision uint64
}

// seat is what one process has of a union: cluster.Joiner.
type seat struct {
	u       *union
	host    *host
	journal *journal.Journal
	dice    *dice
}

func (u *union) seat(h *host, j *journal.Journal) *seat {
	return &seat{u: u, host: h, journal: j, dice: newDice(h.lots.of("lease").Uint64(), "lease")}
}

// member is a link of a process.
type member struct {
	*seat
	o      cluster.LinkOptions
	keeper *lease.Keeper
	ctx    context.Context
	end    context.CancelFunc
	done   sync.WaitGroup
}

func (s *seat) Join(o cluster.LinkOptions) cluster.Shared {
	m := &member{seat: s, o: o}
	m.ctx, m.end = context.WithCancel(context.Background())
	held := false
	m.keeper = lease.New(lease.Options{
		Name: s.host.name, Run: fmt.Sprint(s.host.name, s.host.run), TTL: leaseTime, Store: record{m}, Now: s.u.w.now, Ready: o.Ready,
		Begin: func(ctx context.Context, term uint64, _ time.Duration) error {
			return s.journal.Hold(ctx, o.Name, term)
		},
		End: func(uint64) {
			if s.u.w.planted != NoFence {
				s.journal.Lose(o.Name)
			}
		},
		Changed: func(now lease.State) {
			if now.Sender == lease.Self {
				s.u.w.ledger.holds(o.Name, s.host, now.Term)
				held = true
			}
			if now.Sender == lease.Self || !held || s.u.w.planted != NoFence {
				o.Changed(now)
			}
		},
		Log: s.u.w.log(s.host.name),
	})
	s.u.mu.Lock()
	s.u.members = append(s.u.members, m)
	s.u.mu.Unlock()
	return m
}

func (m *member) Start() error {
	m.done.Go(func() { m.keeper.Run(m.ctx) })
	return nil
}

func (m *member) Close() {
	m.end()
	m.done.Wait()
}

func (m *member) Kick()              { m.keeper.Kick() }
func (m *member) State() lease.State { return m.keeper.State() }

// Fence is asked at the moment of the write, so whoever is let through writes then.
func (m *member) Fence() (time.Duration, func(), error) {
	left, leave, err := m.keeper.Enter()
	if err != nil && m.u.w.planted != NoFence {
		return 0, nil, fmt.Errorf("%w: %w", tserver.ErrFenced, err)
	}
	m.u.w.ledger.writes(m.o.Name, m.host, m.keeper.State().Term)
	if err != nil {
		return leaseTime, func() {}, nil
	}
	return left, leave, nil
}

// way takes something to NATS or back.
func (m *member) way(ctx context.Context, from, to, what string) error {
	if err := m.host.pass(); err != nil {
		sleep(ctx, time.Second)
		return err
	}
	if !sleep(ctx, time.Until(m.u.w.arrival(from, to, m.dice.of(what)))) {
		return ctx.Err()
	}
	return m.host.pass()
}

// record has the record of the lease of a link: lease.Store.
type record struct{ m *member }

func (s record) do(ctx context.Context, what string, f func(e *entry) error) error {
	if err := s.m.way(ctx, s.m.host.name, nats, s.m.o.Name+what); err != nil {
		return err
	}
	u := s.m.u
	u.mu.Lock()
	e := u.records[s.m.o.Name]
	if e == nil {
		e = &entry{}
		u.records[s.m.o.Name] = e
	}
	err := f(e)
	u.mu.Unlock()
	if back := s.m.way(ctx, nats, s.m.host.name, s.m.o.Name+what+" back"); back != nil {
		return back
	}
	return err
}

func (s record) Get(ctx context.Context) (value []byte, revision uint64, err error) {
	err = s.do(ctx, "get", func(e *entry) error {
		value, revision = e.value, e.revision
		if revision == 0 {
			return lease.ErrNone
		}
		return nil
	})
	return value, revision, err
}

func (s record) Create(ctx context.Context, value []byte) (uint64, error) {
	return s.Update(ctx, value, 0)
}

func (s record) Update(ctx context.Context, value []byte, revision uint64) (next uint64, err error) {
	err = s.do(ctx, "write", func(e *entry) error {
		if e.revision != revision {
			return lease.ErrTaken
		}
		e.value = value
		e.revision++
		next = e.revision
		return nil
	})
	return next, err
}

// others gives the other processes with this link.
func (m *member) others() (all []*member) {
	m.u.mu.Lock()
	defer m.u.mu.Unlock()
	for _, x := range m.u.members {
		select {
		case <-x.host.dead:
			continue
		default:
		}
		if x.o.Name == m.o.Name && x.host != m.host {
			all = append(all, x)
		}
	}
	return all
}

// to has something happen at another process, by way of NATS.
func (m *member) to(x *member, what string, f func()) {
	if m.host.pass() != nil {
		return
	}
	w := m.u.w
	first := w.arrival(m.host.name, nats, m.dice.of(what))
	time.AfterFunc(time.Until(first), func() {
		second := w.arrival(nats, x.host.name, x.dice.of("from "+what))
		time.AfterFunc(time.Until(second), func() {
			if x.host.pass() == nil && x.ctx.Err() == nil {
				f()
			}
		})
	})
}

func (m *member) Publish(e *commdn.CampaignEvent) {
	at := time.Now()
	for _, x := range m.others() {
		m.to(x, "news", func() { x.o.Note(e, at) })
	}
}

func (m *member) PublishGap(since time.Time) {
	for _, x := range m.others() {
		m.to(x, "gap", func() { x.o.Gap(since) })
	}
}

// Ask has the relay that sends ask OCS, once.
func (m *member) Ask(ctx context.Context, c link.Call) *frame.Refusal {
	now := m.State()
	no := func(code frame.RefusalCode, why string) *frame.Refusal {
		return &frame.Refusal{Code: code, Message: why}
	}
	var sends *member
	for _, x := range m.others() {
		if x.host.name == now.Holder {
			sends = x
		}
	}
	if sends == nil {
		return no(frame.RefusedLinkDown, "no relay sends on the link to T-Server now")
	}
	result := make(chan *frame.Refusal, 1)
	ctx, cancel := context.WithTimeout(ctx, m.o.AnswerTimeout+4*time.Second)
	defer cancel()
	req := commdn.Clone(c.Request)
	m.to(sends, "ask "+c.Key, func() {
		reply := func(f func()) { sends.to(m, "reply "+c.Key, f) }
		if s := sends.State(); s.Sender != lease.Self || s.Term != now.Term {
			reply(func() { result <- no(frame.RefusedLinkDown, "the relay that sent is gone") })
			return
		}
		refusal := sends.o.Ask(sends.ctx, link.Call{
			Key: c.Key, Request: req, Waits: func() {
				reply(func() {
					if c.Waits != nil && ctx.Err() == nil {
						c.Waits()
					}
				})
			},
			Answer: func(a link.Answer, last bool) {
				reply(func() {
					if ctx.Err() != nil {
						return
					}
					if c.Answer != nil {
						c.Answer(link.Answer{Message: a.Message}, last)
					}
					if last {
						result <- nil
					}
				})
			},
		})
		if refusal != nil {
			reply(func() { result <- refusal })
		}
	})
	select {
	case refusal := <-result:
		return refusal
	case <-ctx.Done():
		return no(frame.RefusedNoAnswer, "the relay that sends does not say what became of the request")
	}
}
