package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
)

// waitFlags say what state to wait for after a command.
type waitFlags struct {
	Wait        string        `help:"Wait until the campaign is in this state: ${states}, the vendor's name or number; of a sequence, finished too. Ends at once when the state can no longer come." placeholder:"STATE" complete:"state"`
	WaitTimeout time.Duration `help:"How long to wait for the state." default:"1m"`
}

// finished is what can be waited for of a sequence beside the states: that it has
// come to its end.
const finished = "finished"

// goal is what is waited for; the zero value is nothing.
type goal struct {
	on       bool
	status   commdn.GroupStatus
	also     []commdn.GroupStatus // as good
	finished bool
	within   time.Duration
}

// goal reads the flags.
func (w waitFlags) goal(sequence bool) (goal, error) {
	g := goal{on: w.Wait != "", within: w.WaitTimeout}
	var err error
	if g.finished = sequence && w.Wait == finished; g.on && !g.finished {
		if g.status, err = enums.Status(w.Wait); err != nil {
			return g, &exitError{exitUsage, fmt.Errorf("commdn: --wait: %w", err)}
		}
	}
	return g, nil
}

func (g goal) String() string {
	if g.finished {
		return finished
	}
	return g.status.String()
}

// reached says whether an event tells that it has come. ran is whether the
// sequence was seen to run: with auto completion it is unloaded at its end.
func (g goal) reached(e *commdn.CampaignEvent, ran bool) bool {
	status, known := statusOf(e)
	if !g.finished {
		return known && (status == g.status || slices.Contains(g.also, status))
	}
	return phaseOf(e) == phaseFinished || ran && known && status == commdn.StatusNotLoaded
}

// lost says whether it can no longer come without another request, after one of
// type asked was done and OCS has told e. Who only asks for the state waits for
// what others do. loaded is whether it was seen to be loaded since: what a relay
// has of a state may be from before a load.
func (g goal) lost(asked commdn.MessageType, e *commdn.CampaignEvent, loaded bool) bool {
	status, known := statusOf(e)
	if !known || asked == commdn.ReqGetCampaignStatus {
		return false
	}
	if status < commdn.StatusInActive {
		return (g.finished || g.status > status) && (loaded || asked != commdn.ReqLoadCampaign)
	}
	ends := asked == commdn.ReqStopDialing || asked == commdn.ReqUnloadCampaign || asked == commdn.ReqForceUnloadCampaign
	return ends && status < commdn.StatusRunning && (g.finished || g.status == commdn.StatusRunning)
}

// waitError says that a state did not come.
type waitError struct {
	what  string // "Autumn/Sales is CM_GCS_Active, not CM_GCS_Running"
	why   string // "after 1m0s"
	never bool   // it can no longer come
}

// Error gives one line.
func (e *waitError) Error() string { return e.what + ", " + e.why }

func (e *waitError) state() string {
	if e.never {
		return "cannot-come"
	}
	return "timed-out"
}

// askAgain is how often the state is asked for while it is waited for: an event
// may be missed while a connection is away.
const askAgain = 5 * time.Second

// wait waits for a state after a request of type asked, and gives the event that
// told of it.
func (t *target) wait(ctx context.Context, news *events, last *commdn.CampaignEvent, g goal, asked commdn.MessageType) (*commdn.CampaignEvent, error) {
	ctx, cancel := context.WithTimeout(ctx, g.within)
	defer cancel()
	again := time.NewTicker(askAgain)
	defer again.Stop()
	// What came before the answer is older than it, as what it has been asked
	// for may be; whether anything came since, OCS tells.
	for len(news.more) > 0 {
		<-news.more
	}
	ask := true
	loaded, ran := false, false // whether it was seen so
	for {
		if last != nil {
			status, known := statusOf(last)
			loaded = loaded || known && status >= commdn.StatusInActive
			ran = ran || known && status == commdn.StatusRunning
			switch {
			case g.reached(last, ran):
				return last, nil
			case g.lost(asked, last, loaded):
				return last, &waitError{t.is(last, g), "and that can no longer come without another request", true}
			}
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
			why := fmt.Sprintf("after %v", g.within)
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				why = "when interrupted"
			}
			return last, &waitError{t.is(last, g), why, false}
		}
	}
}

// is says how a campaign group is and how it should be.
func (t *target) is(e *commdn.CampaignEvent, g goal) string {
	state := "in a state that OCS does not tell"
	if e != nil {
		if status, known := statusOf(e); known {
			state = status.String()
		}
	}
	return fmt.Sprintf("%s is %s, not %s", t.names.text(t.group), state, g)
}
