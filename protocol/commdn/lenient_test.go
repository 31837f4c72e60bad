package commdn_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// What OCS may answer within the page, and what it means.
func TestDecodeEventLenient(t *testing.T) {
	addr := commdn.Address{Origin: 7, Target: 101}
	digits := func(t string, more ...tkvlist.Pair) list {
		return append(list{
			pair(commdn.KeyMessageType, text(t)), pair(commdn.KeyOriginAppID, text("7")), pair(commdn.KeyTargetAppID, tkvlist.Unicode(" 101 ")),
		}, more...)
	}
	about := func(t string, more ...tkvlist.Pair) list {
		return append(digits(t, pair(commdn.KeyCampaignID, text("12")), pair(commdn.KeyGroupID, text("9"))), more...)
	}
	item1, item2 := nested(list{pair(commdn.KeyItemCampaign, num(1)), pair(commdn.KeyItemStatus, num(5))}), nested(list{pair(commdn.KeyItemCampaign, text("2"))})
	sequence := func(l list) list {
		return message(24, pair(commdn.KeyGroupID, num(9)), pair(commdn.KeyProperties, nested(list{pair(commdn.KeyCampaignSchedule, nested(l))})))
	}
	inOrder := &commdn.CampaignEvent{Address: addr, Event: 24, CampaignGroup: commdn.CampaignGroup{Group: 9}, Sequence: &commdn.Sequence{
		Items: []commdn.SequenceItem{{Campaign: 1, Status: 5, HasStatus: true}, {Campaign: 2}},
	}}
	phone := pair(commdn.KeyPhone, text("5551234"))
	canceled := &commdn.RecordCanceled{Address: addr, Phone: "5551234", Message: "x"}
	message31 := func(props list, more ...tkvlist.Pair) list {
		return message(31, append(more, pair(commdn.KeyProperties, nested(props)))...)
	}
	for _, test := range []struct {
		name string
		in   list
		want commdn.Message
	}{
		{"integers as digits", about("19", pair(commdn.KeyGroupCampStatus, text("4"))), &commdn.CampaignEvent{Address: addr, Event: 19, CampaignGroup: group, Status: 4, HasStatus: true}},
		{"integers as binary", message(19, pair(commdn.KeyCampaignID, tkvlist.Binary([]byte("12\x00"))), pair(commdn.KeyGroupID, num(9))), &commdn.CampaignEvent{Address: addr, Event: 19, CampaignGroup: group}},
		{"an integer that is none", about("19", pair(commdn.KeyGroupCampStatus, text("loaded"))), &commdn.CampaignEvent{Address: addr, Event: 19, CampaignGroup: group}},
		{"the group alone", message(21, pair(commdn.KeyGroupID, num(9))), &commdn.CampaignEvent{Address: addr, Event: 21, NoCampaign: true, CampaignGroup: commdn.CampaignGroup{Group: 9}}},
		{"the campaign alone", message(21, pair(commdn.KeyCampaignID, num(12))), &commdn.CampaignEvent{Address: addr, Event: 21, CampaignGroup: commdn.CampaignGroup{Campaign: 12}}},
		{"items from 0", sequence(list{pair("scheduleItem-0", item1), pair("scheduleItem-1", item2)}), inOrder},
		{"items padded", sequence(list{pair("scheduleItem-010", item2), pair("scheduleItem-009", item1)}), inOrder},
		{"items sparse, nItems wrong", sequence(list{pair(commdn.KeyItems, num(7)), pair("scheduleItem-5", item1), pair("scheduleItem-90", item2)}), inOrder},
		{"items with others that name no campaign, or are none", sequence(list{
			pair("scheduleItem-1", item1), pair("scheduleItem-2", nested(list{pair(commdn.KeyItemStatus, num(1))})), pair("scheduleItem-3", num(3)), pair("scheduleItem-4", item2),
		}), inOrder},
		{"error 0 as digits", message(33, pair(commdn.KeyError, text("0"))), &commdn.DoNotCallProcessed{Address: addr}},
		{"error 10 as digits", message(33, pair(commdn.KeyError, text("10"))), &commdn.Fault{Address: addr, Event: 33, Code: 10}},
		{"an error in the properties", message(33, pair(commdn.KeyProperties, nested(list{pair(commdn.KeyError, num(10))}))), &commdn.Fault{Address: addr, Event: 33, Code: 10}},
		{"an error in words", message(31, pair(commdn.KeyError, text("not loaded"))), &commdn.Fault{Address: addr, Event: 31, Message: "not loaded"}},
		{"an empty error", message(31, pair(commdn.KeyError, text(""))), &commdn.Fault{Address: addr, Event: 31}},
		{"an error that is a list", message(19, pair(commdn.KeyError, nested(nil))), &commdn.Fault{Address: addr, Event: 19}},
		{"an error's text without a number", message(33, pair(commdn.KeyErrorMessage, text("No"))), &commdn.Fault{Address: addr, Event: 33, Message: "No"}},
		{"the same, as binary that is no UTF-8", message(31, pair(commdn.KeyErrorMessage, tkvlist.Binary([]byte{0xfc}))), &commdn.Fault{Address: addr, Event: 31}},
		{"the same, in the properties", message(21, pair(commdn.KeyProperties, nested(list{pair(commdn.KeyErrorMessage, tkvlist.Unicode("No"))}))), &commdn.Fault{Address: addr, Event: 21, Message: "No"}},
		{"an error's text with a 0, a success", message(33, pair(commdn.KeyError, num(0)), pair(commdn.KeyErrorMessage, text("processed"))), &commdn.DoNotCallProcessed{Address: addr}},
		{"an error's text that is empty", message(33, pair(commdn.KeyErrorMessage, text(" "))), &commdn.DoNotCallProcessed{Address: addr}},
		{"an error's text that is empty binary", message(33, pair(commdn.KeyErrorMessage, tkvlist.Binary([]byte{0}))), &commdn.DoNotCallProcessed{Address: addr}},
		{"an error's text that is 0", message(31, pair(commdn.KeyErrorMessage, num(0))), &commdn.RecordCanceled{Address: addr}},
		{"an error's text that is an empty list", message(33, pair(commdn.KeyErrorMessage, nested(nil))), &commdn.DoNotCallProcessed{Address: addr}},
		{"CM_EvError without anything", message(27), &commdn.Fault{Address: addr}},
		{"CM_EvError with a text alone", message(27, pair(commdn.KeyErrorMessage, text("No"))), &commdn.Fault{Address: addr, Message: "No"}},
		{"CM_EvError 0", message(27, pair(commdn.KeyError, num(0))), &commdn.Fault{Address: addr}},
		{"whom, in the properties themselves", message(33, pair(commdn.KeyProperties, nested(list{phone}))), &commdn.DoNotCallProcessed{Address: addr, Phone: "5551234"}},
		{"whom, among the user data", message(33, phone), &commdn.DoNotCallProcessed{Address: addr, Phone: "5551234"}},
		{"whom, as binary", message(33, properties(commdn.KeyDoNotCall, pair(commdn.KeyPhone, tkvlist.Binary([]byte("5551234"))))), &commdn.DoNotCallProcessed{Address: addr, Phone: "5551234"}},
		{"whom, unreadable", message(33, properties(commdn.KeyDoNotCall, pair(commdn.KeyPhone, tkvlist.Binary([]byte{1, 2})))), &commdn.DoNotCallProcessed{Address: addr}},
		{"GSW_MESSAGE in cancel_record", message31(list{pair(commdn.KeyCancelRecord, nested(list{phone, pair(commdn.KeyMessage, text("x"))}))}), canceled},
		{"GSW_MESSAGE beside it", message31(list{pair(commdn.KeyCancelRecord, nested(list{phone})), pair(commdn.KeyMessage, text("x"))}), canceled},
		{"GSW_MESSAGE in another list", message31(list{pair(commdn.KeyCancelRecord, nested(list{phone})), pair("result", nested(list{pair(commdn.KeyMessage, text("x"))}))}), canceled},
		{"GSW_MESSAGE at the top", message31(list{pair(commdn.KeyCancelRecord, nested(list{phone}))}, pair(commdn.KeyMessage, text("x"))), canceled},
		{"auto completion 2", about("19", pair(commdn.KeyAutoCompletion, num(2))), &commdn.CampaignEvent{Address: addr, Event: 19, CampaignGroup: group, AutoCompletion: commdn.AutoCompletionOn}},
		{"auto completion -1 in a list", about("19", properties("x", pair(commdn.KeyAutoCompletion, num(-1)))), &commdn.CampaignEvent{Address: addr, Event: 19, CampaignGroup: group, AutoCompletion: commdn.AutoCompletionOn}},
		{"auto completion 0 as digits", about("19", pair(commdn.KeyAutoCompletion, text("0"))), &commdn.CampaignEvent{Address: addr, Event: 19, CampaignGroup: group, AutoCompletion: commdn.AutoCompletionOff}},
		{"no addresses", list{pair(commdn.KeyMessageType, num(33)), properties(commdn.KeyDoNotCall, phone)}, &commdn.DoNotCallProcessed{Phone: "5551234"}},
	} {
		got, err := commdn.DecodeEvent(test.in)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %#v, %v, want\n%#v", test.name, got, err, test.want)
			continue
		}
		if fault, ok := got.(*commdn.Fault); ok {
			fault.Event = 0 // what is written is always a CM_EvError
		}
		if again, err := commdn.DecodeEvent(got.UserData()); err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%s: %#v, %v after a second trip", test.name, again, err)
		}
	}
	for _, l := range []list{message(32, properties(commdn.KeyDoNotCall, phone)), message(12, pair(commdn.KeyGroupID, num(9)))} {
		if m, err := commdn.DecodeEvent(l); err == nil {
			t.Errorf("a request is an event: %#v", m)
		}
	}
}

// Where OCS gives no state, the items of a sequence or the type of the event
// say it.
func TestState(t *testing.T) {
	items := func(states ...commdn.GroupStatus) *commdn.Sequence {
		s := &commdn.Sequence{Items: []commdn.SequenceItem{{Campaign: 99}}}
		for _, state := range states {
			s.Items = append(s.Items, commdn.SequenceItem{Campaign: 1, Status: state, HasStatus: true})
		}
		return s
	}
	for _, test := range []struct {
		name  string
		event commdn.CampaignEvent
		want  commdn.GroupStatus
		ok    bool
	}{
		{"told", commdn.CampaignEvent{Event: commdn.EvDialingStarted, HasStatus: true, Status: commdn.StatusActive}, commdn.StatusActive, true},
		{"told, not listed", commdn.CampaignEvent{Event: commdn.EvCampaignStatus, HasStatus: true, Status: 77}, 77, true},
		{"told to be unknown", commdn.CampaignEvent{Event: commdn.EvDialingStarted, HasStatus: true, Status: -1}, -1, false},
		{"loaded", commdn.CampaignEvent{Event: commdn.EvCampaignLoaded}, commdn.StatusActive, true},
		{"unloaded", commdn.CampaignEvent{Event: commdn.EvCampaignUnloaded}, commdn.StatusNotLoaded, true},
		{"started", commdn.CampaignEvent{Event: commdn.EvDialingStarted}, commdn.StatusRunning, true},
		{"stopped", commdn.CampaignEvent{Event: commdn.EvDialingStopped}, commdn.StatusActive, true},
		{"mode changed", commdn.CampaignEvent{Event: commdn.EvDialingModeChanged}, commdn.StatusRunning, true},
		{"a status that tells none", commdn.CampaignEvent{Event: commdn.EvCampaignStatus}, 0, false},
		{"items without states", commdn.CampaignEvent{Event: commdn.EvCampaignStatus, Sequence: items()}, 0, false},
		{"one of the items runs", commdn.CampaignEvent{Event: commdn.EvCampaignStatus, Sequence: items(0, 5, 4)}, commdn.StatusRunning, true},
		{"one is being unloaded", commdn.CampaignEvent{Event: commdn.EvCampaignStatus, Sequence: items(0, 4, 2, 0)}, commdn.StatusUnloadInProgress, true},
		{"all are loaded", commdn.CampaignEvent{Event: commdn.EvCampaignStatus, Sequence: items(4, 4)}, commdn.StatusActive, true},
		{"none is loaded", commdn.CampaignEvent{Event: commdn.EvCampaignStatus, Sequence: items(0, 0)}, commdn.StatusNotLoaded, true},
		{"items count before the type", commdn.CampaignEvent{Event: commdn.EvCampaignUnloaded, Sequence: items(1)}, commdn.StatusWaitingUnload, true},
		{"items that tell nothing", commdn.CampaignEvent{Event: commdn.EvDialingStarted, Sequence: items(-1, 99)}, commdn.StatusRunning, true},
	} {
		if got, ok := test.event.State(); ok != test.ok || ok && got != test.want {
			t.Errorf("%s: %v, %v", test.name, got, ok)
		}
	}
}

// retyped gives a value that says the same in another kind.
func retyped(r *rand.Rand, v tkvlist.Value) tkvlist.Value {
	if l, ok := v.List(); ok {
		return nested(mangled(r, l))
	}
	if n, ok := v.Int(); ok {
		v = []tkvlist.Value{v, text(strconv.Itoa(int(n))), tkvlist.Unicode(strconv.Itoa(int(n)))}[r.IntN(3)]
	} else if s, ok := v.Text(); ok {
		v = []tkvlist.Value{v, tkvlist.Unicode(s), tkvlist.Binary([]byte(s))}[r.IntN(3)]
	}
	return v
}

// mangled gives a list with other kinds of values, in another order, without
// some keys, but with its type and what says that there is an error: its number, or
// its text, or both.
func mangled(r *rand.Rand, l list) (out list) {
	kept := []string{commdn.KeyMessageType, commdn.KeyError}
	if words, _ := l.Text(commdn.KeyErrorMessage); words != "" && r.IntN(2) == 0 {
		if n, told := l.Int(commdn.KeyError); told && n != 0 {
			kept[1] = commdn.KeyErrorMessage // without the number the text alone says it
		}
	}
	for _, p := range l {
		if !slices.Contains(kept, p.Key) && r.IntN(4) == 0 || kept[1] != commdn.KeyError && p.Key == commdn.KeyError {
			continue
		}
		out = append(out, pair(p.Key, retyped(r, p.Value)))
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// However OCS writes an answer, it is never done when it says an error, and
// never refused when it says none.
func TestErrorIsNeverLost(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var events []goldenMessage
	for _, g := range golden {
		if _, request := g.msg.(commdn.Request); !request {
			events = append(events, g)
		}
	}
	for range 20_000 {
		g := events[r.IntN(len(events))]
		l := slices.Clone(g.msg.UserData())
		_, refused := g.msg.(*commdn.Fault)
		if code := []int32{0, 0, 3, 10, 99}[r.IntN(5)]; !refused && r.IntN(2) == 0 {
			l.Add(commdn.KeyError, num(code))
			if refused = code != 0; r.IntN(2) == 0 {
				l.Add(commdn.KeyErrorMessage, text("Campaign was not loaded")) // with a 0 a remark
			}
		}
		l = mangled(r, l)
		m, err := commdn.DecodeEvent(l)
		if err != nil {
			continue // it names nobody
		}
		if _, isFault := m.(*commdn.Fault); isFault != refused {
			t.Fatalf("%s as %v: %#v, refused %v", g.name, l, m, refused)
		}
	}
}
