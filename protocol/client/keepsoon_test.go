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
