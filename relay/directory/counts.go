package directory

import "reflect"

// Count is the number of objects of a kind.
type Count struct {
	Kind string // as in the YAML key: comm_dns
	N    int
}

// Counts returns the number of objects of each kind, always of the same kinds in the same
// order. A look at them pays: a Configuration Server account without read rights gets
// fewer objects, without an error.
func (d *Directory) Counts() []Count {
	return []Count{
		{"tenants", len(d.Tenants)}, {"applications", len(d.Applications)}, {"comm_dns", len(d.CommDNs)},
		{"groups", len(d.Groups)}, {"campaigns", len(d.Campaigns)}, {"campaign_groups", len(d.CampaignGroups)},
		{"switches", len(d.Switches)},
	}
}

// Equal reports whether two directories hold the same objects in the same order, whatever
// their origin and time.
func (d *Directory) Equal(o *Directory) bool {
	return reflect.DeepEqual(d.Tenants, o.Tenants) && reflect.DeepEqual(d.Applications, o.Applications) &&
		reflect.DeepEqual(d.CommDNs, o.CommDNs) && reflect.DeepEqual(d.Switches, o.Switches) && reflect.DeepEqual(d.Groups, o.Groups) &&
		reflect.DeepEqual(d.Campaigns, o.Campaigns) && reflect.DeepEqual(d.CampaignGroups, o.CampaignGroups) &&
		reflect.DeepEqual(d.notes, o.notes)
}
