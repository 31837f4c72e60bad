package linkcheck

import (
	"errors"
	"fmt"
	"slices"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/config"
	"commdn/relay/link"
	"commdn/relay/numbers"
	"commdn/relay/tserver"
)

const notUp = "the link is not up"

// campaign asks OCS for the status of the campaign group.
func (c *check) campaign(l *opened) {
	if c.o.Campaign == nil {
		return
	}
	if l == nil {
		c.out.say(StepCampaign, Skip, notUp)
		return
	}
	servers := config.Servers(c.conf.OCS)
	if d := c.setup.Directory; d != nil {
		if ocs := d.ServerOf(*c.o.Campaign); ocs != 0 {
			if len(servers) > 0 && !slices.Contains(servers, ocs) {
				c.elsewhere(ocs)
				return
			}
			servers = []commdn.DBID{ocs}
		}
	}
	if len(servers) == 0 {
		c.out.say(StepCampaign, Fail, "it is not known which OCS serves "+c.o.CampaignName, "give the link's ocs in the configuration, or a directory")
		return
	}
	for _, ocs := range servers {
		req := &commdn.GetCampaignStatus{CampaignGroup: *c.o.Campaign}
		req.Target = ocs
		c.ask(l, StepCampaign, c.o.CampaignName, req, []commdn.DBID{ocs})
	}
}

// elsewhere says that the campaign's OCS is not one of the link's.
func (c *check) elsewhere(ocs commdn.DBID) {
	text := fmt.Sprintf("%s is served by OCS %d, which is not on this link", c.o.CampaignName, ocs)
	if len(c.o.Links) > 1 {
		c.out.say(StepCampaign, Skip, text)
		return
	}
	c.out.say(StepCampaign, Fail, text, "check the link of that OCS with --link, or correct the link's ocs")
}

// doNotCall puts the phone on the lists of all OCS of the link, in each form in which
// the rules of the link send it.
func (c *check) doNotCall(l *opened) {
	if c.o.Phone == "" {
		return
	}
	if l == nil {
		c.out.say(StepDoNotCall, Skip, notUp)
		return
	}
	sites, err := c.conf.Sites()
	var forms []numbers.Form
	if err == nil {
		forms, err = sites.Forms(c.o.Phone)
	}
	if unfit, is := errors.AsType[*numbers.FormError](err); is && unfit.Foreign && len(c.o.Links) > 1 {
		c.out.say(StepDoNotCall, Skip, "the number "+err.Error())
		return
	}
	if err != nil {
		c.out.say(StepDoNotCall, Fail, "the number "+err.Error(), "commdn numbers explain NUMBER --config FILE says what the rules of each link make of it")
		return
	}
	for _, f := range forms {
		c.ask(l, StepDoNotCall, f.Text, &commdn.DoNotCall{Phone: f.Text}, config.Servers(c.conf.OCS))
	}
}

// ask makes a request about somebody or something, and says what each of the OCS
// answered.
func (c *check) ask(l *opened, step, about string, req commdn.Request, from []commdn.DBID) {
	l.begin()
	l.observer.asks(req)
	unread := l.observer.misunderstood()
	missing := slices.Clone(from)
	refused := l.Ask(c.ctx, link.Call{Request: req, Answer: func(a link.Answer, _ bool) {
		origin := a.Addr().Origin
		missing = slices.DeleteFunc(missing, func(id commdn.DBID) bool { return id == origin })
		c.answer(step, about, origin, a.Message)
	}})
	if refused == nil {
		return
	}
	acked, lost := l.since()
	switch {
	case refused.Code == frame.RefusedNoAnswer && errors.Is(lost, tserver.ErrSilent):
		c.out.say(step, Fail, "T-Server gives no sign of life since the request",
			"T-Server, or the bridge, is frozen: the connection stands, and keep-alive is not answered; look at its process and its log")
	case lost != nil:
		c.out.say(step, Fail, "the link was lost before OCS answered: "+oneLine(lost), "look at T-Server's and the bridge's log, and check again")
	case refused.Code == frame.RefusedNoAnswer && acked == 0:
		c.out.say(step, Fail, "T-Server has not acknowledged the request", "T-Server, or the bridge, is busy or frozen; look at its log")
	case refused.Code == frame.RefusedNoAnswer && l.complained() != nil:
		c.out.say(step, Fail, "no answer that could be read; meanwhile T-Server, or the bridge, says "+said(l.complained()),
			"the bridge drops an event that it cannot carry, and names the value: most likely that was the answer; look at the bridge's log, and report it")
	case refused.Code == frame.RefusedNoAnswer && l.observer.misunderstood() > unread:
		c.out.say(step, Fail, fmt.Sprintf("no answer that is understood within %s; something came on the CommDN that is not", c.setup.Config.Limits.AnswerTimeout),
			"it may be the answer: --protocol FILE writes down how it looks, without anything about customers; send us the file")
	case refused.Code == frame.RefusedNoAnswer && len(missing) > 0:
		for _, ocs := range missing {
			c.silent(step, fmt.Sprintf("OCS %d", ocs), instead(l, ocs))
		}
	case refused.Code == frame.RefusedNoAnswer:
		c.silent(step, "OCS", "")
	default:
		c.out.say(step, Fail, refused.Message, "T-Server did not take the request: its code and text, and its log, say why; the CommDN has to be registered for sharing, not for monitoring only")
	}
}

// instead gives what another application has answered in place of an OCS; empty: none has.
func instead(l *opened, ocs commdn.DBID) string {
	for _, h := range l.Health() {
		if h.OCS == ocs {
			return h.Instead()
		}
	}
	return ""
}

// silent says that T-Server took a request and OCS did not answer it. Where another
// application has, that is what to look at.
func (c *check) silent(step, ocs, instead string) {
	what := fmt.Sprintf("%s is silent: nothing within %s; T-Server took the request and is alive", ocs, c.setup.Config.Limits.AnswerTimeout)
	if instead != "" {
		c.out.say(step, Fail, what, instead)
		return
	}
	c.out.say(step, Fail, what,
		fmt.Sprintf("check Connections: OCS answers a third-party-server that is in its own Connections, or a third-party-application that has it in its; is application %q (%d) so?", c.conf.Application, c.conf.AppDBID),
		fmt.Sprintf("check outbound_contact_server: OCS works with %q only if no other Communication DN has the option true and this one has it not false", c.conf.CommDN),
		"check that the DBID of the OCS is right, that it runs, is primary, and is connected to this T-Server")
}

// answer says what one OCS answered.
func (c *check) answer(step, about string, ocs commdn.DBID, m commdn.Message) {
	switch m := m.(type) {
	case *commdn.Fault:
		// OCS's own words may hold a number that nobody has typed here.
		text := fmt.Sprintf("OCS %d answers %s", ocs, m.Trace(step == StepDoNotCall))
		if m.Message == "" && m.Code.Text() != "" {
			text += ": " + m.Code.Text()
		}
		c.out.say(step, Fail, text, faultHint(m.Code))
	case *commdn.CampaignEvent:
		text := fmt.Sprintf("OCS %d answers %s for %s", ocs, m.Event, about)
		if m.HasStatus {
			text += ": " + m.Status.String()
		}
		c.out.say(step, OK, text)
	case *commdn.DoNotCallProcessed:
		c.out.say(step, OK, fmt.Sprintf("OCS %d answers %s for %s", ocs, m.Type(), about))
	default:
		c.out.say(step, Fail, fmt.Sprintf("OCS %d answers %s, which is no answer to this", ocs, m.Type()), "look at the OCS's log")
	}
}

// faultHint says what to do about an error of OCS.
func faultHint(code commdn.ErrorCode) string {
	switch code {
	case commdn.ErrorCampaignNotFound, commdn.ErrorGroupNotFound, commdn.ErrorGroupCampNotFound:
		return "the link works; the campaign, the group, or the two together are not configured at this OCS: check names or DBIDs, and the campaign group"
	case commdn.ErrorCampaignNotLoaded:
		return "the link works; the campaign is not loaded"
	case commdn.ErrorLicenseViolation:
		return "the link works; OCS lacks a licence for this"
	}
	return "the link works; OCS refuses the request, and its log says more"
}
