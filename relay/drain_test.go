//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"commdn/protocol/frame"
)

// At the end requests under way are answered, sessions without one are sent
// elsewhere at once, and those with one after it.
func TestDrain(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, func(o *Options) { o.AnswerTimeout, o.DrainTimeout = 2*patience, 2*patience })
	busy, other, idle := r.session(), r.session(), r.session()
	busy.request(1, dnc("5550104477"))
	other.request(1, dnc("5550104478"))
	h.request()
	h.request()
	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	if before, _ := idle.closedWith(frame.CloseGoingAway); len(before) > 0 {
		t.Errorf("before the close came %v", before[0].Kind)
	}
	busy.request(2, dnc("5550104479"))
	busy.refused(2, frame.RefusedBusy, "the relay is shutting down")
	busy.ping()
	r.readyz(false, "the relay is shutting down")
	if answer, _ := r.get("/healthz"); answer.StatusCode != http.StatusOK {
		t.Errorf("healthz: %d", answer.StatusCode)
	}
	if status := r.upgrade("", r.addr); status != http.StatusServiceUnavailable {
		t.Errorf("a new session: %d", status)
	}
	h.send(processed("5550104477"))
	before, _ := busy.closedWith(frame.CloseGoingAway)
	if len(before) != 1 || before[0].Kind != frame.KindOutcome || before[0].Number != 1 {
		t.Errorf("before the close came %v", before)
	}
	other.ping() // still there
	select {
	case err := <-stopped:
		t.Fatalf("Serve returned %v with a request under way", err)
	default:
	}
	h.send(processed("5550104478"))
	before, _ = other.closedWith(frame.CloseGoingAway)
	if len(before) != 1 || before[0].Kind != frame.KindOutcome {
		t.Errorf("before the close came %v", before)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve returned %v", err)
	}
	if log := r.log.String(); strings.Contains(log, "given up") {
		t.Errorf("something was given up:\n%s", log)
	}
}

// Whatever comes while the relay drains is settled or closed with 4000, and
// nothing keeps it from ending.
func TestDrainUnderLoad(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.DrainTimeout = patience })
	const sessions = 20
	type result struct {
		open map[uint32]bool
		err  error
	}
	results := make(chan result, sessions)
	for n := range sessions {
		c := r.session()
		go func() {
			open := map[uint32]bool{}
			for number := uint32(1); ; number++ {
				message, _ := asking(number, dnc(fmt.Sprint(5550100+n))).Append(nil)
				if err := c.ws.Write(t.Context(), 2, message); err != nil {
					// What it was closed with is still to be read.
					for err = nil; err == nil; {
						_, err = c.read()
					}
					results <- result{open, err}
					return
				}
				open[number] = true
				f, err := c.read()
				if err != nil {
					results <- result{open, err}
					return
				}
				delete(open, f.Number)
			}
		}()
	}
	r.until("requests are made", func() bool { return r.log.count("answered") > 100 })
	if err := r.stop(); err != nil {
		t.Errorf("Serve returned %v", err)
	}
	for range sessions {
		got := <-results
		if code := closeCode(got.err); code != frame.CloseGoingAway {
			t.Errorf("ended with %v", got.err)
		}
		if len(got.open) > 1 {
			t.Errorf("%d requests are not settled", len(got.open))
		}
	}
	if n := r.srv.desk.InFlight(); n != 0 {
		t.Errorf("%d requests are left", n)
	}
}

// Requests that OCS does not answer keep the relay for its time and no longer.
func TestDrainTimeout(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, func(o *Options) { o.AnswerTimeout, o.DrainTimeout = time.Hour, 200*time.Millisecond })
	c := r.session()
	c.request(1, dnc("5550104477"))
	h.request()
	began := time.Now()
	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	if before, _ := c.closedWith(frame.CloseGoingAway); len(before) > 0 {
		t.Errorf("before the close came %v", before[0].Kind)
	}
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("given up after %s", took)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve returned %v", err)
	}
	r.log.wait(t, "requests are given up")
}
