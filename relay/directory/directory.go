// Package directory knows the objects of the Configuration Database that the relay needs,
// by name and by DBID: tenants, applications with their Connections, Communication DNs,
// campaigns, groups, and which campaigns are configured for which groups. They come from
// a YAML file, or from an export of Configuration Server. README.md explains both.
package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
)

// Limits of a file, in bytes. The tree of a YAML file takes some seventy times its size,
// and nobody types so much.
const (
	MaxSize     = 64 << 20
	MaxYAMLSize = 4 << 20
)

// Directory is the content of a file. It is read-only: any number of goroutines may use
// one. Objects are in the order of the file.
type Directory struct {
	File   string  // its source
	Export *Export // nil for YAML

	confdb.DB      `yaml:",inline"`
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

// Export is an export's information about itself. Any part may be empty.
type Export struct {
	Date, Host string
	Version    string // of the tool
}

// Objects and types of the Configuration Database.
type (
	Tenant      = confdb.Tenant
	Application = confdb.Application
	CommDN      = confdb.CommDN
	Switch      = confdb.Switch
)

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

// CampaignGroup is a campaign configured for a group.
type CampaignGroup struct {
	Campaign commdn.DBID `yaml:"campaign"`
	Group    commdn.DBID `yaml:"group"`
	OCS      commdn.DBID `yaml:"ocs,omitempty"` // the OCS that serves it; 0: unknown
	Disabled bool        `yaml:"disabled,omitempty"`
}

// ID returns campaign and group.
func (g CampaignGroup) ID() commdn.CampaignGroup {
	return commdn.CampaignGroup{Campaign: g.Campaign, Group: g.Group}
}

// New makes a directory from a program's own objects.
func New(objects Directory) *Directory {
	objects.index()
	return &objects
}

// Load reads a file in UTF-8, of either kind. What is wrong in it are joined
// *strictyaml.Errors, or one error for the whole.
func Load(file string) (*Directory, error) { return LoadIn(file, "") }

// LoadIn does the same with a file in another encoding, which has its name in the
// WHATWG list: windows-1252 for one.
func LoadIn(file, encoding string) (*Directory, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	if info.Size() > MaxSize {
		return nil, tooLarge(file)
	}
	var data bytes.Buffer
	data.Grow(int(info.Size()) + bytes.MinRead) // a pipe has no size, and grows
	if _, err := data.ReadFrom(io.LimitReader(f, MaxSize+1)); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	return parseIn(file, data.Bytes(), encoding)
}

func tooLarge(name string) error {
	return fmt.Errorf("%s: is too large: at most %d bytes are possible", name, MaxSize)
}

// Parse reads what a file in UTF-8 holds; its content says whether it is YAML or
// an export. name is for errors.
func Parse(name string, data []byte) (*Directory, error) { return parseIn(name, data, "") }

func parseIn(name string, data []byte, encoding string) (*Directory, error) {
	if len(data) > MaxSize {
		return nil, tooLarge(name)
	}
	data, err := decode(name, data, encoding)
	if err != nil {
		return nil, err
	}
	read := parseYAML
	if isExport(data) {
		read = parseExport
	}
	d := &Directory{File: name}
	if err := read(d, data); err != nil {
		return nil, err
	}
	d.index()
	return d, nil
}

// metadata is the key of what an export says about itself.
const metadata = "__metadata__"

// isExport reports whether data is JSON with a top-level key that only an export has.
func isExport(data []byte) bool {
	d := json.NewDecoder(bytes.NewReader(data))
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
