package relay

import (
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// BenchmarkStatus is the question for a known status over a WebSocket.
func BenchmarkStatus(b *testing.B) {
	r := newRig(b, installation(connectedOCS(201)), func(o *Options) {
		o.Settings.Limits = Limits{Rate: 1e9, Burst: 1e9, AddressRate: 1e9, AddressBurst: 1e9}
	})
	e := event(autumn, commdn.StatusRunning)
	e.Origin = 201
	if _, err := r.srv.cache.Note(r.srv.links[0].Name(), e); err != nil {
		b.Fatal(err)
	}
	c := r.session()
	data := (&commdn.GetCampaignStatus{Address: commdn.Address{Target: 201}, CampaignGroup: autumn}).UserData()
	b.ReportAllocs()
	for b.Loop() {
		c.request(1, data)
		if f := c.next(); f.Kind != frame.KindOutcome {
			b.Fatalf("got %v", f.Kind)
		}
	}
}
