package desk

import (
	"errors"
	"fmt"
	"sync"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/auth"
	"commdn/relay/link"
	"commdn/relay/numbers"
	"commdn/relay/policy"
)

// part is one UserEvent of a request: over one link, with one form of the number.
type part struct {
	link string
	rule string // that the form is made by, where the number goes in several; else ""
	form string // the number as it goes, where that is not how it was given; else ""
	req  commdn.Request
}

// parts gives what a request is on each of its links: a number goes in every form
// in which the calling lists behind the link hold it. A link whose lists cannot hold
// the number, as it is one of another country, is left out where another one can.
func (d *Desk) parts(req commdn.Request, links []string) ([]part, error) {
	person, ok := commdn.PersonOf(req)
	if !ok || person.Phone == "" {
		if len(links) == 1 {
			return []part{{link: links[0], req: req}}, nil
		}
		parts := make([]part, len(links))
		for i, name := range links {
			parts[i] = part{link: name, req: commdn.Clone(req)}
		}
		return parts, nil
	}
	var parts []part
	var none error
	for _, name := range links {
		forms, err := d.o.Forms(name, person.Phone)
		if unfit, is := errors.AsType[*numbers.FormError](err); is && unfit.Foreign {
			none = err
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", commdn.KeyPhone, err)
		}
		for _, f := range forms {
			one := commdn.Clone(req)
			switch m := one.(type) {
			case *commdn.DoNotCall:
				m.Phone = f.Text
			case *commdn.CancelRecord:
				m.Phone = f.Text
			}
			p := part{link: name, req: one}
			if len(forms) > 1 {
				p.rule = f.Rule
			}
			if len(forms) > 1 || f.Text != person.Phone {
				p.form = f.Text
			}
			parts = append(parts, p)
		}
	}
	if parts == nil {
		return nil, fmt.Errorf("%s: %w", commdn.KeyPhone, none)
	}
	return parts, nil
}

// Preview says in which forms a request would name its number. The refusal is that
// of the request. It asks no OCS, keeps nothing and counts nothing.
func (d *Desk) Preview(grant *auth.Grant, data tkvlist.List) ([]string, *frame.Refusal) {
	req, refusal := decode(data)
	if refusal != nil {
		return nil, refusal
	}
	person, ok := commdn.PersonOf(req)
	if !ok {
		return nil, &frame.Refusal{Code: frame.RefusedUnsupported, Message: "only a do-not-call and a cancel name a number"}
	}
	links, err := d.o.View().Route(grant, req)
	if err != nil {
		return nil, unrouted(err)
	}
	parts, err := d.parts(req, links)
	if err != nil {
		return nil, invalid(err)
	}
	if person.Phone == "" {
		return nil, nil
	}
	var forms []string
	seen := make(map[string]bool)
	for _, p := range parts {
		one, _ := commdn.PersonOf(p.req)
		if !seen[one.Phone] {
			forms = append(forms, one.Phone)
		}
		seen[one.Phone] = true
	}
	return forms, nil
}

// unrouted is the refusal of a request that may not be made, or has nowhere to go.
func unrouted(err error) *frame.Refusal {
	if policy.Denied(err) {
		return &frame.Refusal{Code: frame.RefusedForbidden, Message: err.Error()}
	}
	return invalid(err)
}

// tally takes in what OCS says of the parts of one request.
type tally struct {
	d     *Desk
	t     *Ticket
	forms map[string]int // of the number, by link

	mu   sync.Mutex // over the rest, and the order of what is told
	open int        // parts whose last answer has not come
	held *Event     // decides more than what was told; the outcome, where there is no refusal
	said map[origin]*said
}

type origin struct {
	link string
	ocs  commdn.DBID
}

// said is what one OCS says of the forms of a number.
type said struct {
	answers int
	late    *Event // that decides most of the late ones which are not told yet
}

func newTally(d *Desk, t *Ticket, parts []part) *tally {
	s := &tally{d: d, t: t, forms: make(map[string]int), open: len(parts), said: make(map[origin]*said)}
	for _, p := range parts {
		s.forms[p.link]++
	}
	return s
}

// event gives the event of an answer to the part. Where the number does not go as it was
// given and OCS does not echo how, the event says it.
func (p part) event(a link.Answer) Event {
	if p.form != "" {
		a.Message = named(a.Message, p.form)
	}
	return eventOf(p.link, a)
}

// note gives the event of an answer to a part, and what its OCS has said with it. s.mu
// is held.
func (s *tally) note(p part, a link.Answer) (Event, *said) {
	e := p.event(a)
	from := origin{p.link, a.Message.Addr().Origin}
	if s.said[from] == nil {
		s.said[from] = &said{}
	}
	s.said[from].answers++
	return e, s.said[from]
}

// answered tells of an answer, but holds the one that decides most: a client that
// comes back hears the outcome alone. Where the number has one form on each link,
// that is the last one.
func (s *tally) answered(p part, a link.Answer, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, _ := s.note(p, a)
	if last {
		s.open--
	}
	if s.held == nil {
		if p.rule != "" || s.open == 0 {
			s.held = &e
			return
		}
	} else if weight(e.Answer) >= weight(s.held.Answer) {
		e, *s.held = *s.held, e
	}
	s.d.answer(s.t, e)
}

// last gives the answer that decides. Where a link has refused, it is no outcome,
// and is told.
func (s *tally) last(refused bool) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		return Event{}
	}
	if refused {
		s.d.answer(s.t, *s.held)
	}
	return *s.held
}

// late takes in a late answer. It is told when every OCS that has said anything has
// answered for every form: till then, what became of the number is not known.
func (s *tally) late(p part, a link.Answer) {
	s.t.heard(p, a)
	s.mu.Lock()
	defer s.mu.Unlock()
	e, from := s.note(p, a)
	if from.late == nil || weight(e.Answer) >= weight(from.late.Answer) {
		from.late = &e
	}
	for at, all := range s.said {
		if all.answers < s.forms[at.link] {
			return
		}
	}
	for _, all := range s.said {
		if all.late != nil {
			s.d.late(s.t, *all.late)
			all.late = nil
		}
	}
}

// weight orders answers to the forms of one number by how much they decide: a form
// that is not on the Do Not Call list decides, and so does a record that was
// canceled, as the lists hold a record in one form.
func weight(m commdn.Message) int {
	switch m := m.(type) {
	case *commdn.DoNotCallProcessed:
		return 0
	case *commdn.Fault:
		return 1
	case *commdn.RecordCanceled:
		if !m.Incomplete() {
			return 2
		}
	}
	return 3
}

// named gives an answer with the number that it is about.
func named(m commdn.Message, phone string) commdn.Message {
	switch m := m.(type) {
	case *commdn.DoNotCallProcessed:
		if m.Phone == "" {
			one := *m
			one.Phone = phone
			return &one
		}
	case *commdn.RecordCanceled:
		if m.Phone == "" {
			one := *m
			one.Phone = phone
			return &one
		}
	case *commdn.Fault:
		if m.Phone == "" {
			one := *m
			one.Phone = phone
			return &one
		}
	}
	return m
}
