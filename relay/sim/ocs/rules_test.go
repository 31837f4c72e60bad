package ocs_test

import (
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// Every rule of OCS is shown over TCP: requests go through T-Server, and all
// that OCS says is read from the CommDN.

func TestDoNotCallAccepted(t *testing.T) {
	tests := []struct {
		name    string
		request *commdn.DoNotCall
		want    *commdn.DoNotCallProcessed
	}{
		{"phone", simtest.DoNotCall("5551", ""), simtest.Processed("5551", "", "")},
		{"customer id alone", simtest.DoNotCall("", "c-1"), simtest.Processed("", "c-1", "")},
		{"phone and customer id", simtest.DoNotCall("5552", "c-2"), simtest.Processed("5552", "c-2", "")},
		{"all of the chain", &commdn.DoNotCall{Address: commdn.Address{Origin: 101}, Phone: "5553", Chain: commdn.AllChain}, simtest.Processed("5553", "", commdn.AllChain)},
		{"the record only", &commdn.DoNotCall{Address: commdn.Address{Origin: 101}, Phone: "5554", Chain: commdn.RecordOnly}, simtest.Processed("5554", "", commdn.RecordOnly)},
		{"addressed to this OCS", &commdn.DoNotCall{Address: commdn.Address{Origin: 101, Target: 201}, Phone: "5555"}, simtest.Processed("5555", "", "")},
	}
	r := simtest.NewRig(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r.Send(test.request.UserData())
			if got := r.Answer(); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %s\nwant %s", commdn.Trace(got, true), commdn.Trace(test.want, true))
			}
			list := r.List()
			last := list[len(list)-1]
			if last.Phone != test.request.Phone || last.CustomerID != test.request.CustomerID || last.Time.IsZero() {
				t.Errorf("last entry = %+v", last)
			}
		})
	}
	if n := len(r.List()); n != len(tests) {
		t.Errorf("%d entries after %d requests", n, len(tests))
	}
}

// A phone may come as an integer: values are "string or integer".
func TestPhoneAsInteger(t *testing.T) {
	r := simtest.NewRig(t, nil)
	request := simtest.DoNotCall("", "").UserData()
	r.Send(withProperties(request, tkvlist.Nested(tkvlist.List{{Key: commdn.KeyDoNotCall, Value: tkvlist.Nested(tkvlist.List{
		{Key: commdn.KeyPhone, Value: tkvlist.Int(5551)},
	})}})))
	if got := r.Answer(); !reflect.DeepEqual(got, simtest.Processed("5551", "", "")) {
		t.Errorf("answer = %s", commdn.Trace(got, true))
	}
}

func TestRepeatKeepsTheFirstTime(t *testing.T) {
	r := simtest.NewRig(t, nil)
	var first []control.Entry
	for range 3 {
		r.Send(simtest.DoNotCall("5551", "c").UserData())
		if got := r.Answer(); !reflect.DeepEqual(got, simtest.Processed("5551", "c", "")) {
			t.Errorf("answer = %s", commdn.Trace(got, true))
		}
		if first == nil {
			first = r.List()
		}
	}
	if got := r.List(); len(got) != 1 || !reflect.DeepEqual(got, first) {
		t.Errorf("list = %v, after the first request %v", got, first)
	}
	// The same phone with another customer is another entry.
	r.Send(simtest.DoNotCall("5551", "").UserData())
	r.Answer()
	if got := r.List(); len(got) != 2 {
		t.Errorf("list = %v", got)
	}
}

// Nothing is heard of these; the request after them is answered first.
func TestSilence(t *testing.T) {
	with := func(change func(*tkvlist.List)) tkvlist.List {
		l := simtest.DoNotCall("666", "").UserData()
		change(&l)
		return l
	}
	tests := []struct {
		name     string
		userData tkvlist.List
	}{
		{"origin is not connected", (&commdn.DoNotCall{Address: commdn.Address{Origin: 102}, Phone: "666"}).UserData()},
		{"origin is not connected, target is this OCS", (&commdn.DoNotCall{Address: commdn.Address{Origin: 102, Target: 201}, Phone: "666"}).UserData()},
		{"malformed and not connected", (&commdn.DoNotCall{Address: commdn.Address{Origin: 102}}).UserData()},
		{"origin is this OCS itself", (&commdn.DoNotCall{Address: commdn.Address{Origin: 201}, Phone: "666"}).UserData()},
		{"origin missing", with(func(l *tkvlist.List) { l.Delete(commdn.KeyOriginAppID) })},
		{"origin is text", with(func(l *tkvlist.List) { l.Set(commdn.KeyOriginAppID, tkvlist.String("101")) })},
		{"target is another OCS", (&commdn.DoNotCall{Address: commdn.Address{Origin: 101, Target: 202}, Phone: "666"}).UserData()},
		{"no GSW_CM_MessageType: a report to Stat Server", tkvlist.List{{Key: "GSW_STAT_EVENT", Value: tkvlist.Int(1)}}},
		{"GSW_CM_MessageType is text", with(func(l *tkvlist.List) { l.Set(commdn.KeyMessageType, tkvlist.String("32")) })},
		{"a response", (&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 101, Target: 201}, Phone: "666"}).UserData()},
		{"an error", (&commdn.Fault{Address: commdn.Address{Origin: 101, Target: 201}, Code: commdn.ErrorInvalidParameter}).UserData()},
		{"a request that is not used on the CommDN", with(func(l *tkvlist.List) { l.Set(commdn.KeyMessageType, tkvlist.Int(28)) })},
		{"no user data", nil},
	}
	r := simtest.NewRig(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r.Send(test.userData)
			r.Send(simtest.DoNotCall("5551", "").UserData())
			if got := r.Answer(); !reflect.DeepEqual(got, simtest.Processed("5551", "", "")) {
				t.Errorf("answer = %s", commdn.Trace(got, true))
			}
		})
	}
	if got := r.List(); len(got) != 1 {
		t.Errorf("list = %v", got)
	}
}

func withProperties(l tkvlist.List, v tkvlist.Value) tkvlist.List {
	l.Set(commdn.KeyProperties, v)
	return l
}

func TestInvalidParameter(t *testing.T) {
	inner := func(key string, v tkvlist.Value) tkvlist.List {
		return withProperties(simtest.DoNotCall("", "").UserData(), tkvlist.Nested(tkvlist.List{
			{Key: commdn.KeyDoNotCall, Value: tkvlist.Nested(tkvlist.List{{Key: key, Value: v}})},
		}))
	}
	noTarget := simtest.DoNotCall("5551", "").UserData()
	noTarget.Delete(commdn.KeyTargetAppID)
	noProperties := simtest.DoNotCall("5551", "").UserData()
	noProperties.Delete(commdn.KeyProperties)
	tests := []struct {
		name     string
		userData tkvlist.List
		message  string // begins with the vendor's key
	}{
		{"neither phone nor customer id", simtest.DoNotCall("", "").UserData(), commdn.KeyPhone},
		{"empty phone", inner(commdn.KeyPhone, tkvlist.String("")), commdn.KeyPhone},
		{"unknown chain", (&commdn.DoNotCall{Address: commdn.Address{Origin: 101}, Phone: "5551", Chain: "Everything"}).UserData(), commdn.KeyChain},
		{"phone is a list", inner(commdn.KeyPhone, tkvlist.Nested(nil)), commdn.KeyPhone},
		{"phone with a line break", simtest.DoNotCall("5551\n5552", "").UserData(), commdn.KeyPhone},
		{"phone that no list has room for", simtest.DoNotCall(strings.Repeat("1", commdn.MaxPhone+1), "").UserData(), commdn.KeyPhone},
		{"customer id too long", simtest.DoNotCall("", strings.Repeat("c", commdn.MaxCustomerID+1)).UserData(), commdn.KeyCustomerID},
		{"no properties", noProperties, commdn.KeyProperties},
		{"properties are text", withProperties(simtest.DoNotCall("", "").UserData(), tkvlist.String("x")), commdn.KeyProperties},
		{"properties without do_not_call", withProperties(simtest.DoNotCall("", "").UserData(), tkvlist.Nested(nil)), commdn.KeyDoNotCall},
		{"no target", noTarget, commdn.KeyTargetAppID},
	}
	r := simtest.NewRig(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r.Send(test.userData)
			fault, ok := r.Answer().(*commdn.Fault)
			if !ok || fault.Code != commdn.ErrorInvalidParameter || fault.Address != (commdn.Address{Origin: 201, Target: 101}) {
				t.Fatalf("answer = %+v", fault)
			}
			if !strings.HasPrefix(fault.Message, test.message+" ") {
				t.Errorf("message = %q, want it to begin with %s", fault.Message, test.message)
			}
			if fault.Phone != "" || fault.CustomerID != "" {
				t.Errorf("echoes %+v", fault)
			}
		})
	}
	if got := r.List(); len(got) != 0 {
		t.Errorf("list = %v", got)
	}
}

func TestRefuse(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
		s.Faults = []scenario.Fault{{Do: scenario.Refuse, Phone: "5550000", Error: commdn.ErrorLicenseViolation}}
	})
	r.Send(simtest.DoNotCall("5550000", "c").UserData())
	want := &commdn.Fault{
		Address: commdn.Address{Origin: 201, Target: 101}, Code: commdn.ErrorLicenseViolation,
		Message: commdn.ErrorLicenseViolation.Text(),
	}
	if got := r.Answer(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	if got := r.List(); len(got) != 0 {
		t.Errorf("list = %v", got)
	}
	r.Send(simtest.DoNotCall("", "c").UserData()) // no phone, no refusal
	if got := r.Answer(); !reflect.DeepEqual(got, simtest.Processed("", "c", "")) {
		t.Errorf("without a phone: %s", commdn.Trace(got, true))
	}
}

func TestEchoOnError(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		o.EchoOnError = true
		s.Faults = []scenario.Fault{{Do: scenario.Refuse, Phone: "5550000", Error: commdn.ErrorInvalidParameter}}
	})
	for name, request := range map[string]*commdn.DoNotCall{
		"refused": simtest.DoNotCall("5550000", "c"),
		"invalid": {Address: commdn.Address{Origin: 101}, Phone: "5551", CustomerID: "c", Chain: "x"},
	} {
		r.Send(request.UserData())
		fault, ok := r.Answer().(*commdn.Fault)
		if !ok || fault.Phone != request.Phone || fault.CustomerID != request.CustomerID {
			t.Errorf("%s: answer = %+v", name, fault)
		}
	}
	r.Send(withProperties(simtest.DoNotCall("", "").UserData(), tkvlist.Nested(nil)))
	if fault, ok := r.Answer().(*commdn.Fault); !ok || len(fault.Subjects()) != 0 {
		t.Errorf("unreadable: answer = %+v", fault)
	}
}

func TestResponseKey(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) {
		o.ResponseKey, o.EchoOnError = "do_not_call_processed", true
	})
	for _, request := range []*commdn.DoNotCall{simtest.DoNotCall("5551", ""), {Address: commdn.Address{Origin: 101}, Phone: "5551", Chain: "x"}} {
		r.Send(request.UserData())
		raw := r.RawAnswer()
		properties, _ := raw.List(commdn.KeyProperties)
		echo, _ := properties.List("do_not_call_processed")
		if phone, _ := echo.Text(commdn.KeyPhone); phone != "5551" || len(properties) != 1 {
			t.Errorf("answer = %v", raw)
		}
	}
}

func TestRequirePhone(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.RequirePhone = true })
	r.Send(simtest.DoNotCall("", "c").UserData())
	if fault, ok := r.Answer().(*commdn.Fault); !ok || fault.Code != commdn.ErrorInvalidParameter || fault.Message != "GSW_PHONE is missing" {
		t.Errorf("answer = %+v", fault)
	}
	r.Send(simtest.DoNotCall("5551", "c").UserData())
	if got := r.Answer(); !reflect.DeepEqual(got, simtest.Processed("5551", "c", "")) {
		t.Errorf("answer = %s", commdn.Trace(got, true))
	}
}
