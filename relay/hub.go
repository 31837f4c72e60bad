package relay

import (
	"context"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
)

// notify posts an event about a campaign and tells the sessions that watch and
// may see it; it is encoded once for all of them.
func (srv *Server) notify(s *site, event *commdn.CampaignEvent) {
	p, err := srv.board.post(s, event)
	if err != nil {
		srv.log.Error("notification not sent", "error", err)
		return
	}
	srv.metrics.notices.Inc()
	if event.HasStatus {
		srv.history.note(p.key, event.Status)
	}
	key := p.key
	if event.Event != commdn.EvCampaignStatus {
		key = statusKey{} // what was done is news that no later status replaces
	}
	about := srv.settings().at(s, event.CampaignGroup)
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for session := range srv.sessions {
		if session.watches(about) {
			srv.metrics.fanOut.Inc()
			session.queue(p.message, key)
		}
	}
}

// watch gives a session that asks to watch everything on the board that it may
// see, with what was before where it asks for that. It is done in one step with
// notify, so that nothing is missed between the two, and nothing old comes after
// something new.
func (srv *Server) watch(s *session) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	st := srv.settings()
	if s.recalls() {
		past := srv.history.all(func(k statusKey) bool { return s.watches(st.at(k.site, k.of)) })
		s.parts(historyParts, frame.KindHistory, past.Bodies())
	}
	for _, p := range srv.board.all() {
		if s.watches(st.at(p.site, p.event.CampaignGroup)) {
			s.queue(p.status, p.key)
		}
	}
}

// lose forgets what came over a link that is lost, and tells the sessions that
// were told the history from when on nothing is known.
func (srv *Server) lose(s *site, since int64) {
	srv.board.forget(s)
	gone := srv.history.lost(s, since)
	st := srv.settings()
	about := make([]auth.Object, len(gone.Groups))
	for i, g := range gone.Groups {
		about[i] = st.at(s, commdn.CampaignGroup{Campaign: g.Campaign, Group: g.Group})
	}
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for session := range srv.sessions {
		if !session.recalls() {
			continue
		}
		var seen frame.History
		for i, g := range gone.Groups {
			if session.watches(about[i]) {
				seen.Groups = append(seen.Groups, g)
			}
		}
		for _, body := range seen.Bodies() {
			session.send(frame.Frame{Kind: frame.KindHistory, Body: body})
		}
	}
}

// fromBoard answers the question for the status of a campaign group from the
// board, if OCS has told it not long ago, and says whether it did.
func (srv *Server) fromBoard(s *session, number uint32, sites []*site, req commdn.Request) bool {
	ask, ok := req.(*commdn.GetCampaignStatus)
	if !ok || ask.Campaign == 0 {
		return false
	}
	p := srv.board.find(sites[0], ask.Target, ask.CampaignGroup, srv.opts.StatusAge)
	if p == nil {
		return false
	}
	message, err := frame.AppendData(nil, frame.KindOutcome, number, p.status[frame.HeaderLen:])
	if err != nil {
		return false
	}
	srv.metrics.known(req)
	s.queue(message, statusKey{})
	return true
}

// welcome tells a session how things are.
func (srv *Server) welcome(s *session) {
	srv.join(s)
	s.identity()
	s.directory()
	if srv.draining.Load() { // which may have begun before it joined
		s.leaveIfIdle()
	}
}

// join enters a session and welcomes it, in one step, so that no change of a
// link falls between the two.
func (srv *Server) join(s *session) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.sessions[s] = struct{}{}
	s.adopt(srv.settings()) // they may have changed since its hello
	srv.metrics.opened.Inc()
	srv.metrics.sessions.Inc()
	s.send(frame.Frame{Kind: frame.KindWelcome, Body: frame.Welcome{
		Relay: srv.opts.Version, Session: s.id,
		Limits: frame.Limits{PingSeconds: int(srv.opts.PingInterval / time.Second), MaxRequests: srv.settings().Limits.Requests},
		OCS:    srv.ocs(), Link: srv.links(),
	}.Body()})
}

func (srv *Server) remove(s *session) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if _, ok := srv.sessions[s]; ok {
		delete(srv.sessions, s)
		srv.metrics.sessions.Dec()
	}
}

// askers is how many questions for a status are under way at a time.
const askers = 8

// askAround asks for the status of every campaign group of the directory that is
// behind a link which has come up, so that the board is complete.
func (srv *Server) askAround(s *site) {
	d := srv.settings().Directory
	if d == nil {
		return
	}
	var wanted []*commdn.GetCampaignStatus
	for _, g := range d.CampaignGroups {
		ocs := g.OCS
		if ocs == 0 && len(s.conf.OCS) == 1 {
			ocs = s.conf.OCS[0]
		}
		if g.Disabled || ocs == 0 || !slices.Contains(srv.behind(ocs), s) {
			continue
		}
		wanted = append(wanted, &commdn.GetCampaignStatus{
			Address: commdn.Address{Origin: s.conf.AppDBID, Target: ocs}, CampaignGroup: g.ID(),
		})
	}
	next := make(chan *commdn.GetCampaignStatus, len(wanted))
	for _, w := range wanted {
		next <- w
	}
	close(next)
	s.askNoMore()
	ctx, cancel := context.WithCancel(srv.ctx)
	s.mu.Lock()
	s.asking = cancel
	s.mu.Unlock()
	srv.mu.Lock() // nothing begins once Close waits
	defer srv.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	for range min(askers, len(wanted)) {
		srv.background.Go(func() {
			for w := range next {
				refusal := s.router.ask(ctx, w, func(commdn.Message, bool) {})
				if ctx.Err() != nil {
					return
				}
				if refusal != nil {
					srv.log.Info("status not known", "campaign_group", w.CampaignGroup.String(), "reason", refusal.Message)
				}
			}
		})
	}
}

// askNoMore ends the questions that are not answered yet.
func (s *site) askNoMore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asking != nil {
		s.asking()
	}
}
