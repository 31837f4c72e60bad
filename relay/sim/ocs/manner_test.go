package ocs

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/habits"
	"commdn/relay/sim/scenario"
)

// saying is an event with what it answers.
type saying struct {
	event tkvlist.List
	asked asked
}

// sayings are events of each shape that this package makes.
func sayings() []saying {
	back := commdn.Address{Origin: 201, Target: 101}
	to := commdn.Address{Origin: 101}
	id := commdn.CampaignGroup{Campaign: 11, Group: 7}
	plan := &commdn.Sequence{Description: "Two", Items: []commdn.SequenceItem{
		{Campaign: 11, Status: commdn.StatusRunning, HasStatus: true}, {Campaign: 12, Status: commdn.StatusActive, HasStatus: true}}}
	about := func(kind commdn.MessageType) asked { return asked{kind, to, "5559"} }
	return []saying{
		{(&commdn.DoNotCallProcessed{Address: back, Phone: "05551", CustomerID: "c-ü"}).UserData(), about(commdn.ReqDoNotCall)},
		{(&commdn.DoNotCallProcessed{Address: back, CustomerID: "c"}).UserData(), about(commdn.ReqDoNotCall)},
		{(&commdn.RecordCanceled{Address: back, Phone: "5551", Campaign: "A", Message: commdn.IncompleteMessage}).UserData(), about(commdn.ReqCancelRecord)},
		{(&commdn.Fault{Address: back, Code: 10, Message: "no", Phone: "\xff"}).UserData(), about(commdn.ReqCancelRecord)},
		{(&commdn.Fault{Address: back, Code: 10}).UserData(), about(commdn.ReqDoNotCall)},
		{(&commdn.Fault{Address: back, Code: 4, CampaignGroup: id}).UserData(), about(commdn.ReqStartDialing)},
		{(&commdn.CampaignEvent{Address: back, Event: commdn.EvCampaignLoaded, CampaignGroup: id, HasStatus: true, AutoCompletion: commdn.AutoCompletionOn}).UserData(), about(commdn.ReqLoadCampaign)},
		{(&commdn.CampaignEvent{Address: back, Event: commdn.EvCampaignStatus, CampaignGroup: id, Status: 5, HasStatus: true}).UserData(), asked{}},
		{(&commdn.CampaignEvent{Address: back, Event: commdn.EvCampaignStatus, CampaignGroup: commdn.CampaignGroup{Group: 7}, Status: 5, HasStatus: true, Sequence: plan, AutoCompletion: commdn.AutoCompletionOff}).UserData(), about(commdn.ReqGetCampaignStatus)},
		{tkvlist.List{{Key: "GSW_STAT_EVENT", Value: tkvlist.Int(1)}, {Key: "Text", Value: tkvlist.String("ü")}}, asked{}},
	}
}

// anyHabits draws habits, each with a share of one half.
func anyHabits(random *rand.Rand) (h habits.Habits) {
	texts := map[string][]string{
		"charset": {"iso-8859-1", "shift_jis", "utf-8"}, "response_key": {"answer", commdn.KeyDoNotCall}, "error_echo": {"other_list", "group"},
		"acknowledgement": {"status", "after_status"}, "item_numbers": {"from_0", "sparse", "padded"}, "n_items": {"absent", "wrong"},
	}
	v := reflect.ValueOf(&h).Elem()
	for i, name := range habits.Names() {
		if random.IntN(2) == 0 {
			continue
		}
		switch f := v.Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Int32:
			f.SetInt(202)
		default:
			f.SetString(texts[name][random.IntN(len(texts[name]))])
		}
	}
	return h
}

// fault says whether an event is a refusal; understood: it can be read.
func fault(l tkvlist.List) (is, understood bool) {
	m, err := commdn.DecodeEvent(l)
	_, is = m.(*commdn.Fault)
	return is, err == nil
}

// Whatever the habits are together: what is said can be sent, a refusal is read as one
// and nothing else is, and the event that it is made of stays, as it may be said again.
func TestEveryManner(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		m, err := newManner(201, anyHabits(random))
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range sayings() {
			said := m.say(s.event, s.asked)
			packed, err := tkvlist.Limits{MaxBytes: scenario.MaxUserData}.AppendPack(nil, said)
			if err != nil {
				t.Fatalf("%d bytes, %v, of event %d with %+v", len(packed), err, i, m.Habits.Settings())
			}
			if fresh := sayings()[i].event; !tkvlist.Equal(s.event, fresh) {
				t.Fatalf("event %d has become %v with %+v", i, s.event, m.Habits.Settings())
			}
			if again := m.say(s.event, s.asked); !tkvlist.Equal(said, again) {
				t.Fatalf("event %d is said in two ways with %+v", i, m.Habits.Settings())
			}
			heard := m.charset.In(said)
			if heard == nil {
				t.Fatalf("event %d is nothing", i)
			}
			refuses, _ := fault(s.event)
			if words, _ := heard.Text(commdn.KeyErrorMessage); refuses && m.ErrorsInAnswers && m.ErrorTextAlone && (words == "" || m.ErrorNumberAlone) {
				continue // an acknowledgement with neither number nor text: nobody can tell
			}
			if got, understood := fault(heard); understood && got != refuses {
				t.Fatalf("event %d is a refusal: %v, with %+v: %v", i, got, m.Habits.Settings(), heard)
			}
		}
	}
}

func TestNormalised(t *testing.T) {
	for phone, want := range map[string]string{"0 55-12": "5512", "+49 (0)30 1": "490301", "5512": "5512", "000": "000", "anonymous": "anonymous"} {
		if got := normalised(phone); got != want {
			t.Errorf("%q is %q, want %q", phone, got, want)
		}
	}
}

// A report to Stat Server is no message: only the kinds of its values and their
// order may differ.
func TestReportInAManner(t *testing.T) {
	h := habits.Habits{Error0: true, Target0: true, BigAnswers: true, IntsAsStrings: true, Charset: "iso-8859-1", Reversed: true}
	m, err := newManner(201, h)
	if err != nil {
		t.Fatal(err)
	}
	report := sayings()[len(sayings())-1]
	want := tkvlist.List{{Key: "Text", Value: tkvlist.String("\xfc")}, {Key: "GSW_STAT_EVENT", Value: tkvlist.String("1")}}
	if got := m.say(report.event, report.asked); !tkvlist.Equal(got, want) {
		t.Errorf("said as %v", got)
	}
}
