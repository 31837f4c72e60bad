package relay

import (
	"context"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/cluster"
	"commdn/relay/desk"
	"commdn/relay/lease"
	"commdn/relay/link"
)

// join shares a link with other relays, and has it ask for the lease before it writes;
// nil: this relay is alone.
func (srv *Server) join(conf *Link, of func() *link.Link) cluster.Shared {
	if srv.opts.Cluster == nil {
		return nil
	}
	name := conf.Name
	s := srv.opts.Cluster.Join(cluster.LinkOptions{
		Name: name, AnswerTimeout: srv.opts.AnswerTimeout,
		Ready: func() bool {
			up, _ := of().Connected()
			return up
		},
		Ask:     func(ctx context.Context, c link.Call) *frame.Refusal { return of().Ask(ctx, c) },
		Changed: func(now lease.State) { srv.sender(of(), now) },
		Note: func(e *commdn.CampaignEvent, at time.Time) {
			u, err := srv.cache.NoteAt(name, e, at)
			srv.tell(name, u, err)
		},
		Gap: func(since time.Time) { srv.lost(name, since.Unix()) },
		Missed: func() {
			srv.shared[name].PublishGap(time.Now())
			of().Resync(srv.set.Load().conn.View.Questions(name))
		},
	})
	conf.TServer.Fence = s.Fence
	if srv.shared == nil {
		srv.shared = make(map[string]cluster.Shared)
	}
	srv.shared[name] = s
	return s
}

// asked gives what the desk asks over a link: the relay that sends on it.
func (srv *Server) asked(l *link.Link) desk.Link {
	s := srv.shared[l.Name()]
	if s == nil {
		return l
	}
	return sharedLink{l, s}
}

// sharedLink is a link on which this relay or another one sends.
type sharedLink struct {
	own    *link.Link
	shared cluster.Shared
}

func (s sharedLink) Ask(ctx context.Context, c link.Call) *frame.Refusal {
	if s.shared.State().Sender == lease.Another {
		return s.shared.Ask(ctx, c)
	}
	return s.own.Ask(ctx, c)
}

// Remember is about this relay's own link, on which it reads what OCS answers.
func (s sharedLink) Remember(req commdn.Request) { s.own.Remember(req) }

// sender takes in who sends on a link. What another relay heard until then may not be
// all: so a new sender asks for everything again.
func (srv *Server) sender(l *link.Link, now lease.State) {
	switch now.Sender {
	case lease.Self:
		srv.lost(l.Name(), time.Now().Add(-now.Idle).Unix())
		l.SetSender(link.Self, "")
	case lease.Another:
		l.SetSender(link.Another, "")
	default:
		l.SetSender(link.Nobody, now.Reason)
	}
}

// leave gives all leases back. It may be called more than once.
func (srv *Server) leave() {
	var leaving sync.WaitGroup
	for _, s := range srv.shared {
		leaving.Go(s.Close)
	}
	leaving.Wait()
}

// lease says which relay sends on a link; nil: this one is alone.
func (srv *Server) lease(name string) *Lease {
	s := srv.shared[name]
	if s == nil {
		return nil
	}
	now := s.State()
	return &Lease{Holder: now.Holder, Self: now.Sender == lease.Self, Term: now.Term}
}
