package main

import (
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

func TestCampaignGroupByName(t *testing.T) {
	t.Parallel()
	n := names{frame.Directory{
		Campaigns: []frame.Named{{DBID: 12, Name: "Autumn"}, {DBID: 13, Name: "Autumn/late"}, {DBID: 14, Name: "Same"}, {DBID: 15, Name: "Same"}, {DBID: 16, Name: "A"}, {DBID: 17, Name: "A/B"}, {DBID: 18, Name: "7"}, {DBID: 19, Name: "Fr\u00fchling"}, {DBID: 20, Name: "20"}},
		Groups:    []frame.Named{{DBID: 7, Name: "Sales"}, {DBID: 8, Name: "B/C"}, {DBID: 9, Name: "C"}},
	}}
	for s, want := range map[string]commdn.CampaignGroup{
		"Autumn/Sales": {Campaign: 12, Group: 7}, "12/7": {Campaign: 12, Group: 7}, "12/Sales": {Campaign: 12, Group: 7}, "99/98": {Campaign: 99, Group: 98},
		"Autumn/late/Sales": {Campaign: 13, Group: 7}, "Autumn/B/C": {Campaign: 12, Group: 8}, "8/7": {Campaign: 8, Group: 7},
		"dbid:7/7": {Campaign: 7, Group: 7}, "name:7/dbid:7": {Campaign: 18, Group: 7}, "20/Sales": {Campaign: 20, Group: 7}, "name:Autumn/name:Sales": {Campaign: 12, Group: 7},
		"Fru\u0308hling/7": {Campaign: 19, Group: 7}, "Fr\u00fchling/7": {Campaign: 19, Group: 7}, "name:A/B/9": {Campaign: 17, Group: 9},
	} {
		if got, err := n.campaignGroup(s); err != nil || got != want {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for s, want := range map[string]string{
		"Autum/Sales":  `campaign "Autum" is not known; near it: Autumn (12), Autumn/late (13)`,
		"autumn/Sales": `campaign "autumn" is not known; near it: Autumn (12), Autumn/late (13)`,
		"Autumn/Salse": `group "Salse" is not known; near it: Sales (7)`,
		"Spring/Sales": `campaign "Spring" is not known; the relay knows 9, and none is like it`,
		"Same/Sales":   `campaign "Same" is the name of several; give the DBID: Same (14), Same (15)`,
		"Sam/Sales":    `campaign "Sam" is not known; near it: Same (14), Same (15), A (16)`,
		"A/B/C":        `campaign and group "A/B/C" may be 16/8 or 17/9; give DBIDs`,
		"7/7":          `campaign "7" may be a DBID, and is the name of 7 (18); write dbid:7 or name:7`,
		"dbid:x/7":     `campaign "dbid:x" is no DBID; give dbid: and a number from 1 to 2147483647`,
		"name:99/7":    `campaign "name:99" is not known; the relay knows 9, and none is like it`,
		"Autumn":       `campaign and group "Autumn" have no slash between them; give CAMPAIGN/GROUP, by name or DBID`,
		"0/Sales":      `campaign "0" is not known; near it: A (16), 7 (18), 20 (20)`,
	} {
		if got, err := n.campaignGroup(s); err == nil || err.Error() != want {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	if _, err := (names{}).campaignGroup("Autumn/7"); err == nil || err.Error() != `campaign "Autumn" cannot be looked up: the relay has no directory of names; give the DBID` {
		t.Errorf("no directory: %v", err)
	}
	for c, want := range map[commdn.CampaignGroup]string{{Campaign: 12, Group: 7}: "Autumn/Sales", {Campaign: 99, Group: 98}: "99/98", {Group: 7}: "(sequence)/Sales"} {
		if got := n.text(c); got != want {
			t.Errorf("%v: %s", c, got)
		}
	}
}
