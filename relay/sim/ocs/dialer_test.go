package ocs_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/ocs"
)

// Records are dialed at the rate of the options and in their order, and the
// share of contacts is even.
func TestDialer(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(running...)
	for _, test := range []struct {
		after           time.Duration
		dials, contacts int
	}{
		{0, 0, 0}, {99 * time.Millisecond, 0, 0}, {time.Millisecond, 1, 0},
		{300 * time.Millisecond, 4, 1}, {4600 * time.Millisecond, 50, 12}, {time.Hour, 100, 25},
	} {
		r.Clock.Advance(test.after)
		if got := r.State(simtest.A7); got.Dials != test.dials || got.Contacts != test.contacts {
			t.Errorf("after %s more: %d dials, %d contacts; want %d and %d", test.after, got.Dials, got.Contacts, test.dials, test.contacts)
		}
	}
	records := r.OCS.Records(simtest.A7)
	if got := r.OCS.Dialed(simtest.A7); len(got) != 100 || got[0] != records[0].Phone || got[99] != records[99].Phone {
		t.Errorf("dialed %v", got)
	}
	// Without auto completion it goes on running.
	r.Run(time.Hour)
	if got := r.State(simtest.A7).Status; got != commdn.StatusRunning {
		t.Errorf("depleted: %s", got)
	}
}

// A rate beyond the tick of the dialer is kept by dialing several at once.
func TestFastDialing(t *testing.T) {
	r := simtest.NewRig(t, func(o *ocs.Options) { o.DialRate = 1000 })
	r.Do(running...)
	r.Clock.Advance(50 * time.Millisecond)
	if got := r.State(simtest.A7).Dials; got != 50 {
		t.Errorf("%d dials in 50 ms", got)
	}
}

func TestStopAndGoOn(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(running...)
	r.Clock.Advance(3 * time.Second)
	r.Do(simtest.Stop(simtest.A7))
	r.Clock.Advance(time.Hour)
	if got := len(r.OCS.Dialed(simtest.A7)); got != 30 {
		t.Errorf("%d dialed after the stop", got)
	}
	r.Do(simtest.Dial(simtest.A7))
	r.Clock.Advance(time.Second)
	if got := r.State(simtest.A7); got.Dials != 10 || len(r.OCS.Dialed(simtest.A7)) != 40 {
		t.Errorf("%d dials after the second start, %d dialed in all", got.Dials, len(r.OCS.Dialed(simtest.A7)))
	}
	// Loading again begins the list anew.
	r.Do(simtest.ForceUnload(simtest.A7), simtest.Load(simtest.A7))
	if got := r.OCS.Dialed(simtest.A7); len(got) != 0 {
		t.Errorf("loaded again: %v", got)
	}
}

// With auto completion OCS stops and unloads by itself, from wherever it was
// asked for, and when nothing was there to be dialed.
func TestAutoCompletion(t *testing.T) {
	done := lines{"CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded"}
	load, start, set := simtest.Load(simtest.A7), simtest.Dial(simtest.A7), simtest.Set(simtest.A7, simtest.Preview)
	load.AutoCompletion, start.AutoCompletion, set.AutoCompletion = commdn.AutoCompletionOn, commdn.AutoCompletionOn, commdn.AutoCompletionOn
	for name, requests := range map[string][]commdn.Message{
		"load":  {load, simtest.Dial(simtest.A7)},
		"start": {simtest.Load(simtest.A7), start},
		"set":   {simtest.Load(simtest.A7), simtest.Dial(simtest.A7), set},
	} {
		t.Run(name, func(t *testing.T) {
			r := simtest.NewRig(t, nil)
			r.Do(requests...)
			r.Run(9900 * time.Millisecond)
			r.Run(2100*time.Millisecond, done...)
			if got := len(r.OCS.Dialed(simtest.A7)); got != 100 {
				t.Errorf("%d dialed", got)
			}
		})
	}
	t.Run("no records", func(t *testing.T) {
		r := simtest.NewRig(t, func(o *ocs.Options) { o.Configuration.CampaignGroups[0].Records = 0 })
		r.Want(lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active", "DialingStarted 11/7 Running",
			"CampaignStatus 11/7 Running", "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload"}, load, start)
	})
	t.Run("set when depleted", func(t *testing.T) {
		r := simtest.NewRig(t, nil)
		r.Do(running...)
		r.Run(time.Minute)
		r.Want(lines{"DialingModeChanged 11/7 Running", "CampaignStatus 11/7 Running", "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload"}, set)
	})
}

// What is on the Do Not Call list is passed over, by phone or by customer, even
// when the request comes while the campaign is running.
func TestDoNotCallIsNotDialed(t *testing.T) {
	r := simtest.NewRig(t, nil)
	records := r.OCS.Records(simtest.A7)
	r.Do(simtest.DoNotCall(records[1].Phone, ""))
	r.Do(running...)
	r.Clock.Advance(time.Second)
	r.Do(simtest.DoNotCall("", records[50].CustomerID), simtest.DoNotCall(records[98].Phone, "no such customer"), simtest.DoNotCall(records[99].Phone, records[99].CustomerID))
	r.Clock.Advance(time.Hour)
	dialed := r.OCS.Dialed(simtest.A7)
	for _, i := range []int{1, 50, 98, 99} {
		if slices.Contains(dialed, records[i].Phone) {
			t.Errorf("record %d was dialed", i)
		}
		if got := r.OCS.Records(simtest.A7)[i].Status; got != ocs.RecordDoNotCall {
			t.Errorf("record %d is %s", i, got)
		}
	}
	if got := r.State(simtest.A7).Dials; got != 96 || len(dialed) != 96 {
		t.Errorf("%d dials of %d records, want 96", got, len(dialed))
	}
}

// The same with a hundred thousand records: all but one are dialed.
func TestDoNotCallAmongMany(t *testing.T) {
	const many = 100_000
	r := simtest.NewRig(t, func(o *ocs.Options) {
		o.Configuration.CampaignGroups[0].Records = many
		o.DialRate = 1000
	})
	phone := r.OCS.Records(simtest.A7)[77_777].Phone
	start := simtest.Dial(simtest.A7)
	start.AutoCompletion = commdn.AutoCompletionOn
	r.Do(simtest.Load(simtest.A7), start)
	r.Clock.Advance(30 * time.Second)
	r.Do(simtest.DoNotCall(phone, ""))
	r.Run(time.Minute+20*time.Second, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload",
		"CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded")
	dialed := r.OCS.Dialed(simtest.A7)
	if len(dialed) != many-1 || slices.Contains(dialed, phone) {
		t.Errorf("%d dialed, the one on the list among them: %v", len(dialed), slices.Contains(dialed, phone))
	}
}

// Two campaign groups dial side by side.
func TestDialingSideBySide(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(running...)
	r.Clock.Advance(time.Second)
	r.Do(simtest.Load(simtest.B7), simtest.Dial(simtest.B7))
	r.Clock.Advance(time.Second)
	if a, b := r.State(simtest.A7).Dials, r.State(simtest.B7).Dials; a != 20 || b != 10 {
		t.Errorf("%d and %d dials, want 20 and 10", a, b)
	}
}

func TestNothingAfterClose(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(running...)
	r.Clock.Advance(time.Second)
	if err := r.OCS.Close(); err != nil {
		t.Fatal(err)
	}
	r.Clock.Advance(time.Hour)
	if got := r.State(simtest.A7).Dials; got != 10 {
		t.Errorf("%d dials, 10 before Close", got)
	}
}

// The machine's clock makes OCS dial too.
func TestRealClock(t *testing.T) {
	r := simtest.NewRig(t, func(o *ocs.Options) {
		o.Clock, o.DialRate, o.UnloadTime = nil, 10_000, time.Millisecond
	})
	start := simtest.Dial(simtest.A7)
	start.AutoCompletion = commdn.AutoCompletionOn
	for _, request := range []commdn.Message{simtest.Load(simtest.A7), start} {
		r.Send(request.UserData())
	}
	var got lines
	for len(got) < 8 {
		got = append(got, simtest.Line(r.Heard()))
	}
	want := lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active", "DialingStarted 11/7 Running", "CampaignStatus 11/7 Running",
		"CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if n := len(r.OCS.Dialed(simtest.A7)); n != 100 {
		t.Errorf("%d dialed", n)
	}
}

// A delay goes by the clock of the options, and what comes to pass during one
// is told in the meantime.
func TestDelayOnTheClock(t *testing.T) {
	r := simtest.NewRig(t, func(o *ocs.Options) { o.Delay = 10 * time.Second })
	serve := func(request commdn.Message, until commdn.GroupStatus) {
		r.Send(request.UserData())
		for late := time.Now().Add(simtest.Patience); r.State(simtest.A7).Status != until; {
			if time.Now().After(late) {
				t.Fatalf("%s is not served", commdn.Trace(request, true))
			}
			r.Clock.Advance(time.Second) // OCS may get the request later than the first of them
		}
	}
	serve(simtest.Load(simtest.A7), commdn.StatusActive)
	r.Send(simtest.Unload(simtest.A7).UserData())
	serve(simtest.Load(simtest.A7), commdn.StatusNotLoaded) // 10 s are more than unloading takes
	for _, want := range []string{
		"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active", "CampaignUnloaded 11/7 WaitingUnload",
		"CampaignStatus 11/7 WaitingUnload",
	} {
		if got := simtest.Line(r.Heard()); got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
}

func TestRecordStatusText(t *testing.T) {
	var got []string
	for s := ocs.RecordReady; s <= ocs.RecordDoNotCall+1; s++ {
		got = append(got, s.String())
	}
	if want := []string{"ready", "dialed", "contacted", "canceled", "do not call", "5"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
