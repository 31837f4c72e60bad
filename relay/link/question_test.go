package link_test

import (
	"testing"

	"commdn/protocol/commdn"
)

// A person's question about a campaign group goes before the relay's own.
func TestQuestionOfAPerson(t *testing.T) {
	r := newRig(t, nil)
	own := &commdn.GetCampaignStatus{Address: commdn.Address{Origin: 101, Target: 201}, CampaignGroup: running().CampaignGroup}
	r.Resync([]*commdn.GetCampaignStatus{own})
	<-r.wire.sent // and OCS does not answer
	done := r.ask(&commdn.GetCampaignStatus{Address: toOCS, CampaignGroup: own.CampaignGroup}, nil)
	<-r.wire.sent
	e := running()
	e.Target = 101
	r.wire.come <- e.UserData()
	if refusal := <-done; refusal != nil {
		t.Error(refusal)
	}
}
