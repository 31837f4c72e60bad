package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/client/ws"
	"commdn/protocol/commdn"
)

// undoLoad is requests that can be undone, and of which clients take back some.
type undoLoad struct {
	*load
	undone  map[string]bool // the relay said so; by phone
	perhaps map[string]bool // asked for, and nobody heard what became of it
}

// window is that of each request of an undoLoad.
const window = 300 * time.Millisecond

// one makes a request, and perhaps takes it back at any moment around its window.
func (l *undoLoad) one(ctx context.Context, c *client.Client) {
	req, asked := &commdn.DoNotCall{Phone: l.phone()}, false
	if rand.IntN(2) == 0 {
		timer := time.AfterFunc(rand.N(window*5/4), func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			asked = c.Undo(req)
		})
		defer timer.Stop()
	}
	answers, err := c.Hold(ctx, req, window, func(e client.Event) {
		if e.Kind == client.Accepted {
			l.accept(req.Phone)
		}
	})
	l.end(req.Phone, err == nil)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch o := client.OutcomeOf(answers, err); {
	case o == client.Undone:
		l.undone[req.Phone] = true
	case o == client.Unknown && asked, o == client.NotSent && asked:
		l.perhaps[req.Phone] = true
	}
}

// run has clients make requests until stop is called. One of them stays when the relay
// goes, and asks the next one what became of its requests.
func (l *undoLoad) run(url string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for range 2 {
		c := client.New(client.Options{Dial: ws.Dialer(url, ws.Options{}), MinBackoff: 10 * time.Millisecond, MaxBackoff: 50 * time.Millisecond})
		for range 16 {
			running.Go(func() {
				for ctx.Err() == nil {
					l.one(ctx, c)
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

// A relay that is killed in the windows of many requests sends none that was said to be
// undone, and loses none that nobody took back: tabs that are closed with it included.
func TestFaultKilledInTheWindow(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	file, url := c.journaled()
	sent, binary, n := listener(t, c.sim), built(t), rounds(t)
	work := &undoLoad{load: newLoad(), undone: make(map[string]bool), perhaps: make(map[string]bool)}
	staying := work.run(url)
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
	work.more(t, relay)
	staying()
	work.mu.Lock()
	wrong, undone := 0, len(work.undone)
	for phone := range work.undone {
		delete(work.accepted, phone) // what is accepted and not undone is on the list
	}
	for phone := range work.perhaps {
		delete(work.accepted, phone)
	}
	work.mu.Unlock()
	c.recount("kill -9 of the relay in the window", work.load, relay, sent())
	for phone, times := range sent() {
		if work.undone[phone] {
			wrong++
			t.Errorf("%s was undone, and sent %d times", phone, times)
		}
	}
	t.Logf("%d undone, %d of them sent; of %d nobody heard whether they were", undone, wrong, len(work.perhaps))
	if undone == 0 || len(work.accepted) == 0 {
		t.Error("the rounds do not try both")
	}
}
