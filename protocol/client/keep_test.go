package client

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// apart runs a test in virtual time, with a shelf.
func apart(t *testing.T, f func(t *testing.T, s *shelf)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newShelf()) })
}

// A request without a connection outlives its page, and goes out from the next one,
// once and with its key. How the page ended does not matter.
func TestKeptOverPages(t *testing.T) {
	for _, tt := range []struct {
		name  string
		token string
		end   func(h *heir)
	}{
		{"closed", "", func(h *heir) { h.Close() }},
		{"crashed", "", func(h *heir) { h.page.crash() }},
		{"closed, with a token", "ann's", func(h *heir) { h.Close() }},
		{"crashed, with a token", "ann's", func(h *heir) { h.page.crash() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			apart(t, func(t *testing.T, s *shelf) {
				subject := ""
				first := visit(t, s, tt.token)
				if tt.token != "" {
					subject = "ann"
					p := first.connect(t, subject)
					first.relay.set(errRefused)
					p.drop(frame.CloseGoingAway)
				}
				settled := do(t.Context(), first.Client, dnc("5551234567"))
				key, r := s.only(t)
				if !r.bound || r.subject != subject || r.progress != 0 {
					t.Fatalf("the record is %+v", r)
				}
				asked := r.asked
				tt.end(first)
				if tt.name == "closed" {
					checkNoAnswer(t, (<-settled).err, ErrClosed, false)
				}

				time.Sleep(time.Hour)
				second := visit(t, s, tt.token)
				found := second.took()
				if len(found) != 1 || !found[0].Asked.Equal(asked) || found[0].Accepted {
					t.Fatalf("took over %+v", found)
				}
				p := second.connect(t, subject)
				number, sent, phone := p.onWire(t)
				if sent != key || phone != "5551234567" {
					t.Errorf("sent %s for %s, want %s", sent, phone, key)
				}
				p.answer(t, frame.KindOutcome, number, processed(7, "5551234567"))
				if got := <-second.ended[0]; got.err != nil || len(got.answers) != 1 {
					t.Errorf("settled with %+v", got)
				}
				p.quiet(t)
				s.empty(t)
			})
		})
	}
}

// What the relay may have is resumed by the next page, which hears all of it.
func TestKeptUntilSettled(t *testing.T) {
	for _, taken := range []bool{false, true} {
		apart(t, func(t *testing.T, s *shelf) {
			first := visit(t, s, "ann's")
			p := first.connect(t, "ann")
			var told []EventKind
			go func() {
				_, _ = first.Follow(t.Context(), dnc("5551234567"), func(e Event) { told = append(told, e.Kind) })
			}()
			number, key, _ := p.onWire(t)
			if taken {
				p.send(t, frame.Frame{Kind: frame.KindAccepted, Number: number})
			}
			if got, r := s.only(t); got != key || r.progress&sent == 0 || r.progress&accepted != 0 != taken || r.subject != "ann" {
				t.Fatalf("kept %s as %+v", got, r)
			}
			if !slices.Contains(told, Kept) || slices.Contains(told, Accepted) != taken {
				t.Errorf("told %v", told)
			}
			first.page.crash()

			second := visit(t, s, "ann's")
			if found := second.took(); len(found) != 1 || found[0].Accepted != taken {
				t.Fatalf("took over %+v", found)
			}
			p = second.connect(t, "ann")
			if len(p.resumed) != 1 || p.resumed[0].Key != key {
				t.Fatalf("resumed %+v, want %s", p.resumed, key)
			}
			number = p.resumed[0].Number
			p.send(t, frame.Frame{Kind: frame.KindAccepted, Number: number})
			p.send(t, frame.Frame{Kind: frame.KindQueued, Number: number, Body: frame.Queued{Reason: frame.QueuedLinkDown, Since: 9}.Body()})
			p.answer(t, frame.KindOutcome, number, processed(7, "5551234567"))
			if got := <-second.ended[0]; got.err != nil {
				t.Error(got.err)
			}
			if e := second.told[0]; len(e) != 3 || e[0].Kind != Accepted || e[1].Kind != Queued || e[1].Queued.Since != 9 || e[2].Kind != Answered {
				t.Errorf("told %+v", e)
			}
			p.quiet(t)
			s.empty(t)
		})
	}
}

// A relay that has forgotten a request is asked again, under the key, unless it was
// accepted longer ago than requests are kept.
func TestKeptAndForgotten(t *testing.T) {
	for _, old := range []bool{false, true} {
		apart(t, func(t *testing.T, s *shelf) {
			first := visit(t, s, "")
			p := first.connect(t, "")
			do(t.Context(), first.Client, dnc("5551234567"))
			number, key, _ := p.onWire(t)
			p.send(t, frame.Frame{Kind: frame.KindAccepted, Number: number})
			time.Sleep(keepAfter)
			synctest.Wait()
			first.page.crash()
			if old {
				time.Sleep(KeepFor + time.Hour)
			}
			second := visit(t, s, "")
			p = second.connect(t, "")
			p.refuse(t, p.resume(t, 1)[0], frame.RefusedUnknownKey)
			if old {
				checkNoAnswer(t, (<-second.ended[0]).err, ErrExpired, true)
				p.quiet(t)
			} else {
				number, again, _ := p.onWire(t)
				if again != key {
					t.Errorf("sent again as %s, want %s", again, key)
				}
				p.answer(t, frame.KindOutcome, number, processed(7, "5551234567"))
			}
			s.empty(t)
		})
	}
}

// Nobody sends what somebody else asked, not even by a connection of the same client.
func TestKeptForOnePerson(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		first := visit(t, s, "ann's")
		p := first.connect(t, "ann")
		first.relay.set(errRefused)
		p.drop(frame.CloseGoingAway)
		settled := do(t.Context(), first.Client, dnc("5551234567"))
		p = first.connect(t, "ben")
		p.quiet(t)
		checkNoAnswer(t, (<-settled).err, ErrOtherPerson, false)
		key, r := s.only(t)
		if r.subject != "ann" {
			t.Errorf("kept for %q", r.subject)
		}
		// A request of Ben's, meanwhile.
		do(t.Context(), first.Client, dnc("5550000001"))
		number, _, phone := p.onWire(t)
		if phone != "5550000001" {
			t.Errorf("sent %s", phone)
		}
		p.answer(t, frame.KindOutcome, number, processed(7, phone))
		first.Close()

		second := visit(t, s, "ben's")
		if len(second.took()) != 1 {
			t.Fatal("as long as nobody knows who this is, the request is shown")
		}
		p = second.connect(t, "ben")
		p.quiet(t)
		checkNoAnswer(t, (<-second.ended[0]).err, ErrOtherPerson, false)
		time.Sleep(10 * keepEvery)
		if len(second.took()) != 1 {
			t.Error("it is shown to Ben again")
		}
		second.Close()

		third := visit(t, s, "ann's")
		p = third.connect(t, "ann")
		if _, sent, _ := p.onWire(t); sent != key {
			t.Errorf("sent %s, want %s", sent, key)
		}
	})
}

// A page that ended before it knew its person left a request that nobody sends: it is
// told once, and masked.
func TestKeptForNobody(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		first := visit(t, s, "ann's")
		do(t.Context(), first.Client, &commdn.CancelRecord{Phone: "5551234567", CustomerID: "C-1042", Campaign: "Spring"})
		if _, r := s.only(t); r.bound {
			t.Fatal("whose is it?")
		}
		first.page.crash()
		second := visit(t, s, "ann's")
		checkNoAnswer(t, (<-second.ended[0]).err, ErrUnbound, false)
		want := commdn.CancelRecord{Phone: "…567"}
		if got, ok := second.took()[0].Request.(*commdn.CancelRecord); !ok || *got != want {
			t.Errorf("told %+v", second.took()[0].Request)
		}
		s.empty(t)
		second.connect(t, "ann").quiet(t)
	})
	// The same page sends it as soon as it knows.
	apart(t, func(t *testing.T, s *shelf) {
		h := visit(t, s, "ann's")
		do(t.Context(), h.Client, dnc("5551234567"))
		p := h.connect(t, "ann")
		p.onWire(t)
		if _, r := s.only(t); !r.bound || r.subject != "ann" {
			t.Errorf("kept as %+v", r)
		}
	})
}

// A request that nobody sent in time is told to its person, and nothing of it stays in
// the clear for longer, whoever is there.
func TestKeptTooLong(t *testing.T) {
	left := func(t *testing.T, s *shelf) {
		t.Helper()
		h := visit(t, s, "ann's")
		p := h.connect(t, "ann")
		h.relay.set(errRefused)
		p.drop(frame.CloseGoingAway)
		do(t.Context(), h.Client, dnc("5551234567"))
		s.only(t)
		h.page.crash()
	}
	t.Run("on the page", func(t *testing.T) {
		apart(t, func(t *testing.T, s *shelf) {
			h := visit(t, s, "")
			settled := do(t.Context(), h.Client, dnc("5551234567"))
			time.Sleep(KeepFor - time.Minute)
			s.only(t)
			time.Sleep(3 * time.Minute)
			checkNoAnswer(t, (<-settled).err, ErrExpired, false)
			s.empty(t)
		})
	})
	t.Run("on the next page", func(t *testing.T) {
		apart(t, func(t *testing.T, s *shelf) {
			left(t, s)
			time.Sleep(KeepFor + time.Hour)
			h := visit(t, s, "ann's")
			if len(h.took()) != 0 {
				t.Fatal("told before it is known who this is")
			}
			p := h.connect(t, "ann")
			checkNoAnswer(t, (<-h.ended[0]).err, ErrExpired, false)
			p.quiet(t)
			s.empty(t)
		})
	})
	t.Run("with another person there", func(t *testing.T) {
		apart(t, func(t *testing.T, s *shelf) {
			left(t, s)
			ben := visit(t, s, "ben's")
			ben.connect(t, "ben")
			time.Sleep(KeepFor + time.Hour)
			if _, r := s.only(t); r.progress&expired == 0 || r.request.(*commdn.DoNotCall).Phone != "…567" || r.subject != "ann" {
				t.Errorf("kept as %+v", r)
			}
			ann := visit(t, s, "ann's")
			p := ann.connect(t, "ann")
			checkNoAnswer(t, (<-ann.ended[0]).err, ErrExpired, false)
			p.quiet(t)
			s.empty(t)
		})
	})
	t.Run("with a person who never comes back", func(t *testing.T) {
		apart(t, func(t *testing.T, s *shelf) {
			left(t, s)
			ben := visit(t, s, "ben's")
			ben.connect(t, "ben")
			time.Sleep(forgetAfter*KeepFor + time.Hour)
			s.empty(t)
		})
	})
	t.Run("for another relay", func(t *testing.T) {
		apart(t, func(t *testing.T, s *shelf) {
			left(t, s)
			other := visit(t, s, "ann's", func(o *Options) { o.Relay = "wss://other/" })
			p := other.connect(t, "ann")
			p.quiet(t)
			s.only(t)
			time.Sleep(KeepFor + time.Hour)
			if _, r := s.only(t); r.progress&expired == 0 {
				t.Errorf("kept as %+v", r)
			}
			if len(other.took()) != 0 {
				t.Error("told where it does not belong")
			}
		})
	})
	t.Run("for as long as told", func(t *testing.T) {
		apart(t, func(t *testing.T, s *shelf) {
			h := visit(t, s, "", func(o *Options) { o.KeepFor = time.Hour })
			settled := do(t.Context(), h.Client, dnc("5551234567"))
			time.Sleep(time.Hour + 2*time.Minute)
			checkNoAnswer(t, (<-settled).err, ErrExpired, false)
		})
	})
}

// Of several pages one sends a request: its own, until it dies.
func TestKeptByOnePage(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		first := visit(t, s, "")
		do(t.Context(), first.Client, dnc("5551234567"))
		key, _ := s.only(t)
		second := visit(t, s, "")
		third := visit(t, s, "")
		p := second.connect(t, "")
		time.Sleep(2 * keepEvery)
		p.quiet(t)
		if len(second.took())+len(third.took()) != 0 {
			t.Fatal("taken from a page that lives")
		}
		first.page.crash()
		time.Sleep(keepEvery)
		if len(second.took())+len(third.took()) != 1 {
			t.Fatalf("%d and %d took it over", len(second.took()), len(third.took()))
		}
		if len(third.took()) == 1 {
			p = third.connect(t, "")
		}
		if _, sent, _ := p.onWire(t); sent != key {
			t.Errorf("sent %s", sent)
		}
	})
}

// What is not about a person is never kept, and neither is a question.
func TestNeverKept(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		h := visit(t, s, "")
		group := commdn.CampaignGroup{Campaign: 1, Group: 2}
		do(t.Context(), h.Client, &commdn.GetCampaignStatus{Address: commdn.Address{Target: 7}, CampaignGroup: group})
		go func() { _, _ = h.Preview(t.Context(), dnc("5551234567")) }()
		p := h.connect(t, "")
		p.recv(t)
		p.recv(t)
		do(t.Context(), h.Client, &commdn.StopDialing{Address: commdn.Address{Target: 7}, CampaignGroup: group})
		p.recv(t)
		s.empty(t)
		if s.puts != 0 {
			t.Errorf("%d records were written", s.puts)
		}
	})
}

// Who gives a request up, or has its answer, leaves nothing behind.
func TestNothingKeptOfSettled(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		h := visit(t, s, "")
		ctx, cancel := context.WithCancel(t.Context())
		settled := do(ctx, h.Client, dnc("5551234567"))
		s.only(t)
		cancel()
		<-settled
		s.empty(t)
		p := h.connect(t, "")
		p.quiet(t)
		for _, answer := range []func(number uint32){
			func(n uint32) { p.answer(t, frame.KindOutcome, n, processed(7, "5551234567")) },
			func(n uint32) { p.refuse(t, n, frame.RefusedForbidden) },
			func(uint32) { p.pong(t); time.Sleep(time.Minute) }, // no answer
		} {
			do(t.Context(), h.Client, dnc("5551234567"))
			n, _, _ := p.onWire(t)
			answer(n)
			s.empty(t)
		}
	})
}

// A store that fails keeps nobody from asking. Whoever watches hears of it once, and
// what can be kept later is.
func TestStoreFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(p *page, err error)
	}{
		{"own", func(p *page, err error) { p.fail(&p.own, err) }},
		{"put", func(p *page, err error) { p.fail(&p.put, err) }},
		{"everything", func(p *page, err error) {
			p.fail(&p.own, err)
			p.fail(&p.put, err)
			p.fail(&p.del, err)
			p.fail(&p.all, err)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			apart(t, func(t *testing.T, s *shelf) {
				h := visit(t, s, "")
				var news []error
				defer h.Watch(func(st Status) {
					if n := len(news); n == 0 || (news[n-1] == nil) != (st.Unkept == nil) {
						news = append(news, st.Unkept)
					}
				})()
				tt.set(h.page, errFull)
				kept := false
				for range 3 {
					go func() {
						_, _ = h.Follow(t.Context(), dnc("5551234567"), func(e Event) { kept = kept || e.Kind == Kept })
					}()
				}
				time.Sleep(3 * keepEvery)
				if kept || len(s.records) != 0 || !errors.Is(h.Status().Unkept, errFull) {
					t.Errorf("kept %v, %d records, %v", kept, len(s.records), h.Status().Unkept)
				}
				tt.set(h.page, nil)
				time.Sleep(keepEvery)
				synctest.Wait()
				if !kept || len(s.records) != 3 || h.Status().Unkept != nil {
					t.Errorf("afterwards: kept %v, %d records, %v", kept, len(s.records), h.Status().Unkept)
				}
				p := h.connect(t, "")
				for range 3 {
					n, _, _ := p.onWire(t)
					p.answer(t, frame.KindOutcome, n, processed(7, "5551234567"))
				}
				s.empty(t)
				told := 0
				for _, err := range news {
					if err != nil {
						told++
					}
				}
				if told != 1 {
					t.Errorf("told %d times: %v", told, news)
				}
			})
		})
	}
	t.Run("delete", func(t *testing.T) {
		apart(t, func(t *testing.T, s *shelf) {
			h := visit(t, s, "")
			p := h.connect(t, "")
			do(t.Context(), h.Client, dnc("5551234567"))
			n, _, _ := p.onWire(t)
			s.only(t)
			h.page.fail(&h.page.del, errFull)
			p.answer(t, frame.KindOutcome, n, processed(7, "5551234567"))
			s.only(t)
			time.Sleep(2 * keepEvery)
			p.quiet(t) // it is not sent again
			h.page.fail(&h.page.del, nil)
			time.Sleep(keepEvery)
			s.empty(t)
		})
	})
	t.Run("all", func(t *testing.T) {
		apart(t, func(t *testing.T, s *shelf) {
			first := visit(t, s, "")
			do(t.Context(), first.Client, dnc("5551234567"))
			s.only(t)
			first.Close()
			second := visit(t, s, "", func(o *Options) { p := o.Store.(*page); p.all = errFull })
			p := second.connect(t, "")
			p.quiet(t)
			if !errors.Is(second.Status().Unkept, errFull) {
				t.Errorf("status %v", second.Status().Unkept)
			}
			second.page.fail(&second.page.all, nil)
			time.Sleep(keepEvery)
			p.onWire(t)
		})
	})
}

// A key of the caller's goes out as it is.
func TestDoAs(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, _ *relay, c *Client, p *peer) {
		go func() { _, _ = c.DoAs(t.Context(), "row-17", dnc("5551234567")) }()
		if _, key, _ := p.onWire(t); key != "row-17" {
			t.Errorf("key %q", key)
		}
	})
}
