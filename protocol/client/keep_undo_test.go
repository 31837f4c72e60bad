package client

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/frame"
)

// windowed is connect with a relay that has a window of a minute for undo.
func (h *heir) windowed(t *testing.T, subject string) *peer {
	t.Helper()
	h.relay.set(nil)
	nudge(h.retry)
	p := h.relay.acceptWith(t, frame.Welcome{Limits: frame.Limits{PingSeconds: 1 << 30, UndoMillis: 60_000}})
	p.send(t, frame.Frame{Kind: frame.KindIdentity, Body: frame.Identity{Subject: subject, Name: subject, Roles: []string{frame.RoleAgent}}.Body()})
	synctest.Wait()
	return p
}

func checkUndone(t *testing.T, got result) {
	t.Helper()
	if o := OutcomeOf(got.answers, got.err); o != Undone {
		t.Errorf("settled as %v: %v", o, got.err)
	}
}

// A request that no relay has heard of is undone by dropping it, on the page that made it
// and on the next one.
func TestUndoKeptUnsent(t *testing.T) {
	for _, later := range []bool{false, true} {
		apart(t, func(t *testing.T, s *shelf) {
			page := visit(t, s, "")
			asked := holding(t.Context(), page.Client, "5551234567", time.Minute)
			_, r := s.only(t)
			if r.window != time.Minute || !slices.Contains(asked.told, Kept) {
				t.Errorf("kept as %+v, told %v", r, asked.told)
			}
			if !later {
				if !page.Undo(asked.req) {
					t.Fatal("nothing to undo")
				}
				checkUndone(t, <-asked.done)
			} else {
				page.page.crash()
				page = visit(t, s, "")
				found := page.took()
				if len(found) != 1 || found[0].Window != time.Minute {
					t.Fatalf("took over %+v", found)
				}
				if !page.Undo(found[0].Request) {
					t.Fatal("nothing to undo")
				}
				checkUndone(t, <-page.ended[0])
			}
			s.empty(t)
			page.windowed(t, "").quiet(t)
		})
	}
}

// What waits for a connection over a reload is sent with the rest of its window, and can
// be undone from then on, too.
func TestKeptWindow(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		first := visit(t, s, "ann's")
		p := first.windowed(t, "ann")
		first.relay.set(errRefused)
		p.drop(frame.CloseGoingAway)
		holding(t.Context(), first.Client, "5551234567", time.Minute)
		key, _ := s.only(t)
		first.page.crash()
		time.Sleep(10 * time.Second)

		second := visit(t, s, "ann's")
		p = second.windowed(t, "ann")
		req, n := p.window(t)
		if req.Key != key || req.Undo == 0 || req.Undo > 50_000 {
			t.Errorf("sent as %s with a window of %d ms, want %s", req.Key, req.Undo, key)
		}
		p.holds(t, n, req.Undo)
		if !second.Undo(second.took()[0].Request) {
			t.Fatal("nothing to undo")
		}
		p.undone(t, n, key)
		p.refuse(t, n, frame.RefusedUndone)
		checkUndone(t, <-second.ended[0])
		p.quiet(t)
		s.empty(t)
	})
}

// What is left of the window when it is sent is nothing: nobody can undo it.
func TestKeptBeyondWindow(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		first := visit(t, s, "")
		holding(t.Context(), first.Client, "5551234567", time.Second)
		s.only(t)
		first.page.crash()
		time.Sleep(time.Minute)
		second := visit(t, s, "")
		p := second.windowed(t, "")
		if req, _ := p.window(t); req.Undo != 0 {
			t.Errorf("a window of %d ms", req.Undo)
		}
		if second.Undo(second.took()[0].Request) {
			t.Error("something to undo")
		}
		if _, r := s.only(t); r.window != 0 {
			t.Errorf("kept as %+v", r)
		}
	})
}

// The window of a request that the relay holds goes on while the page is reloaded.
func TestHeldOverReload(t *testing.T) {
	for _, over := range []bool{false, true} {
		apart(t, func(t *testing.T, s *shelf) {
			first := visit(t, s, "")
			p := first.windowed(t, "")
			holding(t.Context(), first.Client, "5551234567", time.Minute)
			req, n := p.window(t)
			p.send(t, frame.Frame{Kind: frame.KindAccepted, Number: n})
			p.holds(t, n, 60_000)
			if _, r := s.only(t); r.window != time.Minute || r.progress != sent|accepted {
				t.Errorf("kept as %+v", r)
			}
			first.page.crash()

			second := visit(t, s, "")
			found := second.took()
			if len(found) != 1 || !found[0].Accepted || found[0].Window != time.Minute {
				t.Fatalf("took over %+v", found)
			}
			p = second.windowed(t, "")
			n = p.resume(t, 1)[0]
			p.send(t, frame.Frame{Kind: frame.KindAccepted, Number: n})
			p.holds(t, n, 50_000)
			if over {
				p.holds(t, n, 0)
				if e := second.told[0]; second.Undo(found[0].Request) || e[len(e)-1].Kind != Released {
					t.Errorf("the window is over, told %+v", e)
				}
				if _, r := s.only(t); r.window != 0 {
					t.Errorf("kept as %+v", r)
				}
				second.page.crash()
				if third := visit(t, s, "").took(); len(third) != 1 || third[0].Window != 0 {
					t.Errorf("took over %+v", third)
				}
				return
			}
			if !second.Undo(found[0].Request) {
				t.Fatal("nothing to undo")
			}
			p.undone(t, n, req.Key)
			p.refuse(t, n, frame.RefusedUndone)
			checkUndone(t, <-second.ended[0])
			p.quiet(t)
			s.empty(t)
		})
	}
}

// An Undo that the relay has not heard of when the page goes is told by the next page.
func TestUndoOutlivesPage(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		first := visit(t, s, "")
		p := first.windowed(t, "")
		asked := holding(t.Context(), first.Client, "5551234567", time.Minute)
		req, n := p.window(t)
		p.holds(t, n, 60_000)
		first.relay.set(errRefused)
		p.drop(frame.CloseGoingAway)
		if !first.Undo(asked.req) {
			t.Fatal("nothing to undo")
		}
		if _, r := s.only(t); r.progress != sent|unwanted {
			t.Errorf("kept as %+v", r)
		}
		first.page.crash()

		second := visit(t, s, "")
		p = second.windowed(t, "")
		n = p.resume(t, 1)[0]
		p.undone(t, n, req.Key)
		p.refuse(t, n, frame.RefusedUndone)
		checkUndone(t, <-second.ended[0])
		p.quiet(t)
		s.empty(t)
	})
}

// A page that is connected when it takes over such a request cannot resume it. It sends
// it again only where the Undo that follows is in time for certain.
func TestUndoTakenOverLate(t *testing.T) {
	for name, tt := range map[string]struct {
		later time.Duration
		most  int // the window of the relay, in milliseconds
		again bool
	}{
		"in the window":    {10 * time.Second, 60_000, true},
		"after it":         {2 * time.Minute, 60_000, false},
		"without one":      {10 * time.Second, 0, false},
		"with a short one": {10 * time.Second, 500, false},
	} {
		t.Run(name, func(t *testing.T) {
			apart(t, func(t *testing.T, s *shelf) {
				first := visit(t, s, "")
				p := first.windowed(t, "")
				asked := holding(t.Context(), first.Client, "5551234567", time.Minute)
				p.window(t)
				first.relay.set(errRefused)
				p.drop(frame.CloseGoingAway)
				first.Undo(asked.req)
				key, _ := s.only(t)

				second := visit(t, s, "")
				p = second.windowed(t, "")
				p.send(t, frame.Frame{Kind: frame.KindLimits, Body: frame.Limits{PingSeconds: 1 << 30, UndoMillis: tt.most}.Body()})
				time.Sleep(tt.later - 5*time.Second)
				if len(second.took()) != 0 {
					t.Fatal("the first page still has it")
				}
				first.page.crash()
				for range 50 {
					if time.Sleep(100 * time.Millisecond); len(second.took()) == 1 {
						break
					}
				}
				if len(second.took()) != 1 {
					t.Fatal("nobody has it")
				}
				if !tt.again {
					checkNoAnswer(t, (<-second.ended[0]).err, ErrLost, true)
				} else {
					req, n := p.window(t)
					if req.Key != key || req.Undo == 0 || req.Undo > 55_000 {
						t.Errorf("sent as %s with a window of %d ms, want %s", req.Key, req.Undo, key)
					}
					p.undone(t, n, key)
					p.refuse(t, n, frame.RefusedUndone)
					checkUndone(t, <-second.ended[0])
				}
				p.quiet(t)
				s.empty(t)
			})
		})
	}
}
