package client

import (
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/frame"
)

// untold fails if a request has its outcome.
func (h *held) untold(t *testing.T) {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-h.done:
		t.Fatalf("settled with %+v", got)
	default:
	}
}

// What a caller was told is undone stays so: a crash right after that leaves nothing that
// the next page would send, however slow the store is and whatever the relay forgets.
func TestUndoneStaysUndone(t *testing.T) {
	for name, sent := range map[string]bool{"never sent": false, "held by the relay": true} {
		t.Run(name, func(t *testing.T) {
			apart(t, func(t *testing.T, s *shelf) {
				first := visit(t, s, "")
				var p *peer
				if sent {
					p = first.windowed(t, "")
				}
				asked := holding(t.Context(), first.Client, "5551234567", time.Minute)
				key, _ := s.only(t)
				first.page.slows()
				if !first.Undo(asked.req) {
					t.Fatal("nothing to undo")
				}
				if sent {
					_, n := p.window(t)
					p.undone(t, n, key)
					p.refuse(t, n, frame.RefusedUndone)
				}
				checkUndone(t, <-asked.done)
				first.page.crash()

				second := visit(t, s, "")
				p = second.windowed(t, "")
				if n := len(second.took()); n != 0 || len(p.resumed) != 0 {
					t.Errorf("took over %d", n)
				}
				p.quiet(t)
				s.empty(t)
			})
		})
	}
}

// A crash between Undo and the end of its record: nobody was told that the request is
// undone. The next page has it with the rest of its window, in which it can be undone.
func TestUndoCutOff(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		first := visit(t, s, "")
		asked := holding(t.Context(), first.Client, "5551234567", time.Minute)
		key, _ := s.only(t)
		first.page.slows()
		if !first.Undo(asked.req) {
			t.Fatal("nothing to undo")
		}
		synctest.Wait()
		first.page.crash()
		time.Sleep(10 * time.Second)
		asked.untold(t)

		second := visit(t, s, "")
		p := second.windowed(t, "")
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
		s.empty(t)
	})
}

// A request that the relay has undone is over for it while the store still has its record:
// it takes no other one's place, no clock runs, and no connection resumes it.
func TestUndoneWhileStored(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		h := visit(t, s, "", func(o *Options) { o.AnswerTimeout = 500 * time.Millisecond })
		p := h.windowed(t, "")
		asked := holding(t.Context(), h.Client, "5551234567", time.Minute)
		p.window(t)
		s.only(t)
		p.drop(frame.CloseGoingAway)
		p = h.windowed(t, "") // from here on the clock runs
		p.send(t, frame.Frame{Kind: frame.KindLimits, Body: frame.Limits{PingSeconds: 1 << 30, UndoMillis: 60_000, MaxRequests: 1}.Body()})
		n := p.resume(t, 1)[0]
		key, _ := s.only(t)
		h.Undo(asked.req)
		p.undone(t, n, key)
		h.page.slows()
		p.refuse(t, n, frame.RefusedUndone)
		other := holding(t.Context(), h.Client, "5550198822", time.Minute)
		_, n = p.window(t)
		p.holds(t, n, 60_000)
		time.Sleep(600 * time.Millisecond)
		asked.untold(t)
		p.drop(frame.CloseGoingAway)
		p = h.windowed(t, "")
		p.holds(t, p.resume(t, 1)[0], 60_000)
		checkUndone(t, <-asked.done)
		other.untold(t)
	})
}

// While the store does not forget a request, it does not go out and its caller is not
// told that it is undone; but if the relay has said so, that counts.
func TestUndoneInStore(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		h := visit(t, s, "")
		asked := holding(t.Context(), h.Client, "5551234567", time.Minute)
		s.only(t)
		h.page.fail(&h.page.del, errFull)
		for range 2 {
			if !h.Undo(asked.req) {
				t.Fatal("nothing to undo")
			}
			asked.untold(t)
		}
		p := h.windowed(t, "")
		p.quiet(t)
		time.Sleep(2 * keepEvery) // over the end of its window
		p.quiet(t)
		asked.untold(t)
		h.page.fail(&h.page.del, nil)
		time.Sleep(keepEvery)
		checkUndone(t, <-asked.done)

		asked = holding(t.Context(), h.Client, "5550198822", time.Minute)
		req, n := p.window(t)
		s.only(t)
		h.page.fail(&h.page.del, errFull)
		h.Undo(asked.req)
		p.undone(t, n, req.Key)
		p.refuse(t, n, frame.RefusedUndone)
		checkUndone(t, <-asked.done)
		h.page.fail(&h.page.del, nil)
		time.Sleep(keepEvery)
		s.empty(t)
		p.quiet(t)
	})
}

// A page that ends before the store has forgotten such a request leaves it to the next
// one, which takes it back and says so.
func TestUndoneByNextPage(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		first := visit(t, s, "")
		asked := holding(t.Context(), first.Client, "5551234567", time.Minute)
		s.only(t)
		first.page.fail(&first.page.del, errFull)
		first.Undo(asked.req)
		first.Close()
		checkNoAnswer(t, (<-asked.done).err, ErrClosed, false)
		if _, r := s.only(t); r.progress != unwanted {
			t.Errorf("kept as %+v", r)
		}

		second := visit(t, s, "")
		if n := len(second.took()); n != 1 {
			t.Fatalf("took over %d", n)
		}
		checkUndone(t, <-second.ended[0])
		s.empty(t)
		second.windowed(t, "").quiet(t)
	})
}

// The store has the wish at once, also while there is a connection, on which the relay
// may not have heard of it yet.
func TestUndoKeptAtOnce(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		h := visit(t, s, "")
		p := h.windowed(t, "")
		asked := holding(t.Context(), h.Client, "5551234567", time.Minute)
		req, _ := p.window(t)
		s.only(t)
		h.Undo(asked.req)
		synctest.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if r, ok := readRecord(s.records[req.Key]); !ok || r.progress != sent|unwanted {
			t.Errorf("kept as %+v", r)
		}
	})
}

// A page that keeps nothing tells at once that a request is undone.
func TestUndoneUnkept(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		h := visit(t, s, "")
		h.page.fail(&h.page.put, errFull)
		for range 3 {
			holding(t.Context(), h.Client, "5550198822", time.Minute)
		}
		asked := holding(t.Context(), h.Client, "5551234567", time.Minute)
		began := time.Now()
		if !h.Undo(asked.req) {
			t.Fatal("nothing to undo")
		}
		checkUndone(t, <-asked.done)
		if d := time.Since(began); d != 0 {
			t.Errorf("told after %v", d)
		}
		// So does one whose record was on its way when it was undone, and did not arrive.
		h.page.slows()
		asked = holding(t.Context(), h.Client, "5551234567", time.Minute)
		time.Sleep(time.Millisecond)
		h.Undo(asked.req)
		checkUndone(t, <-asked.done)
		if d := time.Since(began); d > 10*time.Second {
			t.Errorf("told after %v", d)
		}
	})
}
