package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/internal/near"
	"commdn/relay/internal/objname"
)

// names are those of campaigns and groups, as the relay tells them.
type names struct{ frame.Directory }

// directory waits for the relay's names.
func (s *session) directory(ctx context.Context) (names, error) {
	ctx, cancel := context.WithTimeout(ctx, s.within)
	defer cancel()
	d, err := s.Directory(ctx)
	if err != nil {
		return names{}, exitOf(s.unconnected(errors.Unwrap(err)))
	}
	return names{d}, nil
}

// nameError says that a name does not lead to one DBID.
type nameError struct {
	what string // campaign or group
	name string
	why  string
}

// Error gives one line.
func (e *nameError) Error() string { return e.what + " " + strconv.Quote(e.name) + " " + e.why }

func (n names) campaign(s string) (commdn.DBID, error) { return find("campaign", s, n.Campaigns) }
func (n names) group(s string) (commdn.DBID, error)    { return find("group", s, n.Groups) }

// campaignGroup resolves CAMPAIGN/GROUP. Names may hold slashes themselves, so
// that every slash is tried.
func (n names) campaignGroup(s string) (commdn.CampaignGroup, error) {
	var found []commdn.CampaignGroup
	var first error
	for i := range len(s) {
		if s[i] != '/' {
			continue
		}
		campaign, err := n.campaign(s[:i])
		group, groupErr := n.group(s[i+1:])
		if err == nil {
			err = groupErr
		}
		if err == nil {
			found = append(found, commdn.CampaignGroup{Campaign: campaign, Group: group})
		} else if first == nil {
			first = err
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return commdn.CampaignGroup{}, &nameError{"campaign and group", s, fmt.Sprintf("may be %s or %s; give DBIDs", found[0], found[1])}
	case first != nil:
		return commdn.CampaignGroup{}, first
	}
	return commdn.CampaignGroup{}, &nameError{"campaign and group", s, "have no slash between them; give CAMPAIGN/GROUP, by name or DBID"}
}

// find gives the DBID of what s refers to: by name or DBID, as objname has it. A
// number that may be either is refused, as the relay need not show every DBID that
// there is.
func find(what, s string, objects []frame.Named) (commdn.DBID, error) {
	ref, ok := objname.Parse(s)
	if !ok {
		return 0, &nameError{what, s, "is no DBID; give dbid: and a number from 1 to 2147483647"}
	}
	var same []frame.Named
	for _, o := range objects {
		if ref.Name != "" && objname.Fold(o.Name) == ref.Name {
			same = append(same, o)
		}
	}
	id := commdn.DBID(ref.DBID)
	switch {
	case id != 0 && (len(same) == 0 || len(same) == 1 && same[0].DBID == id):
		return id, nil
	case id != 0:
		return 0, &nameError{what, s, fmt.Sprintf("may be a DBID, and is the name of %s; write %s%s or %s%s", list(same), objname.DBIDPrefix, s, objname.NamePrefix, s)}
	case len(same) == 1:
		return same[0].DBID, nil
	case len(same) > 1:
		return 0, &nameError{what, s, "is the name of several; give the DBID: " + list(same)}
	case len(objects) == 0:
		return 0, &nameError{what, s, "cannot be looked up: the relay has no directory of names; give the DBID"}
	}
	known := make([]string, len(objects))
	for i, o := range objects {
		known[i] = o.Name
	}
	var like []frame.Named
	for _, name := range near.Names(strings.TrimPrefix(s, objname.NamePrefix), known, 5) {
		for _, o := range objects {
			if o.Name == name {
				like = append(like, o)
			}
		}
	}
	if like == nil {
		return 0, &nameError{what, s, fmt.Sprintf("is not known; the relay knows %d, and none is like it", len(objects))}
	}
	return 0, &nameError{what, s, "is not known; near it: " + list(like)}
}

func list(objects []frame.Named) string {
	words := make([]string, len(objects))
	for i, o := range objects {
		words[i] = fmt.Sprintf("%s (%d)", o.Name, o.DBID)
	}
	return strings.Join(words, ", ")
}

// nameOf gives the name of an object, "" where it is not known.
func nameOf(id commdn.DBID, objects []frame.Named) string {
	for _, o := range objects {
		if o.DBID == id {
			return o.Name
		}
	}
	return ""
}

// text names a campaign group for people, by DBID where names are not known.
func (n names) text(c commdn.CampaignGroup) string {
	campaign := nameOf(c.Campaign, n.Campaigns)
	switch {
	case c.Campaign == 0:
		campaign = "(sequence)"
	case campaign == "":
		campaign = strconv.Itoa(int(c.Campaign))
	}
	group := nameOf(c.Group, n.Groups)
	if group == "" {
		group = strconv.Itoa(int(c.Group))
	}
	return campaign + "/" + group
}
