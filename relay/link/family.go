package link

import (
	"fmt"
	"strings"

	"commdn/protocol/commdn"
)

// family tells requests apart whose answers cannot be confused: about people,
// and about campaigns.
type family bool

func familyOf(m commdn.Message) family {
	switch m.Type() {
	case commdn.ReqDoNotCall, commdn.ReqCancelRecord, commdn.EvDoNotCallProcessed, commdn.EvRecordCanceled:
		return true
	}
	return false
}

// token is a subject that all requests of the family have in common.
func (f family) token() commdn.Subject {
	if f {
		return commdn.Subject{ID: "people"}
	}
	return commdn.Subject{ID: "campaigns"}
}

func dbids(ids []commdn.DBID) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, " %d", id)
	}
	return b.String()
}
