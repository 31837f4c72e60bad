package relay

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/sim/scenario"
)

// 50 sessions ask for 20 do-not-calls a second together of an OCS that never says whom
// it answers, takes its time, and refuses every fifth: each session hears what became
// of its own number, and no request ends as unknown. -v prints how long they took.
func TestNoEchoOfManySessions(t *testing.T) {
	t.Parallel()
	const (
		sessions = 50
		each     = 2
		every    = 50 * time.Millisecond
	)
	one := connectedOCS(201)
	one.OCS.EchoOnError, one.OCS.NoEcho, one.OCS.AnswerAfter = false, true, 20
	r := newRig(t, installation(one), nil)
	phone := func(n int) string { return fmt.Sprintf("55501%05d", n) }
	refuses := func(n int) bool { return n%5 == 0 }
	for n := range sessions * each {
		if !refuses(n) {
			continue
		}
		if _, err := r.sim.AddFault(scenario.Fault{Do: scenario.Refuse, Error: commdn.ErrorInvalidParameter, Phone: phone(n)}); err != nil {
			t.Fatal(err)
		}
	}

	type result struct {
		n    int
		at   time.Time
		what string // of the outcome; empty: as it had to be
	}
	results := make(chan result, sessions*each)
	clients := make([]*peer, sessions)
	for i := range clients {
		c := r.session()
		clients[i] = c
		go func() {
			for range each {
				f, err := c.read()
				for err == nil && f.Kind != frame.KindOutcome {
					f, err = c.read()
				}
				res := result{n: int(f.Number) - 1, at: time.Now()}
				m, decodeErr := commdn.Decode(frame.ReadOutcome(f.Body).Data)
				_, done := m.(*commdn.DoNotCallProcessed)
				_, refused := m.(*commdn.Fault)
				if err != nil || decodeErr != nil || done == refused || refused != refuses(res.n) {
					res.what = fmt.Sprintf("request %d: %v, %v, %v", res.n, m, frame.ReadOutcome(f.Body).Refusal, err)
				}
				results <- res
			}
		}()
	}

	asked := make([]time.Time, sessions*each)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := range asked {
		<-tick.C
		asked[n] = time.Now()
		clients[n%sessions].request(uint32(n+1), dnc(phone(n)))
	}
	var took []time.Duration
	for range asked {
		select {
		case res := <-results:
			if res.what != "" {
				t.Error(res.what)
				continue
			}
			took = append(took, res.at.Sub(asked[res.n]))
		case <-time.After(patience):
			t.Fatalf("%d of %d requests have an outcome", len(took), len(asked))
		}
	}
	slices.Sort(took)
	if len(took) > 0 {
		t.Logf("%d requests: median %v, p99 %v, longest %v", len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
	}
}
