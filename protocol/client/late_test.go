package client

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// asked takes the client's next request and gives its number and key.
func (p *peer) asked(t *testing.T) (number uint32, key string) {
	t.Helper()
	f := p.recv(t)
	if f.Kind != frame.KindRequest {
		t.Fatalf("frame is %v, want a request", f.Kind)
	}
	return f.Number, frame.ReadRequest(f.Body).Key
}

// correct tells an answer after the outcome, and lets the client take it in.
func (p *peer) correct(t *testing.T, key string, data tkvlist.List) {
	t.Helper()
	p.send(t, frame.Frame{Kind: frame.KindLate, Body: frame.Late{Key: key, Data: data}.Body()})
	synctest.Wait()
}

// An answer that comes after the relay gave the request up says what became of it
// after all.
func TestLate(t *testing.T) {
	fault := &commdn.Fault{Address: commdn.Address{Origin: 8, Target: 101}, Code: commdn.ErrorInvalidParameter, Message: "bad phone"}
	toOne := dnc("5")
	toOne.Target = 7
	type told struct {
		origins []commdn.DBID
		outcome Outcome
	}
	for name, c := range map[string]struct {
		ocs    []commdn.DBID
		req    commdn.Request
		before []commdn.Message // before the refusal
		late   []commdn.Message
		want   []told
	}{
		"one":                   {[]commdn.DBID{7}, dnc("5"), nil, []commdn.Message{processed(7, "5")}, []told{{[]commdn.DBID{7}, Done}}},
		"one of no known OCS":   {nil, dnc("5"), nil, []commdn.Message{processed(7, "5")}, []told{{[]commdn.DBID{7}, Done}}},
		"refused":               {[]commdn.DBID{8}, dnc("5"), nil, []commdn.Message{fault}, []told{{[]commdn.DBID{8}, Refused}}},
		"the last of several":   {[]commdn.DBID{7, 8}, dnc("5"), []commdn.Message{processed(8, "5")}, []commdn.Message{processed(7, "5")}, []told{{[]commdn.DBID{8, 7}, Done}}},
		"each of several":       {[]commdn.DBID{7, 8}, dnc("5"), nil, []commdn.Message{processed(7, "5"), fault}, []told{{[]commdn.DBID{7}, Unknown}, {[]commdn.DBID{7, 8}, Refused}}},
		"of a number's forms":   {[]commdn.DBID{7, 8}, dnc("5"), []commdn.Message{processed(8, "5"), processed(8, "+5")}, []commdn.Message{processed(8, "005"), processed(7, "5")}, []told{{[]commdn.DBID{8, 8, 8}, Unknown}, {[]commdn.DBID{8, 8, 8, 7}, Done}}},
		"the one that is asked": {[]commdn.DBID{7, 8}, toOne, nil, []commdn.Message{processed(7, "5")}, []told{{[]commdn.DBID{7}, Done}}},
		"no answer to it":       {[]commdn.DBID{7}, dnc("5"), nil, []commdn.Message{&commdn.RecordCanceled{Address: commdn.Address{Origin: 7}}}, nil},
		"incomplete": {
			[]commdn.DBID{7}, &commdn.CancelRecord{Phone: "5"}, nil,
			[]commdn.Message{&commdn.RecordCanceled{Address: commdn.Address{Origin: 7}, Phone: "5", Message: commdn.IncompleteMessage}}, []told{{[]commdn.DBID{7}, Incomplete}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, Options{}, func(t *testing.T, r *relay, client *Client) {
				var got []told
				stop := client.WatchLate(func(l Late) {
					one := told{outcome: OutcomeOf(l.Answers, l.Err)}
					for _, m := range l.Answers {
						one.origins = append(one.origins, m.Addr().Origin)
					}
					if l.Request != c.req {
						t.Errorf("told of %+v", l.Request)
					}
					got = append(got, one)
				})
				defer stop()
				p := r.acceptWith(t, frame.Welcome{OCS: c.ocs})
				done := do(t.Context(), client, c.req)
				n, key := p.asked(t)
				for _, m := range c.before {
					p.answer(t, frame.KindAnswer, n, m)
				}
				p.refuse(t, n, frame.RefusedNoAnswer)
				if o := OutcomeOf((<-done).answers, &frame.Refusal{Code: frame.RefusedNoAnswer}); o != Unknown {
					t.Fatalf("outcome %v before", o)
				}
				p.correct(t, "another-key", c.late[0].UserData())
				for _, m := range c.late {
					p.correct(t, key, m.UserData())
				}
				if !reflect.DeepEqual(got, c.want) {
					t.Errorf("told %v, want %v", got, c.want)
				}
			})
		})
	}
}

// What a watch was told stays as it was then, however it sorts what it is told later.
func TestLateOwnsItsAnswers(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		var all [][]commdn.Message
		c.WatchLate(func(l Late) {
			slices.Reverse(l.Answers)
			all = append(all, l.Answers)
		})
		p := r.acceptWith(t, frame.Welcome{OCS: []commdn.DBID{1, 2, 3, 4, 5, 6}})
		done := do(t.Context(), c, dnc("5"))
		n, key := p.asked(t)
		p.answer(t, frame.KindAnswer, n, processed(1, "5"))
		p.refuse(t, n, frame.RefusedNoAnswer)
		all = append(all, (<-done).answers)
		var before []commdn.DBID
		for ocs := range commdn.DBID(5) {
			before = before[:0]
			for _, m := range all[len(all)-1] {
				before = append(before, m.Addr().Origin)
			}
			last := all[len(all)-1]
			p.correct(t, key, processed(ocs+2, "5").UserData())
			for i, m := range last {
				if m.Addr().Origin != before[i] {
					t.Fatalf("what was told with %d answers has changed", len(last))
				}
			}
		}
		if len(all) != 6 || len(all[5]) != 6 {
			t.Errorf("told %v", all)
		}
	})
}

// Only what the relay gave up is remembered, and no more than so many of them; and
// nothing is without a watch.
func TestLateIsForgotten(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		told := 0
		give := func(code frame.RefusalCode) (key string) {
			t.Helper()
			done := do(t.Context(), c, dnc("5"))
			n, key := p.asked(t)
			p.refuse(t, n, code)
			if _, ok := errors.AsType[*frame.Refusal]((<-done).err); !ok {
				t.Fatal("not refused")
			}
			return key
		}
		check := func(what, key string, want int) {
			t.Helper()
			told = 0
			p.correct(t, key, processed(7, "5").UserData())
			if told != want {
				t.Errorf("%s: told %d times, want %d", what, told, want)
			}
		}
		unwatched := give(frame.RefusedNoAnswer)
		stop := c.WatchLate(func(Late) { told++ })
		check("without a watch", unwatched, 0)
		check("refused", give(frame.RefusedTServer), 0)
		unreadable := give(frame.RefusedNoAnswer)
		p.correct(t, unreadable, tkvlist.List{{Key: "a", Value: tkvlist.Int(1)}})
		check("after one that cannot be read", unreadable, 1)
		check("twice", unreadable, 0)
		first := give(frame.RefusedNoAnswer)
		for range mostUnanswered - 1 {
			give(frame.RefusedNoAnswer)
		}
		check("as many as are kept", first, 1)
		give(frame.RefusedNoAnswer)
		last := give(frame.RefusedNoAnswer)
		if n := len(c.unanswered); n != 1 {
			t.Errorf("%d remembered, want 1", n)
		}
		check("the newest of too many", last, 1)
		p.drop(frame.CloseGoingAway)
		p = r.accept(t)
		last = give(frame.RefusedNoAnswer)
		stop()
		check("after the watch", last, 0)
	})
}

// What the relay says of cancelling by a customer id alone, and of letters in numbers, is
// in the status, and a reload may change it.
func TestLimitsInStatus(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		p := r.acceptWith(t, frame.Welcome{Limits: frame.Limits{CancelByCustomer: true, Vanity: true}})
		changes := 0
		c.Watch(func(Status) { changes++ })
		for i, want := range [][2]bool{{true, true}, {false, true}, {false, false}, {false, false}} {
			s := c.Status()
			if got := [2]bool{s.CancelByCustomer, s.Vanity}; got != want {
				t.Errorf("%d: %v, want %v", i, got, want)
			}
			p.send(t, frame.Frame{Kind: frame.KindLimits, Body: frame.Limits{MaxRequests: i + 1, Vanity: i == 0}.Body()})
			synctest.Wait()
		}
		if changes != 2 {
			t.Errorf("%d changes told, want 2", changes)
		}
	})
}
