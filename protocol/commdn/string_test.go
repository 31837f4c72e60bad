//go:build !js

package commdn_test

import (
	"fmt"
	"testing"

	"commdn/protocol/commdn"
)

func TestStringSaysWhatItIs(t *testing.T) {
	c := commdn.Control{
		Address: commdn.Address{Origin: 101, Target: 7}, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
		Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
	}
	const plain, dialed = " 101→7 campaign 12/9", " 101→7 campaign 12/9 CFGDMPredict CFGOMBusyFactor 80"
	for typ, more := range map[commdn.MessageType]string{
		commdn.ReqLoadCampaign: dialed, commdn.ReqStartDialing: dialed, commdn.ReqSetDialingMode: dialed,
		commdn.ReqUnloadCampaign: plain, commdn.ReqForceUnloadCampaign: plain, commdn.ReqStopDialing: plain, commdn.ReqGetCampaignStatus: plain,
	} {
		if got, want := fmt.Sprintf("%+v", c.Request(typ)), typ.String()+more; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	e := &commdn.CampaignEvent{Event: commdn.EvCampaignStatus, Address: commdn.Address{Origin: 7, Target: 101}, CampaignGroup: c.CampaignGroup, Dialing: c.Dialing, HasStatus: true, Status: commdn.StatusRunning}
	if got, want := fmt.Sprintf("%+v", e), "CM_EvCampaignStatus 7→101 campaign 12/9 CFGDMPredict CFGOMBusyFactor 80 CM_GCS_Running"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
