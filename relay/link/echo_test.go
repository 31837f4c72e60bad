package link_test

import (
	"context"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/link"
)

// An answer that echoes nothing says by its OCS alone which request it is for:
// that which this OCS was asked.
func TestAnswerWithoutEchoIsOfItsOCS(t *testing.T) {
	r := newRigOf(t, []commdn.DBID{201, 202}, nil, patience)
	type answered struct {
		from    commdn.DBID
		refusal *frame.Refusal
	}
	answers := map[commdn.DBID]chan answered{}
	for target, phone := range map[commdn.DBID]string{201: "5550100001", 202: "5550100002"} {
		got := make(chan answered, 4)
		answers[target] = got
		go func() {
			var from commdn.DBID
			refusal := r.Ask(context.Background(), link.Call{
				Request: &commdn.DoNotCall{Address: commdn.Address{Target: target}, Phone: phone},
				Answer:  func(a link.Answer, _ bool) { from = a.Addr().Origin },
			})
			got <- answered{from, refusal}
		}()
		<-r.wire.sent
	}
	for _, ocs := range []commdn.DBID{202, 201} {
		fault := &commdn.Fault{Address: commdn.Address{Origin: ocs, Target: 101}, Code: commdn.ErrorInvalidParameter}
		r.wire.come <- fault.UserData()
		if a := <-answers[ocs]; a.from != ocs || a.refusal != nil {
			t.Errorf("the request to %d was answered by %d, %v", ocs, a.from, a.refusal)
		}
	}
}
