package control

import (
	"net/http"
	"slices"

	"commdn/protocol/commdn"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
)

func (h *handler) getState(w http.ResponseWriter, r *http.Request) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	c := h.Sim.Scenario()
	s := State{
		Scenario: c.Name, Description: c.Description, Seed: c.Seed, Version: h.Version, Clock: h.clock(),
		TServers: h.tservers(), CommDNs: commDNs(c), OCS: h.servers(), Tenants: tenants(c), Groups: groups(c),
		Counts: Counts{DNC: len(h.Sim.DNC()), CampaignGroups: map[string]int{}},
	}
	for _, o := range h.Sim.OCS() {
		for _, l := range o.CallingLists() {
			s.Counts.Records += l.Records
		}
		for _, g := range o.CampaignGroups() {
			s.Counts.CampaignGroups[g.Status.String()]++
		}
	}
	return write(w, s)
}

func (h *handler) clock() Clock {
	c := h.Sim.Clock()
	return Clock{Now: c.Now(), Speed: c.Speed()}
}

func (h *handler) tservers() []TServer {
	all := []TServer{}
	for _, server := range h.Sim.TServers() {
		state := server.State()
		t := TServer{Addr: state.Addr, Role: RolePrimary, LinkUp: state.LinkUp, Clients: []TServerClient{}}
		if state.Backup {
			t.Role = RoleBackup
		}
		for _, c := range state.Clients {
			t.Clients = append(t.Clients, TServerClient{
				Addr: c.Addr, Application: c.Application, DNs: orEmpty(c.DNs), Monitor: c.Monitor, Since: c.Since,
			})
		}
		all = append(all, t)
	}
	return all
}

func commDNs(c *scenario.Scenario) []CommDN {
	all := []CommDN{}
	for _, dn := range c.CommDNs {
		one := CommDN{
			Number: dn.Number, Tenant: c.TenantOf(dn.Tenant), Disabled: dn.Disabled,
			OutboundContactServer: dn.OutboundContactServer, OCS: []commdn.DBID{},
		}
		for _, server := range c.Servers() {
			if slices.ContainsFunc(c.Monitored(server.DBID), func(m scenario.CommDN) bool { return m.Number == dn.Number }) {
				one.OCS = append(one.OCS, server.DBID)
			}
		}
		all = append(all, one)
	}
	return all
}

func (h *handler) servers() []OCS {
	c := h.Sim.Scenario()
	all := []OCS{}
	for _, o := range h.Sim.OCS() {
		one := OCS{DBID: o.DBID(), Name: o.Name(), Connected: []Object{}, Licensed: []string{}, CommDNs: []CommDNState{}}
		for _, id := range o.Connected() {
			a, _ := c.Application(id)
			one.Connected = append(one.Connected, Object{DBID: id, Name: a.Name})
		}
		for _, mode := range o.Licensed() {
			one.Licensed = append(one.Licensed, mode.String())
		}
		for _, dn := range o.CommDNs() {
			state := CommDNState{Number: dn.Number, Up: dn.Up}
			if dn.Err != nil && !dn.Up {
				state.Error = dn.Err.Error()
			}
			one.CommDNs = append(one.CommDNs, state)
		}
		all = append(all, one)
	}
	return all
}

func tenants(c *scenario.Scenario) []Object {
	all := []Object{}
	for _, t := range c.Tenants {
		all = append(all, Object{DBID: t.DBID, Name: t.Name})
	}
	if len(all) == 0 {
		all = append(all, Object{DBID: scenario.DefaultTenant})
	}
	return all
}

func groups(c *scenario.Scenario) []Group {
	all := []Group{}
	for _, g := range c.Groups {
		one := Group{Object{g.DBID, g.Name}, c.TenantOf(g.Tenant), g.Agents}
		if one.Agents == 0 {
			one.Agents = scenario.DefaultAgents
		}
		all = append(all, one)
	}
	return all
}

// orEmpty makes JSON's null an empty array.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// listsOf gives the calling lists of an OCS by DBID.
func listsOf(o *ocs.OCS) map[commdn.DBID]List {
	all := make(map[commdn.DBID]List)
	for _, l := range o.CallingLists() {
		one := List{DBID: l.DBID, Name: l.Name, Records: l.Records, Counts: make(map[string]int, len(l.Counts))}
		for status, n := range l.Counts {
			one.Counts[ocs.RecordStatus(status).String()] = n
		}
		all[l.DBID] = one
	}
	return all
}
