package control

import (
	"time"

	"commdn/protocol/commdn"
)

// CampaignGroup is a campaign on a group, or, with campaign 0, the sequence that
// is loaded for a group. GET api/campaigns answers with an array of them.
type CampaignGroup struct {
	Campaign       commdn.DBID `json:"campaign"`
	CampaignName   string      `json:"campaign_name,omitempty"`
	Group          commdn.DBID `json:"group"`
	GroupName      string      `json:"group_name,omitempty"`
	OCS            commdn.DBID `json:"ocs"`
	Tenant         commdn.DBID `json:"tenant,omitempty"`
	Status         string      `json:"status,omitempty"` // a sequence may have none
	Changed        time.Time   `json:"changed,omitzero"` // when Status last changed
	Dialing        *Dialing    `json:"dialing,omitempty"`
	AutoCompletion *bool       `json:"auto_completion,omitempty"` // absent: never said
	Priority       *Priorities `json:"priority,omitempty"`        // dialing_priority; absent: never said
	InSequence     bool        `json:"in_sequence,omitempty"`     // loaded by a sequence
	Agents         int         `json:"agents"`                    // or ports
	Previewing     int         `json:"previewing"`                // records that agents look at now
	Ringing        int         `json:"ringing"`                   // calls now
	Talking        int         `json:"talking"`                   // calls now
	Rate           float64     `json:"rate"`                      // records a second, while running
	Dials          int         `json:"dials"`                     // since the last start, as the next two
	Contacts       int         `json:"contacts"`
	Abandoned      int         `json:"abandoned"`
	Lists          []List      `json:"lists"`
	Sequence       *Sequence   `json:"sequence,omitempty"`
}

// ID gives campaign and group.
func (g CampaignGroup) ID() commdn.CampaignGroup {
	return commdn.CampaignGroup{Campaign: g.Campaign, Group: g.Group}
}

// Dialing says how a campaign is dialed. In a request the names may also be in
// kebab-case, or the vendor's numbers as text.
type Dialing struct {
	Mode       string `json:"mode"`
	OptimizeBy string `json:"optimize_by"`
	Goal       int32  `json:"goal"` // percent, or seconds for the wait time
}

// Priorities are those of the types of records; one that is absent was not said.
type Priorities struct {
	General             *Priority `json:"general,omitempty"`
	CampaignRescheduled *Priority `json:"campaign_rescheduled,omitempty"`
	CampaignCallBack    *Priority `json:"campaign_call_back,omitempty"`
}

// Priority is that of one type of records.
type Priority struct {
	Priority int32 `json:"priority"` // the larger comes first
	Records  int32 `json:"records"`  // n_records, in a round; 0 is no bound
}

// List is a calling list.
type List struct {
	DBID    commdn.DBID    `json:"dbid"`
	Name    string         `json:"name"`
	Records int            `json:"records"`
	Counts  map[string]int `json:"counts"` // by the status of a record, all of them
}

// Sequence is a campaign sequence.
type Sequence struct {
	Description string         `json:"description"`
	Start       time.Time      `json:"start"`
	Items       []SequenceItem `json:"items"`
}

// SequenceItem is a campaign of a sequence. A stop condition of 0 is none.
type SequenceItem struct {
	Campaign       commdn.DBID `json:"campaign"`
	CampaignName   string      `json:"campaign_name,omitempty"`
	Status         string      `json:"status,omitempty"`
	Dialing        Dialing     `json:"dialing"`
	StopAtTime     time.Time   `json:"stop_at_time,omitzero"`
	StopAtContacts int32       `json:"stop_at_contacts,omitempty"`
	StopAtDials    int32       `json:"stop_at_dials,omitempty"`
	SleepMinutes   int32       `json:"sleep_minutes,omitempty"` // before this one starts
}

// What POST api/campaigns can be asked to do.
const (
	Load        = "load"
	Start       = "start"
	Stop        = "stop"
	Set         = "set" // the dialing mode
	Unload      = "unload"
	ForceUnload = "force-unload"
)

// Control is a request to POST api/campaigns: what the vendor's own console
// would ask OCS for. Dialing and AutoCompletion go with Load, Start and Set;
// without Dialing it stays as it is. Campaign 0 is the sequence that is loaded
// for the group, with Start, Stop, Unload and ForceUnload.
type Control struct {
	Campaign       commdn.DBID `json:"campaign"`
	Group          commdn.DBID `json:"group"`
	Do             string      `json:"do"`
	Dialing        *Dialing    `json:"dialing,omitempty"`
	AutoCompletion *bool       `json:"auto_completion,omitempty"`
}
