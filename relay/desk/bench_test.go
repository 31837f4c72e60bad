package desk_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/protocol/commdn"
	"commdn/relay/campaigns"
	"commdn/relay/desk"
	"commdn/relay/metrics"
	"commdn/relay/policy"
)

// BenchmarkKnownStatus is the question for a status that the relay knows: what
// pages with many campaign groups ask most.
func BenchmarkKnownStatus(b *testing.B) {
	cache := campaigns.New()
	of := commdn.CampaignGroup{Campaign: 1001, Group: 501}
	if _, err := cache.Note("a", &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 201}, Event: commdn.EvCampaignStatus, CampaignGroup: of, HasStatus: true, Status: commdn.StatusRunning,
		Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
	}); err != nil {
		b.Fatal(err)
	}
	m, err := metrics.New(prometheus.NewRegistry(), "test", cache.Len)
	if err != nil {
		b.Fatal(err)
	}
	view := policy.New(nil, nil, []policy.Link{{Name: "a", AppDBID: 101, OCS: []commdn.DBID{201}}})
	d := desk.New(desk.Options{
		Undo: func() time.Duration { return 0 },
		View: func() *policy.View { return view }, Links: map[string]desk.Link{"a": &ocs{}}, Cache: cache, StatusAge: 1 << 60,
		Store: desk.NewMemory(), Metrics: m, Log: slog.New(slog.DiscardHandler), Limited: slog.New(slog.DiscardHandler),
	})
	defer d.Close()
	s := desk.NewSource("192.0.2.1", desk.Limits{Rate: 1e9, Burst: 1e9, Requests: 3}, nil)
	data, actor := (&commdn.GetCampaignStatus{Address: commdn.Address{Target: 201}, CampaignGroup: of}).UserData(), ann()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, refusal := d.Submit(b.Context(), desk.Submission{Key: "k", Actor: actor, Source: s, Data: data}); refusal != nil {
			b.Fatal(refusal)
		}
	}
}
