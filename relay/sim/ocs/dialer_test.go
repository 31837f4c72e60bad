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

// Records are dialed at the rate of the scenario and in their order; each that is
// answered is a contact.
func TestDialer(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(running...)
	for _, test := range []struct {
		after           time.Duration
		dials, contacts int
	}{
		{0, 0, 0}, {99 * time.Millisecond, 0, 0}, {time.Millisecond, 1, 0},
		{80 * time.Millisecond, 1, 1}, {220 * time.Millisecond, 4, 3}, {4600 * time.Millisecond, 50, 49}, {time.Hour, 100, 100},
	} {
		r.Advance(test.after)
		if got := r.State(simtest.A7); got.Dials != test.dials || got.Contacts != test.contacts {
			t.Errorf("after %s more: %d dials, %d contacts; want %d and %d", test.after, got.Dials, got.Contacts, test.dials, test.contacts)
		}
	}
	for i, record := range r.Records(simtest.ListA) {
		if want := simtest.Midnight.Add(time.Duration(i+1) * 100 * time.Millisecond); !record.Dialed.Equal(want) || record.Attempts != 1 ||
			record.Status != "updated" || record.Result != "answer" {
			t.Errorf("record %d: %+v, want it to be dialed at %s", i+1, record, want)
		}
	}
	// Without auto completion it goes on running.
	r.Run(time.Hour)
	if got := r.State(simtest.A7).Status; got != commdn.StatusRunning.String() {
		t.Errorf("depleted: %s", got)
	}
}

// A rate beyond the tick of the dialer is kept by dialing several at once.
func TestFastDialing(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.DialRate = 1000 })
	r.Do(running...)
	r.Advance(50 * time.Millisecond)
	if got := r.State(simtest.A7).Dials; got != 50 {
		t.Errorf("%d dials in 50 ms", got)
	}
}

func TestStopAndGoOn(t *testing.T) {
	for name, usedUp := range map[string]bool{"the list begins anew": false, "the list is used up": true} {
		t.Run(name, func(t *testing.T) {
			r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.UsedUp = usedUp })
			r.Do(running...)
			r.Advance(3 * time.Second)
			r.Do(simtest.Stop(simtest.A7))
			r.Advance(time.Hour)
			if got := len(r.Dialed(simtest.ListA)); got != 30 {
				t.Errorf("%d dialed after the stop", got)
			}
			r.Do(simtest.Dial(simtest.A7))
			r.Advance(time.Second)
			if got := r.State(simtest.A7); got.Dials != 10 || len(r.Dialed(simtest.ListA)) != 40 {
				t.Errorf("%d dials after the second start, %d dialed in all", got.Dials, len(r.Dialed(simtest.ListA)))
			}
			// Loading again begins the list anew, or does not.
			r.Advance(time.Second)
			r.Do(simtest.ForceUnload(simtest.A7), simtest.Load(simtest.A7), simtest.Dial(simtest.A7))
			r.Advance(time.Second)
			records := r.Records(simtest.ListA)
			first := slices.IndexFunc(records, func(r control.Record) bool { return r.Status == "ready" })
			want := 10
			if usedUp {
				want = 60
			}
			if first != want {
				t.Errorf("a second after the next start record %d is the first that is ready, want %d", first, want)
			}
		})
	}
}

// With auto completion OCS stops and unloads by itself, from wherever it was
// asked for, and when nothing was there to be dialed.
func TestAutoCompletion(t *testing.T) {
	load, start, set := simtest.Load(simtest.A7), simtest.Dial(simtest.A7), simtest.Set(simtest.A7, simtest.Preview)
	load.AutoCompletion, start.AutoCompletion, set.AutoCompletion = commdn.AutoCompletionOn, commdn.AutoCompletionOn, commdn.AutoCompletionOn
	done := lines{"CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded"}
	for name, test := range map[string]struct {
		requests []commdn.Message
		results  scenario.Results
	}{
		"load":              {[]commdn.Message{load, simtest.Dial(simtest.A7)}, scenario.Results{Answer: 1}},
		"start":             {[]commdn.Message{simtest.Load(simtest.A7), start}, scenario.Results{Answer: 1}},
		"set":               {[]commdn.Message{simtest.Load(simtest.A7), simtest.Dial(simtest.A7), set}, scenario.Results{Answer: 1}},
		"nobody is reached": {[]commdn.Message{load, simtest.Dial(simtest.A7)}, scenario.Results{Busy: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.Results = test.results })
			r.Do(test.requests...)
			r.Run(9900 * time.Millisecond)
			r.Run(2100*time.Millisecond, done...)
			if got := len(r.Dialed(simtest.ListA)); got != 100 {
				t.Errorf("%d dialed", got)
			}
		})
	}
	t.Run("no records", func(t *testing.T) {
		r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) { s.CallingLists[0].Generate.Customers = 0 })
		r.Want(lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active", "DialingStarted 11/7 Running", "CampaignStatus 11/7 Running",
			"CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress"}, load, start)
	})
	t.Run("set when depleted", func(t *testing.T) {
		r := simtest.NewRig(t, nil)
		r.Do(running...)
		r.Run(time.Minute)
		r.Want(lines{"DialingModeChanged 11/7 Running", "CampaignStatus 11/7 Running",
			"CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress"}, set)
	})
	// The records of a list that two campaign groups dial run out for both.
	t.Run("list of two groups", func(t *testing.T) {
		r := simtest.NewRig(t, nil)
		other, dial := simtest.Load(simtest.A8), simtest.Dial(simtest.A8)
		other.AutoCompletion = commdn.AutoCompletionOn
		r.Do(load, other, simtest.Dial(simtest.A7), dial)
		r.Advance(6 * time.Second)
		for _, id := range []commdn.CampaignGroup{simtest.A7, simtest.A8} {
			if got := r.State(id); got.Status != commdn.StatusUnloadInProgress.String() && got.Status != commdn.StatusNotLoaded.String() || got.Dials != 50 {
				t.Errorf("%s: %s after %d dials", id, got.Status, got.Dials)
			}
		}
	})
}

// What is on the Do Not Call list is passed over, by phone or by customer, even
// when the request comes while the campaign is running.
func TestDoNotCallIsNotDialed(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
		s.CallingLists[0].Records = []scenario.Record{{Phone: "5550", CustomerID: "c-0"}, {Phone: "5551"}}
		s.DoNotCall = []scenario.Entry{{Phone: "5551"}}
	})
	records := r.Records(simtest.ListA)
	if first := r.List(); len(first) != 1 || first[0].Phone != "5551" || !first[0].Time.Equal(simtest.Midnight) {
		t.Errorf("list at the start: %+v", first)
	}
	r.Do(simtest.DoNotCall(records[2].Phone, ""))
	r.Do(running...)
	r.Advance(time.Second)
	r.Do(simtest.DoNotCall("", records[50].CustomerID), simtest.DoNotCall(records[98].Phone, "no such customer"), simtest.DoNotCall(records[99].Phone, records[99].CustomerID))
	r.Advance(time.Hour)
	dialed := r.Dialed(simtest.ListA)
	for _, i := range []int{1, 2, 50, 98, 99} {
		got := r.Records(simtest.ListA)[i]
		if slices.Contains(dialed, got.Phone) || got.Attempts != 0 || !got.Dialed.IsZero() {
			t.Errorf("record %d was dialed: %+v", i, got)
		}
		if got.Status != "updated" || got.Result != "do-not-call" {
			t.Errorf("record %d is %s, %s", i, got.Status, got.Result)
		}
	}
	if got := r.State(simtest.A7).Dials; got != 97 || len(dialed) != 97 {
		t.Errorf("%d dials of %d records, want 97", got, len(dialed))
	}
}

// The same with many records: all but one are dialed.
func TestDoNotCallAmongMany(t *testing.T) {
	const many = 20_000
	r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		s.CallingLists[0].Generate.Customers = many
		o.DialRate = 1000
	})
	page, err := r.Control.Records(simtest.Context(t), control.Query{List: simtest.ListA, Offset: 17_777, Limit: 1})
	if err != nil || page.Total != many {
		t.Fatalf("%d records, %v", page.Total, err)
	}
	phone := page.Records[0].Phone
	start := simtest.Dial(simtest.A7)
	start.AutoCompletion = commdn.AutoCompletionOn
	r.Do(simtest.Load(simtest.A7), start)
	r.Advance(10 * time.Second)
	r.Do(simtest.DoNotCall(phone, ""))
	r.Run(time.Minute, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload",
		"CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded")
	dialed := r.Dialed(simtest.ListA)
	if len(dialed) != many-1 || slices.Contains(dialed, phone) {
		t.Errorf("%d dialed, the one on the list among them: %v", len(dialed), slices.Contains(dialed, phone))
	}
}

// An entry that comes while an agent looks at the record counts: the list is
// looked at before each dial, not before the preview.
func TestDoNotCallDuringThePreview(t *testing.T) {
	for name, change := range map[string]func(r *simtest.Rig, one control.Record){
		"request":  func(r *simtest.Rig, one control.Record) { r.Do(simtest.DoNotCall(one.Phone, "")) },
		"customer": func(r *simtest.Rig, one control.Record) { r.Do(simtest.DoNotCall("", one.CustomerID)) },
		"operator": func(r *simtest.Rig, one control.Record) {
			if _, err := r.Control.Forbid(simtest.Context(t), control.Forbidden{Phone: one.Phone}); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.DialRate, o.Preview = 0, time.Minute })
			start := simtest.Dial(simtest.A7)
			start.Dialing = simtest.Preview
			r.Do(simtest.Load(simtest.A7), start)
			one := r.Records(simtest.ListA)[0]
			if one.Status != "retrieved" || !one.OnDesktop || one.Attempts != 0 {
				t.Fatalf("the first record is not previewed: %+v", one)
			}
			change(r, one)
			r.Advance(time.Hour)
			if got := r.Records(simtest.ListA)[0]; got.Attempts != 0 || got.Result != "do-not-call" || got.OnDesktop {
				t.Errorf("then it is %+v", got)
			}
		})
	}
}

// Two campaign groups dial side by side.
func TestDialingSideBySide(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(running...)
	r.Advance(time.Second)
	r.Do(simtest.Load(simtest.B7), simtest.Dial(simtest.B7))
	r.Advance(time.Second)
	if a, b := r.State(simtest.A7).Dials, r.State(simtest.B7).Dials; a != 20 || b != 10 {
		t.Errorf("%d and %d dials, want 20 and 10", a, b)
	}
}

// Two groups of one campaign share its list: what one has dialed is not dialed
// by the other, nor made ready by its load.
func TestListOfTwoGroups(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(running...)
	r.Advance(2 * time.Second)
	r.Do(simtest.Load(simtest.A8), simtest.Dial(simtest.A8))
	r.Advance(2 * time.Second)
	records := r.Records(simtest.ListA)
	if a, b := r.State(simtest.A7).Dials, r.State(simtest.A8).Dials; a != 40 || b != 20 || len(r.Dialed(simtest.ListA)) != 60 {
		t.Errorf("%d and %d dials of %d records", a, b, len(r.Dialed(simtest.ListA)))
	}
	for i, record := range records {
		if want := min(max(60-i, 0), 1); record.Attempts != want {
			t.Errorf("record %d was dialed %d times", i+1, record.Attempts)
		}
	}
	r.Do(simtest.ForceUnload(simtest.A7), simtest.Load(simtest.A7))
	r.Advance(time.Hour)
	if got := r.State(simtest.A8).Dials; got != 60 {
		t.Errorf("%d dials of the second group, want 60", got)
	}
	for i, record := range r.Records(simtest.ListA) {
		if record.Attempts != 1 {
			t.Errorf("record %d was dialed %d times", i+1, record.Attempts)
		}
	}
}

// The machine's clock makes OCS dial too.
func TestRealClock(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		s.Clock = scenario.Clock{}
		o.DialRate, o.UnloadTime, o.Ring, o.Talk = 10_000, time.Millisecond, time.Millisecond, time.Millisecond
	})
	start := simtest.Dial(simtest.A7)
	start.AutoCompletion = commdn.AutoCompletionOn
	for _, request := range []commdn.Message{simtest.Load(simtest.A7), start} {
		r.Send(request.UserData())
	}
	var got lines
	for len(got) < 8 {
		got = append(got, simtest.Line(r.HeardRaw()))
	}
	want := lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active", "DialingStarted 11/7 Running", "CampaignStatus 11/7 Running",
		"CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if n := len(r.Dialed(simtest.ListA)); n != 100 {
		t.Errorf("%d dialed", n)
	}
}
