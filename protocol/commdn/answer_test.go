package commdn_test

import (
	"errors"
	"reflect"
	"testing"

	"commdn/protocol/commdn"
)

var (
	group   = commdn.CampaignGroup{Campaign: 12, Group: 9}
	predict = commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
)

func TestSubjects(t *testing.T) {
	person := []commdn.Subject{{Kind: commdn.SubjectPhone, ID: "1"}, {Kind: commdn.SubjectCustomer, ID: "a"}}
	about := []commdn.Subject{{Kind: commdn.SubjectCampaignGroup, ID: "12/9"}}
	tests := []struct {
		msg  commdn.Message
		want []commdn.Subject
	}{
		{&commdn.DoNotCall{Phone: "1", CustomerID: "a"}, person},
		{&commdn.DoNotCall{Phone: "1"}, person[:1]},
		{&commdn.DoNotCallProcessed{CustomerID: "a"}, person[1:]},
		{&commdn.CancelRecord{Phone: "1", CustomerID: "a", Campaign: "Spring"}, person},
		{&commdn.RecordCanceled{Phone: "1", CustomerID: "a"}, person},
		{&commdn.RecordCanceled{Message: commdn.IncompleteMessage}, nil},
		{&commdn.LoadCampaign{CampaignGroup: group}, about},
		{&commdn.UnloadCampaign{CampaignGroup: group}, about},
		{&commdn.ForceUnloadCampaign{CampaignGroup: group}, about},
		{&commdn.StartDialing{CampaignGroup: group}, about},
		{&commdn.StopDialing{CampaignGroup: group}, about},
		{&commdn.SetDialingMode{CampaignGroup: group}, about},
		{&commdn.GetCampaignStatus{CampaignGroup: group}, about},
		{&commdn.CampaignEvent{CampaignGroup: group}, about},
		{
			&commdn.LoadCampaign{CampaignGroup: commdn.CampaignGroup{Group: 9}, Sequence: &commdn.Sequence{}},
			[]commdn.Subject{{Kind: commdn.SubjectCampaignGroup, ID: "0/9"}},
		},
		{&commdn.Fault{}, nil},
		{&commdn.Fault{Phone: "1", CustomerID: "a"}, person},
		{&commdn.Fault{CampaignGroup: group}, about},
		{&commdn.Fault{Phone: "1", CampaignGroup: group}, []commdn.Subject{person[0], about[0]}},
		{&commdn.Fault{CampaignGroup: commdn.CampaignGroup{Campaign: 12}}, nil},
	}
	for _, test := range tests {
		if got := test.msg.Subjects(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%T: subjects %v, want %v", test.msg, got, test.want)
		}
	}
}

func TestRepeatable(t *testing.T) {
	for _, g := range golden {
		r, ok := g.msg.(commdn.Request)
		if !ok {
			continue
		}
		want := false
		switch r.Type() {
		case commdn.ReqDoNotCall, commdn.ReqCancelRecord, commdn.ReqGetCampaignStatus:
			want = true
		}
		if r.Repeatable() != want {
			t.Errorf("%v: repeatable %v, want %v", r.Type(), r.Repeatable(), want)
		}
	}
}

// states are those of a campaign group that answer a request, and any that the
// vendor does not list answer none.
func TestAnsweredByState(t *testing.T) {
	tests := []struct {
		req    commdn.Request
		own    commdn.MessageType
		states []commdn.GroupStatus
	}{
		{&commdn.LoadCampaign{CampaignGroup: group}, commdn.EvCampaignLoaded, []commdn.GroupStatus{3, 4, 5}},
		{&commdn.UnloadCampaign{CampaignGroup: group}, commdn.EvCampaignUnloaded, []commdn.GroupStatus{0, 1, 2}},
		{&commdn.ForceUnloadCampaign{CampaignGroup: group}, commdn.EvCampaignUnloaded, []commdn.GroupStatus{0}},
		{&commdn.StartDialing{CampaignGroup: group}, commdn.EvDialingStarted, []commdn.GroupStatus{5}},
		{&commdn.StopDialing{CampaignGroup: group}, commdn.EvDialingStopped, []commdn.GroupStatus{4}},
		{&commdn.SetDialingMode{CampaignGroup: group, Dialing: predict}, commdn.EvDialingModeChanged, nil},
		{&commdn.GetCampaignStatus{CampaignGroup: group}, commdn.EvCampaignStatus, nil},
	}
	for _, test := range tests {
		for event := commdn.EvCampaignLoaded; event <= commdn.EvCampaignStatus; event++ {
			e := &commdn.CampaignEvent{Event: event, CampaignGroup: group, Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: 1}}
			if got := test.req.AnsweredBy(e); got != (event == test.own) {
				t.Errorf("%v by %v without a state: %v", test.req.Type(), event, got)
			}
			e.HasStatus = true
			for e.Status = -40; e.Status < 300; e.Status++ {
				want := event == test.own
				for _, s := range test.states {
					want = want || s == e.Status
				}
				if got := test.req.AnsweredBy(e); got != want {
					t.Errorf("%v by %v with state %v: %v, want %v", test.req.Type(), event, e.Status, got, want)
				}
			}
			for _, other := range []commdn.CampaignGroup{{}, {Campaign: 12}, {Group: 9}, {Campaign: 9, Group: 12}} {
				for s := commdn.StatusNotLoaded; s <= commdn.StatusRunning; s++ {
					e := &commdn.CampaignEvent{Event: event, CampaignGroup: other, Status: s, HasStatus: true}
					if test.req.AnsweredBy(e) {
						t.Errorf("%v answered by an event of %v", test.req.Type(), other)
					}
				}
			}
		}
	}
}

func TestSetDialingModeAnsweredByStatus(t *testing.T) {
	r := &commdn.SetDialingMode{CampaignGroup: group, Dialing: predict}
	status := commdn.CampaignEvent{Event: commdn.EvCampaignStatus, CampaignGroup: group, Dialing: predict, Status: commdn.StatusRunning, HasStatus: true}
	tests := []struct {
		name   string
		change func(*commdn.CampaignEvent)
		want   bool
	}{
		{"as asked", func(*commdn.CampaignEvent) {}, true},
		{"another mode", func(e *commdn.CampaignEvent) { e.Mode = commdn.DialProgress }, false},
		{"a goal that OCS adjusted", func(e *commdn.CampaignEvent) { e.Goal = 70 }, true},
		{"nothing of how it dials", func(e *commdn.CampaignEvent) { e.Dialing = commdn.Dialing{} }, true},
		{"another method", func(e *commdn.CampaignEvent) { e.OptimizeBy = commdn.OptimizeWaitTime }, false},
		{"not running", func(e *commdn.CampaignEvent) { e.Status = commdn.StatusActive }, false},
		{"no state", func(e *commdn.CampaignEvent) { e.HasStatus = false }, false},
		{"another event", func(e *commdn.CampaignEvent) { e.Event = commdn.EvDialingStarted }, false},
		{"another group", func(e *commdn.CampaignEvent) { e.Group = 8 }, false},
		{"its own event, another mode", func(e *commdn.CampaignEvent) { e.Event, e.Mode = commdn.EvDialingModeChanged, 3 }, true},
	}
	for _, test := range tests {
		e := status
		test.change(&e)
		if got := r.AnsweredBy(&e); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// A sequence with a time to start at is loaded until then.
func TestStartOfASequenceAnsweredByStatus(t *testing.T) {
	of := commdn.CampaignGroup{Group: 9}
	for start, want := range map[int64]bool{0: false, 1_800_000_000: true} {
		r := &commdn.StartDialing{CampaignGroup: of, Sequence: &commdn.Sequence{Start: start}}
		e := &commdn.CampaignEvent{Event: commdn.EvCampaignStatus, CampaignGroup: of, HasStatus: true, Status: commdn.StatusActive}
		if got := r.AnsweredBy(e); got != want {
			t.Errorf("start at %d: %v, want %v", start, got, want)
		}
		if e.Status = commdn.StatusNotLoaded; r.AnsweredBy(e) {
			t.Errorf("start at %d: answered by what is not loaded", start)
		}
	}
}

// Faults answer every request, unless they echo another campaign group or a
// person that a campaign request cannot be about.
func TestAnsweredByFault(t *testing.T) {
	for _, g := range golden {
		r, ok := g.msg.(commdn.Request)
		if !ok {
			continue
		}
		person := r.Type() == commdn.ReqDoNotCall || r.Type() == commdn.ReqCancelRecord
		own := commdn.CampaignGroup{}
		if s := r.Subjects(); s[0].ID == "12/9" {
			own = group
		} else if s[0].ID == "0/9" {
			own.Group = 9
		}
		tests := []struct {
			name  string
			fault commdn.Fault
			want  bool
		}{
			{"nothing echoed", commdn.Fault{Code: 3}, true},
			{"the same campaign group", commdn.Fault{CampaignGroup: own}, true},
			{"the same group alone", commdn.Fault{CampaignGroup: commdn.CampaignGroup{Group: own.Group}}, true},
			{"another campaign", commdn.Fault{CampaignGroup: commdn.CampaignGroup{Campaign: 13, Group: 9}}, person},
			{"another group", commdn.Fault{CampaignGroup: commdn.CampaignGroup{Campaign: own.Campaign, Group: 8}}, person},
			{"a phone", commdn.Fault{Phone: "1"}, person},
			{"a customer", commdn.Fault{CustomerID: "a", CampaignGroup: own}, person},
			{"the type of CM_EvCampaignStatus", commdn.Fault{Event: commdn.EvCampaignStatus}, !person},
			{"the type of CM_EvDoNotCallProcessed", commdn.Fault{Event: commdn.EvDoNotCallProcessed}, r.Type() == commdn.ReqDoNotCall},
			{"the type of CM_EvRecordCanceled", commdn.Fault{Event: commdn.EvRecordCanceled}, r.Type() == commdn.ReqCancelRecord},
			{"the type of CM_EvCampaignLoaded", commdn.Fault{Event: commdn.EvCampaignLoaded}, r.Type() == commdn.ReqLoadCampaign},
			{"the type of CM_EvCampaignUnloaded", commdn.Fault{Event: commdn.EvCampaignUnloaded}, r.Type() == commdn.ReqUnloadCampaign || r.Type() == commdn.ReqForceUnloadCampaign},
			{"the type of CM_EvDialingStarted", commdn.Fault{Event: commdn.EvDialingStarted}, r.Type() == commdn.ReqStartDialing},
			{"the type of CM_EvDialingStopped", commdn.Fault{Event: commdn.EvDialingStopped}, r.Type() == commdn.ReqStopDialing},
			{"the type of CM_EvDialingModeChanged", commdn.Fault{Event: commdn.EvDialingModeChanged}, r.Type() == commdn.ReqSetDialingMode},
		}
		for _, test := range tests {
			if got := r.AnsweredBy(&test.fault); got != test.want {
				t.Errorf("%s by a fault with %s: %v, want %v", g.name, test.name, got, test.want)
			}
		}
	}
}

func TestAnsweredByOther(t *testing.T) {
	for _, g := range golden {
		r, ok := g.msg.(commdn.Request)
		if !ok {
			continue
		}
		for _, by := range golden {
			want := false
			switch by.msg.(type) {
			case *commdn.DoNotCallProcessed:
				want = r.Type() == commdn.ReqDoNotCall
			case *commdn.RecordCanceled:
				want = r.Type() == commdn.ReqCancelRecord
			case *commdn.CampaignEvent, *commdn.Fault:
				continue // above
			}
			if got := r.AnsweredBy(by.msg); got != want {
				t.Errorf("%s by %s: %v, want %v", g.name, by.name, got, want)
			}
		}
	}
}

func TestCheckAddress(t *testing.T) {
	for _, g := range golden {
		r, ok := g.msg.(commdn.Request)
		if !ok {
			continue
		}
		every := r.Type() == commdn.ReqDoNotCall || r.Type() == commdn.ReqCancelRecord
		was := *r.Addr()
		for _, test := range []struct {
			a    commdn.Address
			key  string
			what string
		}{
			{commdn.Address{Origin: 101, Target: 7}, "", ""},
			{commdn.Address{Origin: 0, Target: 7}, commdn.KeyOriginAppID, "is 0; give 1 or more"},
			{commdn.Address{Origin: -1, Target: -1}, commdn.KeyOriginAppID, "is -1; give 1 or more"},
			{commdn.Address{Origin: 101, Target: 0}, commdn.KeyTargetAppID, "is 0; give 1 or more"},
			{commdn.Address{Origin: 101, Target: -7}, commdn.KeyTargetAppID, "is -7; give 1 or more"},
		} {
			*r.Addr() = test.a
			if every && test.key == commdn.KeyTargetAppID {
				if test.what = "is -7; give 0 or more"; test.a.Target == 0 {
					test.key = ""
				}
			}
			checkField(t, commdn.CheckAddress(r), r.Type(), test.key, test.what)
		}
		*r.Addr() = was
	}
}

// checkField wants no error where key is empty.
func checkField(t *testing.T, err error, typ commdn.MessageType, key, what string) {
	t.Helper()
	if key == "" {
		if err != nil {
			t.Errorf("error %v, want none", err)
		}
		return
	}
	var field *commdn.FieldError
	if !errors.As(err, &field) {
		t.Errorf("error %v, want a FieldError about %s of %v", err, key, typ)
	} else if want := (commdn.FieldError{Message: typ, Key: key, What: what}); *field != want {
		t.Errorf("error %+v, want %+v", *field, want)
	}
}
