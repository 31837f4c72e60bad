package simulation

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Windows for undo: what a plan has of them, how people take a click back, and what
// must hold then.

// longest is the window that a relay grants at most. Some people ask for a longer one.
const longest = 8 * time.Second

// drawUndo gives some clicks a window, and has some of them taken back before, at and
// after its end, in some worlds with the end of a relay close by. It draws from a source
// of its own, so that a seed gives the same clicks with and without windows.
func (p *plan) drawUndo(r *rand.Rand) {
	if r.IntN(3) == 0 {
		return
	}
	ends := r.IntN(2) == 0
	for i := range p.clicks {
		c := &p.clicks[i]
		if c.kind == load || r.IntN(2) == 0 {
			continue
		}
		c.window = between(r, 200*time.Millisecond, longest+2*time.Second)
		end := min(c.window, longest)
		switch r.IntN(5) {
		case 0: // nobody takes it back
			continue
		case 1:
			c.undo = end + between(r, -2*time.Millisecond, 6*time.Millisecond)
		case 2:
			c.undo = end + between(r, 6*time.Millisecond, 5*time.Second)
		default:
			c.undo = between(r, time.Millisecond, end)
		}
		if ends && r.IntN(3) == 0 {
			p.crashAt(r, c.at+c.undo+between(r, -time.Second, 2*time.Second))
		}
	}
	if r.IntN(3) == 0 { // three ways of two seconds lead from the person to the journal
		p.clicks = append(p.clicks, click{
			n: len(p.clicks), at: p.trouble + calmAfter, person: r.IntN(p.people), kind: []kind{doNotCall, cancel}[r.IntN(2)],
			window: longest, undo: between(r, time.Millisecond, time.Second), calm: true,
		})
	}
}

// calmAfter is how long after the last trouble everybody is connected again.
const calmAfter = time.Minute

// crashAt ends a relay at about a moment of trouble.
func (p *plan) crashAt(r *rand.Rand, at time.Duration) {
	name := relayName(r.IntN(p.relays))
	at = min(max(at, time.Second), p.trouble)
	p.crashes[name] = append(p.crashes[name], crash{at, between(r, 10*time.Millisecond, 10*time.Second), []ending{kill, power, power}[r.IntN(3)]})
	slices.SortFunc(p.crashes[name], func(a, b crash) int { return int(a.at - b.at) })
}

// takeBack takes back what the client of a page has sent, or is about to.
func (p *person) takeBack(page *client.Client, c click, req commdn.Request) {
	if page.Undo(req) {
		p.w.note(p.name, "takes click %d back", c.n)
	} else {
		p.w.note(p.name, "finds nothing to take back of click %d", c.n)
	}
}

// takeBackElsewhere takes a request back on a connection of its own, to whichever relay
// that leads, until somebody has told what became of the request.
func (p *person) takeBackElsewhere(ctx context.Context, c click, key string) {
	if !sleep(ctx, c.undo) {
		return
	}
	r := random(p.w.plan.seed, key+" undo")
	h := p.w.host(p.name)
	for ctx.Err() == nil {
		err := p.undoOnce(ctx, h, r.IntN(p.w.plan.relays), r, key)
		if err == nil {
			return
		}
		p.w.note(p.name, "loses the connection that takes %s back: %v", short(key), err)
		if !sleep(ctx, between(r, time.Millisecond, 200*time.Millisecond)) {
			return
		}
	}
}

func (p *person) undoOnce(ctx context.Context, h *host, relay int, r *rand.Rand, key string) error {
	ctx, done := context.WithTimeout(ctx, 20*time.Second)
	defer done()
	s, err := p.session(ctx, h, relay, r, frame.Resume{Key: key, Number: 1})
	if err != nil {
		return err
	}
	defer s.Close(frame.CloseNormal, "")
	return s.settle(ctx, frame.Frame{Kind: frame.KindUndo, Number: 1, Body: frame.Request{Key: key}.Body()})
}

// left gives what is left of the window of a click, in milliseconds.
func (c click) left(now time.Duration) int {
	return int(max(c.at+c.window-now, 0) / time.Millisecond)
}

// windowPrefix begins the subjects under which the journal keeps how windows ended.
const windowPrefix = "commdn.window."

// undoes says whether a message of the journal tells that a request was undone.
func undoes(subject string, data []byte) bool {
	if strings.HasPrefix(subject, windowPrefix) {
		return string(data) == "undone"
	}
	var r struct {
		Refusal *struct {
			Code frame.RefusalCode `json:"code"`
		} `json:"refusal"`
	}
	return strings.HasPrefix(subject, "commdn.done.") && json.Unmarshal(data, &r) == nil && r.Refusal != nil && r.Refusal.Code == frame.RefusedUndone
}

// wanted: somebody has taken a request back, and a relay may hear of it.
func (l *ledger) wanted(who, relay, key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w.note(who, "takes %s back at %s", short(key), relay)
	l.account(who, key).wanted = true
}

// released: a relay says that a request goes out.
func (l *ledger) released(who, relay, key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w.note(who, "hears from %s: %s goes out", relay, short(key))
	a := l.account(who, key)
	a.released = true
	if a.undone {
		l.fail("%s of %s about %s goes out, and was undone", short(key), who, a.subject)
	}
}

// unsent: the client says that a click was taken back before anybody heard of it, or
// what the relay has said.
func (l *ledger) unsent(c click) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stays(subject(c.request().UserData()))
}

// unheard: in a calm world somebody took a click back in time, and heard something else.
func (l *ledger) unheard(c click, what error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail("click %d was taken back in time, while nothing went wrong, and is not undone: %v", c.n, what)
}

// decided: a journal has that a request was undone. Where it had been sent by then,
// somebody asked too late, of a relay that did not know so yet.
func (l *ledger) decided(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.names[id]; a != nil && l.affair(a.subject).sent == 0 {
		l.w.note("journal", "has that %s of %s was undone", short(a.key), a.who)
		l.stays(a.subject)
	}
}

// undone: somebody hears that a request was undone.
func (l *ledger) undone(a *account) {
	if a.undone {
		return
	}
	a.undone = true
	switch {
	case !a.wanted:
		l.fail("%s of %s about %s is undone, and nobody took it back", short(a.key), a.who, a.subject)
	case a.released:
		l.fail("%s of %s about %s is undone, and a relay had said that it goes out", short(a.key), a.who, a.subject)
	}
	l.stays(a.subject)
}

// stays: what is asked about a subject must not come to OCS, unless somebody else asks
// for the same.
func (l *ledger) stays(of string) {
	f := l.affair(of)
	f.undone = true
	if f.clicks == 1 && f.sent > 0 {
		l.fail("%s is undone, and was sent", of)
	}
}

// mayGo looks whether a request may be sent by now.
func (l *ledger) mayGo(by *host, of string, f *affair) {
	switch {
	case f.clicks != 1:
	case f.undone:
		l.fail("%s sent %s, which was undone", by.name, of)
	case l.w.now() < f.from-time.Millisecond: // a client says whole milliseconds
		l.fail("%s sent %s before %.6f, when its window ends", by.name, of, f.from.Seconds())
	}
}

// undos counts the requests that were undone, and those that somebody took back too late.
func (l *ledger) undos() (undone, late int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.order {
		switch {
		case a.undone:
			undone++
		case a.wanted && a.accepted:
			late++
		}
	}
	return undone, late
}
