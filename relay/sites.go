package relay

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/auth"
	"commdn/relay/tserver"
)

// site is one link to a T-Server, with the OCS behind it.
type site struct {
	conf    Link
	link    *tserver.Link
	router  *router
	tenants []auth.Named // whose requests go here; empty: everybody's

	mu     sync.Mutex
	state  frame.Link
	asking context.CancelFunc // ends the questions of askAround; nil before the first
}

func (s *site) linkState() frame.Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// behind gives the sites that have an OCS; where none is known to have it,
// those whose OCS are not known. With 0 it is all sites.
func (srv *Server) behind(ocs commdn.DBID) []*site {
	if ocs == 0 {
		return srv.sites
	}
	var known, perhaps []*site
	for _, s := range srv.sites {
		switch {
		case slices.Contains(s.conf.OCS, ocs):
			known = append(known, s)
		case len(s.conf.OCS) == 0:
			perhaps = append(perhaps, s)
		}
	}
	if known != nil {
		return known
	}
	return perhaps
}

// of says whether requests of a tenant go here.
func (s *site) of(tenant auth.Named) bool {
	return len(s.tenants) == 0 || slices.ContainsFunc(s.tenants, func(t auth.Named) bool {
		return t.DBID != 0 && t.DBID == tenant.DBID || t.Name != "" && strings.EqualFold(t.Name, tenant.Name)
	})
}

// destinations gives the sites that a request goes to, those of them that the
// person may use it at. A request about a campaign goes to one, where its target
// is written in if there is only one to be meant; one about a number or customer
// goes to all, or to that of its target.
func (srv *Server) destinations(g *auth.Grant, req commdn.Request) ([]*site, *frame.Refusal) {
	st, target, one := srv.settings(), req.Addr().Target, !toSeveral(req)
	if target == 0 && one {
		target = st.ocsOf(req)
	}
	sites := srv.behind(target)
	if len(sites) == 0 {
		return nil, invalid(fmt.Errorf("no OCS with DBID %d is known here; known:%s", target, dbids(srv.ocs())))
	}
	sites, err := srv.permitted(g, req, sites)
	if err != nil {
		return nil, &frame.Refusal{Code: frame.RefusedForbidden, Message: err.Error()}
	}
	if !one {
		return sites, nil
	}
	tenant := st.tenantOf(req)
	if tenant != (auth.Named{}) {
		sites = sitesOf(tenant, sites)
	}
	switch {
	case len(sites) == 0:
		return nil, invalid(fmt.Errorf("the campaign is of tenant %s, and no link to such an OCS is for that tenant", tenant))
	case len(sites) == 1 && target == 0 && len(sites[0].conf.OCS) == 1:
		target = sites[0].conf.OCS[0]
	case len(sites) > 1 && target != 0:
		return nil, invalid(fmt.Errorf("OCS %d is behind several links, and the directory does not say which of them the campaign's tenant has", target))
	}
	req.Addr().Target = target
	if err := commdn.CheckAddress(req); err != nil {
		return nil, invalid(err)
	}
	return sites, nil
}

// sitesOf leaves the sites where requests of a tenant go.
func sitesOf(tenant auth.Named, sites []*site) []*site {
	return slices.DeleteFunc(slices.Clone(sites), func(s *site) bool { return !s.of(tenant) })
}

// permitted leaves the sites where the person may do what is asked; where there
// is none the error says why.
func (srv *Server) permitted(g *auth.Grant, req commdn.Request, sites []*site) ([]*site, error) {
	if g == nil { // nobody authenticates
		return sites, nil
	}
	var may []*site
	var first error
	for _, s := range sites {
		if err := srv.settings().check(g, req, s); err == nil {
			may = append(may, s)
		} else if first == nil {
			first = err
		}
	}
	if may == nil {
		return nil, first
	}
	return may, nil
}

// ask sends a request to its sites and hands the answers on, the last one marked
// as such. Where one of several sites refuses, the refusal comes last.
func (srv *Server) ask(ctx context.Context, sites []*site, req commdn.Request, answer func(m commdn.Message, last bool)) *frame.Refusal {
	if len(sites) == 1 {
		refusal := srv.askOne(ctx, sites[0], req, answer)
		if refusal != nil && len(srv.sites) > 1 {
			refusal.Message = sites[0].conf.Name + ": " + refusal.Message
		}
		return refusal
	}
	var mu sync.Mutex
	open, refusals := len(sites), make([]*frame.Refusal, len(sites))
	var asking sync.WaitGroup
	for i, s := range sites {
		asking.Go(func() {
			refusal := srv.askOne(ctx, s, copyOf(req), func(m commdn.Message, last bool) {
				mu.Lock()
				defer mu.Unlock()
				if last {
					open--
				}
				answer(m, open == 0)
			})
			if refusal != nil {
				mu.Lock()
				defer mu.Unlock()
				refusals[i] = refusal // and open never gets to 0
			}
		})
	}
	asking.Wait()
	var all *frame.Refusal // the first one's code, and what each of them says
	for i, refusal := range refusals {
		if refusal == nil {
			continue
		}
		words := sites[i].conf.Name + ": " + refusal.Message
		if all == nil {
			all = &frame.Refusal{Code: refusal.Code, Message: words}
		} else {
			all.Message += "; " + words
		}
	}
	return all
}

func (srv *Server) askOne(ctx context.Context, s *site, req commdn.Request, answer func(m commdn.Message, last bool)) *frame.Refusal {
	req.Addr().Origin = s.conf.AppDBID
	return s.router.ask(ctx, req, answer)
}

// open opens the link of a site, which connects in the background.
func (srv *Server) open(s *site) (err error) {
	o := s.conf.TServer
	s.router = newRouter(func() *tserver.Link { return s.link }, s.conf.AppDBID, s.conf.OCS, srv.opts.AnswerTimeout, srv.log.With("link", s.conf.Name), func(e *commdn.CampaignEvent) {
		srv.notify(s, e)
	})
	opened := make(chan struct{}) // the link calls back before it is known here
	srv.metrics.linkUp.WithLabelValues(s.conf.Name).Set(0)
	events := srv.metrics.events.WithLabelValues(s.conf.Name)
	o.OnUserEvent = func(l tkvlist.List) {
		<-opened
		events.Inc()
		s.router.userEvent(l)
	}
	o.OnState = func(state tserver.State) {
		<-opened
		srv.linkChanged(s, state)
	}
	if o.Log == nil {
		o.Log = srv.log.With("link", s.conf.Name)
	}
	s.link, err = tserver.Open(o)
	close(opened)
	return err
}

// linkChanged tells every session about the links.
func (srv *Server) linkChanged(s *site, state tserver.State) {
	k := frame.Link{Up: state.Up, Since: state.Since.Unix()}
	if !state.Up && state.Err != nil {
		k.Reason = state.Err.Error()
	}
	before := s.linkState()
	if k == before {
		return // one more attempt failed for the same reason
	}
	if k.Up != before.Up {
		srv.metrics.linkChanges.WithLabelValues(s.conf.Name).Inc()
	}
	up := 0.0
	if k.Up {
		up = 1
		s.router.linkBack()
		defer srv.askAround(s) // once the state is up: a Reload leaves it to this if it sees another one
	} else {
		s.router.linkLost()
		s.askNoMore()
		srv.lose(s, k.Since)
	}
	srv.metrics.linkUp.WithLabelValues(s.conf.Name).Set(up)
	srv.tellLink(s, k)
}

// tellLink sets the state of a link and tells every session, in one step, so
// that no session is told of it twice.
func (srv *Server) tellLink(s *site, k frame.Link) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	s.mu.Lock()
	s.state = k
	s.mu.Unlock()
	links := frame.Frame{Kind: frame.KindLink, Body: srv.links().Body()}
	for session := range srv.sessions {
		session.send(links)
	}
}

// links gives all links as one: up since the last one is, down since the first
// one is.
func (srv *Server) links() frame.Link {
	all := frame.Link{Up: true}
	var reasons []string
	for _, s := range srv.sites {
		k := s.linkState()
		switch {
		case k.Up && all.Up:
			all.Since = max(all.Since, k.Since)
		case !k.Up && all.Up:
			all.Up, all.Since = false, k.Since
		case !k.Up:
			all.Since = min(all.Since, k.Since)
		}
		if k.Up {
			continue
		}
		if len(srv.sites) > 1 {
			k.Reason = s.conf.Name + ": " + k.Reason
		}
		reasons = append(reasons, k.Reason)
	}
	all.Reason = strings.Join(reasons, "; ")
	return all
}

// ocs gives every OCS that is known, in the order of the links.
func (srv *Server) ocs() []commdn.DBID {
	var all []commdn.DBID
	for _, s := range srv.sites {
		all = append(all, s.conf.OCS...)
	}
	return all
}
