package frame_test

import (
	"reflect"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// past is a campaign group whose status changed n times, at 1, 2, 3 …
func past(campaign commdn.DBID, n int) frame.GroupHistory {
	g := frame.GroupHistory{CampaignGroup: frame.CampaignGroup{Campaign: campaign, Group: 501, OCS: 201}}
	for i := range n {
		g.Changes = append(g.Changes, frame.Change{Status: commdn.GroupStatus(i%7 - 1), Since: int64(i + 1)})
	}
	return g
}

func TestHistoryBody(t *testing.T) {
	long := frame.History{}
	for i := range 200 {
		long.Groups = append(long.Groups, past(commdn.DBID(i), frame.MaxChanges))
	}
	odd := past(0, 3) // a sequence, statuses that the vendor does not list, the last second of 32 bits
	odd.Changes[0].Status, odd.Changes[1].Status, odd.Changes[2].Since = 1<<31-1, -1<<31, 1<<32-1
	for name, test := range map[string]struct {
		history frame.History
		frames  int
	}{
		"nothing": {frame.History{}, 0},
		"odd":     {frame.History{Groups: []frame.GroupHistory{odd}}, 1},
		"short":   {frame.History{Groups: []frame.GroupHistory{past(1001, 1), past(1002, 2)}}, 1},
		"long":    {long, 10},
	} {
		bodies := test.history.Bodies()
		if len(bodies) != test.frames {
			t.Errorf("%s: %d frames, want %d", name, len(bodies), test.frames)
		}
		var got frame.History
		for _, body := range bodies {
			got.Groups = append(got.Groups, frame.ReadHistory(there(t, body)).Groups...)
		}
		if !reflect.DeepEqual(got, test.history) {
			t.Errorf("%s: read %+v, want %+v", name, got, test.history)
		}
	}
}

// Of too many changes the newest go.
func TestHistoryKeepsTheNewest(t *testing.T) {
	g := past(1001, 3*frame.MaxChanges)
	got := frame.ReadHistory(trip(t, frame.History{Groups: []frame.GroupHistory{g}}.Bodies()[0])).Groups
	if len(got) != 1 || !reflect.DeepEqual(got[0].Changes, g.Changes[2*frame.MaxChanges:]) {
		t.Errorf("read %+v", got)
	}
}

// Every frame has room for at least one group, whatever its statuses are.
func TestHistoryOfLongNumbersFits(t *testing.T) {
	h := frame.History{}
	for i := range 100 {
		g := past(commdn.DBID(i), frame.MaxChanges)
		for j := range g.Changes {
			g.Changes[j].Status = -1 << 31
		}
		h.Groups = append(h.Groups, g)
	}
	n := 0
	for _, body := range h.Bodies() {
		n += len(frame.ReadHistory(there(t, body)).Groups)
	}
	if n != len(h.Groups) {
		t.Errorf("%d groups came through, want %d", n, len(h.Groups))
	}
}

func TestHistoryPassesOverOddEntries(t *testing.T) {
	changes := tkvlist.Nested(tkvlist.List{
		{Key: "Running", Value: tkvlist.Int(1)}, {Key: "5", Value: tkvlist.String("2")}, {Key: "4294967296", Value: tkvlist.Int(3)},
		{Key: "4", Value: tkvlist.Int(4)},
	})
	entry := func(without string, changes tkvlist.Value) tkvlist.Value {
		l := tkvlist.List{
			{Key: "campaign", Value: tkvlist.Int(1)}, {Key: "group", Value: tkvlist.Int(2)}, {Key: "ocs", Value: tkvlist.Int(3)},
			{Key: "changes", Value: changes},
		}
		l.Delete(without)
		return tkvlist.Nested(l)
	}
	const key = "campaign_group"
	h := frame.ReadHistory(tkvlist.List{
		{Key: key, Value: tkvlist.Int(1)},
		{Key: "campaign", Value: entry("", changes)},
		{Key: key, Value: entry("campaign", changes)},
		{Key: key, Value: entry("group", changes)},
		{Key: key, Value: entry("ocs", changes)},
		{Key: key, Value: entry("changes", changes)},
		{Key: key, Value: entry("", tkvlist.Nested(nil))},
		{Key: key, Value: entry("", tkvlist.String("5"))},
		{Key: key, Value: entry("", changes)},
	})
	want := frame.History{Groups: []frame.GroupHistory{{
		CampaignGroup: frame.CampaignGroup{Campaign: 1, Group: 2, OCS: 3}, Changes: []frame.Change{{Status: 4, Since: 4}},
	}}}
	if !reflect.DeepEqual(h, want) {
		t.Errorf("read %+v", h)
	}
}
