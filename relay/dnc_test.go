package relay

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

func TestDoNotCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	events, stop := r.sim.Subscribe(16)
	defer stop()
	c := r.session()
	if w := c.welcome; w.Relay != "commdn/test" || w.Session == "" || w.PingSeconds != 15 || len(w.OCS) != 1 || w.OCS[0] != 201 || !w.Link.Up {
		t.Errorf("welcome %+v", w)
	}

	// The client names another application as origin; the relay does not let it.
	req := commdn.DoNotCall{
		Address: commdn.Address{Origin: 999, Target: 201},
		Phone:   "5550104477", CustomerID: "K-81723", Chain: commdn.RecordOnly,
	}
	c.request(7, req.UserData())
	m := c.message(c.next(), frame.KindOutcome, 7)
	want := commdn.DoNotCallProcessed{
		Address: commdn.Address{Origin: 201, Target: application},
		Phone:   req.Phone, CustomerID: req.CustomerID, Chain: commdn.RecordOnly,
	}
	if got, ok := m.(*commdn.DoNotCallProcessed); !ok || *got != want {
		t.Errorf("answer %s, want %s", commdn.Trace(m, true), commdn.Trace(&want, true))
	}
	sent := (<-events).UserData
	req.Origin = application
	if !tkvlist.Equal(sent, req.UserData()) {
		t.Errorf("on the CommDN: %v", sent)
	}
	list := r.sim.DNC()
	if len(list) != 1 || list[0].Phone != req.Phone || list[0].CustomerID != req.CustomerID {
		t.Errorf("list %+v", list)
	}
	r.log.wait(t, "answered")
	r.leave(c)
	r.log.wait(t, `session=`+c.welcome.Session+` reason="connection closed: normal (1000)"`)
	if text := r.log.String(); strings.Contains(text, req.Phone) || strings.Contains(text, req.CustomerID) {
		t.Errorf("the log gives a phone or customer id away:\n%s", text)
	}
}

// An answer goes to the session that asked, and to no other.
func TestSessionsApart(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	const sessions, requests = 12, 15
	var all sync.WaitGroup
	for n := range sessions {
		c := r.session()
		all.Go(func() {
			waiting := map[uint32]string{}
			for i := range requests {
				phone := fmt.Sprintf("555%02d%05d", n, i)
				waiting[uint32(i+1)] = phone
				message, err := asking(uint32(i+1), dnc(phone)).Append(nil)
				if err != nil {
					t.Error(err)
					return
				}
				c.sendBytes(2, message)
			}
			for len(waiting) > 0 {
				f, err := c.read()
				if err != nil {
					t.Error(err)
					return
				}
				m, err := commdn.Decode(frame.ReadAnswer(f.Body).Data)
				done, ok := m.(*commdn.DoNotCallProcessed)
				if err != nil || !ok || f.Kind != frame.KindOutcome || done.Phone != waiting[f.Number] {
					t.Errorf("session %d got %v %d %v", n, f.Kind, f.Number, f.Body)
					return
				}
				delete(waiting, f.Number)
			}
			// Anything after the pong's turn would be somebody else's.
			ping, _ := frame.Frame{Kind: frame.KindPing, Number: 77}.Append(nil)
			c.sendBytes(2, ping)
			if f, err := c.read(); err != nil || f.Kind != frame.KindPong || f.Number != 77 {
				t.Errorf("session %d: after its answers came %v %d, %v", n, f.Kind, f.Number, err)
			}
		})
	}
	all.Wait()
	if got := len(r.sim.DNC()); got != sessions*requests {
		t.Errorf("%d entries, want %d", got, sessions*requests)
	}
}

// Requests about the same number go one after the other, since nothing in an
// answer tells them apart.
func TestSameNumberTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), func(o *Options) { o.AnswerTimeout, o.DrainTimeout = time.Hour, unanswered })
	h := r.hand("OCS_by_hand")
	const phone = "5550104477"
	a, b := r.session(), r.session()
	a.request(1, dnc(phone))
	first := h.request()
	b.request(1, dnc(phone))
	b.request(2, dnc("5550100001")) // shows that b's first has been taken in
	if other := h.request(); other.Phone != "5550100001" {
		t.Fatalf("a second request for %s went out before the first was answered", other.Phone)
	}
	answer := func(req *commdn.DoNotCall) {
		h.send((&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: req.Origin}, Phone: req.Phone}).UserData())
	}
	answer(first)
	a.message(a.next(), frame.KindOutcome, 1)
	second := h.request()
	if second.Phone != phone {
		t.Fatalf("after the answer came %s", commdn.Trace(second, true))
	}
	answer(second)
	b.message(b.next(), frame.KindOutcome, 1)
}

func TestSameNumberWaitsTooLong(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), func(o *Options) { o.AnswerTimeout = 300 * time.Millisecond })
	c := r.session()
	c.request(1, dnc("5550104477"))
	c.request(2, dnc("5550104477"))
	// Whoever came first times out; the other had not gone out, or only just.
	got := map[frame.RefusalCode]bool{}
	for range 2 {
		got[refusal(c.settled()).Code] = true
	}
	if !got[frame.RefusedNoAnswer] || len(got) == 2 && !got[frame.RefusedBusy] {
		t.Errorf("refusals %v", got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	ask := func(change func(*commdn.DoNotCall)) tkvlist.List {
		req := commdn.DoNotCall{Phone: "5550104477", Chain: commdn.AllChain}
		change(&req)
		return req.UserData()
	}
	for name, c := range map[string]struct {
		body  tkvlist.List
		code  frame.RefusalCode
		words string
	}{
		"no phone, no customer": {ask(func(q *commdn.DoNotCall) { q.Phone = "" }), frame.RefusedInvalid, commdn.KeyPhone},
		"phone too long":        {ask(func(q *commdn.DoNotCall) { q.Phone = strings.Repeat("5", 65) }), frame.RefusedInvalid, commdn.KeyPhone},
		"control character":     {ask(func(q *commdn.DoNotCall) { q.Phone = "555\x00" }), frame.RefusedInvalid, commdn.KeyPhone},
		"customer too long":     {ask(func(q *commdn.DoNotCall) { q.CustomerID = strings.Repeat("5", 256) }), frame.RefusedInvalid, commdn.KeyCustomerID},
		"chain":                 {ask(func(q *commdn.DoNotCall) { q.Chain = "SomeChain" }), frame.RefusedInvalid, commdn.KeyChain},
		"unknown OCS":           {ask(func(q *commdn.DoNotCall) { q.Target = 202 }), frame.RefusedInvalid, "known: 201"},
		"negative OCS":          {ask(func(q *commdn.DoNotCall) { q.Target = -1 }), frame.RefusedInvalid, "known: 201"},
		"no message":            {tkvlist.List{{Key: "hello", Value: tkvlist.String("x")}}, frame.RefusedInvalid, commdn.KeyMessageType},
		"type is text":          {tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.String("32")}}, frame.RefusedInvalid, commdn.KeyMessageType},
		"unsupported":           {tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.Int(99)}}, frame.RefusedUnsupported, "not supported"},
		"not applicable":        {tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.Int(1)}}, frame.RefusedUnsupported, "MSGCFG_UNKNOWN is not used"},
		"an answer":             {(&commdn.Fault{Code: 10}).UserData(), frame.RefusedInvalid, "not a request"},
		"no properties": {tkvlist.List{
			{Key: commdn.KeyMessageType, Value: tkvlist.Int(32)},
			{Key: commdn.KeyOriginAppID, Value: tkvlist.Int(1)},
			{Key: commdn.KeyTargetAppID, Value: tkvlist.Int(0)},
		}, frame.RefusedInvalid, commdn.KeyProperties},
	} {
		t.Run(name, func(t *testing.T) {
			p := r.session()
			p.request(3, c.body)
			p.refused(3, c.code, c.words)
			p.put(3, "5550100001") // the number is free again, the session goes on
			p.bye()
		})
	}
	if got := len(r.sim.DNC()); got != 1 {
		t.Errorf("%d entries, want the one that was asked for rightly", got)
	}
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), func(o *Options) { o.Limits.Requests, o.AnswerTimeout, o.DrainTimeout = 3, time.Hour, unanswered })
	h := r.hand("OCS_by_hand")
	c, other := r.session(), r.session()
	for n := range uint32(3) {
		c.request(n+1, dnc(fmt.Sprint("555010447", n)))
		h.request()
	}
	c.request(4, dnc("5550104479"))
	c.refused(4, frame.RefusedBusy, "too many requests")
	other.request(1, dnc("5550100001")) // the bound is each session's own
	h.request()
	h.send((&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: "5550104471"}).UserData())
	c.message(c.next(), frame.KindOutcome, 2)
	c.request(2, dnc("5550104479")) // there is room again, also for the number
	h.request()
}
