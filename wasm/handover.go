//go:build js && wasm

package wasm

import (
	"context"
	"errors"
	"time"

	"github.com/hack-pad/safejs"

	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// The agent's program hands over to the one with all elements when the page wants that:
// each connection's requests with their results, and which of them each element shows. A
// connection itself is opened anew, so a request must not be in flight, unless the browser
// keeps it while it waits in the relay.

// Leave returns what a program hands over, as JSON, or nothing while a request is in
// flight or the browser's storage is behind: the other program would find there what is
// settled, and settle it once more.
func Leave(p *plugin) string {
	if len(p.asked) > 0 {
		return ""
	}
	all := object{}
	for _, conn := range p.connections {
		if !conn.client.Tidy() {
			return ""
		}
		var entries []session.Entry
		for _, e := range conn.session.Entries() {
			switch {
			case e.UnderWay() && !(e.Kept && (e.Outcome == session.Accepted || e.Outcome == session.Queued)):
				return ""
			case !e.UnderWay(): // else the other program takes it over from the browser's storage
				entries = append(entries, e)
			}
		}
		all.raw("c"+number(conn.number), array(len(entries), func(i int) []byte { return written(entries[i]) }))
	}
	for n, e := range p.elements {
		if k, ok := e.comp.(ui.Keeper); ok {
			var shown []ui.Shown
			for _, s := range k.Shown() {
				if !s.Entry.UnderWay() {
					shown = append(shown, s)
				}
			}
			all.raw("e"+number(n), array(len(shown), func(i int) []byte { return []byte(mark(shown[i])) }))
		}
	}
	return string(all.json())
}

func number(n int) string { return string(value(n)) }

// mark is the number of a request that an element shows, negative if it is past.
func mark(s ui.Shown) string {
	if s.Past {
		return number(-s.Entry.ID)
	}
	return number(s.Entry.ID)
}

// reasons are those of a NoAnswerError that have words of their own, by their place.
var reasons = [...]error{
	client.ErrClosed, client.ErrNotConnected, client.ErrLost, client.ErrTimeout, client.ErrBusy, context.DeadlineExceeded, context.Canceled,
	client.ErrExpired, client.ErrOtherPerson, client.ErrUnbound,
}

// written is an entry as JSON; read reads it.
func written(e session.Entry) []byte {
	o := object{}
	who, _ := commdn.PersonOf(e.Req)
	o.int("id", e.ID)
	o.bool("cancel", e.Req.Type() == commdn.ReqCancelRecord)
	o.int("target", int(e.Req.Addr().Target))
	o.text("phone", who.Phone)
	o.text("customerId", who.CustomerID)
	o.text("chain", string(who.Chain))
	o.text("campaignName", who.Campaign)
	o.raw("asked", value(e.Asked.UnixMilli()))
	o.raw("at", value(e.At.UnixMilli()))
	o.text("outcome", string(e.Outcome))
	o.bool("late", e.Late)
	o.raw("answers", array(len(e.Answers), func(i int) []byte { return packed(e.Answers[i].UserData()) }))
	if e.Err == nil {
		return o.json()
	}
	o.text("error", e.Err.Error())
	if fault := e.Fault(); fault != nil {
		o.raw("fault", packed(fault.UserData()))
	}
	if refusal := e.Refusal(); refusal != nil {
		o.raw("refusal", packed(refusal.Body()))
	}
	for i, reason := range reasons {
		if errors.Is(e.Err, reason) {
			o.int("reason", i+1)
		}
	}
	if none, ok := errors.AsType[*client.NoAnswerError](e.Err); ok {
		o.bool("gaveUp", true)
		o.bool("sent", none.Sent)
	}
	return o.json()
}

// packed is a list as a JSON string with a character for each byte. It has been packed
// before, so it can be.
func packed(l tkvlist.List) []byte {
	b, _ := tkvlist.AppendPack(nil, l)
	text := make([]rune, len(b))
	for i, c := range b {
		text[i] = rune(c)
	}
	return quoted(nil, string(text))
}

// moment reads milliseconds since 1970.
func (f *fields) moment(name string) time.Time {
	v, _ := f.get(name)
	ms, _ := v.Float()
	return time.UnixMilli(int64(ms))
}

// unpacked is the list of a property, nil if there is none.
func (f *fields) unpacked(name string) tkvlist.List {
	return unpack(f.text(name))
}

func unpack(text string) tkvlist.List {
	var b []byte
	for _, c := range text {
		b = append(b, byte(c))
	}
	l, _ := tkvlist.Unpack(b)
	return l
}

// read reads what written wrote.
func read(f *fields) session.Entry {
	at := commdn.Address{Target: commdn.DBID(f.int("target"))}
	var req commdn.Request = &commdn.DoNotCall{
		Address: at, Phone: f.text("phone"), CustomerID: f.text("customerId"), Chain: commdn.Chain(f.text("chain")),
	}
	if f.flag("cancel") {
		req = &commdn.CancelRecord{
			Address: at, Phone: f.text("phone"), CustomerID: f.text("customerId"), Chain: commdn.Chain(f.text("chain")), Campaign: f.text("campaignName"),
		}
	}
	e := session.Entry{
		ID: int(f.int("id")), Req: req, Outcome: session.Outcome(f.text("outcome")), Late: f.flag("late"),
		Asked: f.moment("asked"), At: f.moment("at"),
	}
	if answers, ok := f.get("answers"); ok {
		list, _ := texts(answers)
		for _, text := range list {
			if m, err := commdn.DecodePersonAnswer(unpack(text)); err == nil {
				e.Answers = append(e.Answers, m)
			}
		}
	}
	text := f.text("error")
	if text == "" {
		return e
	}
	e.Err = errors.New(text)
	if i := int(f.int("reason")); i > 0 {
		e.Err = reasons[i-1]
	}
	if f.flag("gaveUp") {
		e.Err = &client.NoAnswerError{Sent: f.flag("sent"), Err: e.Err}
	}
	if l := f.unpacked("refusal"); l != nil {
		e.Err = frame.ReadRefusal(l)
	}
	if l := f.unpacked("fault"); l != nil {
		if m, err := commdn.DecodePersonAnswer(l); err == nil {
			if fault, ok := m.(*commdn.Fault); ok {
				e.Err = fault
			}
		}
	}
	return e
}

// enter takes what another program has left, before the elements are mounted. null gives
// them, once they are, the requests that they showed in the other program.
func (campaigns) enter(p *plugin, left safejs.Value) error {
	if left.IsNull() {
		for n, e := range p.elements {
			p.restore(n, e)
		}
		p.left = nil
		return nil
	}
	var err error
	p.left = (&fields{err: &err}).of(left, "left")
	for n, conn := range p.connections {
		list, ok := p.left.get("c" + number(n))
		if !ok {
			continue
		}
		count, _ := list.Length()
		entries := make([]session.Entry, count)
		for i := range entries {
			v, _ := list.Index(i)
			entries[count-1-i] = read(p.left.of(v, "entry")) // newest first there, oldest first here
		}
		conn.session.Restore(entries)
	}
	return err
}

func (p *plugin) restore(n int, e *element) {
	k, ok := e.comp.(ui.Keeper)
	if !ok || p.left == nil {
		return
	}
	list, _ := p.left.get("e" + number(n))
	count, _ := list.Length()
	var shown []ui.Shown
	for i := range count {
		v, _ := list.Index(i)
		id, _ := v.Int()
		for _, entry := range e.conn.session.Entries() {
			if entry.ID == max(id, -id) {
				shown = append(shown, ui.Shown{Entry: entry, Past: id < 0})
			}
		}
	}
	e.do(func() { k.Restore(shown) })
}
