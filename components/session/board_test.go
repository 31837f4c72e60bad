package session

import (
	"slices"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var (
	spring  = GroupKey{201, 12, 9}
	summer  = GroupKey{201, 13, 9}
	predict = commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}

	names = frame.Directory{
		Campaigns:      []frame.Named{{DBID: 12, Name: "Spring"}, {DBID: 13, Name: "Summer"}},
		Groups:         []frame.Named{{DBID: 9, Name: "Nord"}},
		CampaignGroups: []frame.CampaignGroup{{Campaign: 12, Group: 9}, {Campaign: 13, Group: 9, OCS: 201}},
	}
)

func event(key GroupKey, status commdn.GroupStatus) *commdn.CampaignEvent {
	return &commdn.CampaignEvent{
		Address: commdn.Address{Origin: key.OCS}, Event: commdn.EvCampaignStatus, Dialing: predict,
		CampaignGroup: commdn.CampaignGroup{Campaign: key.Campaign, Group: key.Group}, Status: status, HasStatus: true,
	}
}

func keys(s *Session) []GroupKey {
	var all []GroupKey
	for _, g := range s.Groups() {
		all = append(all, g.Key)
	}
	return all
}

// tell gives the Session a directory and waits until it is merged.
func tell(t *testing.T, s *Session, f *fake, d frame.Directory) {
	t.Helper()
	s.mu.Lock()
	read := s.board.read
	s.mu.Unlock()
	select {
	case f.directories <- d:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody asks for the directory")
	}
	await(t, "the directory to be merged", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.board.read > read
	})
}

// TestCampaignsAreWatchedOnce: all watches of a session share one watch of the client, as
// long as anybody needs it.
func TestCampaignsAreWatchedOnce(t *testing.T) {
	s, f, _ := start(t, up)
	check := func(begun, ended int) {
		t.Helper()
		if b, e := f.count(); b != watches*begun || e != watches*ended {
			t.Errorf("%d watches, %d ended; want %d and %d times %d", b, e, begun, ended, watches)
		}
	}
	check(0, 0)
	first, second := s.WatchCampaigns(), s.WatchCampaigns()
	check(1, 0)
	first()
	first()
	check(1, 0)
	second()
	check(1, 1)
	third := s.WatchCampaigns()
	check(2, 1)
	third()
	check(2, 2)
}

func TestDirectoryAndEventsMeet(t *testing.T) {
	s, f, _ := start(t, up)
	defer s.WatchCampaigns()()
	f.campaigns(event(GroupKey{202, 44, 8}, commdn.StatusRunning)) // not in the directory
	tell(t, s, f, names)
	open := GroupKey{0, 12, 9}
	if got := keys(s); !slices.Equal(got, []GroupKey{open, summer, {202, 44, 8}}) {
		t.Fatalf("rows %v", got)
	}
	if g, ok := s.Group(open); !ok || g.CampaignName != "Spring" || g.GroupName != "Nord" || g.Known || !g.Since().IsZero() {
		t.Errorf("from the directory: %+v", g)
	}
	h, stop := listen(s)
	defer stop()
	f.campaigns(event(spring, commdn.StatusActive)) // OCS takes over the row
	if got := keys(s); !slices.Equal(got, []GroupKey{spring, summer, {202, 44, 8}}) {
		t.Fatalf("rows %v", got)
	}
	g, _ := s.Group(spring)
	if g.CampaignName != "Spring" || !g.Known || g.Status != commdn.StatusActive || g.Dialing != predict || !g.Since().Equal(noon) {
		t.Errorf("after its first event: %+v", g)
	}
	if got := kinds(h.take()); !slices.Contains(got, CampaignsChanged) || !slices.Contains(got, CampaignChanged) {
		t.Errorf("told %v", got)
	}
	f.campaigns(event(spring, commdn.StatusRunning))
	if got := h.take(); len(got) != 1 || got[0].Kind != CampaignChanged || got[0].Group != spring {
		t.Errorf("told %+v", got)
	}
	if s.CampaignName(13) != "Summer" || s.GroupName(9) != "Nord" || s.CampaignName(99) != "" || len(s.Directory().Campaigns) != 2 {
		t.Error("names are lost")
	}
}

// TestAnotherDirectory: the next connection's directory lists the same again, or less.
func TestAnotherDirectory(t *testing.T) {
	s, f, _ := start(t, up)
	defer s.WatchCampaigns()()
	tell(t, s, f, names)
	f.campaigns(event(spring, commdn.StatusActive))
	f.campaigns(event(GroupKey{202, 12, 9}, commdn.StatusInActive)) // the backup OCS of the same group
	f.campaigns(event(GroupKey{202, 44, 8}, commdn.StatusRunning))
	f.told()
	tell(t, s, f, names)
	want := []GroupKey{spring, {202, 12, 9}, summer, {202, 44, 8}}
	if got := keys(s); !slices.Equal(got, want) {
		t.Fatalf("rows %v, want %v", got, want)
	}
	renamed := names
	renamed.Campaigns = []frame.Named{{DBID: 12, Name: "Spring 2"}}
	renamed.CampaignGroups = names.CampaignGroups[:1]
	f.told()
	tell(t, s, f, renamed)
	if got := keys(s); !slices.Equal(got, []GroupKey{spring, {202, 12, 9}, {202, 44, 8}}) {
		t.Errorf("rows %v after a right was taken away", got)
	}
	if g, _ := s.Group(spring); g.CampaignName != "Spring 2" || g.Status != commdn.StatusActive {
		t.Errorf("renamed: %+v", g)
	}
	f.told()
	tell(t, s, f, frame.Directory{})
	if got := keys(s); !slices.Equal(got, []GroupKey{{202, 44, 8}}) {
		t.Errorf("rows %v, of which the directory never listed but one", got)
	}
}

// TestDirectoryIsAskedForWhenItMayBeAnother: the session asks for the directory only if
// needed, and again if something changes during the request.
func TestDirectoryIsAskedForWhenItMayBeAnother(t *testing.T) {
	s, f, _ := start(t, up)
	stop := s.WatchCampaigns()
	for range 5 {
		f.told()
	}
	tell(t, s, f, frame.Directory{})
	tell(t, s, f, names) // for all five
	if len(s.Groups()) != 2 {
		t.Errorf("rows %v", keys(s))
	}
	f.set(client.Status{State: client.Disconnected})
	stop()
	f.set(up)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.board.reading {
		t.Error("asks for a directory that nobody wants")
	}
}

func TestSpans(t *testing.T) {
	s, f, clock := start(t, up)
	stop := s.WatchCampaigns()
	past := func(want ...commdn.GroupStatus) {
		t.Helper()
		g, _ := s.Group(spring)
		var got []commdn.GroupStatus
		for i, span := range g.Past {
			got = append(got, span.Status)
			if i > 0 && !span.From.After(g.Past[i-1].From) {
				t.Errorf("span %d is from %v", i, span.From)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("spans %v, want %v", got, want)
		}
	}
	say := func(status commdn.GroupStatus) { clock.advance(time.Minute); f.campaigns(event(spring, status)) }
	say(commdn.StatusActive)
	say(commdn.StatusRunning)
	before, _ := s.Group(spring)
	say(commdn.StatusRunning)
	past(commdn.StatusActive, commdn.StatusRunning)
	if g, _ := s.Group(spring); !g.Since().Equal(noon.Add(2 * time.Minute)) {
		t.Errorf("running since %v", g.Since())
	}
	bare := event(spring, 0)
	bare.HasStatus, bare.Event, bare.Dialing = false, commdn.EvDialingStopped, commdn.Dialing{}
	clock.advance(time.Minute)
	f.campaigns(bare) // its type says the state; what it does not say stays
	if g, _ := s.Group(spring); !g.Known || g.Status != commdn.StatusActive || g.Dialing != predict {
		t.Errorf("after a stop: %+v", g)
	}
	bare.Event = commdn.EvCampaignStatus
	clock.advance(time.Minute)
	f.campaigns(bare) // OCS knows something new, and does not say what
	if g, _ := s.Group(spring); g.Known || g.Dialing != predict {
		t.Errorf("after a status without a state: %+v", g)
	}
	past(commdn.StatusActive, commdn.StatusRunning, commdn.StatusActive, Unknown)
	say(commdn.StatusRunning)
	before, _ = s.Group(spring)
	run := []commdn.GroupStatus{commdn.StatusActive, commdn.StatusRunning, commdn.StatusActive, Unknown, commdn.StatusRunning}
	past(run...)

	clock.advance(time.Minute)
	f.set(client.Status{State: client.Connected}) // the link is down
	if s.Fresh() {
		t.Error("fresh without a link")
	}
	past(append(run, Unknown)...)
	if g, _ := s.Group(spring); !g.Since().IsZero() || g.Status != commdn.StatusRunning {
		t.Errorf("while nobody knows: %+v, since %v", g, g.Since())
	}
	f.set(client.Status{State: client.Disconnected})
	past(append(run, Unknown)...)
	f.set(up)
	if !s.Fresh() {
		t.Error("not fresh")
	}
	say(commdn.StatusRunning)
	past(append(run, Unknown, commdn.StatusRunning)...)

	clock.advance(time.Minute)
	stop() // nobody follows it
	past(append(run, Unknown, commdn.StatusRunning, Unknown)...)
	defer s.WatchCampaigns()()
	for i := range 3 * maxSpans {
		say(commdn.StatusActive + commdn.GroupStatus(i%2))
	}
	g, _ := s.Group(spring)
	if len(g.Past) != maxSpans || g.Past[maxSpans-1].Status != g.Status {
		t.Errorf("%d spans are kept", len(g.Past))
	}
	if len(before.Past) != len(run) || before.Past[1].Status != commdn.StatusRunning {
		t.Errorf("a snapshot changed: %v", before.Past)
	}
}

func TestSequences(t *testing.T) {
	s, f, _ := start(t, up)
	defer s.WatchCampaigns()()
	h, stop := listen(s)
	defer stop()
	key := GroupKey{201, 0, 9}
	if s.Sequence(key) != nil {
		t.Error("knows a sequence of nowhere")
	}
	e := event(key, commdn.StatusActive)
	e.Sequence = &commdn.Sequence{}
	f.campaigns(e)
	if got := h.take(); len(got) != 1 || got[0].Kind != SequenceChanged || got[0].Group != key {
		t.Errorf("told %+v", got)
	}
	if s.Sequence(spring) != e || s.Sequence(key) != e || len(s.Groups()) != 0 {
		t.Error("the sequence of the group is not found")
	}
}

// TestRowsShowTheirLastRequest: rows show their last request, even if its OCS was
// unknown.
func TestRowsShowTheirLastRequest(t *testing.T) {
	s, f, _ := start(t, up)
	defer s.WatchCampaigns()()
	tell(t, s, f, names)
	about := func(key GroupKey) commdn.Request {
		return &commdn.GetCampaignStatus{
			Address: commdn.Address{Target: key.OCS}, CampaignGroup: commdn.CampaignGroup{Campaign: key.Campaign, Group: key.Group},
		}
	}
	open := GroupKey{0, 12, 9}
	h, stop := listen(s)
	defer stop()
	s.Send(about(spring))
	first := <-f.asked
	if g, _ := s.Group(open); !g.Busy() || g.Last.ID != 1 {
		t.Fatalf("the row shows %+v", g.Last)
	}
	if got := h.take(); len(got) != 2 || got[1].Kind != CampaignChanged || got[1].Group != open {
		t.Errorf("told %+v", got)
	}
	f.set(client.Status{State: client.Disconnected})
	if g, _ := s.Group(open); g.Last.Outcome != Waiting {
		t.Errorf("while it waits the row shows %s", g.Last.Outcome)
	}
	f.set(up)
	f.campaigns(event(spring, commdn.StatusActive))
	s.Send(about(spring))
	second := <-f.asked
	second.end(nil)
	await(t, "the second one to end", func() bool { return s.Entries()[0].Outcome == Done })
	first.end(fault)
	await(t, "the first one to end", func() bool { return s.Entries()[1].Outcome == Refused })
	if g, _ := s.Group(spring); g.Busy() || g.Last.ID != 2 || g.Last.Outcome != Done {
		t.Errorf("the row shows %+v", g.Last)
	}
	if g, _ := s.Group(summer); g.Busy() || g.Last.ID != 0 {
		t.Errorf("another row shows %+v", g.Last)
	}
}

// OCS may leave out all that is not needed to know whom an event is about, and what it
// leaves out does not undo what it said before.
func TestEventsThatSayLittle(t *testing.T) {
	s, f, _ := start(t, up)
	defer s.WatchCampaigns()()
	of := func(typ commdn.MessageType) *commdn.CampaignEvent {
		return &commdn.CampaignEvent{Address: commdn.Address{Origin: 201}, Event: typ, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9}}
	}
	set := of(commdn.EvDialingModeChanged)
	set.Goal = 70
	preview := of(commdn.EvDialingModeChanged)
	preview.Mode = commdn.DialPreview
	for _, c := range []struct {
		name    string
		event   *commdn.CampaignEvent
		known   bool
		status  commdn.GroupStatus
		dialing commdn.Dialing
	}{
		{"loaded, and how is not said", of(commdn.EvCampaignLoaded), true, commdn.StatusActive, commdn.Dialing{}},
		{"everything", event(spring, commdn.StatusRunning), true, commdn.StatusRunning, predict},
		{"stopped", of(commdn.EvDialingStopped), true, commdn.StatusActive, predict},
		{"started", of(commdn.EvDialingStarted), true, commdn.StatusRunning, predict},
		{"another goal", set, true, commdn.StatusRunning, commdn.Dialing{Mode: predict.Mode, OptimizeBy: predict.OptimizeBy, Goal: 70}},
		{"another mode", preview, true, commdn.StatusRunning, commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: predict.OptimizeBy, Goal: 70}},
		{"a status without a status", of(commdn.EvCampaignStatus), false, commdn.StatusRunning, commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: predict.OptimizeBy, Goal: 70}},
		{"unknown to OCS", event(spring, -1), false, commdn.StatusRunning, predict},
		{"unloaded", of(commdn.EvCampaignUnloaded), true, commdn.StatusNotLoaded, predict},
	} {
		f.campaigns(c.event)
		g, ok := s.Group(spring)
		if !ok || g.Known != c.known || c.known && g.Status != c.status || g.Dialing != c.dialing {
			t.Errorf("%s: known %v, %v, %+v", c.name, g.Known, g.Status, g.Dialing)
		}
		if last := g.Past[len(g.Past)-1].Status; c.known && last != c.status || !c.known && last != Unknown {
			t.Errorf("%s: the history ends with %v", c.name, last)
		}
	}
}

// What holds a sequence is about that, even where OCS names the campaign that runs; what
// names nobody is about nothing.
func TestWhatEventsAreAbout(t *testing.T) {
	s, f, _ := start(t, up)
	defer s.WatchCampaigns()()
	e := event(spring, commdn.StatusRunning)
	e.Sequence = &commdn.Sequence{Items: []commdn.SequenceItem{{Campaign: 12}}}
	f.campaigns(e)
	if got := s.Sequence(GroupKey{201, 0, 9}); got == nil || got.Campaign != 0 || got.Status != commdn.StatusRunning || e.Campaign != 12 {
		t.Errorf("the sequence is %+v", got)
	}
	if _, ok := s.Group(spring); ok {
		t.Error("the item's campaign has a row")
	}
	nobody := event(GroupKey{201, 0, 8}, commdn.StatusRunning)
	nobody.NoCampaign = true
	f.campaigns(nobody)
	f.campaigns(event(GroupKey{201, 12, 0}, commdn.StatusRunning))
	if got := s.Sequence(GroupKey{201, 0, 8}); got != nil || len(s.Groups()) != 0 {
		t.Errorf("an event about nobody is kept: %+v, %+v", got, s.Groups())
	}
}

func TestAbout(t *testing.T) {
	to, of := commdn.Address{Target: 201}, commdn.CampaignGroup{Campaign: 12, Group: 9}
	for _, req := range []commdn.Request{
		&commdn.LoadCampaign{Address: to, CampaignGroup: of}, &commdn.UnloadCampaign{Address: to, CampaignGroup: of},
		&commdn.ForceUnloadCampaign{Address: to, CampaignGroup: of}, &commdn.StartDialing{Address: to, CampaignGroup: of},
		&commdn.StopDialing{Address: to, CampaignGroup: of}, &commdn.SetDialingMode{Address: to, CampaignGroup: of},
		&commdn.GetCampaignStatus{Address: to, CampaignGroup: of},
	} {
		if key, ok := About(req); !ok || key != spring {
			t.Errorf("%T is about %v %v", req, key, ok)
		}
	}
	for _, req := range []commdn.Request{number("1"), &commdn.CancelRecord{Phone: "1"}} {
		if key, ok := About(req); ok {
			t.Errorf("%T is about %v", req, key)
		}
	}
}

// TestHistory: the relay's history replaces what was known from its first change on, and
// makes new rows.
func TestHistory(t *testing.T) {
	s, f, clock := start(t, up)
	defer s.WatchCampaigns()()
	f.campaigns(event(spring, commdn.StatusActive))
	clock.advance(time.Hour)
	f.set(client.Status{State: client.Disconnected})
	clock.advance(time.Hour)
	f.set(up)
	f.history(frame.History{Groups: []frame.GroupHistory{
		{CampaignGroup: frame.CampaignGroup{OCS: spring.OCS, Campaign: spring.Campaign, Group: spring.Group}, Changes: []frame.Change{
			{Status: commdn.StatusRunning, Since: noon.Add(30 * time.Minute).Unix()},
			{Status: Unknown, Since: noon.Add(90 * time.Minute).Unix()},
			{Status: commdn.StatusRunning, Since: noon.Add(95 * time.Minute).Unix()},
		}},
		{CampaignGroup: frame.CampaignGroup{OCS: summer.OCS, Campaign: summer.Campaign, Group: summer.Group}, Changes: []frame.Change{{Status: commdn.StatusNotLoaded, Since: 1}}},
		{CampaignGroup: frame.CampaignGroup{OCS: spring.OCS, Group: spring.Group}, Changes: []frame.Change{{Status: commdn.StatusRunning, Since: 1}}}, // of a sequence
	}})
	f.campaigns(event(spring, commdn.StatusRunning)) // the snapshot that follows
	g, _ := s.Group(spring)
	want := []Span{
		{noon, commdn.StatusActive},
		{noon.Add(30 * time.Minute), commdn.StatusRunning},
		{noon.Add(90 * time.Minute), Unknown},
		{noon.Add(95 * time.Minute), commdn.StatusRunning},
	}
	if !slices.EqualFunc(g.Past, want, func(a, b Span) bool { return a.Status == b.Status && a.From.Equal(b.From) }) {
		t.Errorf("past %v, want %v", g.Past, want)
	}
	if !g.Since().Equal(want[3].From) {
		t.Errorf("running since %v", g.Since())
	}
	if got := keys(s); !slices.Equal(got, []GroupKey{spring, summer}) {
		t.Errorf("rows %v", got)
	}
}

// TestAutoCompletion: what OCS does when all records are done is part of its state.
func TestAutoCompletion(t *testing.T) {
	s, f, _ := start(t, up)
	defer s.WatchCampaigns()()
	for _, want := range []commdn.AutoCompletion{commdn.AutoCompletionOn, commdn.AutoCompletionOff, commdn.AutoCompletionUnset} {
		e := event(spring, commdn.StatusActive)
		e.AutoCompletion = want
		f.campaigns(e)
		if g, _ := s.Group(spring); g.AutoCompletion != want {
			t.Errorf("after %v it is %v", want, g.AutoCompletion)
		}
	}
}
