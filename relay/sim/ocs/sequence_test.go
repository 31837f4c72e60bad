package ocs_test

import (
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// items are schedule items of the campaigns A, B and C, changed by the test.
func items(change ...func(*commdn.SequenceItem)) []commdn.SequenceItem {
	list := make([]commdn.SequenceItem, len(change))
	for i, f := range change {
		list[i] = commdn.SequenceItem{Campaign: commdn.DBID(11 + i), Dialing: simtest.Predictive}
		if f != nil {
			f(&list[i])
		}
	}
	return list
}

// plan is a sequence of all three: 30 dials of A, 5 contacts of B after a sleep
// of 5 minutes, and all of C.
func plan() *commdn.Sequence {
	return &commdn.Sequence{Description: "Evening", Items: items(
		func(i *commdn.SequenceItem) { i.StopAtDials = 30 },
		func(i *commdn.SequenceItem) { i.SleepBeforeNextStart, i.StopAtContacts = 5, 5 },
		nil,
	)}
}

func loadSequence(s *commdn.Sequence) *commdn.LoadCampaign {
	m := simtest.Load(simtest.S7)
	m.Sequence = s
	return m
}

func startSequence(s *commdn.Sequence) *commdn.StartDialing {
	m := simtest.Dial(simtest.S7)
	m.Sequence = s
	return m
}

func stopSequence(s *commdn.Sequence) *commdn.StopDialing {
	m := simtest.Stop(simtest.S7)
	m.Sequence = s
	return m
}

func unloadSequence(s *commdn.Sequence) *commdn.UnloadCampaign {
	m := simtest.Unload(simtest.S7)
	m.Sequence = s
	return m
}

func forceSequence(s *commdn.Sequence) *commdn.ForceUnloadCampaign {
	m := simtest.ForceUnload(simtest.S7)
	m.Sequence = s
	return m
}

func setSequence(s *commdn.Sequence) *commdn.SetDialingMode {
	m := simtest.Set(simtest.S7, simtest.Predictive)
	m.Sequence = s
	return m
}

func statusSequence(s *commdn.Sequence) *commdn.GetCampaignStatus {
	m := simtest.Status(simtest.S7)
	m.Sequence = s
	return m
}

// Three campaigns run one after the other, each until its own condition, and
// every step is told.
func TestSequenceRunsThrough(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Want(lines{
		"CampaignLoaded 0/7 Active [4 4 4]",
		"CampaignStatus 11/7 Active", "CampaignStatus 12/7 Active", "CampaignStatus 13/7 Active",
		"CampaignStatus 0/7 Active [4 4 4]",
	}, loadSequence(plan()))
	r.Want(lines{"DialingStarted 0/7 Running [5 4 4]", "CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [5 4 4]"}, startSequence(plan()))
	r.Run(2900 * time.Millisecond)
	r.Run(100*time.Millisecond, // 30 dials
		"CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 0/7 Running [1 4 4]")
	r.Run(5*time.Minute-time.Second,
		"CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 0/7 Running [2 4 4]",
		"CampaignStatus 11/7 NotLoaded", "CampaignStatus 0/7 Running [0 4 4]")
	r.Run(time.Second, "CampaignStatus 12/7 Running", "CampaignStatus 0/7 Running [0 5 4]")
	r.Run(500 * time.Millisecond)
	r.Want(lines{"CampaignStatus 0/7 Running [0 5 4]"}, statusSequence(plan()))
	r.Run(100*time.Millisecond, // 5 contacts; the next follows at once, and the fifth call ends
		"CampaignStatus 12/7 Active", "CampaignStatus 12/7 WaitingUnload", "CampaignStatus 13/7 Running", "CampaignStatus 0/7 Running [0 1 5]",
		"CampaignStatus 12/7 UnloadInProgress", "CampaignStatus 0/7 Running [0 2 5]")
	r.Run(2500*time.Millisecond,
		"CampaignStatus 12/7 NotLoaded", "CampaignStatus 0/7 Running [0 0 5]", "CampaignStatus 13/7 Active", "CampaignStatus 13/7 WaitingUnload", "CampaignStatus 0/7 Active [0 0 1]",
		"CampaignStatus 13/7 UnloadInProgress", "CampaignStatus 0/7 Active [0 0 2]")
	r.Run(time.Hour, "CampaignStatus 13/7 NotLoaded", "CampaignStatus 0/7 Active [0 0 0]")
	for list, want := range map[commdn.DBID]int{simtest.ListA: 30, simtest.ListB: 5, simtest.ListC: 20} {
		if got := len(r.Dialed(list)); got != want {
			t.Errorf("list %d: %d dialed, want %d", list, got, want)
		}
	}
	// It is loaded still, and can be started again.
	r.Want(lines{"DialingStarted 0/7 Running [5 0 0]", "CampaignStatus 11/7 Active", "CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [5 0 0]"}, startSequence(plan()))
	r.Run(time.Second)
	if got := r.State(simtest.A7).Dials; got != 10 {
		t.Errorf("second time: %d dials", got)
	}
}

// At the end of a sequence with auto completion OCS unloads it.
func TestSequenceAutoCompletion(t *testing.T) {
	r := simtest.NewRig(t, nil)
	short := &commdn.Sequence{Items: items(func(i *commdn.SequenceItem) { i.StopAtDials = 1 })}
	start := startSequence(short)
	start.AutoCompletion = commdn.AutoCompletionOn
	r.Do(loadSequence(short), start)
	r.Run(time.Minute,
		"CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 0/7 NotLoaded [1]",
		"CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded")
	r.Want(lines{"Error 13"}, statusSequence(short))
}

func TestSequenceTimes(t *testing.T) {
	r := simtest.NewRig(t, nil)
	at := simtest.Midnight.Unix()
	s := &commdn.Sequence{Start: at + 60, Items: items(
		func(i *commdn.SequenceItem) { i.SleepBeforeNextStart, i.StopAtTime = 1, at+123 },
		func(i *commdn.SequenceItem) { i.StopAtTime = at + 100 }, // over before its turn
		func(i *commdn.SequenceItem) { i.SleepBeforeNextStart = 1<<31 - 1 },
	)}
	r.Do(loadSequence(s), startSequence(s))
	r.Run(2*time.Minute - time.Millisecond)
	r.Run(time.Millisecond, "CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [5 4 4]")
	r.Run(2999 * time.Millisecond)
	r.Run(time.Millisecond,
		"CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 12/7 WaitingUnload",
		"CampaignStatus 12/7 UnloadInProgress", "CampaignStatus 0/7 Running [1 2 4]")
	if a, b := len(r.Dialed(simtest.ListA)), len(r.Dialed(simtest.ListB)); a != 30 || b != 0 {
		t.Errorf("%d and %d dialed, want 30 and 0", a, b)
	}
	r.Do()
	r.Advance(control.MaxAdvance)
	if got := r.State(simtest.C7).Status; got != commdn.StatusActive.String() {
		t.Errorf("after a month of four thousand years: %s", got)
	}
}

// A stopped item goes on where it was; one that was not begun sleeps again.
func TestSequenceStopAndGoOn(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(loadSequence(plan()), startSequence(plan()))
	r.Run(2 * time.Second)
	r.Want(lines{"DialingStopped 0/7 Active [4 4 4]", "CampaignStatus 11/7 Active", "CampaignStatus 0/7 Active [4 4 4]"}, stopSequence(plan()))
	r.Run(time.Hour)
	r.Want(lines{"DialingStarted 0/7 Running [5 4 4]", "CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [5 4 4]"}, startSequence(plan()))
	r.Run(900 * time.Millisecond)
	r.Run(100*time.Millisecond, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 0/7 Running [1 4 4]")
	r.Advance(4 * time.Minute)
	r.Do()
	r.Want(lines{"DialingStopped 0/7 Active [0 4 4]", "CampaignStatus 0/7 Active [0 4 4]"}, stopSequence(plan()))
	r.Want(lines{"DialingStarted 0/7 Running [0 4 4]", "CampaignStatus 0/7 Running [0 4 4]"}, startSequence(plan()))
	r.Run(5*time.Minute - time.Second)
	r.Run(time.Second, "CampaignStatus 12/7 Running", "CampaignStatus 0/7 Running [0 5 4]")
	r.Do(stopSequence(plan()))
	r.Want(lines{"DialingStarted 0/7 Running [0 5 4]", "CampaignStatus 12/7 Running", "CampaignStatus 0/7 Running [0 5 4]"}, startSequence(plan()))
}

// A campaign that comes twice stays loaded in between and dials on in its list.
func TestSequenceWithACampaignTwice(t *testing.T) {
	r := simtest.NewRig(t, nil)
	ten := func(i *commdn.SequenceItem) { i.Campaign, i.StopAtDials = 11, 10 }
	s := &commdn.Sequence{Items: items(ten, ten)}
	r.Do(loadSequence(s))
	r.Want(lines{"DialingStarted 0/7 Running [5 4]", "CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [5 4]"}, startSequence(s))
	r.Run(time.Second, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [4 5]")
	r.Run(time.Second, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 0/7 Active [1 1]")
	if got := len(r.Dialed(simtest.ListA)); got != 20 {
		t.Errorf("%d dialed", got)
	}
	// Started again at once, it waits until the campaign is unloaded.
	r.Want(lines{"DialingStarted 0/7 Running [1 1]", "CampaignStatus 0/7 Running [1 1]"}, startSequence(s))
	r.Run(2*time.Second, "CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 0/7 Running [2 2]",
		"CampaignStatus 11/7 NotLoaded", "CampaignStatus 11/7 Active", "CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [5 4]")
}

func TestSequenceSetDialing(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(loadSequence(plan()), startSequence(plan()))
	changed := plan()
	preview := control.Dialing{Mode: simtest.Preview.Mode.String(), OptimizeBy: simtest.Preview.OptimizeBy.String(), Goal: simtest.Preview.Goal}
	for i := range changed.Items {
		changed.Items[i].Dialing = simtest.Preview
	}
	set := setSequence(changed)
	set.AutoCompletion = commdn.AutoCompletionOn
	r.Want(lines{"DialingModeChanged 0/7 Running [5 4 4]", "CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [5 4 4]"}, set)
	if got := r.State(simtest.A7).Dialing; *got != preview {
		t.Errorf("running item: %+v", got)
	}
	got := r.State(simtest.S7)
	if got.AutoCompletion == nil || !*got.AutoCompletion || got.Sequence.Items[2].Dialing != preview {
		t.Errorf("sequence: %+v", got)
	}
	r.Run(3100*time.Millisecond, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 0/7 Running [1 4 4]",
		"CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 0/7 Running [2 4 4]")
	r.Want(lines{"DialingModeChanged 0/7 Running [2 4 4]", "CampaignStatus 0/7 Running [2 4 4]"}, setSequence(changed)) // while it sleeps
	r.Do()
	r.Advance(5 * time.Minute)
	r.Do()
	if got := r.State(simtest.B7); got.Status != commdn.StatusRunning.String() || *got.Dialing != preview {
		t.Errorf("next item: %+v", got)
	}
}

func TestSequenceUnload(t *testing.T) {
	for name, test := range map[string]struct {
		request commdn.Message
		want    lines
		later   lines
	}{
		"unload": {unloadSequence(plan()),
			lines{"CampaignUnloaded 0/7 NotLoaded [1 1 1]", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 12/7 WaitingUnload",
				"CampaignStatus 13/7 WaitingUnload", "CampaignStatus 0/7 NotLoaded [1 1 1]",
				"CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 12/7 UnloadInProgress", "CampaignStatus 13/7 UnloadInProgress"},
			lines{"CampaignStatus 11/7 NotLoaded", "CampaignStatus 12/7 NotLoaded", "CampaignStatus 13/7 NotLoaded"}},
		"force": {forceSequence(plan()),
			lines{"CampaignUnloaded 0/7 NotLoaded [0 0 0]", "CampaignStatus 11/7 NotLoaded", "CampaignStatus 12/7 NotLoaded",
				"CampaignStatus 13/7 NotLoaded", "CampaignStatus 0/7 NotLoaded [0 0 0]"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.UnloadedAtEnd = true }) // of no effect on sequences
			r.Do(loadSequence(plan()), startSequence(plan()))
			r.Want(test.want, test.request)
			if _, ok, err := r.Control.CampaignGroup(simtest.Context(t), simtest.S7); ok || err != nil {
				t.Errorf("the sequence is still there, or %v", err)
			}
			r.Run(time.Minute, test.later...)
			r.Want(lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active"}, simtest.Load(simtest.A7))
		})
	}
}

func TestSequenceRefused(t *testing.T) {
	loaded := []commdn.Message{loadSequence(plan())}
	running := append(loaded[:1:1], startSequence(plan()))
	other := &commdn.Sequence{Items: items(nil, nil)}
	with := func(s *commdn.Sequence, change func(*commdn.Sequence)) *commdn.Sequence { change(s); return s }
	reordered := with(plan(), func(s *commdn.Sequence) { s.Items[1], s.Items[2] = s.Items[2], s.Items[1] })
	gvp := with(plan(), func(s *commdn.Sequence) { s.Items[0].Dialing = simtest.GVP })
	noGroup := loadSequence(plan())
	noGroup.Group = 99
	forGroup8 := func(m *commdn.LoadCampaign) *commdn.LoadCampaign { m.CampaignGroup = simtest.S8; return m }
	preview := &commdn.Sequence{Items: items(func(i *commdn.SequenceItem) { i.Dialing = simtest.Preview })}
	badGoal := loadSequence(plan())
	badGoal.Goal = 101
	both := loadSequence(plan())
	both.Campaign = 11
	for _, test := range []struct {
		name    string
		before  []commdn.Message
		request commdn.Message
		code    commdn.ErrorCode
		message string
	}{
		{"group", nil, noGroup, commdn.ErrorGroupNotFound, ""},
		{"no schedule", nil, loadSequence(nil), commdn.ErrorInvalidCampaignSchedule, commdn.KeyCampaignID},
		{"no items", nil, loadSequence(&commdn.Sequence{}), commdn.ErrorInvalidCampaignSchedule, commdn.KeyItems},
		{"item with a bad goal", nil, loadSequence(with(plan(), func(s *commdn.Sequence) { s.Items[1].Goal = 101 })), commdn.ErrorInvalidCampaignSchedule, "scheduleItem-2/"},
		{"bad goal beside the schedule", nil, badGoal, commdn.ErrorInvalidParameter, commdn.KeyOptimizeGoal},
		{"schedule and campaign", nil, both, commdn.ErrorInvalidParameter, commdn.KeyCampaignSchedule},
		{"unknown campaign", nil, loadSequence(with(plan(), func(s *commdn.Sequence) { s.Items[2].Campaign = 99 })), commdn.ErrorInvalidCampaignSchedule, "scheduleItem-3: "},
		{"campaign of another group", nil, forGroup8(loadSequence(other)), commdn.ErrorInvalidCampaignSchedule, "scheduleItem-2: "},
		{"item without a licence", nil, loadSequence(with(plan(), func(s *commdn.Sequence) { s.Items[1].Mode = commdn.DialProgress })), commdn.ErrorLicenseViolation, "scheduleItem-2: "},
		{"campaign is loaded", []commdn.Message{simtest.Load(simtest.B7)}, loadSequence(plan()), commdn.ErrorCampaignAlreadyLoaded, "scheduleItem-2: "},
		{"start unloaded", nil, startSequence(plan()), commdn.ErrorCampaignScheduleNotFound, ""},
		{"stop unloaded", nil, stopSequence(plan()), commdn.ErrorCampaignScheduleNotFound, ""},
		{"unload unloaded", nil, unloadSequence(plan()), commdn.ErrorCampaignScheduleNotFound, ""},
		{"force unloaded", nil, forceSequence(plan()), commdn.ErrorCampaignScheduleNotFound, ""},
		{"set unloaded", nil, setSequence(plan()), commdn.ErrorCampaignScheduleNotFound, ""},
		{"status of unloaded", nil, statusSequence(plan()), commdn.ErrorCampaignScheduleNotFound, ""},
		{"status of another", loaded, statusSequence(other), commdn.ErrorCampaignScheduleNotFound, ""},
		{"status of one of the same campaigns in another order", loaded, statusSequence(reordered), commdn.ErrorCampaignScheduleNotFound, ""},
		{"start of it", loaded, startSequence(reordered), commdn.ErrorCampaignScheduleNotFound, ""},
		{"set of it", running, setSequence(reordered), commdn.ErrorCampaignScheduleNotFound, ""},
		{"stop of it", running, stopSequence(reordered), commdn.ErrorCampaignScheduleNotFound, ""},
		{"unload of it", loaded, unloadSequence(reordered), commdn.ErrorCampaignScheduleNotFound, ""},
		{"force unload of it", loaded, forceSequence(reordered), commdn.ErrorCampaignScheduleNotFound, ""},
		{"load twice", loaded, loadSequence(plan()), commdn.ErrorInvalidCampaignScheduleMode, ""},
		{"load another for the group", loaded, loadSequence(preview), commdn.ErrorInvalidCampaignScheduleMode, ""},
		{"start twice", running, startSequence(plan()), commdn.ErrorInvalidCampaignScheduleMode, ""},
		{"stop before the start", loaded, stopSequence(plan()), commdn.ErrorInvalidCampaignScheduleMode, ""},
		{"set before the start", loaded, setSequence(plan()), commdn.ErrorInvalidCampaignScheduleMode, ""},
		{"from agents to GVP while running", running, setSequence(gvp), commdn.ErrorInvalidCampaignMode, "scheduleItem-1: "},
		{"start a campaign of it", loaded, simtest.Dial(simtest.B7), commdn.ErrorInvalidCampaignScheduleMode, ""},
		{"force a campaign of it", running, simtest.ForceUnload(simtest.A7), commdn.ErrorInvalidCampaignScheduleMode, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) {
				o.Licensed = []commdn.DialMode{commdn.DialPredict, commdn.DialPreview, commdn.DialPowerGVP}
			})
			r.Do(test.before...)
			before := r.Do(simtest.Status(simtest.A7), simtest.Status(simtest.B7))
			r.Send(test.request.UserData())
			fault, ok := r.Answer().(*commdn.Fault)
			if !ok || fault.Code != test.code || !strings.HasPrefix(fault.Message, test.message) || fault.Message == "" {
				t.Errorf("answer = %+v", fault)
			}
			r.Want(before, simtest.Status(simtest.A7), simtest.Status(simtest.B7)) // nothing has come of it
		})
	}
}

// An item whose dial mode the licence does not cover is refused in a later
// change, too.
func TestSequenceLicence(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.Licensed = []commdn.DialMode{commdn.DialPreview} })
	preview := func() *commdn.Sequence {
		return &commdn.Sequence{Items: items(func(i *commdn.SequenceItem) { i.Dialing = simtest.Preview })}
	}
	load, start, set := loadSequence(preview()), startSequence(preview()), setSequence(preview())
	load.CampaignGroup, start.CampaignGroup, set.CampaignGroup = simtest.S8, simtest.S8, simtest.S8
	load.Sequence.Items[0].SleepBeforeNextStart = 1
	set.Sequence.Items[0].Dialing = simtest.Predictive
	r.Want(lines{"CampaignLoaded 0/8 Active [4]", "CampaignStatus 11/8 Active", "CampaignStatus 0/8 Active [4]"}, load)
	r.Want(lines{"DialingStarted 0/8 Running [4]", "CampaignStatus 0/8 Running [4]"}, start)
	r.Want(lines{"Error 15"}, set)
}

// A campaign of a sequence may be asked for, and set, by itself.
func TestCampaignOfASequence(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(loadSequence(plan()), startSequence(plan()))
	r.Want(lines{"CampaignStatus 11/7 Running"}, simtest.Status(simtest.A7))
	set := simtest.Set(simtest.A7, simtest.Preview)
	set.AutoCompletion = commdn.AutoCompletionOn
	r.Want(lines{"DialingModeChanged 11/7 Running", "CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [5 4 4]"}, set)
}

// Auto completion of a campaign leaves its end to the sequence.
func TestAutoCompletionInASequence(t *testing.T) {
	r := simtest.NewRig(t, nil)
	all := &commdn.Sequence{Items: items(nil)}
	set := simtest.Set(simtest.A7, simtest.Predictive)
	set.AutoCompletion = commdn.AutoCompletionOn
	r.Do(loadSequence(all), startSequence(all), set)
	r.Run(10100*time.Millisecond, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 0/7 Active [1]",
		"CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 0/7 Active [2]")
}

// A sequence that cannot be read is a wrong sequence.
func TestUnreadableSequence(t *testing.T) {
	r := simtest.NewRig(t, nil)
	l := loadSequence(plan()).UserData()
	properties, _ := l.List(commdn.KeyProperties)
	schedule, _ := properties.List(commdn.KeyCampaignSchedule)
	schedule.Set(commdn.KeyItems, tkvlist.Int(4))
	r.Send(l)
	if fault, ok := r.Answer().(*commdn.Fault); !ok || fault.Code != commdn.ErrorInvalidCampaignSchedule {
		t.Errorf("answer = %+v", fault)
	}
}

// Every group has a sequence of its own, and they run side by side.
func TestTwoSequences(t *testing.T) {
	r := simtest.NewRig(t, nil)
	here := &commdn.Sequence{Items: items(func(i *commdn.SequenceItem) { i.StopAtDials = 5 })}
	there := &commdn.Sequence{Items: items(func(i *commdn.SequenceItem) { i.StopAtDials = 5 })}
	load, start := loadSequence(there), startSequence(there)
	load.CampaignGroup, start.CampaignGroup = simtest.S8, simtest.S8
	r.Do(load, loadSequence(here), start, startSequence(here))
	r.Run(500*time.Millisecond,
		"CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/8 Active", "CampaignStatus 11/8 WaitingUnload",
		"CampaignStatus 0/7 Active [1]", "CampaignStatus 0/8 Active [1]")
}

// Started again, a sequence takes over a campaign that was loaded by itself in the
// meantime, and leaves one alone that it passes over.
func TestSequenceAndCampaignLoadedMeanwhile(t *testing.T) {
	r := simtest.NewRig(t, nil)
	s := &commdn.Sequence{Items: items(
		func(i *commdn.SequenceItem) { i.StopAtDials = 5 },
		func(i *commdn.SequenceItem) { i.StopAtTime = simtest.Midnight.Unix() + 10 },
	)}
	r.Do(loadSequence(s), startSequence(s))
	r.Advance(time.Minute)
	r.Do() // both items are done and unloaded
	r.Want(lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active"}, simtest.Load(simtest.A7))
	r.Want(lines{"DialingStarted 0/7 Running [5 0]", "CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [5 0]"}, startSequence(s))
	r.Want(lines{"Error 14"}, simtest.Unload(simtest.A7))
	r.Want(lines{"CampaignLoaded 12/7 Active", "CampaignStatus 12/7 Active"}, simtest.Load(simtest.B7))
	r.Run(time.Minute, "CampaignStatus 11/7 Active", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 0/7 Active [1 4]",
		"CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 0/7 Active [2 4]", "CampaignStatus 11/7 NotLoaded", "CampaignStatus 0/7 Active [0 4]")
	r.Want(lines{"CampaignUnloaded 0/7 NotLoaded [0 4]", "CampaignStatus 0/7 NotLoaded [0 4]"}, unloadSequence(s))
	r.Want(lines{"CampaignStatus 12/7 Active"}, simtest.Status(simtest.B7))
}
