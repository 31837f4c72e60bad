// Package tserver is a simulated T-Server: it registers clients on
// Communication DNs and distributes UserEvents among them, in the framing of
// relay/tserver/tlink over TCP. It looks into no UserEvent; what OCS does with
// them is package ocs. README.md of package sim says which of its rules are
// documented and which inferred.
package tserver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/internal/dial"
	"commdn/relay/sim/faults"
	"commdn/relay/tserver/tlink"
)

// Defaults of Options.
const (
	DefaultAddr         = "127.0.0.1:0"
	DefaultQueue        = 1024
	DefaultWriteTimeout = 5 * time.Second
)

// Options say what a Server is.
type Options struct {
	// Addr is host:port or unix:/path to listen on; empty is DefaultAddr, any
	// free port of the loopback.
	Addr    string
	TLS     *tls.Config // of the server, with the rules for clients; nil: none
	CommDNs []string    // the DNs that are configured; at least one
	// MaxUserData is the most bytes of packed user data that a UserEvent may
	// have, up to tkvlist.MaxBytes. Zero means tkvlist.DefaultMaxBytes.
	MaxUserData int
	// Queue is how many messages may wait for a client that reads slowly; one
	// more and its connection is closed. Zero means DefaultQueue.
	Queue int
	// WriteTimeout is how long a write to a client may block before its
	// connection is closed. Zero means DefaultWriteTimeout.
	WriteTimeout time.Duration
	// Backup makes a server that starts as the backup of a pair, see Pair.
	Backup bool
	// Faults say what is to go wrong as UserEvents are distributed: each happens
	// right after the UserEvent that it falls due with was queued for the
	// clients, before anything else is. nil: nothing does. See Do.
	Faults *faults.Set
	// Now is the clock of what the server reports, Event.Time and
	// ClientState.Since; it must not call the server. nil means time.Now.
	Now func() time.Time
	Log *slog.Logger // nil: no log
}

// maxDN is the most bytes of a DN, so that an event with it always fits.
const maxDN = 255

func (o *Options) complete() error {
	if len(o.CommDNs) == 0 || slices.ContainsFunc(o.CommDNs, func(dn string) bool { return dn == "" || len(dn) > maxDN }) {
		return fmt.Errorf("sim/tserver: option CommDNs needs at least one DN, each of 1 to %d bytes", maxDN)
	}
	if o.MaxUserData < 0 || o.MaxUserData > tkvlist.MaxBytes {
		return fmt.Errorf("sim/tserver: option MaxUserData is %d; give 1 to %d bytes", o.MaxUserData, tkvlist.MaxBytes)
	}
	if o.Queue < 0 || o.WriteTimeout < 0 {
		return errors.New("sim/tserver: option Queue or WriteTimeout is negative")
	}
	o.CommDNs = slices.Clone(o.CommDNs)
	if o.Addr == "" {
		o.Addr = DefaultAddr
	}
	if o.MaxUserData == 0 {
		o.MaxUserData = tkvlist.DefaultMaxBytes
	}
	if o.Queue == 0 {
		o.Queue = DefaultQueue
	}
	if o.WriteTimeout == 0 {
		o.WriteTimeout = DefaultWriteTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Server is a running T-Server. Its methods may be called by several
// goroutines and do not block on clients.
type Server struct {
	o         Options
	addr      string
	listener  net.Listener
	closing   chan struct{}
	closeOnce sync.Once
	wg        sync.WaitGroup

	mu       sync.Mutex // also keeps the order of events the same for all clients
	backup   bool
	peer     *Server     // the other of the pair; nil: none
	heir     *Server     // whom unlock has to promote
	linkDown bool        // the link to the switch, see SetLink
	linkBack *time.Timer // brings it back; nil: nothing does
	accepted int         // clients so far
	clients  map[*client]struct{}
	taps     map[*tap]struct{} // nil once closed
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	listener, err := net.Listen(dial.Split(o.Addr))
	if err != nil {
		return nil, fmt.Errorf("sim/tserver: %w", err)
	}
	addr := listener.Addr().String()
	if listener.Addr().Network() == "unix" {
		addr = o.Addr
	}
	if o.TLS != nil {
		listener = tls.NewListener(listener, o.TLS)
	}
	s := &Server{
		o: o, addr: addr, listener: listener, closing: make(chan struct{}), backup: o.Backup,
		clients: make(map[*client]struct{}), taps: make(map[*tap]struct{}),
	}
	s.wg.Go(s.accept)
	return s, nil
}

// Addr gives the address to connect to, with the port that was chosen.
func (s *Server) Addr() string { return s.addr }

// Close ends all connections and subscriptions and returns when nothing of the
// server runs any more. The other of a pair is the primary then. It may be
// called more than once.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		close(s.closing)
		s.listener.Close()
		s.mu.Lock()
		for c := range s.clients {
			c.end(errShutdown)
		}
		for t := range s.taps {
			close(t.events)
		}
		s.taps = nil
		s.stopLinkBack()
		if !s.backup && s.peer != nil {
			s.backup, s.heir = true, s.peer
		}
		s.unlock()
	})
	s.wg.Wait()
	return nil
}

// closed says whether Close was called.
func (s *Server) closed() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// acceptPause is how long to wait after a failed accept, for instance when the
// process has too many open files.
const acceptPause = 50 * time.Millisecond

func (s *Server) accept() {
	for {
		nc, err := s.listener.Accept()
		if err == nil {
			s.serve(nc)
			continue
		}
		select {
		case <-s.closing:
			return
		case <-time.After(acceptPause):
			s.o.Log.Warn("sim T-Server cannot accept", "err", err)
		}
	}
}

func (s *Server) serve(nc net.Conn) {
	c := &client{
		s: s, nc: nc, ended: make(chan struct{}), since: s.o.Now(),
		queue: make(chan outgoing, s.o.Queue), dns: make(map[string]int32),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed() { // Close has been through the clients already
		nc.Close()
		return
	}
	s.accepted++
	c.number = s.accepted
	s.clients[c] = struct{}{}
	s.wg.Go(c.read)
	s.wg.Go(c.write)
}

// SetLink tells all clients that the link to the switch is lost or back.
// Without it T-Server registers nobody and distributes nothing. The clients of
// a backup are told nothing: for them there is none anyway.
func (s *Server) SetLink(up bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setLink(up)
}

// setLink is SetLink with s.mu held. What came last counts: a link that was to
// come back by itself does not any more.
func (s *Server) setLink(up bool) {
	s.stopLinkBack()
	if s.linkDown == !up {
		return
	}
	s.linkDown = !up
	switch {
	case s.backup:
	case up:
		s.tell(&tlink.Message{ID: tlink.EventLinkConnected})
	default:
		s.tell(&tlink.Message{ID: tlink.EventLinkDisconnected})
	}
}

// stopLinkBack is called with s.mu held.
func (s *Server) stopLinkBack() {
	if s.linkBack != nil {
		s.linkBack.Stop()
		s.linkBack = nil
	}
}

// tell sends a message to all clients, with s.mu held.
func (s *Server) tell(m *tlink.Message) {
	for c := range s.clients {
		if c.known {
			c.send(m)
		}
	}
}

// Unregister takes the registration of dn from all clients, unasked, as a
// change of T-Server's configuration does.
func (s *Server) Unregister(dn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.clients {
		c.unregister(dn)
	}
}

func thisDN(dn string) tkvlist.List {
	return tkvlist.List{{Key: tlink.AttributeThisDN, Value: tkvlist.String(dn)}}
}
