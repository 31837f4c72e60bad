package directory

import "reflect"

// Count is how many objects of a kind there are.
type Count struct {
	Kind string // as the key in YAML has it: comm_dns
	N    int
}

// Counts gives how many there are of each kind, always of the same kinds in the
// same order. An account of Configuration Server that may not read something
// gets less without an error, so that they are worth looking at.
func (d *Directory) Counts() []Count {
	return []Count{
		{"tenants", len(d.Tenants)}, {"applications", len(d.Applications)}, {"comm_dns", len(d.CommDNs)},
		{"groups", len(d.Groups)}, {"campaigns", len(d.Campaigns)}, {"campaign_groups", len(d.CampaignGroups)},
	}
}

// Equal says whether two directories hold the same objects in the same order,
// wherever and whenever they were read.
func (d *Directory) Equal(o *Directory) bool {
	return reflect.DeepEqual(d.Tenants, o.Tenants) && reflect.DeepEqual(d.Applications, o.Applications) &&
		reflect.DeepEqual(d.CommDNs, o.CommDNs) && reflect.DeepEqual(d.Groups, o.Groups) &&
		reflect.DeepEqual(d.Campaigns, o.Campaigns) && reflect.DeepEqual(d.CampaignGroups, o.CampaignGroups) &&
		reflect.DeepEqual(d.notes, o.notes)
}
