package client

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var errFull = errors.New("the disk is full")

// shelf is what a browser keeps for its pages.
type shelf struct {
	mu      sync.Mutex
	records map[string]string
	owner   map[string]*page
	puts    int
}

func newShelf() *shelf { return &shelf{records: map[string]string{}, owner: map[string]*page{}} }

// page is one page's view of a shelf: a Store, which may fail.
type page struct {
	*shelf
	tab                map[string]note // by relay; see in
	own, put, del, all error           // fail with these
	slow               time.Duration   // of put and del
	dead               bool
}

func (s *shelf) open() *page { return &page{shelf: s, tab: map[string]note{}} }

// crash ends a page without a word: its client does not reach the shelf any more, and
// somebody else may own its keys.
func (p *page) crash() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
	maps.DeleteFunc(p.owner, func(_ string, owner *page) bool { return owner == p })
}

func (p *page) fail(set *error, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*set = err
}

// slows has what the page writes take a second.
func (p *page) slows() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = time.Second
}

// err gives why an operation fails; mu is held.
func (p *page) err(own error) error {
	if p.dead {
		return errors.New("the page is gone")
	}
	return own
}

func (p *page) Own(key string) (string, func(), error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.err(p.own); err != nil || p.owner[key] != nil {
		return "", nil, err
	}
	p.owner[key] = p
	return p.records[key], func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.owner[key] == p {
			delete(p.owner, key)
		}
	}, nil
}

// takes blocks for as long as an operation does.
func (p *page) takes() {
	p.mu.Lock()
	slow := p.slow
	p.mu.Unlock()
	time.Sleep(slow)
}

func (p *page) Put(key, record string) error {
	p.takes()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.err(p.put); err != nil {
		return err
	}
	p.records[key] = record
	p.puts++
	return nil
}

func (p *page) Delete(key string) error {
	p.takes()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.err(p.del); err != nil {
		return err
	}
	delete(p.records, key)
	return nil
}

func (p *page) All() (map[string]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.records), p.err(p.all)
}

// only gives the one record of the shelf.
func (s *shelf) only(t *testing.T) (key string, r record) {
	t.Helper()
	time.Sleep(keepAfter)
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.records) != 1 {
		t.Fatalf("%d records, want one", len(s.records))
	}
	for k, b := range s.records {
		var ok bool
		if r, ok = readRecord(b); !ok {
			t.Fatalf("no record: %q", b)
		}
		key = k
	}
	return key, r
}

// empty fails unless nothing is left, no key owned included.
func (s *shelf) empty(t *testing.T) {
	t.Helper()
	time.Sleep(keepAfter)
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.records) != 0 || len(s.owner) != 0 {
		t.Errorf("%d records and %d owned keys are left", len(s.records), len(s.owner))
	}
}

// heir is a client with a store, and what it took over.
type heir struct {
	*Client
	relay *relay
	page  *page
	mu    sync.Mutex
	found []Earlier
	told  [][]Event // of each
	ended []chan result
}

// visit opens a page of a person: a client with this token, which takes over what is on
// the shelf. The relay cannot be reached before it is set.
func visit(t *testing.T, s *shelf, token string, change ...func(*Options)) *heir {
	t.Helper()
	h := &heir{relay: newRelay(), page: s.open()}
	h.relay.fail = errRefused
	o := Options{Dial: h.relay.dial, Store: h.page, Relay: "wss://relay/"}
	if token != "" {
		o.Token = func(context.Context) (string, error) { return token, nil }
	}
	for _, f := range change {
		f(&o)
	}
	h.Client = New(o)
	t.Cleanup(h.Close)
	h.TakeOver(func(from *Earlier) func(Event) {
		e := *from
		h.mu.Lock()
		defer h.mu.Unlock()
		i, ended := len(h.found), make(chan result, 1)
		h.found, h.told, h.ended = append(h.found, e), append(h.told, nil), append(h.ended, ended)
		go func() {
			answers, err := e.Wait()
			ended <- result{answers, err}
		}()
		return func(e Event) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.told[i] = append(h.told[i], e)
		}
	})
	synctest.Wait()
	return h
}

// connect lets the client reach its relay, which takes it for the person.
func (h *heir) connect(t *testing.T, subject string) *peer {
	t.Helper()
	h.relay.set(nil)
	nudge(h.retry)
	p := h.relay.acceptWith(t, frame.Welcome{Limits: frame.Limits{PingSeconds: 1 << 30}})
	p.send(t, frame.Frame{Kind: frame.KindIdentity, Body: frame.Identity{Subject: subject, Name: subject, Roles: []string{frame.RoleAgent}}.Body()})
	synctest.Wait()
	return p
}

// took gives what the client took over.
func (h *heir) took() []Earlier {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.found)
}

// onWire waits for a request, and gives its number, key and phone.
func (p *peer) onWire(t *testing.T) (number uint32, key, phone string) {
	t.Helper()
	f := p.recv(t)
	if f.Kind != frame.KindRequest {
		t.Fatalf("frame is %v, want a request", f.Kind)
	}
	r := frame.ReadRequest(f.Body)
	req, err := commdn.DecodeRequest(r.Data)
	if err != nil {
		t.Fatal(err)
	}
	who, _ := commdn.PersonOf(req)
	return f.Number, r.Key, who.Phone
}

// note is what a tab remembers of a relay: the person, and one of their tokens.
type note struct{ token, subject string }

func (p *page) Remember(relay, token, subject string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.err(p.put); err != nil {
		return err
	}
	p.tab[relay] = note{token, subject}
	return nil
}

func (p *page) Recall(relay, token string) (subject string, ok bool) {
	p.takes()
	p.mu.Lock()
	defer p.mu.Unlock()
	n, ok := p.tab[relay]
	return n.subject, ok && p.err(nil) == nil && (token == "" || holder(token) == holder(n.token))
}

// holder gives whose a token is: what is before a stroke.
func holder(token string) string {
	who, _, _ := strings.Cut(token, "/")
	return who
}

// in has a page be one of a tab, which remembers what earlier ones noted.
func in(tab map[string]note) func(*Options) {
	return func(o *Options) { o.Store.(*page).tab = tab }
}
