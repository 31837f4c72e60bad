package ocs_test

import (
	"fmt"
	"slices"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// Every error of the vendor's table that is applicable is reached by a request:
// 3 to 15, and no other.
func TestEveryError(t *testing.T) {
	progressive := commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	badGoal := simtest.Predictive
	badGoal.Goal = 101
	wrongPlan := plan()
	wrongPlan.Items[2].Campaign = 99
	var reached []int
	for _, test := range []struct {
		code    commdn.ErrorCode
		name    string
		before  []commdn.Message
		request commdn.Message
	}{
		{3, "CM_ERROR_CAMPAIGN_NOT_FOUND", nil, simtest.Status(commdn.CampaignGroup{Campaign: 99, Group: 7})},
		{3, "CM_ERROR_CAMPAIGN_NOT_FOUND", nil, cancel("5551", "", "A", "")}, // "Campaign was not loaded."
		{4, "CM_ERROR_CAMPAIGN_NOT_LOADED", nil, simtest.Dial(simtest.A7)},
		{5, "CM_ERROR_CAMPAIGN_ALREADY_LOADED", loaded, simtest.Load(simtest.A7)},
		{6, "CM_ERROR_CAMPAIGN_NOT_STARTED", loaded, simtest.Set(simtest.A7, simtest.Predictive)},
		{7, "CM_ERROR_CAMPAIGN_ALREADY_STARTED", running, simtest.Dial(simtest.A7)},
		{8, "CM_ERROR_GROUP_NOT_FOUND", nil, simtest.Load(commdn.CampaignGroup{Campaign: 11, Group: 99})},
		{9, "CM_ERROR_GROUP_CAMP_NOT_FOUND", nil, simtest.Load(commdn.CampaignGroup{Campaign: 12, Group: 8})},
		{10, "CM_ERROR_INVALID_PARAMETER", running, simtest.Set(simtest.A7, badGoal)},
		{10, "CM_ERROR_INVALID_PARAMETER", nil, cancel("", "c-1", "", "")},
		{10, "CM_ERROR_INVALID_PARAMETER", nil, simtest.DoNotCall("", "")},
		{11, "CM_ERROR_INVALID_CAMPAIGN_MODE", running, simtest.Set(simtest.A7, simtest.GVP)},
		{12, "CM_ERROR_INVALID_CAMPAIGN_SCHEDULE", nil, loadSequence(wrongPlan)},
		{13, "CM_ERROR_CAMPAIGN_SCHEDULE_NOT_FOUND", nil, startSequence(plan())},
		{14, "CM_ERROR_INVALID_CAMPAIGN_SCHEDULE_MODE", []commdn.Message{loadSequence(plan()), startSequence(plan())}, startSequence(plan())},
		{15, "CM_ERROR_LICENSE_VIOLATION", running, simtest.Set(simtest.A7, progressive)},
	} {
		t.Run(fmt.Sprint(int(test.code), " ", commdn.Trace(test.request, true)), func(t *testing.T) {
			r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) {
				o.Licensed = []commdn.DialMode{commdn.DialPredict, commdn.DialPowerGVP}
			})
			r.Do(test.before...)
			r.Send(test.request.UserData())
			fault, ok := r.Answer().(*commdn.Fault)
			if !ok || fault.Code != test.code || fault.Code.String() != test.name || fault.Message == "" || fault.Address != (commdn.Address{Origin: 201, Target: 101}) {
				t.Fatalf("answer: %+v", fault)
			}
			reached = append(reached, int(fault.Code))
		})
	}
	reached = slices.Compact(reached)
	if want := []int{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; !slices.Equal(reached, want) {
		t.Errorf("reached %v, want %v", reached, want)
	}
}
