package components

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"flag"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vugu/vugu"
	"github.com/vugu/vugu/staticrender"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var update = flag.Bool("update", false, "write testdata/*.html")

//go:embed testdata
var golden embed.FS

// desk is an element around a component: it runs updates one at a time and
// plays the client, so that a test decides what becomes of a request.
type desk struct {
	t       *testing.T
	mu      sync.Mutex
	c       *Dnc
	status  client.Status
	watch   func(client.Status)
	asked   chan commdn.DoNotCall
	answer  chan answer
	settled chan struct{} // one for each commdn-result
	events  []map[string]any
}

type answer struct {
	messages []commdn.Message
	err      error
}

var connected = client.Status{State: client.Connected, Link: frame.Link{Up: true}}

func newDesk(t *testing.T, attributes ...string) *desk {
	d := &desk{t: t, status: connected, asked: make(chan commdn.DoNotCall, 8), answer: make(chan answer), settled: make(chan struct{}, 8)}
	d.c = NewDnc(Env{Client: d, Update: d.update, Emit: d.emit, Now: func() time.Time {
		return time.Date(2026, 3, 4, 14, 5, 9, 0, time.UTC)
	}})
	t.Cleanup(d.c.Close)
	for i := 0; i < len(attributes); i += 2 {
		d.c.SetAttribute(attributes[i], attributes[i+1], true)
	}
	return d
}

func (d *desk) DoNotCall(_ context.Context, req commdn.DoNotCall) ([]commdn.Message, error) {
	d.asked <- req
	a := <-d.answer
	return a.messages, a.err
}

func (d *desk) Status() client.Status { return d.status }

func (d *desk) Watch(f func(client.Status)) func() {
	d.watch = f
	return func() { d.watch = nil }
}

func (d *desk) update(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

func (d *desk) emit(name string, detail map[string]any) {
	d.events = append(d.events, map[string]any{"event": name, "detail": detail})
	if name == "commdn-result" {
		d.settled <- struct{}{}
	}
}

// settle answers the request under way and waits until the component knows.
func (d *desk) settle(messages []commdn.Message, err error) {
	<-d.asked
	d.answer <- answer{messages, err}
	<-d.settled
}

// html draws the component.
func (d *desk) html() string {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	env, err := vugu.NewBuildEnv(vugu.NewEventEnvImpl(&sync.RWMutex{}, make(chan bool, 1)))
	if err != nil {
		d.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := staticrender.New(&b).Render(env.RunBuild(d.c)); err != nil {
		d.t.Fatal(err)
	}
	before, _, _ := strings.Cut(b.String(), "<style>")
	return before
}

// words gives the states that the host was told of.
func (d *desk) words() string {
	var w []string
	for _, e := range d.events {
		w = append(w, e["detail"].(map[string]any)["state"].(string))
	}
	return strings.Join(w, " ")
}

// click is an event of a mouse or key; detail counts clicks.
type click struct {
	vugu.DOMEvent
	detail  float64
	key     string
	stopped *bool
}

func (c click) PropFloat64(...string) float64 { return c.detail }
func (c click) PropString(...string) string   { return c.key }
func (c click) StopPropagation()              { *c.stopped = true }

var once = click{detail: 1}

var (
	processed = &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: "5551234567"}
	fault     = &commdn.Fault{Address: commdn.Address{Origin: 202, Target: 101}, Code: commdn.ErrorInvalidParameter, Message: "bad phone"}
)

// TestLooks holds the markup of each state against a golden file.
func TestLooks(t *testing.T) {
	person := []string{"phone", "5551234567", "customer-id", "C-42", "confirm", "off"}
	for name, draw := range map[string]func(t *testing.T) *desk{
		"idle":      func(t *testing.T) *desk { return newDesk(t, "phone", "5551234567") },
		"labelled":  func(t *testing.T) *desk { return newDesk(t, "phone", "5551234567", "label", "Block") },
		"no-number": func(t *testing.T) *desk { return newDesk(t) },
		"disabled":  func(t *testing.T) *desk { return newDesk(t, "phone", "5551234567", "disabled", "") },
		"bad-chain": func(t *testing.T) *desk { return newDesk(t, "phone", "5551234567", "chain", "Every") },
		"markup":    func(t *testing.T) *desk { return newDesk(t, "phone", `<script>alert("x")</script>`) },
		"confirming": func(t *testing.T) *desk {
			d := newDesk(t, "phone", "5551234567", "customer-id", "C-42", "chain", "RecordOnly")
			d.c.HandleClick(once)
			return d
		},
		"confirming-changed": func(t *testing.T) *desk {
			d := newDesk(t, "phone", "5551234567")
			d.c.HandleClick(once)
			d.c.SetAttribute("phone", "5550000000", true)
			return d
		},
		"sending": func(t *testing.T) *desk {
			d := newDesk(t, person...)
			d.c.HandleClick(once)
			t.Cleanup(func() { d.settle(nil, nil) })
			return d
		},
		"waiting": func(t *testing.T) *desk {
			d := newDesk(t, person...)
			d.watch(client.Status{State: client.Disconnected})
			d.c.HandleClick(once)
			t.Cleanup(func() { d.settle(nil, nil) })
			return d
		},
		"done": func(t *testing.T) *desk {
			d := newDesk(t, person...)
			d.c.HandleClick(once)
			d.settle([]commdn.Message{processed}, nil)
			return d
		},
		"refused": func(t *testing.T) *desk {
			d := newDesk(t, person...)
			d.c.HandleClick(once)
			d.settle([]commdn.Message{processed, fault}, fault)
			return d
		},
		"no-answer": func(t *testing.T) *desk {
			d := newDesk(t, person...)
			d.c.HandleClick(once)
			d.settle(nil, &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS 201 did not answer"})
			return d
		},
		"not-sent": func(t *testing.T) *desk {
			d := newDesk(t, person...)
			d.c.HandleClick(once)
			d.settle(nil, &frame.Refusal{Code: frame.RefusedLinkDown, Message: "no link to T-Server"})
			return d
		},
		"link-down": func(t *testing.T) *desk {
			d := newDesk(t, person...)
			d.watch(client.Status{State: client.Connected, Link: frame.Link{Reason: "connection refused"}})
			return d
		},
		"failed": func(t *testing.T) *desk {
			d := newDesk(t, person...)
			d.watch(client.Status{State: client.Failed, Err: &frame.CloseError{Code: frame.CloseSubprotocol}})
			return d
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, file := draw(t).html(), "testdata/"+name+".html"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := golden.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs (-update writes it):\n%s", file, got)
			}
		})
	}
}

// TestResultDetail is what the host page is told of two OCS that disagree.
func TestResultDetail(t *testing.T) {
	d := newDesk(t, "phone", "5551234567", "confirm", "off")
	d.c.HandleClick(once)
	d.settle([]commdn.Message{processed, fault}, fault)
	last := d.events[len(d.events)-1]
	detail := last["detail"].(map[string]any)
	ocs := detail["ocs"].([]any)
	if last["event"] != "commdn-result" || detail["ok"] != false || detail["code"] != 10 ||
		detail["name"] != "CM_ERROR_INVALID_PARAMETER" || detail["time"] != "2026-03-04T14:05:09Z" || len(ocs) != 2 ||
		ocs[0].(map[string]any)["ok"] != true || ocs[1].(map[string]any)["message"] != "bad phone" {
		t.Errorf("the host is told %v", last)
	}
	if w := d.words(); w != "sending refused refused" {
		t.Errorf("states %q", w)
	}
}

func TestOutcome(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Outcome
	}{
		{nil, Done},
		{fault, Refused},
		{&frame.Refusal{Code: frame.RefusedNoAnswer}, NoAnswer},
		{&frame.Refusal{Code: frame.RefusedBusy}, NotSent},
		{&client.NoAnswerError{Sent: true, Err: client.ErrTimeout}, NoAnswer},
		{&client.NoAnswerError{Err: client.ErrClosed}, NotSent},
		{client.ErrBusy, NotSent},
		{errors.New("anything else"), NotSent},
	} {
		if got := outcome(c.err); got != c.want {
			t.Errorf("outcome(%v) = %s, want %s", c.err, got, c.want)
		}
	}
}

func TestDoubleClicks(t *testing.T) {
	d := newDesk(t, "phone", "5551234567")
	d.c.HandleClick(once)
	d.c.HandleYes(click{detail: 2})
	if !d.c.Asking() {
		t.Fatal("the second click of a double click confirmed")
	}
	d.c.HandleNo(click{detail: 2})
	d.c.HandleYes(click{detail: 0}) // the keyboard
	d.c.HandleYes(once)
	d.c.HandleClick(once)
	if d.c.Asking() || len(d.c.Attempts) != 1 {
		t.Errorf("asking %v, %d attempts", d.c.Asking(), len(d.c.Attempts))
	}
	d.settle([]commdn.Message{processed}, nil)
	d.c.HandleClick(once)
	if d.c.Asking() {
		t.Error("asks again for a number that is on the list")
	}
}

func TestEscape(t *testing.T) {
	d := newDesk(t, "phone", "5551234567")
	var stopped bool
	d.c.HandleKey(click{key: "Escape", stopped: &stopped})
	if stopped {
		t.Error("took an Escape that was not for us")
	}
	d.c.HandleClick(once)
	d.c.HandleKey(click{key: "a", stopped: &stopped})
	if !d.c.Asking() {
		t.Error("another key closed the confirmation")
	}
	d.c.HandleKey(click{key: "Escape", stopped: &stopped})
	if d.c.Asking() || !stopped || d.words() != "confirming idle" {
		t.Errorf("asking %v, stopped %v, states %q", d.c.Asking(), stopped, d.words())
	}
}

// TestConnectionComesAndGoes follows one request through it.
func TestConnectionComesAndGoes(t *testing.T) {
	d := newDesk(t, "phone", "5551234567", "confirm", "off")
	d.c.HandleClick(once)
	d.watch(client.Status{State: client.Disconnected})
	d.watch(client.Status{State: client.Connecting})
	d.watch(connected)
	d.settle([]commdn.Message{processed}, nil)
	if w := d.words(); w != "sending waiting sending done done" {
		t.Errorf("states %q", w)
	}
}

// TestNextCall: what failed stays, what went well goes.
func TestNextCall(t *testing.T) {
	d := newDesk(t, "phone", "1", "confirm", "off")
	d.c.HandleClick(once)
	d.settle(nil, fault)
	d.c.SetAttribute("phone", "2", true)
	d.c.HandleClick(once)
	d.settle([]commdn.Message{processed}, nil)
	d.c.SetAttribute("phone", "3", true)
	if len(d.c.Attempts) != 1 || d.c.Attempts[0].Req.Phone != "1" {
		t.Errorf("left on the page: %+v", d.c.Attempts)
	}
	before := d.c.FocusMain()
	d.c.HandleRetry(d.c.Attempts[0])
	d.settle([]commdn.Message{processed}, nil)
	if len(d.c.Attempts) != 1 || d.c.Attempts[0].Outcome != Done || d.c.FocusMain() == before {
		t.Errorf("after the retry: %+v, focus %v", d.c.Attempts, d.c.FocusMain())
	}
	d.c.HandleDismiss(d.c.Attempts[0])
	if len(d.c.Attempts) != 1 {
		t.Error("a result was dismissed as if it had failed")
	}
}

// TestForget keeps the page short without forgetting what is under way.
func TestForget(t *testing.T) {
	d := newDesk(t, "phone", "0", "confirm", "off")
	d.c.HandleClick(once)
	<-d.asked
	for i := range 2 * keptAttempts {
		d.c.SetAttribute("phone", "1"+strings.Repeat("0", i), true)
		d.c.HandleClick(once)
		<-d.asked
		d.answer <- answer{nil, fault}
		<-d.settled
	}
	underWay := 0
	for _, a := range d.c.Attempts {
		if a.UnderWay() {
			underWay++
		}
	}
	if len(d.c.Attempts) != keptAttempts || underWay != 1 {
		t.Errorf("%d attempts, %d under way", len(d.c.Attempts), underWay)
	}
	d.answer <- answer{[]commdn.Message{processed}, nil}
	<-d.settled
}

func TestBlanksAroundAttributes(t *testing.T) {
	d := newDesk(t, "phone", "\n 555 1234\t", "customer-id", " C-42 ", "chain", " RecordOnly ")
	if want := (commdn.DoNotCall{Phone: "555 1234", CustomerID: "C-42", Chain: commdn.RecordOnly}); d.c.given != want {
		t.Errorf("taken in as %+v", d.c.given)
	}
}

func TestConfirmAttribute(t *testing.T) {
	for value, want := range map[string]bool{"": true, "on": true, "off": false, "false": false, "no": false} {
		if d := newDesk(t, "confirm", value); d.c.confirm != want {
			t.Errorf("confirm=%q gives %v", value, d.c.confirm)
		}
	}
}
