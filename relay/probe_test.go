package relay

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/directory"
	"commdn/relay/sim/scenario"
)

// One request that a silent OCS leaves unanswered is enough for status, readyz,
// metrics and log to say so, and all of it ends by itself when OCS is back. The
// other OCS answers all the time.
func TestSilentOCSIsTold(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	sc := installation(connectedOCS(201), connectedOCS(202))
	sc.Groups = []scenario.Group{{DBID: 502, Name: "Sales"}}
	r := newRig(t, sc, func(o *Options) {
		o.AnswerTimeout, o.probeEvery, o.Metrics = 2*time.Second, 10*time.Millisecond, registry
		o.Directory = directory.New(directory.Directory{
			Campaigns: []directory.Campaign{{DBID: 1001, Name: "Autumn"}}, Groups: []directory.Group{{DBID: 502, Name: "Sales"}},
			CampaignGroups: []directory.CampaignGroup{{Campaign: 1001, Group: 502, OCS: 202}},
		})
	})
	expect := func(want map[string]float64) {
		t.Helper()
		got := values(t, registry)
		for name, v := range want {
			if x, there := got[name]; !there || x != v {
				t.Errorf("%s is %v (%v), want %v", name, x, there, v)
			}
		}
	}
	readyz := func() string {
		body, _ := io.ReadAll(r.health("/readyz").Body)
		return string(body)
	}
	c := r.session()
	c.request(1, dnc("5550100001"))
	c.message(c.next(), frame.KindAnswer, 1)
	c.message(c.next(), frame.KindOutcome, 1)
	expect(map[string]float64{`ocs_silent{link="tserver",ocs="201"}`: 0, `ocs_silent{link="tserver",ocs="202"}`: 0, "ready": 1, "authentication_ready": 1, `twin_user_events_total{link="tserver"}`: 0, `tserver_complaints_total{link="tserver"}`: 0})

	id, err := r.sim.AddFault(scenario.Fault{Do: scenario.Silence, OCS: 202})
	if err != nil {
		t.Fatal(err)
	}
	c.request(2, (&commdn.DoNotCall{Address: commdn.Address{Target: 202}, Phone: "5550100002"}).UserData())
	c.refused(2, frame.RefusedNoAnswer, "OCS 202 did not answer")
	r.until("OCS 202 is silent", func() bool { return !r.srv.Status().Links[0].Answers[1].SilentSince.IsZero() })
	r.log.wait(t, `msg="OCS is silent" link=tserver ocs=202 since=`)
	if a := r.srv.Status().Links[0].Answers[0]; a.State() != "answers" {
		t.Errorf("OCS 201: %+v", a)
	}
	if got := readyz(); !strings.Contains(got, `"ready":true`) || !strings.Contains(got, "tserver: OCS 202 silent since ") {
		t.Errorf("readyz: %s", got)
	}
	expect(map[string]float64{`ocs_silent{link="tserver",ocs="201"}`: 0, `ocs_silent{link="tserver",ocs="202"}`: 1, "ready": 1})
	if got := values(t, registry); got[`ocs_recent_unanswered{link="tserver",ocs="202"}`] < 2 || got[`ocs_last_answer_timestamp_seconds{link="tserver",ocs="201"}`] < float64(time.Now().Add(-time.Hour).Unix()) {
		t.Errorf("metrics: %v", got)
	}

	if !r.sim.Faults().Remove(id) {
		t.Fatal("the fault is not there")
	}
	r.log.wait(t, `msg="OCS answers again" link=tserver ocs=202 silent_for=`)
	expect(map[string]float64{`ocs_silent{link="tserver",ocs="202"}`: 0})
	if got := readyz(); strings.Contains(got, "silent") {
		t.Errorf("readyz: %s", got)
	}
	// Who answers is not asked again and again.
	asked := values(t, registry)[`user_events_total{link="tserver"}`]
	time.Sleep(100 * time.Millisecond)
	if got := values(t, registry)[`user_events_total{link="tserver"}`]; got > asked+2 {
		t.Errorf("%v UserEvents while OCS answers, %v before", got, asked)
	}
}
