package tserver

import (
	"fmt"
	"time"

	"commdn/relay/sim/scenario"
)

// garbage is no frame: no length can be that large.
var garbage = []byte{0xff, 0xff, 0xff, 0xff}

// Do makes a fault happen at once, by the machine's time; After and Times do not
// count. The clients that it concerns still get what was sent to them before.
//
//   - Close closes their connections. T-Server does nothing that they ask for
//     after that.
//   - Stall neither reads from them nor writes to them for the time For.
//     Options.Queue still bounds what waits for them.
//   - Garbage sends them bytes that are no message.
//   - Unregister takes away their registration of every DN.
//   - LinkDown is SetLink(false), and SetLink(true) after the time For, unless
//     somebody changes the link before; LinkUp is SetLink(true).
//   - Switchover is Server.Switchover.
//
// The error says why it cannot happen: it is a fault of OCS, no client of that
// application is connected, the server has no backup or is closed.
func (s *Server) Do(f scenario.Fault) error {
	if err := check(f); err != nil {
		return err
	}
	if f.Do == scenario.Switchover {
		return s.Switchover()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.do(f)
}

// check looks at what does not depend on the server's state.
func check(f scenario.Fault) error {
	switch {
	case !f.OfTServer():
		return fmt.Errorf("sim/tserver: fault %q is none of T-Server", f.Do)
	case f.For < 0, f.Do == scenario.Stall && f.For == 0:
		return fmt.Errorf("sim/tserver: fault %s for %s; give a time above 0", f.Do, f.For)
	case f.Application == "":
		return nil
	}
	switch f.Do {
	case scenario.LinkDown, scenario.LinkUp, scenario.Switchover:
		return fmt.Errorf("sim/tserver: fault %s means all clients; leave the application %q away", f.Do, f.Application)
	}
	return nil
}

// doDue makes the faults happen that fall due with a UserEvent. The caller holds
// s.mu and ends with unlock.
func (s *Server) doDue() {
	if s.o.Faults == nil {
		return
	}
	for _, f := range s.o.Faults.UserEvent() {
		err := check(f)
		if err == nil {
			err = s.do(f)
		}
		if err != nil {
			s.o.Log.Warn("sim T-Server: a fault does not happen", "err", err)
		}
	}
}

// do is Do with s.mu held, for a fault that check has passed.
func (s *Server) do(f scenario.Fault) error {
	if s.closed() {
		return s.errClosed()
	}
	s.o.Log.Info("sim T-Server: fault", "do", string(f.Do), "application", f.Application, "for", f.For)
	switch f.Do {
	case scenario.LinkDown:
		s.setLink(false)
		if f.For > 0 {
			s.bringLinkBack(f.For)
		}
		return nil
	case scenario.LinkUp:
		s.setLink(true)
		return nil
	case scenario.Switchover:
		return s.handOver()
	}
	meant := s.meant(f.Application)
	if len(meant) == 0 && f.Application != "" {
		return fmt.Errorf("sim/tserver: fault %s: no client of the application %q is connected", f.Do, f.Application)
	}
	for _, c := range meant {
		switch f.Do {
		case scenario.Close:
			c.leave()
		case scenario.Stall:
			c.stall(f.For)
		case scenario.Garbage:
			c.enqueue(outgoing{frame: garbage})
		case scenario.Unregister:
			for _, dn := range s.o.CommDNs {
				c.unregister(dn)
			}
		}
	}
	return nil
}

// meant gives the clients of an application, or all for an empty one.
func (s *Server) meant(application string) []*client {
	var meant []*client
	for _, c := range s.inOrder() {
		if !c.leaving && (application == "" || c.known && c.application == application) {
			meant = append(meant, c)
		}
	}
	return meant
}

func (s *Server) bringLinkBack(after time.Duration) {
	var timer *time.Timer
	timer = time.AfterFunc(after, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.linkBack == timer { // not stopped while this waited for s.mu
			s.setLink(true)
		}
	})
	s.linkBack = timer
}

// leave closes the connection when what is in the queue has been written.
func (c *client) leave() {
	c.leaving, c.known = true, false
	clear(c.dns)
	c.enqueue(outgoing{hang: true})
}

func (c *client) stall(within time.Duration) {
	if until := time.Now().Add(within); until.After(c.stalledUntil) {
		c.stalledUntil = until
	}
	c.enqueue(outgoing{stall: true})
}
