package ocs

import (
	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// callCompleted is the GSW_STAT_EVENT at the end of a call.
const callCompleted = 14

// report leaves a report to Stat Server about each campaign group that is
// running, and one about OCS itself where none is. These are no messages of the
// API: they have no GSW_CM_MessageType, and clients must ignore them. Only the
// key GSW_STAT_EVENT is known; the rest is made up.
func (e *engine) report() {
	tenants := make(map[commdn.DBID]bool)
	for _, g := range e.all {
		if g.status != commdn.StatusRunning {
			continue
		}
		tenants[g.tenant] = true
		e.leave(told{tenant: g.tenant, userData: tkvlist.List{
			{Key: "GSW_STAT_EVENT", Value: tkvlist.Int(callCompleted)},
			{Key: "GSW_CAMPAIGN_DBID", Value: tkvlist.Int(int32(g.id.Campaign))},
			{Key: "GSW_GROUP_DBID", Value: tkvlist.Int(int32(g.id.Group))},
			{Key: "GSW_STAT_DATA", Value: tkvlist.Nested(tkvlist.List{
				{Key: "dials", Value: tkvlist.Int(int32(g.run.dials))},
				{Key: "contacts", Value: tkvlist.Int(int32(g.run.contacts))},
				{Key: "handle", Value: tkvlist.Binary([]byte{0, 0xff, byte(g.run.dials)})},
			})},
		}})
	}
	for _, dn := range e.o.Scenario.Monitored(e.o.DBID) {
		tenant := e.o.Scenario.TenantOf(dn.Tenant)
		if !tenants[tenant] {
			tenants[tenant] = true
			e.leave(told{tenant: tenant, userData: tkvlist.List{{Key: "GSW_STAT_EVENT", Value: tkvlist.Int(0)}}})
		}
	}
}
