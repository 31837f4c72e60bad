package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
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
	"commdn/relay/daemon"
	"commdn/relay/sim"
	"commdn/relay/tserver"
)

// killsVariable has how often the relay is killed; ./build.sh chaos sets it.
const killsVariable = "CHAOS_KILLS"

// load is requests that clients make of a relay, and what they heard.
type load struct {
	mu       sync.Mutex
	n        int
	accepted map[string]bool // by phone
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
	l.accepted[phone] = true
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.accepted)
}

// run has clients make requests, as fast as they get outcomes, until stop is called.
// They do not come back after that, so that nobody but the relay knows of what was
// accepted.
func (l *load) run(url string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for range 4 {
		c := client.New(client.Options{Dial: ws.Dialer(url, ws.Options{}), MinBackoff: 10 * time.Millisecond})
		for range 16 {
			running.Go(func() {
				for ctx.Err() == nil {
					phone := l.phone()
					_, _ = c.Follow(ctx, &commdn.DoNotCall{Phone: phone}, func(e client.Event) {
						if e.Kind == client.Accepted {
							l.accept(phone)
						}
					})
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
	o := link([]string{s.Addr()}, s.CommDN(), "commdn")
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

// A relay that is killed at any moment under load loses nothing that it accepted: all
// of it is on OCS's list in the end, although no client asks again.
func TestKilledRelayLosesNothing(t *testing.T) {
	kills := 3
	if text := os.Getenv(killsVariable); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	c := newCentre(t)
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := port.Addr().String()
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	c.write("relay.yaml", fmt.Sprintf(`
listen: '%s'
directory: {file: directory.yaml}
metrics: {listen: ''}
admin_socket: admin.sock
journal: {folder: journal}
limits: {requests_per_second: 20000, burst: 20000, address_requests_per_second: 100000, address_burst: 100000, person_requests_per_second: 100000, person_burst: 100000}
links: [{name: madrid, servers: ['%s'], backoff: {min: 1ms, max: 20ms}}]
`, address, c.sim.Addr()))
	sent := listener(t, c.sim)
	binary := built(t)
	work := &load{accepted: make(map[string]bool)}
	for n := range kills {
		relay := process(t, binary, "relay", "--config", c.path("relay.yaml"))
		stop, before := work.run("ws://"+address+"/ws"), work.count()
		for late := time.Now().Add(patience); work.count() == before; time.Sleep(time.Millisecond) {
			if time.Now().After(late) {
				t.Fatalf("kill %d: the relay accepts nothing:\n%s", n, relay.log)
			}
		}
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
		if err := relay.signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		relay.end()
		stop()
	}
	relay := process(t, binary, "relay", "--config", c.path("relay.yaml"))
	waiting := []daemon.JournalItem{{}}
	for late := time.Now().Add(patience); len(waiting) > 0; time.Sleep(10 * time.Millisecond) {
		code, stdout, stderr := invoke(t, "", "journal", "list", "-o", "json", "--socket", c.path("admin.sock"))
		if code != 0 {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		waiting = nil
		if err := json.Unmarshal([]byte(stdout), &waiting); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(late) {
			t.Fatalf("%d still wait:\n%s", len(waiting), relay.log)
		}
	}
	listed := make(map[string]bool)
	for _, e := range c.sim.DNC() {
		listed[e.Phone] = true
	}
	var lost []string
	for phone := range work.accepted {
		if !listed[phone] {
			lost = append(lost, phone)
		}
	}
	twice := 0
	for _, n := range sent() {
		twice += n - 1
	}
	t.Logf("kill -9 of the relay, %d times: %d accepted, %d on the list, %d lost, %d sent again", kills, len(work.accepted), len(listed), len(lost), twice)
	if len(lost) > 0 {
		t.Errorf("lost: %q", lost[:min(len(lost), 10)])
	}
	if len(work.accepted) < kills {
		t.Errorf("only %d were accepted", len(work.accepted))
	}
}
