package scenario

import (
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/habits"
)

// OCS says how an OCS behaves. The zero values of the inferred fields are what
// we believe a real OCS does.
type OCS struct {
	// Licensed are the dial modes that the licence covers; none means all.
	Licensed []commdn.DialMode `yaml:"licensed,omitempty"`

	// Ring is how long a call rings on the average, Talk how long an agent talks,
	// and Preview how long an agent looks at a record before OCS dials it in a
	// preview mode. Each call takes between half of that and one and a half. 0
	// means the default.
	Ring    time.Duration `yaml:"ring,omitempty"`
	Talk    time.Duration `yaml:"talk,omitempty"`
	Preview time.Duration `yaml:"preview,omitempty"`
	// DialRate is how many records a second a running campaign group dials,
	// whatever its mode and goal, at most MaxDialRate. 0 leaves it to these.
	DialRate float64 `yaml:"dial_rate,omitempty"`
	// Results are the shares of the call results; all 0 means DefaultResults.
	Results Results `yaml:"results,omitempty"`
	// Treatment is what happens to records that were not answered.
	Treatment Treatment `yaml:"treatment,omitempty"`
	// UnloadTime is how long a campaign group stays in CM_GCS_UnloadInProgress.
	// 0 means the default.
	UnloadTime time.Duration `yaml:"unload_time,omitempty"`
	// Statistics is how often OCS reports to Stat Server on each CommDN, with
	// UserEvents that are no messages of the API. 0 is never.
	Statistics time.Duration `yaml:"statistics,omitempty"`

	// RequirePhone refuses a do-not-call request with a customer id alone, as
	// the vendor's table of the user event has it. Without it the vendor's note
	// holds: at least one of the two.
	RequirePhone bool `yaml:"require_phone,omitempty"`
	// CancelByCustomer accepts a cancel request with a customer id alone.
	// Inferred; the vendor has the phone as mandatory.
	CancelByCustomer bool `yaml:"cancel_by_customer,omitempty"`
	// UnloadedAtEnd keeps CM_EvCampaignUnloaded back until the campaign group is
	// CM_GCS_NotLoaded. Inferred; without it the request is acknowledged at
	// once, with CM_GCS_WaitingUnload.
	UnloadedAtEnd bool `yaml:"unloaded_at_end,omitempty"`
	// UsedUp leaves a calling list as it was dialed when its campaign is loaded
	// again, as a real table would be. Without it the simulation begins anew.
	UsedUp bool `yaml:"used_up,omitempty"`

	// Backup is the DBID of the backup of a pair, which answers with it after a
	// takeover. 0: there is none.
	Backup commdn.DBID `yaml:"backup,omitempty"`
	// Habits are how it words what it says.
	habits.Habits `yaml:",inline"`
}

// Defaults of OCS and Group.
const (
	DefaultAgents     = 10
	DefaultRing       = 12 * time.Second
	DefaultTalk       = 90 * time.Second
	DefaultPreview    = 20 * time.Second
	DefaultUnloadTime = 500 * time.Millisecond
	DefaultRetry      = time.Hour // Treatment.After
)

// MaxDialRate bounds OCS.DialRate, and what mode and goal come to.
const MaxDialRate = 10_000

// Results are the shares of the results that a call may have. Names are those
// of the vendor's call results.
type Results struct {
	Answer           int `yaml:"answer,omitempty"`            // 33
	NoAnswer         int `yaml:"no_answer,omitempty"`         // 7
	Busy             int `yaml:"busy,omitempty"`              // 6
	AnsweringMachine int `yaml:"answering_machine,omitempty"` // 9
	Fax              int `yaml:"fax,omitempty"`               // 17
	InvalidNumber    int `yaml:"invalid_number,omitempty"`    // 11, SIT Invalid Num
}

// DefaultResults are those of Results without any.
var DefaultResults = Results{Answer: 25, NoAnswer: 38, Busy: 9, AnsweringMachine: 22, Fax: 1, InvalidNumber: 5}

// Treatment says how often OCS dials a record that is busy or not answered.
type Treatment struct {
	Attempts int           `yaml:"attempts,omitempty"` // in all; 0 means 1: no treatment
	After    time.Duration `yaml:"after,omitempty"`    // until the next attempt; 0 means an hour
}

// Do is what goes wrong.
type Do string

// What an OCS does wrong with a request.
const (
	Delay     Do = "delay"     // serves it Latency and up to Jitter later; the order stays
	Drop      Do = "drop"      // serves it, and the answer is lost
	Duplicate Do = "duplicate" // answers twice
	Reorder   Do = "reorder"   // serves it after the next one, or a second later
	Refuse    Do = "refuse"    // answers with Error and does nothing
	Silence   Do = "silence"   // does nothing and does not answer
)

// What a T-Server does wrong.
const (
	Close      Do = "close"      // closes the connections
	Stall      Do = "stall"      // neither reads nor writes for the time For
	Garbage    Do = "garbage"    // sends bytes that are no message
	LinkDown   Do = "link_down"  // loses the link to the switch, for the time For, or until LinkUp
	LinkUp     Do = "link_up"    // has it again
	Switchover Do = "switchover" // primary and backup change places
	Unregister Do = "unregister" // takes the registration of the CommDNs away, unasked
)

// Fault is one thing that goes wrong. For each request OCS looks at each fault, so
// that one may delay what another drops.
type Fault struct {
	Do      Do               `yaml:"do"`
	Latency time.Duration    `yaml:"latency,omitempty"` // Delay
	Jitter  time.Duration    `yaml:"jitter,omitempty"`  // Delay
	Error   commdn.ErrorCode `yaml:"error,omitempty"`   // Refuse

	// Which requests an OCS fails at; an empty field does not count.
	OCS      commdn.DBID        `yaml:"ocs,omitempty"`
	Request  commdn.MessageType `yaml:"request,omitempty"`
	Phone    string             `yaml:"phone,omitempty"`
	Campaign commdn.DBID        `yaml:"campaign,omitempty"`
	Percent  int                `yaml:"percent,omitempty"` // of these requests; 0 means all

	// When a T-Server fails, and whose connections are meant.
	Application string        `yaml:"application,omitempty"` // name of the client; empty is every one
	After       int           `yaml:"after,omitempty"`       // so many UserEvents; 0 is at once
	For         time.Duration `yaml:"for,omitempty"`         // Stall, LinkDown

	// Times is how often it happens. 0 means without end for an OCS, and once
	// for a T-Server.
	Times int `yaml:"times,omitempty"`
}

// OfTServer says whether the fault is one of a T-Server.
func (f Fault) OfTServer() bool {
	switch f.Do {
	case Close, Stall, Garbage, LinkDown, LinkUp, Switchover, Unregister:
		return true
	}
	return false
}
