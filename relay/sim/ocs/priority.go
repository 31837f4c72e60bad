package ocs

import (
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/scenario"
)

// kind is the type of a record as far as dialing_priority tells them apart.
type kind uint8

const (
	general     kind = iota
	rescheduled      // to be dialed again, as it was busy or not answered
	callBack
	kinds
)

func kindOf(t scenario.RecordType) kind {
	switch t {
	case scenario.CampaignRescheduled:
		return rescheduled
	case scenario.CampaignCallBack:
		return callBack
	}
	return general
}

// priority is how a campaign group shares its dialing among the kinds of records.
// The page names priority and n_records and says no more. We take it so: a kind
// with a larger priority comes first, and when so many of its records were taken
// the next kind has its turn, until all have had theirs; without n_records its
// records come as long as there are some. A kind that the request does not name
// has priority 0, and one record in a round.
type priority struct {
	asked *commdn.DialingPriority
	order []kind
	most  [kinds]int // in a round; 0 is no bound
	taken [kinds]int // in this round
}

// newPriority is nil for nil: records come in the order of the list.
func newPriority(asked *commdn.DialingPriority) *priority {
	if asked == nil {
		return nil
	}
	p := &priority{asked: asked, order: []kind{general, rescheduled, callBack}}
	var ranks [kinds]int32
	for k, one := range [kinds]*commdn.Priority{asked.General, asked.CampaignRescheduled, asked.CampaignCallBack} {
		p.most[k] = 1
		if one != nil {
			ranks[k], p.most[k] = one.Priority, int(one.Records)
		}
	}
	slices.SortStableFunc(p.order, func(a, b kind) int { return int(ranks[b]) - int(ranks[a]) })
	return p
}

// next gives the kind whose turn it is among those that have a record.
func (p *priority) next(has func(kind) bool) (k kind, ok bool) {
	for range 2 {
		for _, k := range p.order {
			if p.most[k] > 0 && p.taken[k] == p.most[k] || !has(k) {
				continue
			}
			p.taken[k]++
			if p.most[k] == 0 {
				p.taken = [kinds]int{} // it has no end of its own, so the others need not wait for it
			}
			return k, true
		}
		p.taken = [kinds]int{}
	}
	return 0, false
}

// takeNext takes the record that is next of all lists; false means that there is
// none at present. Without a priority the lists come one after the other.
func (g *campaignGroup) takeNext(at time.Time) (l *callingList, i int32, ok bool) {
	if g.priority == nil {
		for _, l := range g.lists {
			if k, ok := l.nextKind(at); ok {
				return l, l.take(k, at), true
			}
		}
		return nil, 0, false
	}
	k, ok := g.priority.next(func(k kind) bool {
		return slices.ContainsFunc(g.lists, func(l *callingList) bool { return l.has(k, at) })
	})
	if !ok {
		return nil, 0, false
	}
	l = g.lists[slices.IndexFunc(g.lists, func(l *callingList) bool { return l.has(k, at) })]
	return l, l.take(k, at), true
}
