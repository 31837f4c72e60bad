package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
	"commdn/relay/internal/near"
)

// waitFlags say what state to wait for after a command.
type waitFlags struct {
	Wait        string        `help:"Wait until the campaign is in this state: ${states}, loaded (which is active or in-active), the vendor's name or number; of a sequence stopped, finished and unloading, too. Ends at once when the state can no longer come." placeholder:"STATE" complete:"state"`
	WaitTimeout time.Duration `help:"How long to wait for the state." default:"1m"`
}

// goal is what is waited for; the zero value is nothing.
type goal struct {
	on     bool
	status commdn.GroupStatus
	also   []commdn.GroupStatus // as good
	phase  string               // of a sequence, in place of a status; "": none
	within time.Duration
}

// ownPhases are the phases of a sequence that are more than a status. Running and
// not-loaded are both.
var ownPhases = []string{phaseLoaded, phaseStopped, phaseFinished, phaseUnloading}

// goal reads the flags.
func (w waitFlags) goal(sequence bool) (goal, error) {
	g := goal{on: w.Wait != "", within: w.WaitTimeout}
	word := strings.ReplaceAll(strings.ToLower(w.Wait), "_", "-")
	switch {
	case !g.on:
		return g, nil
	case sequence && slices.Contains(ownPhases, word):
		g.phase = word
		return g, nil
	case word == phaseLoaded:
		g.status, g.also = commdn.StatusActive, []commdn.GroupStatus{commdn.StatusInActive}
		return g, nil
	}
	var err error
	if g.status, err = enums.Status(w.Wait); err == nil {
		return g, nil
	}
	words := []string{phaseLoaded}
	if sequence {
		words = ownPhases
	}
	words = append(enums.Statuses(), words...)
	hint := ""
	if like := near.Names(word, words, 1); like != nil {
		hint = "; did you mean " + like[0] + "?"
	}
	return g, &exitError{exitUsage, fmt.Errorf("commdn: --wait: %q is no state; there are %s%s", w.Wait, strings.Join(words, ", "), hint)}
}

func (g goal) String() string {
	switch {
	case g.phase != "":
		return g.phase
	case g.status == commdn.StatusActive && slices.Equal(g.also, []commdn.GroupStatus{commdn.StatusInActive}):
		return phaseLoaded
	}
	return g.status.String()
}

// reached says whether an event tells that it has come, after a request of type asked.
// ran is whether the sequence was seen to run: with auto completion it is unloaded at its
// end.
func (g goal) reached(asked commdn.MessageType, e *commdn.CampaignEvent, ran bool) bool {
	status, known := statusOf(e)
	if g.phase == "" {
		return known && (status == g.status || slices.Contains(g.also, status))
	}
	switch phase := phaseOf(e); {
	case phase == g.phase:
		return true
	case g.phase == phaseFinished:
		return ran && known && status == commdn.StatusNotLoaded
	case g.phase == phaseStopped: // one that is stopped in its first item looks loaded
		return asked == commdn.ReqStopDialing && phase == phaseLoaded
	}
	return false
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
		below := g.status > status
		if g.phase != "" {
			below = g.phase != phaseUnloading || status == commdn.StatusNotLoaded
		}
		return below && (loaded || asked != commdn.ReqLoadCampaign)
	}
	ends := asked == commdn.ReqStopDialing || asked == commdn.ReqUnloadCampaign || asked == commdn.ReqForceUnloadCampaign
	return ends && status < commdn.StatusRunning && (g.phase == phaseFinished || g.phase == "" && g.status == commdn.StatusRunning)
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
			case g.reached(asked, last, ran):
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
