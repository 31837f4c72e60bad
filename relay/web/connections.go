package web

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"log/slog"

	"commdn/relay/internal/admission"
	"commdn/relay/internal/loglimit"
)

// idleTimeout is how long a connection may stay open after a request, for the
// next one.
const idleTimeout = 20 * time.Second

// reserve is how many of the files that a process may open are not for browsers,
// but for links, probes, metrics and the admin socket.
func reserve(files int) int { return min(256, max(16, files/8)) }

// Room gives how many connections of browsers there can be where a process may
// open so many files; 0: nobody says.
func Room(files int) int { return max(0, files-reserve(files)) }

// connections are those of the HTTP server. Where there are too many, that which
// has stood idle for longest gives way to a new one, so that connections which
// nobody uses keep nobody out.
type connections struct {
	room        int  // for all, WebSockets too; the files that the process may open
	behindProxy bool // the address is the proxy's
	rejected    func()
	webSockets  atomic.Int64

	mu         sync.Mutex
	perAddress int
	all        map[net.Conn]*connection
	idle       list.List // of *connection, the longest idle first
	addresses  map[string]*fromAddress
}

// fromAddress is what an address has open.
type fromAddress struct {
	open int
	idle list.List
}

type connection struct {
	conn    net.Conn
	address string
	// Where it stands among the idle ones of all and of its address; nil while a
	// request is served. One that has not sent a request yet is idle, unless it waits
	// for its turn to be read.
	inAll, inAddress *list.Element
	waits            bool // for its turn, and would be idle otherwise
}

func newConnections(room int, behindProxy bool, rejected func()) *connections {
	return &connections{
		room: room, behindProxy: behindProxy, rejected: rejected,
		all: make(map[net.Conn]*connection), addresses: make(map[string]*fromAddress),
	}
}

func (s *connections) limit(perAddress int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.perAddress = perAddress
}

// changed is http.Server.ConnState. The goroutine that accepts calls it for a new
// connection, so it must not block.
func (s *connections) changed(c net.Conn, to http.ConnState) {
	if t := turnsOf(c); t != nil {
		switch to {
		case http.StateNew:
			t.waits = func(is bool) { s.waits(c, is) }
		case http.StateHijacked:
			t.webSocket.Store(true)
		}
	}
	var out net.Conn
	s.mu.Lock()
	switch to {
	case http.StateNew:
		out = s.add(c)
	case http.StateActive:
		if one := s.all[c]; one != nil {
			s.busy(one)
		}
	case http.StateIdle:
		if one := s.all[c]; one != nil && one.inAll == nil {
			s.rest(one)
		}
	case http.StateHijacked, http.StateClosed:
		s.remove(c)
	}
	s.mu.Unlock()
	if out != nil {
		s.rejected()
		if secure, ok := out.(*tls.Conn); ok {
			out = secure.NetConn() // which says no last word, that could block
		}
		_ = out.Close()
	}
}

// add counts a new connection in, and gives the one that is one too many: the
// longest idle one, which may be the new one itself.
func (s *connections) add(c net.Conn) (out net.Conn) {
	address, _, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		address = c.RemoteAddr().String()
	}
	one := &connection{conn: c, address: admission.Key(address)}
	from := s.addresses[one.address]
	if from == nil {
		from = &fromAddress{}
		s.addresses[one.address] = from
	}
	from.open++
	s.all[c] = one
	s.rest(one)
	var longest *list.Element
	switch {
	case !s.behindProxy && s.perAddress > 0 && from.open > s.perAddress:
		longest = from.idle.Front()
	case s.room > 0 && len(s.all)+int(s.webSockets.Load()) > s.room:
		longest = s.idle.Front()
	default:
		return nil
	}
	out = longest.Value.(*connection).conn
	s.remove(out)
	return out
}

// waits says that a connection waits for its turn, or no more. What does not stand
// idle by its own will gives way to nobody.
func (s *connections) waits(c net.Conn, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.all[c]
	switch {
	case one == nil:
	case is && one.inAll != nil:
		one.waits = true
		s.busy(one)
	case !is && one.waits:
		one.waits = false
		s.rest(one)
	}
}

func (s *connections) rest(one *connection) {
	one.inAll = s.idle.PushBack(one)
	one.inAddress = s.addresses[one.address].idle.PushBack(one)
}

func (s *connections) busy(one *connection) {
	if one.inAll != nil {
		s.idle.Remove(one.inAll)
		s.addresses[one.address].idle.Remove(one.inAddress)
		one.inAll, one.inAddress = nil, nil
	}
}

func (s *connections) remove(c net.Conn) {
	one := s.all[c]
	if one == nil { // it gave way
		return
	}
	s.busy(one)
	delete(s.all, c)
	from := s.addresses[one.address]
	if from.open--; from.open == 0 {
		delete(s.addresses, one.address)
	}
}

// complaints writes what the HTTP server says of connections into the log.
type complaints struct{ log *slog.Logger }

func (c complaints) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	if what, ok := strings.CutPrefix(text, "http: panic serving "); ok {
		c.log.Error("an HTTP request failed", "panic", what)
		return len(line), nil
	}
	c.log.Warn("an HTTP connection failed", "reason", loglimit.Foreign(text))
	return len(line), nil
}
