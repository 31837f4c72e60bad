package conn

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/internal/loglimit"
)

// Session is what an operator wants to know of one connection.
type Session struct {
	Name     string    `json:"name"` // in the log and on the person's screen
	Subject  string    `json:"subject"`
	Person   string    `json:"person"`
	Roles    []string  `json:"roles"`
	Address  string    `json:"address"`
	Since    time.Time `json:"since"`
	Requests int       `json:"requests"` // whose outcome it has not heard yet
}

// Sessions gives everybody who was let in and does not leave yet, the oldest first.
func (s *Server) Sessions() []Session {
	var all []Session
	for _, m := range s.o.Hub.Members() {
		if c := m.(*Conn); c.ctx.Err() == nil {
			all = append(all, c.session())
		}
	}
	slices.SortFunc(all, func(a, b Session) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(len(a.Name), len(b.Name)), strings.Compare(a.Name, b.Name))
	})
	return all
}

func (c *Conn) session() Session {
	roles := c.roles()
	c.mu.Lock()
	defer c.mu.Unlock()
	return Session{
		Name: c.id, Subject: c.person.Subject, Person: c.person.Name, Roles: roles, Address: c.source.Address(),
		Since: c.started.UTC(), Requests: c.following,
	}
}

// End ends the sessions that which chooses, with 4509: their clients do not come
// back by themselves. It gives those that it ended. A request in flight goes on; its
// outcome is in the log.
func (s *Server) End(which func(Session) bool) []Session {
	var ended []Session
	for _, m := range s.o.Hub.Members() {
		c := m.(*Conn)
		if one := c.session(); c.ctx.Err() == nil && which(one) {
			c.quit(&frame.CloseError{Code: frame.CloseEnded})
			ended = append(ended, one)
		}
	}
	return ended
}

// run gives what the names of sessions begin with, so that those of two runs of a
// relay differ.
func run() string { return strings.ToLower(rand.Text()[:5]) + "-" }

// ending says what a connection ended with. One that ended by itself after a
// silence may have been cut by something in between.
func (c *Conn) ending() []any {
	said := []any{"reason", loglimit.Foreign(context.Cause(c.ctx).Error())}
	code, silence := c.reason().Code, time.Since(time.Unix(0, c.heard.Load()))
	if (code == frame.CloseAbnormal || code == frame.CloseIdle) && silence >= c.s.o.PingInterval/2 {
		said = append(said, "silent_for", silence.Round(time.Second),
			"hint", "a proxy? one in between may close or forget connections that are idle for less than limits.ping_interval")
	}
	return said
}
