package ocs

import (
	"slices"
	"strconv"
	"time"

	"commdn/protocol/commdn"
)

// sequence is a campaign sequence that is loaded for a group. Its campaigns are
// loaded with it and dialed one after the other.
type sequence struct {
	e      *engine
	tenant commdn.DBID
	group  commdn.DBID
	plan   commdn.Sequence
	items  []*campaignGroup // of plan.Items; a campaign may be there twice

	status  commdn.GroupStatus // CM_GCS_Active or CM_GCS_Running
	dialing commdn.Dialing     // as the last request had it beside the schedule
	auto    commdn.AutoCompletion
	asked   *commdn.DialingPriority // of all its campaigns
	changed bool                    // since the last CM_EvCampaignStatus about the sequence

	at       int       // the item that is dialed, or the next to be
	startAt  time.Time // when it is to be started; zero while it is dialed
	began    bool      // it has been started at least once
	progress run       // what was dialed of it before the sequence was stopped
}

// controlSequence serves a request with campaign 0.
func (e *engine) controlSequence(c control) (*commdn.CampaignEvent, *refusal) {
	if !e.hasGroup(c.tenant, c.Group) {
		return nil, refuse(commdn.ErrorGroupNotFound)
	}
	q := e.sequences[c.Group]
	if c.kind == commdn.ReqLoadCampaign {
		if q != nil {
			return nil, wrongMode("a sequence is loaded for the group already")
		}
		q, no := e.loadSequence(c)
		if no != nil {
			return nil, no
		}
		event := q.event(acknowledgement(c.kind))
		return &event, nil
	}
	if q == nil || !q.matches(c.Sequence) {
		return nil, refuse(commdn.ErrorCampaignScheduleNotFound)
	}
	var no *refusal
	switch c.kind {
	case commdn.ReqUnloadCampaign:
		q.unload((*campaignGroup).startUnload)
	case commdn.ReqForceUnloadCampaign:
		q.unload((*campaignGroup).endUnload)
	case commdn.ReqStartDialing:
		no = q.start(c)
	case commdn.ReqStopDialing:
		no = q.stop()
	case commdn.ReqSetDialingMode:
		no = q.setDialing(c)
	}
	if no != nil {
		return nil, no
	}
	event := q.event(acknowledgement(c.kind))
	return &event, nil
}

func wrongMode(text string) *refusal {
	return &refusal{commdn.ErrorInvalidCampaignScheduleMode, text}
}

// inItem puts the number of a schedule item before the text of a refusal.
func inItem(i int, code commdn.ErrorCode, text string) *refusal {
	return &refusal{code, commdn.KeyScheduleItem + strconv.Itoa(i+1) + ": " + text}
}

// loadSequence checks every item before it loads the first one.
func (e *engine) loadSequence(c control) (*sequence, *refusal) {
	q := &sequence{
		e: e, tenant: c.tenant, group: c.Group, plan: *c.Sequence, status: commdn.StatusActive,
		dialing: c.Dialing, auto: c.AutoCompletion, asked: c.Priority, changed: true,
	}
	q.plan.Items = slices.Clone(q.plan.Items)
	for i := range q.plan.Items {
		item := q.plan.Items[i]
		g, no := e.find(q.tenant, commdn.CampaignGroup{Campaign: item.Campaign, Group: q.group})
		if no != nil {
			return nil, inItem(i, commdn.ErrorInvalidCampaignSchedule, no.text)
		}
		if no := g.licensed(item.Dialing); no != nil {
			return nil, inItem(i, no.code, no.text)
		}
		if g.loaded() {
			no := refuse(commdn.ErrorCampaignAlreadyLoaded)
			return nil, inItem(i, no.code, no.text)
		}
		q.items = append(q.items, g)
	}
	for i := range q.items {
		q.loadItem(i)
	}
	e.sequences[q.group] = q
	return q, nil
}

// loadItem loads the campaign of an item unless it is loaded; the caller has
// checked its licence. A campaign that the sequence was done with, and that
// somebody else has loaded since, belongs to the sequence again.
func (q *sequence) loadItem(i int) {
	g := q.items[i]
	g.held = q
	if !g.loaded() {
		g.load(q.control(i))
	}
}

// control is what a request for an item alone would say. Auto completion is the
// sequence's own.
func (q *sequence) control(i int) commdn.Control {
	return commdn.Control{Dialing: q.plan.Items[i].Dialing, Priority: q.asked}
}

// takeOver takes what a request may say besides schedule and dialing.
func (q *sequence) takeOver(c control) {
	if c.AutoCompletion != commdn.AutoCompletionUnset {
		q.auto = c.AutoCompletion
	}
	if c.Priority != nil {
		q.asked = c.Priority
	}
}

// matches says whether a request means this sequence: it names the same
// campaigns in the same order.
func (q *sequence) matches(asked *commdn.Sequence) bool {
	return slices.EqualFunc(q.plan.Items, asked.Items, func(a, b commdn.SequenceItem) bool {
		return a.Campaign == b.Campaign
	})
}

// unload ends the sequence, and calls end for each of its campaigns.
func (q *sequence) unload(end func(*campaignGroup)) {
	for _, g := range q.items {
		if g.held == q {
			end(g)
			g.held = nil
		}
	}
	q.status = commdn.StatusNotLoaded
	q.e.tell(q.tenant, q.event(commdn.EvCampaignStatus))
	delete(q.e.sequences, q.group)
}

func (q *sequence) start(c control) *refusal {
	if q.status == commdn.StatusRunning {
		return wrongMode("the sequence is started already")
	}
	q.dialing = c.Dialing
	q.takeOver(c)
	q.status, q.changed = commdn.StatusRunning, true
	q.startAt = q.e.o.Clock.Now()
	if start := time.Unix(q.plan.Start, 0); start.After(q.startAt) {
		q.startAt = start
	}
	if !q.began {
		q.startAt = q.afterSleep(q.startAt)
	}
	q.step(q.e.o.Clock.Now())
	return nil
}

// afterSleep adds the sleepBeforeNextStart of the next item. As many minutes as an
// int32 holds do not fit into a time.Duration.
func (q *sequence) afterSleep(t time.Time) time.Time {
	return time.Unix(t.Unix()+60*int64(q.plan.Items[q.at].SleepBeforeNextStart), int64(t.Nanosecond()))
}

func (q *sequence) stop() *refusal {
	if q.status != commdn.StatusRunning {
		return wrongMode("the sequence is not started")
	}
	q.status, q.changed = commdn.StatusActive, true
	if g := q.items[q.at]; q.startAt.IsZero() {
		q.progress = g.run
		g.change(commdn.StatusActive)
	}
	return nil
}

// setDialing sets the dialing of every item to that of the request's.
func (q *sequence) setDialing(c control) *refusal {
	if q.status != commdn.StatusRunning {
		return wrongMode("the sequence is not started")
	}
	items := slices.Clone(q.plan.Items)
	for i := range items {
		items[i].Dialing = c.Sequence.Items[i].Dialing
		if no := q.items[i].licensed(items[i].Dialing); no != nil {
			return inItem(i, no.code, no.text)
		}
	}
	if q.startAt.IsZero() {
		if no := q.items[q.at].setDialing(commdn.Control{Dialing: items[q.at].Dialing, Priority: c.Priority}); no != nil {
			return inItem(q.at, no.code, no.text)
		}
	}
	q.plan.Items, q.dialing, q.changed = items, c.Dialing, true
	q.takeOver(c)
	return nil
}

// step begins or ends an item when its time has come, and says whether it did.
func (q *sequence) step(now time.Time) bool {
	if q.status != commdn.StatusRunning {
		return false
	}
	g, item := q.items[q.at], q.plan.Items[q.at]
	over := item.StopAtTime != 0 && now.Unix() >= item.StopAtTime
	if q.startAt.IsZero() {
		if !over && !g.run.ended(0) && !g.depleted() {
			return false
		}
		g.change(commdn.StatusActive)
		q.endItem(now)
		return true
	}
	if now.Before(q.startAt) || g.unloading() {
		return false
	}
	if over {
		q.endItem(now)
		return true
	}
	q.loadItem(q.at)
	q.progress.maxDials, q.progress.maxContacts = int(item.StopAtDials), int(item.StopAtContacts)
	q.startAt, q.began = time.Time{}, true
	g.begin(q.control(q.at), q.progress)
	return true
}

// endItem unloads the campaign that is done, unless a later item has it too, and
// goes on to the next item.
func (q *sequence) endItem(now time.Time) {
	g := q.items[q.at]
	if g.held == q && !slices.Contains(q.items[q.at+1:], g) {
		g.startUnload()
	}
	q.at++
	q.began, q.progress, q.changed = false, run{}, true
	if q.at < len(q.items) {
		q.startAt = q.afterSleep(now)
		return
	}
	q.at, q.status, q.startAt = 0, commdn.StatusActive, now
	if q.auto == commdn.AutoCompletionOn {
		q.unload((*campaignGroup).startUnload)
	}
}

// due gives the time of the next step; zero means never, or that a step of a
// campaign group comes first.
func (q *sequence) due() time.Time {
	if q.status != commdn.StatusRunning || q.items[q.at].unloading() {
		return time.Time{}
	}
	if !q.startAt.IsZero() {
		return q.startAt
	}
	if stop := q.plan.Items[q.at].StopAtTime; stop != 0 {
		return time.Unix(stop, 0)
	}
	return time.Time{}
}

// tell tells everybody if the sequence has changed.
func (q *sequence) tell() {
	if q.changed {
		q.changed = false
		q.e.tell(q.tenant, q.event(commdn.EvCampaignStatus))
	}
}

// event tells the state of the sequence and of each item.
func (q *sequence) event(t commdn.MessageType) commdn.CampaignEvent {
	plan := q.plan
	plan.Items = slices.Clone(plan.Items)
	for i, g := range q.items {
		status := g.status
		if status == commdn.StatusRunning && i != q.at {
			status = commdn.StatusActive // it is dialed for another item
		}
		plan.Items[i].Status, plan.Items[i].HasStatus = status, true
	}
	return commdn.CampaignEvent{
		Event: t, CampaignGroup: commdn.CampaignGroup{Group: q.group}, Dialing: q.dialing,
		AutoCompletion: q.auto, Status: q.status, HasStatus: true, Sequence: &plan,
	}
}
