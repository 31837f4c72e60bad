package link

import (
	"slices"
	"strings"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// lately are the people that anybody on the CommDN has asked about: an answer that
// names one of them is not that of a request about somebody else, also where it
// comes twice, or long after its request was given up.
type lately struct {
	now, before map[commdn.Subject]mention
	since       time.Time // of now
}

// mention is what is kept of one of them.
type mention struct {
	customer string        // of the request; may be empty
	answered []commdn.DBID // OCS that have answered the last request
}

const (
	mostLately  = 10_000
	rememberFor = 10 * time.Minute
)

// add keeps in mind whom a request is about.
func (l *lately) add(req commdn.Request, subjects []commdn.Subject, now time.Time) {
	if !familyOf(req) {
		return
	}
	if len(l.now) >= mostLately || now.Sub(l.since) > rememberFor {
		l.now, l.before, l.since = map[commdn.Subject]mention{}, l.now, now
	}
	person, _ := commdn.PersonOf(req)
	for _, s := range subjects {
		l.now[s] = mention{customer: person.CustomerID}
	}
}

// settled keeps in mind that an OCS has answered a request.
func (l *lately) settled(req commdn.Request, by commdn.DBID) {
	if !familyOf(req) {
		return
	}
	for _, s := range req.Subjects() {
		m, known := l.now[s]
		if !known {
			m = l.before[s]
		}
		if l.now != nil && !slices.Contains(m.answered, by) {
			m.answered = append(m.answered, by)
			l.now[s] = m
		}
	}
}

// again says whether an answer can be that of x although it names somebody else who
// was asked about lately: the OCS has answered that request before, and both can be
// of one customer, as an OCS may answer with the first phone of the chain.
func (l *lately) again(x *exchange, a Answer) bool {
	person, _ := commdn.PersonOf(x.req)
	known := false
	for _, s := range a.Subjects() {
		m, now := l.now[s]
		if !now {
			if m, now = l.before[s]; !now {
				continue
			}
		}
		known = true
		if !slices.Contains(m.answered, a.Addr().Origin) ||
			m.customer != "" && person.CustomerID != "" && !strings.EqualFold(m.customer, person.CustomerID) {
			return false
		}
	}
	return known
}

// Remember keeps in mind whom a request is about that may have gone out already, from
// an earlier process or another relay.
func (r *exchanges) Remember(req commdn.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lately.add(req, req.Subjects(), time.Now())
}

func (l *lately) has(m commdn.Message) bool {
	for _, s := range m.Subjects() {
		_, now := l.now[s]
		if _, before := l.before[s]; now || before {
			return true
		}
	}
	return false
}

// whom has an answer that names several phones, as of a chain, name the one of them
// that was asked about.
func (r *exchanges) whom(m commdn.Message, userData tkvlist.List) {
	var phone *string
	switch m := m.(type) {
	case *commdn.DoNotCallProcessed:
		phone = &m.Phone
	case *commdn.RecordCanceled:
		phone = &m.Phone
	case *commdn.Fault:
		phone = &m.Phone
	default:
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := func(p string) bool { return r.bySubject[commdn.Subject{Kind: commdn.SubjectPhone, ID: p}] != nil }
	if *phone == "" || asked(*phone) {
		return
	}
	for _, p := range phones(nil, userData) {
		if asked(p) {
			*phone = p
			return
		}
	}
}

func phones(all []string, l tkvlist.List) []string {
	for _, p := range l {
		if inner, ok := p.Value.List(); ok {
			all = phones(all, inner)
		} else if s, ok := p.Value.Text(); ok && p.Key == commdn.KeyPhone {
			all = append(all, s)
		}
	}
	return all
}
