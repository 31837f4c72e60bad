package scenario

import (
	"fmt"
	"slices"

	"commdn/protocol/commdn"
	"commdn/relay/internal/strictyaml"
)

// Bulk is the key generate of a file: groups, and campaigns with a calling list
// each, that are made up beside those that are written. A scenario that is
// written in Go has a loop instead.
type Bulk struct {
	Groups    int `yaml:"groups,omitempty"`
	Agents    int `yaml:"agents,omitempty"`    // of each of the groups; 0 means DefaultAgents
	Campaigns int `yaml:"campaigns,omitempty"` // each for one of the groups in turn, written ones too
	Customers int `yaml:"customers,omitempty"` // of each calling list
	Phones    int `yaml:"phones,omitempty"`    // of each customer; 0 means 1
}

// What Bulk may make up.
const (
	MaxGroups    = 1_000
	MaxCampaigns = 10_000
)

// The DBIDs that generate begins with; it leaves out those that are taken.
const (
	firstGroup    commdn.DBID = 501
	firstList     commdn.DBID = 601
	firstCampaign commdn.DBID = 1001
)

// generate puts what Bulk says into the scenario. Errors in what it makes up are
// where the key generate is.
func (f *file) generate(p *strictyaml.Problems) {
	b := f.Generate
	switch {
	case b.Groups < 0 || b.Groups > MaxGroups:
		p.Fail("generate.groups", "is %d; give 0 to %d", b.Groups, MaxGroups)
		return
	case b.Campaigns < 0 || b.Campaigns > MaxCampaigns:
		p.Fail("generate.campaigns", "is %d; give 0 to %d", b.Campaigns, MaxCampaigns)
		return
	case b.Agents != 0 && b.Groups == 0:
		p.Fail("generate.agents", "is without effect: there are no groups to be made up")
	case (b.Customers != 0 || b.Phones != 0) && b.Campaigns == 0:
		p.Fail("generate", "customers and phones are without effect: there are no campaigns to be made up")
	}
	made := Generate{Customers: b.Customers, Phones: b.Phones}
	if !records(p, "generate", made, 0) {
		return
	}
	groups := free(firstGroup, f.Groups, func(g Group) commdn.DBID { return g.DBID })
	for range b.Groups {
		id := groups()
		p.FromKey(strictyaml.Item("groups", len(f.Groups)), "generate")
		f.Groups = append(f.Groups, Group{DBID: id, Name: fmt.Sprint("Group ", id), Agents: b.Agents})
	}
	var serving []commdn.DBID // groups of the tenant that the campaigns are of
	for _, g := range f.Groups {
		if f.TenantOf(g.Tenant) == f.TenantOf(0) {
			serving = append(serving, g.DBID)
		}
	}
	if b.Campaigns > 0 && serving == nil {
		p.Fail("generate.campaigns", "there is no group for the campaigns; give groups too")
		return
	}
	lists := free(firstList, f.CallingLists, func(l CallingList) commdn.DBID { return l.DBID })
	campaigns := free(firstCampaign, f.Campaigns, func(c Campaign) commdn.DBID { return c.DBID })
	for i := range b.Campaigns {
		list, campaign := lists(), campaigns()
		p.FromKey(strictyaml.Item("calling_lists", len(f.CallingLists)), "generate")
		p.FromKey(strictyaml.Item("campaigns", len(f.Campaigns)), "generate")
		p.FromKey(strictyaml.Item("campaign_groups", len(f.CampaignGroups)), "generate")
		f.CallingLists = append(f.CallingLists, CallingList{
			DBID: list, Name: fmt.Sprint("List ", list), Generate: made,
		})
		f.Campaigns = append(f.Campaigns, Campaign{
			DBID: campaign, Name: fmt.Sprint("Campaign ", campaign), CallingLists: []commdn.DBID{list},
		})
		f.CampaignGroups = append(f.CampaignGroups, CampaignGroup{Campaign: campaign, Group: serving[i%len(serving)]})
	}
}

// free gives the DBIDs from first on that none of the objects has.
func free[T any](first commdn.DBID, objects []T, id func(T) commdn.DBID) (next func() commdn.DBID) {
	var taken []commdn.DBID
	for _, o := range objects {
		taken = append(taken, id(o))
	}
	slices.Sort(taken)
	return func() commdn.DBID {
		for {
			n := first
			first++
			if _, found := slices.BinarySearch(taken, n); !found {
				return n
			}
		}
	}
}
