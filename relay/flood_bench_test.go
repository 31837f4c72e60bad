//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"text/tabwriter"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
)

// flood is one way to attack a relay.
type flood struct {
	name   string
	attack func(*attacker)                     // nil: nobody attacks
	people int                                 // that attack, each with a token; 0: one
	wait   bool                                // for a session of each, before it counts
	events func(*rig, context.Context) (n int) // what OCS tells meanwhile, which counts instead of what the attacker does
	rules  []any                               // the tests that hold what keeps the flood out, or their names in other folders
}

// floods gives all. An attacker looks its own up by name.
func floods() []flood {
	return []flood{
		{name: "none"},
		{name: "refused upgrades, Origin of 14 KB", attack: (*attacker).upgrades, rules: []any{TestRefusedUpgradesFillNoLog}},
		{name: "wrong tokens", attack: (*attacker).wrongTokens, rules: []any{TestTokens}},
		{name: "3,000 silent WebSockets, reopened", attack: (*attacker).silent, rules: []any{TestSilentWebSocketsLockNobodyOut, TestSiteComesBack, "web.TestStrangersTakeTurns"}},
		{name: "1,500 idle HTTP connections, reopened", attack: (*attacker).idle, rules: []any{TestIdleConnectionsGiveWay, "web.TestStrangersTakeTurns"}},
		{name: "1,000 busy HTTP connections", attack: (*attacker).busy, rules: []any{"web.TestStrangersTakeTurns", "pace.TestNetwork"}},
		{name: "1,000 downloads at a time", attack: (*attacker).downloads, rules: []any{"web.TestWhoTakesTurns", "pace.TestNetwork"}},
		{name: "requests without a pause", attack: (*attacker).requests, rules: []any{TestTooFast}},
		{name: "90 sessions of one token", attack: (*attacker).onePerson, rules: []any{TestOnePersonOnManySessions}},
		{name: "WebSocket pings", attack: (*attacker).pingsOfWebSocket, rules: []any{TestPingsAreLimited, "conn.TestFloodIsReadInSmallPieces"}},
		{name: "ping frames", attack: (*attacker).pingFrames, rules: []any{TestPingsAreLimited}},
		{name: "made-up campaign groups, watched", attack: (*attacker).watch, wait: true, events: madeUp, rules: []any{"campaigns.TestMadeUpGroupsAreBounded"}},
		{name: "news for 1,000 watchers that do not read", attack: (*attacker).doNotRead, people: 1000, wait: true, events: someNews, rules: []any{"hub.TestFanOutLetsOthersGo", "hub.TestFanOutLetsTheNetworkGo"}},
	}
}

// floodTime is how long each flood lasts.
const floodTime = 10 * time.Second

// What a flood may do to those who behave.
const (
	mostMedian = 50 * time.Millisecond // of a do-not-call
	mostLog    = 1 << 20               // bytes
)

// harm is what a flood did.
type harm struct {
	median, p99 time.Duration // of a do-not-call of a session that behaves
	newcomer    time.Duration // median of what a session from another address takes to be welcomed
	attempts    float64       // of the attack, a second
	log         int           // bytes
}

// BenchmarkFloods attacks a relay in each of these ways, from the address of a
// session that behaves, and prints what this session, and the log, feel of it:
//
//	go test ./relay -run '^$' -bench Floods
//
// Relay, simulator and the session are one process. The attacker is another one on
// the same processors: what it takes of them is in the numbers.
func BenchmarkFloods(b *testing.B) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "\nflood, %s, %d processors\tmedian\tp99\tnewcomer\tattempts/s\tlog bytes\theld by\n", floodTime, runtime.GOMAXPROCS(0))
	for _, f := range floods() {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				h := f.wage(b)
				fmt.Fprintf(table, "%s\t%.1f ms\t%.1f ms\t%.1f ms\t%.0f\t%d\t%s\n", f.name, ms(h.median), ms(h.p99), ms(h.newcomer), h.attempts, h.log, f.heldBy())
				if h.median > mostMedian || h.log > mostLog {
					b.Errorf("a do-not-call takes %s, the log has %d bytes; want %s and %d at most", h.median, h.log, mostMedian, mostLog)
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(ms(h.median), "ms-median")
				b.ReportMetric(ms(h.p99), "ms-p99")
			}
		})
	}
	if err := table.Flush(); err != nil {
		b.Error(err)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// heldBy names the tests.
func (f flood) heldBy() string {
	var names []string
	for _, rule := range f.rules {
		name, ok := rule.(string)
		if !ok {
			name = runtime.FuncForPC(reflect.ValueOf(rule).Pointer()).Name()
			name = name[strings.LastIndexByte(name, '.')+1:]
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// wage floods a relay.
func (f flood) wage(b *testing.B) (h harm) {
	r, p := identityRig(b, func(o *Options) {
		o.Files = fstest.MapFS{"large.wasm": {Data: make([]byte, 1<<20)}}
	})
	o := order{Flood: f.name, Address: r.addr}
	for n := range max(1, f.people) {
		o.Tokens = append(o.Tokens, of(p, fmt.Sprint("attacker-", n), auth.Agent.String(), auth.Supervisor.String()))
	}
	good := r.sessionOf(of(p, "good", auth.Agent.String(), auth.Supervisor.String()))
	before := len(r.log.String())
	end := func() int { return 0 }
	if f.attack != nil {
		end = startAttacker(b, o)
	}
	if f.wait {
		r.until("they watch", func() bool { return r.srv.Status().Sessions == 1+len(o.Tokens) })
	}
	ctx, cancel := context.WithTimeout(b.Context(), floodTime)
	defer cancel()
	events := make(chan int, 1)
	go func() {
		n := 0
		if f.events != nil {
			n = f.events(r, ctx)
		}
		events <- n
	}()
	newcomers := make(chan time.Duration, 1)
	go func() { newcomers <- r.newcomers(ctx, of(p, "newcomer", auth.Agent.String())) }()
	var took []time.Duration
	for n := uint32(1); ctx.Err() == nil; n++ {
		began := time.Now()
		good.put(n, fmt.Sprintf("55501%05d", n))
		took = append(took, time.Since(began))
		time.Sleep(60 * time.Millisecond) // within its rate
	}
	newcomer := <-newcomers
	attempts, told := end(), <-events
	if f.events != nil {
		attempts = told
	}
	if f.attack != nil && attempts == 0 {
		b.Error("nothing was attempted")
	}
	if err := r.stop(); err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	return harm{
		newcomer: newcomer,
		median:   took[len(took)/2], p99: took[len(took)*99/100],
		attempts: float64(attempts) / floodTime.Seconds(), log: len(r.log.String()) - before,
	}
}

// newcomers open one session after the other until ctx ends, from an address that
// the attack does not come from.
func (r *rig) newcomers(ctx context.Context, token string) (median time.Duration) {
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	transport := &http.Transport{DialContext: from.DialContext}
	defer transport.CloseIdleConnections()
	hello, _ := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Token: token}.Body()}.Append(nil)
	var took []time.Duration
	for ctx.Err() == nil {
		began := time.Now()
		ws, _, err := websocket.Dial(context.Background(), "ws://"+r.addr+"/ws", &websocket.DialOptions{
			Subprotocols: []string{frame.Subprotocol}, HTTPClient: &http.Client{Transport: transport},
		})
		if err == nil {
			if err = ws.Write(context.Background(), websocket.MessageBinary, hello); err == nil {
				_, _, err = ws.Read(context.Background())
			}
			_ = ws.CloseNow()
		}
		if err != nil {
			r.t.Errorf("a newcomer: %v", err)
			return 0
		}
		took = append(took, time.Since(began))
		time.Sleep(200 * time.Millisecond)
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// tell sends events about campaign groups as OCS does, until ctx ends, and gives
// how many.
func (r *rig) tell(ctx context.Context, groups int, pause time.Duration) (n int) {
	h := r.hand("OCS_by_hand")
	for ; ctx.Err() == nil; n++ {
		e := event(commdn.CampaignGroup{Campaign: commdn.DBID(1 + n%groups), Group: 501}, []commdn.GroupStatus{commdn.StatusActive, commdn.StatusRunning}[n/groups%2])
		if h.link.SendUserEvent(ctx, e.UserData()) != nil {
			break
		}
		if n%50 == 49 {
			time.Sleep(pause)
		}
	}
	return n
}

// madeUp tells as fast as the simulator lets a client tell.
func madeUp(r *rig, ctx context.Context) int { return r.tell(ctx, 100_000, 8*time.Millisecond) }

func someNews(r *rig, ctx context.Context) int { return r.tell(ctx, 200, 10*time.Millisecond) }
