package directory

import (
	"fmt"
	"slices"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
)

// Severity says how bad a Finding is.
type Severity uint8

// Error: requests get no answer, or the relay does not know how to send them. Warning:
// probably not what somebody wanted. Info: what Resolve found or chose.
const (
	Info Severity = iota
	Warning
	Error
)

// String returns "error", "warning" or "info".
func (s Severity) String() string { return [...]string{"info", "warning", "error"}[min(s, Error)] }

// Finding is something that an operator should know.
type Finding struct {
	Severity Severity
	Text     string
}

// String returns one line.
func (f Finding) String() string { return f.Severity.String() + ": " + f.Text }

// Use is the configuration of one link. Resolve looks up what is empty.
type Use struct {
	Application string        // name or DBID of the relay's own application
	CommDN      string        // number
	OCS         []commdn.DBID // all that have to answer
	// Backups are the backups of OCS, by the DBID of the primary. Where there is none for
	// one, it has the one of the directory.
	Backups map[commdn.DBID]commdn.DBID
}

// Link is what a relay needs to know for a link.
type Link struct {
	Application Application
	CommDN      CommDN
	// OCS are those that serve the application on the CommDN. Their Backup is that of the
	// link; 0: none.
	OCS []Application
}

// Check returns what is wrong with a use and with the directory.
func (d *Directory) Check(use Use) []Finding {
	_, found := d.Resolve(use)
	return append(found, d.General()...)
}

// Resolve finds what the use leaves open. The link is complete if no finding is an Error;
// otherwise its unknown parts are zero.
func (d *Directory) Resolve(use Use) (Link, []Finding) {
	r := &resolver{Directory: d, pairs: d.Pairs()}
	if !r.application(use) || !r.servers(&use) {
		return r.link, r.found
	}
	r.commDN(use)
	return r.link, r.found
}

type resolver struct {
	*Directory
	pairs confdb.Pairs
	link  Link
	found []Finding
}

func (r *resolver) say(s Severity, format string, args ...any) {
	r.found = append(r.found, Finding{s, fmt.Sprintf(format, args...)})
}

// application finds the relay's own application: that of the use, or the only one that an
// OCS serves.
func (r *resolver) application(use Use) bool {
	if use.Application == "" {
		return r.onlyApplication()
	}
	a, err := r.FindApplication(use.Application)
	switch {
	case err != nil:
		r.say(Error, "%s", err)
	case a.Type != confdb.ThirdPartyServer && a.Type != confdb.ThirdPartyApplication:
		r.say(Error, "application %s is of the type %s; OCS takes requests from a third-party-server or a third-party-application alone", a, a.Type)
	case a.Disabled:
		r.say(Error, "application %s is disabled; enable it", a)
	default:
		r.link.Application = a
		return true
	}
	return false
}

func (r *resolver) onlyApplication() bool {
	var served []Application
	for _, a := range r.Applications {
		if len(r.serversOf(a, r.pairs)) > 0 {
			served = append(served, a)
		}
	}
	switch len(served) {
	case 0:
		r.say(Error, "no application is connected to an OCS: put a third-party-server into the Connections of an OCS, or an OCS into those of a third-party-application")
		return false
	case 1:
		r.say(Info, "application %s is taken: the only one that an OCS serves", served[0])
		r.link.Application = served[0]
		return true
	}
	r.say(Error, "there are %d applications that an OCS serves, so that the relay's own has to be named: %s", len(served), join(served))
	return false
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// remedy says how to connect an application to an OCS.
func (d *Directory) remedy(app Application) string {
	servers := d.Servers()
	if len(servers) == 0 {
		return "there is no OCS that is enabled"
	}
	return remedy(app, servers)
}

func remedy(app Application, servers []Application) string {
	choice := ""
	if len(servers) > 1 {
		choice = "one of "
	}
	if app.Type == confdb.ThirdPartyApplication {
		text := fmt.Sprintf("add %s%s to its Connections", choice, join(servers))
		for _, ocs := range servers {
			if slices.Contains(ocs.Connections, app.DBID) {
				return text + fmt.Sprintf(" (%s has it in its own, which counts for a third-party-server only)", ocs)
			}
		}
		return text
	}
	text := fmt.Sprintf("add it to the Connections of %s%s", choice, join(servers))
	for _, ocs := range servers {
		if slices.Contains(app.Connections, ocs.DBID) {
			return text + fmt.Sprintf(" (it has %s in its own, which counts for a third-party-application only)", ocs)
		}
	}
	return text
}

// General returns what is worth knowing about the directory itself.
func (d *Directory) General() []Finding {
	found := slices.Clone(d.notes)
	disabled := func(kind string, n int, which string) {
		if n > 0 {
			found = append(found, Finding{Info, fmt.Sprintf("disabled and not offered: %s: %s", count(n, kind), which)})
		}
	}
	var campaigns []Campaign
	for _, c := range d.Campaigns {
		if c.Disabled {
			campaigns = append(campaigns, c)
		}
	}
	var groups []Group
	for _, g := range d.Groups {
		if g.Disabled {
			groups = append(groups, g)
		}
	}
	disabled("campaign", len(campaigns), join(campaigns))
	disabled("group", len(groups), join(groups))
	return append(found, d.connections()...)
}

// connections returns what is wrong with the Connections and the backups of applications.
func (d *Directory) connections() (found []Finding) {
	warn := func(format string, args ...any) {
		found = append(found, Finding{Warning, fmt.Sprintf(format, args...)})
	}
	pairs := d.Pairs()
	for _, text := range pairs.Wrong {
		warn("%s", text)
	}
	// The Connections of a backup are those of its primary, which has the finding already.
	backup := func(a Application) bool { return pairs.Primary[a.DBID] != 0 }
	for _, a := range d.Applications {
		for _, id := range a.Connections {
			to, ok := d.Application(id)
			switch {
			case !ok || backup(a) || backup(to):
			case a.Type == confdb.ThirdPartyServer && to.Type == confdb.OutboundContactServer && !confdb.Connected(to, a):
				warn("%s is in the Connections of third-party-server %s, to no effect: put the third-party-server into the Connections of the OCS", to, a)
			case a.Type == confdb.OutboundContactServer && to.Type == confdb.ThirdPartyApplication && !confdb.Connected(a, to):
				warn("third-party-application %s is in the Connections of %s, to no effect: put the OCS into the Connections of the third-party-application", to, a)
			}
		}
	}
	return found
}
