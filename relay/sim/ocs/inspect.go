package ocs

import (
	"slices"

	"commdn/protocol/commdn"
)

// CampaignGroupState is a campaign group as the simulation knows it.
type CampaignGroupState struct {
	Status         commdn.GroupStatus
	Dialing        commdn.Dialing
	AutoCompletion commdn.AutoCompletion
	Dials          int // since the last start
	Contacts       int // of Dials
}

// CampaignGroup gives the state of a campaign group; false means that the
// configuration has none such.
func (s *OCS) CampaignGroup(id commdn.CampaignGroup) (CampaignGroupState, bool) {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	g, ok := s.engine.byID[id]
	if !ok {
		return CampaignGroupState{}, false
	}
	return CampaignGroupState{g.status, g.dialing, g.auto, g.run.dials, g.run.contacts}, true
}

// Sequence gives the sequence that is loaded for a group as CM_EvCampaignStatus
// has it; false means that there is none.
func (s *OCS) Sequence(group commdn.DBID) (commdn.CampaignEvent, bool) {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	q, ok := s.engine.sequences[group]
	if !ok {
		return commdn.CampaignEvent{}, false
	}
	return q.event(commdn.EvCampaignStatus), true
}

// Records gives a copy of the calling list of a campaign group, nil where the
// configuration has none such.
func (s *OCS) Records(id commdn.CampaignGroup) []Record {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	if g, ok := s.engine.byID[id]; ok {
		return slices.Clone(g.records)
	}
	return nil
}

// Dialed gives the phones that a campaign group has dialed since it was loaded,
// in the order of dialing.
func (s *OCS) Dialed(id commdn.CampaignGroup) []string {
	var phones []string
	for _, r := range s.Records(id) {
		if r.Status == RecordDialed || r.Status == RecordContacted {
			phones = append(phones, r.Phone)
		}
	}
	return phones
}
