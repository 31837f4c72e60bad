//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"nhooyr.io/websocket"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth/authtest"
	"commdn/relay/metrics"
	"commdn/relay/sim/scenario"
)

// values reads a registry: name{label="value"} to the value; a histogram's is
// how much it has counted.
func values(t *testing.T, r prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			name := strings.TrimPrefix(f.GetName(), "commdn_")
			if labels != nil {
				name += "{" + strings.Join(labels, ",") + "}"
			}
			all[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return all
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	p := authtest.New(t)
	registry := prometheus.NewRegistry()
	sc := installation(connectedOCS(201))
	sc.Faults = []scenario.Fault{{Do: scenario.Refuse, Phone: "5550100010", Error: commdn.ErrorInvalidParameter}}
	r := newRig(t, sc, func(o *Options) {
		o.Auth, o.Metrics = identified(t, p), registry
		o.Settings.Limits.PerAddress = 3
	})
	h := r.hand("OCS_by_hand")
	expect := func(want map[string]float64) {
		t.Helper()
		var wrong []string
		r.until("the counters", func() bool {
			got := values(t, registry)
			wrong = nil
			for name, v := range want {
				if got[name] != v {
					wrong = append(wrong, fmt.Sprintf("%s is %v, want %v", name, got[name], v))
				}
			}
			return wrong == nil || t.Failed()
		})
		if wrong != nil {
			t.Error(wrong)
		}
	}
	expect(map[string]float64{
		"sessions": 0, "sessions_opened_total": 0, `link_up{link="tserver"}`: 1, `link_changes_total{link="tserver"}`: 1,
		`build_info{version="commdn/test"}`: 1, "campaign_groups_known": 0,
	})
	both := r.sessionOf(of(p, "ann", "agent", "supervisor"))
	auditor := r.sessionOf(of(p, "ben", "auditor"))
	expect(map[string]float64{"sessions": 2, "sessions_opened_total": 2})

	both.put(1, "5550100001")
	both.request(1, dnc("5550100010"))
	both.message(both.next(), frame.KindOutcome, 1)
	auditor.request(1, dnc("5550100001"))
	auditor.refused(1, frame.RefusedForbidden)
	both.request(1, dnc(""))
	both.refused(1, frame.RefusedInvalid)
	expect(map[string]float64{
		`requests_total{outcome="done",request="CM_ReqDoNotCall"}`: 1, `requests_total{outcome="fault",request="CM_ReqDoNotCall"}`: 1,
		`request_seconds{request="CM_ReqDoNotCall"}`: 2,
		`requests_refused_total{code="forbidden"}`:   1, `requests_refused_total{code="invalid"}`: 1,
	})
	both.subscribe()
	both.ping()
	h.send(status(0, commdn.StatusActive).UserData())
	both.told(commdn.StatusActive)
	expect(map[string]float64{"notifications_total": 1, "notifications_queued_total": 1, "campaign_groups_known": 1, `user_events_total{link="tserver"}`: 5})
	both.request(1, (&commdn.GetCampaignStatus{CampaignGroup: autumn}).UserData())
	both.message(both.next(), frame.KindOutcome, 1) // from the cache

	r.refusedToken(t, "", frame.CloseTokenRefused)
	r.until("it is gone", func() bool { return r.open() == 2 })
	r.refusedToken(t, p.Token(map[string]any{"roles": "agent", "exp": 1}), frame.CloseTokenExpired)
	r.until("they are gone", func() bool { return r.open() == 2 })
	r.upgrade("https://evil.example", r.addr)
	r.upgrade("", "evil.example")
	third := r.sessionOf(of(p, "eva", "agent"))
	r.upgrade("", r.addr)
	// What a client makes up is not a label of its own.
	_ = third.ws.Close(websocket.StatusCode(3456), "made up")
	r.until("it is gone", func() bool { return r.open() == 2 })
	made := r.sessionOf(of(p, "eva", "agent"))
	_ = made.ws.Close(websocket.StatusCode(4999), "made up as well")
	r.until("it is gone", func() bool { return r.open() == 2 })
	expect(map[string]float64{
		`requests_total{outcome="known",request="CM_ReqGetCampaignStatus"}`: 1,
		`tokens_refused_total{reason="missing"}`:                            1, `tokens_refused_total{reason="expired"}`: 1,
		`connections_rejected_total{reason="origin"}`: 1, `connections_rejected_total{reason="host"}`: 1,
		`connections_rejected_total{reason="address"}`: 1,
		`connections_closed_total{code="other"}`:       2, `connections_closed_total{code="token refused"}`: 1, `connections_closed_total{code="token expired"}`: 1,
		"sessions": 2, "sessions_opened_total": 4,
	})
	r.sim.TServers()[0].SetLink(false)
	expect(map[string]float64{`link_up{link="tserver"}`: 0, `link_changes_total{link="tserver"}`: 2, "campaign_groups_known": 0})
	both.bye()
	expect(map[string]float64{"sessions": 1, `connections_closed_total{code="normal"}`: 1})
	for name := range values(t, registry) {
		if strings.ContainsAny(strings.ReplaceAll(name, `ocs="201"`, ""), "0123456789") { // that of the configuration
			t.Errorf("%s: a label that somebody makes up", name)
		}
	}

	// A second relay cannot count in the same place.
	_, err := New(Options{Log: slog.New(slog.DiscardHandler), Metrics: registry, Links: []Link{{AppDBID: 101, TServer: tserverAt("127.0.0.1:1", "commdn")}}})
	if err == nil || !strings.Contains(err.Error(), "duplicate") {
		t.Errorf("New with the same registry: %v", err)
	}
}

// Every label's values are of a fixed set, whatever clients do.
func TestMetricsAreBounded(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m, err := metrics.New(registry, "v", func() int { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	for n := range 70_000 {
		m.Closed(frame.CloseCode(n))
		m.Refused(frame.RefusalCode(n))
		m.TokenRefused(fmt.Errorf("reason %d", n))
	}
	for _, req := range []commdn.Request{&commdn.DoNotCall{}, &commdn.CancelRecord{}} {
		for _, by := range []commdn.Message{&commdn.DoNotCallProcessed{}, &commdn.RecordCanceled{Message: "still there"}, &commdn.Fault{}} {
			m.Answered(req, by, time.Second)
		}
	}
	series := 0
	var names []string
	for name := range values(t, registry) {
		series++
		names = append(names, name)
	}
	if slices.Sort(names); series > 60 {
		t.Errorf("%d series:\n%s", series, strings.Join(names, "\n"))
	}
}
