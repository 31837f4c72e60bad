package scenario

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/habits"
	"commdn/relay/internal/strictyaml"
)

// everything has a value for every key.
func everything() *Scenario {
	speed, yes, no := 0.0, true, false
	return &Scenario{
		Name: "every: thing", Description: "two lines,\n\"quotes\", {braces} # and no comment, ü\u2028\U0001F600\t", Seed: math.MaxUint64,
		Clock:   Clock{Start: time.Date(2026, 11, 23, 8, 0, 0, 500, time.UTC), Speed: &speed},
		TServer: TServer{MaxUserData: 65_535, Backup: true},
		Tenants: []Tenant{{101, "yes"}, {102, "12"}},
		Applications: []Application{
			{DBID: 201, Name: "OCS_201", Type: OutboundContactServer, Connections: []commdn.DBID{101}, Tenants: []commdn.DBID{102, 101}, OCS: OCS{
				Licensed: []commdn.DialMode{commdn.DialPredict, commdn.DialPowerGVP},
				Ring:     1500 * time.Millisecond, Talk: time.Hour, Preview: 90 * time.Second, DialRate: 1e-7,
				Results:    Results{Answer: 1, NoAnswer: 2, Busy: 3, AnsweringMachine: 4, Fax: 5, InvalidNumber: 6},
				Treatment:  Treatment{Attempts: 3, After: 61 * time.Minute},
				UnloadTime: time.Nanosecond, Statistics: time.Minute,
				RequirePhone: true, CancelByCustomer: true, UnloadedAtEnd: true, UsedUp: true, Backup: 203, Habits: everyHabit(),
			}},
			{DBID: 202, Type: OutboundContactServer, Disabled: true},
			{DBID: 101, Name: "0x10", Type: ThirdPartyServer},
			{DBID: 102, Name: "- a", Type: ThirdPartyApplication, Connections: []commdn.DBID{201, 202}},
		},
		CommDNs: []CommDN{
			{Number: "7000", Tenant: 101, OutboundContactServer: &yes},
			{Number: "*7001", Disabled: true, OutboundContactServer: &no},
			{Number: "null"},
		},
		Groups: []Group{{DBID: 501, Name: "Sales & more", Tenant: 102, Agents: 10_000}},
		CallingLists: []CallingList{{
			DBID: 601, Name: "A, B", Tenant: 102,
			Records:  []Record{{Phone: "0123", CustomerID: "1e5", Chain: 1, Type: CampaignCallBack, OnDesktop: true}, {Phone: "+49 (30) 1"}},
			Generate: Generate{Customers: 499_999, Phones: 2},
		}, {DBID: 602, Name: "written", Tenant: 102, Generate: Generate{Phones: 3}}},
		Campaigns: []Campaign{{DBID: 1001, Name: "~", Tenant: 102, CallingLists: []commdn.DBID{602, 601}}},
		CampaignGroups: []CampaignGroup{{Campaign: 1001, Group: 501, OCS: 201,
			Dialing: Dialing{Mode: commdn.DialPredictAndSeize, OptimizeBy: commdn.OptimizeWaitTime, Goal: math.MaxInt32}}},
		DoNotCall: []Entry{{Phone: "1"}, {CustomerID: "[C]", Tenant: 102}},
		Faults: []Fault{
			{Do: Delay, Latency: time.Second, Jitter: 200 * time.Millisecond, OCS: 201, Request: commdn.ReqCancelRecord, Phone: "010", Campaign: 1001, Percent: 50, Times: 2},
			{Do: Refuse, Error: commdn.ErrorLicenseViolation},
			{Do: Stall, Application: "commdn", After: 10, For: time.Minute, Times: 3},
			{Do: Switchover, After: 1},
		},
	}
}

// everyHabit has a value for every habit.
func everyHabit() (h habits.Habits) {
	v := reflect.ValueOf(&h).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Int32:
			f.SetInt(203)
		}
	}
	h.Charset, h.ResponseKey = "shift_jis", "CM_EvDoNotCallProcessed"
	h.ErrorEcho, h.Acknowledgement, h.ItemNumbers, h.NItems = "other_list", "status", "sparse", "wrong"
	return h
}

func roundTrip(t *testing.T, s *Scenario) {
	t.Helper()
	text, err := s.YAML()
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	again, err := Parse("again.yaml", text)
	if err != nil {
		t.Fatalf("%s: %v\n%s", s.Name, err, text)
	}
	if !reflect.DeepEqual(s, again) {
		t.Errorf("%s: another one comes back from\n%s", s.Name, text)
	}
}

func TestRoundTrip(t *testing.T) {
	s := everything()
	unset := map[string]bool{}
	var look func(reflect.Value, string)
	look = func(v reflect.Value, path string) {
		switch {
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				look(v.Index(i), path+"[]")
			}
		case strictyaml.IsMapping(v.Type()):
			for _, f := range strictyaml.Fields(v.Type()) {
				at, value := strictyaml.Join(path, f.Key), v.FieldByIndex(f.Index)
				if was, seen := unset[at]; !seen || was {
					unset[at] = value.IsZero()
				}
				look(value, at)
			}
		}
	}
	look(reflect.ValueOf(s).Elem(), "")
	for path, is := range unset {
		if is {
			t.Errorf("everything has no %s", path)
		}
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	roundTrip(t, s)
	roundTrip(t, &Scenario{})
}

func TestYAMLRefused(t *testing.T) {
	s := &Scenario{Seed: 1, Campaigns: []Campaign{{DBID: 0, Name: "A"}}}
	if text, err := s.YAML(); err == nil || err.Error() != "scenario: campaigns[0].dbid: is 0; give 1 or more" || text != nil {
		t.Errorf("%q, %v", text, err)
	}
	list := CallingList{DBID: 1, Name: "A", Records: make([]Record, 100_000)}
	for i := range list.Records {
		list.Records[i] = Record{Phone: strings.Repeat("5", 64)}
	}
	if _, err := (&Scenario{CallingLists: []CallingList{list}}).YAML(); err == nil || !strings.HasSuffix(err.Error(), "bytes as a file; at most 4194304 are possible") {
		t.Errorf("too large: %v", err)
	}
}

func TestFaultJSON(t *testing.T) {
	for _, c := range []struct {
		fault Fault
		text  string
	}{
		{Fault{Do: Delay, Latency: 200 * time.Millisecond, Jitter: time.Hour, OCS: 201, Request: commdn.ReqDoNotCall, Phone: "0\"1", Percent: 50, Times: 3},
			`{"do":"delay","latency":"200ms","jitter":"1h","ocs":201,"request":"CM_ReqDoNotCall","phone":"0\"1","percent":50,"times":3}`},
		{Fault{Do: Refuse, Error: commdn.ErrorInvalidParameter, Campaign: 1001}, `{"do":"refuse","error":"CM_ERROR_INVALID_PARAMETER","campaign":1001}`},
		{Fault{Do: Stall, Application: "a/b <c>", After: 10, For: 90 * time.Second}, `{"do":"stall","application":"a/b \u003cc\u003e","after":10,"for":"1m30s"}`},
		{Fault{Do: LinkUp}, `{"do":"link_up"}`},
	} {
		text, err := json.Marshal(c.fault)
		if err != nil || string(text) != c.text {
			t.Errorf("%s, %v, want %s", text, err, c.text)
		}
		if again, err := ParseFault(text); err != nil || again != c.fault {
			t.Errorf("%s: %+v, %v", text, again, err)
		}
	}
}

func TestParseFault(t *testing.T) {
	if f, err := ParseFault([]byte("do: refuse\nerror: 15\nrequest: do-not-call\n")); err != nil || f != (Fault{Do: Refuse, Error: 15, Request: 32}) {
		t.Errorf("%+v, %v", f, err)
	}
	for text, want := range map[string]string{
		``:                                     "fault: is empty; give the keys of a fault",
		`[]`:                                   "fault: a fault must be keys with values",
		`{}`:                                   "fault: do is missing",
		`{"do":"drop","percnt":5}`:             "fault: percnt: unknown key; did you mean percent?",
		`{"do":"drop","percent":"5"}`:          `fault: percent: is the text "5"; give a whole number up to 2147483647`,
		`{"do":"drop","do":"drop"}`:            "fault: do: is there twice; first in line 1",
		`{"do":"delay","latency":200}`:         "fault: latency: is 200; give a duration such as 200ms, 90s or 1h30m",
		`{"do":"drop","request":"do-not-cal"}`: `fault: request: "do-not-cal" is no request; there are load-campaign, unload-campaign, start-dialing, stop-dialing, set-dialing-mode, get-campaign-status, force-unload-campaign, cancel-record, do-not-call; did you mean do-not-call?`,
		`{"do":"` + strings.Repeat("x", 5000) + `"}`: "fault: is too large: at most 4096 bytes are possible",
		`{"do"`: "fault: could not find flow map content",
	} {
		if f, err := ParseFault([]byte(text)); err == nil || err.Error() != want || f != (Fault{}) {
			t.Errorf("%.60s: %+v, %v", text, f, err)
		}
	}
}
