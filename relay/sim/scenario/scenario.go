// Package scenario says what a simulation is made of: the objects of
// Configuration Server that outbound dialing needs, how each OCS behaves, the
// clock, and what is to go wrong. A scenario is written in Go or read from a
// YAML file; some are shipped. README.md explains each key.
package scenario

import (
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
)

// Scenario is a whole installation. DBIDs are unique within one kind of
// object. Check says what is wrong with one.
type Scenario struct {
	Name        string `yaml:"name,omitempty"`
	Description string `yaml:"description,omitempty"`
	Seed        uint64 `yaml:"seed,omitempty"` // of all that is random: the same seed, the same day
	Clock       Clock  `yaml:"clock,omitempty"`

	TServer      TServer       `yaml:"tserver,omitempty"`
	Tenants      []Tenant      `yaml:"tenants,omitempty"` // none: one, DefaultTenant
	Applications []Application `yaml:"applications,omitempty"`
	CommDNs      []CommDN      `yaml:"comm_dns,omitempty"`

	Groups         []Group         `yaml:"groups,omitempty"`
	CallingLists   []CallingList   `yaml:"calling_lists,omitempty"`
	Campaigns      []Campaign      `yaml:"campaigns,omitempty"`
	CampaignGroups []CampaignGroup `yaml:"campaign_groups,omitempty"`

	DoNotCall []Entry `yaml:"do_not_call,omitempty"` // what is on the list from the start
	Faults    []Fault `yaml:"faults,omitempty"`
}

// DefaultTenant is the tenant of every object that names none, when the
// scenario has no tenants.
const DefaultTenant = confdb.DefaultTenant

// Clock is the time of the simulation.
type Clock struct {
	Start time.Time `yaml:"start,omitempty"` // zero: the machine's time
	// Speed is how many seconds pass in one; nil means 1. At 0 the clock moves on
	// request only, and the same requests always have the same results.
	Speed *float64 `yaml:"speed,omitempty"`
}

// TServer is the T-Server, or the pair of them.
type TServer struct {
	MaxUserData int  `yaml:"max_user_data,omitempty"` // bytes of packed user data; 0 means 16,000, at most 65,535
	Backup      bool `yaml:"backup,omitempty"`        // there is a second one, to switch over to
}

// Tenant is a tenant. Objects of one know nothing of those of another.
type Tenant struct {
	DBID commdn.DBID `yaml:"dbid"`
	Name string      `yaml:"name"`
}

// AppType is the type of an application.
type AppType = confdb.AppType

// The types that matter on a CommDN.
const (
	OutboundContactServer = confdb.OutboundContactServer
	ThirdPartyServer      = confdb.ThirdPartyServer      // OCS has it in its own Connections
	ThirdPartyApplication = confdb.ThirdPartyApplication // it has OCS in its Connections
)

// Application is an application of Configuration Server.
type Application struct {
	DBID        commdn.DBID   `yaml:"dbid"`
	Name        string        `yaml:"name,omitempty"` // empty: the type and the DBID
	Type        AppType       `yaml:"type"`
	Disabled    bool          `yaml:"disabled,omitempty"`
	Connections []commdn.DBID `yaml:"connections,omitempty"` // of other applications
	// Tenants are those whose campaigns and CommDNs an OCS works with; none
	// means all.
	Tenants []commdn.DBID `yaml:"tenants,omitempty"`
	OCS     OCS           `yaml:"ocs,omitempty"` // for OutboundContactServer only
}

// CommDN is a DN of the type Communication DN.
type CommDN struct {
	Number   string      `yaml:"number"`
	Tenant   commdn.DBID `yaml:"tenant,omitempty"`
	Disabled bool        `yaml:"disabled,omitempty"`
	// OutboundContactServer is the option outbound_contact_server; nil is
	// undefined. See Monitored.
	OutboundContactServer *bool `yaml:"outbound_contact_server,omitempty"`
}

// Group is a group of agents, or of ports of a voice platform.
type Group struct {
	DBID   commdn.DBID `yaml:"dbid"`
	Name   string      `yaml:"name"`
	Tenant commdn.DBID `yaml:"tenant,omitempty"`
	Agents int         `yaml:"agents,omitempty"` // who are logged in, or ports; 0 means DefaultAgents
}

// Campaign is a campaign. Names are unique within a tenant.
type Campaign struct {
	DBID         commdn.DBID   `yaml:"dbid"`
	Name         string        `yaml:"name"` // what GSW_CAMPAIGN_NAME has
	Tenant       commdn.DBID   `yaml:"tenant,omitempty"`
	CallingLists []commdn.DBID `yaml:"calling_lists,omitempty"` // dialed one after the other
}

// CampaignGroup is a campaign that is configured for a group.
type CampaignGroup struct {
	Campaign commdn.DBID `yaml:"campaign"`
	Group    commdn.DBID `yaml:"group"`
	OCS      commdn.DBID `yaml:"ocs,omitempty"` // that serves it; 0 is the first of the scenario
	// Dialing is what CM_EvCampaignStatus shows while the campaign group is not
	// loaded. The zero value means predictive, busy factor 80.
	Dialing Dialing `yaml:"dialing,omitempty"`
}

// ID gives campaign and group.
func (g CampaignGroup) ID() commdn.CampaignGroup {
	return commdn.CampaignGroup{Campaign: g.Campaign, Group: g.Group}
}

// Dialing is a commdn.Dialing in a file.
type Dialing struct {
	Mode       commdn.DialMode   `yaml:"mode"`
	OptimizeBy commdn.OptimizeBy `yaml:"optimize_by"`
	Goal       int32             `yaml:"goal"` // percent, or seconds for the wait time
}

// CallingList is a calling list: the records that are written down, then those
// that are made up.
type CallingList struct {
	DBID     commdn.DBID `yaml:"dbid"`
	Name     string      `yaml:"name"`
	Tenant   commdn.DBID `yaml:"tenant,omitempty"`
	Records  []Record    `yaml:"records,omitempty"`
	Generate Generate    `yaml:"generate,omitempty"`
}

// Record is one record of a calling list.
type Record struct {
	Phone      string `yaml:"phone"`                 // GSW_PHONE
	CustomerID string `yaml:"customer_id,omitempty"` // GSW_CUSTOMER_ID
	// Chain is the chain of the record, in its list. OCS dials the records of a
	// chain in turn until one reaches the customer. 0 is a chain of its own.
	Chain int `yaml:"chain,omitempty"`
	// Type is what dialing_priority tells records apart by; empty is General.
	Type RecordType `yaml:"type,omitempty"`
	// OnDesktop says that an agent has the record on the screen all the time: OCS
	// neither dials nor cancels it.
	OnDesktop bool `yaml:"on_desktop,omitempty"`
}

// RecordType is the type of a record. Names are the vendor's keys of
// dialing_priority in kebab-case.
type RecordType string

// The types of records. One of General that is busy or not answered becomes one
// of CampaignRescheduled.
const (
	General             RecordType = "general"
	CampaignRescheduled RecordType = "campaign-rescheduled"
	CampaignCallBack    RecordType = "campaign-call-back"
)

// Generate says how many customers are made up, each with phones that occur
// nowhere else and the customer id "C" and the first of these.
type Generate struct {
	Customers int `yaml:"customers"`
	Phones    int `yaml:"phones,omitempty"` // of each customer, as one chain; 0 means 1
}

// Records gives how many records are made up.
func (g Generate) Records() int { return g.Customers * max(g.Phones, 1) }

// MaxRecords bounds the records of a calling list.
const MaxRecords = 1_000_000

// Entry is an entry of the Do Not Call list. One of the two may be empty.
type Entry struct {
	Phone      string      `yaml:"phone,omitempty"`
	CustomerID string      `yaml:"customer_id,omitempty"`
	Tenant     commdn.DBID `yaml:"tenant,omitempty"`
}

// CommDN gives d as messages have it, or the default for the zero value.
func (d Dialing) CommDN() commdn.Dialing {
	if d == (Dialing{}) {
		return commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	}
	return commdn.Dialing{Mode: d.Mode, OptimizeBy: d.OptimizeBy, Goal: d.Goal}
}
