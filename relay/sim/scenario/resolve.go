package scenario

import (
	"slices"
	"strconv"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
)

// Application gives an application by its DBID.
func (s *Scenario) Application(id commdn.DBID) (Application, bool) {
	i := slices.IndexFunc(s.Applications, func(a Application) bool { return a.DBID == id })
	if i < 0 {
		return Application{}, false
	}
	return s.Applications[i], true
}

// database gives the objects that the rules of the Configuration Database cover.
func (s *Scenario) database() *confdb.DB {
	d := &confdb.DB{Tenants: s.tenants()}
	for _, a := range s.Applications {
		d.Applications = append(d.Applications, a.object())
	}
	for _, dn := range s.CommDNs {
		d.CommDNs = append(d.CommDNs, dn.object())
	}
	return d
}

func (s *Scenario) tenants() []confdb.Tenant {
	all := make([]confdb.Tenant, len(s.Tenants))
	for i, t := range s.Tenants {
		all[i] = confdb.Tenant{DBID: t.DBID, Name: t.Name}
	}
	return all
}

func (a Application) object() confdb.Application {
	return confdb.Application{DBID: a.DBID, Name: a.Name, Type: a.Type, Disabled: a.Disabled, Connections: a.Connections, Tenants: a.Tenants}
}

func (c CommDN) object() confdb.CommDN {
	return confdb.CommDN{Number: c.Number, Tenant: c.Tenant, Disabled: c.Disabled, OutboundContactServer: c.OutboundContactServer}
}

// Servers gives every OCS that is enabled, in the order of the scenario.
func (s *Scenario) Servers() []Application {
	var all []Application
	for _, a := range s.Applications {
		if a.object().Serving() {
			all = append(all, a)
		}
	}
	return all
}

// Connected gives the applications that an OCS serves, sorted by DBID. The OCS
// disregards the requests of all others. See confdb.Serves.
func (s *Scenario) Connected(ocs commdn.DBID) []commdn.DBID {
	server, _ := s.Application(ocs)
	var all []commdn.DBID
	for _, a := range s.Applications {
		if confdb.Serves(server.object(), a.object()) {
			all = append(all, a.DBID)
		}
	}
	slices.Sort(all)
	return all
}

// Monitored gives the CommDNs that an OCS works with. See confdb.DB.Monitor.
func (s *Scenario) Monitored(ocs commdn.DBID) []CommDN {
	server, _ := s.Application(ocs)
	monitors := s.database().Monitor(server.object())
	var all []CommDN
	for _, dn := range s.CommDNs {
		if is, _ := monitors(dn.object()); is {
			all = append(all, dn)
		}
	}
	return all
}

// TenantOf gives the tenant that an object means: the first one where it names
// none.
func (s *Scenario) TenantOf(id commdn.DBID) commdn.DBID {
	d := confdb.DB{Tenants: s.tenants()}
	return d.TenantOf(id)
}

// CampaignGroupsOf gives the campaign groups that an OCS serves.
func (s *Scenario) CampaignGroupsOf(ocs commdn.DBID) []CampaignGroup {
	var all []CampaignGroup
	for _, g := range s.CampaignGroups {
		if s.ServerOf(g) == ocs {
			all = append(all, g)
		}
	}
	return all
}

// ServerOf gives the OCS that serves a campaign group; 0 is none.
func (s *Scenario) ServerOf(g CampaignGroup) commdn.DBID {
	if g.OCS != 0 {
		return g.OCS
	}
	if servers := s.Servers(); len(servers) > 0 {
		return servers[0].DBID
	}
	return 0
}

// ClientName gives the name of an application at T-Server: its own, or one made
// of type and DBID.
func (a Application) ClientName() string {
	if a.Name != "" {
		return a.Name
	}
	return string(a.Type) + "_" + strconv.Itoa(int(a.DBID))
}
