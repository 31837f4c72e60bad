package auth

import (
	"fmt"
	"strconv"

	"commdn/protocol/commdn"
)

// Right is a kind of action.
type Right uint8

// The rights, each with its role.
const (
	RightDoNotCall Right = iota // agent
	RightCancel                 // agent
	RightCampaigns              // supervisor
	RightSequences              // supervisor
	RightWatch                  // supervisor: the states of campaign groups
	RightAudit                  // auditor
	rights
)

// kind is the sort of object that a rule lists.
type kind uint8

const (
	campaigns kind = iota
	groups
	tenants
	kinds
)

var kindNames = [kinds]string{"campaign", "group", "tenant"}

// matter says when a rule must list an object.
type matter uint8

const (
	never     matter = iota
	whenGiven        // if the request names one
	always           // also if it names none, since it is about all of them then
)

// rightTable has the texts of each right, its role, and what narrows it.
var rightTable = [rights]struct {
	name    string
	may     string // follows "you may not"
	of      string // follows "those that you may", with the object before
	role    Role
	matters [kinds]matter // campaigns, groups, tenants
}{
	// A number goes on the list of a tenant, whatever the campaign.
	RightDoNotCall: {"do not call", "put numbers on the Do Not Call list", "use do not call for", Agent, [kinds]matter{whenGiven, never, always}},
	// Without a campaign OCS cancels records in all of them.
	RightCancel:    {"cancel records", "cancel records", "cancel records of", Agent, [kinds]matter{always, never, always}},
	RightCampaigns: {"control campaigns", "control campaigns", "control", Supervisor, [kinds]matter{always, always, always}},
	RightSequences: {"control sequences", "control campaign sequences", "control sequences of", Supervisor, [kinds]matter{always, always, always}},
	RightWatch:     {"watch campaigns", "watch campaigns", "watch", Supervisor, [kinds]matter{always, always, always}},
	RightAudit:     {"read the audit", "read the audit", "read the audit of", Auditor, [kinds]matter{always, always, always}},
}

// String returns the right in a few words: do not call, control campaigns.
func (r Right) String() string {
	if r < rights {
		return rightTable[r].name
	}
	return fmt.Sprintf("right %d", uint8(r))
}

// Role returns the role that has the right.
func (r Right) Role() Role {
	if r < rights {
		return rightTable[r].role
	}
	return Role(len(roleNames)) // nobody's
}

// Named is an object of the Configuration Database. The zero Named is none.
type Named struct {
	DBID commdn.DBID // 0: unknown
	Name string      // empty: unknown
}

// String returns NAME (DBID), or the known part of it.
func (n Named) String() string {
	switch {
	case n.DBID == 0:
		return n.Name
	case n.Name == "":
		return strconv.Itoa(int(n.DBID))
	}
	return n.Name + " (" + strconv.Itoa(int(n.DBID)) + ")"
}

// Object is the subject of a request, an entry of the directory or a notification. Parts
// that it does not have stay zero.
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
