package tserver_test

import (
	"reflect"
	"testing"
	"time"

	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver/tlink"
)

func TestState(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s := start(t, simtserver.Options{Now: func() time.Time { return now }})
	if got := s.State(); got.Addr != s.Addr() || got.Backup || !got.LinkUp || got.Clients == nil || len(got.Clients) != 0 {
		t.Errorf("without clients %+v", got)
	}
	var want []simtserver.ClientState
	var clients []*client
	for _, name := range []string{"b", "a", "c"} {
		c := registered(t, s, name)
		clients = append(clients, c)
		want = append(want, simtserver.ClientState{
			Addr: c.nc.LocalAddr().String(), Application: name, DNs: []string{commDN}, Since: now,
		})
	}
	clients[1].send(tlink.Message{ID: tlink.RequestRegisterAddress, Reference: 3, Attributes: dn("CommDN_2")})
	clients[1].want(tlink.Message{ID: tlink.EventRegistered, Reference: 3, Attributes: dn("CommDN_2")})
	want[1].DNs = []string{commDN, "CommDN_2"}
	s.Unregister(commDN)
	clients[2].want(tlink.Message{ID: tlink.EventUnregistered, Attributes: dn(commDN)})
	want[0].DNs, want[1].DNs, want[2].DNs = []string{}, []string{"CommDN_2"}, []string{}
	s.SetLink(false)
	got := s.State()
	if got.LinkUp || !reflect.DeepEqual(got.Clients, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	s.SetLink(true)
	events, cancel := s.Subscribe(1)
	defer cancel()
	c := registered(t, s, "sender")
	c.alive()
	if e := <-events; !e.Time.Equal(now) {
		t.Errorf("event at %s, want %s", e.Time, now)
	}
}
