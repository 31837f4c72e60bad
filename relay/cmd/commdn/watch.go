package main

import (
	"fmt"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

type watchCmd struct{ groupFlags }

func (c *watchCmd) Run(e *env) error {
	t, err := c.target(e.ctx)
	if err != nil {
		return err
	}
	defer t.Close()
	return t.follow(e, c.Output)
}

// follow prints the state now, and each event, until interrupted. When a lost
// connection is back, the state is asked for again.
func (t *target) follow(e *env, output string) error {
	events := t.watch()
	defer events.stop()
	status := make(chan client.Status, 16)
	defer t.Watch(func(s client.Status) {
		select {
		case status <- s:
		default: // somebody is slow; the next one tells
		}
	})()
	now := make(chan asked, 1)
	ask := func() {
		event, err := t.ask(e.ctx, t.status)
		now <- asked{event, err}
	}
	go ask()
	asking, again := true, false
	defer func() {
		if asking {
			<-now
		}
	}()
	var last groupState
	for {
		var event *commdn.CampaignEvent
		select {
		case a := <-now:
			asking = false
			if a.err != nil && e.ctx.Err() == nil {
				return exitOf(a.err)
			}
			event = a.event
		case event = <-events.more:
			if event.CampaignGroup != t.group {
				continue
			}
		case <-events.missed:
			fmt.Fprintln(e.stderr, "some events were missed: they came faster than they could be printed")
			again = true
		case s := <-status:
			switch s.State {
			case client.Disconnected:
				fmt.Fprintf(e.stderr, "connection to the relay at %s lost: %v\n", t.relay, s.Err)
			case client.Connected:
				fmt.Fprintln(e.stderr, "connected again; events may have been missed")
				again = true
			case client.Failed:
				return exitOf(t.unconnected(s.Err))
			}
		case <-e.ctx.Done():
			return nil
		}
		if again && !asking {
			again, asking = false, true
			go ask()
		}
		if event == nil {
			continue
		}
		state := t.state(event)
		if event.Event == commdn.EvCampaignStatus && state.same(last) {
			continue // the answer to somebody's question, and no news
		}
		last = state
		if err := (line{time.Now(), state}).print(e.stdout, output); err != nil {
			return err
		}
	}
}

// asked is the answer to a question after the state.
type asked struct {
	event *commdn.CampaignEvent
	err   error
}
