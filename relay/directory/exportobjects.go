package directory

import (
	"fmt"
	"slices"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
	"commdn/relay/internal/strictyaml"
)

func (im *importer) tenant(what string, o raw) {
	if x := im.object(what, o, true); x.ok {
		im.Tenants = append(im.Tenants, Tenant{DBID: x.id, Name: x.name, Disabled: x.disabled})
	}
}

func (im *importer) application(what string, o raw) {
	x := im.object(what, o, true)
	if !x.ok {
		return
	}
	typ := o.get("type").text()
	if typ == "" {
		im.Fail(x.what, "type is missing")
		return
	}
	a := Application{DBID: x.id, Name: x.name, Type: appTypes[typ], Disabled: x.disabled}
	if a.Type == "" {
		a.Type = confdb.AppType("type " + typ)
	}
	a.Connections = im.ids(x, o.get("appServerDBIDs"), "appServerDBIDs", "CfgConnectionInfo", "appServerDBID")
	if a.Type == confdb.OutboundContactServer {
		a.Tenants = im.ids(x, o.get("tenantDBIDs"), "tenantDBIDs", "CfgAppTenant", "tenantDBID")
		a.Backup = im.reference(x, serverInfo(o), "backupServerDBID")
	}
	im.Applications = append(im.Applications, a)
}

// serverInfo returns what an application has as a server: its CfgServer, which may be
// inside serverInfo, or the application itself.
func serverInfo(o raw) raw {
	if inner := o.get("serverInfo"); inner.v != nil {
		o = inner
	}
	if servers := o.elements("CfgServer"); len(servers) > 0 {
		return servers[0]
	}
	return raw{}
}

// ids returns the DBIDs in a list, each once: bare, or under a key of elements.
func (im *importer) ids(x object, from raw, path, element, key string) []commdn.DBID {
	var all []commdn.DBID
	for i, e := range from.elements(element, "DBID") {
		if inner := e.get("DBID"); inner.v != nil && e.get(key).v == nil {
			e = inner
		}
		if e.get(key).text() == "0" || e.text() == "0" {
			continue // not an object
		}
		id, ok := e.id()
		if _, isObject := e.bare().(map[string]any); isObject || !ok {
			one := object{what: x.what + ": " + strictyaml.Item(path, i)}
			if id, ok = im.needID(&one, e, key); !ok {
				continue
			}
		}
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

func (im *importer) dn(what string, o raw) {
	typ := o.get("type").text()
	switch {
	case typ == "":
		if x := im.object(what, o, false); x.ok {
			im.Fail(x.what, "type is missing")
		}
		return
	case !slices.Contains(communicationDN, typ):
		return
	}
	x := im.object(what, o, false)
	dn := CommDN{DBID: x.id, Number: o.get("number").text(), Tenant: im.tenantOf(x, o), Disabled: x.disabled, Switch: im.reference(x, o, "switchDBID")}
	if x.ok && dn.Number == "" {
		im.Fail(x.what, "number is missing")
		return
	}
	values := make(map[string]*bool)
	for _, list := range []string{"options", "userProperties"} { // the annex takes precedence
		for _, s := range o.get(list).sections() {
			if text, ok := s.options[optionKey]; ok {
				values[s.name] = im.option(dn, s.name, text)
			}
		}
	}
	for _, name := range optionSections {
		if v := values[name]; v != nil && dn.OutboundContactServer == nil {
			dn.OutboundContactServer = v
		}
		delete(values, name)
	}
	for name, v := range values {
		if v != nil {
			if dn.Sections == nil {
				dn.Sections = make(map[string]bool)
			}
			dn.Sections[name] = *v
		}
	}
	if x.ok {
		im.CommDNs = append(im.CommDNs, dn)
	}
}

func (im *importer) option(dn CommDN, section, text string) *bool {
	lower := strings.ToLower(strings.TrimSpace(text))
	switch value := slices.Contains(yes, lower); {
	case value || slices.Contains(no, lower):
		return &value
	case lower != "" && lower != "undefined":
		im.note(Warning, "%s has outbound_contact_server %s in the section %s, which is neither true nor false: taken for undefined", dn, strictyaml.Quote(text), section)
	}
	return nil
}

func (im *importer) note(s Severity, format string, args ...any) {
	im.notes = append(im.notes, Finding{s, fmt.Sprintf(format, args...)})
}

// reference reads the DBID of another object, which must be one if present; 0 is none.
func (im *importer) reference(x object, o raw, key string) commdn.DBID {
	if v := o.get(key); v.v == nil || v.text() == "0" || v.bare() == "" || !x.ok {
		return 0
	}
	id, _ := im.needID(&x, o, key)
	return id
}

// tenantOf reads the tenant.
func (im *importer) tenantOf(x object, o raw) commdn.DBID {
	return im.reference(x, common(o), "tenantDBID")
}

func (im *importer) switches(what string, o raw) {
	if x := im.object(what, o, false); x.ok {
		im.Switches = append(im.Switches, Switch{DBID: x.id, Name: x.name, TServer: im.reference(x, o, "TServerDBID")})
	}
}

func (im *importer) group(what string, o raw) {
	x := im.object(what, o, true)
	g := Group{x.id, x.name, im.tenantOf(x, o), x.disabled}
	switch {
	case !x.ok:
	case strings.HasPrefix(what, "CFGPlaceGroup"):
		im.place = append(im.place, g)
	default:
		im.Groups = append(im.Groups, g)
	}
}

// places adds the groups of places. On the CommDN a group is only a DBID, so of two with
// the same one the agents' counts.
func (im *importer) places() {
	agents := indexOf(im.Groups, func(g Group) (commdn.DBID, string) { return g.DBID, g.Name })
	for _, g := range im.place {
		if a, twice := byID(agents, im.Groups, g.DBID); twice {
			im.note(Info, "place group %s is left out: agent group %s has its DBID", g, a)
			continue
		}
		im.Groups = append(im.Groups, g)
	}
}

func (im *importer) campaign(what string, o raw) {
	x := im.object(what, o, true)
	if tenant := im.tenantOf(x, o); x.ok {
		im.Campaigns = append(im.Campaigns, Campaign{x.id, x.name, tenant, x.disabled})
	}
}

func (im *importer) campaignGroup(what string, o raw) {
	x := im.object(what, o, false)
	if !x.ok {
		return
	}
	campaign, ok := im.needID(&x, o, "campaignDBID")
	group, also := im.needID(&x, o, "groupDBID")
	servers := im.ids(x, o.get("serverDBIDs"), "serverDBIDs", "CfgServer", "serverDBID")
	if ok && also {
		im.CampaignGroups = append(im.CampaignGroups, CampaignGroup{Campaign: campaign, Group: group, Disabled: x.disabled})
		im.servers = append(im.servers, servers)
	}
}

// references checks the references of campaign groups after everything is read. It drops
// groups with unknown objects. The OCS is the one OCS among a group's servers, if there
// is exactly one; a pair is one.
func (im *importer) references() {
	im.index()
	pairs := im.Pairs()
	var known []CampaignGroup
	for i, g := range im.CampaignGroups {
		_, campaign := im.Campaign(g.Campaign)
		_, group := im.Group(g.Group)
		if !campaign || !group {
			continue
		}
		for _, id := range im.servers[i] {
			if a, _ := im.Application(id); a.Type != confdb.OutboundContactServer {
				continue
			}
			if primary, is := pairs.Primary[id]; is {
				id = primary
			}
			if g.OCS != 0 && g.OCS != id {
				g.OCS = 0
				break
			}
			g.OCS = id
		}
		known = append(known, g)
	}
	if n := len(im.CampaignGroups) - len(known); n > 0 {
		im.note(Warning, "%s left out, as their campaign or group is not in the export", count(n, "campaign group"))
	}
	im.CampaignGroups = known
}
