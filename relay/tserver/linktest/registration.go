package linktest

import (
	"slices"
	"strconv"
	"sync"
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// registration: a client with a registered DN hears its events, and may send some unless
// it only monitors.
func registration(t *testing.T, r *rig) {
	t.Run("registration", func(t *testing.T) {
		beyond := r.beyond(t)
		c := r.dial(t)
		c.send(tlink.Message{ID: tlink.RequestRegisterClient, Reference: 0xfffffffe, Attributes: tkvlist.List{
			{Key: tlink.AttributeApplicationName, Value: tkvlist.String("commdn")}}})
		c.want(tlink.EventServerConnected, 0xfffffffe)
		c.want(tlink.EventLinkConnected, 0)
		if !slices.Contains(r.applications(), "commdn") {
			t.Errorf("T-Server knows %q, and not the application", r.applications())
		}
		c.register(0xffffffff, commDN, tlink.ModeShare)
		c.sends(0x80000000, numbered(1))
		beyond.wantEvent(commDN, numbered(1))
		c.register(5, commDN) // repeating it is no error
		c.alive()
	})
	t.Run("two DNs", func(t *testing.T) {
		c, beyond := r.registered(t, "two"), r.beyond(t)
		c.register(3, secondDN)
		beyond.register(3, secondDN)
		for i, dn := range []string{secondDN, commDN, secondDN} {
			reference := uint32(10 + i)
			beyond.send(tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: reference, Attributes: thisDN(dn), UserData: numbered(int32(i))})
			beyond.wantSent(reference, numbered(int32(i)))
			c.wantEvent(dn, numbered(int32(i)))
		}
		c.send(tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: 9, Attributes: thisDN(secondDN), UserData: numbered(9)})
		c.wantSent(9, numbered(9))
		beyond.wantEvent(secondDN, numbered(9))
	})
	t.Run("monitor only", func(t *testing.T) {
		c, beyond := r.connected(t, "monitor"), r.beyond(t)
		c.register(2, commDN, tlink.ModeMonitor)
		beyond.sends(3, numbered(1))
		c.wantEvent(commDN, numbered(1))
		c.distribute(4, numbered(2))
		c.wantRefused(4, tserver.CodeNotRegistered)
		c.register(5, commDN) // a new registration counts, with its mode
		c.sends(6, numbered(3))
		c.register(7, commDN, tlink.ModeMonitor)
		c.distribute(8, numbered(4))
		c.wantRefused(8, tserver.CodeNotRegistered)
	})
	t.Run("unregister", func(t *testing.T) {
		c, beyond := r.registered(t, "leaves"), r.beyond(t)
		c.send(tlink.Message{ID: tlink.RequestUnregisterAddress, Reference: 0xf0000000, Attributes: thisDN(commDN)})
		c.wantOf(tlink.EventUnregistered, 0xf0000000, commDN)
		beyond.sends(3, numbered(1))
		c.distribute(4, numbered(2))
		c.wantRefused(4, tserver.CodeNotRegistered)
		c.send(tlink.Message{ID: tlink.RequestUnregisterAddress, Reference: 5, Attributes: thisDN(commDN)})
		c.wantRefused(5, tserver.CodeNotRegistered)
		c.register(6, commDN)
		beyond.sends(4, numbered(3))
		c.wantEvent(commDN, numbered(3)) // the first event since then, and not number 1
	})
	t.Run("many clients at once", func(t *testing.T) {
		const clients = 12
		var all [clients]*client
		var wg sync.WaitGroup
		for i := range all {
			wg.Go(func() { all[i] = r.dial(t) })
		}
		wg.Wait()
		for i, c := range all {
			c.send(tlink.Message{ID: tlink.RequestRegisterClient, Reference: uint32(i + 1), Attributes: tkvlist.List{
				{Key: tlink.AttributeApplicationName, Value: tkvlist.String("client " + strconv.Itoa(i))}}})
		}
		for i, c := range all {
			c.want(tlink.EventServerConnected, uint32(i+1))
			c.want(tlink.EventLinkConnected, 0)
			c.register(2, commDN)
		}
		all[0].sends(3, numbered(1))
		for _, c := range all[1:] {
			c.wantEvent(commDN, numbered(1))
		}
	})
}

// requests: each gets one answer, with its reference id; a faulty one gets an error, and
// harms nothing.
func requests(t *testing.T, r *rig) {
	t.Run("answers by reference id", func(t *testing.T) {
		// Both use the same reference ids, many at once, in no order.
		const each = 300
		clients := []*client{r.registered(t, "a"), r.registered(t, "b")}
		var wg sync.WaitGroup
		for who, c := range clients {
			wg.Go(func() {
				var out []byte
				waiting := make(map[uint32]bool)
				for n := range uint32(each) {
					reference := n*2654435761 + 1
					waiting[reference] = true
					out = append(out, frames(t, tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: reference,
						Attributes: thisDN(commDN), UserData: numbered(int32(who))})...)
				}
				if _, err := c.nc.Write(out); err != nil {
					t.Error(err)
				}
				for range 3 * each { // its answers, and everybody's events
					m, err := c.in.ReadMessage()
					switch {
					case err != nil:
						t.Error(err)
						return
					case m.ID == tlink.EventUserEvent:
					case m.ID != tlink.EventACK || !waiting[m.Reference]:
						t.Errorf("got %s, which nobody waits for", m.Trace())
					default:
						delete(waiting, m.Reference)
					}
				}
				if len(waiting) > 0 {
					t.Errorf("%d requests have no answer", len(waiting))
				}
			})
		}
		wg.Wait()
	})
	t.Run("refused", func(t *testing.T) {
		stranger, c := r.dial(t), r.registered(t, "refused")
		for _, test := range []struct {
			name    string
			client  *client
			request tlink.Message
			code    int32 // 0: any
		}{
			{"registration before RequestRegisterClient", stranger, tlink.Message{ID: tlink.RequestRegisterAddress, Attributes: thisDN(commDN)}, 0},
			{"event before RequestRegisterClient", stranger, tlink.Message{ID: tlink.RequestDistributeUserEvent, Attributes: thisDN(commDN)}, 0},
			{"no DN", c, tlink.Message{ID: tlink.RequestRegisterAddress}, tserver.CodeInvalidAttr},
			{"a DN that is no string", c, tlink.Message{ID: tlink.RequestRegisterAddress, Attributes: tkvlist.List{
				{Key: tlink.AttributeThisDN, Value: tkvlist.Int(1)}}}, tserver.CodeInvalidAttr},
			{"a DN that is not configured", c, tlink.Message{ID: tlink.RequestRegisterAddress, Attributes: thisDN("nowhere")}, tserver.CodeNotConfigured},
			{"a mode that is not known", c, tlink.Message{ID: tlink.RequestRegisterAddress, Attributes: tkvlist.List{
				thisDN(commDN)[0], {Key: tlink.AttributeRegisterMode, Value: tkvlist.Int(1)}}}, tserver.CodeInvalidAttr},
			{"a mode that is no integer", c, tlink.Message{ID: tlink.RequestRegisterAddress, Attributes: tkvlist.List{
				thisDN(commDN)[0], {Key: tlink.AttributeRegisterMode, Value: tkvlist.String("0")}}}, tserver.CodeInvalidAttr},
			{"event without a DN", c, tlink.Message{ID: tlink.RequestDistributeUserEvent}, tserver.CodeInvalidAttr},
			{"event on a DN that is not configured", c, tlink.Message{ID: tlink.RequestDistributeUserEvent, Attributes: thisDN("nowhere")}, tserver.CodeNotConfigured},
			{"event on a DN that is not registered", c, tlink.Message{ID: tlink.RequestDistributeUserEvent, Attributes: thisDN(secondDN)}, tserver.CodeNotRegistered},
			{"unregister a DN that is not registered", c, tlink.Message{ID: tlink.RequestUnregisterAddress, Attributes: thisDN(secondDN)}, tserver.CodeNotRegistered},
			{"an event as request", c, tlink.Message{ID: tlink.EventRegistered, Attributes: thisDN(commDN)}, tserver.CodeUnsupported},
			{"a request that nobody knows", c, tlink.Message{ID: 200}, tserver.CodeUnsupported},
		} {
			t.Run(test.name, func(t *testing.T) {
				was := test.client.t
				test.client.t = t
				defer func() { test.client.t = was }()
				test.request.Reference = 0xabcdef01
				test.client.send(test.request)
				test.client.wantRefused(0xabcdef01, test.code)
			})
		}
		c.alive()
		stranger.introduce("late")
		stranger.register(2, commDN)
		stranger.alive()
	})
}
