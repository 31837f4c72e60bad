package linkcheck

import (
	"fmt"
	"log/slog"
	"slices"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/config"
	"commdn/relay/link"
	"commdn/relay/tserver"
)

// opened is a link that is up.
type opened struct {
	*link.Link
	*passed
	close func()
}

// open opens the link, and says of each server that was tried what came of it;
// nil: none could be used.
func (c *check) open() *opened {
	l := c.conf
	if c.o.Running != nil {
		return c.running(c.o.Running(l.Name))
	}
	if lacks := l.Incomplete(); lacks != "" {
		c.out.say(StepConnect, Skip, "the link cannot be opened: nothing tells its "+lacks,
			"give it in the configuration, or correct what the directory step finds")
		return nil
	}
	driver, err := c.o.Driver(l)
	if err != nil {
		c.out.say(StepConnect, Fail, oneLine(err), "correct the link in the configuration")
		return nil
	}
	within := c.setup.Config.Limits.AnswerTimeout
	p := newProbe(driver, newPassed(l), within, len(l.Servers))
	keepAlive := tserver.KeepAlive{Idle: l.KeepAlive.Idle, Timeout: l.KeepAlive.Timeout}
	if keepAlive.Idle >= 0 {
		// Found within the time for an answer, so that a dead T-Server is told from
		// a silent OCS.
		keepAlive = tserver.KeepAlive{Idle: min(keepAlive.Idle, within/3), Timeout: min(keepAlive.Timeout, within/3)}
	}
	opening, err := link.New(link.Options{
		Name: l.Name, AppDBID: l.AppDBID, OCS: config.Servers(l.OCS), Backups: config.Backups(l.OCS), Charset: l.Charset, AnswerTimeout: within, Log: slog.New(slog.DiscardHandler),
		TServer: tserver.Options{
			Driver: p, Servers: l.Servers, CommDN: l.CommDN, Application: l.Application,
			KeepAlive: keepAlive, MinBackoff: l.Backoff.Min, MaxBackoff: l.Backoff.Max,
		},
		OnEvent:     func(*commdn.CampaignEvent) uint64 { return 0 },
		OnState:     func(s frame.Link) { p.state(s.Up) },
		OnUserEvent: func() {},
	})
	if err != nil {
		c.out.say(StepConnect, Fail, oneLine(err), "correct the link in the configuration")
		return nil
	}
	opening.Start()
	up := p.wait(c.ctx)
	c.tell(p.attempts(), up)
	if !up {
		opening.Close()
		return nil
	}
	return &opened{opening, p.passed, opening.Close}
}

// tell says what each server answered.
func (c *check) tell(tried []attempt, up bool) {
	if len(tried) == 0 {
		c.out.say(StepConnect, Fail, "interrupted before a server had answered", "check again")
	}
	for _, a := range tried {
		f := diagnose(a.err)
		c.out.Answered = c.out.Answered || f.answered
		ours := fmt.Sprintf("application %q", c.conf.Application)
		dn := fmt.Sprintf("CommDN %q", c.conf.CommDN)
		passed := func(step, text string) { c.out.say(step, OK, text) }
		switch f.step {
		case StepConnect:
			c.out.say(StepConnect, Fail, a.server+": "+f.text, f.hints...)
			continue
		case StepSwitch:
			passed(StepConnect, a.server+" accepts the connection")
			passed(StepApplication, ours+" is accepted")
			if up {
				passed(StepSwitch, a.server+" has no link to its switch, as the backup of a pair has none")
				continue
			}
			c.out.say(StepSwitch, Fail, a.server+": "+f.text, f.hints...)
			continue
		}
		passed(StepConnect, "connected to "+a.server)
		if f.step == StepApplication {
			c.out.say(StepApplication, Fail, ours+" is refused: "+f.text, f.hints...)
			continue
		}
		passed(StepApplication, ours+" is accepted")
		passed(StepSwitch, "T-Server has its link to the switch")
		if f.step == StepCommDN {
			c.out.say(StepCommDN, Fail, dn+" is refused: "+f.text, f.hints...)
			continue
		}
		passed(StepCommDN, dn+" is registered")
	}
	for _, server := range c.conf.Servers {
		if up && !slices.ContainsFunc(tried, func(a attempt) bool { return a.server == server }) {
			c.out.say(StepConnect, Skip, server+" is not tried, as the link is up")
		}
	}
}
