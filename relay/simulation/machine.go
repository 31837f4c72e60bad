package simulation

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/auth"
	"commdn/relay/desk"
	"commdn/relay/journal"
	"commdn/relay/tserver"
)

// machine runs a relay, and starts it again when it has ended.
type machine struct {
	w     *world
	name  string
	n     int
	store *store

	mu     sync.Mutex
	now    *process       // nil: none runs
	off    bool           // without power
	ending sync.WaitGroup // of processes that are gone
}

// process is one run of a relay.
type process struct {
	m       *machine
	host    *host
	journal *journal.Journal
	come    *listener
	cancel  context.CancelFunc
	served  chan error
}

// live starts the relay, and ends and starts it as the plan says. What would end it while
// it is down does not happen.
func (m *machine) live() {
	m.start()
	for _, c := range m.w.plan.crashes[m.name] {
		wait := c.at - m.w.now()
		if wait < 0 {
			continue
		}
		time.Sleep(wait)
		m.w.note(m.name, "is %s for %s", c.how, c.down)
		m.end(c.how)
		time.Sleep(c.down)
		m.start()
	}
}

// start starts the relay; where the journal cannot be opened, again and again, as the
// service manager does.
func (m *machine) start() {
	for {
		err := m.startOnce()
		if err == nil {
			return
		}
		m.w.note(m.name, "does not start: %v", err)
		time.Sleep(2 * time.Second)
	}
}

func (m *machine) startOnce() error {
	w := m.w
	h := w.host(m.name)
	streams := m.store.user(h)
	w.mu.Lock()
	w.users[m.store] = append(w.users[m.store], streams)
	w.mu.Unlock()
	log := w.log(m.name)
	j, err := journal.OpenOn(streams, journal.Options{InFlight: w.plan.most, Keep: keep, Leased: w.plan.leased, Log: log})
	if err != nil {
		close(h.dead)
		return err
	}
	o := relay.Options{
		Auth: tokens{}, Journal: j, Retry: desk.Retry{Attempts: w.plan.tries, Min: time.Second, Max: 8 * time.Second}, Version: "commdn/simulation", Log: log,
		Settings: relay.Settings{Hosts: []string{m.name}, Limits: relay.Limits{Rate: 1000, Burst: 1000, Undo: longest}},
	}
	if w.plan.audited {
		o.Audit = w.book(h)
	}
	if w.union != nil {
		o.Cluster = w.union.seat(h, j)
	}
	for n, t := range w.tservers {
		o.Links = append(o.Links, relay.Link{
			Name: linkName(n), AppDBID: relayDBID + commdn.DBID(m.n), OCS: []commdn.DBID{ocsDBID + commdn.DBID(n)},
			TServer: tserver.Options{
				Driver: driver{t, h}, Servers: []string{t.name}, CommDN: commDN, Application: m.name,
				MinBackoff: 1, MaxBackoff: 1, // the driver takes the time that it takes
			},
		})
	}
	srv, err := relay.New(o)
	if err != nil {
		j.Close()
		close(h.dead)
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{
		m: m, host: h, journal: j, cancel: cancel, served: make(chan error, 1),
		come: &listener{host: h, come: make(chan net.Conn, 64), done: make(chan struct{})},
	}
	go func() { p.served <- srv.Serve(ctx, p.come) }()
	m.mu.Lock()
	m.now, m.off = p, false
	m.mu.Unlock()
	w.note(m.name, "runs")
	return nil
}

// end ends the relay, if it runs.
func (m *machine) end(how ending) {
	m.mu.Lock()
	p := m.now
	m.now, m.off = nil, how == power
	m.mu.Unlock()
	if p == nil {
		return
	}
	finish := func() {
		p.cancel()
		if err := <-p.served; err != nil {
			m.w.note(m.name, "ends with %v", err)
		}
		p.journal.Close()
	}
	if how == stop {
		finish()
		close(p.host.dead)
		m.w.gone(p.host, true)
	} else {
		close(p.host.dead)
		m.w.gone(p.host, how == kill)
		m.ending.Go(finish) // of the goroutines, of which nobody hears any more
	}
	m.store.left(p.host)
	if !m.store.cluster {
		m.store.crash(how)
	}
}

// listening gives where a relay takes connections; off: the machine is without power.
func (w *world) listening(name string) (l *listener, off bool) {
	for _, m := range w.relays {
		if m.name != name {
			continue
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.now == nil {
			return nil, m.off
		}
		return m.now.come, false
	}
	return nil, false
}

// tokens takes a name for a token.
type tokens struct{}

func (tokens) Authenticate(_ context.Context, token string) (auth.Identity, error) {
	if token == "" {
		return auth.Identity{}, errors.New("no token")
	}
	return auth.Identity{Subject: token, Name: token, Roles: []auth.Role{auth.Agent, auth.Supervisor}}, nil
}
