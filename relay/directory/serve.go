package directory

import (
	"fmt"
	"slices"

	"commdn/protocol/commdn"
)

// Servers gives every OCS that is enabled.
func (d *Directory) Servers() []Application {
	var all []Application
	for _, a := range d.Applications {
		if a.Type == OutboundContactServer && !a.Disabled {
			all = append(all, a)
		}
	}
	return all
}

// Connected says whether an OCS accepts requests of an application: a
// third-party server that is in its Connections, or a third-party application
// that has it in its own. It disregards all others. Disabled ones are not
// connected. ("OCS and API Requests")
func (d *Directory) Connected(ocs, app commdn.DBID) bool {
	server, ok := d.Application(ocs)
	client, also := d.Application(app)
	return ok && also && !server.Disabled && !client.Disabled && connected(server, client)
}

// connected looks at the Connections alone.
func connected(server, client Application) bool {
	if server.Type != OutboundContactServer {
		return false
	}
	switch client.Type {
	case ThirdPartyServer:
		return slices.Contains(server.Connections, client.DBID)
	case ThirdPartyApplication:
		return slices.Contains(client.Connections, server.DBID)
	}
	return false
}

// Option gives the value of outbound_contact_server that an OCS sees; nil is
// undefined.
func (c CommDN) Option(ocs Application) *bool {
	if v, ok := c.Sections[ocs.Name]; ok {
		return &v
	}
	return c.OutboundContactServer
}

// Monitored gives the CommDNs that an OCS works with: of those that are enabled
// and of its tenants, the ones with outbound_contact_server true if there are
// any, else all but the ones with false. An application that is no OCS, or is
// disabled, has none. ("Special OCS Option")
func (d *Directory) Monitored(ocs commdn.DBID) []CommDN {
	server, ok := d.Application(ocs)
	if !ok || server.Disabled || server.Type != OutboundContactServer {
		return nil
	}
	var undefined, chosen []CommDN
	for _, dn := range d.CommDNs {
		option := dn.Option(server)
		switch {
		case dn.Disabled || !d.worksFor(server, dn.Tenant):
		case option == nil:
			undefined = append(undefined, dn)
		case *option:
			chosen = append(chosen, dn)
		}
	}
	if chosen != nil {
		return chosen
	}
	return undefined
}

// worksFor says whether an OCS works for a tenant.
func (d *Directory) worksFor(ocs Application, tenant commdn.DBID) bool {
	return len(ocs.Tenants) == 0 || slices.Contains(ocs.Tenants, d.TenantOf(tenant))
}

// monitor gives a function that says whether an OCS works with a CommDN, and
// why or why not.
func (d *Directory) monitor(ocs Application) func(CommDN) (bool, string) {
	var chosen *CommDN // for which the option is true
	for _, dn := range d.Monitored(ocs.DBID) {
		if v := dn.Option(ocs); v != nil && *v {
			chosen = &dn
			break
		}
	}
	return func(dn CommDN) (bool, string) {
		option := dn.Option(ocs)
		switch {
		case dn.Disabled:
			return false, "it is disabled"
		case !d.worksFor(ocs, dn.Tenant):
			return false, fmt.Sprintf("it is of tenant %s, which %s does not work for", d.tenantText(dn.Tenant), ocs)
		case option != nil && *option:
			return true, "it has outbound_contact_server true"
		case option != nil:
			return false, "it has outbound_contact_server false"
		case chosen != nil:
			return false, fmt.Sprintf("%s has outbound_contact_server true, and it has not", chosen)
		}
		return true, "outbound_contact_server is undefined, and true for none"
	}
}

func (d *Directory) tenantText(id commdn.DBID) string {
	id = d.TenantOf(id)
	if t, ok := d.Tenant(id); ok {
		return t.String()
	}
	return fmt.Sprint(id)
}
