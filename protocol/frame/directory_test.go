package frame_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// there takes a body through a frame as it is: a full one has no room for more.
func there(t *testing.T, body tkvlist.List) tkvlist.List {
	t.Helper()
	packed, err := frame.Frame{Kind: frame.KindDirectory, Body: body}.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := frame.Decode(packed)
	if err != nil {
		t.Fatal(err)
	}
	return f.Body
}

func campaignGroup(campaign, group, ocs commdn.DBID) frame.CampaignGroup {
	return frame.CampaignGroup{Campaign: campaign, Group: group, OCS: ocs}
}

func TestDirectoryBodies(t *testing.T) {
	long := frame.Directory{}
	for i := range 500 {
		long.Campaigns = append(long.Campaigns, frame.Named{DBID: commdn.DBID(i), Name: strings.Repeat("n", 255)})
		long.Groups = append(long.Groups, frame.Named{DBID: commdn.DBID(-i), Name: "g" + strconv.Itoa(i)})
		long.CampaignGroups = append(long.CampaignGroups, campaignGroup(commdn.DBID(i), commdn.DBID(-i), 201))
	}
	for name, d := range map[string]frame.Directory{
		"empty":           {},
		"two":             {Campaigns: []frame.Named{{DBID: 1001, Name: "Autumn offers"}}, Groups: []frame.Named{{DBID: 501, Name: "Zoë's"}}},
		"campaign groups": {CampaignGroups: []frame.CampaignGroup{campaignGroup(1001, 501, 201), campaignGroup(1001, 502, 0)}},
		"long":            long,
	} {
		var got frame.Directory
		bodies := d.Bodies()
		for i, body := range bodies {
			if more := got.Read(there(t, body)); more != (i < len(bodies)-1) {
				t.Errorf("%s: frame %d of %d says more %v", name, i+1, len(bodies), more)
			}
		}
		if !reflect.DeepEqual(got, d) {
			t.Errorf("%s: read %d campaigns, %d groups and %d of both, want %d, %d and %d", name,
				len(got.Campaigns), len(got.Groups), len(got.CampaignGroups), len(d.Campaigns), len(d.Groups), len(d.CampaignGroups))
		}
	}
	if n := len(long.Bodies()); n < 2 {
		t.Errorf("%d frames for a long directory", n)
	}
}

func TestDirectoryCutsNames(t *testing.T) {
	var got frame.Directory
	got.Read(there(t, frame.Directory{Groups: []frame.Named{{DBID: 1, Name: strings.Repeat("x", 20000)}}}.Bodies()[0]))
	if len(got.Groups) != 1 || len(got.Groups[0].Name) != 255 {
		t.Errorf("read %+v", got)
	}
}

func TestDirectoryPassesOverOddEntries(t *testing.T) {
	var d frame.Directory
	more := d.Read(tkvlist.List{
		{Key: "campaign", Value: tkvlist.Int(1)},
		{Key: "campaign", Value: tkvlist.Nested(tkvlist.List{{Key: "dbid", Value: tkvlist.Int(1)}})},
		{Key: "group", Value: tkvlist.Nested(tkvlist.List{{Key: "name", Value: tkvlist.String("x")}})},
		{Key: "tenant", Value: tkvlist.Nested(tkvlist.List{{Key: "dbid", Value: tkvlist.Int(1)}, {Key: "name", Value: tkvlist.String("x")}})},
		{Key: "campaign_group", Value: tkvlist.Nested(tkvlist.List{{Key: "campaign", Value: tkvlist.Int(1)}})},
		{Key: "campaign_group", Value: tkvlist.Nested(tkvlist.List{{Key: "group", Value: tkvlist.Int(1)}, {Key: "campaign", Value: tkvlist.String("1")}})},
		{Key: "more", Value: tkvlist.String("1")},
	})
	if more || d.Campaigns != nil || d.Groups != nil || d.CampaignGroups != nil {
		t.Errorf("read %+v, more %v", d, more)
	}
}

func TestSubscribeBody(t *testing.T) {
	for _, s := range []frame.Subscribe{{}, {On: true}, {On: true, History: true}, {History: true}} {
		if got := frame.ReadSubscribe(trip(t, s.Body())); got != s {
			t.Errorf("read %+v, want %+v", got, s)
		}
	}
	for _, l := range []tkvlist.List{nil, {{Key: "on", Value: tkvlist.Int(2)}}, {{Key: "on", Value: tkvlist.String("1")}}, {{Key: "history", Value: tkvlist.Int(2)}}} {
		if got := frame.ReadSubscribe(l); got != (frame.Subscribe{}) {
			t.Errorf("%v is read as %+v", l, got)
		}
	}
}
