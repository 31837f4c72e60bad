package policy

import (
	"slices"
	"sync"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/directory"
)

// mostTold is how many directories are kept for those with the same rights. Where
// there are more different rights, the rest is worked out for each session.
const mostTold = 256

// told keeps what people with the same rights see: many sessions have few
// different rights, and a reload tells all of them.
type told struct {
	mu  sync.RWMutex
	all []seen
}

type seen struct {
	grant     *auth.Grant
	directory frame.Directory
}

func (t *told) find(g *auth.Grant) (frame.Directory, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for i := range t.all {
		if t.all[i].grant.Same(g) {
			return t.all[i].directory, true
		}
	}
	return frame.Directory{}, false
}

// keep may keep the same twice, where two goroutines work it out at once.
func (t *told) keep(g *auth.Grant, d frame.Directory) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) < mostTold {
		t.all = append(t.all, seen{g, d})
	}
}

// Directory gives the names that somebody may see. Others share it: it is read
// only.
func (v *View) Directory(g *auth.Grant) frame.Directory {
	if v.dir == nil {
		return frame.Directory{}
	}
	if d, ok := v.told.find(g); ok {
		return d
	}
	d := v.dir.Frame(func(kind directory.Kind, o, tenant frame.Named) bool {
		about := auth.Object{Tenant: auth.Named(tenant)}
		if kind == directory.KindCampaign {
			about.Campaign = auth.Named(o)
		} else {
			about.Group = auth.Named(o)
		}
		return g.Sees(about)
	})
	v.narrow(g, &d)
	v.told.keep(g, d)
	return d
}

// narrow leaves campaign groups that somebody may see as a whole, and, where that
// is not all there is, the groups of these alone: a rule that lists campaigns says
// nothing of groups.
func (v *View) narrow(g *auth.Grant, d *frame.Directory) {
	mine := make(map[commdn.DBID]bool)
	d.CampaignGroups = slices.DeleteFunc(d.CampaignGroups, func(of frame.CampaignGroup) bool {
		sees := g.Sees(v.object(commdn.CampaignGroup{Campaign: of.Campaign, Group: of.Group}))
		if sees {
			mine[of.Group] = true
		}
		return !sees
	})
	if g.SeesAll() || len(v.dir.CampaignGroups) == 0 {
		return
	}
	d.Groups = slices.DeleteFunc(d.Groups, func(o frame.Named) bool { return !mine[o.DBID] })
}
