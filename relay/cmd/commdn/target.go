package main

import (
	"context"
	"errors"

	"commdn/protocol/commdn"
)

// target is a campaign on a group, or a sequence (campaign 0), at a relay.
type target struct {
	*session
	names   names
	address commdn.Address
	group   commdn.CampaignGroup
	status  commdn.Request // asks for the state
	history *history       // nil where nobody asks since when
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
	g, err := w.goal(false)
	if err != nil {
		return err
	}
	t, err := f.target(e.ctx)
	if err != nil {
		return err
	}
	defer t.Close()
	return t.run(e, command, f.Output, g, request)
}

func (t *target) run(e *env, command, output string, g goal, request func(*target) (commdn.Request, error)) error {
	answer, err := t.perform(e.ctx, g, request)
	return t.print(e, command, output, answer, err)
}

// perform makes a request and waits for the state that is asked for.
func (t *target) perform(ctx context.Context, g goal, request func(*target) (commdn.Request, error)) (*commdn.CampaignEvent, error) {
	var events *events
	if g.on {
		events = t.watch() // before the request, so that nothing is missed
		defer events.stop()
	}
	req, err := request(t)
	if err != nil {
		return nil, err
	}
	if req.Type() == commdn.ReqGetCampaignStatus {
		t.history = t.since()
		defer t.history.stop()
	}
	answer, err := t.ask(ctx, req)
	if err == nil && g.on {
		answer, err = t.wait(ctx, events, answer, g, req.Type())
	}
	return answer, err
}

// print prints what came of a request.
func (t *target) print(e *env, command, output string, answer *commdn.CampaignEvent, failed error) error {
	r := result{Command: command, groupState: t.state(answer), failure: failureOf(failed)}
	if fault, ok := errors.AsType[*commdn.Fault](failed); ok {
		r.OCS = int32(fault.Origin)
	}
	if printed := printStates(e.stdout, output, r); printed != nil {
		return printed
	}
	return told(failed)
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

// events are the events about campaigns, as they come.
type events struct {
	more   chan *commdn.CampaignEvent
	missed chan struct{} // there were more than fit
	stop   func()
}

// eventBuffer is how many events may wait to be printed.
const eventBuffer = 1024

// watch begins to take in events; stop ends it.
func (s *session) watch() *events {
	e := &events{more: make(chan *commdn.CampaignEvent, eventBuffer), missed: make(chan struct{}, 1)}
	e.stop = s.WatchCampaigns(func(event *commdn.CampaignEvent) {
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
