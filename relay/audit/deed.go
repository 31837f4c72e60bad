package audit

import (
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/auth"
	"commdn/relay/desk"
	"commdn/relay/journal"
)

var kinds = map[desk.DeedKind]Kind{desk.DeedAsked: Asked, desk.DeedEnded: Ended, desk.DeedLate: Late, desk.DeedDenied: Denied}

// entryOf gives the entry of a deed of the desk.
func entryOf(d *desk.Deed) *Entry {
	e := &Entry{
		Kind: kinds[d.Kind], ID: journal.ID(d.ID), Key: cut(d.ID.Key), Subject: d.ID.Subject, Name: d.Name, Door: d.Door, Address: d.From, Session: d.Session,
		Links: d.Links, Submitted: utc(d.Submitted), Accepted: utc(d.Accepted),
	}
	e.about(d.Request)
	for _, o := range d.Objects {
		e.Objects = append(e.Objects, Object{named(o.Campaign), named(o.Group), named(o.Tenant)})
	}
	for _, s := range d.Sent {
		one := Sent{Link: s.Link, Form: e.form(s.Phone), First: utc(s.First)}
		if s.Times > 1 {
			one.Last, one.Times = utc(s.Last), s.Times
		}
		e.Sent = append(e.Sent, one)
	}
	for _, a := range d.Answers {
		e.answered(a)
	}
	e.settled(d.Outcome)
	return e
}

// about says what a request asks for.
func (e *Entry) about(req commdn.Request) {
	if req == nil {
		e.Request = "unreadable"
		return
	}
	e.Request = req.Type().String()
	if p, ok := commdn.PersonOf(req); ok {
		e.Person = &Person{Phone: p.Phone, Customer: p.CustomerID}
		return
	}
	e.Asked = cut(commdn.Trace(req, false))
}

// form gives the number of a form of the phone, and keeps the form.
func (e *Entry) form(phone string) int {
	if phone == "" || e.Person == nil {
		return 0
	}
	i := slices.Index(e.Person.Forms, phone)
	if i < 0 {
		i = len(e.Person.Forms)
		e.Person.Forms = append(e.Person.Forms, phone)
	}
	return i + 1
}

// answered takes an answer of OCS in.
func (e *Entry) answered(a desk.Answering) {
	one := Answer{
		Link: a.Link, Form: e.form(a.Phone), Message: a.Answer.Type().String(), OCS: a.Answer.Addr().Origin, Outcome: outcomeOf(a.Answer), At: utc(a.At),
	}
	switch m := a.Answer.(type) {
	case *commdn.Fault:
		one.Code = int(m.Code)
		e.words(m.Message)
	case *commdn.RecordCanceled:
		e.words(m.Message)
	}
	e.Answers = append(e.Answers, one)
}

func outcomeOf(m commdn.Message) string {
	switch m := m.(type) {
	case *commdn.Fault:
		return Fault
	case *commdn.RecordCanceled:
		if m.Incomplete() {
			return Incomplete
		}
	}
	return Done
}

// settled says what became of a request.
func (e *Entry) settled(o desk.Outcome) {
	switch {
	case o.Refusal != nil:
		e.Outcome, e.Code = Refused, o.Refusal.Code.String()
		if e.Code == Undone {
			e.Outcome, e.Code = Undone, ""
		}
		e.words(o.Refusal.Message)
	case o.Answer != nil:
		e.Outcome = outcomeOf(o.Answer)
	}
}

// words keeps what OCS or the relay said. About a person it may hold the number.
func (e *Entry) words(s string) {
	switch {
	case s == "":
	case e.Person != nil:
		e.Person.Words = append(e.Person.Words, cut(s))
	case e.Text == "":
		e.Text = cut(s)
	default:
		e.Text = cut(e.Text + "; " + s)
	}
}

// waitingEntry gives the entry of a request that waits in the journal.
func waitingEntry(w *journal.Waiting) *Entry {
	req, err := commdn.DecodeRequest(w.Entry.Data)
	if err != nil {
		req = nil
	}
	e := &Entry{
		Kind: Waiting, ID: w.ID, Key: w.Entry.ID.Key, Subject: w.Entry.ID.Subject, Name: w.Entry.Name, Door: w.Entry.Door, Address: w.Entry.From,
		Links: w.Entry.Links, Submitted: utc(w.Entry.At),
	}
	e.about(req)
	if m, ok := req.(*commdn.CancelRecord); ok && m.Campaign != "" {
		e.Objects = []Object{{Campaign: &Named{Name: m.Campaign}}}
	}
	return e
}

func named(n auth.Named) *Named {
	if n == (auth.Named{}) {
		return nil
	}
	return &Named{n.DBID, n.Name}
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Microsecond)
}

// cut bounds a text.
func cut(s string) string {
	if len(s) > mostText {
		return s[:mostText] + "…"
	}
	return s
}
