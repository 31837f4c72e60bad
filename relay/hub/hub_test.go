package hub_test

import (
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/campaigns"
	"commdn/relay/hub"
	"commdn/relay/internal/leak"
	"commdn/relay/internal/pacetest"
)

func TestMain(m *testing.M) { leak.Main(m) }

const patience = 30 * time.Second

// listener writes down what it is told.
type listener struct {
	mu    sync.Mutex
	heard []string
	grown chan struct{}
	block chan struct{} // not nil: News waits for it
	panic bool

	blocked atomic.Bool // News has come to block
}

func newListener() *listener { return &listener{grown: make(chan struct{}, 1)} }

func (l *listener) hear(format string, args ...any) {
	l.mu.Lock()
	l.heard = append(l.heard, fmt.Sprintf(format, args...))
	l.mu.Unlock()
	select {
	case l.grown <- struct{}{}:
	default:
	}
}

func (l *listener) Welcome(all hub.Links) { l.hear("welcome %d", all.Together().Since) }
func (l *listener) Links(all hub.Links)   { l.hear("links %d", all.Together().Since) }
func (l *listener) Gap(g *hub.Gap)        { l.hear("gap %d", g.Seq) }
func (l *listener) LeaveIfIdle()          { l.hear("leave") }
func (l *listener) News(n *hub.News) {
	l.mu.Lock()
	block, fail := l.block, l.panic
	l.mu.Unlock()
	if fail {
		panic("a mistake")
	}
	if block != nil {
		l.blocked.Store(true)
		<-block
	}
	l.hear("news %d", n.Update.Seq)
}

// until waits for the last thing to be heard, and gives everything.
func (l *listener) until(t *testing.T, last string) []string {
	t.Helper()
	late := time.After(patience)
	for {
		l.mu.Lock()
		if n := len(l.heard); n > 0 && l.heard[n-1] == last {
			defer l.mu.Unlock()
			return slices.Clone(l.heard)
		}
		l.mu.Unlock()
		select {
		case <-l.grown:
		case <-late:
			t.Fatalf("%q is not the last thing heard", last)
		}
	}
}

func newHub(t *testing.T, c hub.Counters) *hub.Hub {
	h := hub.New(links(frame.Link{Up: true, Since: 1}), c, slog.New(slog.DiscardHandler))
	t.Cleanup(h.Close)
	return h
}

func news(seq uint64, campaign commdn.DBID, status bool) *hub.News {
	return &hub.News{Update: &campaigns.Update{
		Link: "a", Seq: seq, Status: status,
		Event: &commdn.CampaignEvent{CampaignGroup: commdn.CampaignGroup{Campaign: campaign, Group: 7}},
	}}
}

// Everybody is welcomed first, with the links as others were told them, and
// hears the rest in order. Links that have not changed are not told again.
func TestOrder(t *testing.T) {
	h, a, b := newHub(t, hub.Counters{}), newListener(), newListener()
	h.Join(a)
	h.Links(links(frame.Link{Up: true, Since: 1}))
	h.Links(links(frame.Link{Up: true, Since: 2}))
	h.News(news(1, 1, true))
	a.until(t, "news 1")
	h.Join(b)
	h.Gap(&hub.Gap{Seq: 2})
	h.News(news(3, 1, false))
	h.Links(links(frame.Link{Up: true, Since: 3}))
	if got, want := a.until(t, "links 3"), []string{"welcome 1", "links 2", "news 1", "gap 2", "news 3", "links 3"}; !slices.Equal(got, want) {
		t.Errorf("a heard %q, want %q", got, want)
	}
	if got, want := b.until(t, "links 3"), []string{"welcome 2", "gap 2", "news 3", "links 3"}; !slices.Equal(got, want) {
		t.Errorf("b heard %q, want %q", got, want)
	}
	h.Leave(b)
	h.News(news(4, 1, true))
	a.until(t, "news 4")
	if got := b.until(t, "links 3"); len(got) != 4 {
		t.Errorf("b heard %q after it left", got)
	}
}

// Who joins while there is much to tell is welcomed at once, not after all of it.
func TestWelcomeWaitsForNoNews(t *testing.T) {
	h, a, b := newHub(t, hub.Counters{}), newListener(), newListener()
	a.block = make(chan struct{})
	h.Join(a)
	const all = 100
	for n := range uint64(all) {
		h.News(news(n+1, 1, false))
	}
	for late := time.Now().Add(patience); !a.blocked.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("the fan-out does not begin")
		}
	}
	h.Join(b)
	close(a.block)
	heard := b.until(t, fmt.Sprint("news ", all))
	if heard[0] != "welcome 1" || len(heard) < all/2 {
		t.Errorf("the newcomer heard %q", heard)
	}
}

// While the fan-out is busy, a newer status takes the place of an older one of
// the same campaign group; news are not replaced.
func TestNewestStatus(t *testing.T) {
	h, a := newHub(t, hub.Counters{}), newListener()
	a.block = make(chan struct{})
	h.Join(a)
	h.News(news(1, 1, true))
	h.News(news(2, 1, false))
	h.News(news(3, 1, true))
	h.News(news(4, 2, true))
	h.News(news(5, 1, true))
	h.News(news(6, 3, true))
	close(a.block)
	got := a.until(t, "news 6")
	// The first one may have been on its way already.
	if first := slices.Index(got, "news 1"); first > 0 {
		got = slices.Delete(got, first, first+1)
	}
	if want := []string{"welcome 1", "news 2", "news 4", "news 5", "news 6"}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// Nothing that waits without end: news beyond the bound are dropped and counted.
func TestBound(t *testing.T) {
	dropped, joined, left := 0, 0, 0
	h := newHub(t, hub.Counters{Dropped: func() { dropped++ }, Joined: func() { joined++ }, Left: func() { left++ }})
	a := newListener()
	a.block = make(chan struct{})
	h.Join(a)
	const most = 50_000
	h.News(news(1, 1, false))
	for late := time.Now().Add(patience); !a.blocked.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("the fan-out does not begin")
		}
	}
	for n := range uint64(most + 1000) {
		h.News(news(n+2, 1, false))
	}
	close(a.block)
	h.Links(links(frame.Link{Up: true, Since: 9}))
	a.until(t, "links 9")
	if dropped != 1000 {
		t.Errorf("%d dropped", dropped)
	}
	h.Leave(a)
	h.Leave(a)
	if joined != 1 || left != 1 {
		t.Errorf("%d joined, %d left", joined, left)
	}
}

// Who joins a relay that is shutting down is welcomed, and sent away.
func TestSendAwayIdle(t *testing.T) {
	h, a, b := newHub(t, hub.Counters{}), newListener(), newListener()
	h.Join(a)
	a.until(t, "welcome 1")
	h.SendAwayIdle()
	a.until(t, "leave")
	h.Join(b)
	if got := b.until(t, "leave"); got[0] != "welcome 1" || !h.Leaving() {
		t.Errorf("heard %q", got)
	}
}

// A mistake in one member is reported and keeps nothing from the others.
func TestMemberPanics(t *testing.T) {
	var log strings.Builder
	h := hub.New(links(frame.Link{Up: true, Since: 1}), hub.Counters{}, slog.New(slog.NewTextHandler(&log, nil)))
	bad, good := newListener(), newListener()
	bad.panic = true
	h.Join(bad)
	h.Join(good)
	h.News(news(1, 1, true))
	h.Links(links(frame.Link{Up: true, Since: 2}))
	good.until(t, "links 2")
	bad.until(t, "links 2")
	h.Close()
	if !strings.Contains(log.String(), "a mistake") {
		t.Errorf("log: %s", log.String())
	}
	h.Join(newListener()) // nothing happens
}

// writer writes what it is told in a goroutine, as a connection does.
type writer struct {
	listener
	waiting, most *atomic.Int64
	told          *sync.WaitGroup
}

func (w *writer) News(*hub.News) {
	if n := w.waiting.Add(1); n > w.most.Load() { // the hub's goroutine alone comes here
		w.most.Store(n)
	}
	go func() {
		w.waiting.Add(-1)
		w.told.Done()
	}()
}

// Who has something else to do on a busy processor waits for a few of those who
// write news, not for all.
func TestFanOutLetsOthersGo(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	h := hub.New(nil, hub.Counters{}, slog.New(slog.DiscardHandler))
	defer h.Close()
	var waiting, most atomic.Int64
	var told sync.WaitGroup
	const members = 5000
	for range members {
		h.Join(&writer{waiting: &waiting, most: &most, told: &told})
	}
	told.Add(members)
	h.News(news(1, 1, true))
	told.Wait()
	if n := most.Load(); n > members/10 {
		t.Errorf("%d of %d writers waited at once", n, members)
	}
}

// busy takes its time for what it is told.
type busy struct {
	listener
	told *atomic.Int64
}

func (b *busy) News(*hub.News) {
	pacetest.Piece()
	b.told.Add(1)
}

// A request over the network does not wait for the fan-out.
func TestFanOutLetsTheNetworkGo(t *testing.T) {
	h := hub.New(nil, hub.Counters{}, slog.New(slog.DiscardHandler))
	var told atomic.Int64
	for range 5000 {
		h.Join(&busy{told: &told})
	}
	for n := range uint64(1000) { // far more than is told meanwhile
		h.News(news(n+1, 1, false))
	}
	pacetest.Network(t, &told)
	for _, m := range h.Members() {
		h.Leave(m)
	}
	h.Close()
}
