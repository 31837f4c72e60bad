package sequence

import (
	"time"

	"commdn/components/session"
	"commdn/protocol/commdn"
)

// live is what OCS reported about its sequence.
type live struct {
	key   session.GroupKey // whose it is
	event *commdn.CampaignEvent
	plan  *commdn.Sequence // nil: not reported; see complete
	known bool             // the status is known
	at    time.Time        // when OCS reported it

	status commdn.GroupStatus
	finish commdn.AutoCompletion // as last reported
	seen   []span                // of the items of plan, as far as this element observed them; 0: it did not
}

// loaded reports whether OCS has a sequence.
func (v *live) loaded() bool { return v.known && v.status != commdn.StatusNotLoaded }

func (v *live) runs() bool { return v.known && v.status == commdn.StatusRunning }

// running returns the item that OCS dials, or -1.
func (v *live) running() int {
	if v.runs() && v.plan != nil {
		for i, it := range v.plan.Items {
			if it.HasStatus && it.Status == commdn.StatusRunning {
				return i
			}
		}
	}
	return -1
}

// follow takes what the session knows about the sequence.
func (c *Sequence) follow() {
	key := c.key()
	if key != c.live.key {
		c.live = live{key: key}
	}
	if key.Group == 0 {
		return
	}
	if e := c.env.Session.Sequence(key); e != nil && e != c.live.event {
		c.told(e)
	}
}

// told takes an event about the sequence. Some events of OCS lack a status or the
// sequence.
func (c *Sequence) told(e *commdn.CampaignEvent) {
	v := &c.live
	v.event, v.at = e, c.env.Now()
	if v.status, v.known = e.State(); !v.known {
		v.status = commdn.StatusNotLoaded
	}
	if e.AutoCompletion != commdn.AutoCompletionUnset {
		v.finish = e.AutoCompletion
	}
	first := v.plan == nil
	if q := e.Sequence; q != nil && len(q.Items) > 0 {
		if first || !v.loaded() || !sameOrder(q, v.plan) {
			v.seen = make([]span, len(q.Items))
		}
		v.plan = complete(q, v.plan, c.draft.sequence(q.Start))
	}
	at, now := v.running(), v.at.Unix()
	for i := range v.seen {
		switch s := &v.seen[i]; {
		case i == at && !first && (s.from == 0 || s.to != 0):
			*s = span{from: now}
		case at >= 0 && i > at: // left over from an earlier run
			*s = span{}
		case i != at && s.from != 0 && s.to == 0:
			s.to = now
		}
	}
	if len(c.draft.items) == 0 && v.loaded() && v.plan != nil && c.kept == nil {
		c.take(v.plan, v.finish)
	}
}

// done takes what a request of this element has changed in OCS: where OCS does not tell
// how it dials the items, they are dialed as asked.
func (c *Sequence) done(req commdn.Request) {
	switch req.Type() {
	case commdn.ReqLoadCampaign, commdn.ReqStartDialing, commdn.ReqSetDialingMode:
		v := &c.live
		asked, _ := commdn.ControlOf(req)
		if key, _ := session.About(req); key == v.key && v.event != nil && v.event.Sequence != nil && len(v.event.Sequence.Items) > 0 {
			v.plan = complete(v.event.Sequence, asked.Sequence, v.plan)
		}
	}
}

// complete fills in what OCS leaves out of its sequence, from the first of two others with
// the same campaigns; either may be nil. All that an item needs is its campaign: one
// without dialing also lacks the rest.
func complete(q, from, or *commdn.Sequence) *commdn.Sequence {
	if from == nil || !sameOrder(q, from) {
		from = or
	}
	if from == nil || !sameOrder(q, from) {
		return q
	}
	all, little := *from, false
	all.Items = append([]commdn.SequenceItem(nil), from.Items...)
	for i := range q.Items {
		it, told := &all.Items[i], &q.Items[i]
		if told.Dialing == (commdn.Dialing{}) {
			it.Status, it.HasStatus, little = told.Status, told.HasStatus, true
		} else {
			*it = *told
		}
	}
	if !little {
		return q
	}
	if q.Description != "" {
		all.Description = q.Description
	}
	if q.Start != 0 {
		all.Start = q.Start
	}
	return &all
}
