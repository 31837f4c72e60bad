package ocs_test

import (
	"errors"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// OCS reports to Stat Server on the CommDN, too: at the interval, with events that
// are no messages of the API. Clients pass them over.
func TestStatistics(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.Statistics = 30 * time.Second })
	report := func() tkvlist.List {
		t.Helper()
		for {
			l := r.Event()
			if _, ok := l.Get(commdn.KeyMessageType); ok {
				continue
			}
			if _, err := commdn.Decode(l); !errors.Is(err, commdn.ErrNotCommDN) {
				t.Errorf("a client reads %v as a message: %v", l, err)
			}
			if _, ok := l.Int("GSW_STAT_EVENT"); !ok {
				t.Errorf("a report without GSW_STAT_EVENT: %v", l)
			}
			return l
		}
	}
	r.Advance(29 * time.Second)
	r.Want(nil)
	r.Advance(time.Second)
	report() // about OCS alone
	r.Do(running...)
	r.Advance(30 * time.Second)
	l := report()
	campaign, _ := l.Int("GSW_CAMPAIGN_DBID")
	group, _ := l.Int("GSW_GROUP_DBID")
	data, _ := l.List("GSW_STAT_DATA")
	dials, _ := data.Int("dials")
	if campaign != 11 || group != 7 || dials != 100 {
		t.Errorf("report %v", l)
	}
	r.Do(simtest.Load(simtest.B7), simtest.Dial(simtest.B7))
	r.Advance(2 * time.Minute)
	for range 4 {
		for _, want := range []int32{11, 12} {
			if campaign, _ := report().Int("GSW_CAMPAIGN_DBID"); campaign != want {
				t.Errorf("report about %d, want %d", campaign, want)
			}
		}
	}
	r.Want(lines{"CampaignStatus 11/7 Running"}, simtest.Status(simtest.A7))
}
