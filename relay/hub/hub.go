// Package hub is who is connected, and the fan-out of news to them. One
// goroutine does it, so that everybody hears the same in the same order, and
// neither a T-Server nor an answer to somebody waits for it.
package hub

import (
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"commdn/relay/auth"
	"commdn/relay/campaigns"
	"commdn/relay/internal/pace"
)

// Member is somebody connected. The hub's goroutine calls its methods one after
// the other, so none may block.
type Member interface {
	Welcome(Links) // first of all: the links as they are
	Links(Links)   // they have changed
	News(*News)    // something happened to a campaign group
	Gap(*Gap)      // nothing is known of these since a link went down
	LeaveIfIdle()  // the relay is shutting down
}

// News is an update on its way to everybody who may see it.
type News struct {
	Update *campaigns.Update
	About  auth.Object // the campaign group, as rights see it
}

// Gap is a link that went down: nothing is known of the campaign groups behind
// it from then on.
type Gap struct {
	Seq   uint64 // as of an Update
	Past  []campaigns.Past
	About []auth.Object // of each of Past
}

// Counters are told what the hub does; nil functions are not called.
type Counters struct {
	Joined, Left func()
	Dropped      func() // news that nobody heard, as too much waited
}

// slice is how long the fan-out works until it pauses: that the last of thousands is told
// no later than a bare server would takes longer ones than strangers have.
const slice = 5 * time.Millisecond

// maxWaiting bounds the news that wait for the fan-out, of which the newest
// status of each campaign group is one: older ones give way before.
const maxWaiting = 50_000

// Hub is the set of members and the queue of what they are to hear. Join, Leave
// and the functions that tell never block.
type Hub struct {
	log   *slog.Logger
	count Counters
	done  chan struct{}
	wake  chan struct{}

	mu      sync.Mutex // over what follows; never held while a member is called
	queue   []item
	joining []Member              // not welcomed yet
	latest  map[campaigns.Key]int // status to its index in queue
	members map[Member]struct{}
	closed  bool
	leaving bool // members without requests go

	pacer pace.Pacer // of the fan-out

	told Links // what the members were told last; of the hub's goroutine
}

// item is one thing to tell. Exactly one field is set.
type item struct {
	news  *News
	gap   *Gap
	links Links
}

// New starts a hub. links is what the first members are told.
func New(links Links, count Counters, log *slog.Logger) *Hub {
	for _, f := range []*func(){&count.Joined, &count.Left, &count.Dropped} {
		if *f == nil {
			*f = func() {}
		}
	}
	h := &Hub{
		log: log, count: count, told: links, done: make(chan struct{}), wake: make(chan struct{}, 1),
		latest: make(map[campaigns.Key]int), members: make(map[Member]struct{}),
		pacer: pace.Pacer{Slice: slice},
	}
	go h.run()
	return h
}

// Close ends the fan-out and waits for what is being told. Members that joined
// and were not welcomed yet never are.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.signal()
	<-h.done
}

// Join enters a member, who is welcomed before the next thing is told, however much
// there is to tell.
func (h *Hub) Join(m Member) {
	h.mu.Lock()
	h.members[m] = struct{}{}
	h.joining = append(h.joining, m)
	h.mu.Unlock()
	h.count.Joined()
	h.signal()
}

// Leave takes a member out. It may still be told something that is on its way.
func (h *Hub) Leave(m Member) {
	h.mu.Lock()
	_, in := h.members[m]
	delete(h.members, m)
	h.mu.Unlock()
	if in {
		h.count.Left()
	}
}

// Members gives everybody, in no order.
func (h *Hub) Members() []Member {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Member, 0, len(h.members))
	for m := range h.members {
		all = append(all, m)
	}
	return all
}

// News tells everybody of an update. A status takes the place of an older one of
// the same campaign group that is still waiting.
func (h *Hub) News(n *News) { h.put(item{news: n}) }

// Gap tells everybody who knows the history of what was lost with a link.
func (h *Hub) Gap(g *Gap) { h.put(item{gap: g}) }

// Links tells everybody how the links are, if that is not what they heard last.
func (h *Hub) Links(all Links) { h.put(item{links: all}) }

// SendAwayIdle ends members without a request in flight, those who join later
// too: the relay is shutting down.
func (h *Hub) SendAwayIdle() {
	h.mu.Lock()
	h.leaving = true
	h.mu.Unlock()
	for _, m := range h.Members() {
		m.LeaveIfIdle()
	}
}

// Leaving says whether SendAwayIdle was called.
func (h *Hub) Leaving() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.leaving
}

func (h *Hub) put(i item) {
	if h.add(i) {
		h.signal()
	} else {
		h.count.Dropped()
		h.log.Error("news dropped: too much waits to be told", "waiting", maxWaiting)
	}
}

func (h *Hub) add(i item) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i.news != nil {
		if len(h.queue) >= maxWaiting {
			return false
		}
		if i.news.Update.Status {
			key := i.news.Update.Key()
			if older, waits := h.latest[key]; waits {
				h.queue[older] = item{}
			}
			h.latest[key] = len(h.queue)
		}
	}
	h.queue = append(h.queue, i)
	return true
}

func (h *Hub) signal() {
	select {
	case h.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (h *Hub) run() {
	defer close(h.done)
	for range h.wake {
		for {
			batch, closed := h.take()
			if closed {
				return
			}
			h.welcome()
			if batch == nil {
				break
			}
			for _, i := range batch {
				h.do(i)
				h.welcome()
			}
		}
	}
}

func (h *Hub) take() (batch []item, closed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	batch = h.queue
	h.queue = nil
	clear(h.latest)
	return batch, h.closed
}

func (h *Hub) welcome() {
	h.mu.Lock()
	joining := h.joining
	h.joining = nil
	h.mu.Unlock()
	for _, m := range joining {
		h.tell(m, func(m Member) { m.Welcome(h.told) })
		if h.Leaving() { // which may have begun before it joined
			h.tell(m, Member.LeaveIfIdle)
		}
		h.pacer.Yield()
	}
}

func (h *Hub) do(i item) {
	switch {
	case i.news != nil:
		h.all(func(m Member) { m.News(i.news) })
	case i.gap != nil:
		h.all(func(m Member) { m.Gap(i.gap) })
	case i.links != nil && !i.links.equal(h.told):
		h.told = i.links
		h.all(func(m Member) { m.Links(h.told) })
	}
}

// all tells everybody. Each of thousands starts to write what it was told: the
// hub lets those go first, so that what else there is to do, such as an answer,
// never waits behind more than a few of them.
func (h *Hub) all(tell func(Member)) {
	for _, m := range h.Members() {
		h.tell(m, tell)
		h.pacer.Yield()
	}
}

// tell keeps a mistake in one member from everybody else.
func (h *Hub) tell(m Member, tell func(Member)) {
	defer func() {
		if p := recover(); p != nil {
			h.log.Error("a member could not be told", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	tell(m)
}
