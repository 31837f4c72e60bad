package ocs

import (
	"fmt"
	"slices"
	"strconv"

	"commdn/protocol/commdn"
)

// Configuration is what Configuration Server knows of outbound dialing.
type Configuration struct {
	Campaigns      []Campaign
	Groups         []Group
	CampaignGroups []CampaignGroup
}

// Campaign is a campaign. DBIDs and names are unique among campaigns.
type Campaign struct {
	DBID commdn.DBID
	Name string // what GSW_CAMPAIGN_NAME has
}

// Group is a group of agents, places or ports. DBIDs are unique among groups.
type Group struct {
	DBID commdn.DBID
	Name string
}

// CampaignGroup is a campaign that is configured for a group, with a calling
// list of its own.
type CampaignGroup struct {
	Campaign, Group commdn.DBID
	// Dialing is what CM_EvCampaignStatus shows while the campaign group is not
	// loaded. The zero value means predictive, busy factor 80.
	Dialing commdn.Dialing
	// Licensed are the dial modes that the licence covers; nil is all.
	Licensed []commdn.DialMode
	// List is the beginning of the calling list, in the order of dialing, and
	// Records how many made-up records follow: each with a phone that occurs
	// nowhere else and the customer id "C" and that phone. At most MaxRecords.
	List    []Record
	Records int
}

// MaxRecords bounds CampaignGroup.Records.
const MaxRecords = 1_000_000

// ID gives campaign and group.
func (g CampaignGroup) ID() commdn.CampaignGroup {
	return commdn.CampaignGroup{Campaign: g.Campaign, Group: g.Group}
}

// Record is one record of a calling list.
type Record struct {
	Phone      string // GSW_PHONE
	CustomerID string // GSW_CUSTOMER_ID; may be empty
	// Chain is the chain that the record belongs to, in its calling list; a
	// record with 0 is a chain of its own.
	Chain int
	// OnDesktop says that an agent has the record on the screen: it is neither
	// dialed nor can it be canceled.
	OnDesktop bool
	Status    RecordStatus
}

// RecordStatus says what became of a record.
type RecordStatus uint8

// The states of a record.
const (
	RecordReady     RecordStatus = iota // to be dialed
	RecordDialed                        // dialed without a contact
	RecordContacted                     // dialed, and a customer was on the line
	RecordCanceled                      // by CM_ReqCancelRecord
	RecordDoNotCall                     // passed over for the Do Not Call list
)

// String gives the name of the state in lower case.
func (s RecordStatus) String() string {
	names := [...]string{"ready", "dialed", "contacted", "canceled", "do not call"}
	if int(s) < len(names) {
		return names[s]
	}
	return strconv.Itoa(int(s))
}

// defaultDialing is that of a CampaignGroup without one.
var defaultDialing = commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}

// check says what is wrong with the configuration and where.
func (c Configuration) check() error {
	campaigns, groups := make(map[commdn.DBID]bool), make(map[commdn.DBID]bool)
	names := make(map[string]bool)
	for _, campaign := range c.Campaigns {
		switch {
		case campaign.DBID < 1:
			return fmt.Errorf("sim/ocs: campaign %q has the DBID %d; give 1 or more", campaign.Name, campaign.DBID)
		case campaign.Name == "":
			return fmt.Errorf("sim/ocs: campaign %d has no name", campaign.DBID)
		case campaigns[campaign.DBID]:
			return fmt.Errorf("sim/ocs: two campaigns have the DBID %d; give each its own", campaign.DBID)
		case names[campaign.Name]:
			return fmt.Errorf("sim/ocs: two campaigns have the name %q; give each its own", campaign.Name)
		}
		campaigns[campaign.DBID], names[campaign.Name] = true, true
	}
	for _, group := range c.Groups {
		switch {
		case group.DBID < 1:
			return fmt.Errorf("sim/ocs: group %q has the DBID %d; give 1 or more", group.Name, group.DBID)
		case groups[group.DBID]:
			return fmt.Errorf("sim/ocs: two groups have the DBID %d; give each its own", group.DBID)
		}
		groups[group.DBID] = true
	}
	pairs := make(map[commdn.CampaignGroup]bool)
	for _, pair := range c.CampaignGroups {
		if err := pair.check(campaigns, groups); err != nil {
			return err
		}
		if pairs[pair.ID()] {
			return fmt.Errorf("sim/ocs: campaign group %s is there twice", pair.ID())
		}
		pairs[pair.ID()] = true
	}
	return nil
}

func (g CampaignGroup) check(campaigns, groups map[commdn.DBID]bool) error {
	switch {
	case !campaigns[g.Campaign]:
		return fmt.Errorf("sim/ocs: campaign group %s: there is no campaign %d", g.ID(), g.Campaign)
	case !groups[g.Group]:
		return fmt.Errorf("sim/ocs: campaign group %s: there is no group %d", g.ID(), g.Group)
	case g.Records < 0 || g.Records > MaxRecords:
		return fmt.Errorf("sim/ocs: campaign group %s: Records is %d; give 0 to %d", g.ID(), g.Records, MaxRecords)
	}
	for i, r := range g.List {
		if r.Phone == "" {
			return fmt.Errorf("sim/ocs: campaign group %s: record %d has no phone", g.ID(), i+1)
		}
	}
	return nil
}

// firstPhone is where made-up phones begin, a million for every campaign group.
const firstPhone = 5_520_000_000

// callingList gives the records of the nth campaign group.
func (g CampaignGroup) callingList(n int) []Record {
	list := slices.Grow(slices.Clone(g.List), g.Records)
	for i := range g.Records {
		phone := strconv.Itoa(firstPhone + n*MaxRecords + i)
		list = append(list, Record{Phone: phone, CustomerID: "C" + phone})
	}
	return list
}
