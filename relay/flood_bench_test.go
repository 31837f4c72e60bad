//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/auth/authtest"
)

// floodTime is how long each flood lasts.
const floodTime = 10 * time.Second

// flooded is a relay under attack, from the same address as the session that
// behaves.
type flooded struct {
	*rig
	p   *authtest.Provider
	ctx context.Context // ends with the flood
	n   atomic.Int64    // what was done
}

// BenchmarkFloods prints, for each flood, how long a do-not-call of a session that
// behaves takes meanwhile (median and the slowest of a hundred), how many bytes of
// log it makes, and how often the attack did what it does:
//
//	go test ./relay -run '^$' -bench Floods
//
// Attackers, relay and simulator share the processors of this one process.
func BenchmarkFloods(b *testing.B) {
	for _, flood := range []struct {
		name     string
		wage     func(*flooded)
		watchers int // that do not read
	}{
		{name: "none", wage: func(f *flooded) { <-f.ctx.Done() }},
		{name: "refused upgrades, Origin of 14 KB", wage: (*flooded).upgrades},
		{name: "wrong tokens", wage: (*flooded).wrongTokens},
		{name: "3,000 silent WebSockets, reopened", wage: (*flooded).silent},
		{name: "1,500 idle HTTP connections, reopened", wage: (*flooded).idle},
		{name: "requests without a pause", wage: (*flooded).requests},
		{name: "90 sessions of one token", wage: (*flooded).onePerson},
		{name: "WebSocket pings", wage: func(f *flooded) { f.pings([]byte{0x89, 0x80, 1, 2, 3, 4}) }},
		{name: "ping frames", wage: func(f *flooded) {
			f.pings(append([]byte{0x82, 0x87, 0, 0, 0, 0}, byte(frame.KindPing), 0, 0, 0, 1, 0, 0))
		}},
		{name: "made-up campaign groups, watched", wage: (*flooded).madeUp},
		{name: "news for 1,000 watchers that do not read", wage: (*flooded).slowReaders, watchers: 1000},
	} {
		b.Run(flood.name, func(b *testing.B) {
			for b.Loop() {
				r, p := identityRig(b, nil)
				f := &flooded{rig: r, p: p, ctx: b.Context()}
				for n := range flood.watchers {
					f.watcher(n, true)
				}
				r.until("they watch", func() bool { return r.srv.Status().Sessions == flood.watchers })
				ctx, cancel := context.WithTimeout(b.Context(), floodTime)
				f.ctx = ctx
				before := len(r.log.String())
				good := r.sessionOf(of(p, "good", auth.Agent.String(), auth.Supervisor.String()))
				var waging sync.WaitGroup
				waging.Go(func() { flood.wage(f) })
				var took []time.Duration
				for n := uint32(1); ctx.Err() == nil; n++ {
					began := time.Now()
					good.put(n, fmt.Sprintf("55501%05d", n))
					took = append(took, time.Since(began))
					time.Sleep(60 * time.Millisecond) // within its rate
				}
				waging.Wait()
				cancel()
				if err := r.stop(); err != nil {
					b.Fatal(err)
				}
				slices.Sort(took)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-slowest")
				b.ReportMetric(float64(len(r.log.String())-before)/1024, "KB-log")
				b.ReportMetric(float64(f.n.Load()), "attacks")
			}
		})
	}
}

// several runs the same in several goroutines until the flood ends.
func (f *flooded) several(times int, do func()) {
	var all sync.WaitGroup
	for range times {
		all.Go(func() {
			for f.ctx.Err() == nil {
				do()
			}
		})
	}
	all.Wait()
}

func (f *flooded) upgrades() {
	f.several(4, func() {
		if upgrades(f.addr, 100, "Origin: "+longOrigin) == nil {
			f.n.Add(100)
		}
	})
}

// open says hello with a token; nil: the relay does not let it in.
func (f *flooded) open(token string) *websocket.Conn {
	ws, _, err := websocket.Dial(f.ctx, "ws://"+f.addr+"/ws", &websocket.DialOptions{Subprotocols: []string{frame.Subprotocol}})
	if err != nil {
		return nil
	}
	ws.SetReadLimit(1 << 20)
	hello, _ := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Token: token}.Body()}.Append(nil)
	if ws.Write(f.ctx, websocket.MessageBinary, hello) != nil {
		_ = ws.CloseNow()
		return nil
	}
	return ws
}

func (f *flooded) wrongTokens() {
	f.several(4, func() {
		ws := f.open("not a token")
		if ws == nil {
			return
		}
		_, _, _ = ws.Read(f.ctx)
		_ = ws.CloseNow()
		f.n.Add(1)
	})
}

// raw opens connections, says something on each, and opens each again when it
// ends.
func (f *flooded) raw(times int, says string) {
	f.several(times, func() {
		c, err := net.Dial("tcp", f.addr)
		if err != nil {
			return
		}
		defer c.Close()
		end := context.AfterFunc(f.ctx, func() { _ = c.Close() })
		defer end()
		f.n.Add(1)
		_, _ = io.WriteString(c, says)
		_, _ = io.Copy(io.Discard, c)
	})
}

func (f *flooded) silent() { f.raw(3000, rawUpgrade(f.addr)) }

func (f *flooded) idle() { f.raw(1500, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") }

// ask asks as fast as it can, and reads what comes, until it is closed.
func (f *flooded) ask(token string, pause time.Duration) {
	ws := f.open(token)
	if ws == nil {
		time.Sleep(time.Millisecond)
		return
	}
	defer ws.CloseNow()
	go func() {
		for {
			if _, _, err := ws.Read(f.ctx); err != nil {
				return
			}
		}
	}()
	for n := uint32(1); ; n++ {
		message, _ := asking(n, dnc(fmt.Sprintf("55502%05d", n))).Append(nil)
		if ws.Write(f.ctx, websocket.MessageBinary, message) != nil {
			return
		}
		f.n.Add(1)
		time.Sleep(pause)
	}
}

func (f *flooded) requests() {
	token := of(f.p, "bad", auth.Agent.String())
	f.several(1, func() { f.ask(token, 0) })
}

func (f *flooded) onePerson() {
	token := of(f.p, "bad", auth.Agent.String())
	f.several(90, func() { f.ask(token, 40*time.Millisecond) })
}

func (f *flooded) pings(ping []byte) {
	token := of(f.p, "bad", auth.Agent.String())
	hello, _ := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Token: token}.Body()}.Append(nil)
	head := []byte{0x82, 0xFE, byte(len(hello) >> 8), byte(len(hello)), 0, 0, 0, 0}
	many := slices.Repeat(ping, 1000)
	f.several(4, func() {
		c, err := net.Dial("tcp", f.addr)
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, rawUpgrade(f.addr))
		if _, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil {
			return
		}
		_, _ = c.Write(append(head, hello...))
		go func() { _, _ = io.Copy(io.Discard, c) }()
		for f.ctx.Err() == nil {
			_ = c.SetWriteDeadline(time.Now().Add(time.Second))
			if _, err := c.Write(many); err != nil {
				return
			}
			f.n.Add(1000)
		}
	})
}

// events sends events about campaign groups as OCS does.
func (f *flooded) events(groups int, pause time.Duration) {
	h := f.hand("OCS_by_hand")
	for n := 0; f.ctx.Err() == nil; n++ {
		e := event(commdn.CampaignGroup{Campaign: commdn.DBID(1 + n%groups), Group: 501}, []commdn.GroupStatus{commdn.StatusActive, commdn.StatusRunning}[n/groups%2])
		if h.link.SendUserEvent(f.ctx, e.UserData()) != nil {
			return
		}
		f.n.Add(1)
		if n%50 == 49 {
			time.Sleep(pause)
		}
	}
}

// watcher subscribes. slow does not read what comes then.
func (f *flooded) watcher(n int, slow bool) {
	ws := f.open(of(f.p, fmt.Sprint("watcher-", n), auth.Supervisor.String()))
	if ws == nil {
		return
	}
	f.t.Cleanup(func() { _ = ws.CloseNow() })
	message, _ := frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true, History: true}.Body()}.Append(nil)
	if _, _, err := ws.Read(f.ctx); err != nil || ws.Write(f.ctx, websocket.MessageBinary, message) != nil || slow {
		return
	}
	go func() {
		for {
			if _, _, err := ws.Read(f.ctx); err != nil {
				return
			}
		}
	}()
}

func (f *flooded) madeUp() {
	f.watcher(0, false)
	f.events(100_000, 8*time.Millisecond) // as fast as the simulator lets a client be
}

func (f *flooded) slowReaders() {
	f.events(200, 10*time.Millisecond)
}
