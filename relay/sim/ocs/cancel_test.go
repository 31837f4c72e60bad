package ocs_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
)

// withRecords has a chain of customer c-1 in campaign A, and the same phone in
// campaign B.
func withRecords(s *scenario.Scenario, _ *scenario.OCS) {
	s.CallingLists[0].Records = []scenario.Record{
		{Phone: "5551", CustomerID: "c-1", Chain: 1},
		{Phone: "5552", CustomerID: "c-1", Chain: 1},
		{Phone: "5553", CustomerID: "c-3", Chain: 3},
		{Phone: "5554", CustomerID: "c-3", Chain: 3, OnDesktop: true},
		{Phone: "5555", CustomerID: "c-5", OnDesktop: true},
		{Phone: "5556", CustomerID: "c-6"},
	}
	s.CallingLists[1].Records = []scenario.Record{{Phone: "5551", CustomerID: "c-7"}}
}

func cancel(phone, customer, campaign string, chain commdn.Chain) *commdn.CancelRecord {
	return &commdn.CancelRecord{
		Address: commdn.Address{Origin: 101}, Phone: phone, CustomerID: customer, Campaign: campaign, Chain: chain,
	}
}

// canceled gives the phones that are canceled, with the calling list before them.
func canceled(r *simtest.Rig) (phones []string) {
	for list, name := range map[commdn.DBID]string{simtest.ListA: "A", simtest.ListB: "B"} {
		for _, record := range r.Records(list) {
			if record.Status == ocs.RecordCanceled.String() && record.Result == ocs.ResultCancelRecord.String() {
				phones = append(phones, name+" "+record.Phone)
			}
		}
	}
	slices.Sort(phones)
	return phones
}

func TestCancel(t *testing.T) {
	for _, test := range []struct {
		name     string
		request  *commdn.CancelRecord
		canceled []string
		message  string
	}{
		{"phone, in all campaigns", cancel("5551", "", "", ""), []string{"A 5551", "A 5552", "B 5551"}, ""},
		{"all of the chain", cancel("5552", "", "", commdn.AllChain), []string{"A 5551", "A 5552"}, ""},
		{"the record only", cancel("5551", "", "", commdn.RecordOnly), []string{"A 5551", "B 5551"}, ""},
		{"one campaign", cancel("5551", "", "B", ""), []string{"B 5551"}, ""},
		{"phone and customer", cancel("5551", "c-7", "", ""), []string{"B 5551"}, ""},
		{"phone of another customer", cancel("5551", "c-6", "", ""), nil, ""},
		{"no record", cancel("5559", "", "", ""), nil, ""},
		{"on a desktop", cancel("5555", "", "", ""), nil, commdn.IncompleteMessage},
		{"chain with one on a desktop", cancel("5553", "", "", ""), []string{"A 5553"}, commdn.IncompleteMessage},
		{"the record only, the other on a desktop", cancel("5553", "", "", commdn.RecordOnly), []string{"A 5553"}, ""},
		{"chain of the one on a desktop", cancel("5554", "", "A", ""), []string{"A 5553"}, commdn.IncompleteMessage},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := simtest.NewRig(t, withRecords)
			r.Do(simtest.Load(simtest.A7), simtest.Load(simtest.B7))
			r.Send(test.request.UserData())
			want := &commdn.RecordCanceled{
				Address: commdn.Address{Origin: 201, Target: 101}, Phone: test.request.Phone, CustomerID: test.request.CustomerID,
				Campaign: test.request.Campaign, Chain: test.request.Chain, Message: test.message,
			}
			if got := r.Answer(); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %s\nwant %s", commdn.Trace(got, true), commdn.Trace(want, true))
			}
			if got := canceled(r); !reflect.DeepEqual(got, test.canceled) {
				t.Errorf("canceled %q, want %q", got, test.canceled)
			}
		})
	}
}

// Only loaded campaigns are looked at; to name another is an error.
func TestCancelInCampaignsNotLoaded(t *testing.T) {
	r := simtest.NewRig(t, withRecords)
	for _, campaign := range []string{"A", "no such campaign"} {
		r.Send(cancel("5551", "", campaign, "").UserData())
		if fault, ok := r.Answer().(*commdn.Fault); !ok || fault.Code != commdn.ErrorCampaignNotFound {
			t.Errorf("%s: %+v", campaign, fault)
		}
	}
	r.Send(cancel("5551", "", "", "").UserData())
	if _, ok := r.Answer().(*commdn.RecordCanceled); !ok || canceled(r) != nil {
		t.Errorf("without a campaign: %q canceled", canceled(r))
	}
}

// What is canceled or on a desktop is not dialed, nor after the next load; what
// was dialed is not canceled.
func TestCanceledIsNotDialed(t *testing.T) {
	r := simtest.NewRig(t, withRecords)
	r.Do(running...)
	r.Advance(200 * time.Millisecond) // 5551 is done, and with it its chain; 5553 rings
	r.Do(cancel("5551", "", "", ""), cancel("5556", "", "A", ""))
	r.Advance(200 * time.Millisecond)
	made := r.Records(simtest.ListA)[6:]
	if got, want := r.Dialed(simtest.ListA), []string{"5551", "5553", made[0].Phone, made[1].Phone}; !reflect.DeepEqual(got, want) {
		t.Errorf("dialed %q, want %q", got, want)
	}
	r.Do(simtest.ForceUnload(simtest.A7), simtest.Load(simtest.A7))
	if got := canceled(r); !reflect.DeepEqual(got, []string{"A 5556"}) {
		t.Errorf("canceled %q", got)
	}
}

func TestCancelRefused(t *testing.T) {
	refuse := func(s *scenario.Scenario, _ *scenario.OCS) {
		s.Faults = []scenario.Fault{{Do: scenario.Refuse, Phone: "5550", Error: commdn.ErrorLicenseViolation}}
	}
	byCustomer := func(_ *scenario.Scenario, o *scenario.OCS) { o.CancelByCustomer = true }
	for _, test := range []struct {
		name    string
		change  func(*scenario.Scenario, *scenario.OCS)
		request *commdn.CancelRecord
		code    commdn.ErrorCode
		message string
	}{
		{"nobody", nil, cancel("", "", "", ""), commdn.ErrorInvalidParameter, commdn.KeyPhone},
		{"customer alone", nil, cancel("", "c-1", "", ""), commdn.ErrorInvalidParameter, commdn.KeyPhone},
		{"nobody, though a customer would do", byCustomer, cancel("", "", "", ""), commdn.ErrorInvalidParameter, commdn.KeyPhone},
		{"customer with a line break", byCustomer, cancel("", "c\n", "", ""), commdn.ErrorInvalidParameter, commdn.KeyCustomerID},
		{"unknown chain", nil, cancel("5551", "", "", "Everything"), commdn.ErrorInvalidParameter, commdn.KeyChain},
		{"refused phone", refuse, cancel("5550", "", "", ""), commdn.ErrorLicenseViolation, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
				o.EchoOnError = true
				if test.change != nil {
					test.change(s, o)
				}
			})
			r.Send(test.request.UserData())
			raw := r.RawAnswer()
			m, err := commdn.Decode(raw)
			fault, ok := m.(*commdn.Fault)
			if err != nil || !ok || fault.Code != test.code || !strings.HasPrefix(fault.Message, test.message) {
				t.Fatalf("answer = %v, %v", m, err)
			}
			properties, _ := raw.List(commdn.KeyProperties)
			echo, _ := properties.List(commdn.KeyCancelRecord)
			if phone, _ := echo.Text(commdn.KeyPhone); phone != test.request.Phone || fault.CustomerID != test.request.CustomerID {
				t.Errorf("echoes %v", raw)
			}
		})
	}
}

func TestCancelByCustomer(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		withRecords(s, o)
		o.CancelByCustomer, o.ResponseKey = true, "record_canceled"
	})
	r.Do(loaded...)
	r.Send(cancel("", "c-1", "", commdn.RecordOnly).UserData())
	properties, _ := r.RawAnswer().List(commdn.KeyProperties)
	if echo, _ := properties.List("record_canceled"); len(echo) != 2 {
		t.Errorf("answer has %v", properties)
	}
	if got := canceled(r); !reflect.DeepEqual(got, []string{"A 5551", "A 5552"}) {
		t.Errorf("canceled %q", got)
	}
}
