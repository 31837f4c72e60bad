package linktest

import (
	"net"
	"sync"
	"testing"
	"time"

	"commdn/relay/sim/scenario"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// keepAlive: a client gets an answer in any state.
func keepAlive(t *testing.T, r *rig) {
	t.Run("keep-alive", func(t *testing.T) {
		c := r.dial(t)
		ask := func(reference uint32) {
			t.Helper()
			c.send(tlink.Message{ID: tlink.KeepAlive, Reference: reference})
			c.want(tlink.KeepAliveAck, reference)
		}
		ask(0xffffffff) // before RequestRegisterClient
		c.introduce("idle")
		ask(8)
		c.register(2, commDN)
		ask(9)
		r.primary.SetLink(false)
		defer r.primary.SetLink(true)
		c.want(tlink.EventLinkDisconnected, 0)
		ask(10)
	})
	t.Run("a link that is idle stays up", func(t *testing.T) {
		l := r.open(t, func(o *tserver.Options) {
			o.KeepAlive = tserver.KeepAlive{Idle: 50 * time.Millisecond, Timeout: patience}
		})
		since := l.wait(t, true).Since
		time.Sleep(500 * time.Millisecond)
		if s := l.State(); !s.Up || !s.Since.Equal(since) {
			t.Errorf("state = %+v, up since %s before", s, since)
		}
		l.works(t)
	})
}

// switchLost: the link to the switch goes and returns while the connection stays.
func switchLost(t *testing.T, r *rig) {
	t.Run("switch lost", func(t *testing.T) {
		defer r.primary.SetLink(true)
		c := r.registered(t, "switch")
		for range 2 {
			r.primary.SetLink(false)
			c.want(tlink.EventLinkDisconnected, 0)
			c.distribute(3, numbered(1))
			c.wantRefused(3, 0)
			r.primary.SetLink(true)
			c.want(tlink.EventLinkConnected, 0)
			c.register(4, commDN)
			c.alive()
		}
	})
	t.Run("link while the switch is lost", func(t *testing.T) {
		defer r.primary.SetLink(true)
		l := r.open(t)
		l.wait(t, true)
		r.primary.SetLink(false)
		l.wait(t, false)
		late := r.open(t, func(o *tserver.Options) { o.Application = "late" })
		r.primary.SetLink(true)
		for _, l := range []*link{l, late} {
			l.wait(t, true)
			l.works(t)
		}
	})
}

// unregistered: T-Server may end a registration unasked.
func unregistered(t *testing.T, r *rig) {
	t.Run("unregistered", func(t *testing.T) {
		c := r.registered(t, "unregistered")
		c.register(3, secondDN)
		r.primary.Unregister(commDN)
		c.wantOf(tlink.EventUnregistered, 0, commDN)
		c.distribute(4, numbered(1))
		c.wantRefused(4, tserver.CodeNotRegistered)
		c.send(tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: 5, Attributes: thisDN(secondDN), UserData: numbered(2)})
		c.wantSent(5, numbered(2))
		c.register(6, commDN)
		c.alive()
	})
	t.Run("link registers again", func(t *testing.T) {
		l := r.open(t)
		l.wait(t, true)
		r.primary.Unregister(commDN)
		l.wait(t, false)
		l.wait(t, true)
		l.works(t)
	})
}

// closed: T-Server ends connections, or sends garbage.
func closed(t *testing.T, r *rig) {
	for _, fault := range []scenario.Do{scenario.Close, scenario.Garbage} {
		t.Run("T-Server ends connections: "+string(fault), func(t *testing.T) {
			c, l := r.registered(t, "closed"), r.open(t)
			l.wait(t, true)
			if err := r.primary.Do(scenario.Fault{Do: fault}); err != nil {
				t.Fatal(err)
			}
			if fault == scenario.Close || r.target.Start != nil {
				c.wantEnd() // garbage reaches whatever is connected to T-Server, and ends the clients behind it
			}
			l.wait(t, false)
			l.wait(t, true)
			l.works(t)
			r.registered(t, "next").alive()
		})
	}
}

// restarted: T-Server is away for a while.
func restarted(t *testing.T, r *rig) {
	t.Run("T-Server restarted", func(t *testing.T) {
		l := r.open(t)
		l.wait(t, true)
		for range 2 {
			r.restart(t, func() {
				if l.wait(t, false).Err == nil {
					t.Error("the link is down and has no reason")
				}
				for range 3 { // failing attempts
					l.wait(t, false)
				}
				if err := l.SendUserEvent(t.Context(), numbered(1)); err == nil {
					t.Error("an event was sent without a T-Server")
				}
			})
			l.wait(t, true)
			l.works(t)
		}
	})
}

// restart ends T-Server, calls meanwhile, and restarts it at its address.
func (r *rig) restart(t *testing.T, meanwhile func()) {
	t.Helper()
	address := r.primary.Addr()
	r.primary.Close()
	meanwhile()
	r.primary = r.tserver(t, simtserver.Options{Addr: address})
}

// silent: a listener at T-Server's address accepts connections and says nothing.
func silent(t *testing.T, r *rig) {
	t.Run("T-Server is silent", func(t *testing.T) {
		l := r.open(t, func(o *tserver.Options) {
			d := r.target.Driver
			d.OpenTimeout = 500 * time.Millisecond
			o.Driver = d
		})
		l.wait(t, true)
		r.restart(t, func() {
			mute, err := net.Listen("tcp", r.primary.Addr())
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			wg.Go(func() {
				var taken []net.Conn
				for nc, err := mute.Accept(); err == nil; nc, err = mute.Accept() {
					taken = append(taken, nc)
				}
				for _, nc := range taken {
					nc.Close()
				}
			})
			for range 4 {
				l.wait(t, false)
			}
			mute.Close()
			wg.Wait()
		})
		l.wait(t, true)
		l.works(t)
	})
}

// switchover: primary and backup change places, and the link follows.
func switchover(t *testing.T, r *rig) {
	t.Run("switchover", func(t *testing.T) {
		l := r.open(t)
		l.wait(t, true)
		l.works(t)
		for n, now := range []*simtserver.Server{r.backup, r.primary, r.backup} {
			events, cancel := now.Subscribe(16)
			if err := r.primary.Switchover(); err != nil {
				t.Fatal(err)
			}
			l.works(t)
			select {
			case e := <-events:
				if e.Application != "link" {
					t.Errorf("switchover %d: event of %q", n+1, e.Application)
				}
			case <-time.After(patience):
				t.Errorf("switchover %d: the primary did not distribute the event", n+1)
			}
			cancel()
		}
	})
	t.Run("the primary is lost", func(t *testing.T) {
		l := r.open(t) // the backup is the primary now
		l.wait(t, true)
		r.backup.Close()
		r.until(t, "the other is the primary", func() bool { return !r.primary.State().Backup })
		l.works(t)
		late := r.open(t, func(o *tserver.Options) { o.Application = "late" })
		late.wait(t, true)
		late.works(t)
	})
}
