package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/client/ws"
	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/daemon"
	"commdn/relay/fronttest"
	"commdn/relay/internal/natstest"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver"
)

// team is two relays with one CommDN and one NATS, each with its own application.
type team struct {
	*centre
	binary string
	work   *load
	ear    *origins
	each   [2]member
}

type member struct {
	name, file, socket, url string
	app                     commdn.DBID
	*server
}

// newTeam starts a team. Each relay reaches NATS by its own URLs.
func newTeam(t *testing.T, replicas int, urls [2][]string) *team {
	t.Helper()
	sc := quick()
	sc.Applications = append(sc.Applications, scenario.Application{DBID: 102, Name: "commdn2", Type: scenario.ThirdPartyServer})
	for i := range sc.Applications {
		if a := &sc.Applications[i]; a.DBID == 201 {
			a.Connections = append(slices.Clone(a.Connections), 102)
		}
	}
	x := &team{centre: newCentreOf(t, sc), binary: built(t), work: newLoad()}
	x.write("directory.yaml", strings.NewReplacer("connections: [101]", "connections: [101, 102]", "type: third-party-server}", "type: third-party-server}\n  - {dbid: 102, name: commdn2, type: third-party-server}").Replace(known))
	x.ear = overhear(t, x.centre)
	for i, application := range []string{"commdn", "commdn2"} {
		m, listen := &x.each[i], fronttest.Fixed(t)
		m.name, m.app = application, commdn.DBID(101+i)
		m.file, m.socket, m.url = application+".yaml", x.path(application+".sock"), "ws://"+listen+"/ws"
		x.write(m.file, fmt.Sprintf(`
listen: '%s'
relay_name: %s
directory: {file: directory.yaml}
metrics: {listen: ''}
admin_socket: %s
journal: {nats: {urls: ['%s'], replicas: %d}, backoff: {min: 10ms, max: 100ms}, attempts: 1000}
limits: {answer_timeout: 2s, requests_per_second: 20000, burst: 20000, address_requests_per_second: 100000, address_burst: 100000, person_requests_per_second: 100000, person_burst: 100000}
links: [{name: madrid, servers: ['%s'], application: %s, backoff: {min: 1ms, max: 20ms}}]
`, listen, application, application+".sock", strings.Join(urls[i], "', '"), replicas, x.sim.Addr(), application))
		x.start(m)
	}
	return x
}

func (x *team) start(m *member) {
	x.t.Helper()
	m.server = process(x.t, x.binary, "relay", "--config", x.path(m.file))
}

// status asks a relay; nil: it does not answer.
func (m *member) status() *daemon.Status {
	var st daemon.Status
	f := adminFlags{Socket: m.socket}
	if f.ask(context.Background(), http.MethodGet, "/status", 5*time.Second, &st) != nil {
		return nil
	}
	return &st
}

func (m *member) sends() bool {
	st := m.status()
	return st != nil && st.Links[0].Lease != nil && st.Links[0].Lease.Self
}

// sender waits until one of the relays sends, and gives it and the other one.
func (x *team) sender() (one, other *member) {
	x.t.Helper()
	for late := time.Now().Add(2 * patience); ; time.Sleep(10 * time.Millisecond) {
		for i := range x.each {
			if x.each[i].sends() {
				return &x.each[i], &x.each[1-i]
			}
		}
		if time.Now().After(late) {
			x.t.Fatalf("no relay sends:\n%s\n%s", x.each[0].log, x.each[1].log)
		}
	}
}

// begin has clients make requests of both relays, and supervisors control a campaign, one
// request behind the other: that is what a relay that wakes has in hand.
func (x *team) begin() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	stops, beat := []func(){cancel}, newBeat(ctx, &running)
	for i := range x.each {
		stops = append(stops, x.work.run(x.each[i].url))
		for range 4 {
			c := client.New(client.Options{Dial: ws.Dialer(x.each[i].url, ws.Options{}), MinBackoff: 10 * time.Millisecond})
			context.AfterFunc(ctx, c.Close)
			running.Go(func() {
				for beat.wait(ctx) {
					_, _ = c.Follow(ctx, &commdn.StopDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 502}}, func(client.Event) {})
				}
			})
		}
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
		running.Wait()
	}
}

// takeover waits until a relay sends, and something of it is on the CommDN. It gives how
// long that took.
func (x *team) takeover(m *member) time.Duration {
	x.t.Helper()
	began, before := time.Now(), x.ear.count(m.app)
	for ; x.ear.count(m.app) == before; time.Sleep(time.Millisecond) {
		if time.Since(began) > 2*patience {
			x.t.Fatalf("%s does not take over:\n%s", m.name, m.log)
		}
	}
	return time.Since(began)
}

// finish waits until all is sent, and recounts.
func (x *team) finish(fault string, took []time.Duration) {
	x.t.Helper()
	one, _ := x.sender()
	x.centre.socket = one.socket
	x.recount(fault, x.work, one.server, x.ear.phones())
	if len(took) > 0 {
		slices.Sort(took)
		x.t.Logf("%s: the other relay sent after %s at the median, %s at most", fault, took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
	}
}

// origins is who sent requests on the CommDN.
type origins struct {
	mu   sync.Mutex
	from map[commdn.DBID]int
	sent map[string]int // do-not-call requests, by phone
}

func overhear(t *testing.T, c *centre) *origins {
	t.Helper()
	o := &origins{from: make(map[commdn.DBID]int), sent: make(map[string]int)}
	up := make(chan struct{})
	once := sync.OnceFunc(func() { close(up) })
	options := link([]string{c.sim.Addr()}, c.sim.CommDN(), "ear")
	options.OnUserEvent = func(list tkvlist.List) {
		req, err := commdn.DecodeRequest(list)
		if err != nil {
			return
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.from[req.Addr().Origin]++
		if m, ok := req.(*commdn.DoNotCall); ok {
			o.sent[m.Phone]++
		}
	}
	options.OnState = func(state tserver.State) {
		if state.Up {
			once()
		}
	}
	l, err := tserver.New(options)
	if err != nil {
		t.Fatal(err)
	}
	l.Start()
	t.Cleanup(func() { _ = l.Close() })
	<-up
	return o
}

// count says how many requests an application has sent.
func (o *origins) count(app commdn.DBID) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.from[app]
}

func (o *origins) phones() map[string]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	copied := make(map[string]int, len(o.sent))
	for phone, n := range o.sent {
		copied[phone] = n
	}
	return copied
}

// more waits until a relay accepts something.
func (x *team) more(m *member) {
	x.t.Helper()
	x.work.more(x.t, m.server)
}

// teamRounds is rounds for what takes the length of a lease each time.
func teamRounds(t *testing.T) int { return max(2, rounds(t)/8) }

func one(urls ...string) [2][]string { return [2][]string{urls, urls} }

// A relay that sends is killed at any moment under load: the other one goes on within
// seconds, and nothing that either has accepted is lost.
func TestFaultKilledSender(t *testing.T) {
	t.Parallel()
	x := newTeam(t, 1, one(natstest.Start(t).URL()))
	stop := x.begin()
	n := teamRounds(t)
	var took []time.Duration
	for range n {
		sender, other := x.sender()
		x.more(other)
		if err := sender.signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		took = append(took, x.takeover(other))
		sender.end()
		x.start(sender)
		sender.log.wait(t, "commdn relay status")
	}
	stop()
	x.finish(fmt.Sprintf("kill -9 of the relay that sends, %d times", n), took)
}

// A relay that stands still until the other one has its lease sends nothing when it wakes,
// although it has requests in hand.
func TestFaultPausedSender(t *testing.T) {
	t.Parallel()
	x := newTeam(t, 1, one(natstest.Start(t).URL()))
	stop := x.begin()
	n := teamRounds(t)
	var took []time.Duration
	for range n {
		sender, other := x.sender()
		x.more(other)
		if err := sender.signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		took = append(took, x.takeover(other))
		before := x.ear.count(sender.app)
		if err := sender.signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		x.silent(sender, other, before)
	}
	stop()
	x.finish(fmt.Sprintf("the relay that sends paused, %d times", n), took)
}

// silent fails if a relay that has lost its lease sends before it knows of the other one.
func (x *team) silent(m, other *member, before int) {
	x.t.Helper()
	for late := time.Now().Add(2 * patience); ; time.Sleep(10 * time.Millisecond) {
		st := m.status()
		if st != nil && st.Links[0].Lease != nil && st.Links[0].Lease.Holder == other.name {
			break
		}
		if time.Now().After(late) {
			x.t.Fatalf("%s does not stand by:\n%s", m.name, m.log)
		}
	}
	if sent := x.ear.count(m.app) - before; sent > 0 && other.sends() {
		x.t.Errorf("%s sent %d requests after it had lost its lease", m.name, sent)
	}
}

// A relay that no longer reaches NATS, and is not told so, stops before its lease ends:
// nothing of it comes once the other one sends.
func TestFaultPartitionedSender(t *testing.T) {
	t.Parallel()
	server := natstest.Start(t)
	wires := [2]*natstest.Wire{natstest.NewWire(t, server.URL()), natstest.NewWire(t, server.URL())}
	x := newTeam(t, 1, [2][]string{{wires[0].URL()}, {wires[1].URL()}})
	stop := x.begin()
	n := teamRounds(t)
	var took []time.Duration
	for range n {
		sender, other := x.sender()
		x.more(other)
		wire := wires[sender.app-101]
		wire.Cut(true)
		took = append(took, x.takeover(other))
		before := x.ear.count(sender.app)
		x.more(other)
		if sent := x.ear.count(sender.app) - before; sent > 0 {
			t.Errorf("%s sent %d requests although it does not reach NATS", sender.name, sent)
		}
		wire.Cut(false)
		x.silent(sender, other, before)
	}
	stop()
	x.finish(fmt.Sprintf("the relay that sends cut off from NATS, %d times", n), took)
}

// The leader of the journal's streams is killed, of three servers: after the election all
// goes on, and nothing is lost.
func TestFaultNATSLeader(t *testing.T) {
	t.Parallel()
	nodes := natstest.StartCluster(t)
	x := newTeam(t, 3, one(nodes.URLs()...))
	stop := x.begin()
	n := teamRounds(t)
	for range n {
		one, _ := x.sender()
		x.more(one)
		leader := nodes.Leader("COMMDN_WORK")
		nodes.Kill(leader)
		x.more(one)
		nodes.Start(leader)
		nodes.Whole("COMMDN_WORK")
	}
	stop()
	x.finish(fmt.Sprintf("kill -9 of the NATS leader, %d times", n), nil)
}

// Relays that start while NATS has no leader, as after an outage of the whole site, wait for
// one, with an empty cluster and with the streams of an earlier life. What they ask before
// is lost or refused.
func TestFaultNATSWithoutLeader(t *testing.T) {
	t.Parallel()
	nodes := natstest.StartCluster(t)
	outage := func() (over func()) {
		nodes.Kill("nats1")
		nodes.Kill("nats2")
		var starting sync.WaitGroup
		starting.Go(func() {
			time.Sleep(2 * time.Second)
			nodes.Start("nats1")
			nodes.Start("nats2")
		})
		return starting.Wait
	}
	over := outage()
	x := newTeam(t, 3, one("nats://"+nodes.Address("nats3")))
	over()
	x.sender()

	for i := range x.each {
		x.each[i].end()
	}
	over = outage()
	for i := range x.each {
		x.start(&x.each[i])
	}
	over()
	x.sender()
}
