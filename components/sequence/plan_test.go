package sequence

import (
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/components/lang"
	"commdn/components/lang/langtest"
	"commdn/components/uitest"
	"commdn/protocol/commdn"
)

// TestProblems: typed text, and what the page says about it.
func TestProblems(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(*rig)
		want string // empty: nothing
	}{
		{"nothing", func(r *rig) {}, ""},
		{"no group", func(r *rig) { r.Remove("group") }, "Group: Choose one"},
		{"description", func(r *rig) { r.typed(-1, description, strings.Repeat("😀", 64)) }, "Description: Too long: at most 255 bytes, this has 256"},
		{"control character", func(r *rig) { r.typed(-1, description, "a\x00") }, "Description: Control characters are not possible"},
		{"start", func(r *rig) { r.typed(-1, start, "20026-01-01T00:00") }, "Start: Give a time up to the year 2105"},
		{"start too late", func(r *rig) { r.typed(-1, start, "2026-03-04T15:00") }, "1. Autumn: Stop at: Give a time after 2026-03-04 15:00, before which it cannot begin"},
		{"start at once", func(r *rig) { r.do(func() { r.c.handleButton(now, once) }) }, ""},
		{"no campaign", func(r *rig) { r.typed(1, campaign, "") }, "2. no campaign yet: Campaign: Choose one"},
		{"campaign of another group", func(r *rig) { r.typed(0, campaign, "15") }, "1. Elsewhere: Campaign: This campaign is not set up for the group. Choose another one."},
		{"same campaign twice", func(r *rig) { r.typed(1, campaign, "12") }, ""},
		{"mode", func(r *rig) { r.typed(0, mode, "7") }, "1. Autumn: Dialing mode: Choose one"},
		{"method", func(r *rig) { r.typed(0, method, "") }, "1. Autumn: Optimize by: Choose one"},
		{"goal", func(r *rig) { r.typed(0, goal, "") }, "1. Autumn: Goal: Give a whole number from 0 to 100"},
		{"percent", func(r *rig) { r.typed(0, goal, "101") }, "1. Autumn: Goal: Give a whole number from 0 to 100"},
		{"seconds", func(r *rig) { r.typed(1, goal, "101") }, ""},
		{"percent of seconds", func(r *rig) { r.typed(1, goal, "101"); r.typed(1, method, "1") }, "2. Spring: Goal: Give a whole number from 0 to 100"},
		{"goal 0", func(r *rig) { r.typed(0, goal, " 0 ") }, ""},
		{"stop before start", func(r *rig) { r.typed(0, stopTime, "2026-03-04T12:59") }, "1. Autumn: Stop at: Give a time after 2026-03-04 13:00, before which it cannot begin"},
		{"stop within the wait", func(r *rig) { r.typed(1, stopTime, "2026-03-04T15:30") }, "2. Spring: Stop at: Give a time after 2026-03-04 15:30, before which it cannot begin"},
		{"stop in order", func(r *rig) { r.typed(1, stopTime, "2026-03-04T15:31") }, ""},
		{"stop is over", func(r *rig) { r.SetNow(at(15, 0)) }, "1. Autumn: Stop at: Give a time after 2026-03-04 15:00, before which it cannot begin"},
		{"stop is over at OCS", func(r *rig) { r.tell(plan(r.t), running, active, running); r.SetNow(at(15, 0)) }, ""},
		{"contacts", func(r *rig) { r.typed(0, contacts, "-1") }, "1. Autumn: Stop after contacts: Give a whole number from 0 to 2147483647"},
		{"dials", func(r *rig) { r.typed(0, dials, "2147483648") }, "1. Autumn: Stop after dials: Give a whole number from 0 to 2147483647"},
		{"no dials", func(r *rig) { r.typed(1, dials, "") }, ""},
		{"wait", func(r *rig) { r.typed(0, wait, "ten") }, "1. Autumn: Wait before, in minutes: Give a whole number from 0 to 2147483647"},
		{"two", func(r *rig) { r.typed(0, wait, "ten"); r.typed(1, mode, "") }, "1. Autumn: Wait before, in minutes: Give a whole number from 0 to 2147483647. One more field is missing or wrong."},
		{"none", func(r *rig) { r.do(func() { r.c.remove(0); r.c.remove(0) }) }, "Campaigns: Add at least one"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			test.edit(r)
			found := r.c.problems()
			switch {
			case len(found) == 0 && test.want != "":
				t.Fatalf("found nothing, want %q", test.want)
			case len(found) > 0:
				if got := r.c.first(found); got != test.want {
					t.Errorf("found %q, want %q", got, test.want)
				}
			default:
				req := request(load, r.c.key(), r.c.draft.sequence(r.Now().Unix()), 0)
				if err := req.(*commdn.LoadCampaign).Validate(); err != nil {
					t.Errorf("the page finds nothing wrong: %v", err)
				}
			}
		})
	}
}

// TestTooMany: the component shows and refuses a value with too many items.
func TestTooMany(t *testing.T) {
	one := `{"campaign":12,"dialing":{"mode":1,"optimizeBy":1,"goal":80}}`
	r := started(t, "group", "7", "value", `{"items":[`+strings.Repeat(one+",", commdn.MaxSequenceItems)+one+`]}`)
	if got := r.c.first(r.c.problems()); got != "Campaigns: At most 64 are possible" {
		t.Errorf("found %q", got)
	}
	r.do(func() { r.c.remove(0) })
	if got := r.c.problems(); len(got) != 0 {
		t.Errorf("found %v", got)
	}
}

// TestTypedDBIDs: DBIDs are typed if the relay reports no names.
func TestTypedDBIDs(t *testing.T) {
	r := rigWith(t, uitest.NewClient(uitest.Connected))
	r.typed(-1, group, "7")
	r.do(func() { r.c.handleButton(add, once) })
	r.typed(0, campaign, "12")
	if got := r.c.problems(); len(got) != 0 || r.c.group != 7 || r.names() != "12" {
		t.Errorf("found %v", got)
	}
	r.typed(-1, group, "7x")
	if r.c.group != 0 || r.c.head()[0].Value != "7x" || r.c.head()[0].Error != "Give a DBID, a number from 1" {
		t.Errorf("field %+v", r.c.head()[0])
	}
}

func TestLayout(t *testing.T) {
	const hour = 3600
	item := func(stop int64, wait int32) commdn.SequenceItem {
		return commdn.SequenceItem{StopAtTime: stop, SleepBeforeNextStart: wait}
	}
	for _, test := range []struct {
		name    string
		items   []commdn.SequenceItem
		now     int64
		seen    []span
		running int
		want    []span
	}{
		{"nothing", nil, 0, nil, -1, []span{}},
		{"times", []commdn.SequenceItem{item(2*hour, 0), item(4*hour, 30)}, 0, nil, -1,
			[]span{{hour, 2 * hour, false}, {2*hour + 1800, 4 * hour, false}}},
		{"no times", []commdn.SequenceItem{item(0, 0), item(0, 30)}, 0, nil, -1,
			[]span{{hour, 2 * hour, true}, {2*hour + 1800, 3*hour + 1800, true}}},
		{"up to a time", []commdn.SequenceItem{item(0, 0), item(5*hour, 0)}, 0, nil, -1,
			[]span{{hour, 3 * hour, true}, {3 * hour, 5 * hour, false}}},
		{"a time that is over", []commdn.SequenceItem{item(hour/2, 0)}, 0, nil, -1,
			[]span{{hour, hour + shortest, false}}},
		{"running too long", []commdn.SequenceItem{item(0, 0), item(0, 0)}, 5 * hour, nil, 0,
			[]span{{hour, 5 * hour, true}, {5 * hour, 6 * hour, true}}},
		{"seen", []commdn.SequenceItem{item(9*hour, 0), item(0, 60)}, 5 * hour, []span{{2 * hour, 3 * hour, false}, {4 * hour, 0, false}}, 1,
			[]span{{2 * hour, 3 * hour, false}, {4 * hour, 5 * hour, true}}},
		{"came late", []commdn.SequenceItem{item(0, 0), item(9*hour, 0), item(0, 0)}, 5 * hour, []span{{}, {}, {}}, 2,
			[]span{{hour, 3*hour - 30, false}, {3*hour - 30, 5*hour - shortest, false}, {5*hour - shortest, 6*hour - shortest, true}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := layout(test.items, hour, test.now, test.seen, test.running); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// FuzzLayout: for any input, items follow each other and have a length.
func FuzzLayout(f *testing.F) {
	f.Add(int64(3600), int64(7200), int64(0), int32(30), int64(8000), int8(1), int64(4000))
	f.Add(int64(4294967295), int64(1), int64(4294967295), int32(2147483647), int64(1), int8(2), int64(0))
	f.Fuzz(func(t *testing.T, start, stop1, stop2 int64, wait int32, now int64, running int8, begun int64) {
		const most = 1<<32 - 1
		start, stop1, stop2, now = start&most, stop1&most, stop2&most, now&most
		items := []commdn.SequenceItem{{StopAtTime: stop1}, {StopAtTime: stop2, SleepBeforeNextStart: max(wait, 0)}, {}, {SleepBeforeNextStart: 1}}
		seen := make([]span, len(items))
		seen[1].from = begun & most
		spans := layout(items, start, now, seen, int(running)%4)
		for i, s := range spans {
			if s.to-s.from < shortest || i > 0 && i != 1 && s.from < spans[i-1].to {
				t.Fatalf("item %d: %v", i, spans)
			}
		}
		a := around(spans, start, now, running >= 0)
		l := lang.New("en", langtest.Plain{In: time.UTC})
		if n := len(a.ticks(l)); n > 8 {
			t.Fatalf("%d ticks on %v", n, a)
		}
	})
}

func TestTicks(t *testing.T) {
	for _, test := range []struct {
		zone     int // minutes east of UTC
		twelve   bool
		from, to time.Time
		want     string
	}{
		{0, false, at(12, 10), at(15, 0), "12:30 13:00 13:30 14:00 14:30"},
		{330, false, at(12, 10), at(15, 0), "18:00 18:30 19:00 19:30 20:00"},
		{0, false, at(0, 0), at(0, 25), "03-04 00:05 00:10 00:15 00:20"},
		{0, false, at(20, 0), at(20, 0).Add(24 * time.Hour), "03-05 06:00 12:00 18:00"},
		{0, true, at(10, 10), at(15, 0), "11:00 AM 12:00 PM 1:00 PM 2:00 PM"},
		{330, true, at(12, 10), at(15, 0), "6:00 PM 6:30 PM 7:00 PM 7:30 PM 8:00 PM"},
		{0, true, at(20, 0), at(20, 0).Add(24 * time.Hour), "03-05 6:00 AM 12:00 PM 6:00 PM"},
		{0, false, at(9, 0), at(9, 0).AddDate(0, 0, 6), "03-05 03-06 03-07 03-08 03-09 03-10"},
	} {
		l := lang.New("en", langtest.Plain{In: time.FixedZone("", 60*test.zone), Twelve: test.twelve})
		var got []string
		for _, tick := range (axis{test.from.Unix(), test.to.Unix()}).ticks(l) {
			got = append(got, tick.Text)
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%v to %v: %s, want %s", test.from, test.to, s, test.want)
		}
	}
}

func TestAxis(t *testing.T) {
	for _, test := range []struct {
		now   int64
		going bool
		want  axis
	}{
		{0, false, axis{1000, 2040}},
		{800, false, axis{800, 2040}},
		{5000, false, axis{1000, 2040}},
		{5000, true, axis{1000, 5160}},
	} {
		if got := around([]span{{1000, 2000, false}}, 1000, test.now, test.going); got != test.want {
			t.Errorf("now %d: %v, want %v", test.now, got, test.want)
		}
	}
	if got := (axis{0, 1000}).at(505, 0); got != "50.50%" {
		t.Errorf("at %s", got)
	}
	if got := (axis{0, 1000}).at(1, 0); got != "0.10%" {
		t.Errorf("at %s", got)
	}
}
