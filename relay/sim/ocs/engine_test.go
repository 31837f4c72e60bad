package ocs

import (
	"testing"

	"commdn/protocol/commdn"
)

// Notifications that nobody takes are bounded: the first ones stay.
func TestTooManyNotifications(t *testing.T) {
	o := Options{DBID: 201, Connected: []commdn.DBID{101}}
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	e := newEngine(&o, &list{})
	for n := range maxQueue + 2 {
		e.tell(commdn.CampaignEvent{Event: commdn.EvCampaignStatus, CampaignGroup: commdn.CampaignGroup{Campaign: commdn.DBID(n)}}, 0)
	}
	told := e.take()
	if len(told) != maxQueue || told[maxQueue-1].(*commdn.CampaignEvent).Campaign != maxQueue-1 {
		t.Errorf("%d notifications kept", len(told))
	}
	if rest := e.take(); len(rest) != 0 {
		t.Errorf("%d notifications taken twice", len(rest))
	}
}
