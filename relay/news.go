package relay

import (
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/campaigns"
	"commdn/relay/hub"
	"commdn/relay/lease"
	"commdn/relay/link"
)

// newLink makes a link that tells the other rooms what comes over it.
func (srv *Server) newLink(conf Link) (*link.Link, error) {
	var l *link.Link
	up, sends := false, false // guarded by the link, which tells one state at a time
	srv.metrics.LinkState(conf.Name, false, false)
	srv.unsure[conf.Name] = make(unsure, mostUnsure)
	sender := link.Self
	shared := srv.join(&conf, func() *link.Link { return l })
	if shared != nil {
		sender = link.Nobody
	}
	l, err := link.New(link.Options{
		Name: conf.Name, TServer: conf.TServer, AppDBID: conf.AppDBID, OCS: conf.OCS, Backups: conf.Backups, Charset: conf.Charset, AnswerTimeout: srv.opts.AnswerTimeout, Log: srv.log, Sender: sender,
		OnUserEvent: srv.metrics.UserEvents(conf.Name).Inc, OnWait: srv.metrics.Waits(conf.Name).Inc,
		OnPassedOver: func(reason string) { srv.metrics.PassedOver(conf.Name, reason) },
		OnEvent:      func(e *commdn.CampaignEvent) uint64 { return srv.news(conf.Name, e) },
		OnTServer: func(up bool) {
			srv.metrics.LinkState(conf.Name, up, true)
			if shared != nil {
				shared.Kick()
			}
		},
		OnState: func(k frame.Link) {
			if up && !k.Up {
				srv.lost(conf.Name, k.Since)
			}
			begins := k.Up && !k.Standby && !sends
			up, sends = k.Up, k.Up && !k.Standby
			srv.desk.LinkState(conf.Name, k)
			srv.hub.Links(srv.linkStates())
			if begins {
				l.Resync(srv.set.Load().conn.View.Questions(conf.Name))
			}
		},
	})
	return l, err
}

// news keeps what OCS said about a campaign group, has everybody told, and gives
// the number that it got. Of several relays the one that sends on the link tells.
func (srv *Server) news(link string, e *commdn.CampaignEvent) uint64 {
	s := srv.shared[link]
	if s != nil && s.State().Sender != lease.Self {
		return 0
	}
	srv.unsure[link].note(e)
	u, err := srv.cache.Note(link, e)
	if s != nil {
		s.Publish(e)
	}
	return srv.tell(link, u, err)
}

// tell has everybody told of an update, and gives its number.
func (srv *Server) tell(link string, u *campaigns.Update, err error) uint64 {
	if err != nil {
		srv.log.Error("notification not sent", "link", link, "error", err)
		return 0
	}
	srv.metrics.Notice()
	srv.hub.News(&hub.News{Update: u, About: srv.set.Load().conn.View.At(link, u.Event.CampaignGroup)})
	return u.Seq
}

// lost forgets what came over a link that went down, and has everybody told.
func (srv *Server) lost(link string, since int64) {
	gap := &hub.Gap{}
	gap.Past, gap.Seq = srv.cache.Lost(link, since)
	view := srv.set.Load().conn.View
	for _, p := range gap.Past {
		gap.About = append(gap.About, view.At(link, p.Key.CampaignGroup))
	}
	srv.hub.Gap(gap)
}
