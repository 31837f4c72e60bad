// Package simtest is an application on a CommDN for the tests of the simulator:
// it sends requests through T-Server and reads from the CommDN what OCS says.
package simtest

import (
	"context"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// Patience bounds every wait of the tests; none is expected to last that long.
const Patience = 30 * time.Second

// The applications of the scenarios here.
const (
	OCS         commdn.DBID = 201
	Application commdn.DBID = 101 // of the test, connected to OCS
)

// DoNotCall is a request of the default application to every OCS.
func DoNotCall(phone, customer string) *commdn.DoNotCall {
	return &commdn.DoNotCall{Address: commdn.Address{Origin: Application}, Phone: phone, CustomerID: customer}
}

// Processed is what the default OCS answers to it.
func Processed(phone, customer string, chain commdn.Chain) *commdn.DoNotCallProcessed {
	return &commdn.DoNotCallProcessed{
		Address: commdn.Address{Origin: OCS, Target: Application},
		Phone:   phone, CustomerID: customer, Chain: chain,
	}
}

// App is an application that is registered on a CommDN, as the relay is.
type App struct {
	Link *tserver.Link

	t      testing.TB
	events chan tkvlist.List
	states chan bool
}

// Join registers an application on the CommDN of s until the test ends.
func Join(t testing.TB, s *Sim) *App {
	t.Helper()
	servers := []string{s.Addr}
	if s.BackupAddr != "" {
		servers = append(servers, s.BackupAddr)
	}
	return Connect(t, s.CommDN, servers...)
}

// Connect registers an application with the T-Server at the first of the
// addresses that takes it.
func Connect(t testing.TB, commDN string, servers ...string) *App {
	t.Helper()
	a := &App{t: t, events: make(chan tkvlist.List, 1024), states: make(chan bool, 1024)}
	var err error
	a.Link, err = tserver.New(tserver.Options{
		Driver: tlink.Driver{}, Servers: servers, CommDN: commDN, Application: "relay",
		OnUserEvent: func(l tkvlist.List) { a.events <- l },
		OnState:     func(s tserver.State) { a.states <- s.Up },
		MinBackoff:  time.Millisecond, MaxBackoff: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	a.Link.Start()
	t.Cleanup(func() { a.Link.Close() })
	a.Wait(true)
	return a
}

// Wait waits until the link gets up, or down.
func (a *App) Wait(up bool) {
	a.t.Helper()
	for late := time.After(Patience); ; {
		select {
		case is := <-a.states:
			if is == up {
				return
			}
		case <-late:
			a.t.Fatalf("link does not get up=%v: %+v", up, a.Link.State())
		}
	}
}

// Send distributes a UserEvent.
func (a *App) Send(userData tkvlist.List) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if err := a.Link.SendUserEvent(ctx, userData); err != nil {
		a.t.Fatal(err)
	}
}

// Event gives the next event on the CommDN, the application's own among them.
func (a *App) Event() tkvlist.List {
	a.t.Helper()
	select {
	case l := <-a.events:
		return l
	case <-time.After(Patience):
		a.t.Fatal("nothing on the CommDN")
		return nil
	}
}

// RawAnswer gives the next event of an OCS that is no notification of the status
// of a campaign.
func (a *App) RawAnswer() tkvlist.List {
	a.t.Helper()
	for {
		l := a.Event()
		if kind, _ := number(l, commdn.KeyMessageType); fromOCS(l) && commdn.MessageType(kind) != commdn.EvCampaignStatus {
			return l
		}
	}
}

// Answer is RawAnswer, decoded.
func (a *App) Answer() commdn.Message {
	a.t.Helper()
	return a.decode(a.RawAnswer())
}

// HeardRaw gives the next event of an OCS, whatever it is.
func (a *App) HeardRaw() tkvlist.List {
	a.t.Helper()
	for {
		if l := a.Event(); fromOCS(l) {
			return l
		}
	}
}

// Heard is HeardRaw, decoded.
func (a *App) Heard() commdn.Message {
	a.t.Helper()
	return a.decode(a.HeardRaw())
}

func (a *App) decode(l tkvlist.List) commdn.Message {
	a.t.Helper()
	m, err := commdn.Decode(l)
	if err != nil {
		a.t.Fatal(err)
	}
	return m
}

// Insist repeats a request until an OCS has answered it, as the relay does: OCS
// may need longer than the application to be registered again.
func (a *App) Insist(request *commdn.DoNotCall) {
	a.t.Helper()
	for late := time.Now().Add(Patience); ; {
		a.Send(request.UserData())
		kind, _ := a.Event().Int(commdn.KeyMessageType)
		if kind == int32(commdn.EvDoNotCallProcessed) {
			return
		}
		if time.Now().After(late) {
			a.t.Fatal("OCS does not answer")
		}
	}
}
