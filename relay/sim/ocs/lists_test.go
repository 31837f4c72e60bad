package ocs_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// with is a Rig whose campaign A has the records, all calls of which end alike.
func with(t *testing.T, results scenario.Results, treatment scenario.Treatment, records ...scenario.Record) *simtest.Rig {
	t.Helper()
	return simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		o.Results, o.Treatment = results, treatment
		s.CallingLists[0].Records, s.CallingLists[0].Generate = records, scenario.Generate{}
	})
}

// became gives for each record of campaign A: phone, status, result and attempts.
func became(r *simtest.Rig) (all []string) {
	for _, record := range r.Records(simtest.ListA) {
		line := record.Phone + " " + record.Status + " " + record.Result
		for range record.Attempts {
			line += " *"
		}
		all = append(all, line)
	}
	return all
}

func wantRecords(t *testing.T, r *simtest.Rig, want ...string) {
	t.Helper()
	if got := became(r); !slices.Equal(got, want) {
		t.Errorf("records are\n\t%q\nwant\n\t%q", got, want)
	}
}

// chain is a customer with three phones, and another one.
var chain = []scenario.Record{
	{Phone: "1", CustomerID: "a", Chain: 5}, {Phone: "2", CustomerID: "a", Chain: 5}, {Phone: "3", CustomerID: "a", Chain: 5},
	{Phone: "9", CustomerID: "b"},
}

var (
	answer   = scenario.Results{Answer: 1}
	noAnswer = scenario.Results{NoAnswer: 1}
)

// What was busy or not answered is dialed again after the time, until the number
// of attempts is reached; auto completion waits for it. Other results are final.
func TestTreatment(t *testing.T) {
	for _, test := range []struct {
		results  scenario.Results
		result   string
		attempts int
	}{
		{noAnswer, "no-answer", 3},
		{scenario.Results{Busy: 1}, "busy", 3},
		{answer, "answer", 1},
		{scenario.Results{AnsweringMachine: 1}, "answering-machine", 1},
		{scenario.Results{Fax: 1}, "fax", 1},
		{scenario.Results{InvalidNumber: 1}, "invalid-number", 1},
	} {
		t.Run(test.result, func(t *testing.T) {
			r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) {
				o.Results, o.Treatment = test.results, scenario.Treatment{Attempts: 3, After: 10 * time.Minute}
			})
			start := simtest.Dial(simtest.C7)
			start.AutoCompletion = commdn.AutoCompletionOn
			r.Do(simtest.Load(simtest.C7), start)
			for attempt := 1; attempt <= test.attempts; attempt++ {
				r.Advance(3 * time.Second)
				first := simtest.Midnight.Add(time.Duration(attempt-1) * 10 * time.Minute)
				for _, record := range r.Records(simtest.ListC) {
					if record.Attempts != attempt || record.Dialed.Before(first) || record.Dialed.After(first.Add(3*time.Second)) {
						t.Fatalf("attempt %d: %+v", attempt, record)
					}
				}
				if attempt < test.attempts {
					r.Run(10*time.Minute - 3*time.Second)
				}
			}
			done := lines{"CampaignStatus 13/7 Active", "CampaignStatus 13/7 WaitingUnload", "CampaignStatus 13/7 UnloadInProgress", "CampaignStatus 13/7 NotLoaded"}
			r.Run(time.Hour, done...)
			for _, record := range r.Records(simtest.ListC) {
				if record.Attempts != test.attempts || record.Result != test.result || record.Status != "updated" {
					t.Errorf("%+v", record)
				}
			}
		})
	}
}

// Each record of a chain waits until the one before it has not reached the
// customer, and comes before other customers then.
func TestChainInTurn(t *testing.T) {
	r := with(t, noAnswer, scenario.Treatment{}, chain...)
	r.Do(running...)
	for _, want := range []string{"1", "2", "3", "9"} {
		r.Advance(100 * time.Millisecond)
		dialed := r.Records(simtest.ListA)
		slices.SortStableFunc(dialed, func(a, b control.Record) int { return b.Dialed.Compare(a.Dialed) })
		if dialed[0].Phone != want {
			t.Errorf("%s is dialed, want %s", dialed[0].Phone, want)
		}
	}
	r.Advance(time.Minute)
	wantRecords(t, r, "1 updated no-answer *", "2 updated no-answer *", "3 updated no-answer *", "9 updated no-answer *")
}

// What follows in a chain waits for all attempts of the one before.
func TestChainWithTreatment(t *testing.T) {
	r := with(t, noAnswer, scenario.Treatment{Attempts: 2, After: time.Minute}, chain...)
	r.Do(running...)
	r.Advance(30 * time.Second)
	wantRecords(t, r, "1 ready unknown *", "2 ready unknown", "3 ready unknown", "9 ready unknown *")
	r.Advance(time.Minute)
	wantRecords(t, r, "1 updated no-answer * *", "2 ready unknown *", "3 ready unknown", "9 updated no-answer * *")
	r.Advance(time.Hour)
	wantRecords(t, r, "1 updated no-answer * *", "2 updated no-answer * *", "3 updated no-answer * *", "9 updated no-answer * *")
}

// When the customer was reached the rest of the chain is done.
func TestChainReached(t *testing.T) {
	r := with(t, answer, scenario.Treatment{}, chain...)
	start := simtest.Dial(simtest.A7)
	start.AutoCompletion = commdn.AutoCompletionOn
	r.Do(simtest.Load(simtest.A7), start)
	r.Run(time.Minute, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded")
	wantRecords(t, r, "1 updated answer *", "2 chain-updated unknown", "3 chain-updated unknown", "9 updated answer *")
}

// Records that are made up are a chain for each customer.
func TestGeneratedChains(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
		s.CallingLists[0].Records = []scenario.Record{{Phone: "1", Chain: 2}, {Phone: "2", Chain: 2}, {Phone: "3"}}
		s.CallingLists[0].Generate = scenario.Generate{Customers: 20, Phones: 3}
	})
	records := r.Records(simtest.ListA)
	phones, chains := make(map[string]bool), make(map[int]string)
	for i, record := range records[3:] {
		if phones[record.Phone] || record.Chain <= 2 || record.CustomerID != "C"+records[3+i/3*3].Phone {
			t.Errorf("record %+v", record)
		}
		phones[record.Phone] = true
		if customer, ok := chains[record.Chain]; ok && customer != record.CustomerID {
			t.Errorf("chain %d is of %s and of %s", record.Chain, customer, record.CustomerID)
		}
		chains[record.Chain] = record.CustomerID
	}
	if len(records) != 63 || len(chains) != 20 {
		t.Errorf("%d records, %d chains are made up", len(records), len(chains))
	}
	r.Do(running...)
	r.Advance(time.Minute)
	if got := r.State(simtest.A7).Dials; got != 22 {
		t.Errorf("%d dials of 22 customers who are reached at once", got)
	}
}

func recordOnly(phone string) *commdn.DoNotCall {
	return &commdn.DoNotCall{Address: simtest.To, Phone: phone, Chain: commdn.RecordOnly}
}

// What is taken out of a chain leaves its turn to the next record.
func TestChainTurn(t *testing.T) {
	for _, test := range []struct {
		name    string
		request commdn.Message
		want    []string
	}{
		{"the first is on the Do Not Call list", recordOnly("1"),
			[]string{"1 updated do-not-call", "2 updated answer *", "3 chain-updated unknown", "9 updated answer *"}},
		{"the second is", recordOnly("2"),
			[]string{"1 updated answer *", "2 chain-updated unknown", "3 chain-updated unknown", "9 updated answer *"}},
		{"the chain is", &commdn.DoNotCall{Address: simtest.To, Phone: "2", Chain: commdn.AllChain},
			[]string{"1 updated do-not-call", "2 updated do-not-call", "3 updated do-not-call", "9 updated answer *"}},
		{"the chain is, as the request says nothing else", simtest.DoNotCall("3", ""),
			[]string{"1 updated do-not-call", "2 updated do-not-call", "3 updated do-not-call", "9 updated answer *"}},
		{"the customer is", simtest.DoNotCall("", "a"),
			[]string{"1 updated do-not-call", "2 updated do-not-call", "3 updated do-not-call", "9 updated answer *"}},
		{"the first is canceled", cancel("1", "", "", commdn.RecordOnly),
			[]string{"1 canceled cancel-record", "2 updated answer *", "3 chain-updated unknown", "9 updated answer *"}},
		{"the second is canceled", cancel("2", "", "", commdn.RecordOnly),
			[]string{"1 updated answer *", "2 canceled cancel-record", "3 chain-updated unknown", "9 updated answer *"}},
		{"the chain is canceled", cancel("2", "", "", commdn.AllChain),
			[]string{"1 canceled cancel-record", "2 canceled cancel-record", "3 canceled cancel-record", "9 updated answer *"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := with(t, answer, scenario.Treatment{}, chain...)
			r.Do(simtest.Load(simtest.A7), test.request)
			start := simtest.Dial(simtest.A7)
			start.AutoCompletion = commdn.AutoCompletionOn
			r.Do(start)
			r.Run(time.Minute, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded")
			wantRecords(t, r, test.want...)
		})
	}
}

// A record that an agent has on the screen cannot be canceled, and GSW_MESSAGE
// says so; one that only rings is, for all later attempts.
func TestCancelOfACall(t *testing.T) {
	preview := func(o *scenario.OCS) { o.Preview = time.Hour }
	talking := func(o *scenario.OCS) { o.Talk = time.Hour }
	ringing := func(results scenario.Results) func(*scenario.OCS) {
		return func(o *scenario.OCS) {
			o.Ring, o.Results, o.Treatment = time.Minute, results, scenario.Treatment{Attempts: 3, After: time.Minute}
		}
	}
	none := func(*scenario.OCS) {}
	for _, test := range []struct {
		name    string
		change  func(*scenario.OCS)
		dialing commdn.Dialing
		request *commdn.CancelRecord
		message string
		now     []string
		then    string // what the first became
	}{
		{"on the line", talking, simtest.Predictive, cancel("1", "", "", ""), commdn.IncompleteMessage,
			[]string{"1 retrieved unknown *", "2 canceled cancel-record", "3 canceled cancel-record"}, "1 updated answer *"},
		{"on the line, this record only", talking, simtest.Predictive, cancel("1", "", "", commdn.RecordOnly), commdn.IncompleteMessage,
			[]string{"1 retrieved unknown *", "2 ready unknown", "3 ready unknown"}, "1 updated answer *"},
		{"on the line, another record only", talking, simtest.Predictive, cancel("2", "", "", commdn.RecordOnly), "",
			[]string{"1 retrieved unknown *", "2 canceled cancel-record", "3 ready unknown"}, "1 updated answer *"},
		{"previewed", preview, simtest.Preview, cancel("3", "", "", ""), commdn.IncompleteMessage,
			[]string{"1 retrieved unknown", "2 canceled cancel-record", "3 canceled cancel-record"}, "1 updated answer *"},
		{"rings, nobody answers", ringing(noAnswer), simtest.Predictive, cancel("1", "", "", ""), "",
			[]string{"1 canceled cancel-record *", "2 canceled cancel-record", "3 canceled cancel-record"}, "1 canceled cancel-record *"},
		{"rings, and is answered", ringing(answer), simtest.Predictive, cancel("1", "", "", ""), "",
			[]string{"1 canceled cancel-record *", "2 canceled cancel-record", "3 canceled cancel-record"}, "1 updated answer *"},
		{"is done", none, simtest.Predictive, cancel("1", "", "", ""), "",
			[]string{"1 updated answer *", "2 chain-updated unknown", "3 chain-updated unknown"}, "1 updated answer *"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
				test.change(o)
				s.CallingLists[0].Records, s.CallingLists[0].Generate = chain[:3], scenario.Generate{}
			})
			start := simtest.Dial(simtest.A7)
			start.Dialing = test.dialing
			r.Do(simtest.Load(simtest.A7), start)
			r.Advance(200 * time.Millisecond)
			r.Send(test.request.UserData())
			if done, ok := r.Answer().(*commdn.RecordCanceled); !ok || done.Message != test.message {
				t.Errorf("answer: %+v", done)
			}
			wantRecords(t, r, test.now...)
			r.Advance(5 * time.Hour)
			if got := became(r)[0]; got != test.then {
				t.Errorf("the first became %q, want %q", got, test.then)
			}
		})
	}
}

// Without a chain-wide cancel, the record that rang leaves its turn to the next.
func TestCancelWhileItRings(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		o.Ring, o.Results, o.Treatment = time.Minute, noAnswer, scenario.Treatment{Attempts: 3, After: time.Minute}
		s.CallingLists[0].Records, s.CallingLists[0].Generate = chain[:2], scenario.Generate{}
	})
	r.Do(running...)
	r.Advance(time.Second)
	r.Do(cancel("1", "", "", commdn.RecordOnly))
	r.Advance(time.Hour)
	wantRecords(t, r, "1 canceled cancel-record *", "2 updated no-answer * * *")
}

// A record that waits for its next attempt can be canceled; the next of its chain
// has its turn.
func TestCancelBeforeTheNextAttempt(t *testing.T) {
	r := with(t, noAnswer, scenario.Treatment{Attempts: 3, After: time.Hour}, chain[:2]...)
	r.Do(running...)
	r.Advance(time.Minute)
	r.Do(cancel("1", "", "", commdn.RecordOnly))
	r.Advance(58 * time.Minute)
	wantRecords(t, r, "1 canceled cancel-record *", "2 ready unknown")
	r.Advance(2 * time.Minute)
	wantRecords(t, r, "1 canceled cancel-record *", "2 ready unknown *")
	if at, due := r.Records(simtest.ListA)[1].Dialed, simtest.Midnight.Add(time.Hour); at.Before(due) {
		t.Errorf("the second was dialed at %s, before %s", at, due)
	}
}

// A record that an agent has checked out is passed over; when it comes back it is
// dialed at once, and not before.
func TestCheckOut(t *testing.T) {
	r := simtest.NewRig(t, nil)
	checkOut := func(id int, onDesktop bool) {
		t.Helper()
		got, err := r.Control.CheckOut(simtest.Context(t), simtest.ListC, id, onDesktop)
		if err != nil || got.OnDesktop != onDesktop || got.ID != id {
			t.Errorf("record %d: %+v, %v", id, got, err)
		}
	}
	checkOut(3, true)
	checkOut(20, true)
	r.Do(simtest.Load(simtest.C7), simtest.Dial(simtest.C7))
	r.Advance(time.Second)
	checkOut(20, false) // before its turn
	r.Advance(time.Hour)
	for i, record := range r.Records(simtest.ListC) {
		if want := i != 2; record.Attempts == 1 != want || record.OnDesktop == want {
			t.Errorf("record %d: %+v", i+1, record)
		}
	}
	back := simtest.Midnight.Add(time.Hour + time.Second)
	checkOut(3, false)
	checkOut(3, false)
	r.Advance(time.Hour)
	if got := r.Records(simtest.ListC)[2]; got.Attempts != 1 || got.Status != "updated" || got.Dialed.Before(back) || got.Dialed.After(back.Add(time.Second)) {
		t.Errorf("after it was back at %s: %+v", back, got)
	}
	if got := r.State(simtest.C7).Dials; got != 20 {
		t.Errorf("%d dials", got)
	}
	for _, id := range []int{0, 21} {
		if _, err := r.Control.CheckOut(simtest.Context(t), simtest.ListC, id, true); err == nil {
			t.Errorf("there is a record %d", id)
		}
	}
}

// The first record of a chain is on a desktop: the chain waits for it. Auto
// completion does not.
func TestCheckOutOfAChain(t *testing.T) {
	records := slices.Clone(chain)
	records[0].OnDesktop = true
	r := with(t, noAnswer, scenario.Treatment{}, records...)
	r.Do(running...)
	r.Advance(time.Minute)
	wantRecords(t, r, "1 ready unknown", "2 ready unknown", "3 ready unknown", "9 updated no-answer *")
	if _, err := r.Control.CheckOut(simtest.Context(t), simtest.ListA, 1, false); err != nil {
		t.Fatal(err)
	}
	r.Advance(time.Minute)
	wantRecords(t, r, "1 updated no-answer *", "2 updated no-answer *", "3 updated no-answer *", "9 updated no-answer *")

	r = with(t, noAnswer, scenario.Treatment{}, records...)
	start := simtest.Dial(simtest.A7)
	start.AutoCompletion = commdn.AutoCompletionOn
	r.Do(simtest.Load(simtest.A7), start)
	r.Run(time.Minute, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded")
}

// A record that is taken from the screen of an agent before its next attempt is
// not dialed before that is due.
func TestCheckOutBeforeTheNextAttempt(t *testing.T) {
	r := with(t, noAnswer, scenario.Treatment{Attempts: 2, After: time.Hour}, chain[3])
	r.Do(running...)
	r.Advance(time.Minute)
	for _, onDesktop := range []bool{true, false} {
		if _, err := r.Control.CheckOut(simtest.Context(t), simtest.ListA, 1, onDesktop); err != nil {
			t.Fatal(err)
		}
		r.Advance(time.Minute)
	}
	wantRecords(t, r, "9 ready unknown *")
	r.Advance(time.Hour)
	wantRecords(t, r, "9 updated no-answer * *")
}

// Several lists of a campaign are dialed one after the other.
func TestSeveralLists(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
		s.Campaigns[0].CallingLists = []commdn.DBID{simtest.ListC, simtest.ListA}
		s.Campaigns[2].CallingLists = nil
		s.CallingLists[0].Generate.Customers = 10
	})
	r.Do(running...)
	r.Advance(2 * time.Second)
	if c, a := len(r.Dialed(simtest.ListC)), len(r.Dialed(simtest.ListA)); c != 20 || a != 0 {
		t.Errorf("%d and %d dialed after 2 s", c, a)
	}
	r.Advance(time.Minute)
	if c, a := len(r.Dialed(simtest.ListC)), len(r.Dialed(simtest.ListA)); c != 20 || a != 10 {
		t.Errorf("%d and %d dialed", c, a)
	}
	var names []string
	for _, list := range r.State(simtest.A7).Lists {
		names = append(names, list.Name)
	}
	if !reflect.DeepEqual(names, []string{"C", "A"}) {
		t.Errorf("lists %v", names)
	}
}

// Pages go on over the ends of lists, whether all records are wanted or some.
func TestPages(t *testing.T) {
	r := simtest.NewRig(t, nil)
	for _, status := range []string{"", "ready"} {
		whole, err := r.Control.Records(simtest.Context(t), control.Query{Status: status, Limit: control.MaxLimit})
		if err != nil || len(whole.Records) != 170 || whole.Total != 170 {
			t.Fatalf("%d of %d records, %v", len(whole.Records), whole.Total, err)
		}
		var paged []control.Record
		for offset := 0; offset < 200; offset += 30 {
			page, err := r.Control.Records(simtest.Context(t), control.Query{Status: status, Offset: offset, Limit: 30})
			if err != nil || page.Total != 170 {
				t.Fatalf("of %d records, %v", page.Total, err)
			}
			paged = append(paged, page.Records...)
		}
		if !slices.Equal(paged, whole.Records) {
			t.Errorf("status %q: the pages have %d records, and not the %d in order", status, len(paged), len(whole.Records))
		}
	}
}
