package linktest_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/bridgetest"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

const patience = 30 * time.Second

// logbook is a log that a test reads while it is written.
type logbook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// TestBridgeDrops: an event with a value that tlink does not carry is dropped. The
// relay's log names key and kind, once and not for each of many, and the link stays up
// and hears what comes next.
func TestBridgeDrops(t *testing.T) {
	if !bridgetest.Available(t) {
		return
	}
	const commDN = "CommDN_1"
	s, err := simtserver.Start(simtserver.Options{CommDNs: []string{commDN}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	bridge := bridgetest.Start(t, bridgetest.Options{TServers: []string{s.Addr()}, System: map[string]string{"standin.habits": "odd-values"}})
	var log logbook
	heard := make(chan tkvlist.List, 100)
	states := make(chan tserver.State, 100)
	var complaints atomic.Int64
	open := func(o tserver.Options) *tserver.Link {
		o.Driver, o.CommDN, o.OnState = tlink.Driver{}, commDN, func(s tserver.State) { states <- s }
		l, err := tserver.New(o)
		if err != nil {
			t.Fatal(err)
		}
		l.Start()
		t.Cleanup(func() { l.Close() })
		for late := time.After(patience); ; {
			select {
			case s := <-states:
				if s.Up {
					return l
				}
			case <-late:
				t.Fatalf("%s is not up: %+v", o.Application, l.State())
			}
		}
	}
	relay := open(tserver.Options{Servers: []string{bridge.TLink}, Application: "relay", Log: slog.New(slog.NewTextHandler(&log, nil)),
		OnUserEvent: func(u tkvlist.List) { heard <- u },
		OnError: func(e *tserver.Error) {
			complaints.Add(1)
			if e.Code != tserver.CodeInvalidAttr || !strings.Contains(e.Message, "LONG:GSW_CALL") {
				t.Errorf("told of %v", e)
			}
		}})
	ocs := open(tserver.Options{Servers: []string{s.Addr()}, Application: "OCS", OnUserEvent: func(tkvlist.List) {}})
	since := relay.State().Since
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	send := func(key string) {
		t.Helper()
		if err := ocs.SendUserEvent(ctx, tkvlist.List{{Key: key, Value: tkvlist.String("1")}}); err != nil {
			t.Fatal(err)
		}
	}
	const events = 50
	began := time.Now()
	for range events {
		send("LONG:GSW_CALL")
	}
	send("end")
	select {
	case u := <-heard:
		if _, ok := u.Text("end"); !ok {
			t.Errorf("heard %v", u)
		}
	case <-ctx.Done():
		t.Fatal("the event after the dropped ones did not come")
	}
	const want = "code=53 err=\"a user event was dropped: LONG:GSW_CALL is of the kind LONG, which tlink does not carry\""
	if n, most := strings.Count(log.String(), want), 2+int(time.Since(began)/time.Second); n < 1 || n > most {
		t.Errorf("logged %d times, at most %d are right for %d events:\n%s", n, most, events, &log)
	}
	if complaints.Load() == 0 {
		t.Error("nobody was told")
	}
	if now := relay.State(); !now.Up || now.Since != since {
		t.Errorf("the link is %+v", now)
	}
}
