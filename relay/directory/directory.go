// Package directory knows the objects of the Configuration Database that the
// relay needs, by name and by DBID: tenants, applications with their
// Connections, Communication DNs, campaigns, groups, and which campaigns are
// configured for which groups. They come from a YAML file, or from an export of
// Configuration Server. README.md explains both.
package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"commdn/protocol/commdn"
)

// Limits of a file, in bytes. The tree of a YAML file takes some seventy times
// its size, and nobody types so much.
const (
	MaxSize     = 64 << 20
	MaxYAMLSize = 4 << 20
)

// Directory is what a file tells. It is read only: any number of goroutines may
// use one. Objects are in the order of the file.
type Directory struct {
	File   string  // where it comes from
	Export *Export // nil for YAML

	Tenants        []Tenant        `yaml:"tenants,omitempty"` // none: one, DefaultTenant
	Applications   []Application   `yaml:"applications,omitempty"`
	CommDNs        []CommDN        `yaml:"comm_dns,omitempty"`
	Groups         []Group         `yaml:"groups,omitempty"`
	Campaigns      []Campaign      `yaml:"campaigns,omitempty"`
	CampaignGroups []CampaignGroup `yaml:"campaign_groups,omitempty"`

	notes []Finding // about the file, for Check

	tenants      index
	applications index
	groups       index
	campaigns    index
	servers      map[commdn.CampaignGroup]commdn.DBID
}

// Export is what an export of Configuration Server says about itself. Any part
// may be empty.
type Export struct {
	Date, Host string
	Version    string // of the tool
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

// AppType is the type of an application.
type AppType string

// The types that matter on a CommDN, with the values of CfgAppType. An export
// holds others too, "type 2" for one.
const (
	OutboundContactServer AppType = "ocs"                     // CFGCMServer, 12
	ThirdPartyApplication AppType = "third-party-application" // CFGThirdPartyApp, 22; it has OCS in its Connections
	ThirdPartyServer      AppType = "third-party-server"      // CFGThirdPartyServer, 23; OCS has it in its own Connections
)

// Application is an application.
type Application struct {
	DBID        commdn.DBID   `yaml:"dbid"`
	Name        string        `yaml:"name"`
	Type        AppType       `yaml:"type"`
	Disabled    bool          `yaml:"disabled,omitempty"`
	Connections []commdn.DBID `yaml:"connections,omitempty"` // of other applications
	Tenants     []commdn.DBID `yaml:"tenants,omitempty"`     // that an OCS works for; none means all
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
	// Sections are its values for one OCS each, by the name of the OCS, which
	// count more. Only an export has them.
	Sections map[string]bool
}

// Group is a group of agents, or of places.
type Group struct {
	DBID     commdn.DBID `yaml:"dbid"`
	Name     string      `yaml:"name"`
	Tenant   commdn.DBID `yaml:"tenant,omitempty"`
	Disabled bool        `yaml:"disabled,omitempty"`
}

// Campaign is a campaign.
type Campaign struct {
	DBID     commdn.DBID `yaml:"dbid"`
	Name     string      `yaml:"name"`
	Tenant   commdn.DBID `yaml:"tenant,omitempty"`
	Disabled bool        `yaml:"disabled,omitempty"`
}

// CampaignGroup is a campaign that is configured for a group.
type CampaignGroup struct {
	Campaign commdn.DBID `yaml:"campaign"`
	Group    commdn.DBID `yaml:"group"`
	OCS      commdn.DBID `yaml:"ocs,omitempty"` // that serves it; 0 is unknown
	Disabled bool        `yaml:"disabled,omitempty"`
}

// ID gives campaign and group.
func (g CampaignGroup) ID() commdn.CampaignGroup {
	return commdn.CampaignGroup{Campaign: g.Campaign, Group: g.Group}
}

// New makes a directory of objects that a program has at hand.
func New(objects Directory) *Directory {
	objects.index()
	return &objects
}

// Load reads a file, of either kind. What is wrong in it are joined
// *strictyaml.Errors, or one error for the whole.
func Load(file string) (*Directory, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	return Parse(file, data)
}

// Parse reads what a file holds; its content says whether it is YAML or an
// export. name is for errors.
func Parse(name string, data []byte) (*Directory, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%s: is too large: at most %d bytes are possible", name, MaxSize)
	}
	read := parseYAML
	if isExport(data) {
		read = parseExport
	}
	d := &Directory{File: name}
	if err := read(d, bytes.TrimPrefix(data, byteOrderMark)); err != nil {
		return nil, err
	}
	d.index()
	return d, nil
}

var byteOrderMark = []byte("\ufeff")

// metadata is the key of what an export says about itself.
const metadata = "__metadata__"

// isExport says whether data is JSON with a key at the top that only an export
// has.
func isExport(data []byte) bool {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, byteOrderMark)))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for d.More() {
		t, err := d.Token()
		key, _ := t.(string)
		var skipped json.RawMessage
		switch {
		case err != nil:
			return false
		case key == metadata || strings.HasPrefix(key, "CFG"):
			return true
		case d.Decode(&skipped) != nil:
			return false
		}
	}
	return false
}
