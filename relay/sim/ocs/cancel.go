package ocs

import "commdn/protocol/commdn"

// cancel takes records of loaded campaigns of a tenant out of dialing and gives
// the GSW_MESSAGE of the answer. Without a campaign it looks at all of them.
func (e *engine) cancel(tenant commdn.DBID, m *commdn.CancelRecord) (message string, no *refusal) {
	found := m.Campaign == ""
	for _, g := range e.all {
		if !g.loaded() || g.tenant != tenant || m.Campaign != "" && g.campaign != m.Campaign {
			continue
		}
		found = true
		for _, l := range g.lists {
			if l.cancel(m) {
				message = commdn.IncompleteMessage
			}
		}
	}
	if !found {
		return "", &refusal{commdn.ErrorCampaignNotFound, "Campaign was not loaded"}
	}
	e.disturb()
	return message, nil
}

// cancel cancels the records that a request names, and says whether some stay
// because they are on a desktop.
func (l *callingList) cancel(m *commdn.CancelRecord) (onDesktop bool) {
	for _, i := range l.meant(m) {
		if m.Chain == commdn.RecordOnly {
			onDesktop = l.cancelOne(i) || onDesktop
			continue
		}
		for next := range l.chain(i) {
			onDesktop = l.cancelOne(next) || onDesktop
		}
	}
	return onDesktop
}

// meant gives the records that a request names.
func (l *callingList) meant(m *commdn.CancelRecord) []int32 {
	var all []int32
	if m.Phone != "" {
		for _, i := range l.withPhone(m.Phone) {
			if m.CustomerID == "" || l.records[i].customer == m.CustomerID {
				all = append(all, i)
			}
		}
		return all
	}
	for i := range l.records {
		if l.records[i].customer == m.CustomerID {
			all = append(all, int32(i))
		}
	}
	return all
}

// cancelOne cancels a record unless it is done, and says whether it stays because
// an agent has it.
func (l *callingList) cancelOne(i int32) (onDesktop bool) {
	r := &l.records[i]
	if r.status != RecordReady && r.status != RecordRetrieved {
		return false
	}
	if r.onDesktop || r.withAgent {
		return true
	}
	l.become(i, RecordCanceled)
	r.result = ResultCancelRecord
	return false
}
