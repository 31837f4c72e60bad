package simulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/journal"
)

// Within these times of a world without trouble everything comes to rest.
const (
	restWithin = 15 * time.Minute
	askWithin  = time.Minute
)

// settle waits until every journal is empty, has an administrator send again what was
// put aside, and asks every relay for every outcome, before and after a restart.
func (w *world) settle() {
	w.rest()
	for n := 0; w.again() > 0; n++ {
		if n == 5 {
			w.ledger.mu.Lock()
			w.ledger.fail("requests are put aside again and again, though OCS answers")
			w.ledger.mu.Unlock()
			break
		}
		w.rest()
	}
	time.Sleep(30 * time.Second) // late answers
	w.askAll()
	for _, m := range w.relays {
		m.end(stop)
		m.start()
	}
	w.askAll()
}

// stores gives the journals.
func (w *world) stores() []*store {
	if w.plan.cluster {
		return []*store{w.relays[0].store}
	}
	var all []*store
	for _, m := range w.relays {
		all = append(all, m.store)
	}
	return all
}

// rest waits until no request waits.
func (w *world) rest() {
	for until := w.now() + restWithin; ; time.Sleep(time.Second) {
		n := 0
		for _, s := range w.stores() {
			s.mu.Lock()
			n += len(s.streams[workStream].kept)
			s.mu.Unlock()
		}
		if n == 0 {
			return
		}
		if w.now() > until {
			w.ledger.mu.Lock()
			w.ledger.fail("%d requests wait in the journal for ever", n)
			w.ledger.mu.Unlock()
			return
		}
	}
}

// again has everything sent again that was put aside, and says how much that was.
func (w *world) again() int {
	n := 0
	for _, m := range w.relays {
		all, err := aside(m.now.journal)
		must(err)
		for _, item := range all {
			w.note("admin", "sends %s again", short(item.Entry.ID.Key))
			if _, err := m.now.journal.Retry(context.Background(), item.ID); err != nil {
				now, listed := aside(m.now.journal)
				must(listed)
				if slices.ContainsFunc(now, func(i journal.Item) bool { return i.ID == item.ID }) {
					must(err)
				}
				continue // OCS has answered meanwhile
			}
			n++
		}
		if w.plan.cluster {
			break
		}
	}
	return n
}

// askAll asks every relay for the outcomes of all keys.
func (w *world) askAll() {
	for _, m := range w.relays {
		for _, p := range w.people {
			w.askOne(m, p)
		}
	}
}

func (w *world) askOne(m *machine, p *person) {
	var resume []frame.Resume
	w.ledger.mu.Lock()
	for _, a := range w.ledger.order {
		if a.who == p.name {
			resume = append(resume, frame.Resume{Key: a.key, Number: uint32(len(resume) + 1)})
		}
	}
	w.ledger.mu.Unlock()
	if len(resume) == 0 {
		return
	}
	ctx, done := context.WithTimeout(context.Background(), askWithin)
	defer done()
	r := random(w.plan.seed, fmt.Sprintf("%s asks %s at %s", p.name, m.name, w.now()))
	s, err := p.session(ctx, w.host(p.name), m.n, r, resume...)
	must(err)
	defer s.Close(frame.CloseNormal, "")
	for n := range resume {
		if err := s.settle(ctx, frame.Frame{}); err != nil {
			w.ledger.mu.Lock()
			w.ledger.fail("%s tells %s %d of %d outcomes, and no more: %v", m.name, p.name, n, len(resume), err)
			w.ledger.mu.Unlock()
			return
		}
	}
}

func aside(j *journal.Journal) (all []journal.Item, err error) {
	for item, err := range j.Aside(context.Background()) {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}
