package session

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/frame"
)

func kinds(changes []Change) []Kind {
	var all []Kind
	for _, c := range changes {
		all = append(all, c.Kind)
	}
	return all
}

func TestStatusIsTheClients(t *testing.T) {
	s, f, _ := start(t, client.Status{})
	if got := s.Status().State; got != client.Connecting {
		t.Fatalf("begins as %v", got)
	}
	h, stop := listen(s)
	defer stop()
	f.set(up)
	if got := s.Status(); got.State != client.Connected || !got.Link.Up {
		t.Errorf("is %+v", got)
	}
	if got := kinds(h.take()); !slices.Contains(got, StatusChanged) {
		t.Errorf("told %v", got)
	}
}

// early is a client whose status changes while its watch begins.
type early struct{ *fake }

func (e early) Watch(w func(client.Status)) func() {
	stop := e.fake.Watch(w)
	e.set(up)
	return stop
}

func TestStatusThatComesWhileNewRuns(t *testing.T) {
	f := &fake{directories: make(chan frame.Directory)}
	s := New(early{f}, time.Now)
	defer s.Close()
	if !s.Fresh() || s.Status().State != client.Connected {
		t.Errorf("missed: %+v", s.Status())
	}
}

func TestMay(t *testing.T) {
	for _, c := range []struct {
		name string
		who  frame.Identity
		want bool
	}{
		{"nobody is asked", frame.Identity{}, true},
		{"has the role", frame.Identity{Name: "Ann", Roles: []string{"agent", "supervisor"}}, true},
		{"has another role", frame.Identity{Name: "Ann", Roles: []string{"agent"}}, false},
		{"has none", frame.Identity{Name: "Ann"}, false},
		{"has a role and no name", frame.Identity{Roles: []string{"agent"}}, false},
	} {
		status := up
		status.Identity = c.who
		s, _, _ := start(t, status)
		if got := s.May(frame.RoleSupervisor); got != c.want {
			t.Errorf("%s: may %v, want %v", c.name, got, c.want)
		}
	}
}

// TestOneOrderForAll: with changes from many goroutines every watch gets the same order,
// one at a time.
func TestOneOrderForAll(t *testing.T) {
	const senders, each = 8, 50
	s, f, _ := start(t, up)
	first, stopFirst := listen(s)
	defer stopFirst()
	second, stopSecond := listen(s)
	defer stopSecond()
	var inside atomic.Int32
	defer s.Watch(func(Change) {
		if inside.Add(1) != 1 {
			t.Error("two changes at once")
		}
		inside.Add(-1)
	})()
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for range each {
				s.Send(number("5551234567"))
				(<-f.asked).end(nil)
			}
		})
	}
	all.Wait()
	want := 2 * senders * each
	var a, b []Change
	await(t, "all changes", func() bool {
		a, b = append(a, first.take()...), append(b, second.take()...)
		return len(a) >= want && len(b) >= want
	})
	last := map[int]Outcome{}
	for i := range a {
		x, y := a[i].Entry, b[i].Entry
		if x.ID != y.ID || x.Outcome != y.Outcome {
			t.Fatalf("change %d is %d %s for one and %d %s for the other", i, x.ID, x.Outcome, y.ID, y.Outcome)
		}
		if was, known := last[x.ID]; known && was != Sending || !known && x.Outcome != Sending {
			t.Fatalf("request %d goes from %q to %q", x.ID, was, x.Outcome)
		}
		last[x.ID] = x.Outcome
	}
	if len(last) != senders*each {
		t.Errorf("%d requests", len(last))
	}
}

// TestChangesFromWithinAWatch: changes from within a watch follow the one in delivery,
// also for watches that have not got that one yet.
func TestChangesFromWithinAWatch(t *testing.T) {
	s, f, _ := start(t, up)
	var once sync.Once
	defer s.Watch(func(c Change) {
		once.Do(func() { f.set(client.Status{State: client.Disconnected}) })
	})()
	h, stop := listen(s)
	defer stop()
	s.Send(number("1"))
	got := h.take()
	if len(got) < 2 || got[0].Kind != EntryChanged || got[0].Entry.Outcome != Sending {
		t.Fatalf("heard %+v", got)
	}
	if last := got[len(got)-1]; last.Kind != StatusChanged {
		t.Errorf("heard %v", kinds(got))
	}
	(<-f.asked).end(nil)
}

// TestWatchBeginsNow: a watch that begins within another one gets nothing from before its
// begin.
func TestWatchBeginsNow(t *testing.T) {
	s, f, _ := start(t, up)
	h := &heard{}
	var once sync.Once
	defer s.Watch(func(c Change) {
		once.Do(func() {
			f.set(client.Status{State: client.Disconnected}) // goes into the queue
			s.Watch(func(c Change) { h.changes = append(h.changes, c) })
			f.set(up)
		})
	})()
	s.Send(number("1"))
	for _, c := range h.changes {
		if c.Kind == EntryChanged && c.Entry.Outcome != Sending {
			t.Errorf("told of what was before: %+v", c)
		}
	}
	if !slices.Contains(kinds(h.changes), StatusChanged) {
		t.Errorf("told %v", kinds(h.changes))
	}
	(<-f.asked).end(nil)
}

func TestWatchesEnd(t *testing.T) {
	s, f, _ := start(t, up)
	h, stop := listen(s)
	for range 1000 {
		_, stop := listen(s)
		stop()
		stop() // a second call changes nothing
	}
	if len(s.watches) != 1 {
		t.Errorf("%d watches are left", len(s.watches))
	}
	f.set(client.Status{State: client.Disconnected})
	if len(h.take()) == 0 {
		t.Error("the one that is left hears nothing")
	}
	stop()
	f.set(up)
	if got := h.take(); len(got) != 0 {
		t.Errorf("after its end it hears %v", kinds(got))
	}
	if len(s.changes) != 0 {
		t.Errorf("%d changes are kept for nobody", len(s.changes))
	}
}

func TestClose(t *testing.T) {
	s, f, _ := start(t, up)
	h, stop := listen(s)
	unwatch := s.WatchCampaigns()
	s.Send(number("1"))
	await(t, "the directory to be asked for", func() bool { return f.asking.Load() == 1 })
	h.take()
	s.Close()
	s.Close()
	await(t, "nobody to ask for the directory", func() bool { return f.asking.Load() == 0 })
	if _, ended := f.count(); ended != watches || f.watch != nil {
		t.Errorf("the client is watched still: %d", ended)
	}
	unwatch()
	stop()
	(<-f.asked).end(nil)
	await(t, "the request under way to end", func() bool { e := s.Entries()[0]; return e.Outcome == Done })
	if got := h.take(); len(got) != 0 {
		t.Errorf("told %v after Close", kinds(got))
	}
	if begun, ended := f.count(); begun != watches || ended != watches {
		t.Errorf("campaigns: %d watches, %d ended", begun, ended)
	}
	s.WatchCampaigns()()
	s.Watch(func(Change) { t.Error("a closed Session tells something") })
	f.set(client.Status{})
	if begun, _ := f.count(); begun != watches {
		t.Error("a closed Session watches campaigns")
	}
}
