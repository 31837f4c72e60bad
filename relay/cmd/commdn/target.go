package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
)

// waitFlags say what state to wait for after a command.
type waitFlags struct {
	Wait        string        `help:"Wait until the campaign is in this state: ${states}, the vendor's name or number." placeholder:"STATE" complete:"state"`
	WaitTimeout time.Duration `help:"How long to wait for the state." default:"1m"`
}

// check says whether the flags can be used.
func (w waitFlags) check() error {
	if w.Wait == "" {
		return nil
	}
	if _, err := enums.Status(w.Wait); err != nil {
		return &exitError{exitUsage, fmt.Errorf("commdn: --wait: %w", err)}
	}
	return nil
}

// target is a campaign on a group, or a sequence (campaign 0), at a relay.
type target struct {
	*session
	names   names
	address commdn.Address
	group   commdn.CampaignGroup
	status  commdn.Request // asks for the state
}

// target connects and resolves the name.
func (f *groupFlags) target(ctx context.Context) (*target, error) {
	s, err := f.open(ctx)
	if err != nil {
		return nil, exitOf(err)
	}
	t := &target{session: s, address: commdn.Address{Target: commdn.DBID(f.OCS)}}
	if t.names, err = s.directory(ctx); err == nil {
		t.group, err = t.names.campaignGroup(f.Name)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	t.status = statusRequest(t.address, t.group)
	return t, nil
}

// run makes a request, waits for the state that is asked for, and prints.
func (f *groupFlags) run(e *env, command string, w waitFlags, request func(*target) (commdn.Request, error)) error {
	t, err := f.target(e.ctx)
	if err != nil {
		return err
	}
	defer t.Close()
	return t.run(e, command, f.Output, w, request)
}

func (t *target) run(e *env, command, output string, w waitFlags, request func(*target) (commdn.Request, error)) error {
	var events *events
	if w.Wait != "" {
		events = t.watch() // before the request, so that nothing is missed
		defer events.stop()
	}
	req, err := request(t)
	var answer *commdn.CampaignEvent
	if err == nil {
		answer, err = t.ask(e.ctx, req)
	}
	if err == nil && w.Wait != "" {
		answer, err = t.wait(e.ctx, events, answer, w)
	}
	r := result{Command: command, OK: err == nil, groupState: t.state(answer)}
	r.fail(err)
	if printed := printStates(e.stdout, output, r); printed != nil {
		return printed
	}
	var exit *exitError
	if errors.As(err, &exit) {
		return err
	}
	return exitOf(err)
}

// ask sends a request and gives the event that answers it.
func (t *target) ask(ctx context.Context, req commdn.Request) (*commdn.CampaignEvent, error) {
	answers, err := t.session.ask(ctx, req)
	for _, m := range answers {
		if e, ok := m.(*commdn.CampaignEvent); ok {
			return e, err
		}
	}
	return nil, err
}

// askAgain is how often the state is asked for while it is waited for: an event
// may be missed while a connection is away.
const askAgain = 5 * time.Second

// wait waits for a state and gives the event that told of it.
func (t *target) wait(ctx context.Context, news *events, last *commdn.CampaignEvent, w waitFlags) (*commdn.CampaignEvent, error) {
	want, err := enums.Status(w.Wait)
	if err != nil {
		return last, err
	}
	ctx, cancel := context.WithTimeout(ctx, w.WaitTimeout)
	defer cancel()
	again := time.NewTicker(askAgain)
	defer again.Stop()
	// What came before the answer is older than it, as what it has been asked
	// for may be; whether anything came since, OCS tells.
	for len(news.more) > 0 {
		<-news.more
	}
	ask := true
	for {
		if last != nil && told(last) == want.String() {
			return last, nil
		}
		if ask {
			ask = false
			now, err := t.ask(ctx, t.status)
			if err != nil && exitCode(err) == exitInvalid {
				return last, err
			}
			if now != nil {
				last = now
				continue
			}
		}
		select {
		case e := <-news.more:
			if e.CampaignGroup == t.group {
				last = e
			}
		case <-again.C:
			ask = true
		case <-ctx.Done():
			state := "in a state that OCS does not tell"
			if s := told(last); s != "" {
				state = s
			}
			why := fmt.Sprintf("after %v", w.WaitTimeout)
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				why = "when interrupted"
			}
			return last, &exitError{exitNoAnswer, fmt.Errorf("%s is %s, not %s, %s", t.names.text(t.group), state, want, why)}
		}
	}
}

// told gives the name of the state that an event tells; empty: none, or no
// event.
func told(e *commdn.CampaignEvent) string {
	if e != nil {
		if s, ok := e.State(); ok {
			return s.String()
		}
	}
	return ""
}

// events are the events about campaigns, as they come.
type events struct {
	more   chan *commdn.CampaignEvent
	missed chan struct{} // there were more than fit
	stop   func()
}

// eventBuffer is how many events may wait to be printed.
const eventBuffer = 1024

// watch begins to take in events; stop ends it.
func (t *target) watch() *events {
	e := &events{more: make(chan *commdn.CampaignEvent, eventBuffer), missed: make(chan struct{}, 1)}
	e.stop = t.WatchCampaigns(func(event *commdn.CampaignEvent) {
		select {
		case e.more <- event:
		default:
			select {
			case e.missed <- struct{}{}:
			default:
			}
		}
	})
	return e
}
