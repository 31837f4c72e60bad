package relay

import (
	"context"
	"math"
	"time"

	"golang.org/x/time/rate"

	"commdn/protocol/frame"
	"commdn/relay/auth"
)

// identify finds out whose token it is.
func (s *session) identify(token string) error {
	person, err := s.authenticate(token)
	if err != nil {
		return tokenRefused(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.person, s.open = person, s.srv.opts.Auth == nil
	s.settle()
	return nil
}

// refresh takes a new token of the same person. One that cannot be checked now
// changes nothing: the session ends in its time, if no other one comes.
func (s *session) refresh(token string) error {
	person, err := s.authenticate(token)
	switch {
	case unchecked(err):
		return nil
	case err != nil:
		return tokenRefused(err)
	}
	s.mu.Lock()
	if person.Subject != s.person.Subject {
		s.mu.Unlock()
		return &frame.CloseError{Code: frame.CloseTokenRefused, Reason: "a session cannot go over to another person"}
	}
	s.person = person
	s.settle()
	s.mu.Unlock()
	s.identity()
	s.tell()
	return nil
}

func (s *session) authenticate(token string) (auth.Identity, error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.srv.opts.HelloTimeout)
	defer cancel()
	person, err := s.srv.authenticate(ctx, token)
	if err != nil {
		s.srv.metrics.tokenRefused(err)
		s.log.Warn("token refused", "from", s.from, "error", err)
	}
	return person, err
}

// settle gives the person the rights, and their token the time, that the
// settings have for them. It is called with s.mu held, so that nothing stays
// that a Reload has just replaced.
func (s *session) settle() {
	st := s.srv.settings()
	if !s.open {
		s.grant = st.Policy.Grant(s.person)
	}
	if s.expiry != nil {
		s.expiry.Stop()
		s.expiry = nil
	}
	if !s.person.Expires.IsZero() && s.ctx.Err() == nil {
		s.expiry = time.AfterFunc(time.Until(s.person.Expires.Add(st.Grace)), func() {
			s.quit(&frame.CloseError{Code: frame.CloseTokenExpired})
		})
	}
}

func (s *session) rights() *auth.Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grant
}

// roles gives the names of the person's roles, for counting.
func (s *session) roles() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		return []string{"everybody"}
	}
	names := make([]string, len(s.person.Roles))
	for i, r := range s.person.Roles {
		names[i] = r.String()
	}
	return names
}

// unsettle is called when the session has ended.
func (s *session) unsettle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.expiry != nil {
		s.expiry.Stop()
	}
}

// adopt gives the person the rights, and the session the limits, that new
// settings have for them.
func (s *session) adopt(st *settings) {
	s.rate.SetLimit(rate.Limit(st.Limits.Rate))
	s.rate.SetBurst(st.Limits.Burst)
	s.out.resize(st.Limits.Queue)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
}

// tell tells the client what it may know by its present rights: the directory,
// and where it watches, the states of campaign groups and their history.
func (s *session) tell() {
	s.directory()
	s.mu.Lock()
	watching := s.subscribed.On
	s.mu.Unlock()
	if watching {
		s.srv.watch(s)
	}
}

// identity tells the client who it is, and until when.
func (s *session) identity() {
	s.mu.Lock()
	person := s.person
	if s.open {
		person.Roles = auth.Roles()
	}
	s.mu.Unlock()
	who := frame.Identity{Name: person.Name}
	for _, role := range person.Roles {
		who.Roles = append(who.Roles, role.String())
	}
	if !person.Expires.IsZero() {
		who.Expires = min(person.Expires.Unix(), math.MaxUint32) // what the frame can hold
	}
	s.send(frame.Frame{Kind: frame.KindIdentity, Body: who.Body()})
}

// directory tells the client the names that it may know. One goes after the
// other, so that the last one has the newest settings.
func (s *session) directory() {
	s.telling.Lock()
	defer s.telling.Unlock()
	s.parts(directoryParts, frame.KindDirectory, s.srv.settings().frame(s.rights()).Bodies())
}
