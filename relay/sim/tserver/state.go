package tserver

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"commdn/relay/tserver/tlink"
)

// State is what a Server is at one moment.
type State struct {
	Addr    string        `json:"addr"` // as Server.Addr has it
	Backup  bool          `json:"backup"`
	LinkUp  bool          `json:"link_up"` // to the switch; the clients of a backup see none in any case
	Clients []ClientState `json:"clients"` // in the order of connecting; never nil
}

// ClientState is one connection.
type ClientState struct {
	Addr        string    `json:"addr"`        // host:port
	Application string    `json:"application"` // empty before RequestRegisterClient
	DNs         []string  `json:"dns"`         // that it has registered, sorted; never nil
	Monitor     bool      `json:"monitor"`     // a DN among them is registered for monitoring only
	Since       time.Time `json:"since"`       // when it connected, by Options.Now
}

// State gives the present state.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := State{Addr: s.Addr(), Backup: s.backup, LinkUp: !s.linkDown, Clients: []ClientState{}}
	for _, c := range s.inOrder() {
		one := ClientState{Addr: c.nc.RemoteAddr().String(), Application: c.application, DNs: []string{}, Since: c.since}
		for dn, mode := range c.dns {
			one.DNs = append(one.DNs, dn)
			one.Monitor = one.Monitor || mode == tlink.ModeMonitor
		}
		slices.Sort(one.DNs)
		state.Clients = append(state.Clients, one)
	}
	return state
}

// inOrder gives the clients in the order of connecting, with s.mu held.
func (s *Server) inOrder() []*client {
	return slices.SortedFunc(maps.Keys(s.clients), func(a, b *client) int { return cmp.Compare(a.number, b.number) })
}
