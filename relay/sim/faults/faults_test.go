package faults_test

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/leak"
	"commdn/relay/sim/faults"
	"commdn/relay/sim/scenario"
)

func TestMain(m *testing.M) { leak.Main(m) }

var request = faults.Request{OCS: 201, Type: commdn.ReqDoNotCall, Phone: "5551", Campaign: 1001}

func TestEffects(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []scenario.Fault
		want   faults.Effect
	}{
		{"none", nil, faults.Effect{}},
		{"delay", []scenario.Fault{{Do: scenario.Delay, Latency: time.Second}}, faults.Effect{Delay: time.Second}},
		{"delays add up", []scenario.Fault{{Do: scenario.Delay, Latency: 1}, {Do: scenario.Delay, Latency: 2}}, faults.Effect{Delay: 3}},
		{"silence", []scenario.Fault{{Do: scenario.Silence}}, faults.Effect{Silence: true}},
		{"refuse", []scenario.Fault{{Do: scenario.Refuse, Error: commdn.ErrorInvalidParameter}}, faults.Effect{Refuse: commdn.ErrorInvalidParameter}},
		{"reorder", []scenario.Fault{{Do: scenario.Reorder}}, faults.Effect{Reorder: true}},
		{"each for itself", []scenario.Fault{{Do: scenario.Delay, Latency: 1}, {Do: scenario.Drop}, {Do: scenario.Duplicate}},
			faults.Effect{Delay: 1, Drop: true, Duplicate: true}},
		{"all that is given fits", []scenario.Fault{{Do: scenario.Drop, OCS: 201, Request: commdn.ReqDoNotCall, Phone: "5551", Campaign: 1001}}, faults.Effect{Drop: true}},
		{"another OCS", []scenario.Fault{{Do: scenario.Drop, OCS: 202}}, faults.Effect{}},
		{"another request", []scenario.Fault{{Do: scenario.Drop, Request: commdn.ReqCancelRecord}}, faults.Effect{}},
		{"another phone", []scenario.Fault{{Do: scenario.Drop, Phone: "5552"}}, faults.Effect{}},
		{"another campaign", []scenario.Fault{{Do: scenario.Drop, Campaign: 1002}}, faults.Effect{}},
		{"one thing of two fits", []scenario.Fault{{Do: scenario.Drop, OCS: 201, Phone: "5552"}}, faults.Effect{}},
		{"of T-Server", []scenario.Fault{{Do: scenario.Close}}, faults.Effect{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := faults.New(1)
			for _, f := range test.faults {
				s.Add(f)
			}
			for n := range 2 { // without Times they do not end
				if got := s.Request(request); got != test.want {
					t.Errorf("request %d: %+v, want %+v", n, got, test.want)
				}
			}
		})
	}
}

func TestJitter(t *testing.T) {
	const latency, jitter = 100 * time.Millisecond, 50 * time.Millisecond
	delays := func(seed uint64) (all []time.Duration) {
		s := faults.New(seed)
		s.Add(scenario.Fault{Do: scenario.Delay, Latency: latency, Jitter: jitter})
		for range 1000 {
			all = append(all, s.Request(request).Delay)
		}
		return all
	}
	one := delays(1)
	shortest, longest := one[0], one[0]
	for _, d := range one {
		shortest, longest = min(shortest, d), max(longest, d)
	}
	if shortest < latency || shortest > latency+jitter/10 || longest > latency+jitter || longest < latency+jitter*9/10 {
		t.Errorf("delays from %s to %s", shortest, longest)
	}
	if !reflect.DeepEqual(one, delays(1)) {
		t.Error("the same seed gives other delays")
	}
	if reflect.DeepEqual(one, delays(2)) {
		t.Error("another seed gives the same delays")
	}
}

func TestPercent(t *testing.T) {
	const requests = 10_000
	for percent, bounds := range map[int][2]int{0: {requests, requests}, 1: {50, 200}, 30: {2700, 3300}, 100: {requests, requests}} {
		s := faults.New(1)
		s.Add(scenario.Fault{Do: scenario.Drop, Percent: percent})
		dropped := 0
		for range requests {
			if s.Request(request).Drop {
				dropped++
			}
		}
		if dropped < bounds[0] || dropped > bounds[1] {
			t.Errorf("%d percent: %d of %d", percent, dropped, requests)
		}
		if all := s.All(); all[0].Happened != dropped {
			t.Errorf("%d percent: happened %d times, counted as %d", percent, dropped, all[0].Happened)
		}
	}
}

// A fault is gone when it has happened Times times; requests that it does not
// mean do not count.
func TestTimes(t *testing.T) {
	s := faults.New(1)
	s.Add(scenario.Fault{Do: scenario.Drop, Phone: "5551", Times: 2})
	other := request
	other.Phone = "5552"
	for n, test := range []struct {
		request faults.Request
		drop    bool
		left    int
	}{{request, true, 1}, {other, false, 1}, {request, true, 0}, {request, false, 0}} {
		if got := s.Request(test.request); got.Drop != test.drop {
			t.Errorf("request %d: %+v", n, got)
		}
		if all := s.All(); len(all) != test.left {
			t.Errorf("after request %d: %+v", n, all)
		}
	}
}

// due runs through UserEvents and notes for each what happened with it.
func due(s *faults.Set, events int) (all [][]scenario.Do) {
	for range events {
		var now []scenario.Do
		for _, f := range s.UserEvent() {
			now = append(now, f.Do)
		}
		all = append(all, now)
	}
	return all
}

func TestUserEvents(t *testing.T) {
	const c, g = scenario.Close, scenario.Garbage
	for _, test := range []struct {
		name   string
		faults []scenario.Fault
		want   [][]scenario.Do // with each UserEvent
	}{
		{"none", nil, [][]scenario.Do{nil, nil}},
		{"with the next", []scenario.Fault{{Do: c}}, [][]scenario.Do{{c}, nil}},
		{"with the third", []scenario.Fault{{Do: c, After: 3}}, [][]scenario.Do{nil, nil, {c}, nil, nil, nil}},
		{"every second, three times", []scenario.Fault{{Do: c, After: 2, Times: 3}},
			[][]scenario.Do{nil, {c}, nil, {c}, nil, {c}, nil, nil}},
		{"two at once, oldest first", []scenario.Fault{{Do: g, After: 2}, {Do: c, After: 2}, {Do: g, After: 3}},
			[][]scenario.Do{nil, {g, c}, {g}, nil}},
		{"of OCS", []scenario.Fault{{Do: scenario.Silence}}, [][]scenario.Do{nil, nil}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := faults.New(1)
			for _, f := range test.faults {
				s.Add(f)
			}
			if got := due(s, len(test.want)); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// It counts from when it was set, and what is handed out is as it was set.
func TestUserEventsCountFromAdd(t *testing.T) {
	s := faults.New(1)
	first := s.Add(scenario.Fault{Do: scenario.Garbage, After: 100})
	due(s, 5)
	set := scenario.Fault{Do: scenario.Stall, Application: "commdn", After: 2, For: time.Second}
	s.Add(set)
	due(s, 1)
	if got := s.UserEvent(); !reflect.DeepEqual(got, []scenario.Fault{set}) {
		t.Errorf("got %+v, want %+v", got, set)
	}
	if all := s.All(); len(all) != 1 || all[0].ID != first || all[0].Happened != 0 {
		t.Errorf("left %+v", all)
	}
}

func TestRemoveAndClear(t *testing.T) {
	s := faults.New(1)
	if all := s.All(); all == nil || len(all) != 0 {
		t.Errorf("new: %#v", all)
	}
	for want := 1; want <= 3; want++ {
		if id := s.Add([]scenario.Fault{{Do: scenario.Close, After: 2}, {Do: scenario.Drop}, {Do: scenario.Silence}}[want-1]); id != want {
			t.Errorf("ID %d, want %d", id, want)
		}
	}
	ids := func() (ids []int) {
		for _, f := range s.All() {
			ids = append(ids, f.ID)
		}
		return ids
	}
	if got := ids(); !reflect.DeepEqual(got, []int{1, 2, 3}) {
		t.Errorf("IDs %v", got)
	}
	due(s, 1)
	if !s.Remove(1) || s.Remove(1) || s.Remove(7) {
		t.Error("Remove says the wrong thing")
	}
	if got := due(s, 3); !reflect.DeepEqual(got, make([][]scenario.Do, 3)) {
		t.Errorf("a fault that was removed happens: %v", got)
	}
	if got, want := s.Request(request), (faults.Effect{Drop: true, Silence: true}); got != want {
		t.Errorf("left: %+v, want %+v", got, want)
	}
	s.Add(scenario.Fault{Do: scenario.Close})
	s.Clear()
	if got := due(s, 1); got[0] != nil {
		t.Errorf("after Clear: %v", got)
	}
	if got := s.Request(request); got != (faults.Effect{}) || len(ids()) != 0 {
		t.Errorf("after Clear: %+v, %v", got, ids())
	}
	if id := s.Add(scenario.Fault{Do: scenario.Close}); id != 5 {
		t.Errorf("an ID is used again: %d", id)
	}
	if got := due(s, 1); !reflect.DeepEqual(got, [][]scenario.Do{{scenario.Close}}) {
		t.Errorf("after Clear and Add: %v", got)
	}
}

// A fault that is to happen so often happens so often, whoever asks.
func TestConcurrently(t *testing.T) {
	const times, askers, each = 500, 8, 100
	s := faults.New(1)
	s.Add(scenario.Fault{Do: scenario.Drop, Times: times})
	s.Add(scenario.Fault{Do: scenario.Close, Times: times})
	var mu sync.Mutex
	drops, closes := 0, 0
	var wg sync.WaitGroup
	for range askers {
		wg.Go(func() {
			for range each {
				dropped, due := s.Request(request).Drop, s.UserEvent()
				id := s.Add(scenario.Fault{Do: scenario.Refuse, Phone: "nobody's"})
				s.All()
				s.Remove(id)
				mu.Lock()
				if dropped {
					drops++
				}
				closes += len(due)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if drops != times || closes != times || len(s.All()) != 0 {
		t.Errorf("%d drops, %d closes, left %+v", drops, closes, s.All())
	}
}
