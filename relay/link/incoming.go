package link

import (
	"runtime/debug"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/internal/loglimit"
)

// userEvent takes in whatever T-Server distributes on the CommDN: answers, but
// also our own requests, those of others, and OCS's reports to Stat Server. A
// mistake in here costs the event, never the process.
func (l *Link) userEvent(userData tkvlist.List) {
	defer l.report("a UserEvent was not handled")
	l.o.OnUserEvent()
	if w := l.watch.Load(); w != nil {
		w.UserEvent(userData)
	}
	userData = l.charset.In(userData)
	m, err := commdn.Decode(userData)
	if err != nil {
		if m = l.unread(userData, err); m == nil {
			return
		}
	}
	if req, ok := m.(commdn.Request); ok {
		req.Addr().Target = l.pairs.name(req.Addr().Target)
		if l.saw(req, userData) {
			l.o.OnPassedOver(PassedDouble)
			l.twins.spoke(req)
		}
		return
	}
	said := m.Addr().Origin
	if !l.addressed(m, userData) {
		if to := m.Addr().Target; to == l.o.AppDBID || to == 0 && m.Type() != commdn.EvCampaignStatus {
			l.health.notBelieved(said)
		}
		l.passOver(PassedUnbelieved, said, "event of an application that is no OCS of this link", "application", said, "message", loglimit.Line(commdn.Trace(m, false)))
		return
	}
	event, isEvent := m.(*commdn.CampaignEvent)
	if to := m.Addr().Target; to != 0 && to != l.o.AppDBID {
		l.elsewhere(m)
		return
	}
	l.health.heard(m.Addr().Origin)
	l.handling.Lock()
	defer l.handling.Unlock()
	l.whom(m, userData)
	a := Answer{Message: m}
	if isEvent && event.Named() { // an answer to one is news to others
		if event.Campaign == 0 {
			l.sequenceIn(event.Group)
		}
		a.Seq = l.o.OnEvent(event)
	}
	l.handle(a, userData)
	if isEvent && event.Named() {
		l.dials(event)
	}
}

// addressed completes the addresses of an event as far as only one can be meant,
// and says whether it is from an OCS of this link. An OCS may answer with the
// addresses of the request, without them, or as the backup of the one that was
// asked.
func (l *Link) addressed(m commdn.Message, userData tkvlist.List) bool {
	a := m.Addr()
	if a.Origin == l.o.AppDBID { // as in the request
		a.Origin, a.Target = a.Target, a.Origin
	}
	if _, told := userData.Get(commdn.KeyOriginAppID); (!told || a.Origin == 0 && a.Target == l.o.AppDBID) && len(l.o.OCS) == 1 {
		a.Origin = l.o.OCS[0]
	}
	if len(l.o.OCS) == 0 {
		return a.Origin > 0
	}
	a.Origin = l.pairs.primary(a.Origin)
	return slices.Contains(l.o.OCS, a.Origin)
}

// handle finds the request that an answer belongs to, and hands it on with those
// held answers that are decided by it. It is called with l.handling held.
func (l *Link) handle(a Answer, userData tkvlist.List) {
	x, is := l.judge(a, l.expire)
	switch is {
	case belongs:
		l.hand(x, a)
		l.handHeld()
	case isHeld:
		l.handHeld() // it may decide another one
	case isCorrection:
		l.correct(x, a)
	case isNobody:
		l.unasked(a, userData)
	}
}

// handHeld hands on the held answers that are decided now.
func (l *Link) handHeld() {
	for h, x := l.review(); h != nil; h, x = l.review() {
		if x != nil {
			l.hand(x, h.answer)
		} else {
			l.unasked(h.answer, nil)
		}
	}
}

// report is deferred: it says that something panicked, and has the process go on.
func (l *Link) report(what string) {
	if p := recover(); p != nil {
		l.log.Error(what, "panic", p, "stack", string(debug.Stack()))
	}
}

// expire decides a held answer whose time is over. A timer calls it. A mistake in it
// costs the answer, never the process.
func (l *Link) expire(h *heldAnswer) {
	defer l.report("a held answer was not handled")
	l.handling.Lock()
	defer l.handling.Unlock()
	if l.ended {
		return
	}
	h, x := l.expired(h)
	switch {
	case h == nil:
	case x != nil:
		l.hand(x, h.answer)
		l.handHeld()
	default:
		l.unasked(h.answer, nil)
	}
}

// hand gives an answer to its exchange.
func (l *Link) hand(x *exchange, a Answer) {
	if e, ok := a.Message.(*commdn.CampaignEvent); ok && !e.Named() && !x.foreign { // now it is known what it is about
		if _, m := relate(x.req, e); m != nil {
			e, _ = m.(*commdn.CampaignEvent)
			a.Message, a.Seq = e, l.o.OnEvent(e)
		}
	}
	taken, late := l.take(x, a)
	switch {
	case late:
		l.passOver(PassedLate, a.Addr().Origin, "answer too late", "late_by", time.Since(x.ended).Round(time.Millisecond), "ocs", int(a.Addr().Origin), "key", x.key,
			"request", commdn.Trace(x.req, false), "message", loglimit.Line(commdn.Trace(a.Message, false)))
		if x.late != nil {
			a.Owed = l.owes(x)
			x.late(a)
		}
	case !taken:
		l.unasked(a, nil)
	}
}

// unasked tells of an answer without a request. An event about a campaign group
// is news.
func (l *Link) unasked(a Answer, userData tkvlist.List) {
	if e, ok := a.Message.(*commdn.CampaignEvent); ok {
		switch {
		case e.Named():
			return
		case e.NoCampaign && l.hasSequence(e.Group):
			of := *e
			of.NoCampaign = false
			l.o.OnEvent(&of)
			return
		}
	}
	args := []any{"message", loglimit.Line(commdn.Trace(a.Message, false))}
	if userData != nil {
		args = append(args, "user_data", masked(userData))
	}
	l.passOver(PassedUnasked, a.Addr().Origin, "answer without a request", args...)
}

// mostSequences bounds the groups of which it is known that they have a sequence.
const mostSequences = 10_000

// sequenceIn notes that a group has a sequence.
func (l *Link) sequenceIn(group commdn.DBID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sequences) < mostSequences {
		l.sequences[group] = true
	}
}

func (l *Link) hasSequence(group commdn.DBID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sequences[group]
}
