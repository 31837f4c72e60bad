package ocs_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/habits"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// raw writes user data in one line: integers bare, strings quoted, unicode with
// u and binary with b before the quotes, keys without their common prefix.
func raw(l tkvlist.List) string {
	pairs := make([]string, len(l))
	for i, p := range l {
		var value string
		if n, ok := p.Value.Int(); ok {
			value = strconv.Itoa(int(n))
		} else if sub, ok := p.Value.List(); ok {
			value = "{" + raw(sub) + "}"
		} else if b, ok := p.Value.Bytes(); ok {
			value = "b" + strconv.Quote(string(b))
		} else {
			text, _ := p.Value.Text()
			value = strconv.Quote(text)
			if len(text) > 200 {
				value = strconv.Quote(text[:10]) + "…" + strconv.Itoa(len(text))
			}
			if p.Value.Kind() == tkvlist.KindUnicode {
				value = "u" + value
			}
		}
		pairs[i] = strings.TrimPrefix(strings.TrimPrefix(p.Key, "GSW_CM_Attr"), "GSW_CM_") + " " + value
	}
	return strings.Join(pairs, ", ")
}

// asked sends a request and gives the event that comes next on the CommDN.
func asked(r *simtest.Rig, request commdn.Message) tkvlist.List {
	r.Send(request.UserData())
	r.Event() // the request itself
	return r.Event()
}

// set gives OCS one habit.
func set(t *testing.T, r *simtest.Rig, name, value string) {
	t.Helper()
	v, err := habits.JSON(name, value)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Control.SetHabits(simtest.Context(t), control.SetHabits{OCS: simtest.OCS, Set: json.RawMessage(`{"` + name + `":` + string(v) + "}")}); err != nil {
		t.Fatal(err)
	}
}

// question is a request with the answer of a plain OCS.
type question struct {
	before  []commdn.Message
	request commdn.Message
	plain   string
}

var questions = map[string]question{
	"do not call": {nil, &commdn.DoNotCall{Address: simtest.To, Phone: "0 55-12", CustomerID: "c-1", Chain: commdn.RecordOnly},
		`MessageType 33, OriginAppID 201, TargetAppID 101, Properties {do_not_call {GSW_PHONE "0 55-12", GSW_CUSTOMER_ID "c-1", GSW_CHAIN_ATTR "RecordOnly"}}`},
	"do not call, refused": {nil, &commdn.DoNotCall{Address: simtest.To, Phone: "5512", Chain: "Nobody"},
		`MessageType 27, Error 10, ErrorMessage "GSW_CHAIN_ATTR is \"Nobody\"; give AllChain or RecordOnly", OriginAppID 201, TargetAppID 101`},
	"cancel": {[]commdn.Message{simtest.Load(simtest.A7)}, &commdn.CancelRecord{Address: commdn.Address{Origin: simtest.Application}, Phone: "77", Campaign: "A"},
		`MessageType 31, OriginAppID 201, TargetAppID 101, Properties {cancel_record {GSW_PHONE "77", GSW_CAMPAIGN_NAME "A", GSW_MESSAGE "Incomplete processing: record(s) on desktop"}}`},
	"load": {nil, &commdn.LoadCampaign{Address: simtest.To, CampaignGroup: simtest.A7, Dialing: simtest.Predictive, AutoCompletion: commdn.AutoCompletionOn},
		`MessageType 19, DialMode 1, OptimizeBy 1, OptimizeGoal 80, GroupCampStatus 4, CampaignID 11, GroupID 7, OriginAppID 201, TargetAppID 101, GSW_AUTO_COMPLETION 1`},
	"unload": {[]commdn.Message{simtest.Load(simtest.A7)}, simtest.Unload(simtest.A7),
		`MessageType 20, DialMode 1, OptimizeBy 1, OptimizeGoal 80, GroupCampStatus 1, CampaignID 11, GroupID 7, OriginAppID 201, TargetAppID 101`},
	"set": {[]commdn.Message{simtest.Load(simtest.A7), simtest.Dial(simtest.A7)}, simtest.Set(simtest.A7, commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 50}),
		`MessageType 23, DialMode 1, OptimizeBy 1, OptimizeGoal 50, GroupCampStatus 5, CampaignID 11, GroupID 7, OriginAppID 201, TargetAppID 101`},
	"set 0": {[]commdn.Message{simtest.Load(simtest.A7), simtest.Dial(simtest.A7)}, simtest.Set(simtest.A7, commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor}),
		`MessageType 23, DialMode 1, OptimizeBy 1, OptimizeGoal 0, GroupCampStatus 5, CampaignID 11, GroupID 7, OriginAppID 201, TargetAppID 101`},
	"status": {nil, simtest.Status(simtest.A7),
		`MessageType 24, DialMode 1, OptimizeBy 1, OptimizeGoal 80, GroupCampStatus 0, CampaignID 11, GroupID 7, OriginAppID 201, TargetAppID 101`},
	"start, refused": {nil, simtest.Dial(simtest.A7),
		`MessageType 27, Error 4, ErrorMessage "the campaign is not loaded", OriginAppID 201, TargetAppID 101`},
	"sequence": {[]commdn.Message{loadSequence(short()), startSequence(short())}, statusSequence(short()),
		`MessageType 24, DialMode 1, OptimizeBy 1, OptimizeGoal 80, GroupCampStatus 5, CampaignID 0, GroupID 7, OriginAppID 201, TargetAppID 101, Properties {campaign_schedule {` +
			`Description "Two", startTime 0, nItems 2, ` +
			`scheduleItem-1 {sleepBeforeNextStart 0, campaignDBID 11, dialMode 1, optMethod 1, optMethodValue 80, status 5}, ` +
			`scheduleItem-2 {sleepBeforeNextStart 0, campaignDBID 12, dialMode 1, optMethod 1, optMethodValue 80, status 4}}}`},
	"sequence, set": {[]commdn.Message{loadSequence(short()), startSequence(short())}, setSequence(short()),
		`MessageType 23, DialMode 1, OptimizeBy 1, OptimizeGoal 80, GroupCampStatus 5, CampaignID 0, GroupID 7, OriginAppID 201, TargetAppID 101, Properties {campaign_schedule {` +
			`Description "Two", startTime 0, nItems 2, ` +
			`scheduleItem-1 {sleepBeforeNextStart 0, campaignDBID 11, dialMode 1, optMethod 1, optMethodValue 80, status 5}, ` +
			`scheduleItem-2 {sleepBeforeNextStart 0, campaignDBID 12, dialMode 1, optMethod 1, optMethodValue 80, status 4}}}`},
}

func short() *commdn.Sequence { return &commdn.Sequence{Description: "Two", Items: items(nil, nil)} }

// TestHabit shows both positions of each habit: the answer of a plain OCS, what
// is to be replaced in it, and by what.
func TestHabit(t *testing.T) {
	both := func(old ...string) []string { return old }
	tests := []struct {
		habit, question string
		replaced        []string // old, new, old, new …
	}{
		{"ints_as_strings", "load", both(`MessageType 19`, `MessageType "19"`, `DialMode 1`, `DialMode "1"`, `OptimizeBy 1`, `OptimizeBy "1"`, `Goal 80`, `Goal "80"`,
			`Status 4`, `Status "4"`, `CampaignID 11`, `CampaignID "11"`, `GroupID 7`, `GroupID "7"`, `Origin`, `Origin`, `AppID 201`, `AppID "201"`, `AppID 101`, `AppID "101"`, `COMPLETION 1`, `COMPLETION "1"`)},
		{"errors_as_strings", "start, refused", both(`Error 4`, `Error "4"`)},
		{"errors_as_strings", "load", nil},
		{"strings_as_unicode", "do not call", both(`E "0 55-12"`, `E u"0 55-12"`, `"c-1"`, `u"c-1"`, `"RecordOnly"`, `u"RecordOnly"`)},
		{"strings_as_binary", "start, refused", both(`"the`, `b"the`)},
		{"phone_as_int", "do not call", nil}, // it has a blank
		{"phone_as_int", "cancel", both(`"77"`, `77`)},
		{"reversed", "start, refused", both(`MessageType 27, Error 4, ErrorMessage "the campaign is not loaded", OriginAppID 201, TargetAppID 101`,
			`TargetAppID 101, OriginAppID 201, ErrorMessage "the campaign is not loaded", Error 4, MessageType 27`)},

		{"target_0", "do not call", both(`TargetAppID 101`, `TargetAppID 0`)},
		{"omit_addresses", "start, refused", both(`, OriginAppID 201, TargetAppID 101`, ``)},
		{"addresses_as_request", "do not call", both(`OriginAppID 201, TargetAppID 101`, `OriginAppID 101, TargetAppID 201`)},
		{"addresses_as_request", "cancel", both(`OriginAppID 201, TargetAppID 101`, `OriginAppID 101, TargetAppID 0`)},
		{"backup_dbid=202", "status", both(`OriginAppID 201`, `OriginAppID 202`)},

		{"no_echo", "do not call", both(`, Properties {do_not_call {GSW_PHONE "0 55-12", GSW_CUSTOMER_ID "c-1", GSW_CHAIN_ATTR "RecordOnly"}}`, ``)},
		{"no_echo", "cancel", both(`GSW_PHONE "77", GSW_CAMPAIGN_NAME "A", `, ``)},
		{"echo_normalised", "do not call", both(`"0 55-12"`, `"5512"`, `"c-1"`, `"C-1"`)},
		{"echo_blanks", "do not call", both(`"0 55-12"`, `"0 5 5-1 2"`)},
		{"echo_chain", "cancel", both(`GSW_PHONE "77"`, `GSW_PHONE "78", GSW_PHONE "77"`)},
		{"echo_chain", "do not call", nil}, // no list has the phone
		{"response_key=answer", "do not call", both(`do_not_call`, `answer`)},
		{"message_beside", "cancel", both(`, GSW_MESSAGE "Incomplete processing: record(s) on desktop"}`, `}, GSW_MESSAGE "Incomplete processing: record(s) on desktop"`)},
		{"message_beside", "do not call", nil},
		{"message_at_top", "cancel", both(`, GSW_MESSAGE "Incomplete processing: record(s) on desktop"}}`, `}}, GSW_MESSAGE "Incomplete processing: record(s) on desktop"`)},

		{"echo_on_error", "do not call, refused", both(`TargetAppID 101`, `TargetAppID 101, Properties {do_not_call {GSW_PHONE "5512"}}`)},
		{"echo_on_error", "start, refused", both(`MessageType 27, `, `MessageType 27, CampaignID 11, GroupID 7, `)},
		{"error_echo=other_list", "do not call, refused", both(`TargetAppID 101`, `TargetAppID 101, Properties {cancel_record {GSW_PHONE "5512"}}`)},
		{"error_echo=other_list", "start, refused", both(`MessageType 27, `, `MessageType 27, CampaignID 11, GroupID 7, `)},
		{"error_echo=group", "do not call, refused", nil},
		{"error_echo=group", "start, refused", both(`MessageType 27, `, `MessageType 27, GroupID 7, `)},
		{"error_text_alone", "start, refused", both(`Error 4, `, ``)},
		{"error_number_alone", "start, refused", both(`, ErrorMessage "the campaign is not loaded"`, ``)},
		{"errors_in_answers", "start, refused", both(`MessageType 27`, `MessageType 21`)},
		{"errors_in_answers", "do not call, refused", both(`MessageType 27`, `MessageType 33`)},
		{"error_code=17", "start, refused", both(`Error 4`, `Error 17`)},
		{"error_0", "do not call", both(`MessageType 33`, `MessageType 33, Error 0`)},
		{"error_0", "start, refused", nil},

		{"omit_dialing", "load", both(`DialMode 1, OptimizeBy 1, OptimizeGoal 80, `, ``)},
		{"omit_dialing", "sequence", both(`MessageType 24, DialMode 1, OptimizeBy 1, OptimizeGoal 80, `, `MessageType 24, `)},
		{"dialing_by_table", "load", nil},
		{"dialing_by_table", "unload", both(`DialMode 1, OptimizeBy 1, OptimizeGoal 80, `, ``)},
		{"dialing_by_table", "status", both(`DialMode 1, OptimizeBy 1, OptimizeGoal 80, `, ``)},
		{"omit_status", "load", both(`GroupCampStatus 4, `, ``)},
		{"omit_status", "status", nil},
		{"acknowledgement=status", "load", both(`MessageType 19`, `MessageType 24`)},
		{"acknowledgement=status", "start, refused", nil},
		{"acknowledgement=after_status", "load", both(`MessageType 19`, `MessageType 24`)}, // comes first; see TestAcknowledgementAfterStatus
		{"adjust_goal", "set", both(`OptimizeGoal 50`, `OptimizeGoal 49`)},
		{"adjust_goal", "set 0", both(`OptimizeGoal 0`, `OptimizeGoal 1`)},
		{"adjust_goal", "sequence, set", both(`OptimizeGoal 80`, `OptimizeGoal 79`, `optMethodValue 80`, `optMethodValue 79`)},
		{"adjust_goal", "load", nil},
		{"dial_mode=6", "status", both(`DialMode 1`, `DialMode 6`)},
		{"dial_mode=6", "load", nil},
		{"auto_completion_2", "load", both(`COMPLETION 1`, `COMPLETION 2`)},
		{"auto_completion_inside", "unload", nil},
		{"auto_completion_inside", "load", both(`GSW_AUTO_COMPLETION 1`, `Properties {GSW_AUTO_COMPLETION 1}`)},

		{"status_in_items", "sequence", both(`GroupCampStatus 5, `, ``)},
		{"status_in_items", "load", nil},
		{"bare_items", "sequence", both(`{sleepBeforeNextStart 0, `, `{`, `, dialMode 1, optMethod 1, optMethodValue 80`, ``)},
		{"item_numbers=from_0", "sequence", both(`Item-1`, `Item-0`, `Item-2`, `Item-1`)},
		{"item_numbers=sparse", "sequence", both(`Item-1`, `Item-10`, `Item-2`, `Item-20`)},
		{"item_numbers=padded", "sequence", both(`Item-1`, `Item-001`, `Item-2`, `Item-002`)},
		{"n_items=absent", "sequence", both(`nItems 2, `, ``)},
		{"n_items=wrong", "sequence", both(`nItems 2`, `nItems 3`)},
		{"omit_campaign", "sequence", both(`CampaignID 0, `, ``)},
		{"omit_campaign", "load", nil},
		{"sequence_as_item", "load", nil},

		{"big_answers", "start, refused", both(`"the campaign is not loaded"`, `"the campai"…18026`)},
		{"big_answers", "do not call", both(`"RecordOnly"}}`, `"RecordOnly"}}, Remark "The quick "…18000`)},
		{"big_answers", "cancel", both(`"Incomplete processing: record(s) on desktop"`, `"Incomplete"…18043`)},
		{"big_answers", "sequence", both(`"Two"`, `"Two The qu"…18003`)},
	}
	elsewhere := []string{"charset", "answer_after", "sequence_as_item"} // TestCharset, TestAnswerAfter, TestSequenceAsItem
	for _, name := range habits.Names() {
		if !slices.Contains(elsewhere, name) && !slices.ContainsFunc(tests, func(test struct {
			habit, question string
			replaced        []string
		}) bool {
			habit, _, _ := strings.Cut(test.habit, "=")
			return habit == name && test.replaced != nil
		}) {
			t.Errorf("nothing shows %s", name)
		}
	}
	for _, test := range tests {
		name, value, ok := strings.Cut(test.habit, "=")
		if !ok {
			value = "true"
		}
		q := questions[test.question]
		for _, on := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%s/%v", test.habit, test.question, on), func(t *testing.T) {
				r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
					s.TServer.MaxUserData = scenario.MaxUserData
					s.CallingLists[0].Records = []scenario.Record{{Phone: "77", Chain: 1, OnDesktop: true}, {Phone: "78", Chain: 1}}
				})
				r.Do(q.before...)
				want := q.plain
				if on {
					set(t, r, name, value)
					want = strings.NewReplacer(test.replaced...).Replace(q.plain)
					if test.replaced != nil && want == q.plain {
						t.Fatal("nothing is replaced")
					}
				}
				if got := raw(asked(r, q.request)); got != want {
					t.Errorf("OCS says\n\t%s\nwant\n\t%s", got, want)
				}
			})
		}
	}
}

// While an item runs, the sequence is told as its campaign.
func TestSequenceAsItem(t *testing.T) {
	r := simtest.NewRig(t, nil)
	set(t, r, "sequence_as_item", "true")
	r.Do(loadSequence(short()))
	q := questions["sequence"]
	if got, want := raw(asked(r, q.request)), strings.NewReplacer("Status 5", "Status 4", "status 5", "status 4").Replace(q.plain); got != want {
		t.Errorf("loaded: OCS says\n\t%s\nwant\n\t%s", got, want)
	}
	r.Do(startSequence(short()))
	want, _, _ := strings.Cut(strings.Replace(q.plain, "CampaignID 0", "CampaignID 11", 1), ", Properties")
	if got := raw(asked(r, q.request)); got != want {
		t.Errorf("running: OCS says\n\t%s\nwant\n\t%s", got, want)
	}
}

// The state is told before the acknowledgement, or after it.
func TestAcknowledgementAfterStatus(t *testing.T) {
	for value, want := range map[string]lines{
		"":             {"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active"},
		"after_status": {"CampaignStatus 11/7 Active", "CampaignLoaded 11/7 Active"},
	} {
		r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.Acknowledgement = value })
		r.Want(want, simtest.Load(simtest.A7))
	}
}

// A notification without a target is told once, whoever is connected.
func TestNotificationWithoutTarget(t *testing.T) {
	for habit, want := range map[string][]string{
		"":               {"101", "102"},
		"target_0":       {"0"},
		"omit_addresses": {"none"},
	} {
		r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
			s.Applications = append(s.Applications, scenario.Application{DBID: 102, Type: scenario.ThirdPartyServer})
			s.Applications[0].Connections = []commdn.DBID{101, 102}
			if habit != "" {
				if err := s.Applications[0].OCS.Set(habit, "true"); err != nil {
					t.Fatal(err)
				}
			}
		})
		r.Send(simtest.Load(simtest.A7).UserData())
		r.Send(simtest.DoNotCall("5551", "").UserData())
		var told []string
		for {
			l := r.Event()
			kind, _ := l.Int(commdn.KeyMessageType)
			if kind == int32(commdn.EvDoNotCallProcessed) {
				break
			}
			if kind == int32(commdn.EvCampaignStatus) {
				target := "none"
				if n, ok := l.Int(commdn.KeyTargetAppID); ok {
					target = strconv.Itoa(int(n))
				}
				told = append(told, target)
			}
		}
		if !slices.Equal(told, want) {
			t.Errorf("%s: told %v, want %v", habit, told, want)
		}
	}
}

// Texts are in the charset of the site, in both directions.
func TestCharset(t *testing.T) {
	spring := func(name string) *commdn.CancelRecord {
		return &commdn.CancelRecord{Address: simtest.To, Phone: "77", CustomerID: name, Campaign: "Frühling"}
	}
	const latin = "Fr\xfchling"
	for charset, campaign := range map[string]string{"": "Frühling", "utf-8": "Frühling", "iso-8859-1": latin, "windows-1252": latin} {
		r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
			s.Campaigns[0].Name = "Frühling"
			o.Charset = charset
		})
		r.Do(simtest.Load(simtest.A7))
		got, want := raw(asked(r, request(spring("x").UserData(), "Frühling", campaign))), `GSW_CAMPAIGN_NAME `+strconv.Quote(campaign)
		if !strings.Contains(got, "MessageType 31") || !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", charset, got, want)
		}
		if charset == "" {
			continue
		}
		// In another charset the name is another one.
		other := latin
		if campaign == latin {
			other = "Frühling"
		}
		if got := raw(asked(r, request(spring("x").UserData(), "Frühling", other))); !strings.HasPrefix(got, "MessageType 27") {
			t.Errorf("%q: a name in another charset: %s", charset, got)
		}
	}
	// What the charset does not have is replaced, as a database would.
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.Charset, o.EchoNormalised = "iso-8859-2", true })
	if got := raw(asked(r, request(simtest.DoNotCall("", "x").UserData(), "x", "\xe3ab"))); !strings.Contains(got, `GSW_CUSTOMER_ID "\xc3AB"`) {
		t.Errorf("Latin-2: %s", got)
	}
	if got := r.List(); len(got) != 1 || got[0].CustomerID != "ăab" {
		t.Errorf("the list has %+v", got)
	}
}

// userData is user data as a message.
type userData struct {
	commdn.Message
	l tkvlist.List
}

func (u userData) UserData() tkvlist.List { return u.l }

// request gives user data in which a text is other bytes.
func request(l tkvlist.List, text, bytes string) commdn.Message {
	for i, p := range l {
		if sub, ok := p.Value.List(); ok {
			l[i].Value = tkvlist.Nested(request(sub, text, bytes).UserData())
		} else if s, _ := p.Value.Text(); s == text {
			l[i].Value = tkvlist.String(bytes)
		}
	}
	return userData{nil, l}
}

// An answer takes its time, and the order stays.
func TestAnswerAfter(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.AnswerAfter = 40 })
	began := time.Now()
	r.Send(simtest.DoNotCall("1", "").UserData())
	r.Send(simtest.DoNotCall("2", "").UserData())
	for _, phone := range []string{"1", "2"} {
		if got, want := raw(r.RawAnswer()), `GSW_PHONE "`+phone+`"`; !strings.Contains(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if took := time.Since(began); took < 40*time.Millisecond {
		t.Errorf("answered after %s", took)
	}
}

// The backup of a pair goes on with its own DBID, tells what is loaded, and both
// DBIDs are served all the time.
func TestTakeOver(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.Backup = 202 })
	r.Do(simtest.Load(simtest.A7))
	check := func(active commdn.DBID) {
		t.Helper()
		for _, target := range []commdn.DBID{201, 202} {
			m := simtest.Status(simtest.A7)
			m.Target = target
			if got := raw(asked(r, m)); !strings.Contains(got, fmt.Sprint("OriginAppID ", active, ",")) {
				t.Errorf("a request to %d while %d is active: %s", target, active, got)
			}
		}
	}
	check(201)
	for _, active := range []commdn.DBID{202, 201} {
		pairs, err := r.Control.TakeOver(simtest.Context(t), 0)
		if want := []control.Habits{{OCS: 201, Backup: 202, Active: active}}; err != nil || len(pairs) != 1 || pairs[0].Active != active {
			t.Fatalf("%+v, %v, want %+v", pairs, err, want)
		}
		if got := raw(r.Event()); !strings.HasPrefix(got, "MessageType 24") || !strings.Contains(got, fmt.Sprint("OriginAppID ", active, ",")) {
			t.Errorf("%d takes over and tells %s", active, got)
		}
		check(active)
	}
	if _, err := r.Control.TakeOver(simtest.Context(t), 202); err == nil {
		t.Error("202 is an OCS of its own")
	}
}
