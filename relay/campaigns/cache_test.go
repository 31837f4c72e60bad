package campaigns

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

func event(kind commdn.MessageType, campaign commdn.DBID, status commdn.GroupStatus) *commdn.CampaignEvent {
	return &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 201, Target: 101}, Event: kind,
		CampaignGroup: commdn.CampaignGroup{Campaign: campaign, Group: 501}, HasStatus: true, Status: status,
		Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
	}
}

// decoded reads a notification from all of its frames.
func decoded(t *testing.T, m frame.Message) *commdn.CampaignEvent {
	t.Helper()
	var r frame.Reader
	for _, part := range m.Parts {
		if f, err := r.Read(part); err != nil || f.Kind != frame.KindPart {
			t.Fatalf("a part is %v, %v", f.Kind, err)
		}
	}
	f, err := r.Read(m.Frame)
	if err != nil || f.Kind != frame.KindNotification {
		t.Fatalf("%v %v", f.Kind, err)
	}
	e, err := commdn.Decode(f.Body)
	if err != nil {
		t.Fatal(err)
	}
	return e.(*commdn.CampaignEvent)
}

// The last value of a campaign group is a status, whatever kind of event told
// it; the news itself goes out as it came.
func TestLastValue(t *testing.T) {
	c := New()
	var last *Update
	for n, e := range []*commdn.CampaignEvent{
		event(commdn.EvCampaignStatus, 1, commdn.StatusActive), event(commdn.EvDialingStarted, 1, commdn.StatusRunning),
	} {
		u, err := c.Note("a", e)
		if err != nil {
			t.Fatal(err)
		}
		if u.Seq != uint64(n+1) || u.Status != (e.Event == commdn.EvCampaignStatus) || decoded(t, u.Notification).Event != e.Event {
			t.Errorf("update %+v", u)
		}
		last = u
	}
	if got := decoded(t, last.Current); got.Event != commdn.EvCampaignStatus || got.Status != commdn.StatusRunning {
		t.Errorf("the last value is %+v", got)
	}
	key := Key{"a", 201, commdn.CampaignGroup{Campaign: 1, Group: 501}}
	if got := c.Find(key, time.Hour); got != last {
		t.Errorf("found %+v", got)
	}
	if got := c.Find(key, 0); got != nil {
		t.Error("an old one was found")
	}
	if got := c.Find(Key{"b", 201, key.CampaignGroup}, time.Hour); got != nil {
		t.Error("that of another link was found")
	}
}

// An event without a status says the state by its type; where it tells none,
// what was known is forgotten.
func TestNewsWithoutStatus(t *testing.T) {
	c := New()
	e := event(commdn.EvDialingStarted, 1, 0)
	e.HasStatus = false
	u, err := c.Note("a", e)
	if err != nil || c.Len() != 1 || decoded(t, u.Notification).HasStatus {
		t.Fatalf("%+v %v, %d known", u, err, c.Len())
	}
	if got := decoded(t, u.Current); got.Status != commdn.StatusRunning || !got.HasStatus {
		t.Errorf("the last value is %+v", got)
	}
	e = event(commdn.EvCampaignStatus, 1, 0)
	e.HasStatus = false
	if u, err = c.Note("a", e); err != nil || u.Seq != 2 || u.Current.Frame != nil || c.Len() != 0 {
		t.Errorf("%+v %v, %d known", u, err, c.Len())
	}
}

// A snapshot holds everything up to its number. What a lost link told is
// forgotten, with a number of its own, and the history says from when on.
func TestSnapshot(t *testing.T) {
	c := New()
	for link, campaign := range map[string]commdn.DBID{"a": 1, "b": 2} {
		if _, err := c.Note(link, event(commdn.EvCampaignStatus, campaign, commdn.StatusActive)); err != nil {
			t.Fatal(err)
		}
	}
	s := c.Snapshot(true)
	if s.Seq != 2 || len(s.Last) != 2 || len(s.Past) != 2 {
		t.Errorf("%+v", s)
	}
	if s := c.Snapshot(false); s.Past != nil {
		t.Errorf("a history that nobody asked for: %+v", s)
	}
	since := time.Now().Unix() + 5
	past, seq := c.Lost("a", since)
	if seq != 3 || len(past) != 1 || past[0].Key.Campaign != 1 || past[0].Changes[0] != (frame.Change{Status: frame.StatusUnknown, Since: since}) {
		t.Errorf("lost %+v as %d", past, seq)
	}
	after := c.Snapshot(true)
	if after.Seq != 3 || len(after.Last) != 1 || after.Last[0].Link != "b" || len(after.Past) != 2 {
		t.Errorf("%+v", after)
	}
	if again, _ := c.Lost("a", since); again != nil {
		t.Errorf("lost once more: %+v", again)
	}
}

// An event that is too long for one frame is told in several and stays known to
// those who begin to watch. It answers no question, as no frame of an answer
// holds it.
func TestLongStatus(t *testing.T) {
	of := func(bytes int) *commdn.CampaignEvent {
		e := event(commdn.EvCampaignStatus, 1, commdn.StatusRunning)
		e.Sequence = &commdn.Sequence{Items: make([]commdn.SequenceItem, 20)}
		m, err := notification(e)
		if err != nil {
			t.Fatal(err)
		}
		e.Sequence.Description = strings.Repeat("x", bytes-(len(m.Frame)-frame.HeaderLen))
		return e
	}
	for _, test := range []struct {
		bytes, parts int
		found        bool
	}{
		{15_000, 0, true},
		{frame.MaxData, 0, true},
		{frame.MaxData + 1, 0, false},
		{16_000, 0, false},
		{16_001, 1, false},
	} {
		c := New()
		e := of(test.bytes)
		u, err := c.Note("a", e)
		if err != nil {
			t.Fatal(err)
		}
		if len(u.Notification.Parts) != test.parts || !reflect.DeepEqual(decoded(t, u.Current), e) {
			t.Errorf("%d bytes: %d parts", test.bytes, len(u.Notification.Parts))
		}
		if got := c.Find(u.Key(), time.Hour); (got == u) != test.found || (u.Data() != nil) != test.found {
			t.Errorf("%d bytes: found %v, %d bytes of data", test.bytes, got != nil, len(u.Data()))
		}
		if s := c.Snapshot(false); len(s.Last) != 1 || s.Last[0] != u {
			t.Errorf("%d bytes: a snapshot has %d", test.bytes, len(s.Last))
		}
	}
}
