package relay

import (
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/sim/scenario"
)

// A customer's records are canceled without a phone where the configuration of a
// link says so, and clients are told whether it does.
func TestCancelByCustomer(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		sc := installation(connectedOCS(201))
		for i := range sc.Applications {
			if sc.Applications[i].Type == scenario.OutboundContactServer {
				sc.Applications[i].OCS.CancelByCustomer = true
			}
		}
		r := newRig(t, sc, func(o *Options) { o.Links[0].CancelByCustomer = on })
		c := r.session()
		if got := c.welcome.Limits.CancelByCustomer; got != on {
			t.Errorf("told %t, want %t", got, on)
		}
		c.request(1, (&commdn.CancelRecord{CustomerID: "K-1"}).UserData())
		if !on {
			c.refused(1, frame.RefusedInvalid, commdn.KeyPhone)
			continue
		}
		if m := c.message(c.settled(), frame.KindOutcome, 1); m.Type() != commdn.EvRecordCanceled && m.Type() != commdn.EvError {
			t.Errorf("answered by %v", m.Type())
		}
	}
}
