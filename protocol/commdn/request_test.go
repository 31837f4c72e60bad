package commdn_test

import (
	"reflect"
	"slices"
	"testing"

	"commdn/protocol/commdn"
)

// TestControl: what a golden request about a campaign says makes the same
// request again, and a request about a person is none.
func TestControl(t *testing.T) {
	seen := map[commdn.MessageType]bool{}
	for _, g := range golden {
		r, ok := g.msg.(commdn.Request)
		if !ok {
			continue
		}
		c, control := commdn.ControlOf(r)
		if person := r.Type().AboutPerson(); person == control {
			t.Errorf("%s: about a person is %v, about a campaign is %v", g.name, person, control)
		}
		if !control {
			if !reflect.DeepEqual(c, commdn.Control{}) {
				t.Errorf("%s: %+v, want nothing", g.name, c)
			}
			continue
		}
		seen[r.Type()] = true
		if again := c.Request(r.Type()); !reflect.DeepEqual(again, r) {
			t.Errorf("%s: %+v became %+v", g.name, r, again)
		}
	}
	if len(seen) != 7 {
		t.Errorf("the golden requests have %d of the 7 types: %v", len(seen), seen)
	}
	for _, kind := range []commdn.MessageType{0, commdn.ReqDoNotCall, commdn.ReqCancelRecord, commdn.EvCampaignStatus} {
		if r := (commdn.Control{}).Request(kind); r != nil {
			t.Errorf("%v gives %+v, want nil", kind, r)
		}
	}
}

func TestPersonOf(t *testing.T) {
	tests := []struct {
		req  commdn.Request
		want commdn.Person
		ok   bool
	}{
		{&commdn.DoNotCall{Phone: "1", CustomerID: "2", Chain: commdn.RecordOnly}, commdn.Person{Phone: "1", CustomerID: "2", Chain: commdn.RecordOnly}, true},
		{
			&commdn.CancelRecord{Phone: "1", CustomerID: "2", Chain: commdn.AllChain, Campaign: "Spring"},
			commdn.Person{Phone: "1", CustomerID: "2", Chain: commdn.AllChain, Campaign: "Spring"}, true,
		},
		{&commdn.StopDialing{}, commdn.Person{}, false},
		{nil, commdn.Person{}, false},
	}
	for _, test := range tests {
		if got, ok := commdn.PersonOf(test.req); got != test.want || ok != test.ok {
			t.Errorf("%+v: %+v %v", test.req, got, ok)
		}
	}
}

// TestClone: a copy is equal, and setting its address leaves the first alone.
func TestClone(t *testing.T) {
	for _, g := range golden {
		r, ok := g.msg.(commdn.Request)
		if !ok {
			continue
		}
		was := *r.Addr()
		c := commdn.Clone(r)
		if !reflect.DeepEqual(c, r) {
			t.Errorf("%s: %+v, want %+v", g.name, c, r)
		}
		c.Addr().Target = was.Target + 1
		if *r.Addr() != was {
			t.Errorf("%s: the address of the first changed with its copy's", g.name)
		}
	}
}

// TestListed: what is listed is what the vendor lists, and nothing else.
func TestListed(t *testing.T) {
	for n := int32(-1); n < 100; n++ {
		for what, listed := range map[string][2]bool{
			"dialing mode":        {commdn.DialMode(n).Known(), slices.Contains(commdn.DialModes(), commdn.DialMode(n))},
			"optimization method": {commdn.OptimizeBy(n).Known(), slices.Contains(commdn.OptimizeBys(), commdn.OptimizeBy(n))},
			"state":               {commdn.GroupStatus(n).Known(), slices.Contains(commdn.GroupStatuses(), commdn.GroupStatus(n))},
			"error":               {n > 0 && n <= 15 && commdn.ErrorCode(n).Text() != "", slices.Contains(commdn.ErrorCodes(), commdn.ErrorCode(n))},
		} {
			if listed[0] != listed[1] {
				t.Errorf("%s %d: known %v, listed %v", what, n, listed[0], listed[1])
			}
		}
	}
	decoded := map[commdn.MessageType]bool{}
	for _, g := range golden {
		if _, ok := g.msg.(commdn.Request); ok {
			decoded[g.msg.Type()] = true
		}
	}
	if all := commdn.Requests(); len(all) != 9 || len(decoded) != 9 {
		t.Errorf("%v are listed, the golden requests have %d types", all, len(decoded))
	}
	for _, kind := range commdn.Requests() {
		if !decoded[kind] {
			t.Errorf("%v is listed, and is no request of the golden ones", kind)
		}
	}
}
