package client

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// windowed are the limits of a relay with a window.
var windowed = frame.Limits{PingSeconds: 3600, UndoMillis: 10_000}

func (r *relay) undoable(t *testing.T) *peer {
	t.Helper()
	return r.acceptWith(t, frame.Welcome{Limits: windowed, Link: frame.Link{Up: true}})
}

// held is a request that Hold was given, with what was told of it.
type held struct {
	req  *commdn.DoNotCall
	told []EventKind
	done chan result
}

func holding(ctx context.Context, c *Client, phone string, window time.Duration) *held {
	h := &held{req: dnc(phone), done: make(chan result, 1)}
	go func() {
		answers, err := c.Hold(ctx, h.req, window, func(e Event) { h.told = append(h.told, e.Kind) })
		h.done <- result{answers, err}
	}()
	synctest.Wait()
	return h
}

// window takes the next frame, a request, and gives it with its window.
func (p *peer) window(t *testing.T) (frame.Request, uint32) {
	t.Helper()
	f := p.recv(t)
	if f.Kind != frame.KindRequest {
		t.Fatalf("frame is %v, want a request", f.Kind)
	}
	return frame.ReadRequest(f.Body), f.Number
}

// undone takes the next frame, which must take a request back.
func (p *peer) undone(t *testing.T, number uint32, key string) {
	t.Helper()
	f := p.recv(t)
	if f.Kind != frame.KindUndo || f.Number != number || frame.ReadRequest(f.Body).Key != key {
		t.Fatalf("frame is %v, want an undo of %d", f, number)
	}
}

func (p *peer) holds(t *testing.T, number uint32, left int) {
	t.Helper()
	p.send(t, frame.Frame{Kind: frame.KindHeld, Number: number, Body: frame.Held{Left: left}.Body()})
	synctest.Wait()
}

// Undo in the window: the relay is told once, and its word counts.
func TestUndo(t *testing.T) {
	bubble(t, Options{AnswerTimeout: time.Second}, func(t *testing.T, r *relay, c *Client) {
		p := r.undoable(t)
		if got := c.Status().Undo; got != 10*time.Second {
			t.Errorf("the longest window is %s", got)
		}
		h := holding(t.Context(), c, "5", 5*time.Second)
		req, n := p.window(t)
		if req.Undo != 5000 {
			t.Errorf("a window of %d ms", req.Undo)
		}
		p.holds(t, n, 5000)
		time.Sleep(4 * time.Second) // the relay holds it: no clock runs
		for range 2 {               // once more changes nothing
			if !c.Undo(h.req) {
				t.Error("nothing to undo")
			}
		}
		p.undone(t, n, req.Key)
		p.quiet(t)
		checkPending(t, c, 1, 0)
		p.refuse(t, n, frame.RefusedUndone)
		got := <-h.done
		if OutcomeOf(got.answers, got.err) != Undone || OutcomeOf(got.answers, got.err).OK() {
			t.Errorf("%+v", got)
		}
		if len(h.told) != 0 {
			t.Errorf("told %v", h.told)
		}
		if c.Undo(h.req) || c.Undo(dnc("5")) {
			t.Error("something to undo")
		}
	})
}

// The window ends before Undo, or on the way of it: the request goes on.
func TestUndoTooLate(t *testing.T) {
	for name, before := range map[string]bool{"after the end": false, "crossing it": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
				p := r.undoable(t)
				h := holding(t.Context(), c, "5", 5*time.Second)
				req, n := p.window(t)
				p.holds(t, n, 5000)
				if before && !c.Undo(h.req) {
					t.Error("the window is open")
				}
				synctest.Wait()
				p.holds(t, n, 0)
				if c.Undo(h.req) {
					t.Error("the window is over")
				}
				if before {
					p.undone(t, n, req.Key)
				}
				p.quiet(t)
				p.answer(t, frame.KindOutcome, n, processed(7, "5"))
				if got := <-h.done; got.err != nil || !slices.Equal(h.told, []EventKind{Released, Answered}) {
					t.Errorf("%+v, told %v", got, h.told)
				}
			})
		})
	}
}

// Undo without a connection: what was never sent is undone here; what was is resumed
// first, and the relay says what became of it.
func TestUndoWithoutConnection(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		p := r.undoable(t)
		h := holding(t.Context(), c, "5", 5*time.Second)
		req, n := p.window(t)
		p.holds(t, n, 5000)
		r.set(errRefused)
		p.drop(frame.CloseGoingAway)
		never := holding(t.Context(), c, "6", 5*time.Second)
		if !c.Undo(never.req) || !c.Undo(h.req) {
			t.Error("nothing to undo")
		}
		if got := <-never.done; OutcomeOf(nil, got.err) != Undone {
			t.Errorf("never sent: %v", got.err)
		}
		checkPending(t, c, 1, 1)
		r.set(nil)
		p = r.undoable(t)
		p.resume(t, 1)
		p.undone(t, n, req.Key)
		p.drop(frame.CloseGoingAway) // before it says anything: undo is told again
		p = r.undoable(t)
		p.resume(t, 1)
		p.undone(t, n, req.Key)
		p.refuse(t, n, frame.RefusedUndone)
		if got := <-h.done; OutcomeOf(nil, got.err) != Undone {
			t.Errorf("%v", got.err)
		}
		p.quiet(t)
	})
}

// A relay that does not know a request that was taken back is not sent it again, and
// nobody knows whether it had gone out.
func TestUndoOfUnknown(t *testing.T) {
	for name, token := range map[string]string{"refused": "", "no room in hello": strings.Repeat("t", frame.MaxToken)} {
		t.Run(name, func(t *testing.T) {
			o := Options{}
			if token != "" {
				o.Token = func(context.Context) (string, error) { return token, nil }
			}
			bubble(t, o, func(t *testing.T, r *relay, c *Client) {
				p := r.undoable(t)
				var all []*held
				for range 40 {
					all = append(all, holding(t.Context(), c, "5", 5*time.Second))
					p.window(t)
				}
				r.set(errRefused)
				p.drop(frame.CloseGoingAway)
				for _, h := range all {
					c.Undo(h.req)
				}
				r.set(nil)
				p = r.undoable(t)
				if (token == "") != (len(p.resumed) == 40) {
					t.Fatalf("%d resumed", len(p.resumed))
				}
				for _, k := range p.resumed {
					p.undone(t, k.Number, k.Key)
					p.refuse(t, k.Number, frame.RefusedUnknownKey)
				}
				for _, h := range all {
					got := <-h.done
					checkNoAnswer(t, got.err, ErrLost, true)
				}
				p.quiet(t)
			})
		})
	}
}

// The window begins with the click: what waits for a connection, or is sent again, gets
// what is left of it.
func TestRestOfTheWindow(t *testing.T) {
	down(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		holding(t.Context(), c, "5", 5*time.Second)
		holding(t.Context(), c, "6", time.Second)
		time.Sleep(2 * time.Second)
		r.set(nil)
		c.Undo(dnc("7")) // nobody's
		nudge(c.retry)
		p := r.undoable(t)
		first, n := p.window(t)
		second, _ := p.window(t)
		if first.Undo == 0 || first.Undo > 3000 || second.Undo != 0 {
			t.Errorf("windows of %d and %d ms", first.Undo, second.Undo)
		}
		p.holds(t, n, first.Undo)
		time.Sleep(time.Second)
		p.drop(frame.CloseGoingAway)
		nudge(c.retry)
		p = r.undoable(t)
		p.refuse(t, n, frame.RefusedUnknownKey)
		again, _ := p.window(t)
		if again.Key != first.Key || again.Undo == 0 || again.Undo > first.Undo-1000 {
			t.Errorf("sent again with a window of %d ms, after %d", again.Undo, first.Undo)
		}
	})
}

// A relay without a window is asked for none.
func TestNoWindow(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, _ *relay, c *Client, p *peer) {
		h := holding(t.Context(), c, "6", time.Hour)
		req, n := p.window(t)
		if req.Undo != 0 || c.Undo(h.req) {
			t.Errorf("a window of %d ms", req.Undo)
		}
		p.answer(t, frame.KindOutcome, n, processed(7, "6"))
		if got := <-h.done; got.err != nil || !slices.Equal(h.told, []EventKind{Answered}) {
			t.Errorf("%+v, told %v", got, h.told)
		}
		// A reload gives one.
		p.send(t, frame.Frame{Kind: frame.KindLimits, Body: windowed.Body()})
		synctest.Wait()
		if got := c.Status().Undo; got != 10*time.Second {
			t.Errorf("the longest window is %s", got)
		}
		holding(t.Context(), c, "7", time.Second)
		if req, _ := p.window(t); req.Undo != 1000 {
			t.Errorf("a window of %d ms", req.Undo)
		}
	})
}
