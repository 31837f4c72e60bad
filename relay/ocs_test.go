package relay

import (
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/scenario"
)

func TestTwoOCS(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201), connectedOCS(202)), nil)
	c := r.session()
	c.request(1, dnc("5550104477"))
	first := c.message(c.next(), frame.KindAnswer, 1)
	last := c.message(c.next(), frame.KindOutcome, 1)
	if first.Addr().Origin+last.Addr().Origin != 403 {
		t.Errorf("answers of %d and %d", first.Addr().Origin, last.Addr().Origin)
	}
	for _, id := range []commdn.DBID{201, 202} {
		c.request(2, (&commdn.DoNotCall{Address: commdn.Address{Target: id}, Phone: "5550100001"}).UserData())
		if m := c.message(c.next(), frame.KindOutcome, 2); m.Addr().Origin != id {
			t.Errorf("OCS %d answered instead of %d", m.Addr().Origin, id)
		}
	}
	c.request(3, (&commdn.DoNotCall{Address: commdn.Address{Target: 203}, Phone: "5550100001"}).UserData())
	c.refused(3, frame.RefusedInvalid, "203", "201 202")
}

func TestOneOfTwoIsSilent(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201), silentOCS(202)), func(o *Options) { o.AnswerTimeout = 2 * time.Second })
	c := r.session()
	c.request(1, dnc("5550104477"))
	if m := c.message(c.next(), frame.KindAnswer, 1); m.Addr().Origin != 201 {
		t.Errorf("answer of %d", m.Addr().Origin)
	}
	c.refused(1, frame.RefusedNoAnswer, "OCS 202 did not answer")
}

// The relay's application is in no Connections tab.
func TestNotConnected(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), func(o *Options) { o.AnswerTimeout = 200 * time.Millisecond })
	c := r.session()
	c.request(1, dnc("5550104477"))
	c.refused(1, frame.RefusedNoAnswer, "OCS 201 did not answer within 200ms", "application 101", "Connections")
}

// Where the relay is not told of the OCS, the first answer settles a request.
func TestUnknownOCS(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201), connectedOCS(202)), func(o *Options) { o.Links[0].OCS = nil })
	c := r.session()
	for n := uint32(1); n <= 10; n++ {
		c.put(n, "5550104477") // the second answer to one is not taken for one to the next
	}
	c.request(11, (&commdn.DoNotCall{Address: commdn.Address{Target: 202}, Phone: "5550100001"}).UserData())
	if m := c.message(c.next(), frame.KindOutcome, 11); m.Addr().Origin != 202 {
		t.Errorf("OCS %d answered", m.Addr().Origin)
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	for name, echo := range map[string]bool{"echo": true, "no echo": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := connectedOCS(201)
			o.OCS.EchoOnError = echo
			sc := installation(o)
			sc.Faults = []scenario.Fault{{Do: scenario.Refuse, Phone: "5550100010", Error: commdn.ErrorInvalidParameter}}
			r := newRig(t, sc, nil)
			c := r.session()
			c.request(1, dnc("5550100010"))
			m := c.message(c.next(), frame.KindOutcome, 1)
			fault, ok := m.(*commdn.Fault)
			if !ok || fault.Code != commdn.ErrorInvalidParameter || fault.Message != fault.Code.Text() {
				t.Errorf("answer %s", commdn.Trace(m, true))
			}
			c.put(1, "5550104477")
		})
	}
}

// byHand is a relay whose OCS 201 is played by the test.
func byHand(t *testing.T, change func(*Options)) (*rig, *hand) {
	r := newRig(t, installation(silentOCS(201)), change)
	return r, r.hand("OCS_by_hand")
}

var fromOCS = commdn.Address{Origin: 201, Target: 101}

func bareFault() tkvlist.List {
	return (&commdn.Fault{Address: fromOCS, Code: commdn.ErrorInvalidParameter}).UserData()
}

func processed(phone string) tkvlist.List {
	return (&commdn.DoNotCallProcessed{Address: fromOCS, Phone: phone}).UserData()
}

func TestFaultWithoutEcho(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, nil)
	a, b := r.session(), r.session()
	a.request(1, dnc("5550100001"))
	h.request()
	b.request(1, dnc("5550100002"))
	h.request()

	h.send(bareFault()) // whose?
	h.send(processed("5550100001"))
	a.message(a.next(), frame.KindOutcome, 1)
	h.send(bareFault()) // only b's is left
	if m := b.message(b.next(), frame.KindOutcome, 1); m.Type() != commdn.EvError {
		t.Errorf("b got %s", commdn.Trace(m, true))
	}
	a.request(2, dnc("5550100003"))
	h.request()
	h.send(processed("5550100003")) // and a has had nothing in between
	a.message(a.next(), frame.KindOutcome, 2)
}

// An answer that comes after its request was given up, and echoes nothing, is
// not taken for the answer to somebody else's request.
func TestLateAnswerWithoutEcho(t *testing.T) {
	t.Parallel()
	for name, giveUp := range map[string]func(a *peer, r *rig){
		"timed out":      func(a *peer, _ *rig) { a.refused(1, frame.RefusedNoAnswer) },
		"session closed": func(a *peer, r *rig) { r.leave(a) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, h := byHand(t, func(o *Options) { o.AnswerTimeout = 3 * time.Second })
			a, b := r.session(), r.session()
			a.request(1, dnc("5550100001"))
			h.request()
			giveUp(a, r)
			b.request(1, dnc("5550100002"))
			h.request()
			h.send((&commdn.DoNotCallProcessed{Address: fromOCS}).UserData())
			h.send((&commdn.Fault{Address: fromOCS, Code: commdn.ErrorInvalidParameter, Phone: "5550100002"}).UserData())
			if m := b.message(b.next(), frame.KindOutcome, 1); m.Type() != commdn.EvError {
				t.Errorf("b was told %s", commdn.Trace(m, true))
			}
		})
	}
}

// Once the late answer has come, answers without an echo can be matched again.
func TestLateAnswerIsRemembered(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, func(o *Options) { o.AnswerTimeout = 2 * time.Second })
	a, b := r.session(), r.session()
	a.request(1, dnc("5550100001"))
	h.request()
	a.refused(1, frame.RefusedNoAnswer)
	h.send(processed("5550100001"))
	r.log.wait(t, "answer too late\" link=tserver late_by=")
	if f := a.next(); f.Kind != frame.KindLate || frame.ReadLate(f.Body).Key == "" {
		t.Errorf("who asked was told %v", f.Kind)
	}
	b.request(1, dnc("5550100002"))
	h.request()
	h.send(bareFault())
	b.message(b.next(), frame.KindOutcome, 1)
}

func TestForeignTraffic(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, nil)
	c := r.session()
	c.request(1, dnc("5550104477"))
	h.request()
	to := func(origin, target commdn.DBID) tkvlist.List {
		return (&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: origin, Target: target}, Phone: "5550104477"}).UserData()
	}
	without := func(key string) tkvlist.List {
		l := processed("5550104477")
		l.Delete(key)
		return l
	}
	for name, userData := range map[string]tkvlist.List{
		"report to Stat Server":           {{Key: "GSW_AGENT_REPORT", Value: tkvlist.Int(1)}},
		"empty":                           nil,
		"to another application":          to(201, 102),
		"to everybody":                    to(201, 0),
		"of an OCS that was not asked":    to(202, 101),
		"of ourselves":                    to(101, 101),
		"our own request, echoed":         (&commdn.DoNotCall{Address: commdn.Address{Origin: 101}, Phone: "5550104477"}).UserData(),
		"another application's request":   (&commdn.DoNotCall{Address: commdn.Address{Origin: 102, Target: 101}, Phone: "5550104477"}).UserData(),
		"about another number":            processed("5550100001"),
		"type as text":                    {{Key: commdn.KeyMessageType, Value: tkvlist.String("33")}},
		"a notification that we know not": {{Key: commdn.KeyMessageType, Value: tkvlist.Int(20)}},
		"no origin":                       without(commdn.KeyOriginAppID),
		"no target":                       without(commdn.KeyTargetAppID),
	} {
		t.Logf("sending: %s", name)
		h.send(userData)
	}
	h.send(processed("5550104477"))
	h.send(processed("5550104477")) // once more: too late
	if m := c.message(c.next(), frame.KindOutcome, 1); m.Addr().Origin != 201 {
		t.Errorf("answered by %s", commdn.Trace(m, true))
	}
	c.send(frame.Frame{Kind: frame.KindPing, Number: 5})
	if f := c.next(); f.Kind != frame.KindPong || f.Number != 5 {
		t.Errorf("after the answer came %v", f.Kind)
	}
}
