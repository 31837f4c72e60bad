package link_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
)

// The rules by which an answer finds its request, a row for each. Requests go out
// in the order of the row, then comes what OCS says.
func TestRules(t *testing.T) {
	from := commdn.Address{Origin: 201, Target: 101}
	dnc := func(phone string) commdn.Request { return &commdn.DoNotCall{Phone: phone} }
	cancel := func(phone string) commdn.Request { return &commdn.CancelRecord{Phone: phone} }
	load := func(campaign commdn.DBID) commdn.Request {
		return &commdn.LoadCampaign{Address: toOCS, CampaignGroup: commdn.CampaignGroup{Campaign: campaign, Group: 501}, Dialing: dialing}
	}
	start := func() commdn.Request { c := inGroup; return (*commdn.StartDialing)(&c) }
	question := func(campaign commdn.DBID) commdn.Request {
		return &commdn.GetCampaignStatus{Address: toOCS, CampaignGroup: commdn.CampaignGroup{Campaign: campaign, Group: 501}}
	}
	ack := func(phone string) tkvlist.List { return processed(phone) }
	no := func(code commdn.ErrorCode) tkvlist.List { return (&commdn.Fault{Address: from, Code: code}).UserData() }
	// in is an error in an acknowledgement of this type; number 0: the text alone.
	in := func(kind commdn.MessageType, number int32, more ...tkvlist.Pair) tkvlist.List {
		l := tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.Int(int32(kind))}, {Key: commdn.KeyOriginAppID, Value: tkvlist.Int(201)}, {Key: commdn.KeyTargetAppID, Value: tkvlist.Int(101)}}
		if number != 0 {
			l.Add(commdn.KeyError, tkvlist.Int(number))
		}
		l.Add(commdn.KeyErrorMessage, tkvlist.String("Campaign was not loaded"))
		return append(l, more...)
	}
	echo := func(phone string) tkvlist.Pair {
		return tkvlist.Pair{Key: commdn.KeyProperties, Value: tkvlist.Nested(tkvlist.List{{Key: commdn.KeyDoNotCall, Value: tkvlist.Nested(tkvlist.List{pairOf(commdn.KeyPhone, phone)})}})}
	}
	named := func(code commdn.ErrorCode, phone string) tkvlist.List {
		return (&commdn.Fault{Address: from, Code: code, Phone: phone}).UserData()
	}
	event := func(kind commdn.MessageType, to, campaign commdn.DBID, change func(*commdn.CampaignEvent)) tkvlist.List {
		e := &commdn.CampaignEvent{
			Address: commdn.Address{Origin: 201, Target: to}, Event: kind, Dialing: dialing, HasStatus: true, Status: commdn.StatusRunning,
			CampaignGroup: commdn.CampaignGroup{Campaign: campaign, Group: 501},
		}
		if kind == commdn.EvCampaignLoaded {
			e.Status = commdn.StatusActive
		}
		if change != nil {
			change(e)
		}
		return e.UserData()
	}
	unnamed := func(e *commdn.CampaignEvent) { e.NoCampaign = true }
	progressive := func(e *commdn.CampaignEvent) { e.Mode = commdn.DialPredict }
	other := func(app commdn.DBID, change func(*commdn.Control)) tkvlist.List { // a request of another client
		c := inGroup
		c.Address = commdn.Address{Origin: app, Target: 201}
		if change != nil {
			change(&c)
		}
		return (*commdn.StartDialing)(&c).UserData()
	}
	for _, test := range []struct {
		rule  string
		asked []commdn.Request
		comes []tkvlist.List
		want  string // of each request: done, refused, unknown, with the code of a refusal
	}{
		{"an answer that names its request", []commdn.Request{dnc("5550001"), dnc("5550002")}, []tkvlist.List{ack("5550002"), ack("5550001")}, "done done"},
		{"the type: 33 answers a do-not-call alone", []commdn.Request{cancel("5550001"), dnc("5550002")}, []tkvlist.List{ack("")}, "unknown done"},
		{"the code: 8 cannot answer a do-not-call", []commdn.Request{dnc("5550001"), load(1001)}, []tkvlist.List{no(8)}, "unknown refused 8"},
		{"the code: 8 answers no do-not-call, also where there is nothing else", []commdn.Request{dnc("5550001")}, []tkvlist.List{no(8)}, "unknown"},
		{"the type before the code: 33 with 8, which names its phone", []commdn.Request{load(1001), dnc("5550001")}, []tkvlist.List{in(commdn.EvDoNotCallProcessed, 8, echo("5550001"))}, "unknown refused 8"},
		{"the type before the code: 31 with 4", []commdn.Request{load(1001), cancel("5550001")}, []tkvlist.List{in(commdn.EvRecordCanceled, 4)}, "unknown refused 4"},
		{"the name before the code: 9", []commdn.Request{load(1001), dnc("5550001")}, []tkvlist.List{named(9, "5550001")}, "unknown refused 9"},
		{"the name before the code: 15", []commdn.Request{dnc("5550001")}, []tkvlist.List{named(15, "5550001")}, "refused 15"},
		{"the type: an error in 33 is none of a cancel", []commdn.Request{cancel("5550001"), dnc("5550002")}, []tkvlist.List{in(commdn.EvDoNotCallProcessed, 10)}, "unknown refused 10"},
		{"the type: an error in 31 is none of a do-not-call", []commdn.Request{dnc("5550001"), cancel("5550002")}, []tkvlist.List{in(commdn.EvRecordCanceled, 10)}, "unknown refused 10"},
		{"the type: an error in 21 is none of a do-not-call", []commdn.Request{dnc("5550001"), start()}, []tkvlist.List{in(commdn.EvDialingStarted, 10)}, "unknown refused 10"},
		{"the type: an error in 21 is none of a do-not-call, also where there is nothing else", []commdn.Request{dnc("5550001")}, []tkvlist.List{in(commdn.EvDialingStarted, 10)}, "unknown"},
		{"the type: an error in 19 is none of a start", []commdn.Request{start(), load(1002)}, []tkvlist.List{in(commdn.EvCampaignLoaded, 10)}, "unknown refused 10"},
		{"the type: an error in 24 is that of a campaign's request", []commdn.Request{dnc("5550001"), start()}, []tkvlist.List{in(commdn.EvCampaignStatus, 10, tkvlist.Pair{Key: commdn.KeyGroupID, Value: tkvlist.Int(501)})}, "unknown refused 10"},
		{"an error's text without a number", []commdn.Request{dnc("5550001")}, []tkvlist.List{in(commdn.EvDoNotCallProcessed, 0, echo("5550001"))}, "refused 0"},
		{"the code: 5 is that of a load", []commdn.Request{question(1002), load(1001)}, []tkvlist.List{no(5)}, "unknown refused 5"},
		{"elimination: a refusal without a name, then an acknowledgement with one", []commdn.Request{dnc("5550001"), dnc("5550002")}, []tkvlist.List{no(10), ack("5550001")}, "done refused 10"},
		{"as many answers as requests: in their order", []commdn.Request{dnc("5550001"), dnc("5550002")}, []tkvlist.List{no(10), no(99)}, "refused 10 refused 99"},
		{"as many answers as requests, one of them good", []commdn.Request{dnc("5550001"), dnc("5550002")}, []tkvlist.List{no(10), ack("")}, "refused 10 done"},
		{"three requests, two refusals without a name", []commdn.Request{dnc("5550001"), dnc("5550002"), dnc("5550003")}, []tkvlist.List{no(10), no(99), ack("5550002")}, "refused 10 done refused 99"},
		{"order: one answer that names nobody is that of the oldest", []commdn.Request{dnc("5550001"), dnc("5550002")}, []tkvlist.List{no(10)}, "refused 10 unknown"},
		{"the customer in other case", []commdn.Request{&commdn.DoNotCall{Phone: "5550001", CustomerID: "Abc"}, &commdn.DoNotCall{Phone: "5550002", CustomerID: "Xyz"}}, []tkvlist.List{
			(&commdn.DoNotCallProcessed{Address: from, CustomerID: "XYZ"}).UserData(),
		}, "unknown done"},
		{"another form of the number", []commdn.Request{dnc("0034600111222"), dnc("5550002")}, []tkvlist.List{ack("600 111 222"), ack("5550002")}, "done done"},
		{"another number: the only one who can be meant", []commdn.Request{dnc("5550001")}, []tkvlist.List{ack("5559999")}, "done"},
		{"another number: nobody, where there are several", []commdn.Request{dnc("5550001"), dnc("5550002")}, []tkvlist.List{ack("5559999")}, "unknown unknown"},
		{"the group alone: the only one", []commdn.Request{load(1001)}, []tkvlist.List{event(commdn.EvCampaignLoaded, 101, 0, unnamed)}, "done"},
		{"the group alone, twice", []commdn.Request{load(1001), load(1002)}, []tkvlist.List{event(commdn.EvCampaignLoaded, 101, 0, unnamed), event(commdn.EvCampaignLoaded, 101, 0, unnamed)}, "done done"},
		{"the group alone, and a name", []commdn.Request{load(1001), load(1002)}, []tkvlist.List{event(commdn.EvCampaignLoaded, 101, 0, unnamed), event(commdn.EvCampaignLoaded, 101, 1001, nil)}, "done done"},
		{"another campaign is none of ours", []commdn.Request{load(1001)}, []tkvlist.List{event(commdn.EvCampaignLoaded, 101, 1009, nil)}, "unknown"},
		{"news that the goal is reached", []commdn.Request{start()}, []tkvlist.List{event(commdn.EvCampaignStatus, 0, 1001, nil)}, "done"},
		{"news, and then the refusal", []commdn.Request{start()}, []tkvlist.List{event(commdn.EvCampaignStatus, 0, 1001, nil), no(7)}, "refused 7"},
		{"news for us, and then the refusal", []commdn.Request{start()}, []tkvlist.List{event(commdn.EvCampaignStatus, 101, 1001, nil), no(7)}, "refused 7"},
		{"a status in place of the acknowledgement", []commdn.Request{start()}, []tkvlist.List{event(commdn.EvCampaignStatus, 101, 1001, nil)}, "done"},
		{"news of another way of dialing, and nothing more", []commdn.Request{start()}, []tkvlist.List{event(commdn.EvCampaignStatus, 0, 1001, progressive)}, "unknown"},
		{"news of another way of dialing, and the refusal", []commdn.Request{start()}, []tkvlist.List{event(commdn.EvCampaignStatus, 0, 1001, progressive), no(7)}, "refused 7"},
		{"a goal that OCS adjusted", []commdn.Request{start()}, []tkvlist.List{event(commdn.EvDialingStarted, 101, 1001, func(e *commdn.CampaignEvent) { e.Goal = 70 })}, "done"},
		{"another client starts the same, and OCS refuses ours", []commdn.Request{start()}, []tkvlist.List{other(102, nil), event(commdn.EvDialingStarted, 102, 1001, nil), event(commdn.EvCampaignStatus, 0, 1001, nil), no(7)}, "refused 7"},
		{"another client starts the same, and OCS acknowledges ours", []commdn.Request{start()}, []tkvlist.List{other(102, nil), event(commdn.EvCampaignStatus, 0, 1001, nil), event(commdn.EvDialingStarted, 101, 1001, nil)}, "done"},
		{"another client starts the same, and nothing comes for ours", []commdn.Request{start()}, []tkvlist.List{other(102, nil), event(commdn.EvCampaignStatus, 0, 1001, nil)}, "done"},
		{"another client of our application starts in another way", []commdn.Request{start()}, []tkvlist.List{
			other(101, func(c *commdn.Control) { c.Mode = commdn.DialPredict }), event(commdn.EvDialingStarted, 101, 1001, progressive), no(7),
		}, "refused 7"},
		{"an answer for another application", []commdn.Request{dnc("5550001")}, []tkvlist.List{(&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 102}, Phone: "5550001"}).UserData()}, "unknown"},
		{"an answer of nobody's OCS", []commdn.Request{dnc("5550001")}, []tkvlist.List{(&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 999, Target: 101}, Phone: "5550001"}).UserData()}, "unknown"},
		{"an answer, after news of an item", []commdn.Request{&commdn.GetCampaignStatus{Address: toOCS, CampaignGroup: ofSequence.CampaignGroup, Sequence: ofSequence.Sequence}}, []tkvlist.List{
			event(commdn.EvCampaignStatus, 101, 1003, nil), no(13),
		}, "refused 13"},
		{"news of an item is none of the sequence", []commdn.Request{&commdn.GetCampaignStatus{Address: toOCS, CampaignGroup: ofSequence.CampaignGroup, Sequence: ofSequence.Sequence}}, []tkvlist.List{event(commdn.EvCampaignStatus, 0, 1003, nil)}, "unknown"},
		{"a second answer of the same OCS", []commdn.Request{dnc("5550001")}, []tkvlist.List{ack("5550001"), no(10)}, "done"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRigWith(t, func(*commdn.CampaignEvent) uint64 { return 1 }, 10*time.Second)
				got := make([]string, len(test.asked))
				done := make(chan struct{})
				for i, req := range test.asked {
					go func() {
						defer func() { done <- struct{}{} }()
						var answer *link.Answer
						refusal := r.Ask(context.Background(), link.Call{Request: req, Answer: func(a link.Answer, _ bool) { answer = &a }})
						got[i] = outcomeOf(answer, refusal)
						if got[i] == "refused" {
							got[i] += fmt.Sprintf(" %d", answer.Message.(*commdn.Fault).Code)
						}
					}()
					<-r.wire.sent
				}
				for _, l := range test.comes {
					r.wire.come <- l
				}
				for range test.asked {
					<-done
				}
				if all := strings.Join(got, " "); all != test.want {
					t.Errorf("%s, want %s", all, test.want)
				}
				r.Close()
			})
		})
	}
}

// One ambiguous answer does not poison those that follow: requests go on to be
// settled, each at once.
func TestAmbiguousIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRigWith(t, nil, 10*time.Second)
		ask := func(phone string) <-chan string {
			done := make(chan string, 1)
			go func() {
				var answer *link.Answer
				refusal := r.Ask(context.Background(), link.Call{Request: &commdn.DoNotCall{Phone: phone}, Answer: func(a link.Answer, _ bool) { answer = &a }})
				done <- outcomeOf(answer, refusal)
			}()
			<-r.wire.sent
			return done
		}
		bare := (&commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 10}).UserData()
		a, b := ask("1"), ask("2")
		r.wire.come <- bare // of one of them; the other one is never answered
		began := time.Now()
		if got := <-a; got != "refused" {
			t.Errorf("the first: %s", got)
		}
		for n := range 20 { // also while b waits, and after it was given up
			c := ask(fmt.Sprint("55501", n))
			r.wire.come <- bare
			if got := <-c; n > 0 && got != "refused" {
				t.Errorf("request %d: %s", n, got)
			}
			time.Sleep(time.Second)
		}
		<-b
		if took := time.Since(began); took > 40*time.Second {
			t.Errorf("it took %v", took)
		}
		r.Close()
	})
}

// An OCS that never says whom is asked one thing after the other, with a bound
// on the wait, and no request ends as unknown.
func TestNeverEchoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRigWith(t, nil, 10*time.Second)
		refuses := func(phone string) bool { return strings.ContainsAny(phone[len(phone)-1:], "05") }
		go func() { // OCS refuses every fifth, and takes its time
			n := 0
			for l := range r.wire.sent {
				n++
				time.Sleep(20 * time.Millisecond)
				m, _ := commdn.Decode(l)
				reply := (&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}}).UserData()
				if refuses(m.(*commdn.DoNotCall).Phone) {
					reply = (&commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 10}).UserData()
				}
				r.wire.come <- reply
			}
		}()
		wrong := make(chan string, 200)
		for n := range 200 {
			phone := fmt.Sprintf("555%04d", n)
			go func() {
				time.Sleep(time.Duration(n) * 50 * time.Millisecond) // 20 a second
				var answer *link.Answer
				refusal := r.Ask(context.Background(), link.Call{Request: &commdn.DoNotCall{Phone: phone}, Answer: func(a link.Answer, _ bool) { answer = &a }})
				want := "done"
				if refuses(phone) {
					want = "refused"
				}
				if got := outcomeOf(answer, refusal); got != want {
					wrong <- phone + " is " + got
					return
				}
				wrong <- ""
			}()
		}
		var all []string
		for range 200 {
			if w := <-wrong; w != "" {
				all = append(all, w)
			}
		}
		if slices.Sort(all); len(all) > 0 {
			t.Errorf("%d of 200 wrong: %v", len(all), all)
		}
		close(r.wire.sent)
		r.Close()
	})
}

// Where a group has a sequence, what names neither campaign nor sequence is news of
// it; else it is nobody's.
func TestNewsOfASequence(t *testing.T) {
	r := newRig(t, nil)
	bare := &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 201}, Event: commdn.EvCampaignStatus, NoCampaign: true,
		CampaignGroup: commdn.CampaignGroup{Group: 501}, HasStatus: true,
	}
	told := running()
	told.CampaignGroup, told.Sequence = commdn.CampaignGroup{Group: 501}, sequence
	for _, e := range []*commdn.CampaignEvent{bare, told, bare, running()} {
		r.wire.come <- e.UserData()
	}
	for _, want := range []commdn.CampaignGroup{{Group: 501}, {Group: 501}, running().CampaignGroup} {
		if e := <-r.events; e.CampaignGroup != want || e.NoCampaign {
			t.Errorf("told of %+v, want %v", e, want)
		}
	}
	if !strings.Contains(r.log.String(), "answer without a request") {
		t.Error("the first one was quiet")
	}
}

// What the relay passes over is counted.
func TestPassedOver(t *testing.T) {
	r := newRig(t, nil)
	for _, l := range []tkvlist.List{
		{{Key: commdn.KeyMessageType, Value: tkvlist.Int(24)}, {Key: commdn.KeyOriginAppID, Value: tkvlist.Int(201)}, pairOf(commdn.KeyPhone, "5550104477")},
		(&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: "5550104477"}).UserData(),
		(&commdn.DoNotCall{Address: commdn.Address{Origin: 101}, Phone: "5550104477"}).UserData(),
		running().UserData(),
	} {
		r.wire.come <- l
	}
	<-r.events
	for _, want := range []string{"not understood", "answer without a request", "another sender uses the DBID"} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log does not say %q: %s", want, r.log)
		}
	}
	if strings.Contains(r.log.String(), "5550104477") {
		t.Errorf("a number is in the log: %s", r.log)
	}
}
