package directory

import (
	"fmt"
	"slices"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
)

// serversOf returns every OCS that serves an application. A pair is its primary.
func (d *Directory) serversOf(a Application, pairs confdb.Pairs) []Application {
	var all []Application
	for _, ocs := range d.Servers() {
		if confdb.Serves(ocs, a) {
			all = append(all, ocs)
		}
	}
	serve := slices.Clone(all)
	return slices.DeleteFunc(all, func(ocs Application) bool {
		return slices.ContainsFunc(serve, func(o Application) bool { return o.DBID == pairs.Primary[ocs.DBID] })
	})
}

// servers finds every OCS that answers the application, with its backup.
func (r *resolver) servers(use *Use) bool {
	app := r.link.Application
	serve := r.serversOf(app, r.pairs)
	for _, a := range r.Applications {
		backup := slices.ContainsFunc(r.Applications, func(o Application) bool { return o.Serving() && o.Backup == a.DBID })
		if a.Disabled && !backup && confdb.Connected(a, app) {
			r.say(Warning, "%s is connected to application %s, but disabled: it does not answer", a, app)
		}
	}
	if len(serve) == 0 {
		r.say(Error, "application %s is connected to no OCS: every request would be met with silence; %s", app, r.remedy(app))
		return false
	}
	if len(use.OCS) == 0 {
		r.link.OCS = serve
		for i, ocs := range serve {
			serve[i].Backup = r.pairs.Backup[ocs.DBID]
		}
		return true
	}
	r.primaries(use)
	ok := r.named(*use)
	for _, ocs := range serve {
		backup := slices.ContainsFunc(r.link.OCS, func(o Application) bool { return o.Backup == ocs.DBID })
		if !backup && !slices.Contains(use.OCS, ocs.DBID) {
			r.say(Warning, "%s serves application %s too, but is not among the OCS of the link: answers of it would be passed over", r.pair(ocs, r.pairs.Backup[ocs.DBID]), app)
		}
	}
	if !ok {
		r.link.OCS = nil
	}
	return ok
}

// primaries puts the primary in the place of a backup that the use names as an OCS.
func (r *resolver) primaries(use *Use) {
	var all []commdn.DBID
	for _, id := range use.OCS {
		primary, is := r.pairs.Primary[id]
		if backup := use.Backups[primary]; !is || backup != 0 && backup != id {
			all = append(all, id)
			continue
		}
		r.say(Warning, "OCS %s of the link is the backup of %s: the link takes the two for a pair", r.ApplicationText(id), r.ApplicationText(primary))
		if !slices.Contains(use.OCS, primary) {
			all = append(all, primary)
		}
	}
	use.OCS = all
}

// named looks at the OCS of the use, each with the backup of the use, or else that of the
// directory.
func (r *resolver) named(use Use) bool {
	app, ok := r.link.Application, true
	for _, id := range use.OCS {
		ocs, there := r.Application(id)
		switch {
		case !there:
			r.say(Error, "there is no application %d, which should be an OCS; there are %s", id, orNone(join(r.Servers())))
		case ocs.Type != confdb.OutboundContactServer:
			r.say(Error, "application %s is no OCS but of the type %s; there are %s", ocs, ocs.Type, orNone(join(r.Servers())))
		case ocs.Disabled:
			r.say(Error, "%s is disabled, so that requests to it would be met with silence", ocs)
		case !confdb.Connected(ocs, app):
			r.say(Error, "application %s is not connected to %s, which would meet every request with silence; %s", app, ocs, remedy(app, []Application{ocs}))
		default:
			ocs.Backup = r.backup(ocs, use)
			r.link.OCS = append(r.link.OCS, ocs)
			continue
		}
		ok = false
	}
	return ok
}

// backup returns that of an OCS of the use; 0: none.
func (r *resolver) backup(ocs Application, use Use) commdn.DBID {
	known, given := r.pairs.Backup[ocs.DBID], use.Backups[ocs.DBID]
	switch {
	case given == 0:
		for _, other := range use.Backups {
			if other == known {
				return 0 // the use has given it to another one
			}
		}
		return known
	case known != 0 && known != given:
		r.say(Warning, "%s has the backup %s, and the link says %s: the link counts, and answers of the former would be passed over",
			ocs, r.ApplicationText(known), r.ApplicationText(given))
	}
	return given
}

// pair names an OCS with its backup; 0: it has none.
func (d *Directory) pair(ocs Application, backup commdn.DBID) string {
	if backup == 0 {
		return ocs.String()
	}
	return fmt.Sprintf("%s with its backup %s", ocs, d.ApplicationText(backup))
}

// servedBy says which OCS answer on the CommDN, where there is more to say than one name.
func (r *resolver) servedBy() {
	words := make([]string, 0, len(r.link.OCS))
	for _, ocs := range r.link.OCS {
		words = append(words, r.pair(ocs, ocs.Backup))
	}
	switch ocs := r.link.OCS; {
	case len(ocs) > 1:
		shown := strings.Join(words[:min(few, len(words))], ", ") + more(len(words))
		r.say(Info, "%d OCS answer on %s: %s; a request to all of them is answered by each", len(ocs), r.link.CommDN, shown)
	case ocs[0].Backup != 0:
		r.say(Info, "%s answers on %s: one of the two at a time", words[0], r.link.CommDN)
	}
}
