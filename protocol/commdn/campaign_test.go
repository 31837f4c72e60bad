package commdn_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

func item(campaign commdn.DBID) commdn.SequenceItem {
	return commdn.SequenceItem{Campaign: campaign, Dialing: predict}
}

func TestGoldenRequestsAreValid(t *testing.T) {
	for _, g := range golden {
		if r, ok := g.msg.(commdn.Request); ok {
			if err := r.Validate(); err != nil {
				t.Errorf("%s: %v", g.name, err)
			}
			if err := commdn.CheckAddress(r); err != nil {
				t.Errorf("%s: %v", g.name, err)
			}
		}
	}
}

func TestDialedValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*commdn.LoadCampaign)
		key    string // "" for a valid request
		what   string
	}{
		{"as it is", func(*commdn.LoadCampaign) {}, "", ""},
		{"goal 0", func(m *commdn.LoadCampaign) { m.Goal = 0 }, "", ""},
		{"goal 100", func(m *commdn.LoadCampaign) { m.Goal, m.OptimizeBy = 100, commdn.OptimizeOverdialRate }, "", ""},
		{"goal 101", func(m *commdn.LoadCampaign) { m.Goal = 101 }, commdn.KeyOptimizeGoal, "is 101; give 0 to 100 percent"},
		{"goal -1", func(m *commdn.LoadCampaign) { m.Goal = -1 }, commdn.KeyOptimizeGoal, "is -1; give 0 to 100 percent"},
		{"seconds", func(m *commdn.LoadCampaign) { m.Goal, m.OptimizeBy = math.MaxInt32, commdn.OptimizeWaitTime }, "", ""},
		{"seconds -1", func(m *commdn.LoadCampaign) { m.Goal, m.OptimizeBy = -1, commdn.OptimizeWaitTime }, commdn.KeyOptimizeGoal, "is -1; give 0 or more"},
		{"no mode", func(m *commdn.LoadCampaign) { m.Mode = 0 }, commdn.KeyDialMode, "is 0, which is no dialing mode; give 1 to 5, 8, 9 or 11"},
		{"mode 6", func(m *commdn.LoadCampaign) { m.Mode = 6 }, commdn.KeyDialMode, "is 6, which is no dialing mode; give 1 to 5, 8, 9 or 11"},
		{"no method", func(m *commdn.LoadCampaign) { m.OptimizeBy = 0 }, commdn.KeyOptimizeBy, "is 0, which is no optimization method; give 1, 2 or 3"},
		{"no group", func(m *commdn.LoadCampaign) { m.Group = 0 }, commdn.KeyGroupID, "is 0; give 1 or more"},
		{"campaign -1", func(m *commdn.LoadCampaign) { m.Campaign = -1 }, commdn.KeyCampaignID, "is -1; give 0 or more"},
		{"no campaign", func(m *commdn.LoadCampaign) { m.Campaign = 0 }, commdn.KeyCampaignID, "is 0, which stands for a sequence, and campaign_schedule is missing; give one of them"},
		{"no dialing with a sequence", func(m *commdn.LoadCampaign) {
			m.Campaign, m.Dialing, m.Sequence = 0, commdn.Dialing{}, &commdn.Sequence{Items: []commdn.SequenceItem{item(1)}}
		}, commdn.KeyDialMode, "is 0, which is no dialing mode; give 1 to 5, 8, 9 or 11"},
		{"auto-completion on", func(m *commdn.LoadCampaign) { m.AutoCompletion = commdn.AutoCompletionOn }, "", ""},
		{"auto-completion of 2", func(m *commdn.LoadCampaign) { m.AutoCompletion = 3 }, commdn.KeyAutoCompletion, "would be 2; give AutoCompletionOff or AutoCompletionOn"},
		{"auto-completion of -2", func(m *commdn.LoadCampaign) { m.AutoCompletion = -1 }, commdn.KeyAutoCompletion, "would be -2; give AutoCompletionOff or AutoCompletionOn"},
		{"priority 0", func(m *commdn.LoadCampaign) {
			m.Priority = &commdn.DialingPriority{CampaignRescheduled: &commdn.Priority{}}
		}, "", ""},
		{"no priority", func(m *commdn.LoadCampaign) { m.Priority = &commdn.DialingPriority{} }, commdn.KeyDialingPriority, "is empty; give General, CampaignRescheduled or CampaignCallBack"},
		{"priority -1", func(m *commdn.LoadCampaign) {
			m.Priority = &commdn.DialingPriority{General: &commdn.Priority{}, CampaignCallBack: &commdn.Priority{Priority: -1, Records: -1}}
		}, "CampaignCallBack/priority", "is -1; give 0 or more"},
		{"records -1", func(m *commdn.LoadCampaign) {
			m.Priority = &commdn.DialingPriority{General: &commdn.Priority{Records: -1}}
		}, "General/n_records", "is -1; give 0 or more"},
		{"first problem", func(m *commdn.LoadCampaign) { *m = commdn.LoadCampaign{} }, commdn.KeyGroupID, "is 0; give 1 or more"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := commdn.LoadCampaign{CampaignGroup: group, Dialing: predict}
			test.change(&m)
			start, set := commdn.StartDialing(m), commdn.SetDialingMode(m)
			checkField(t, m.Validate(), commdn.ReqLoadCampaign, test.key, test.what)
			checkField(t, start.Validate(), commdn.ReqStartDialing, test.key, test.what)
			checkField(t, set.Validate(), commdn.ReqSetDialingMode, test.key, test.what)
		})
	}
}

func TestSequenceValidate(t *testing.T) {
	whole := item(12)
	whole.StopAtTime, whole.StopAtContacts, whole.StopAtDials, whole.SleepBeforeNextStart = math.MaxUint32, math.MaxInt32, math.MaxInt32, math.MaxInt32
	whole.Status, whole.HasStatus = 99, true
	many := make([]commdn.SequenceItem, commdn.MaxSequenceItems+1)
	for i := range many {
		many[i] = whole
	}
	second := func(change func(*commdn.SequenceItem)) func(*commdn.UnloadCampaign) {
		return func(m *commdn.UnloadCampaign) {
			it := whole
			change(&it)
			m.Sequence.Items = []commdn.SequenceItem{whole, it}
		}
	}
	tests := []struct {
		name   string
		change func(*commdn.UnloadCampaign)
		key    string
		what   string
	}{
		{"as it is", func(*commdn.UnloadCampaign) {}, "", ""},
		{"most", func(m *commdn.UnloadCampaign) {
			m.Sequence = &commdn.Sequence{Description: strings.Repeat("x", commdn.MaxDescription), Start: math.MaxUint32, Items: many[1:]}
		}, "", ""},
		{"a campaign, too", func(m *commdn.UnloadCampaign) { m.Campaign = 12 }, commdn.KeyCampaignSchedule, "is there, and so is a campaign; give 0 as GSW_CM_AttrCampaignID with a sequence"},
		{"no items", func(m *commdn.UnloadCampaign) { m.Sequence = &commdn.Sequence{} }, commdn.KeyItems, "is 0; give 1 to 64"},
		{"too many items", func(m *commdn.UnloadCampaign) { m.Sequence.Items = many }, commdn.KeyItems, "is 65; give 1 to 64"},
		{"start -1", func(m *commdn.UnloadCampaign) { m.Sequence.Start = -1 }, commdn.KeyStartTime, "is -1; give UTC seconds, 0 to 4294967295"},
		{"start in 2106", func(m *commdn.UnloadCampaign) { m.Sequence.Start = 1 << 32 }, commdn.KeyStartTime, "is 4294967296; give UTC seconds, 0 to 4294967295"},
		{"description too long", func(m *commdn.UnloadCampaign) { m.Sequence.Description = strings.Repeat("x", 256) }, commdn.KeyDescription, "has 256 bytes; at most 255 are possible"},
		{"description of two lines", func(m *commdn.UnloadCampaign) { m.Sequence.Description = "a\nb" }, commdn.KeyDescription, "holds a control character"},
		{"description not UTF-8", func(m *commdn.UnloadCampaign) { m.Sequence.Description = "a\xff" }, commdn.KeyDescription, "is not UTF-8 text"},
		{"stop at -1", second(func(it *commdn.SequenceItem) { it.StopAtTime = -1 }), "scheduleItem-2/stopAtTime", "is -1; give UTC seconds, 0 to 4294967295"},
		{"contacts -1", second(func(it *commdn.SequenceItem) { it.StopAtContacts = -1 }), "scheduleItem-2/stopAtContacts", "is -1; give 0 or more"},
		{"dials -1", second(func(it *commdn.SequenceItem) { it.StopAtDials = -1 }), "scheduleItem-2/stopAtDials", "is -1; give 0 or more"},
		{"sleep -1", second(func(it *commdn.SequenceItem) { it.SleepBeforeNextStart = -1 }), "scheduleItem-2/sleepBeforeNextStart", "is -1; give 0 or more"},
		{"no campaign", second(func(it *commdn.SequenceItem) { it.Campaign = 0 }), "scheduleItem-2/campaignDBID", "is 0; give 1 or more"},
		{"mode 7", second(func(it *commdn.SequenceItem) { it.Mode = 7 }), "scheduleItem-2/dialMode", "is 7, which is no dialing mode; give 1 to 5, 8, 9 or 11"},
		{"method 4", second(func(it *commdn.SequenceItem) { it.OptimizeBy = 4 }), "scheduleItem-2/optMethod", "is 4, which is no optimization method; give 1, 2 or 3"},
		{"goal 101", second(func(it *commdn.SequenceItem) { it.Goal = 101 }), "scheduleItem-2/optMethodValue", "is 101; give 0 to 100 percent"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := commdn.UnloadCampaign{
				CampaignGroup: commdn.CampaignGroup{Group: 9},
				Sequence:      &commdn.Sequence{Items: []commdn.SequenceItem{item(12), item(13)}},
			}
			test.change(&m)
			force, stop, get := commdn.ForceUnloadCampaign(m), commdn.StopDialing(m), commdn.GetCampaignStatus(m)
			checkField(t, m.Validate(), commdn.ReqUnloadCampaign, test.key, test.what)
			checkField(t, force.Validate(), commdn.ReqForceUnloadCampaign, test.key, test.what)
			checkField(t, stop.Validate(), commdn.ReqStopDialing, test.key, test.what)
			checkField(t, get.Validate(), commdn.ReqGetCampaignStatus, test.key, test.what)
			if test.key != "" {
				return
			}
			packed, err := tkvlist.AppendPack(nil, m.UserData())
			if err != nil {
				t.Fatalf("a valid sequence cannot be sent: %v", err)
			}
			l, err := tkvlist.Unpack(packed)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := commdn.Decode(l); err != nil || !reflect.DeepEqual(got, &m) {
				t.Errorf("got %#v, %v after a trip, want %#v", got, err, &m)
			}
		})
	}
}

func TestCancelRecordValidate(t *testing.T) {
	tests := []struct {
		name string
		req  commdn.CancelRecord
		key  string
		what string
	}{
		{"phone", commdn.CancelRecord{Phone: "1"}, "", ""},
		{"all", commdn.CancelRecord{Phone: "1", CustomerID: "C", Campaign: "Spring 1", Chain: commdn.RecordOnly}, "", ""},
		{"customer alone", commdn.CancelRecord{CustomerID: "C"}, "", ""},
		{"nobody", commdn.CancelRecord{Campaign: "Spring 1"}, commdn.KeyPhone, "is empty, and so is GSW_CUSTOMER_ID; give the phone"},
		{"customer", commdn.CancelRecord{Phone: "1", CustomerID: " C"}, commdn.KeyCustomerID, "begins or ends with a blank, so it would match no record"},
		{"campaign too long", commdn.CancelRecord{Phone: "1", Campaign: strings.Repeat("x", 256)}, commdn.KeyCampaignName, "has 256 bytes; at most 255 are possible"},
		{"campaign of blanks", commdn.CancelRecord{Phone: "1", Campaign: " "}, commdn.KeyCampaignName, "begins or ends with a blank, so it would match no record"},
		{"chain", commdn.CancelRecord{Phone: "1", Chain: "all"}, commdn.KeyChain, `is "all"; give AllChain or RecordOnly`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			checkField(t, test.req.Validate(), commdn.ReqCancelRecord, test.key, test.what)
		})
	}
}

func TestCancelNeedPhone(t *testing.T) {
	checkField(t, (&commdn.CancelRecord{CustomerID: "C"}).NeedPhone(), commdn.ReqCancelRecord, commdn.KeyPhone, "is empty; a customer id alone cancels nothing")
	checkField(t, (&commdn.CancelRecord{Phone: "1"}).NeedPhone(), commdn.ReqCancelRecord, "", "")
}

func TestIncomplete(t *testing.T) {
	for message, want := range map[string]bool{"": false, commdn.IncompleteMessage: true, "Incomplete": true} {
		if m := (&commdn.RecordCanceled{Message: message}); m.Incomplete() != want {
			t.Errorf("%q: incomplete %v, want %v", message, m.Incomplete(), want)
		}
	}
}

func TestCampaignGroupString(t *testing.T) {
	if got := (commdn.CampaignGroup{Campaign: 12, Group: 7}).String(); got != "12/7" {
		t.Errorf("got %s, want 12/7", got)
	}
}
