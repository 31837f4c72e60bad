package relay

import (
	"strconv"
	"strings"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/conn"
	"commdn/relay/hub"
	"commdn/relay/link"
	"commdn/relay/metrics"
	"commdn/relay/web"
)

// Status is what an operator wants to know of a relay that runs.
type Status struct {
	Version        string         `json:"version"`
	Since          time.Time      `json:"since"` // when it was started
	Ready          bool           `json:"ready"`
	NotReady       []string       `json:"not_ready"` // why; empty while it is
	Draining       bool           `json:"draining"`
	Authentication string         `json:"authentication"` // "off", "ready", or why tokens cannot be checked
	Links          []LinkStatus   `json:"links"`
	Sessions       int            `json:"sessions"`
	Roles          map[string]int `json:"sessions_by_role"`      // a session of two roles counts twice; without authentication all are "everybody"
	Requests       int            `json:"requests"`              // in flight
	CampaignGroups int            `json:"campaign_groups_known"` // whose status is known
}

// LinkStatus is the state of one link.
type LinkStatus struct {
	Name    string    `json:"name"`
	Up      bool      `json:"up"`
	Standby bool      `json:"standby"` // up, and another relay sends on it
	Since   time.Time `json:"since"`   // when Up last changed
	Server  string    `json:"server"`  // in use, or the last one tried; empty before the first attempt ended
	Reason  string    `json:"reason"`  // why it is down
	// Connected says whether this relay's own link to T-Server is up, whoever sends.
	Connected bool `json:"connected"`
	// Lease says which of several relays sends; nil: this relay is alone.
	Lease   *Lease        `json:"lease,omitempty"`
	OCS     []commdn.DBID `json:"ocs"`     // empty: not known
	Answers []link.Health `json:"answers"` // how each OCS answers; one of OCS 0 where it is not known which there are
	// Twin is when another sender last used the DBID of this relay's application;
	// zero: never.
	Twin time.Time `json:"twin,omitzero"`
	// Complaints are errors of T-Server that answer no request, such as a bridge's
	// that had to drop an event; nil: none.
	Complaints *link.Complaints `json:"complaints,omitempty"`
}

// Lease is which relay sends on a link.
type Lease struct {
	Holder string `json:"holder"` // its name; empty: none
	Self   bool   `json:"self"`   // it is this relay
	Term   uint64 `json:"term"`   // grows with each holder
}

// Status tells how things are now.
func (srv *Server) Status() Status {
	reasons := srv.notReady()
	st := Status{
		Version: srv.opts.Version, Since: srv.started.UTC(),
		Ready: reasons == nil, NotReady: append([]string{}, reasons...), Draining: srv.draining.Load(),
		Authentication: "ready", Roles: srv.conns.Roles(), Sessions: len(srv.hub.Members()),
		Requests: srv.desk.InFlight(), CampaignGroups: srv.cache.Len(),
	}
	if auth.Off(srv.opts.Auth) {
		st.Authentication = "off"
	} else if err := srv.authReady(); err != nil {
		st.Authentication = err.Error()
	}
	for i, l := range srv.links {
		now := l.State()
		connected, _ := l.Connected()
		st.Links = append(st.Links, LinkStatus{
			Name: l.Name(), Connected: connected, Lease: srv.lease(l.Name()), Up: now.Up, Standby: now.Standby, Since: time.Unix(now.Since, 0).UTC(), Server: l.Server(), Reason: now.Reason,
			OCS: append([]commdn.DBID{}, srv.opts.Links[i].OCS...), Answers: l.Health(), Twin: twin(l), Complaints: complaints(l),
		})
	}
	return st
}

// notReady says why the relay is of no use now; nil: it is ready. A link on
// which another relay sends is of use.
func (srv *Server) notReady() []string {
	var reasons []string
	up := false
	for _, l := range srv.links {
		up = up || l.State().Up
	}
	if !up {
		reasons = append(reasons, "no link to T-Server: "+srv.linkState().Reason)
	}
	if err := srv.authReady(); err != nil {
		reasons = append(reasons, err.Error())
	}
	if err := descriptors(); err != nil {
		reasons = append(reasons, err.Error())
	}
	if srv.draining.Load() {
		reasons = append(reasons, "the relay is shutting down")
	}
	return reasons
}

// ready tells the web room what it answers to /readyz.
func (srv *Server) ready() web.Ready {
	links, reasons := srv.linkState(), srv.notReady()
	is := web.Ready{Ready: reasons == nil, Since: time.Unix(links.Since, 0).UTC(), Reason: strings.Join(reasons, "; ")}
	if !is.Ready {
		return is
	}
	var missing []string
	if !links.Up {
		missing = append(missing, "link down: "+links.Reason)
	}
	for _, l := range srv.links {
		for _, h := range l.Health() {
			if !h.SilentSince.IsZero() {
				missing = append(missing, l.Name()+": "+ocsName(h.OCS)+" "+h.State())
			}
		}
	}
	is.Reason = strings.Join(missing, "; ")
	return is
}

// ocsName names an OCS for people; 0 is whichever there is.
func ocsName(id commdn.DBID) string {
	if id == 0 {
		return "OCS"
	}
	return "OCS " + strconv.Itoa(int(id))
}

func twin(l *link.Link) time.Time {
	_, last := l.Twin()
	return last.UTC()
}

func complaints(l *link.Link) *link.Complaints {
	if c := l.Complaints(); c.Count > 0 {
		return &c
	}
	return nil
}

// authReady says why tokens cannot be checked.
func (srv *Server) authReady() error {
	if a, ok := srv.opts.Auth.(interface{ Ready() error }); ok {
		return a.Ready()
	}
	return nil
}

// linkState gives all links as one.
func (srv *Server) linkState() frame.Link { return srv.linkStates().Together() }

func (srv *Server) linkStates() hub.Links {
	all := make(hub.Links, len(srv.links))
	for i, l := range srv.links {
		all[i] = hub.LinkState{Name: l.Name(), Link: l.State()}
	}
	return all
}

// state gives what the metrics tell of how the relay is.
func (srv *Server) state() metrics.State {
	now := metrics.State{
		Ready: srv.notReady() == nil, Authentication: srv.authReady() == nil, Exhausted: descriptors() != nil, Twins: make(map[string]uint64), Complaints: make(map[string]uint64),
	}
	for _, l := range srv.links {
		now.Twins[l.Name()], _ = l.Twin()
		if is := srv.lease(l.Name()); is != nil {
			now.Leases = append(now.Leases, metrics.Lease{Link: l.Name(), Held: is.Self, Known: is.Holder != "", Term: is.Term})
		}
		now.Complaints[l.Name()] = l.Complaints().Count
		for _, h := range l.Health() {
			o := metrics.OCS{
				Link: l.Name(), OCS: "any", Silent: !h.SilentSince.IsZero(), LastAnswer: h.LastAnswer,
				Asked: h.Asked, Unanswered: h.Unanswered, Median: h.Median,
				Pair: l.Paired(h.OCS), Backup: h.Active != 0 && h.Active != h.OCS, Takeovers: h.Takeovers,
			}
			if h.OCS != 0 {
				o.OCS = strconv.Itoa(int(h.OCS))
			}
			now.OCS = append(now.OCS, o)
		}
	}
	return now
}

// Link gives the link of a name; nil: there is none.
func (srv *Server) Link(name string) *link.Link {
	for _, l := range srv.links {
		if l.Name() == name {
			return l
		}
	}
	return nil
}

// OCSHealth is how one OCS answers.
type OCSHealth = link.Health

// Session is one connection of somebody.
type Session = conn.Session

// Sessions tells who is connected.
func (srv *Server) Sessions() []Session { return srv.conns.Sessions() }

// EndSessions ends the sessions that which chooses, and gives them. Their clients
// do not come back by themselves.
func (srv *Server) EndSessions(which func(Session) bool) []Session {
	return srv.conns.End(which)
}
