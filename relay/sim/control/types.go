package control

import (
	"encoding/json"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/habits"
	"commdn/relay/sim/ocs"
)

// The types below are what the API reads and answers, for the handler and for
// its clients. Enumerations have the vendor's names, such as CM_GCS_Running;
// times are those of the simulation's clock.

// State is the simulation as a whole: GET api/state.
type State struct {
	Scenario    string    `json:"scenario"`
	Description string    `json:"description,omitempty"`
	Seed        uint64    `json:"seed"`
	Version     string    `json:"version,omitempty"` // of the program that runs it
	Clock       Clock     `json:"clock"`
	TServers    []TServer `json:"tservers"` // the scenario's primary first
	CommDNs     []CommDN  `json:"comm_dns"`
	OCS         []OCS     `json:"ocs"`
	Tenants     []Object  `json:"tenants"`
	Groups      []Group   `json:"groups"`
	Counts      Counts    `json:"counts"`
}

// Object is an object of Configuration Server.
type Object struct {
	DBID commdn.DBID `json:"dbid"`
	Name string      `json:"name"`
}

// Roles of a T-Server.
const (
	RolePrimary = "primary"
	RoleBackup  = "backup"
)

// TServer is a T-Server.
type TServer struct {
	Addr    string          `json:"addr"`
	Role    string          `json:"role"`    // at this moment
	LinkUp  bool            `json:"link_up"` // to the switch
	Clients []TServerClient `json:"clients"`
}

// TServerClient is a client of a T-Server.
type TServerClient struct {
	Addr        string    `json:"addr"`
	Application string    `json:"application,omitempty"` // empty until it has registered
	DNs         []string  `json:"dns"`                   // that it has registered
	Monitor     bool      `json:"monitor,omitempty"`     // for monitoring only
	Since       time.Time `json:"since"`                 // the machine's time
}

// CommDN is a Communication DN.
type CommDN struct {
	Number                string        `json:"number"`
	Tenant                commdn.DBID   `json:"tenant"`
	Disabled              bool          `json:"disabled,omitempty"`
	OutboundContactServer *bool         `json:"outbound_contact_server"` // null: undefined
	OCS                   []commdn.DBID `json:"ocs"`                     // that work with it
}

// OCS is an Outbound Contact Server.
type OCS struct {
	DBID      commdn.DBID   `json:"dbid"`
	Name      string        `json:"name"`
	Connected []Object      `json:"connected"` // the applications that it serves
	Licensed  []string      `json:"licensed"`  // dial modes; empty: all
	CommDNs   []CommDNState `json:"comm_dns"`
}

// CommDNState says whether an OCS is registered on a CommDN.
type CommDNState struct {
	Number string `json:"number"`
	Up     bool   `json:"up"`
	Error  string `json:"error,omitempty"` // why not
}

// Group is a group of agents or ports.
type Group struct {
	Object
	Tenant commdn.DBID `json:"tenant"`
	Agents int         `json:"agents"`
}

// Counts are how many there are.
type Counts struct {
	Records        int            `json:"records"`
	DNC            int            `json:"dnc"`
	CampaignGroups map[string]int `json:"campaign_groups"` // by status
}

// Query says which records GET api/records answers with; what is empty is not
// looked at.
type Query struct {
	List       commdn.DBID
	Phone      string
	CustomerID string
	Status     string // ready, retrieved, updated, canceled, chain-updated
	Offset     int
	Limit      int // 0 means DefaultLimit; MaxLimit at most
}

// Bounds of Query.Limit.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// Records is one page of records.
type Records struct {
	Records []Record `json:"records"`
	Total   int      `json:"total"` // that the query finds
	Offset  int      `json:"offset"`
}

// Record is a record of a calling list.
type Record struct {
	List       commdn.DBID `json:"list"`
	ID         int         `json:"id"` // from 1, in its list
	Phone      string      `json:"phone"`
	CustomerID string      `json:"customer_id,omitempty"`
	Chain      int         `json:"chain"`
	Status     string      `json:"status"`
	Result     string      `json:"result"` // of the last call
	Attempts   int         `json:"attempts"`
	Dialed     time.Time   `json:"dialed,omitzero"` // last
	OnDesktop  bool        `json:"on_desktop"`      // of an agent
}

// CheckOut is a request to POST api/records: an agent takes a record on the
// screen, or gives it back.
type CheckOut struct {
	List      commdn.DBID `json:"list"`
	ID        int         `json:"id"`
	OnDesktop bool        `json:"on_desktop"`
}

// Entry is an entry of the Do Not Call list: phone, customer_id, tenant and
// time. GET api/dnc answers with an array of them, oldest first.
type Entry = ocs.Entry

// Forbidden is a request to POST api/dnc: an entry of the Do Not Call list with
// a phone, a customer id, or both.
type Forbidden struct {
	Phone      string      `json:"phone,omitempty"`
	CustomerID string      `json:"customer_id,omitempty"`
	Tenant     commdn.DBID `json:"tenant,omitempty"` // 0: the scenario's first
}

// Habits are how an OCS words what it says. GET api/habits answers with an array
// of them.
type Habits struct {
	OCS    commdn.DBID   `json:"ocs"`
	Backup commdn.DBID   `json:"backup,omitempty"` // of its pair; 0: there is none
	Active commdn.DBID   `json:"active"`           // of the two, the one that answers
	Habits habits.Habits `json:"habits"`           // those that differ from the preset plain
}

// SetHabits is a request to POST api/habits. As replaces all habits by those of a
// preset; what Set has is changed then.
type SetHabits struct {
	OCS commdn.DBID     `json:"ocs,omitempty"` // 0: every one
	As  string          `json:"as,omitempty"`
	Set json.RawMessage `json:"set,omitempty"` // an object of habits: {"no_echo": true}
}

// TakeOver is a request to POST api/takeover: the other OCS of a pair goes on.
type TakeOver struct {
	OCS commdn.DBID `json:"ocs,omitempty"` // the DBID in the scenario; 0: every one that has a backup
}

// Clock is the clock of the simulation.
type Clock struct {
	Now   time.Time `json:"now"`
	Speed float64   `json:"speed"` // seconds that pass in one; 0: it stands still
}

// MaxAdvance is the most that the clock can be moved at once.
const MaxAdvance = 31 * 24 * time.Hour

// SetClock is a request to POST api/clock. The speed changes before the clock
// moves.
type SetClock struct {
	Advance string   `json:"advance,omitempty"` // a duration, "8h" or "1m30s"
	Speed   *float64 `json:"speed,omitempty"`
}

// Event is a UserEvent that T-Server distributed, as GET api/trace streams them.
type Event struct {
	Time        time.Time `json:"time"`
	DN          string    `json:"dn"`
	From        string    `json:"from"`             // "ocs", or "relay" for everybody else
	Application string    `json:"application"`      // name of the client that sent it
	Message     string    `json:"message"`          // GSW_CM_MessageType by name, else UserEvent
	Text        string    `json:"text"`             // the user data in Genesys log text
	Missed      int       `json:"missed,omitempty"` // events before it that came too fast
}

// Error is why a request was not served. In JSON its keys are error, code, name
// and message.
type Error struct {
	Status  int    `json:"-"` // of HTTP
	Message string `json:"error"`
	// Code and Name are the vendor's, and Text OCS's own words, where OCS has
	// refused; the status is 409 then.
	Code commdn.ErrorCode `json:"code,omitempty"`
	Name string           `json:"name,omitempty"`
	Text string           `json:"message,omitempty"`
}

// Error gives one line.
func (e *Error) Error() string { return e.Message }
