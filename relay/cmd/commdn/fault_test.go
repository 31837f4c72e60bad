package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/client/ws"
	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/fronttest"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver"
)

// roundsVariable has how often each fault happens; ./build.sh chaos sets it.
const roundsVariable = "CHAOS_ROUNDS"

// several is how many requests a relay has accepted and not yet told the outcome of, at the least, when a fault happens.
const several = 8

// load is requests that clients make of a relay, and what they heard.
type load struct {
	mu       sync.Mutex
	n        int
	accepted map[string]bool // by phone
	flying   map[string]bool // likewise: accepted, and a client waits for the outcome
	done     map[string]bool // likewise: a client heard so
}

func newLoad() *load {
	return &load{accepted: make(map[string]bool), flying: make(map[string]bool), done: make(map[string]bool)}
}

func (l *load) phone() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	return fmt.Sprintf("555%07d", l.n)
}

func (l *load) accept(phone string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepted[phone], l.flying[phone] = true, true
}

// end says that nobody waits for the outcome of a request any more.
func (l *load) end(phone string, heard bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.flying, phone)
	if heard {
		l.done[phone] = true
	}
}

func (l *load) count() (accepted, flying int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.accepted), len(l.flying)
}

// beat has clients ask in bursts: all those at once that have their outcomes. So many requests are in flight,
// at a rate that is bounded. A nil beat has no bound.
type beat struct {
	mu   sync.Mutex
	next chan struct{}
}

const betweenBursts = 200 * time.Millisecond

// newBeat gives one that ends with ctx; nil for chaos, where clients ask as fast as they get outcomes.
func newBeat(ctx context.Context, running *sync.WaitGroup) *beat {
	if os.Getenv(roundsVariable) != "" {
		return nil
	}
	b := &beat{next: make(chan struct{})}
	running.Go(func() {
		ticker := time.NewTicker(betweenBursts)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				b.mu.Lock()
				close(b.next)
				b.next = make(chan struct{})
				b.mu.Unlock()
			case <-ctx.Done():
				return
			}
		}
	})
	return b
}

// wait waits for the next burst; false: ctx has ended.
func (b *beat) wait(ctx context.Context) bool {
	if b == nil {
		return ctx.Err() == nil
	}
	b.mu.Lock()
	next := b.next
	b.mu.Unlock()
	select {
	case <-next:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// run has clients make requests until stop is called. They do not come back after that,
// so that nobody but the relay knows of what was accepted.
func (l *load) run(url string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	beat := newBeat(ctx, &running)
	for range 4 {
		c := client.New(client.Options{Dial: ws.Dialer(url, ws.Options{}), MinBackoff: 10 * time.Millisecond})
		for range 16 {
			running.Go(func() {
				for beat.wait(ctx) {
					phone := l.phone()
					_, err := c.Follow(ctx, &commdn.DoNotCall{Phone: phone}, func(e client.Event) {
						if e.Kind == client.Accepted {
							l.accept(phone)
						}
					})
					l.end(phone, err == nil)
				}
			})
		}
		context.AfterFunc(ctx, c.Close)
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// listener counts the do-not-call requests on the CommDN, by phone.
func listener(t *testing.T, s *sim.Sim) (sent func() map[string]int) {
	t.Helper()
	var mu sync.Mutex
	all := make(map[string]int)
	up := make(chan struct{})
	o := link([]string{s.Addr()}, s.CommDN(), "ear")
	o.OnUserEvent = func(list tkvlist.List) {
		if req, err := commdn.DecodeRequest(list); err == nil {
			if m, ok := req.(*commdn.DoNotCall); ok {
				mu.Lock()
				all[m.Phone]++
				mu.Unlock()
			}
		}
	}
	once := sync.OnceFunc(func() { close(up) })
	o.OnState = func(state tserver.State) {
		if state.Up {
			once()
		}
	}
	l, err := tserver.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l.Start()
	t.Cleanup(func() { _ = l.Close() })
	<-up
	return func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		copied := make(map[string]int, len(all))
		for phone, n := range all {
			copied[phone] = n
		}
		return copied
	}
}

// rounds gives how often a fault happens.
func rounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv(roundsVariable)
	if text == "" {
		return 3
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// journaled writes the configuration of a relay with a journal, and with room for the
// load, at an address that stays the same.
func (c *centre) journaled() (file, url string) {
	c.t.Helper()
	return c.journaledFor(c.sim.Addr())
}

// journaledFor does so for a T-Server at an address.
func (c *centre) journaledFor(tserver string) (file, url string) {
	c.t.Helper()
	listen := fronttest.Fixed(c.t)
	c.write("relay.yaml", fmt.Sprintf(`
listen: '%s'
directory: {file: directory.yaml}
metrics: {listen: ''}
admin_socket: admin.sock
journal: {folder: journal, backoff: {min: 10ms, max: 100ms}}
limits: {answer_timeout: 2s, requests_per_second: 20000, burst: 20000, address_requests_per_second: 100000, address_burst: 100000, person_requests_per_second: 100000, person_burst: 100000}
links: [{name: madrid, servers: ['%s'], backoff: {min: 1ms, max: 20ms}}]
`, listen, tserver))
	return c.path("relay.yaml"), "ws://" + listen + "/ws"
}

// more waits until more is accepted, for a moment, and until several requests are in flight.
func (l *load) more(t *testing.T, relay *server) {
	t.Helper()
	late := time.Now().Add(patience)
	before, _ := l.count()
	for n := before; n == before; n, _ = l.count() {
		if time.Now().After(late) {
			t.Fatalf("the relay accepts nothing:\n%s", relay.log)
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(rand.N(400 * time.Millisecond))
	for {
		_, flying := l.count()
		if flying >= several {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("only %d requests have been accepted and wait for their outcomes:\n%s", flying, relay.log)
		}
		time.Sleep(rand.N(time.Millisecond))
	}
}

// recount waits until the journal is empty, and says what of the accepted is not on
// OCS's list.
func (c *centre) recount(fault string, l *load, relay *server, sent map[string]int) {
	c.t.Helper()
	c.emptied(relay)
	list := make(map[string]bool)
	for _, e := range c.sim.DNC() {
		list[e.Phone] = true
	}
	twice := 0
	for _, n := range sent {
		twice += n - 1
	}
	c.missing(fault, l, list, fmt.Sprintf("%d sent again", twice))
}

// emptied waits until the journal is empty.
func (c *centre) emptied(relay *server) {
	c.t.Helper()
	for late := time.Now().Add(2 * patience); ; time.Sleep(100 * time.Millisecond) {
		waiting := c.listed()
		if len(waiting) == 0 {
			break
		}
		if time.Now().After(late) {
			c.t.Fatalf("%d still wait, the first is %+v:\n%s", len(waiting), waiting[0], relay.log)
		}
	}
}

// missing says what of the accepted is not on a list.
func (c *centre) missing(fault string, l *load, list map[string]bool, further string) {
	c.t.Helper()
	var lost []string
	for phone := range l.accepted {
		if !list[phone] {
			lost = append(lost, phone)
		}
	}
	c.t.Logf("%s: %d accepted, %d on the list, %d lost, %s", fault, len(l.accepted), len(list), len(lost), further)
	if len(lost) > 0 {
		c.t.Errorf("lost: %q", lost[:min(len(lost), 10)])
	}
	c.audited(l.accepted)
}

// A relay that is killed at any moment under load loses nothing that it accepted: all
// of it is on OCS's list in the end, although no client asks again.
func TestFaultKilledRelay(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	file, url := c.journaled()
	sent, binary, work, n := listener(t, c.sim), built(t), newLoad(), rounds(t)
	for range n {
		relay := process(t, binary, "relay", "--config", file)
		stop := work.run(url)
		work.more(t, relay)
		if err := relay.signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		relay.end()
		stop()
	}
	relay := process(t, binary, "relay", "--config", file)
	relay.log.wait(t, "commdn relay status")
	c.recount(fmt.Sprintf("kill -9 of the relay, %d times", n), work, relay, sent())
}

// A link that is lost under load, with requests between that OCS passes over, loses
// nothing: what has no answer is sent again.
func TestFaultLostLink(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	if _, err := c.sim.AddFault(scenario.Fault{Do: scenario.Silence, Percent: 20}); err != nil {
		t.Fatal(err)
	}
	file, url := c.journaled()
	sent, work, n := listener(t, c.sim), newLoad(), rounds(t)
	relay := process(t, built(t), "relay", "--config", file)
	stop := work.run(url)
	for range n {
		work.more(t, relay)
		for _, f := range []scenario.Fault{{Do: scenario.Close, Application: "commdn"}, {Do: scenario.Stall, For: 100 * time.Millisecond}} {
			for late := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
				_, err := c.sim.AddFault(f)
				if err == nil {
					break
				}
				if time.Now().After(late) { // else the link is about to come back
					t.Fatal(err)
				}
			}
		}
	}
	stop()
	c.recount(fmt.Sprintf("the link lost and OCS silent, %d times", n), work, relay, sent())
}

// A relay that stands still for a while under load, as a machine that is paused, loses
// nothing.
func TestFaultPausedRelay(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	file, url := c.journaled()
	sent, work, n := listener(t, c.sim), newLoad(), rounds(t)
	relay := process(t, built(t), "relay", "--config", file)
	stop := work.run(url)
	for range n {
		work.more(t, relay)
		if err := relay.signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		if err := relay.signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	c.recount(fmt.Sprintf("the relay paused, %d times", n), work, relay, sent())
}
