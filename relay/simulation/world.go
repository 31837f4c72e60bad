// Package simulation runs the relay's own code in worlds that follow from a seed: the
// time is virtual, and network, T-Server, OCS, disk and people do what a plan says that
// the seed gives. README.md says what is real there, and what must hold.
package simulation

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/habits"
	"commdn/relay/sim/faults"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
)

// Planted is a mistake that is made on purpose, to see that it is found.
type Planted string

// The mistakes.
const (
	None         Planted = ""
	NoSync       Planted = "sync left out"        // a message is kept before it is on disk
	EarlyAck     Planted = "ack before outcome"   // a request goes out of the journal as it is handed out
	ForgottenKey Planted = "key forgotten"        // the journal does not know a key again
	NewKey       Planted = "key of reconnection"  // a client that reconnects makes a new key
	LostOutcome  Planted = "outcome not written"  // an outcome is acknowledged, and not on disk
	NoFence      Planted = "fencing ignored"      // a relay that has lost a lease sends and writes all the same
	NoAudit      Planted = "audit left out"       // a deed is told to be written, and is not
	LostUndo     Planted = "undo lost in a crash" // that a request was undone is told before it is on disk
)

// Options say what kind of world to run.
type Options struct {
	Relays  int // 0: one
	Planted Planted
	Log     bool // the history has the log of the relays, too
}

// Result is what became of a world.
type Result struct {
	Seed    uint64
	Plan    string
	Wrong   []string // what must not be; empty: all is well
	History []string // with time and host
	Clicks  int
	Undone  int           // requests that were taken back in time
	Late    int           // and too late
	Virtual time.Duration // how long the world lasted
}

// standsStill is how long, by the machine's time, a world may take.
const standsStill = 2 * time.Minute

// Run runs the world of a seed.
func Run(t *testing.T, seed uint64, o Options) *Result {
	res := &Result{Seed: seed}
	running.Store(seed)
	stands := time.AfterFunc(standsStill, func() {
		panic(fmt.Sprintf("the world of seed %d stands still: somebody waits for a mutex whose owner waits for time to pass, or two do one thing for ever", seed))
	})
	defer stands.Stop()
	defer func() {
		if p := recover(); p != nil {
			panic(fmt.Sprintf("seed %d: %v", seed, p))
		}
	}()
	synctest.Test(t, func(*testing.T) {
		w := newWorld(newPlan(seed, o.Relays), o)
		w.run()
		res.Plan, res.Wrong, res.History = w.plan.String(), w.ledger.wrong, w.history
		res.Clicks, res.Virtual = len(w.plan.clicks), w.now()
		res.Undone, res.Late = w.ledger.undos()
	})
	return res
}

// String tells what is wrong, and how it came to that.
func (r *Result) String() string {
	return fmt.Sprintf("seed %d: %s\n%s\n\nWrong:\n%s\n", r.Seed, r.Plan, strings.Join(r.History, "\n"), strings.Join(r.Wrong, "\n"))
}

// world is one run.
type world struct {
	plan    *plan
	planted Planted
	logs    bool
	began   time.Time
	ledger  *ledger

	tservers []*exchange
	union    *union // nil: one relay
	ocs      []*ocs.OCS
	relays   []*machine
	people   []*person

	mu      sync.Mutex
	history []string
	wires   []*wire
	users   map[*store][]*user
	hosts   map[string]int // how many of a name there were
}

func newWorld(p *plan, o Options) *world {
	w := &world{plan: p, planted: o.Planted, logs: o.Log, began: time.Now(), users: make(map[*store][]*user), hosts: make(map[string]int)}
	w.ledger = newLedger(w)
	return w
}

// now gives the time since the world began.
func (w *world) now() time.Duration { return time.Since(w.began) }

// note adds a line to the history.
func (w *world) note(who, format string, args ...any) {
	line := fmt.Sprintf("%11.6f %-10s %s", w.now().Seconds(), who, fmt.Sprintf(format, args...))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.history = append(w.history, line)
}

// log gives the log of a host.
func (w *world) log(who string) *slog.Logger {
	if !w.logs {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(logWriter{w, who}, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

type logWriter struct {
	w   *world
	who string
}

func (l logWriter) Write(b []byte) (int, error) {
	l.w.note(l.who, "| %s", strings.TrimSpace(string(b)))
	return len(b), nil
}

// running is the seed of the world that runs.
var running atomic.Uint64

// must ends the test at what cannot happen.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("seed %d: %v", running.Load(), err))
	}
}

// DBIDs of applications; those of the links come one after the other.
const (
	relayDBID commdn.DBID = 101
	ocsDBID   commdn.DBID = 201
)

// run lets the world happen, and then checks it.
func (w *world) run() {
	for n := range w.plan.links {
		t := &exchange{w: w, link: n, name: tserverName(n)}
		w.tservers = append(w.tservers, t)
		w.ocs = append(w.ocs, w.startOCS(t))
	}
	shared := w.store("journal", true)
	if w.plan.leased {
		w.union = &union{w: w, records: make(map[string]*entry)}
	}
	for n := range w.plan.relays {
		m := &machine{w: w, name: relayName(n), n: n, store: shared}
		if !w.plan.cluster {
			m.store = w.store(m.name, false)
		}
		w.relays = append(w.relays, m)
	}
	var running sync.WaitGroup
	for _, m := range w.relays {
		running.Go(m.live)
	}
	for n := range w.plan.people {
		p := w.person(n)
		w.people = append(w.people, p)
		running.Go(p.live)
	}
	for _, c := range w.plan.clicks {
		running.Go(func() {
			time.Sleep(c.at)
			w.people[c.person].click(c)
		})
	}
	running.Go(w.mishaps)
	running.Wait()
	w.settle()
	w.ledger.check()
	for _, p := range w.people {
		p.leave()
	}
	for _, m := range w.relays {
		m.end(stop)
		m.ending.Wait()
	}
	for _, o := range w.ocs {
		must(o.Close())
	}
	w.mu.Lock()
	wires := w.wires
	w.mu.Unlock()
	for _, c := range wires {
		c.reset()
	}
}

// mishaps makes happen what ends connections.
func (w *world) mishaps() {
	var running sync.WaitGroup
	for _, t := range w.tservers {
		for _, down := range w.plan.down[t.name] {
			running.Go(func() {
				time.Sleep(down.from)
				w.note(t.name, "is down for %s", down.to-down.from)
				t.fall()
			})
		}
	}
	for _, c := range w.plan.cuts {
		running.Go(func() {
			time.Sleep(c.at)
			w.note(c.a, "loses its connections to %s", c.b)
			w.cut(c.a, c.b)
		})
	}
	running.Wait()
	if rest := w.plan.trouble - w.now(); rest > 0 {
		time.Sleep(rest)
	}
	w.note("world", "nothing goes wrong any more")
}

// startOCS starts the OCS of a link: that of commdn sim.
func (w *world) startOCS(t *exchange) *ocs.OCS {
	id := ocsDBID + commdn.DBID(t.link)
	s := &scenario.Scenario{
		Seed: w.plan.seed, CommDNs: []scenario.CommDN{{Number: commDN}},
		Applications: []scenario.Application{
			// Without the echo an error that comes late can be taken for the answer to another request, as nothing says what it is about.
			{DBID: id, Type: scenario.OutboundContactServer, OCS: scenario.OCS{Habits: habits.Habits{EchoOnError: true}}},
		},
	}
	for n := range max(w.plan.relays, 1) {
		s.Applications = append(s.Applications, scenario.Application{DBID: relayDBID + commdn.DBID(n), Name: relayName(n), Type: scenario.ThirdPartyServer})
		s.Applications[0].Connections = append(s.Applications[0].Connections, relayDBID+commdn.DBID(n))
	}
	for _, c := range w.plan.clicks {
		if c.kind != load {
			continue
		}
		g := groupOf(c)
		s.Groups = append(s.Groups, scenario.Group{DBID: g.Group, Name: fmt.Sprint("group ", g.Group)})
		s.Campaigns = append(s.Campaigns, scenario.Campaign{DBID: g.Campaign, Name: fmt.Sprint("campaign ", g.Campaign)})
		s.CampaignGroups = append(s.CampaignGroups, scenario.CampaignGroup{Campaign: g.Campaign, Group: g.Group})
	}
	must(s.Check())
	f := faults.New(w.plan.seed + uint64(t.link))
	if w.plan.refused > 0 {
		f.Add(scenario.Fault{Do: scenario.Refuse, Error: commdn.ErrorInvalidParameter, Percent: w.plan.refused})
	}
	h := w.host(ocsName(t.link))
	o, err := ocs.Start(ocs.Options{Servers: []string{t.name}, DBID: id, Scenario: s, Faults: f, Driver: driver{t, h}, Log: w.log(h.name)})
	must(err)
	return o
}

const commDN = "CommDN_1"

// groupOf gives the campaign group that a load is about: one of its own.
func groupOf(c click) commdn.CampaignGroup {
	return commdn.CampaignGroup{Campaign: 1001 + commdn.DBID(c.n), Group: 501 + commdn.DBID(c.n)}
}

// unseen says whether the planted mistake hides what the journal has of a key. An
// administrator sees what was put aside.
func (w *world) unseen(pattern string) bool {
	return w.planted == ForgottenKey && !strings.Contains(pattern, "route") && !strings.Contains(pattern, "dead")
}
