package simulation

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/desk"
)

// ledger is told of everything that counts, by the world and not by the relays, and
// says what is wrong with it.
type ledger struct {
	w *world

	mu    sync.Mutex
	wrong []string
	keys  map[string]*account // by person and key
	names map[string]*account // by the name that the journal gives them
	order []*account
	about map[string]*affair // by subject
	entry map[string]int     // how often a key came into a journal, by person and key
	terms map[string]uint64  // the newest in which a relay may send, by link
	asks  map[string]bool    // subjects of campaign control that the audit has, before it was sent
	ends  map[string]bool    // outcomes that it has, by person and key
	later map[string]bool    // outcomes of campaign control that it could not take: OCS has done it, and who asked is told all the same
}

// account is what became of a key.
type account struct {
	who, key, subject string
	control           bool
	accepted          bool // since acceptedAt, as somebody heard
	acceptedAt        time.Duration
	wanted            bool // somebody took it back
	released          bool // a relay said that it goes out
	undone            bool // a relay said so
	told              []told
}

// told is an outcome that somebody heard.
type told struct {
	at    time.Duration
	asked time.Duration // when somebody asked for it
	relay string
	code  frame.RefusalCode // 0: an answer
	text  string
	late  bool
}

// affair is what happened about a number, or a campaign group.
type affair struct {
	keys    map[string]bool // that came into a journal
	clicks  int
	sent    int
	from    time.Duration // when the window of its click ends; its click is the only one
	undone  bool
	reached map[int]bool // by link
}

func newLedger(w *world) *ledger {
	l := &ledger{w: w, keys: make(map[string]*account), names: make(map[string]*account), about: make(map[string]*affair), entry: make(map[string]int), terms: make(map[string]uint64), asks: make(map[string]bool), ends: make(map[string]bool), later: make(map[string]bool)}
	for _, c := range w.plan.clicks {
		a := l.affair(subject(c.request().UserData()))
		a.clicks++
		a.from = c.at + min(c.window, longest)
	}
	return l
}

// subject says what user data of a request is about; empty: it is no request.
func subject(data tkvlist.List) string {
	req, err := commdn.DecodeRequest(data)
	if err != nil {
		return ""
	}
	if p, ok := commdn.PersonOf(req); ok {
		return p.Phone
	}
	if c, ok := commdn.ControlOf(req); ok {
		return fmt.Sprint(c.CampaignGroup)
	}
	return ""
}

// fail notes what must not be.
func (l *ledger) fail(format string, args ...any) {
	line := fmt.Sprintf("%.6f ", l.w.now().Seconds()) + fmt.Sprintf(format, args...)
	l.wrong = append(l.wrong, line)
	l.w.note("WRONG", format, args...)
}

// The methods in lower case that take no lock are called with l.mu held.

func (l *ledger) affair(subject string) *affair {
	a := l.about[subject]
	if a == nil {
		a = &affair{keys: make(map[string]bool), reached: make(map[int]bool)}
		l.about[subject] = a
	}
	return a
}

func (l *ledger) account(who, key string) *account {
	id := who + " " + key
	a := l.keys[id]
	if a == nil {
		a = &account{who: who, key: key}
		l.keys[id] = a
		l.order = append(l.order, a)
	}
	return a
}

// asked: a request went out with a key.
func (l *ledger) asked(who string, req frame.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.account(who, req.Key)
	a.subject = subject(req.Data)
	m, err := commdn.DecodeRequest(req.Data)
	must(err)
	a.control = !m.Type().AboutPerson()
}

// accepted: somebody heard that a request is on disk.
func (l *ledger) accepted(who, relay, key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w.note(who, "hears from %s: %s is accepted", relay, short(key))
	if a := l.account(who, key); !a.accepted {
		a.accepted, a.acceptedAt = true, l.w.now()
	}
}

// outcome: somebody heard an outcome.
func (l *ledger) outcome(who, relay string, about asking, o frame.Outcome) {
	t := told{relay: relay, asked: about.at, text: commdnText(o.Data)}
	if o.Refusal != nil {
		t.code, t.text = o.Refusal.Code, o.Refusal.Code.String()+": "+o.Refusal.Message
	}
	l.tell(who, about.key, t)
}

// late: somebody heard what OCS said after all.
func (l *ledger) late(who, relay, key string, data tkvlist.List) {
	l.tell(who, key, told{relay: relay, text: commdnText(data), late: true})
}

func commdnText(data tkvlist.List) string {
	m, err := commdn.Decode(data)
	if err != nil {
		return ""
	}
	return commdn.Trace(m, true)
}

func (l *ledger) tell(who, key string, t told) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t.at = l.w.now()
	l.w.note(who, "hears from %s of %s: %s", t.relay, short(key), t.text)
	a := l.account(who, key)
	a.told = append(a.told, t)
	if t.code == frame.RefusedUndone {
		l.undone(a)
	}
	if l.w.plan.audited && (t.code == 0 || t.code == frame.RefusedUndone) && !t.late && !l.ends[who+" "+key] && !l.later[who+" "+key] {
		l.fail("%s hears of an outcome of %s that the audit does not have", who, short(key))
	}
	// Before, the relay may say so of a journal that does not answer: the client sends
	// the request again then.
	if t.code == frame.RefusedUnknownKey && a.accepted && t.asked > a.acceptedAt && !a.control && l.w.now() > l.w.plan.trouble+time.Minute {
		l.fail("%s does not know %s of %s any more, which was accepted", t.relay, short(key), who)
	}
}

// deed: the audit has something.
func (l *ledger) deed(d *desk.Deed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch d.Kind {
	case desk.DeedAsked:
		l.asks[subject(d.Request.UserData())] = true
	case desk.DeedEnded:
		l.ends[d.ID.Subject+" "+d.ID.Key] = true
	}
}

// kept: a message of work is in a journal.
func (l *ledger) kept(data []byte, id string) {
	var r struct {
		Subject string `json:"subject"`
		Key     string `json:"key"`
		Data    []byte `json:"data"`
	}
	must(json.Unmarshal(data, &r))
	list, err := tkvlist.Unpack(r.Data)
	must(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	of, name := subject(list), r.Subject+" "+r.Key
	l.w.note("journal", "has %s of %s: %s", short(r.Key), r.Subject, of)
	a := l.affair(of)
	a.keys[name] = true
	if len(a.keys) > a.clicks {
		l.fail("one click about %s came into the journal under several keys", of)
	}
	if strings.Contains(id, "again after") {
		return
	}
	l.names[id] = l.account(r.Subject, r.Key)
	if l.entry[name]++; l.entry[name] > 1 {
		l.fail("%s of %s came into the journal twice", short(r.Key), r.Subject)
	}
}

// lost: a message of work was not synced, and the power failed.
func (l *ledger) lost(data []byte) {
	var r struct{ Subject, Key string }
	must(json.Unmarshal(data, &r))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entry[r.Subject+" "+r.Key]--
}

// unwritten: the audit could not take a deed.
func (l *ledger) unwritten(d *desk.Deed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d.Kind == desk.DeedEnded && !d.Request.Type().AboutPerson() {
		l.later[d.ID.Subject+" "+d.ID.Key] = true
	}
}

// sent: a relay's request is with T-Server.
func (l *ledger) sent(link int, by *host, data tkvlist.List) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := subject(data)
	req, err := commdn.DecodeRequest(data)
	if err != nil || of == "" || req.Type() == commdn.ReqGetCampaignStatus {
		return
	}
	l.w.note(by.name, "has sent %s over %s", of, linkName(link))
	a := l.affair(of)
	a.sent++
	l.mayGo(by, of, a)
	switch {
	case a.clicks == 0:
		l.fail("%s sent %s, for which nobody asked", by.name, of)
	case l.w.plan.audited && !req.Type().AboutPerson() && !l.asks[of]:
		l.fail("%s sent %s, and the audit does not have that somebody asked", by.name, of)
	case !req.Type().AboutPerson() && a.sent > 1:
		l.fail("%s was sent for the second time, and it is campaign control", of)
	case req.Type().AboutPerson() && len(a.keys) == 0:
		l.fail("%s sent %s, which no journal has", by.name, of)
	}
}

// holds: a relay may send on a link from now on.
func (l *ledger) holds(link string, by *host, term uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w.note(by.name, "sends on %s, in term %d", link, term)
	if term <= l.terms[link] {
		l.fail("%s sends on %s in term %d, and there was a term %d", by.name, link, term, l.terms[link])
	}
	l.terms[link] = term
}

// writes: a relay writes to T-Server.
func (l *ledger) writes(link string, by *host, term uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if term < l.terms[link] {
		l.fail("%s writes to %s in term %d, and another relay sends in term %d", by.name, link, term, l.terms[link])
	}
}

// reached: a request is with OCS.
func (l *ledger) reached(link int, data tkvlist.List) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if of := subject(data); of != "" {
		l.w.note(ocsName(link), "has %s", of)
		l.affair(of).reached[link] = true
	}
}

// check looks at everything when all has come to rest.
func (l *ledger) check() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.order {
		f := l.affair(a.subject)
		for link := range l.w.plan.links {
			if a.accepted && !a.control && !a.undone && !f.reached[link] {
				l.fail("%s of %s about %s was accepted, and never came to %s", short(a.key), a.who, a.subject, ocsName(link))
			}
		}
		l.refusals(a, f)
		l.outcomes(a)
	}
}

// refusals looks whether what was refused for good was sent all the same.
func (l *ledger) refusals(a *account, f *affair) {
	if a.accepted || f.clicks > 1 || f.sent == 0 {
		return
	}
	for _, t := range a.told {
		switch t.code {
		case frame.RefusedBusy, frame.RefusedInvalid, frame.RefusedForbidden, frame.RefusedRateLimited, frame.RefusedLinkDown:
			l.fail("%s of %s about %s was sent, and %s was told: %s", short(a.key), a.who, a.subject, a.who, t.text)
			return
		}
	}
}

// outcomes looks whether a key has one outcome. A refusal may be followed by an
// answer, which came late or at an administrator's attempt, and a late answer by that of
// another OCS; nothing follows the answer that is the outcome, or that the request was undone.
func (l *ledger) outcomes(a *account) {
	var stands *told
	for _, t := range a.told {
		switch {
		case t.code == frame.RefusedUnknownKey, strings.Contains(t.text, desk.ErrUnsure.Error()):
			continue // that is none
		case stands == nil, stands.code != 0 && stands.code != frame.RefusedUndone:
		case stands.late && t.code == 0, stands.code == frame.RefusedUndone && t.code == stands.code:
		case t.code != 0 || t.late || t.text != stands.text:
			l.fail("%s of %s about %s has two outcomes: at %.6f %s, at %.6f %s", short(a.key), a.who, a.subject, stands.at.Seconds(), stands.text, t.at.Seconds(), t.text)
		}
		stands = &t
	}
}
