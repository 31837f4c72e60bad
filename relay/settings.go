package relay

import (
	"fmt"
	"time"

	"commdn/relay/auth"
	"commdn/relay/conn"
	"commdn/relay/desk"
	"commdn/relay/directory"
	"commdn/relay/policy"
	"commdn/relay/web"
)

// Settings are what Server.Reload can change while the relay runs.
type Settings struct {
	Hosts   []string // names that browsers reach the relay by; loopback names are always served
	Origins []string // of pages, see web.ParseOrigins; the relay's own is always allowed
	Parents []string // origins of pages that may have frame.html in a frame, see web.ParseParents; the relay's own always may

	Policy *auth.Policy  // nil: a role alone is enough
	Grace  time.Duration // that a session outlives its token by; 0 is none

	Directory *directory.Directory // names of campaigns, groups and tenants; nil: none are known

	Limits Limits // of what clients can take
}

// settings are Settings, ready for use by the rooms. They never change.
type settings struct {
	web  web.Settings
	conn conn.Settings
}

func newSettings(s Settings, links []Link) (*settings, error) {
	origins, err := web.ParseOrigins(s.Origins)
	if err != nil {
		return nil, err
	}
	parents, err := web.ParseParents(s.Parents)
	if err != nil {
		return nil, err
	}
	if s.Grace < 0 {
		return nil, fmt.Errorf("relay: a grace of %s for tokens is negative", s.Grace)
	}
	limits := s.Limits.withDefaults()
	routes := make([]policy.Link, len(links))
	for i, l := range links {
		routes[i] = policy.Link{Name: l.Name, AppDBID: l.AppDBID, OCS: l.OCS, Backups: l.Backups, Tenants: l.Tenants, CancelByCustomer: l.CancelByCustomer, Vanity: l.Numbers.Vanity()}
	}
	return &settings{
		web: web.Settings{
			Hosts: s.Hosts, Origins: origins, Parents: parents,
			Admission: limits.admission(), HTTP: limits.HTTP,
		},
		conn: conn.Settings{
			View: policy.New(s.Policy, s.Directory, routes), Grace: s.Grace, Queue: limits.Queue, Undo: max(limits.Undo, 0),
			Limits: desk.Limits{Rate: limits.Rate, Burst: limits.Burst, Requests: limits.Requests},
		},
	}, nil
}
