package commdn_test

import (
	"errors"
	"reflect"
	"testing"

	"commdn/protocol/commdn"
)

// about is user data of a campaign message with its dialing.
func about(t commdn.MessageType, more ...list) list {
	l := message(t, pair(commdn.KeyCampaignID, num(12)), pair(commdn.KeyGroupID, num(9)),
		pair(commdn.KeyDialMode, num(1)), pair(commdn.KeyOptimizeBy, num(1)), pair(commdn.KeyOptimizeGoal, num(80)))
	for _, m := range more {
		l = append(l, m...)
	}
	return l
}

// schedule is a campaign_schedule with as many items as keys, for the campaigns
// 1, 2 ….
func schedule(items int32, keys ...string) list {
	l := list{pair(commdn.KeyItems, num(items))}
	for i, key := range keys {
		l.Add(key, nested(list{
			pair(commdn.KeyItemCampaign, num(int32(i)+1)),
			pair(commdn.KeyItemDialMode, num(1)), pair(commdn.KeyItemOptMethod, num(1)), pair(commdn.KeyItemOptValue, num(80)),
		}))
	}
	return l
}

func without(l list, keys ...string) list {
	l = append(list{}, l...)
	for _, key := range keys {
		l.Delete(key)
	}
	return l
}

func TestDecodeCampaignTolerates(t *testing.T) {
	addr := commdn.Address{Origin: 7, Target: 101}
	status := pair(commdn.KeyGroupCampStatus, num(5))
	running := commdn.CampaignEvent{
		Address: addr, Event: commdn.EvCampaignStatus, CampaignGroup: group, Dialing: predict, Status: commdn.StatusRunning, HasStatus: true,
	}
	with := func(change func(*commdn.CampaignEvent)) *commdn.CampaignEvent {
		e := running
		change(&e)
		return &e
	}
	load := func(a commdn.AutoCompletion) *commdn.LoadCampaign {
		return &commdn.LoadCampaign{Address: addr, CampaignGroup: group, Dialing: predict, AutoCompletion: a}
	}
	auto := func(n int32) list { return list{pair(commdn.KeyAutoCompletion, num(n))} }
	inside := func(l list) list { return list{pair(commdn.KeyProperties, nested(l))} }
	tests := []struct {
		name string
		in   list
		want commdn.Message
	}{
		{"a reference id and other keys", append(list{pair("GSW_CM_AttrReferenceID", num(9))}, about(24, list{status, pair("x", text("y"))})...), &running},
		{"error 0", about(24, list{status, pair(commdn.KeyError, num(0))}), &running},
		{"an error makes it a refusal", about(24, list{status, pair(commdn.KeyError, num(4))}), &commdn.Fault{Address: addr, Event: 24, Code: 4, CampaignGroup: group}},
		{"a fault that names the group", message(27, pair(commdn.KeyError, num(8)), pair(commdn.KeyGroupID, num(9))), &commdn.Fault{Address: addr, Code: 8, CampaignGroup: commdn.CampaignGroup{Group: 9}}},
		{
			"an answer to a sequence without the sequence",
			message(20, pair(commdn.KeyCampaignID, num(0)), pair(commdn.KeyGroupID, num(9))),
			&commdn.CampaignEvent{Address: addr, Event: commdn.EvCampaignUnloaded, CampaignGroup: commdn.CampaignGroup{Group: 9}},
		},
		{
			"a sequence under another key, without the campaign",
			without(about(24, inside(list{pair("note", text("x")), pair("schedule", nested(schedule(1, "scheduleItem-1")))})), commdn.KeyCampaignID),
			with(func(e *commdn.CampaignEvent) {
				e.Campaign, e.Status, e.HasStatus = 0, 0, false
				e.Sequence = &commdn.Sequence{Items: []commdn.SequenceItem{item(1)}}
			}),
		},
		{"an empty campaign_schedule in an event", about(24, list{status}, inside(list{pair(commdn.KeyCampaignSchedule, nested(nil))})), &running},
		{
			"items in any order, one twice",
			about(24, list{status}, inside(list{pair(commdn.KeyCampaignSchedule, nested(schedule(2, "scheduleItem-2", "scheduleItem-1", "scheduleItem-2")))})),
			with(func(e *commdn.CampaignEvent) {
				e.Sequence = &commdn.Sequence{Items: []commdn.SequenceItem{item(2), item(1)}}
			}),
		},
		{
			"a time after 2038",
			about(24, list{status}, inside(list{pair(commdn.KeyCampaignSchedule, nested(list{
				pair(commdn.KeyItems, num(0)), pair(commdn.KeyStartTime, num(-1)), pair(commdn.KeyDescription, num(42)),
			}))})),
			with(func(e *commdn.CampaignEvent) { e.Sequence = &commdn.Sequence{Start: 1<<32 - 1, Description: "42"} }),
		},
		{"auto-completion among the user data", about(7, auto(1)), load(commdn.AutoCompletionOn)},
		{"auto-completion in the properties", about(7, inside(auto(0))), load(commdn.AutoCompletionOff)},
		{"auto-completion in both: the user data count", about(7, auto(0), inside(auto(1))), load(commdn.AutoCompletionOff)},
		{"no auto-completion", about(7, inside(nil)), load(commdn.AutoCompletionUnset)},
		{"auto-completion of an event", about(24, list{status}, inside(auto(1))), with(func(e *commdn.CampaignEvent) { e.AutoCompletion = commdn.AutoCompletionOn })},
		{
			"canceled under a key of its own, with a message alone",
			message(31, properties("record_canceled", pair(commdn.KeyMessage, text(commdn.IncompleteMessage)))),
			&commdn.RecordCanceled{Address: addr, Message: commdn.IncompleteMessage},
		},
		{
			"canceled, a refusal",
			message(31, pair(commdn.KeyError, num(3)), properties(commdn.KeyCancelRecord, pair(commdn.KeyPhone, num(5551234)))),
			&commdn.Fault{Address: addr, Event: 31, Code: 3, Phone: "5551234"},
		},
		{"canceled without an echo", message(31), &commdn.RecordCanceled{Address: addr}},
		{
			"cancel by integers",
			message(30, properties(commdn.KeyCancelRecord, pair(commdn.KeyPhone, num(5551234)), pair(commdn.KeyCampaignName, num(2026)))),
			&commdn.CancelRecord{Address: addr, Phone: "5551234", Campaign: "2026"},
		},
		{"cancel of nobody: Validate's matter", message(30, properties(commdn.KeyCancelRecord)), &commdn.CancelRecord{Address: addr}},
		{
			"campaign 0 without a sequence: Validate's matter",
			message(12, pair(commdn.KeyCampaignID, num(0)), pair(commdn.KeyGroupID, num(9))),
			&commdn.GetCampaignStatus{Address: addr, CampaignGroup: commdn.CampaignGroup{Group: 9}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := commdn.Decode(test.in)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("decoded\n%#v, want\n%#v", got, test.want)
			}
		})
	}
}

func TestDecodeCampaignErrors(t *testing.T) {
	with := func(s list) list {
		return about(9, list{pair(commdn.KeyProperties, nested(list{pair(commdn.KeyCampaignSchedule, nested(s))}))})
	}
	tests := []struct {
		name string
		in   list
		typ  commdn.MessageType
		key  string
		what string
	}{
		{"neither campaign nor sequence", without(about(7), commdn.KeyCampaignID), 7, commdn.KeyCampaignID, "is missing, and so is campaign_schedule"},
		{"an item too many", with(schedule(1, "scheduleItem-1", "scheduleItem-2")), 9, commdn.KeyItems, `is 1, but there is "scheduleItem-2"`},
		{"an item too few", with(schedule(2, "scheduleItem-1")), 9, "scheduleItem-2", "is missing, though nItems is 2"},
		{"a gap", with(schedule(3, "scheduleItem-1", "scheduleItem-3")), 9, "scheduleItem-2", "is missing, though nItems is 3"},
		{"the same item twice", with(schedule(2, "scheduleItem-1", "scheduleItem-1")), 9, "scheduleItem-2", "is missing, though nItems is 2"},
		{"items from 0", with(schedule(1, "scheduleItem-0")), 9, "scheduleItem-1", "is missing, though nItems is 1"},
		{"items below 0", with(schedule(-1)), 9, commdn.KeyItems, "is -1 instead of 0 to 1024"},
		{"items without end", with(schedule(1<<31 - 1)), 9, commdn.KeyItems, "is 2147483647 instead of 0 to 1024"},
		{"no nItems", with(schedule(1, "scheduleItem-1")[1:]), 9, commdn.KeyItems, "is missing"},
		{"a request's empty campaign_schedule", about(7, list{pair(commdn.KeyProperties, nested(list{pair(commdn.KeyCampaignSchedule, nested(nil))}))}), 7, commdn.KeyItems, "is missing"},
		{"auto-completion 2", about(9, list{pair(commdn.KeyAutoCompletion, num(2))}), 9, commdn.KeyAutoCompletion, "is 2 instead of 0 or 1"},
		{"an event that names nobody", message(24, pair(commdn.KeyGroupCampStatus, num(5))), 24, commdn.KeyCampaignID, "is missing, and so are GSW_CM_AttrGroupID and campaign_schedule"},
		{"a group as text", append(list{pair(commdn.KeyGroupID, text("9"))}, about(8)...), 8, commdn.KeyGroupID, "is a string instead of an integer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := commdn.Decode(test.in)
			if m != nil {
				t.Errorf("got %#v", m)
			}
			checkField(t, err, test.typ, test.key, test.what)
		})
	}
}

func TestFieldErrorInItem(t *testing.T) {
	s := schedule(1, "scheduleItem-1")
	inner, _ := s.List("scheduleItem-1")
	inner.Set(commdn.KeyItemDialMode, text("x"))
	_, err := commdn.Decode(about(7, list{pair(commdn.KeyProperties, nested(list{pair(commdn.KeyCampaignSchedule, nested(s))}))}))
	want := "commdn: CM_ReqLoadCampaign: scheduleItem-1/dialMode: is a string instead of an integer"
	var field *commdn.FieldError
	if !errors.As(err, &field) || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
