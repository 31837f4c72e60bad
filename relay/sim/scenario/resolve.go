package scenario

import (
	"slices"
	"strconv"

	"commdn/protocol/commdn"
)

// Application gives an application by its DBID.
func (s *Scenario) Application(id commdn.DBID) (Application, bool) {
	i := slices.IndexFunc(s.Applications, func(a Application) bool { return a.DBID == id })
	if i < 0 {
		return Application{}, false
	}
	return s.Applications[i], true
}

// Servers gives every OCS that is enabled, in the order of the scenario.
func (s *Scenario) Servers() []Application {
	var all []Application
	for _, a := range s.Applications {
		if a.Type == OutboundContactServer && !a.Disabled {
			all = append(all, a)
		}
	}
	return all
}

// Connected gives the applications that an OCS serves, by DBID: the third-party
// servers in its Connections, and the third-party applications that have it in
// theirs. All other requests are disregarded. ("OCS and API Requests")
func (s *Scenario) Connected(ocs commdn.DBID) []commdn.DBID {
	server, _ := s.Application(ocs)
	var all []commdn.DBID
	for _, a := range s.Applications {
		if a.Disabled {
			continue
		}
		if a.Type == ThirdPartyServer && slices.Contains(server.Connections, a.DBID) ||
			a.Type == ThirdPartyApplication && slices.Contains(a.Connections, ocs) {
			all = append(all, a.DBID)
		}
	}
	slices.Sort(all)
	return all
}

// Monitored gives the CommDNs that an OCS works with: of those that are enabled
// and of its tenants, the ones with outbound_contact_server true if there are
// any, else all but the ones with false. ("Special OCS Option")
func (s *Scenario) Monitored(ocs commdn.DBID) []CommDN {
	server, _ := s.Application(ocs)
	var undefined, chosen []CommDN
	for _, dn := range s.CommDNs {
		switch {
		case dn.Disabled || !server.worksFor(s.TenantOf(dn.Tenant)):
		case dn.OutboundContactServer == nil:
			undefined = append(undefined, dn)
		case *dn.OutboundContactServer:
			chosen = append(chosen, dn)
		}
	}
	if chosen != nil {
		return chosen
	}
	return undefined
}

func (a Application) worksFor(tenant commdn.DBID) bool {
	return len(a.Tenants) == 0 || slices.Contains(a.Tenants, tenant)
}

// TenantOf gives the tenant that an object means: the first one where it names
// none.
func (s *Scenario) TenantOf(id commdn.DBID) commdn.DBID {
	switch {
	case id != 0:
		return id
	case len(s.Tenants) > 0:
		return s.Tenants[0].DBID
	}
	return DefaultTenant
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
