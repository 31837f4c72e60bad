package commdn_test

import (
	"reflect"
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
