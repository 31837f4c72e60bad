package commdn_test

import (
	"testing"

	"commdn/protocol/commdn"
)

// What sends a sequence on its way has stops that lie behind its start; what asks
// about one, or ends it, may come when its times are over.
func TestStopAfterStart(t *testing.T) {
	const noon = 1_800_000_000
	for _, test := range []struct {
		name        string
		first, next int64 // stopAtTime
		key         string
	}{
		{"none", 0, 0, ""},
		{"later", noon + 1, noon + 2, ""},
		{"before the start", noon - 1, noon + 1, "scheduleItem-1/stopAtTime"},
		{"with the start", noon, 0, "scheduleItem-1/stopAtTime"},
		{"the second", 0, 1, "scheduleItem-2/stopAtTime"},
	} {
		c := commdn.Control{
			CampaignGroup: commdn.CampaignGroup{Group: 9}, Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
			Sequence: &commdn.Sequence{Start: noon, Items: []commdn.SequenceItem{item(12), item(13)}},
		}
		c.Sequence.Items[0].StopAtTime, c.Sequence.Items[1].StopAtTime = test.first, test.next
		for _, typ := range []commdn.MessageType{commdn.ReqLoadCampaign, commdn.ReqStartDialing} {
			checkField(t, c.Request(typ).Validate(), typ, test.key, "is not after startTime; give a later one, or none")
		}
		for _, typ := range []commdn.MessageType{commdn.ReqStopDialing, commdn.ReqUnloadCampaign, commdn.ReqForceUnloadCampaign, commdn.ReqGetCampaignStatus} {
			checkField(t, c.Request(typ).Validate(), typ, "", "")
		}
	}
}
