package commdn_test

import (
	"fmt"
	"testing"

	"commdn/protocol/commdn"
)

func TestStringSaysWhatItIs(t *testing.T) {
	group := commdn.CampaignGroup{Campaign: 12, Group: 9}
	for _, typ := range []commdn.MessageType{
		commdn.ReqLoadCampaign, commdn.ReqUnloadCampaign, commdn.ReqForceUnloadCampaign, commdn.ReqStartDialing,
		commdn.ReqStopDialing, commdn.ReqSetDialingMode, commdn.ReqGetCampaignStatus,
	} {
		if got, want := fmt.Sprintf("%+v", commdn.Control{CampaignGroup: group}.Request(typ)), typ.String()+" 12/9"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	e := &commdn.CampaignEvent{Event: commdn.EvCampaignStatus, Address: commdn.Address{Origin: 7, Target: 101}, CampaignGroup: group, HasStatus: true, Status: commdn.StatusRunning}
	if got, want := fmt.Sprintf("%+v", e), "CM_EvCampaignStatus 12/9 CM_GCS_Running"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
