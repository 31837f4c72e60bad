// Package confdb is the part of Genesys's Configuration Database that decides
// who works with whom on a Communication DN: tenants, applications with their
// Connections, and the CommDNs, with the rules of OCS. The relay's directory
// and the simulator's scenarios both go by it. README.md explains the rules.
package confdb

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"commdn/protocol/commdn"
)

// DB has the objects, in the order of the file that they are from. Its methods
// only read it.
type DB struct {
	Tenants      []Tenant      `yaml:"tenants,omitempty"` // none: one, DefaultTenant
	Applications []Application `yaml:"applications,omitempty"`
	CommDNs      []CommDN      `yaml:"comm_dns,omitempty"`
	// Switches are those of the CommDNs. Only an export has them.
	Switches []Switch
}

// DefaultTenant is the tenant of every object that names none, when there are
// no tenants.
const DefaultTenant commdn.DBID = 1

// Tenant is a tenant.
type Tenant struct {
	DBID     commdn.DBID `yaml:"dbid"`
	Name     string      `yaml:"name"`
	Disabled bool        `yaml:"disabled,omitempty"`
}

// AppType is the type of an application, in the words of the vendor's
// description.
type AppType string

// The types that matter on a CommDN, with the values of CfgAppType. An export
// of Configuration Server holds others too, "type 2" for one.
const (
	OutboundContactServer AppType = "ocs"                     // CFGCMServer, 12
	ThirdPartyServer      AppType = "third-party-server"      // CFGThirdPartyServer, 23; OCS has it in its own Connections
	ThirdPartyApplication AppType = "third-party-application" // CFGThirdPartyApp, 22; it has OCS in its Connections
)

// Application is an application.
type Application struct {
	DBID        commdn.DBID   `yaml:"dbid"`
	Name        string        `yaml:"name"`
	Type        AppType       `yaml:"type"`
	Disabled    bool          `yaml:"disabled,omitempty"`
	Connections []commdn.DBID `yaml:"connections,omitempty"` // of other applications
	Tenants     []commdn.DBID `yaml:"tenants,omitempty"`     // that an OCS works for; none means all
	Backup      commdn.DBID   `yaml:"backup,omitempty"`      // that of an OCS; 0: none. See DB.Pairs
}

// CommDN is a DN of the type Communication DN.
type CommDN struct {
	DBID     commdn.DBID `yaml:"dbid,omitempty"` // 0 where the file has none
	Number   string      `yaml:"number"`
	Tenant   commdn.DBID `yaml:"tenant,omitempty"`
	Disabled bool        `yaml:"disabled,omitempty"`
	// OutboundContactServer is the option outbound_contact_server; nil is
	// undefined.
	OutboundContactServer *bool `yaml:"outbound_contact_server,omitempty"`
	// Switch is the DBID of its switch; 0: unknown. Only an export has it.
	Switch commdn.DBID
	// Sections are its values for one OCS each, by the name of the OCS, which
	// count more. Only an export has them.
	Sections map[string]bool
}

// String gives name and DBID.
func (t Tenant) String() string { return Label(t.Name, t.DBID) }

// String gives name and DBID.
func (a Application) String() string { return Label(a.Name, a.DBID) }

// String gives the number.
func (c CommDN) String() string { return Shown(c.Number) }

// Label gives name and DBID of an object, Spring (12) for one.
func Label(name string, id commdn.DBID) string { return fmt.Sprintf("%s (%d)", Shown(name), id) }

// Shown gives a name, in quotes where it would disturb a line.
func Shown(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}
