package client

import (
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/frame"
)

// A request that is settled soon does not trouble the store. One that loses its
// connection is kept at once.
func TestKeptSoon(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		h := visit(t, s, "")
		p := h.connect(t, "")
		settled := do(t.Context(), h.Client, dnc("5551234567"))
		n, _, _ := p.onWire(t)
		time.Sleep(keepAfter - 1)
		p.answer(t, frame.KindOutcome, n, processed(7, "5551234567"))
		if got := <-settled; got.err != nil {
			t.Fatal(got.err)
		}
		s.empty(t)
		if s.puts != 0 {
			t.Errorf("%d records were written", s.puts)
		}

		do(t.Context(), h.Client, dnc("5551234568"))
		p.onWire(t)
		h.relay.set(errRefused)
		p.drop(frame.CloseGoingAway)
		synctest.Wait()
		if s.puts != 1 {
			t.Errorf("%d records were written when the connection was lost, want 1", s.puts)
		}
	})
}

// A client is tidy when what it has settled is out of the store, so that no later client
// takes that over, and what was undone is so there. It does not wait for what the store
// refuses.
func TestTidy(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		h := visit(t, s, "")
		p := h.connect(t, "")
		tidy := func(want bool) {
			t.Helper()
			if h.Tidy() != want {
				t.Errorf("tidy is %v, with %d records", !want, len(s.records))
			}
		}
		ask := func(phone string) (settle func()) {
			settled := do(t.Context(), h.Client, dnc(phone))
			n, _, _ := p.onWire(t)
			time.Sleep(2 * keepAfter)
			return func() {
				p.answer(t, frame.KindOutcome, n, processed(7, phone))
				<-settled
			}
		}
		tidy(true)
		settle := ask("5551234567")
		tidy(true) // one under way is of no other client yet
		h.page.slows()
		settle()
		tidy(false)
		synctest.Wait()
		tidy(false) // deleting takes a second here
		time.Sleep(time.Second)
		synctest.Wait()
		tidy(true)
		s.empty(t)

		// The store is full, so one cannot be put there. That does not keep the other one in it.
		settle = ask("5551234568")
		time.Sleep(time.Second)
		h.page.fail(&h.page.put, errFull)
		settleFull := ask("5551234569")
		settle()
		tidy(false)
		time.Sleep(2 * time.Second)
		for range 3 {
			synctest.Wait()
			if h.Tidy() {
				break
			}
			time.Sleep(2 * time.Second)
		}
		tidy(true)
		if len(s.records) != 0 {
			t.Errorf("left %q", s.records)
		}
		settleFull()
		h.page.fail(&h.page.put, nil)
		time.Sleep(keepEvery)

		settle = ask("5551234570")
		time.Sleep(time.Second)
		h.page.fail(&h.page.del, errFull)
		settle()
		time.Sleep(2 * time.Second)
		tidy(true)
	})
}
