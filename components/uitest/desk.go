// Package uitest is for the tests of components, native and in a browser alike. A Desk is
// the element around a component and fakes the CommDN client, so that a test decides the
// result of each request.
package uitest

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vugu/vugu"
	"github.com/vugu/vugu/staticrender"

	"commdn/components/lang"
	"commdn/components/lang/langtest"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Connected is a client's status with everything working.
var Connected = client.Status{State: client.Connected, Link: frame.Link{Up: true}, OCS: []commdn.DBID{201}}

// Noon is the clock of a Desk until a test sets it.
var Noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// Desk holds one component.
type Desk struct {
	C       ui.Component
	Session *session.Session

	t      testing.TB
	client *Client
	env    ui.Env

	mu     sync.Mutex // held while something touches the component
	lang   *lang.Language
	now    time.Time
	frames []func()
	events []Event
	saved  []Saved
}

// Event is an event that the host page received.
type Event struct {
	Name   string
	Detail map[string]any
}

// Saved is a file that the component saved.
type Saved struct{ Name, Mime, Content string }

// New makes a component with attributes, alternating names and values, and a client with
// this status.
func New[C ui.Component](t testing.TB, make func(ui.Env) C, status client.Status, attributes ...string) *Desk {
	t.Helper()
	return NewWith(t, make, NewClient(status), attributes...)
}

// NewWith is New with a client that the test prepared.
func NewWith[C ui.Component](t testing.TB, make func(ui.Env) C, c *Client, attributes ...string) *Desk {
	t.Helper()
	d := &Desk{t: t, now: Noon, client: c, lang: lang.New("en", langtest.Plain{In: time.UTC})}
	d.Session = session.New(d.client, d.Now)
	d.env = ui.Env{
		Session: d.Session, Lang: func() *lang.Language { return d.lang },
		Update: d.Update, UpdateIf: func(f func() bool) { d.Update(func() { f() }) }, Frame: d.frame, Emit: d.emit, Now: d.Now,
		Save: func(name, mime, content string) { d.saved = append(d.saved, Saved{name, mime, content}) },
	}
	d.C = make(d.env)
	t.Cleanup(func() {
		d.Update(d.C.Close) // what a timer of the component has begun is over, or finds it closed
		d.Session.Close()
		d.client.end()
	})
	for i := 0; i+1 < len(attributes); i += 2 {
		d.Set(attributes[i], attributes[i+1])
	}
	return d
}

// Client is the Desk's client.
func (d *Desk) Client() *Client { return d.client }

// Update runs f as a browser would run an event handler.
func (d *Desk) Update(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

func (d *Desk) frame(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.frames = append(d.frames, f)
}

// Frame runs the functions that wait for the browser's next frame and returns their number.
func (d *Desk) Frame() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	frames := d.frames
	d.frames = nil
	for _, f := range frames {
		f()
	}
	return len(frames)
}

func (d *Desk) emit(detail map[string]any, names ...string) {
	for _, name := range names {
		d.events = append(d.events, Event{name, detail})
	}
}

// Now is the Desk's clock.
func (d *Desk) Now() time.Time { return d.now }

// SetNow sets the clock. Do not call it while a request is in flight.
func (d *Desk) SetNow(t time.Time) { d.now = t }

// Speak changes the language. A tag that ends in -u-hc-h12 has a clock of 12 hours.
func (d *Desk) Speak(tag string) {
	intl := langtest.Plain{In: time.UTC, Twelve: strings.HasSuffix(tag, "-u-hc-h12")}
	d.Update(func() { d.lang = lang.New(tag, intl) })
}

// Set sets an attribute; Remove removes it.
func (d *Desk) Set(name, value string) { d.Update(func() { d.C.SetAttribute(name, value, true) }) }

// Remove removes an attribute.
func (d *Desk) Remove(name string) { d.Update(func() { d.C.SetAttribute(name, "", false) }) }

// Events returns what the host page has received since the last call.
func (d *Desk) Events() []Event {
	d.mu.Lock()
	defer d.mu.Unlock()
	events := d.events
	d.events = nil
	return events
}

// Saved returns the files saved so far.
func (d *Desk) Saved() []Saved {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.saved
}

// States returns the states in a list of commdn-state events, for comparing.
func States(events []Event) string {
	var words []string
	for _, e := range events {
		if e.Name == "commdn-state" {
			state, _ := e.Detail["state"].(string)
			words = append(words, state)
		}
	}
	return strings.Join(words, " ")
}

// HTML draws the component, without its style.
func (d *Desk) HTML() string {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	env, err := vugu.NewBuildEnv(vugu.NewEventEnvImpl(&sync.RWMutex{}, make(chan bool, 1)))
	if err != nil {
		d.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := staticrender.New(&b).Render(env.RunBuild(d.C)); err != nil {
		d.t.Fatal(err)
	}
	before, _, _ := strings.Cut(b.String(), "<style>")
	return before
}

// Await polls until f, which runs as in Update, returns true.
func (d *Desk) Await(what string, f func() bool) {
	d.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		ok := false
		d.Update(func() { ok = f() })
		if ok {
			return
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("never: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// Asked waits for the next request.
func (d *Desk) Asked() *Asked {
	d.t.Helper()
	select {
	case a := <-d.client.asked:
		return a
	case <-time.After(10 * time.Second):
		d.t.Fatal("nothing was asked")
		return nil
	}
}

// Quiet fails the test if there is a request that nobody has looked at.
func (d *Desk) Quiet() {
	d.t.Helper()
	select {
	case a := <-d.client.asked:
		d.t.Errorf("asked without need: %+v", a.Req)
	default:
	}
}
