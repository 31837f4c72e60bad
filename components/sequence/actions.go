package sequence

import (
	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// action is what a button does; its words are lang.SequenceAction0 and the keys after it.
// Actions up to status ask OCS; those from up on act on an item.
type action int

const (
	load action = iota
	begin
	set
	stop
	unload
	status
	add
	now
	show
	back
	up
	down
	duplicate
	remove
	undo // the removal

	requests = add
	none     = action(-1)
)

// asking is an open confirmation. The component sends what it holds, whatever happens
// meanwhile to the draft, OCS's sequence or the attributes.
type asking struct {
	action action
	key    session.GroupKey
	plan   *commdn.Sequence
}

// plan returns the sequence of an action: OCS's own for stopping, unloading and status,
// else the draft.
func (c *Sequence) plan(a action) *commdn.Sequence {
	if has := c.live.plan; c.live.loaded() && has != nil && (a >= stop || a == begin && c.same()) {
		q := &commdn.Sequence{Description: has.Description, Start: has.Start}
		for _, it := range has.Items {
			if it = plain(it); it.Dialing == (commdn.Dialing{}) {
				it.Dialing = usual // OCS has not told, and a request has to say something
			}
			q.Items = append(q.Items, it)
		}
		return q
	}
	start := c.env.Now().Unix()
	if a == set && c.live.plan != nil {
		start = c.live.plan.Start
	}
	return c.draft.sequence(start)
}

// requestTypes are the message types of the actions that ask OCS.
var requestTypes = [requests]commdn.MessageType{
	load: commdn.ReqLoadCampaign, begin: commdn.ReqStartDialing, set: commdn.ReqSetDialingMode,
	stop: commdn.ReqStopDialing, unload: commdn.ReqUnloadCampaign, status: commdn.ReqGetCampaignStatus,
}

// request builds the request of an action.
func request(a action, key session.GroupKey, q *commdn.Sequence, finish commdn.AutoCompletion) commdn.Request {
	return commdn.Control{
		Address:       commdn.Address{Target: key.OCS},
		CampaignGroup: commdn.CampaignGroup{Group: key.Group},
		Dialing:       q.Items[0].Dialing, // mandatory beside those of the items
		Sequence:      q, AutoCompletion: finish,
	}.Request(requestTypes[a])
}

// reason says why an action is impossible now. Empty means that it is possible. found are
// the draft's problems.
func (c *Sequence) reason(a action, found []problem) string {
	if a > status {
		if (a == add || a == undo) && c.full() {
			return c.text(lang.SequenceManyItems, "n", c.env.Lang().Number(commdn.MaxSequenceItems))
		}
		return ""
	}
	if why := c.never(a); why != "" {
		return why
	}
	l := c.env.Lang()
	loaded := c.live.loaded() && c.live.plan != nil
	if (a < stop || !loaded) && len(found) > 0 {
		return c.first(found)
	}
	if !loaded {
		return ""
	}
	switch a {
	case begin:
		if !c.same() {
			return l.Text(lang.SequenceOther)
		}
	case set:
		switch has := c.live.plan; {
		case c.same() && (c.draft.finish == commdn.AutoCompletionUnset || c.draft.finish == c.live.finish):
			return l.Text(lang.SequenceNoChange)
		case !c.draft.campaigns(has):
			return l.Text(lang.SequenceOtherCampaigns)
		case !c.draft.dialing(has):
			return l.Text(lang.SequenceOnlyModes)
		}
	}
	return ""
}

// never returns the reasons that do not depend on the draft.
func (c *Sequence) never(a action) string {
	l, v := c.env.Lang(), &c.live
	if !c.env.Session.May(frame.RoleSupervisor) {
		return l.Text(lang.Refusal7)
	}
	if why := c.unconnected(); why != "" {
		return why
	}
	if c.sent != nil {
		return l.Text(lang.SequenceBusy)
	}
	switch {
	case !v.known:
		if a == set {
			return l.Text(lang.SequenceNotTold)
		}
	case a == load && v.loaded():
		return l.Text(lang.SequenceIsLoaded)
	case a == begin && v.runs():
		return l.Text(lang.SequenceIsRunning)
	case a != load && a != status && !v.loaded():
		return l.Text(lang.SequenceNotLoaded)
	case (a == set || a == stop) && !v.runs():
		return l.Text(lang.SequenceNotRunning)
	}
	return ""
}

// handleButton runs an action: it edits, sends a request, or asks first if the action
// ends something.
func (c *Sequence) handleButton(a action, event vugu.DOMEvent) {
	if c.press.Again(event) {
		return
	}
	if why := c.reason(a, c.problems()); why != "" {
		c.tried, c.said, c.eager = a, why, true
		return
	}
	switch a {
	case add:
		c.addNew()
	case now:
		c.setStart("")
		c.focus(fieldKey(0, start))
		c.edited()
	case show:
		c.show()
	case back:
		c.back()
	case undo:
		c.undo()
	case stop, unload:
		c.asking = &asking{a, c.key(), c.plan(a)}
		c.press.Open(event, c.env.Now())
		c.said = c.question()
	default:
		c.send(a, c.key(), c.plan(a))
	}
}

func (c *Sequence) send(a action, key session.GroupKey, q *commdn.Sequence) {
	req := request(a, key, q, c.draft.finish)
	c.tried = none
	c.sent = req
	c.result = c.env.Session.Send(req)
	c.said = ui.Outcome(c.env.Session, c.env.Lang(), c.result)
	c.env.Emit(ui.Detail(c.env.Lang(), c.result), "commdn-state")
}

// settled takes the result of a request of this element, or the late one.
func (c *Sequence) settled(e session.Entry) {
	event := "commdn-result"
	switch {
	case e.Req == c.sent:
		c.sent, c.result = nil, e
		c.silent.Note(e)
	case c.silent.Late(e):
		event = "commdn-late"
		if c.result.ID == e.ID {
			c.result = e
		}
	default:
		return
	}
	c.follow()
	if e.OK() {
		c.done(e.Req)
	}
	key, _ := session.About(e.Req)
	if gone(&e) && key == c.live.key { // OCS no longer has the sequence that it reported
		c.live.status, c.live.known, c.live.at = commdn.StatusNotLoaded, true, e.At
	}
	c.said = c.resultText(e)
	c.env.Emit(ui.Detail(c.env.Lang(), e), "commdn-state", event)
}

// gone reports whether OCS says that it has no sequence for the group.
func gone(e *session.Entry) bool {
	fault := e.Fault()
	return fault != nil && fault.Code == commdn.ErrorCampaignScheduleNotFound
}

// question is the text of the confirmation.
func (c *Sequence) question() string {
	key := lang.SequenceAskStop
	if c.asking.action == unload {
		key = lang.SequenceAskUnload
	}
	return c.text(key, "group", named(c.env.Session.GroupName(c.asking.key.Group), c.asking.key.Group), "campaigns", c.names(c.asking.plan))
}

// names lists the campaigns of a sequence.
func (c *Sequence) names(q *commdn.Sequence) string {
	names := ""
	for i, it := range q.Items {
		if i > 0 {
			names += " · "
		}
		names += c.campaign(it.Campaign)
	}
	return names
}

// yes is the text of the button that confirms.
func (c *Sequence) yes() string {
	if c.asking.action == unload {
		return c.text(lang.SequenceYesUnload)
	}
	return c.text(lang.SequenceYesStop)
}

// changedText says that the page no longer shows what the confirmation will send.
func (c *Sequence) changedText() string {
	now := c.plan(c.asking.action)
	if c.asking.key == c.key() && equal(now, c.asking.plan) {
		return ""
	}
	return c.text(lang.SequenceChanged, "campaigns", c.names(c.asking.plan))
}

// handleYes sends what the confirmation shows.
func (c *Sequence) handleYes(event vugu.DOMEvent) {
	if c.asking == nil || !c.press.Counts(event) {
		return
	}
	a := *c.asking
	if why := c.never(status); why != "" { // the right or the connection was lost meanwhile
		c.tried, c.said = a.action, why
		return
	}
	c.room.Keep(event)
	c.close()
	c.send(a.action, a.key, a.plan)
}

// handleNo closes the confirmation.
func (c *Sequence) handleNo(event vugu.DOMEvent) {
	if c.asking != nil && c.press.Counts(event) {
		c.room.Keep(event)
		c.close()
	}
}

// close closes the confirmation and returns the focus to the button that opened it.
func (c *Sequence) close() {
	c.focus(actionKey(c.asking.action))
	c.asking, c.said, c.tried = nil, "", none
}

// handleKey cancels a drag or a confirmation on Escape, and keeps a key from the
// confirmation that was under way before it.
func (c *Sequence) handleKey(event vugu.DOMEvent) {
	if c.press.Down(event, c.env.Now()) && c.asking != nil {
		event.PreventDefault()
		return
	}
	if event.PropString("key") != "Escape" || c.asking == nil && !c.drag.on {
		return
	}
	event.StopPropagation() // keep a dialog of the host around us open
	if c.drag.on {
		c.drag = drag{}
		return
	}
	c.close()
}

// handleKeyUp follows the keys.
func (c *Sequence) handleKeyUp(event vugu.DOMEvent) { c.press.Up(event) }

// space is the attribute style of the element's outermost node.
func (c *Sequence) space() any { return c.room.Style() }

// handleDismiss removes the result from the page.
func (c *Sequence) handleDismiss(event vugu.DOMEvent) {
	if c.press.Again(event) {
		return
	}
	c.room.Keep(event)
	c.focus(actionKey(status))
	c.result, c.said = session.Entry{}, ""
}

// show turns OCS's sequence into the draft and keeps the old draft.
func (c *Sequence) show() {
	if !c.differs() {
		return
	}
	kept := c.draft
	c.kept = &kept
	c.take(c.live.plan, c.live.finish)
	c.said = c.text(lang.SequenceTaken)
	c.focus(actionKey(back))
	c.edited()
}

// back restores that draft.
func (c *Sequence) back() {
	if c.kept == nil {
		return
	}
	c.draft, c.kept, c.open = *c.kept, nil, 0
	c.focus(actionKey(add))
	c.edited()
}
