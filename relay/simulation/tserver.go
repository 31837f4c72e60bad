package simulation

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
)

// exchange is a T-Server: what one client sends, all of them get.
type exchange struct {
	w    *world
	link int
	name string

	mu      sync.Mutex
	clients []*registration
}

// registration is the connection of a client, a tserver.Conn.
type registration struct {
	t     *exchange
	host  *host
	dice  *dice
	fence tserver.Fence
	ended chan struct{}
	once  sync.Once

	mu   sync.Mutex
	sent time.Time // when what was sent last arrives at T-Server
	now  time.Time // of what was sent last
	base time.Time // sent, of what was sent before now
	wake chan struct{}
	come []event // in the order in which they arrive
	last time.Time
}

type event struct {
	at   time.Time
	data []byte
}

// driver reaches a T-Server from a host.
type driver struct {
	t    *exchange
	host *host
}

// dialTime is how long a client waits for a T-Server that does not answer.
const dialTime = 5 * time.Second

// Open waits for a T-Server that is down, for dialTime at most. OCS, whose pauses
// between attempts are drawn by chance, is let in at whole seconds only: so a world is
// the same each time.
func (d driver) Open(ctx context.Context, o tserver.ConnOptions) (tserver.Conn, error) {
	w, t := d.t.w, d.t
	if err := d.host.pass(); err != nil {
		<-ctx.Done()
		return nil, err
	}
	r := d.host.lots.of(t.name)
	lot := newDice(r.Uint64(), t.name)
	now := w.now()
	took := between(r, time.Millisecond, 300*time.Millisecond)
	at := now + took
	for {
		open := w.plan.down[t.name].after(w.plan.shut[pair(t.name, d.host.name)].after(at))
		if open == at {
			break
		}
		at = open + took
	}
	if d.host.name == ocsName(t.link) {
		at = at.Truncate(2*time.Second) + 2*time.Second + between(random(w.plan.seed, t.name), 0, time.Second)
	} else if at > now+dialTime {
		if !sleep(ctx, dialTime) {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %s does not answer", tserver.ErrLinkDown, t.name)
	}
	if !sleep(ctx, at-now) {
		return nil, ctx.Err()
	}
	g := &registration{t: t, host: d.host, dice: lot, fence: o.Fence, ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	t.mu.Lock()
	t.clients = append(t.clients, g)
	t.mu.Unlock()
	w.note(d.host.name, "is registered at %s", t.name)
	return g, nil
}

// sleep is false where ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

var errReset = fmt.Errorf("%w: connection reset", tserver.ErrLinkDown)

// Run hands events on, until the connection ends or nothing has come through for as
// long as the keep-alive of a link waits.
func (g *registration) Run(h tserver.Handler) error {
	defer g.end()
	w := g.t.w
	for {
		if g.host.pass() != nil {
			return errReset
		}
		data, wait, ok := g.take()
		if ok {
			list, err := tkvlist.Unpack(data)
			if err != nil {
				return err
			}
			if g.host.name == ocsName(g.t.link) {
				w.ledger.reached(g.t.link, list)
			}
			h.UserEvent(list)
			continue
		}
		silent := g.silent()
		if silent <= 0 {
			return tserver.ErrSilent
		}
		timer := time.NewTimer(min(wait, silent))
		select {
		case <-g.wake:
		case <-timer.C:
		case <-g.host.dead:
		case <-g.ended:
			timer.Stop()
			return errReset
		}
		timer.Stop()
	}
}

// silent says in which time a client notices that the way is shut.
func (g *registration) silent() time.Duration {
	w := g.t.w
	now := w.now()
	for _, s := range w.plan.shut[pair(g.t.name, g.host.name)] {
		if notice := s.from + tserver.DefaultKeepAliveIdle + tserver.DefaultKeepAliveTimeout; s.to > notice && now < s.to {
			return notice - now
		}
	}
	return time.Hour
}

func (g *registration) take() (data []byte, wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.ended:
		return nil, 0, false
	default:
	}
	if len(g.come) == 0 {
		return nil, time.Hour, false
	}
	if wait := time.Until(g.come[0].at); wait > 0 {
		return nil, wait, false
	}
	data = g.come[0].data
	g.come = g.come[1:]
	return data, 0, true
}

// arrive puts an event in the way to the client.
func (g *registration) arrive(at time.Time, data []byte, overtaken bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !overtaken {
		if !at.After(g.last) {
			at = g.last.Add(1)
		}
		g.last = at
	}
	i := len(g.come)
	for i > 0 && g.come[i-1].at.After(at) {
		i--
	}
	g.come = slices.Insert(g.come, i, event{at, data})
	nudge(g.wake)
}

// SendUserEvent returns at EventACK.
func (g *registration) SendUserEvent(ctx context.Context, data tkvlist.List) error {
	if g.host.pass() != nil {
		return errReset
	}
	packed, err := tkvlist.AppendPack(nil, data)
	if err != nil {
		return err
	}
	if g.fence != nil {
		_, leave, err := g.fence()
		if err != nil {
			return err
		}
		leave()
	}
	t, w := g.t, g.t.w
	r := g.dice.of(string(packed))
	at := g.sends(w.arrival(g.host.name, t.name, r))
	back := between(r, 100*time.Microsecond, 2*time.Millisecond)
	acknowledged := make(chan struct{})
	time.AfterFunc(time.Until(at), func() {
		if t.distribute(g, packed) {
			time.AfterFunc(back, func() { close(acknowledged) })
		}
	})
	select {
	case <-acknowledged:
	case <-g.ended:
		return errReset
	case <-g.host.dead:
		return errReset
	case <-ctx.Done():
		return ctx.Err()
	}
	return g.host.pass()
}

// sends gives when something arrives at T-Server: what is sent later arrives later.
// Things of the same moment have no order.
func (g *registration) sends(at time.Time) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); now.After(g.now) {
		g.now, g.base = now, g.sent
	}
	if !at.After(g.base) {
		at = g.base.Add(1 + at.Sub(g.now)%time.Microsecond)
	}
	if at.After(g.sent) {
		g.sent = at
	}
	return at
}

// distribute sends an event to every client; false: the one that it comes from is
// none any more.
func (t *exchange) distribute(from *registration, packed []byte) bool {
	w := t.w
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(t.clients, from) {
		return false
	}
	ocs := from.host.name == ocsName(t.link)
	if !ocs {
		list, err := tkvlist.Unpack(packed)
		if err != nil {
			panic(err)
		}
		w.ledger.sent(t.link, from.host, list)
	}
	for _, c := range t.clients {
		r := c.dice.of(from.host.name + string(packed))
		at := w.arrival(t.name, c.host.name, r)
		if (ocs || c.host.name == ocsName(t.link)) && c != from && w.now() < w.plan.trouble {
			switch x := r.Float64(); {
			case x < w.plan.drop:
				w.note(t.name, "loses an event from %s to %s", from.host.name, c.host.name)
				continue
			case r.Float64() < w.plan.double:
				w.note(t.name, "doubles an event from %s to %s", from.host.name, c.host.name)
				c.arrive(at.Add(between(r, 0, 3*time.Second)), packed, true)
			case r.Float64() < w.plan.reordered:
				c.arrive(at.Add(between(r, 0, 3*time.Second)), packed, true)
				continue
			}
		}
		c.arrive(at, packed, false)
	}
	return true
}

// Close ends the connection.
func (g *registration) Close() error {
	g.end()
	return nil
}

// end ends the connection. What the client has sent already still arrives, as after
// the close of a socket, unless T-Server is down; so it stays registered for a moment.
func (g *registration) end() {
	g.once.Do(func() {
		close(g.ended)
		time.AfterFunc(time.Until(g.lastSent())+time.Millisecond, func() { g.t.forget(g) })
	})
}

func (g *registration) lastSent() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sent
}

func (t *exchange) forget(g *registration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clients = slices.DeleteFunc(t.clients, func(c *registration) bool { return c == g })
}

// fall ends every connection, and what is on its way.
func (t *exchange) fall() {
	t.mu.Lock()
	all := t.clients
	t.clients = nil
	t.mu.Unlock()
	for _, g := range all {
		g.end()
	}
}

var _ tserver.Driver = driver{}
