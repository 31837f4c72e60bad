package ocs

import "commdn/protocol/commdn"

// cancel takes records of loaded campaigns out of dialing and gives the
// GSW_MESSAGE of the answer. Without a campaign it looks at all of them.
func (e *engine) cancel(m *commdn.CancelRecord) (message string, no *refusal) {
	found := m.Campaign == ""
	for _, g := range e.all {
		if !g.loaded() || m.Campaign != "" && e.campaigns[g.id.Campaign] != m.Campaign {
			continue
		}
		found = true
		if g.cancel(m) {
			message = commdn.IncompleteMessage
		}
	}
	if !found {
		return "", &refusal{commdn.ErrorCampaignNotFound, "Campaign was not loaded"}
	}
	return message, nil
}

// cancel says whether records stay because they are on a desktop.
func (g *campaignGroup) cancel(m *commdn.CancelRecord) (onDesktop bool) {
	meant, chains := make(map[int]bool), make(map[int]bool)
	for i, r := range g.records {
		if (m.Phone == "" || r.Phone == m.Phone) && (m.CustomerID == "" || r.CustomerID == m.CustomerID) {
			meant[i] = true
			if r.Chain != 0 && m.Chain != commdn.RecordOnly {
				chains[r.Chain] = true
			}
		}
	}
	for i := range g.records {
		r := &g.records[i]
		switch {
		case !meant[i] && !chains[r.Chain] || r.Status != RecordReady:
		case r.OnDesktop:
			onDesktop = true
		default:
			r.Status = RecordCanceled
		}
	}
	return onDesktop
}
