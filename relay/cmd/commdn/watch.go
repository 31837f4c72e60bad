package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

type watchCmd struct {
	Names []string `arg:"" optional:"" name:"campaign/group" help:"Campaigns and groups, by name or DBID; none is all that the relay tells of." complete:"campaign-group"`
	OCS   int32    `name:"ocs" help:"DBID of the OCS to ask; needed where the relay knows several." default:"0" placeholder:"DBID"`
	forFlag
	relayFlags
	outputFlag
}

// forFlag says how long to watch.
type forFlag struct {
	For *time.Duration `help:"How long to watch, more than 0, as 1h; without it, until interrupted." placeholder:"TIME"`
}

// within gives the time; 0 is until interrupted.
func (f forFlag) within() (time.Duration, error) {
	switch {
	case f.For == nil:
		return 0, nil
	case *f.For <= 0:
		return 0, &exitError{exitUsage, fmt.Errorf("commdn: --for %s: give a time above 0, as 1h; without --for it watches until interrupted", *f.For)}
	}
	return *f.For, nil
}

func (c *watchCmd) Run(e *env) error {
	within, err := c.within()
	if err != nil {
		return err
	}
	s, err := c.open(e.ctx)
	if err != nil {
		return exitOf(err)
	}
	defer s.Close()
	w := &watcher{session: s, output: c.Output, within: within}
	if w.names, err = s.directory(e.ctx); err != nil {
		return err
	}
	for _, name := range c.Names {
		group, err := w.names.campaignGroup(name)
		if err != nil {
			return err
		}
		w.groups = append(w.groups, group)
		w.questions = append(w.questions, statusRequest(commdn.Address{Target: commdn.DBID(c.OCS)}, group))
	}
	return w.run(e)
}

// watcher prints the states of campaign groups and each event about them.
type watcher struct {
	*session
	names     names
	output    string
	within    time.Duration          // 0: until interrupted
	groups    []commdn.CampaignGroup // none: all
	questions []commdn.Request       // ask for the states of groups
	last      map[commdn.CampaignGroup]groupState
}

// asked is the answer to a question after the state.
type asked struct {
	event *commdn.CampaignEvent
	err   error
}

// run prints the states now, and each event, until interrupted or the time is
// over. When a lost connection is back, the states are asked for again; of all
// campaign groups the relay tells by itself.
func (w *watcher) run(e *env) error {
	ctx, cancel := context.WithCancel(e.ctx)
	if w.within > 0 {
		ctx, cancel = context.WithTimeout(e.ctx, w.within)
	}
	defer cancel()
	w.last = map[commdn.CampaignGroup]groupState{}
	events := w.watch()
	defer events.stop()
	status := make(chan client.Status, 16)
	defer w.Watch(func(s client.Status) {
		select {
		case status <- s:
		default: // somebody is slow; the next one tells
		}
	})()
	answers := make(chan asked)
	pending := 0
	ask := func() {
		pending = len(w.questions)
		go func() {
			for _, q := range w.questions {
				event, err := (&target{session: w.session}).ask(ctx, q)
				answers <- asked{event, err}
			}
		}()
	}
	ask()
	defer func() {
		cancel()
		for ; pending > 0; pending-- {
			<-answers
		}
	}()
	again := false
	for {
		var event *commdn.CampaignEvent
		var err error
		select {
		case a := <-answers:
			pending--
			if a.err != nil && ctx.Err() == nil {
				return exitOf(a.err)
			}
			event = a.event
		case event = <-events.more:
			if len(w.groups) > 0 && !slices.Contains(w.groups, event.CampaignGroup) {
				continue
			}
		case <-events.missed:
			again, err = true, w.gap(e, "some events were missed: they came faster than they could be printed")
		case s := <-status:
			switch s.State {
			case client.Disconnected:
				err = w.gap(e, fmt.Sprintf("connection to the relay at %s lost: %v", w.relay, s.Err))
			case client.Connected:
				again, err = true, w.gap(e, "connected again; events may have been missed")
			case client.Failed:
				return exitOf(w.unconnected(s.Err))
			}
		case <-ctx.Done():
			return nil
		}
		if again && pending == 0 {
			again = false
			ask()
		}
		if err == nil && event != nil {
			err = w.print(e, event)
		}
		if err != nil {
			return err
		}
	}
}

// print prints an event, but for the answer to somebody's question that is no
// news.
func (w *watcher) print(e *env, event *commdn.CampaignEvent) error {
	state := w.names.state(event)
	if last, known := w.last[event.CampaignGroup]; known && event.Event == commdn.EvCampaignStatus && state.same(last) {
		return nil
	}
	w.last[event.CampaignGroup] = state
	return line{Time: time.Now(), groupState: state}.print(e.stdout, w.output)
}

// gap tells that events may be missing: in JSON among them, to people beside them.
func (w *watcher) gap(e *env, why string) error {
	if w.output == formatJSON || w.output == formatJSONL {
		return writeJSON(e.stdout, gapLine{time.Now(), why})
	}
	_, err := fmt.Fprintln(e.stderr, why)
	return err
}

// gapLine is a line of JSON between events.
type gapLine struct {
	Time time.Time `json:"time"`
	Gap  string    `json:"gap"` // why events may be missing from here on
}

// line is an event as watch prints it.
type line struct {
	Time time.Time `json:"time"`
	groupState
}

// print prints one event: as JSON, or in columns.
func (l line) print(out io.Writer, output string) error {
	if output == formatJSON || output == formatJSONL {
		return writeJSON(out, l)
	}
	var text strings.Builder
	for _, row := range l.rows() {
		fmt.Fprintf(&text, "%s  %s\n", l.Time.Format("15:04:05.000"), strings.TrimRight(l.Event+"  "+strings.Join(row, "  "), " "))
	}
	_, err := io.WriteString(out, text.String())
	return err
}
