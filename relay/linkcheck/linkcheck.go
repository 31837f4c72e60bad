// Package linkcheck tries the links of a relay's configuration as the relay
// would use them, and says step by step what came back, for an administrator to
// act on.
package linkcheck

import (
	"context"
	"fmt"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/config"
	"commdn/relay/directory"
	"commdn/relay/habits"
	"commdn/relay/link"
	"commdn/relay/tserver"
)

// State is how a Step ended.
type State string

// The states.
const (
	OK   State = "ok"
	Fail State = "fail"
	Skip State = "skip" // not tried, or not possible after a failure before it
)

// Names of steps, in their order.
const (
	StepConnect     = "connect"
	StepApplication = "application"
	StepSwitch      = "switch"
	StepCommDN      = "commdn"
	StepDirectory   = "directory"
	StepCampaign    = "campaign"
	StepDoNotCall   = "do-not-call"
)

// Step is one thing that was tried.
type Step struct {
	Step  string   `json:"step"`
	State State    `json:"state"`
	Text  string   `json:"text"`            // what came back
	Hints []string `json:"hints,omitempty"` // what to do, or what else is worth knowing
}

// Link is what came of one link.
type Link struct {
	Link     string `json:"link"`
	Answered bool   `json:"answered"` // a T-Server has answered, a refusal included
	Steps    []Step `json:"steps"`
	// Protocol is how OCS was seen to answer; nil: it was not.
	Protocol *habits.Protocol `json:"-"`
}

// OK says that no step failed.
func (l *Link) OK() bool {
	for _, s := range l.Steps {
		if s.State == Fail {
			return false
		}
	}
	return true
}

func (l *Link) say(step string, state State, text string, hints ...string) {
	l.Steps = append(l.Steps, Step{step, state, text, hints})
}

// Options say what is checked.
type Options struct {
	Links  []config.Link // those chosen of the Setup's
	Driver func(config.Link) (tserver.Driver, error)
	// Running gives the links of a relay that runs, which are used in place of
	// connections of the check's own; nil: there is none.
	Running func(name string) *link.Link

	// Campaign is what OCS is asked the status of; nil: nothing. CampaignName is
	// how it is called in texts.
	Campaign     *commdn.CampaignGroup
	CampaignName string
	// Phone is put on the Do Not Call list of every OCS of each link, in the forms in
	// which the link's rules send it; empty: none is. It is in texts.
	Phone string
}

// Run checks the links one after the other, and calls done with each.
func (s *Setup) Run(ctx context.Context, o Options, done func(*Link)) {
	for _, l := range o.Links {
		c := &check{ctx: ctx, setup: s, o: o, out: &Link{Link: l.Name}}
		c.run(l)
		done(c.out)
	}
}

// check is the check of one link.
type check struct {
	ctx   context.Context
	setup *Setup
	o     Options
	conf  config.Link // complete as far as the directory tells
	out   *Link
}

func (c *check) run(l config.Link) {
	var found []directory.Finding
	c.conf, found = c.setup.complete(l)
	open := c.open()
	if open != nil {
		defer open.close()
	}
	c.directory(found)
	c.campaign(open)
	c.doNotCall(open)
	if open != nil {
		if p, ok := open.observer.protocol(); ok {
			c.out.Protocol = &p
		}
	}
}

// directory says what the directory has on the link.
func (c *check) directory(found []directory.Finding) {
	switch {
	case c.setup.Failure != nil:
		c.out.say(StepDirectory, Fail, oneLine(c.setup.Failure), "a relay does not start without its directory, or uses an older one that it has kept; see commdn directory check")
		return
	case c.setup.Directory == nil:
		c.out.say(StepDirectory, Skip, "the configuration names no directory, so that Connections and outbound_contact_server cannot be looked at")
		return
	}
	prefix := "link " + c.conf.Name + ": "
	failed := false
	var notes []string
	for _, f := range found {
		text := strings.TrimPrefix(f.Text, prefix)
		if f.Severity == directory.Error {
			failed = true
			c.out.say(StepDirectory, Fail, text)
			continue
		}
		notes = append(notes, f.Severity.String()+": "+text)
	}
	if failed {
		last := &c.out.Steps[len(c.out.Steps)-1]
		last.Hints = append(notes, "correct this in Configuration Database, or in the directory's file; commdn directory check shows all of it")
		return
	}
	c.out.say(StepDirectory, OK, fmt.Sprintf("application %s (%d) is served on %s by OCS %s",
		c.conf.Application, c.conf.AppDBID, c.conf.CommDN, dbids(config.Servers(c.conf.OCS))), notes...)
}

func dbids(ids []commdn.DBID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = fmt.Sprint(id)
	}
	return strings.Join(words, ", ")
}

// oneLine gives an error, of several joined ones too, in one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
