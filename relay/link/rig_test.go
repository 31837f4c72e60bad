package link_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/internal/leak"
	"commdn/relay/link"
	"commdn/relay/tserver"
)

func TestMain(m *testing.M) { leak.Main(m) }

const patience = 30 * time.Second

// wire is a T-Server that the test plays.
type wire struct {
	sent chan tkvlist.List
	come chan tkvlist.List
	bad  chan *tserver.Error
	once sync.Once
	end  chan struct{}
}

func newWire() *wire {
	return &wire{sent: make(chan tkvlist.List, 64), come: make(chan tkvlist.List), bad: make(chan *tserver.Error), end: make(chan struct{})}
}

func (w *wire) Open(context.Context, tserver.ConnOptions) (tserver.Conn, error) { return w, nil }

func (w *wire) Run(h tserver.Handler) error {
	for {
		select {
		case l := <-w.come:
			h.UserEvent(l)
		case e := <-w.bad:
			h.Error(e)
		case <-w.end:
			return errors.New("closed")
		}
	}
}

func (w *wire) SendUserEvent(_ context.Context, l tkvlist.List) error {
	w.sent <- l
	return nil
}

func (w *wire) complain(e *tserver.Error) { w.bad <- e }

func (w *wire) Close() error {
	w.once.Do(func() { close(w.end) })
	return nil
}

type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type rig struct {
	*link.Link
	t      testing.TB
	wire   *wire
	log    *logged
	states chan frame.Link
	events chan *commdn.CampaignEvent
}

func newRig(t testing.TB, onEvent func(*commdn.CampaignEvent) uint64) *rig {
	t.Helper()
	return newRigWith(t, onEvent, patience)
}

// newRigWith has another time for OCS to answer.
func newRigWith(t testing.TB, onEvent func(*commdn.CampaignEvent) uint64, answer time.Duration) *rig {
	t.Helper()
	return newRigOf(t, []commdn.DBID{201}, onEvent, answer)
}

// newRigOf has these OCS on the CommDN.
func newRigOf(t testing.TB, ocs []commdn.DBID, onEvent func(*commdn.CampaignEvent) uint64, answer time.Duration) *rig {
	t.Helper()
	return newRigOn(t, func(w *wire) tserver.Driver { return w }, ocs, onEvent, answer)
}

// newRigOn has a driver of its own.
func newRigOn(t testing.TB, driver func(*wire) tserver.Driver, ocs []commdn.DBID, onEvent func(*commdn.CampaignEvent) uint64, answer time.Duration) *rig {
	t.Helper()
	r := &rig{t: t, wire: newWire(), log: &logged{}, states: make(chan frame.Link, 64), events: make(chan *commdn.CampaignEvent, 64)}
	if onEvent == nil {
		onEvent = func(e *commdn.CampaignEvent) uint64 { r.events <- e; return 1 }
	}
	var err error
	r.Link, err = link.New(link.Options{
		Name: "a", TServer: tserver.Options{Driver: driver(r.wire), Servers: []string{"x"}, CommDN: "CommDN_1", Application: "commdn"},
		AppDBID: 101, OCS: ocs, AnswerTimeout: answer, Log: slog.New(slog.NewTextHandler(r.log, nil)),
		OnEvent: onEvent, OnState: func(k frame.Link) { r.states <- k }, OnUserEvent: func() {},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	if k := r.State(); k.Up || k.Reason != "not connected yet" {
		t.Errorf("before Start: %+v", k)
	}
	r.Start()
	if k := <-r.states; !k.Up || k.Standby {
		t.Fatalf("after Start: %+v", k)
	}
	return r
}

// ask asks in the background.
func (r *rig) ask(req commdn.Request, waits func()) <-chan *frame.Refusal {
	done := make(chan *frame.Refusal, 1)
	go func() { done <- r.Ask(context.Background(), link.Call{Request: req, Waits: waits}) }()
	return done
}

func processed(phone string) tkvlist.List {
	return (&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: phone}).UserData()
}

func running() *commdn.CampaignEvent {
	return &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 201}, Event: commdn.EvCampaignStatus, HasStatus: true, Status: commdn.StatusRunning,
		CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 501},
		Dialing:       commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
	}
}
