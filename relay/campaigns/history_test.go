package campaigns

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// clocked is a history with a clock of the test's own.
func clocked() (h *history, now *time.Time) {
	made, at := newHistory(), time.Unix(1_700_000_000, 0)
	h = &made
	h.now = func() time.Time { return at }
	return h, &at
}

func keyOf(link string, campaign commdn.DBID) Key {
	return Key{link, 201, commdn.CampaignGroup{Campaign: campaign, Group: 501}}
}

// of gives what is remembered of one campaign group, as "STATUS after SECONDS".
func (h *history) of(k Key, began time.Time) (all []string) {
	for _, p := range h.all() {
		if p.Key != k {
			continue
		}
		for _, c := range p.Changes {
			all = append(all, fmt.Sprintf("%d after %d", c.Status, c.Since-began.Unix()))
		}
	}
	return all
}

func TestHistoryChanges(t *testing.T) {
	h, now := clocked()
	began, s, other := *now, "a", "b"
	for _, step := range []struct {
		status commdn.GroupStatus
		after  time.Duration
	}{{commdn.StatusActive, 0}, {commdn.StatusActive, 5 * time.Second}, {commdn.StatusRunning, 10 * time.Second}, {commdn.StatusActive, -time.Minute}} {
		*now = began.Add(step.after)
		h.note(keyOf(s, 1), step.status, h.now())
	}
	h.note(keyOf(other, 1), commdn.StatusRunning, h.now())
	// The clock was set back: the order stays.
	if got, want := h.of(keyOf(s, 1), began), []string{"4 after 0", "5 after 10", "4 after 10"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	gone := h.lost(s, began.Unix()+20)
	if len(gone) != 1 || gone[0].Frame().CampaignGroup != (frame.CampaignGroup{Campaign: 1, Group: 501, OCS: 201}) ||
		!slices.Equal(gone[0].Changes, []frame.Change{{Status: frame.StatusUnknown, Since: began.Unix() + 20}}) {
		t.Errorf("lost %+v", gone)
	}
	if again := h.lost(s, began.Unix()+30); again != nil {
		t.Errorf("lost once more: %+v", again)
	}
	*now = began.Add(40 * time.Second)
	h.note(keyOf(s, 1), commdn.StatusActive, h.now())
	if got, want := h.of(keyOf(s, 1), began), []string{"4 after 0", "5 after 10", "4 after 10", "-1 after 20", "4 after 40"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := h.of(keyOf(other, 1), began), []string{"5 after -60"}; !slices.Equal(got, want) {
		t.Errorf("the other link: %q, want %q", got, want)
	}
}

// The last 64 changes of the last 12 hours are kept, with the one that held when
// these began.
func TestHistoryForgets(t *testing.T) {
	h, now := clocked()
	began, s := *now, "a"
	for i := range 200 {
		*now = began.Add(time.Duration(i) * time.Minute)
		h.note(keyOf(s, 1), commdn.GroupStatus(i%2), h.now())
	}
	got := h.of(keyOf(s, 1), began)
	if len(got) != frame.MaxChanges || got[0] != "0 after 8160" || got[63] != "1 after 11940" {
		t.Errorf("%d changes: %q", len(got), got)
	}
	*now = began.Add(199*time.Minute + historySpan - 30*time.Second) // they begin 30 s before the last change
	if got, want := h.of(keyOf(s, 1), began), []string{"0 after 11880", "1 after 11940"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	*now = now.Add(30 * time.Second)
	if got, want := h.of(keyOf(s, 1), began), []string{"1 after 11940"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	*now = now.Add(100 * historySpan) // it holds still
	if got, want := h.of(keyOf(s, 1), began), []string{"1 after 11940"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	h.lost(s, now.Unix())
	*now = now.Add(historySpan - time.Second)
	if got := h.of(keyOf(s, 1), began); len(got) != 2 {
		t.Errorf("%q", got)
	}
	*now = now.Add(time.Second)
	if got := h.of(keyOf(s, 1), began); got != nil || len(h.groups) != 0 {
		t.Errorf("of a link that has been gone for long: %q, %d groups", got, len(h.groups))
	}
}

// A campaign group of which nothing was known twelve hours ago, and something is
// known since, is not forgotten.
func TestKnownAgain(t *testing.T) {
	h, now := clocked()
	began := *now
	h.note(keyOf("a", 1), commdn.StatusActive, h.now())
	h.lost("a", began.Unix())
	*now = began.Add(historySpan - time.Hour)
	h.note(keyOf("a", 1), commdn.StatusRunning, h.now())
	*now = began.Add(historySpan + time.Minute)
	if got, want := h.of(keyOf("a", 1), began), []string{"-1 after 0", "5 after 39600"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// There are so many campaign groups and no more, until one may be forgotten.
func TestHistoryIsBounded(t *testing.T) {
	h, now := clocked()
	s, gone := "a", "b"
	h.note(keyOf(gone, 1), commdn.StatusActive, h.now())
	h.lost(gone, now.Unix())
	for i := range commdn.DBID(historyGroups + 10) {
		h.note(keyOf(s, i), commdn.StatusActive, h.now())
	}
	late := keyOf(s, historyGroups+5)
	if n := len(h.groups); n != historyGroups || h.groups[late] != nil {
		t.Errorf("%d groups", n)
	}
	h.note(keyOf(s, 0), commdn.StatusRunning, h.now()) // one that is known changes all the same
	if n := len(h.groups[keyOf(s, 0)]); n != 2 {
		t.Errorf("%d changes", n)
	}
	*now = now.Add(historySpan)
	h.note(late, commdn.StatusActive, h.now())
	if n := len(h.groups); n != historyGroups || h.groups[late] == nil || h.groups[keyOf(gone, 1)] != nil {
		t.Errorf("%d groups after the time", n)
	}
}

// BenchmarkHistory is what a page costs that opens: 500 campaign groups, each
// with as many changes as there can be, packed.
func BenchmarkHistory(b *testing.B) {
	h, s := newHistory(), "a"
	for round := range frame.MaxChanges {
		for n := range commdn.DBID(500) {
			h.note(keyOf(s, n), commdn.GroupStatus(round%2), h.now())
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		size := 0
		past := frame.History{}
		for _, p := range h.all() {
			past.Groups = append(past.Groups, p.Frame())
		}
		for _, body := range past.Bodies() {
			message, err := frame.Frame{Kind: frame.KindHistory, Body: body}.Append(nil)
			if err != nil {
				b.Fatal(err)
			}
			size += len(message)
		}
		b.ReportMetric(float64(size), "bytes")
	}
}
