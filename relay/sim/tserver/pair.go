package tserver

import (
	"errors"
	"fmt"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver/tlink"
)

// A pair has at most one primary: a server becomes the primary only by the unlock
// of another one that has just ceased to be it.

// Pair makes two running servers a pair that can change places: primary, and
// backup, which was started with Options.Backup. A server whose partner was
// closed may get a new one.
func Pair(primary, backup *Server) error {
	if primary == backup {
		return errors.New("sim/tserver: a pair is of two T-Servers; start another one with Options.Backup")
	}
	if err := primary.join(backup, false); err != nil {
		return err
	}
	if err := backup.join(primary, true); err != nil {
		primary.mu.Lock()
		primary.peer = nil
		primary.mu.Unlock()
		return err
	}
	return nil
}

func (s *Server) join(peer *Server, asBackup bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed():
		return s.errClosed()
	case s.peer != nil && !s.peer.closed():
		return fmt.Errorf("sim/tserver: T-Server at %s is one of a pair already; close the other one first", s.Addr())
	case asBackup && !s.backup:
		return fmt.Errorf("sim/tserver: T-Server at %s is no backup; start it with Options.Backup", s.Addr())
	case !asBackup && s.backup:
		return fmt.Errorf("sim/tserver: T-Server at %s is a backup; give the primary first", s.Addr())
	}
	s.peer = peer
	return nil
}

// Switchover makes the backup of a pair the primary and the primary the
// backup, whichever of the two it is called for. The clients of the old primary
// are told that it has no link to its switch any more; those of the new one,
// that it has.
func (s *Server) Switchover() error {
	for _, one := range []*Server{s, s.partner()} {
		if one == nil {
			break
		}
		one.mu.Lock()
		wasBackup := one.backup
		err := one.handOver()
		one.unlock()
		if err == nil || !wasBackup {
			return err
		}
	}
	return fmt.Errorf("sim/tserver: no switchover at %s: neither T-Server is the primary of a pair now", s.Addr())
}

func (s *Server) partner() *Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peer
}

// handOver makes the primary a backup, with s.mu held; unlock makes its partner
// the primary.
func (s *Server) handOver() error {
	switch {
	case s.closed():
		return s.errClosed()
	case s.backup:
		return fmt.Errorf("sim/tserver: T-Server at %s is not the primary", s.Addr())
	case s.peer == nil || s.peer.closed():
		return fmt.Errorf("sim/tserver: T-Server at %s has no backup to switch over to", s.Addr())
	}
	s.backup, s.heir = true, s.peer
	s.tell(&tlink.Message{ID: tlink.EventPrimaryChanged})
	s.tell(isBackup())
	s.o.Log.Info("sim T-Server is the backup now", "addr", s.Addr())
	return nil
}

// unlock releases s.mu where handOver may have been called.
func (s *Server) unlock() {
	heir := s.heir
	s.heir = nil
	s.mu.Unlock()
	if heir != nil && !heir.promote() {
		s.promote() // the backup was closed meanwhile
	}
}

// promote makes the server the primary, unless it is closed.
func (s *Server) promote() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed() {
		return false
	}
	s.backup = false
	if !s.linkDown {
		s.tell(&tlink.Message{ID: tlink.EventLinkConnected})
	}
	s.o.Log.Info("sim T-Server is the primary now", "addr", s.Addr())
	return true
}

func (s *Server) errClosed() error {
	return fmt.Errorf("sim/tserver: T-Server at %s is closed", s.Addr())
}

// isBackup is what the clients of a backup are told.
func isBackup() *tlink.Message {
	return &tlink.Message{ID: tlink.EventLinkDisconnected, Attributes: tkvlist.List{
		{Key: tlink.AttributeErrorMessage, Value: tkvlist.String("backup")},
	}}
}
