package link_test

import (
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/link"
)

// An answer that comes twice settles no other request, whoever that is about: it may
// never have come to OCS.
func TestAnswerTwice(t *testing.T) {
	ack := func(phone string) *commdn.DoNotCallProcessed {
		return &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: phone}
	}
	for name, second := range map[string]*commdn.DoNotCall{
		"nobody's customer": {Phone: "7770002"},
		"the same customer": {Phone: "7770002", CustomerID: "ABC"},
		"another customer":  {Phone: "7770002", CustomerID: "Xyz"},
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, oneOCS, nil, func(s *story) {
				s.ask("first", &commdn.DoNotCall{Phone: "5550001", CustomerID: "Abc"})
				s.say(ack("5550001").UserData())
				s.want("first", "done")
				s.ask("second", second)
				s.say(ack("5550001").UserData())
				s.want("second", "unknown")
				if n := s.passed[link.PassedUnasked]; n != 1 {
					t.Errorf("%d answers without a request, want 1: %s", n, s.r.log)
				}
				s.ask("third", &commdn.DoNotCall{Phone: "7770002"})
				s.say(ack("7770002").UserData())
				s.want("third", "done")
			})
		})
	}
}
