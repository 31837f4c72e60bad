package commdn_test

import (
	"testing"

	"commdn/protocol/commdn"
)

func TestMask(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"1", "*"},
		{"12", "*2"},
		{"123", "**3"},
		{"1234", "**34"},
		{"12345", "***45"},
		{"123456", "***456"},
		{"5551234567", "*******567"},
		{"Zoë Ångström", "*********röm"},
		{"ab\xff\xfe", "**\xff\xfe"},
	}
	for _, test := range tests {
		if got := commdn.Mask(test.in); got != test.want {
			t.Errorf("Mask(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestTrace(t *testing.T) {
	all := commdn.Address{Origin: 101, Target: 0}
	group := commdn.CampaignGroup{Campaign: 12, Group: 9}
	predict := commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	tests := []struct {
		msg              commdn.Message
		masked, revealed string
	}{
		{
			&commdn.DoNotCall{Address: all, Phone: "5551234567", Chain: commdn.AllChain},
			`CM_ReqDoNotCall 101→0 phone "*******567" chain AllChain`,
			`CM_ReqDoNotCall 101→0 phone "5551234567" chain AllChain`,
		},
		{
			&commdn.DoNotCall{Address: all, CustomerID: "C-42-99"},
			`CM_ReqDoNotCall 101→0 customer "****-99"`,
			`CM_ReqDoNotCall 101→0 customer "C-42-99"`,
		},
		{
			&commdn.DoNotCall{Address: all, Phone: "a\nb\xff\n", Chain: "x\nWARN y"},
			`CM_ReqDoNotCall 101→0 phone "***\xff\n" chain "x\nWARN y"`,
			`CM_ReqDoNotCall 101→0 phone "a\nb\xff\n" chain "x\nWARN y"`,
		},
		{
			&commdn.DoNotCallProcessed{Address: back, Phone: "5551234567", CustomerID: "C-42-99", Chain: commdn.RecordOnly},
			`CM_EvDoNotCallProcessed 7→101 phone "*******567" customer "****-99" chain RecordOnly`,
			`CM_EvDoNotCallProcessed 7→101 phone "5551234567" customer "C-42-99" chain RecordOnly`,
		},
		{
			&commdn.DoNotCallProcessed{Address: back},
			`CM_EvDoNotCallProcessed 7→101`,
			`CM_EvDoNotCallProcessed 7→101`,
		},
		{
			&commdn.Fault{Address: back, Code: 10, Message: "phone\n", Phone: "5551234567"},
			`CM_EvError 7→101 phone "*******567" CM_ERROR_INVALID_PARAMETER (10) "phone\n"`,
			`CM_EvError 7→101 phone "5551234567" CM_ERROR_INVALID_PARAMETER (10) "phone\n"`,
		},
		{ // OCS's own words may repeat what was echoed, or what was not
			&commdn.Fault{Address: back, Code: 3, Message: "no +15551234567 of C-Smith at 12:30", CustomerID: "C-Smith"},
			`CM_EvError 7→101 customer "****ith" CM_ERROR_CAMPAIGN_NOT_FOUND (3) "no +********567 of ****ith at 12:30"`,
			`CM_EvError 7→101 customer "C-Smith" CM_ERROR_CAMPAIGN_NOT_FOUND (3) "no +15551234567 of C-Smith at 12:30"`,
		},
		{
			&commdn.Fault{Address: back, Code: 4, CampaignGroup: group},
			`CM_EvError 7→101 campaign 12/9 CM_ERROR_CAMPAIGN_NOT_LOADED (4) ""`,
			`CM_EvError 7→101 campaign 12/9 CM_ERROR_CAMPAIGN_NOT_LOADED (4) ""`,
		},
		{
			&commdn.CancelRecord{Address: all, Phone: "5551234567", CustomerID: "C-42-99", Campaign: "Spring\n", Chain: commdn.RecordOnly},
			`CM_ReqCancelRecord 101→0 phone "*******567" customer "****-99" chain RecordOnly campaign "Spring\n"`,
			`CM_ReqCancelRecord 101→0 phone "5551234567" customer "C-42-99" chain RecordOnly campaign "Spring\n"`,
		},
		{
			&commdn.RecordCanceled{Address: back, Phone: "5551234567", Message: "5551234567 on desktop\n"},
			`CM_EvRecordCanceled 7→101 phone "*******567" "*******567 on desktop\n"`,
			`CM_EvRecordCanceled 7→101 phone "5551234567" "5551234567 on desktop\n"`,
		},
		{
			&commdn.RecordCanceled{Address: back},
			`CM_EvRecordCanceled 7→101`,
			`CM_EvRecordCanceled 7→101`,
		},
	}
	for _, plain := range []struct {
		msg  commdn.Message
		line string
	}{
		{
			&commdn.LoadCampaign{Address: there, CampaignGroup: group, Dialing: predict, AutoCompletion: commdn.AutoCompletionOn, Priority: &commdn.DialingPriority{}},
			`CM_ReqLoadCampaign 101→7 campaign 12/9 CFGDMPredict CFGOMBusyFactor 80 auto-completion on with priorities`,
		},
		{
			&commdn.StartDialing{Address: there, CampaignGroup: group, Dialing: commdn.Dialing{Mode: 7}, AutoCompletion: commdn.AutoCompletionOff},
			`CM_ReqStartDialing 101→7 campaign 12/9 7 0 0 auto-completion off`,
		},
		{
			&commdn.SetDialingMode{Address: there, CampaignGroup: group, Dialing: predict},
			`CM_ReqSetDialingMode 101→7 campaign 12/9 CFGDMPredict CFGOMBusyFactor 80`,
		},
		{
			&commdn.UnloadCampaign{Address: there, Sequence: &commdn.Sequence{Description: "a\nb", Items: make([]commdn.SequenceItem, 3)}},
			`CM_ReqUnloadCampaign 101→7 campaign 0/0 sequence "a\nb" of 3`,
		},
		{&commdn.ForceUnloadCampaign{Address: there, CampaignGroup: group}, `CM_ReqForceUnloadCampaign 101→7 campaign 12/9`},
		{&commdn.StopDialing{Address: there, CampaignGroup: group}, `CM_ReqStopDialing 101→7 campaign 12/9`},
		{&commdn.GetCampaignStatus{Address: there, CampaignGroup: group}, `CM_ReqGetCampaignStatus 101→7 campaign 12/9`},
		{
			&commdn.CampaignEvent{Address: back, Event: commdn.EvCampaignStatus, CampaignGroup: group, Dialing: predict, Status: commdn.StatusRunning, HasStatus: true},
			`CM_EvCampaignStatus 7→101 campaign 12/9 CFGDMPredict CFGOMBusyFactor 80 CM_GCS_Running`,
		},
		{
			&commdn.CampaignEvent{Address: back, Event: commdn.EvDialingStopped, CampaignGroup: group},
			`CM_EvDialingStopped 7→101 campaign 12/9`,
		},
	} {
		tests = append(tests, struct {
			msg              commdn.Message
			masked, revealed string
		}{plain.msg, plain.line, plain.line})
	}
	for _, test := range tests {
		if got := commdn.Trace(test.msg, false); got != test.masked {
			t.Errorf("masked\n%s, want\n%s", got, test.masked)
		}
		if got := commdn.Trace(test.msg, true); got != test.revealed {
			t.Errorf("revealed\n%s, want\n%s", got, test.revealed)
		}
	}
}
