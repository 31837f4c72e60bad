package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/auth"
)

// Route gives the names of the links that a request goes over, those of them
// where the person may ask it. A request about a campaign goes over one, and its
// target is written in if only one can be meant. One about a number or customer
// goes over all, or over that of its target.
//
// The error is a *auth.DeniedError where the person may not, else one sentence
// about what is wrong with the request.
func (v *View) Route(g *auth.Grant, req commdn.Request) ([]string, error) {
	target, one := req.Addr().Target, !req.Type().AboutPerson()
	links := v.behind(target)
	if target == 0 && one {
		target = v.ocsOf(req)
		links = v.behind(target)
	} else if mine := v.reached(g, links); len(mine) > 0 || len(v.reached(g, v.all)) > 0 {
		links = mine // an OCS that is not for this person is none
	}
	if len(links) == 0 {
		if primary := v.backedUp(g, target); primary != 0 {
			return nil, fmt.Errorf("OCS %d is the backup of %d: ask OCS %d, and whichever of the two is active answers", target, primary, primary)
		}
		return nil, fmt.Errorf("no OCS with DBID %d is known here; known:%s", target, dbids(v.OCS(g)))
	}
	links, err := v.permitted(g, req, links)
	if err != nil {
		return nil, err
	}
	if m, ok := req.(*commdn.CancelRecord); ok && m.Phone == "" {
		links = slices.DeleteFunc(slices.Clone(links), func(l *Link) bool { return !l.CancelByCustomer })
		if len(links) == 0 {
			return nil, m.NeedPhone()
		}
	}
	if one {
		if links, err = v.only(req, target, links); err != nil {
			return nil, err
		}
	}
	names := make([]string, len(links))
	for i, l := range links {
		names[i] = l.Name
	}
	return names, nil
}

// only leaves the one link that a request about a campaign goes over, and writes
// its target in.
func (v *View) only(req commdn.Request, target commdn.DBID, links []*Link) ([]*Link, error) {
	tenant := v.tenantOf(req)
	if tenant != (auth.Named{}) {
		links = slices.DeleteFunc(slices.Clone(links), func(l *Link) bool { return !l.of(tenant) })
	}
	switch {
	case len(links) == 0:
		return nil, fmt.Errorf("the campaign is of tenant %s, and no link to such an OCS is for that tenant", tenant)
	case len(links) == 1 && target == 0 && len(links[0].OCS) == 1:
		target = links[0].OCS[0]
	case target == 0:
		return nil, fmt.Errorf("it is not known which OCS serves this campaign and group; say which OCS%s (on the command line with --ocs)", choice(links))
	case len(links) > 1:
		return nil, fmt.Errorf("OCS %d is behind several links, and the directory does not say which of them the campaign's tenant has", target)
	}
	*req.Addr() = commdn.Address{Origin: links[0].AppDBID, Target: target}
	if err := commdn.CheckAddress(req); err != nil {
		return nil, err
	}
	return links, nil
}

// behind gives the links that have an OCS; where none is known to have it, those
// whose OCS are not known. With 0 it is all links.
func (v *View) behind(ocs commdn.DBID) []*Link {
	if ocs == 0 {
		return v.all
	}
	if known := v.byOCS[ocs]; known != nil {
		return known
	}
	return v.open
}

// permitted leaves the links where the person may do what is asked; where there
// is none the error says why.
func (v *View) permitted(g *auth.Grant, req commdn.Request, links []*Link) ([]*Link, error) {
	var first error
	denied := func(l *Link) bool {
		err := v.check(g, req, l)
		if err != nil && first == nil {
			first = err
		}
		return err != nil
	}
	if !slices.ContainsFunc(links, denied) { // nearly always
		return links, nil
	}
	may := slices.DeleteFunc(slices.Clone(links), denied)
	if len(may) == 0 {
		return nil, first
	}
	return may, nil
}

// check says whether somebody may ask over a link for what a request asks; the
// error is a *auth.DeniedError.
func (v *View) check(g *auth.Grant, req commdn.Request, l *Link) error {
	switch m := req.(type) {
	case *commdn.DoNotCall:
		return eachTenant(l, func(tenant auth.Named) error {
			return g.CheckAs(auth.RightDoNotCall, auth.Object{Tenant: tenant}, auth.Object{})
		})
	case *commdn.CancelRecord:
		said := auth.Object{Campaign: auth.Named{Name: m.Campaign}}
		return eachTenant(l, func(tenant auth.Named) error {
			return g.CheckAs(auth.RightCancel, auth.Object{Tenant: tenant, Campaign: v.campaignNamed(m.Campaign)}, said)
		})
	}
	c, _ := commdn.ControlOf(req)
	of, sequence := c.CampaignGroup, c.Sequence
	right := auth.RightCampaigns
	switch {
	case req.Type() == commdn.ReqGetCampaignStatus:
		right = auth.RightWatch
	case sequence != nil:
		right = auth.RightSequences
	}
	if sequence == nil {
		return g.CheckAs(right, v.asked(l, of), said(of))
	}
	for _, item := range sequence.Items {
		of := commdn.CampaignGroup{Campaign: item.Campaign, Group: of.Group}
		if err := g.CheckAs(right, v.asked(l, of), said(of)); err != nil {
			return err
		}
	}
	return nil
}

// said is what a request about a campaign group says of it.
func said(of commdn.CampaignGroup) auth.Object {
	return auth.Object{Campaign: auth.Named{DBID: of.Campaign}, Group: auth.Named{DBID: of.Group}}
}

// asked is at for a request: a campaign that the directory lacks is of no tenant
// that is known. It is refused like one of another tenant to those whose rules
// name tenants, who would else find out which campaigns there are.
func (v *View) asked(l *Link, of commdn.CampaignGroup) auth.Object {
	o := v.at(l, of)
	if v.dir != nil && len(v.dir.Campaigns) > 0 && of.Campaign != 0 {
		if _, known := v.dir.Campaign(of.Campaign); !known {
			o.Tenant = auth.Named{}
		}
	}
	return o
}

// eachTenant checks a request about a number: nothing says for which of the
// link's tenants it is, so that it must be allowed for all of them.
func eachTenant(l *Link, check func(auth.Named) error) error {
	if len(l.Tenants) == 0 {
		return check(auth.Named{})
	}
	for _, tenant := range l.Tenants {
		if err := check(tenant); err != nil {
			return err
		}
	}
	return nil
}

// ocsOf gives the OCS that serves what a request is about; 0 where that is not
// known.
func (v *View) ocsOf(req commdn.Request) commdn.DBID {
	if v.dir == nil {
		return 0
	}
	return v.dir.ServerOf(first(req))
}

// tenantOf gives whose campaign or group a request is about; the zero value
// where the directory does not tell.
func (v *View) tenantOf(req commdn.Request) auth.Named { return v.object(first(req)).Tenant }

// first gives the campaign group of a request, or of the first item of its
// sequence.
func first(req commdn.Request) commdn.CampaignGroup {
	c, _ := commdn.ControlOf(req)
	if c.Sequence != nil && len(c.Sequence.Items) > 0 {
		c.Campaign = c.Sequence.Items[0].Campaign
	}
	return c.CampaignGroup
}

// Denied says whether an error of Route is about a right.
func Denied(err error) bool {
	var denied *auth.DeniedError
	return errors.As(err, &denied)
}

// choice lists the OCS of some links, as ": 201 or 202"; empty where none is known.
func choice(links []*Link) string {
	var all []string
	for _, l := range links {
		for _, id := range l.OCS {
			if s := strconv.Itoa(int(id)); !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	if last := len(all) - 1; last > 0 {
		all = []string{strings.Join(all[:last], ", "), all[last]}
	}
	if all == nil {
		return ""
	}
	return ": " + strings.Join(all, " or ")
}

// backedUp gives the OCS that another one stands in for, as far as somebody has to do
// with it; 0 where there is none.
func (v *View) backedUp(g *auth.Grant, backup commdn.DBID) commdn.DBID {
	for _, l := range v.reached(g, v.all) {
		for primary, id := range l.Backups {
			if id == backup {
				return primary
			}
		}
	}
	return 0
}

func dbids(ids []commdn.DBID) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, " %d", id)
	}
	return b.String()
}
