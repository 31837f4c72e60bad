package link_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
)

// why asks, lets come what comes, and gives why there is no answer.
func (s *story) why(req commdn.Request, comes ...tkvlist.List) string {
	s.t.Helper()
	words := make(chan string)
	go func() {
		refusal := s.r.Ask(context.Background(), link.Call{Request: req})
		if refusal == nil {
			words <- ""
			return
		}
		words <- refusal.Message
	}()
	s.say(<-s.r.wire.sent)
	for _, l := range comes {
		time.Sleep(time.Second)
		s.say(l)
	}
	return <-words
}

// An application that answers and is no OCS of the link is named, with what to do if it
// is the backup.
func TestBackupThatIsNotConfigured(t *testing.T) {
	const (
		named  = "application 202 answered, which is no OCS of this link"
		advice = "; if it is the backup of 201, write `ocs: [{dbid: 201, backup: 202}]`"
	)
	ack := func(from, to commdn.DBID) tkvlist.List {
		return (&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: from, Target: to}, Phone: "5550001"}).UserData()
	}
	req := &commdn.DoNotCall{Phone: "5550001"}
	for _, to := range []commdn.DBID{101, 0} {
		tell(t, oneOCS, nil, func(s *story) {
			for range 2 {
				if got := s.why(req, ack(202, to)); !strings.HasSuffix(got, "; "+named+advice) || strings.Contains(got, "Connections") {
					t.Errorf("for %d: %s", to, got)
				}
			}
			h := s.r.of(201)
			if want := "silent since "; !strings.HasPrefix(h.State(), want) || !strings.HasSuffix(h.State(), "; "+named+advice) || h.Instead() != named+advice {
				t.Errorf("state %s", h.State())
			}
			s.say(ack(201, 101))
			if h := s.r.of(201); h.Unbelieved != 0 || h.State() != "answers" {
				t.Errorf("once 201 answers: %+v", h)
			}
			// What came before the request is no answer to it.
			time.Sleep(time.Second)
			if got := s.why(req); strings.Contains(got, "202") || !strings.Contains(got, "has answered before") {
				t.Errorf("afterwards: %s", got)
			}
		})
	}
	tell(t, oneOCS, map[commdn.DBID]commdn.DBID{201: 203}, func(s *story) { // it has a backup, another one
		if got := s.why(req, ack(202, 101)); !strings.HasSuffix(got, "; "+named) {
			t.Error(got)
		}
	})
	tell(t, oneOCS, nil, func(s *story) { // news, and what is for others, answer nothing
		news := &commdn.CampaignEvent{Address: commdn.Address{Origin: 202}, Event: commdn.EvCampaignStatus, CampaignGroup: inGroup.CampaignGroup}
		if got := s.why(req, news.UserData(), ack(202, 102)); strings.Contains(got, "202") {
			t.Error(got)
		}
	})
}

// odd is an event of a type that the CommDN does not have, with an error.
func odd(kind int32, from, to string) tkvlist.List {
	l := tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.Int(kind)}, {Key: commdn.KeyError, Value: tkvlist.Int(10)}, {Key: "text", Value: tkvlist.String("about 5550104477")}}
	for key, id := range map[string]string{commdn.KeyOriginAppID: from, commdn.KeyTargetAppID: to} {
		if n, err := strconv.Atoi(id); err == nil && n%2 == 1 {
			l.Add(key, tkvlist.Int(int32(n)))
		} else if id != "" {
			l.Add(key, tkvlist.String(id))
		}
	}
	return l
}

// Nothing is quiet: what a known OCS says to us and nobody understands is in the log,
// counted, and no reason to look at the Connections.
func TestUnknownType(t *testing.T) {
	for _, test := range []struct {
		kind     int32
		from, to string
		told     bool
	}{
		{34, "201", "101", true},
		{18, "201", "101", true},
		{2, "202", "0", true}, // the backup
		{34, "", "", true},
		{34, "201", "102", false},
		{34, "999", "101", false},
		{28, "101", "201", false}, // a request of our own application's twin
	} {
		tell(t, oneOCS, aPair, func(s *story) {
			got := s.why(&commdn.DoNotCall{Phone: "5550001"}, odd(test.kind, test.from, test.to))
			log := s.r.log.String()
			if strings.Contains(got, "does not understand") != test.told || strings.Contains(got, "Connections") == test.told {
				t.Errorf("%+v: %s", test, got)
			}
			if n := strings.Count(log, "UserEvent not understood"); n != map[bool]int{true: 1}[test.told] || s.passed[link.PassedUnreadable] != n {
				t.Errorf("%+v: told %d times, counted %d: %s", test, n, s.passed[link.PassedUnreadable], log)
			}
			if strings.Contains(log, "5550104477") {
				t.Errorf("a number is in the log: %s", log)
			}
		})
	}
}

// The request of a client that writes its integers as strings is a rival's all the same.
func TestRivalOfDigits(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		s.ask("a", startOf(dialing))
		o := *startOf(goal70)
		o.Address = commdn.Address{Origin: 102, Target: 201}
		digits := each(o.UserData(), func(p tkvlist.Pair) (tkvlist.Pair, bool) {
			if n, ok := p.Value.Int(); ok {
				p.Value = tkvlist.String(strconv.Itoa(int(n)))
			}
			return p, true
		})
		s.say(digits)
		s.say(startedAs(commdn.EvCampaignStatus, 0, dialing))
		time.Sleep(time.Second)
		s.say(fault(101, 7))
		s.want("a", "refused 7")
		if strings.Contains(s.r.log.String(), "not understood") {
			t.Errorf("log: %s", s.r.log)
		}
	})
}
