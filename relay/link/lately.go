package link

import (
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// lately are the people that anybody on the CommDN has asked about: an answer that
// names one of them is not that of a request about somebody else, also where it
// comes twice, or long after its request was given up.
type lately struct {
	now, before map[commdn.Subject]struct{}
	since       time.Time // of now
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
		l.now, l.before, l.since = map[commdn.Subject]struct{}{}, l.now, now
	}
	for _, s := range subjects {
		l.now[s] = struct{}{}
	}
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
