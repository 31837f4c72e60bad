package confdb

import (
	"fmt"
	"slices"

	"commdn/protocol/commdn"
)

// Serving says whether an application is an OCS that is enabled.
func (a Application) Serving() bool { return a.Type == OutboundContactServer && !a.Disabled }

// Servers gives every OCS that is enabled.
func (d *DB) Servers() []Application {
	var all []Application
	for _, a := range d.Applications {
		if a.Serving() {
			all = append(all, a)
		}
	}
	return all
}

// Connected says whether the Connections of two applications let the first, an
// OCS, accept requests of the second: a third-party server that is in the OCS's
// Connections, or a third-party application that has the OCS in its own. OCS
// disregards all others. ("OCS and API Requests")
func Connected(ocs, client Application) bool {
	if ocs.Type != OutboundContactServer {
		return false
	}
	switch client.Type {
	case ThirdPartyServer:
		return slices.Contains(ocs.Connections, client.DBID)
	case ThirdPartyApplication:
		return slices.Contains(client.Connections, ocs.DBID)
	}
	return false
}

// Serves is Connected for applications that are both enabled.
func Serves(ocs, client Application) bool {
	return !ocs.Disabled && !client.Disabled && Connected(ocs, client)
}

// Option gives the value of outbound_contact_server that an OCS sees; nil is
// undefined.
func (c CommDN) Option(ocs Application) *bool {
	if v, ok := c.Sections[ocs.Name]; ok {
		return &v
	}
	return c.OutboundContactServer
}

// Monitored gives the CommDNs that an OCS works with. An application that is no
// OCS, or is disabled, has none.
func (d *DB) Monitored(ocs Application) []CommDN {
	if !ocs.Serving() {
		return nil
	}
	var all []CommDN
	monitors := d.Monitor(ocs)
	for _, dn := range d.CommDNs {
		if is, _ := monitors(dn); is {
			all = append(all, dn)
		}
	}
	return all
}

// Monitor gives a function that says whether an OCS works with a CommDN, and
// why or why not. Of the CommDNs that are enabled and of its tenants, OCS works
// with those that have outbound_contact_server true; where none has, with all
// that do not have it false. ("Special OCS Option")
func (d *DB) Monitor(ocs Application) func(CommDN) (bool, string) {
	chosen := slices.IndexFunc(d.CommDNs, func(dn CommDN) bool {
		option := dn.Option(ocs)
		return option != nil && *option && !dn.Disabled && d.WorksFor(ocs, dn.Tenant)
	})
	return func(dn CommDN) (bool, string) {
		option := dn.Option(ocs)
		switch {
		case dn.Disabled:
			return false, "it is disabled"
		case !d.WorksFor(ocs, dn.Tenant):
			return false, fmt.Sprintf("it is of tenant %s, which %s does not work for", d.TenantText(dn.Tenant), ocs)
		case option != nil && *option:
			return true, "it has outbound_contact_server true"
		case option != nil:
			return false, "it has outbound_contact_server false"
		case chosen >= 0:
			return false, fmt.Sprintf("%s has outbound_contact_server true, and it has not", d.CommDNText(d.CommDNs[chosen]))
		}
		return true, "outbound_contact_server is undefined, and true for none"
	}
}

// WorksFor says whether an OCS works for the tenant that an object names.
func (d *DB) WorksFor(ocs Application, tenant commdn.DBID) bool {
	return len(ocs.Tenants) == 0 || slices.Contains(ocs.Tenants, d.TenantOf(tenant))
}

// TenantOf gives the tenant that an object means: the first one where it names
// none.
func (d *DB) TenantOf(id commdn.DBID) commdn.DBID {
	switch {
	case id != 0:
		return id
	case len(d.Tenants) > 0:
		return d.Tenants[0].DBID
	}
	return DefaultTenant
}

// TenantText gives name and DBID of the tenant that an object means, or the DBID
// alone.
func (d *DB) TenantText(id commdn.DBID) string {
	id = d.TenantOf(id)
	if i := slices.IndexFunc(d.Tenants, func(t Tenant) bool { return t.DBID == id }); i >= 0 {
		return d.Tenants[i].String()
	}
	return fmt.Sprint(id)
}
