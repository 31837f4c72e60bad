package link_test

import (
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
)

// An OCS that answers a second phone of a customer with the first one of the chain
// alone is believed in the end, if nothing better comes.
func TestChainAnsweredByItsFirstPhone(t *testing.T) {
	ack := func(from commdn.DBID, phone string) tkvlist.List {
		return (&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: from, Target: 101}, Phone: phone}).UserData()
	}
	first := &commdn.DoNotCall{Phone: "5550001", CustomerID: "Abc"}
	for name, test := range map[string]struct {
		ocs    []commdn.DBID
		second commdn.Request
		comes  []tkvlist.List
		want   string
		passed int // answers without a request
	}{
		"the first phone alone":        {oneOCS, &commdn.DoNotCall{Phone: "7770002"}, []tkvlist.List{ack(201, "5550001")}, "done", 0},
		"the same customer":            {oneOCS, &commdn.DoNotCall{Phone: "7770002", CustomerID: "ABC"}, []tkvlist.List{ack(201, "5550001")}, "done", 0},
		"twice":                        {oneOCS, &commdn.DoNotCall{Phone: "7770002"}, []tkvlist.List{ack(201, "5550001"), ack(201, "5550001")}, "done", 0},
		"another customer":             {oneOCS, &commdn.DoNotCall{Phone: "7770002", CustomerID: "Xyz"}, []tkvlist.List{ack(201, "5550001")}, "unknown", 1},
		"another type":                 {oneOCS, &commdn.CancelRecord{Phone: "7770002"}, []tkvlist.List{ack(201, "5550001")}, "unknown", 1},
		"and then the refusal":         {oneOCS, &commdn.DoNotCall{Phone: "7770002"}, []tkvlist.List{ack(201, "5550001"), (&commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 10, Phone: "7770002"}).UserData()}, "refused 10", 1},
		"two OCS, both say the first":  {[]commdn.DBID{201, 202}, &commdn.DoNotCall{Phone: "7770002"}, []tkvlist.List{ack(201, "5550001"), ack(202, "5550001")}, "done", 0},
		"two OCS, one is silent":       {[]commdn.DBID{201, 202}, &commdn.DoNotCall{Phone: "7770002"}, []tkvlist.List{ack(201, "5550001")}, "unknown", 0},
		"two OCS, one says the second": {[]commdn.DBID{201, 202}, &commdn.DoNotCall{Phone: "7770002"}, []tkvlist.List{ack(201, "5550001"), ack(202, "7770002")}, "done", 0},
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, test.ocs, nil, func(s *story) {
				s.ask("first", first)
				for _, id := range test.ocs {
					s.say(ack(id, "5550001"))
				}
				s.want("first", "done")
				began := time.Now()
				s.ask("second", test.second)
				for _, l := range test.comes {
					s.say(l)
				}
				s.want("second", test.want)
				if took, quick := time.Since(began), strings.HasPrefix(test.want, "refused"); quick != (took < time.Second) {
					t.Errorf("it took %v", took)
				}
				if n := s.passed[link.PassedUnasked]; n != test.passed {
					t.Errorf("%d answers without a request, want %d: %s", n, test.passed, s.r.log)
				}
			})
		})
	}
	tell(t, oneOCS, nil, func(s *story) { // the first one was given up: the answer is rather its own
		s.ask("first", first)
		s.want("first", "unknown")
		time.Sleep(15 * time.Second)
		s.ask("second", &commdn.DoNotCall{Phone: "7770002"})
		s.say(ack(201, "5550001"))
		s.want("second", "unknown")
	})
	tell(t, oneOCS, nil, func(s *story) { // two may be meant
		s.ask("first", first)
		s.say(ack(201, "5550001"))
		s.want("first", "done")
		s.ask("second", &commdn.DoNotCall{Phone: "7770002"})
		s.ask("third", &commdn.DoNotCall{Phone: "8880003"})
		s.say(ack(201, "5550001"))
		s.want("second", "unknown")
		s.want("third", "unknown")
	})
}
