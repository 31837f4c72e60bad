package simulation

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"
)

// random gives a source of its own for each name, so that what one part of a world
// draws changes nothing for the others.
func random(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// dice gives a source for each thing by what it is: so things that happen at the same
// moment get the same lot in whichever order the scheduler lets them happen.
type dice struct {
	seed uint64
	name string

	mu sync.Mutex
	n  map[string]int
}

func newDice(seed uint64, name string) *dice {
	return &dice{seed: seed, name: name, n: make(map[string]int)}
}

func (d *dice) of(what string) *rand.Rand {
	d.mu.Lock()
	d.n[what]++
	n := d.n[what]
	d.mu.Unlock()
	return random(d.seed+uint64(n), d.name+what)
}

// between draws a time.
func between(r *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(r.Int64N(int64(to-from)))
}

// window is a span of time, from the start of the world on.
type window struct{ from, to time.Duration }

type windows []window

// after gives the first time from t on that lies in no window.
func (ws windows) after(t time.Duration) time.Duration {
	for _, w := range ws {
		if w.from <= t && t < w.to {
			t = w.to
		}
	}
	return t
}

// add puts a window in, in the order of time.
func (ws *windows) add(w window) {
	*ws = append(*ws, w)
	slices.SortFunc(*ws, func(a, b window) int { return int(a.from - b.from) })
}

// How a relay ends.
type ending string

const (
	kill  ending = "killed"        // what was written is there, synced or not
	power ending = "without power" // what was not synced may be gone; nobody is told
	stop  ending = "stopped"       // as by SIGTERM
)

type crash struct {
	at, down time.Duration
	how      ending
}

type kind string

const (
	doNotCall kind = "do-not-call"
	cancel    kind = "cancel"
	load      kind = "load"
)

// click is a request of somebody.
type click struct {
	n      int
	at     time.Duration
	person int
	kind   kind
	link   int // of a load
	like   int // 0: about somebody new; else about the same number as the click like-1
	twice  bool
	window time.Duration // in which it can be undone; 0: it goes out at once
	undo   time.Duration // after the click it is taken back; 0: never
	calm   bool          // nothing goes wrong any more, and it is taken back in time
}

// plan is all that happens to a world from outside. It follows from the seed alone.
type plan struct {
	seed    uint64
	cluster bool // relays share the journal on a NATS cluster; else each has a folder
	relays  int
	leased  bool // of several relays one sends on a link
	audited bool // there is an audit
	links   int
	people  int
	most    int           // requests that the journal hands out at once
	tries   int           // after which a request is put aside
	trouble time.Duration // after it nothing goes wrong any more
	clicks  []click

	shut    map[string]windows // between two hosts, see pair
	pauses  map[string]windows // of a host: it does nothing
	down    map[string]windows // of T-Servers
	full    windows            // the disk of the journal
	crashes map[string][]crash // of relays
	cuts    []cut
	reloads map[int][]time.Duration // by person

	slow                    time.Duration // that a way may take at most
	drop, double, reordered float64       // events from and to OCS
	refused                 int           // percent of requests that OCS refuses
}

// cut ends the connections between two hosts.
type cut struct {
	at   time.Duration
	a, b string
}

// pair names two hosts.
func pair(a, b string) string {
	if a > b {
		a, b = b, a
	}
	return a + " and " + b
}

// Names of hosts.
func relayName(n int) string  { return "relay" + strconv.Itoa(n+1) }
func personName(n int) string { return "person" + strconv.Itoa(n+1) }
func linkName(n int) string   { return string(rune('a' + n)) }
func tserverName(n int) string {
	return "tserver-" + linkName(n)
}
func ocsName(n int) string { return "ocs-" + linkName(n) }

const nats = "nats"

// newPlan draws a plan.
func newPlan(seed uint64, relays int) *plan {
	r := random(seed, "plan")
	p := &plan{
		seed: seed, links: 1 + r.IntN(3)/2, people: 1 + r.IntN(3), most: []int{1, 4, 64}[r.IntN(3)], tries: 3 + r.IntN(3),
		trouble: between(r, 20*time.Second, 90*time.Second), relays: relays,
		shut: make(map[string]windows), pauses: make(map[string]windows), down: make(map[string]windows),
		crashes: make(map[string][]crash), reloads: make(map[int][]time.Duration),
		slow: []time.Duration{2, 20, 200, 2000}[r.IntN(4)] * time.Millisecond,
	}
	if relays == 0 {
		p.relays = 1 + r.IntN(3)/2
	}
	p.cluster = p.relays > 1 || r.IntN(3) == 0
	p.leased, p.audited = p.relays > 1, r.IntN(2) == 0
	some := func() float64 { return []float64{0, 0, 0.05, 0.3}[r.IntN(4)] }
	p.drop, p.double, p.reordered = some(), some(), some()
	p.refused = []int{0, 20, 50}[r.IntN(3)]
	p.draw(r)
	for n := range 3 + r.IntN(15) {
		c := click{n: n, at: between(r, 0, p.trouble), person: r.IntN(p.people), kind: doNotCall, link: r.IntN(p.links)}
		switch x := r.IntN(10); {
		case x < 2:
			c.kind = load
		case x < 4:
			c.kind = cancel
		case x == 4 && n > 0:
			if of := r.IntN(n); p.clicks[of].kind != load {
				c.like, c.kind = of+1, p.clicks[of].kind
			}
		}
		c.twice = c.kind != load && r.IntN(6) == 0
		p.clicks = append(p.clicks, c)
	}
	p.drawUndo(random(seed, "undo"))
	return p
}

// draw draws what goes wrong: each sort of trouble in some worlds alone, so that
// others are seen without it.
func (p *plan) draw(r *rand.Rand) {
	often := func(what func()) {
		if r.IntN(2) == 0 {
			return
		}
		for range 1 + r.IntN(3) {
			what()
		}
	}
	span := func(from, to time.Duration) window {
		at := between(r, 0, p.trouble)
		return window{at, min(at+between(r, from, to), p.trouble)}
	}
	shut := func(a, b string) {
		ws := p.shut[pair(a, b)]
		ws.add(span(100*time.Millisecond, 40*time.Second))
		p.shut[pair(a, b)] = ws
	}
	for n := range p.relays {
		name := relayName(n)
		often(func() {
			how := []ending{kill, kill, power, power, stop}[r.IntN(5)]
			p.crashes[name] = append(p.crashes[name], crash{between(r, time.Second, p.trouble), between(r, 10*time.Millisecond, 20*time.Second), how})
		})
		slices.SortFunc(p.crashes[name], func(a, b crash) int { return int(a.at - b.at) })
		often(func() {
			ws := p.pauses[name]
			ws.add(span(10*time.Millisecond, 45*time.Second))
			p.pauses[name] = ws
		})
		for l := range p.links {
			often(func() { shut(name, tserverName(l)) })
		}
		if p.relays > 1 { // that is what leases are for
			shut(name, nats)
		}
		if p.cluster {
			often(func() { shut(name, nats) })
			often(func() { p.cuts = append(p.cuts, cut{between(r, 0, p.trouble), name, nats}) })
		}
		for person := range p.people {
			often(func() { shut(name, personName(person)) })
			often(func() { p.cuts = append(p.cuts, cut{between(r, 0, p.trouble), name, personName(person)}) })
		}
	}
	for l := range p.links {
		often(func() {
			ws := p.down[tserverName(l)]
			ws.add(span(100*time.Millisecond, 20*time.Second))
			p.down[tserverName(l)] = ws
		})
		often(func() {
			ws := p.pauses[ocsName(l)]
			ws.add(span(time.Second, 40*time.Second))
			p.pauses[ocsName(l)] = ws
		})
		often(func() { shut(ocsName(l), tserverName(l)) })
	}
	if r.IntN(4) == 0 {
		p.full.add(span(time.Second, 30*time.Second))
	}
	for person := range p.people {
		often(func() { p.reloads[person] = append(p.reloads[person], between(r, time.Second, p.trouble)) })
	}
}

// String tells what is in store.
func (p *plan) String() string {
	where := "a folder"
	if p.cluster {
		where = "a NATS cluster"
	}
	held := 0
	for _, c := range p.clicks {
		if c.window > 0 {
			held++
		}
	}
	return fmt.Sprintf("%d relays, %d links, %d people, %d clicks, %d of them with a window for undo, journal in %s, %d handed out at once, put aside after %d tries; trouble until %s; ways take up to %s, of the events of OCS %.0f%% are lost, %.0f%% come twice, %.0f%% in another order, %d%% of the requests are refused",
		p.relays, p.links, p.people, len(p.clicks), held, where, p.most, p.tries, p.trouble, p.slow, 100*p.drop, 100*p.double, 100*p.reordered, p.refused)
}
