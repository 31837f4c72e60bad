package auth

import (
	"fmt"
	"strconv"

	"commdn/protocol/commdn"
)

// Right is a kind of thing to do.
type Right uint8

// The rights, each with the role that has it.
const (
	RightDoNotCall Right = iota // agent
	RightCancel                 // agent
	RightCampaigns              // supervisor
	RightSequences              // supervisor
	RightWatch                  // supervisor: the states of campaign groups
	RightAudit                  // auditor
	rights
)

// kind is what sort of object a rule lists.
type kind uint8

const (
	campaigns kind = iota
	groups
	tenants
	kinds
)

var kindNames = [kinds]string{"campaign", "group", "tenant"}

// matter says when an object must be one that a rule lists.
type matter uint8

const (
	never     matter = iota
	whenGiven        // where the request names one
	always           // also where it names none, for then it is about all
)

// rightTable says how each right is called, whose it is, and what narrows it.
var rightTable = [rights]struct {
	name    string
	may     string // behind "you may not"
	of      string // behind "those that you may", with the object before
	role    Role
	matters [kinds]matter // campaigns, groups, tenants
}{
	// A number goes on the list of a tenant, whatever the campaign.
	RightDoNotCall: {"do not call", "put numbers on the Do Not Call list", "use do not call for", Agent, [kinds]matter{whenGiven, never, always}},
	// Without a campaign, records are cancelled in all of them.
	RightCancel:    {"cancel records", "cancel records", "cancel records of", Agent, [kinds]matter{always, never, always}},
	RightCampaigns: {"control campaigns", "control campaigns", "control", Supervisor, [kinds]matter{always, always, always}},
	RightSequences: {"control sequences", "control campaign sequences", "control sequences of", Supervisor, [kinds]matter{always, always, always}},
	RightWatch:     {"watch campaigns", "watch campaigns", "watch", Supervisor, [kinds]matter{always, always, always}},
	RightAudit:     {"read the audit", "read the audit", "read the audit of", Auditor, [kinds]matter{always, always, always}},
}

// String gives the right in a few words: do not call, control campaigns.
func (r Right) String() string {
	if r < rights {
		return rightTable[r].name
	}
	return fmt.Sprintf("right %d", uint8(r))
}

// Role gives the role that has the right.
func (r Right) Role() Role {
	if r < rights {
		return rightTable[r].role
	}
	return Role(len(roleNames)) // nobody's
}

// Named is an object of the Configuration Database. The zero Named is none.
type Named struct {
	DBID commdn.DBID // 0: not known
	Name string      // empty: not known
}

// String gives NAME (DBID), or what is known of it.
func (n Named) String() string {
	switch {
	case n.DBID == 0:
		return n.Name
	case n.Name == "":
		return strconv.Itoa(int(n.DBID))
	}
	return n.Name + " (" + strconv.Itoa(int(n.DBID)) + ")"
}

// Object is what a request, an entry of the directory or a notification is
// about. Where it is not about a campaign, a group or a tenant, that stays
// zero.
type Object struct {
	Campaign, Group, Tenant Named
}

func (o *Object) part(k kind) Named {
	switch k {
	case campaigns:
		return o.Campaign
	case groups:
		return o.Group
	}
	return o.Tenant
}
