package campaigns

import (
	"errors"
	"testing"

	"commdn/protocol/commdn"
)

// However many campaign groups somebody makes up: so many are kept and told, and
// those of the directory always are.
func TestMadeUpGroupsAreBounded(t *testing.T) {
	c := New()
	const listed = maxStrangers + 100
	c.Know(func(of commdn.CampaignGroup) bool { return of.Campaign == listed || of.Campaign == listed+1 })
	note := func(link string, campaign commdn.DBID) error {
		_, err := c.Note(link, event(commdn.EvCampaignStatus, campaign, commdn.StatusActive))
		return err
	}
	refused := 0
	for n := range commdn.DBID(listed) {
		switch err := note("a", n); {
		case errors.Is(err, ErrTooMany):
			refused++
		case err != nil:
			t.Fatal(err)
		}
	}
	if refused != listed-maxStrangers || c.Len() != maxStrangers {
		t.Errorf("%d of %d are refused, %d are kept", refused, listed, c.Len())
	}
	for _, campaign := range []commdn.DBID{listed, listed + 1, 0} { // listed ones, and one that is there
		if err := note("a", campaign); err != nil {
			t.Errorf("campaign %d: %v", campaign, err)
		}
	}
	done := event(commdn.EvCampaignStatus, listed-1, commdn.StatusActive)
	done.HasStatus = false
	if u, err := c.Note("a", done); err != nil || u.Seq == 0 {
		t.Errorf("news without a status: %v", err)
	}
	if got := len(c.Snapshot(true).Past); got != maxStrangers+2 {
		t.Errorf("%d campaign groups have a history", got)
	}
	// A link that is lost makes room.
	c.Lost("a", 1)
	if err := note("b", listed-1); err != nil {
		t.Errorf("after the link was lost: %v", err)
	}
}
