package conn

import (
	"context"
	"errors"
	"math"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/desk"
	"commdn/relay/hub"
	"commdn/relay/internal/loglimit"
	"commdn/relay/policy"
)

// identify finds out whose token it is.
func (c *Conn) identify(token string) error {
	person, err := c.authenticate(token)
	if err != nil {
		return tokenRefused(err)
	}
	if reason := c.seat.SignIn(person.Subject); reason != "" {
		return &frame.CloseError{Code: frame.CloseFull, Reason: reason.String()}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.become(person)
	return nil
}

// refresh takes a new token of the same person. One that cannot be checked now
// changes nothing: the connection ends in its time, if no other one comes.
func (c *Conn) refresh(token string) error {
	person, err := c.authenticate(token)
	switch {
	case unchecked(err):
		return nil
	case err != nil:
		return tokenRefused(err)
	}
	c.mu.Lock()
	if person.Subject != c.person.Subject {
		c.mu.Unlock()
		return &frame.CloseError{Code: frame.CloseTokenRefused, Reason: "a session cannot go over to another person"}
	}
	c.become(person)
	c.mu.Unlock()
	c.identity()
	c.adopt() // another link may be theirs now
	c.inform()
	return nil
}

func (c *Conn) authenticate(token string) (auth.Identity, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.s.o.HelloTimeout)
	defer cancel()
	person, err := c.s.o.Auth.Authenticate(ctx, token)
	if err != nil {
		c.s.o.Metrics.TokenRefused(err)
		c.log.Warn("token refused", "from", c.source.Address(), "error", loglimit.Foreign(err.Error()))
	}
	return person, err
}

// tokenRefused is what a connection ends with whose token is not accepted. A
// token that could not be checked may be good later.
func tokenRefused(err error) error {
	closed := &frame.CloseError{Code: frame.CloseTokenRefused, Reason: short(err.Error())}
	var token *auth.TokenError
	switch {
	case unchecked(err):
		closed.Code = frame.CloseUnchecked
	case errors.As(err, &token) && token.Reason == auth.Expired:
		closed.Code = frame.CloseTokenExpired
	}
	return closed
}

// unchecked says whether an error says nothing about the token itself.
func unchecked(err error) bool {
	var token *auth.TokenError
	return err != nil && (!errors.As(err, &token) || token.Reason == auth.Unavailable)
}

// become takes a person in. It is called with c.mu held.
func (c *Conn) become(person auth.Identity) {
	c.person, c.grant, c.view = person, nil, new(policy.View) // a view that rights has not seen
	c.expire(c.s.o.Settings().Grace)
}

// expire sets the end of the token and the grace. It is called with c.mu held.
func (c *Conn) expire(grace time.Duration) {
	if c.expiry != nil {
		c.expiry.Stop()
		c.expiry = nil
	}
	if !c.person.Expires.IsZero() && c.ctx.Err() == nil {
		c.expiry = time.AfterFunc(time.Until(c.person.Expires.Add(grace)), func() {
			c.quit(&frame.CloseError{Code: frame.CloseTokenExpired})
		})
	}
}

// forget stops the clock of the token once the connection has ended.
func (c *Conn) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expiry != nil {
		c.expiry.Stop()
	}
}

// rights gives what the person may do now. A reload counts from the moment it
// has replaced the settings.
func (c *Conn) rights() *auth.Grant {
	now := c.s.o.Settings().View
	c.mu.Lock()
	person, grant, view := c.person, c.grant, c.view
	c.mu.Unlock()
	if view == now {
		return grant
	}
	grant = now.Grant(person)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.view == view { // nobody was quicker, and it is the same person
		c.grant, c.view = grant, now
	}
	return grant
}

func (c *Conn) actor() desk.Actor {
	grant := c.rights()
	c.mu.Lock()
	defer c.mu.Unlock()
	return desk.Actor{Subject: c.person.Subject, Name: c.person.Name, Grant: grant, Door: "websocket", Session: c.id}
}

// roles gives the names of the person's roles, for counting.
func (c *Conn) roles() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.person.Anonymous() {
		return []string{"everybody"}
	}
	names := make([]string, len(c.person.Roles))
	for i, r := range c.person.Roles {
		names[i] = r.String()
	}
	return names
}

// Welcome tells the client how things are. The hub calls it first of all.
func (c *Conn) Welcome(links hub.Links) {
	now, rights := c.s.o.Settings(), c.rights()
	limits, link := c.limits(now, rights), c.mine(links, now, rights)
	c.telling.Lock()
	c.link = link
	c.telling.Unlock()
	c.mu.Lock()
	c.told, c.links = limits, links
	c.mu.Unlock()
	c.send(frame.Frame{Kind: frame.KindWelcome, Body: frame.Welcome{
		Relay: c.s.o.Version, Session: c.id, Limits: limits, OCS: now.View.OCS(rights), Link: link,
	}.Body()})
	c.identity()
	close(c.welcome)
	c.adopt() // the settings may have changed since the hello
}

func (c *Conn) limits(now *Settings, rights *auth.Grant) frame.Limits {
	return frame.Limits{
		PingSeconds: int(c.s.o.PingInterval / time.Second), MaxRequests: now.Limits.Requests,
		CancelByCustomer: now.View.CancelByCustomer(), Vanity: now.View.Vanity(rights),
		UndoMillis: int(now.Undo / time.Millisecond),
	}
}

// welcomed says whether the client has heard the welcome, before which nothing
// may come.
func (c *Conn) welcomed() bool {
	select {
	case <-c.welcome:
		return true
	default:
		return false
	}
}

// mine gives of the links what the person has to do with.
func (c *Conn) mine(links hub.Links, now *Settings, rights *auth.Grant) frame.Link {
	return links.For(func(name string) bool { return now.View.Reaches(rights, name) })
}

// Links tells the client that the links have changed.
func (c *Conn) Links(links hub.Links) {
	if c.welcomed() {
		c.mu.Lock()
		c.links = links
		c.mu.Unlock()
		c.tellLink()
	}
}

// tellLink tells the client how its links are, where that is not what it heard
// last: a reload or another token may have changed which they are.
func (c *Conn) tellLink() {
	c.telling.Lock()
	defer c.telling.Unlock()
	c.mu.Lock()
	links := c.links
	c.mu.Unlock()
	link := c.mine(links, c.s.o.Settings(), c.rights())
	if link == c.link {
		return
	}
	c.link = link
	c.send(frame.Frame{Kind: frame.KindLink, Body: link.Body()})
}

// adopt takes over the present settings and tells the client what changed for
// it.
func (c *Conn) adopt() {
	now := c.s.o.Settings()
	c.source.Adopt(now.Limits)
	c.out.resize(now.Queue)
	limits := c.limits(now, c.rights())
	c.mu.Lock()
	c.expire(now.Grace)
	changed := c.told != limits
	c.told = limits
	c.mu.Unlock()
	if changed {
		c.send(frame.Frame{Kind: frame.KindLimits, Body: limits.Body()})
	}
}

// inform tells the client what it may know by its present rights: the directory
// and, where it watches, the states of campaign groups and their history.
func (c *Conn) inform() {
	c.tellLink()
	c.directory()
	c.watch()
}

// identity tells the client who it is, and until when.
func (c *Conn) identity() {
	c.mu.Lock()
	person := c.person
	c.mu.Unlock()
	who := frame.Identity{Subject: person.Subject, Name: person.Name}
	for _, role := range person.Roles {
		who.Roles = append(who.Roles, role.String())
	}
	if !person.Expires.IsZero() {
		who.Expires = min(person.Expires.Unix(), math.MaxUint32) // what the frame can hold
	}
	c.send(frame.Frame{Kind: frame.KindIdentity, Body: who.Body()})
}

// directory tells the client the names that it may know. One goes after the
// other, so that the last one has the newest settings.
func (c *Conn) directory() {
	c.telling.Lock()
	defer c.telling.Unlock()
	rights := c.rights()
	c.parts(directoryParts, frame.KindDirectory, c.s.o.Settings().View.Directory(rights).Bodies())
}
