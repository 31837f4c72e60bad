package conn

import (
	"fmt"
	"slices"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/campaigns"
)

// texts takes all that is queued, without what was replaced.
func texts(o *outbox) (all []string) {
	for _, q := range o.take() {
		if q.message != nil {
			all = append(all, string(q.message))
		}
	}
	return all
}

func TestOutbox(t *testing.T) {
	key := func(campaign commdn.DBID) statusKey {
		return statusKey{what: status, of: campaigns.Key{Link: "a", OCS: 201, CampaignGroup: commdn.CampaignGroup{Campaign: campaign, Group: 7}}}
	}
	put := func(o *outbox, message string, k statusKey) bool {
		return o.put(frame.Message{Frame: []byte(message)}, k)
	}
	for name, c := range map[string]struct {
		do   func(o *outbox)
		want []string
	}{
		"in order": {func(o *outbox) {
			put(o, "a", statusKey{})
			put(o, "b", key(1))
			put(o, "c", statusKey{})
		}, []string{"a", "b", "c"}},
		"a newer status replaces an older one, behind an answer": {func(o *outbox) {
			put(o, "old", key(1))
			put(o, "answer", statusKey{})
			put(o, "other", key(2))
			put(o, "new", key(1))
		}, []string{"answer", "other", "new"}},
		"a full queue takes the newer status of what it has": {func(o *outbox) {
			for _, m := range []string{"a", "b", "c"} {
				put(o, m, statusKey{})
			}
			put(o, "old", key(1))
			if !put(o, "new", key(1)) {
				t.Error("full")
			}
			put(o, "d", statusKey{})
			if put(o, "more", statusKey{}) {
				t.Error("not full")
			}
			if !put(o, "other", key(2)) {
				t.Error("full for a status, of which there are only so many")
			}
		}, []string{"a", "b", "c", "new", "d", "other"}},
		"many groups are told whatever the limit, each once": {func(o *outbox) {
			for round := range 3 {
				for n := range 10 {
					if !put(o, fmt.Sprint(round, "/", n), key(commdn.DBID(n+1))) {
						t.Error("full")
					}
				}
			}
		}, []string{"2/0", "2/1", "2/2", "2/3", "2/4", "2/5", "2/6", "2/7", "2/8", "2/9"}},
		"a directory or history stays in one piece, and the newest is enough": {func(o *outbox) {
			part := func(s ...string) (all [][]byte) {
				for _, one := range s {
					all = append(all, []byte(one))
				}
				return all
			}
			o.putParts(directoryParts, part("old 1", "old 2", "old 3", "old 4", "old 5"))
			put(o, "a", statusKey{})
			put(o, "status", key(1))
			o.putParts(historyParts, part("past 1", "past 2"))
			o.putParts(directoryParts, part("new 1", "new 2"))
			o.putParts(historyParts, part("past 3"))
		}, []string{"a", "status", "new 1", "new 2", "past 3"}},
		"after close": {func(o *outbox) {
			put(o, "a", statusKey{})
			o.close()
			if !put(o, "b", statusKey{}) {
				t.Error("full")
			}
		}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &outbox{limit: 4, begin: func() {}}
			c.do(o)
			if got := texts(o); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			if o.take() != nil || o.writing {
				t.Error("something is left")
			}
		})
	}
}

// Somebody who takes is started once until he has found the queue empty.
func TestOutboxBegins(t *testing.T) {
	begun := 0
	o := &outbox{limit: 10, begin: func() { begun++ }}
	put := func() { o.put(frame.Message{Frame: []byte("x")}, statusKey{}) }
	for _, step := range []struct {
		do   func()
		want int
	}{
		{put, 1}, {put, 1}, {func() { o.take() }, 1}, {put, 1}, {func() { o.take(); o.take() }, 1}, {put, 2},
		{func() { o.take(); o.take(); o.close() }, 2}, {put, 2},
	} {
		if step.do(); begun != step.want {
			t.Fatalf("begun %d times, want %d", begun, step.want)
		}
	}
}

// One campaign group that changes all the time takes no memory.
func TestOutboxBounded(t *testing.T) {
	o := &outbox{limit: 8, begin: func() {}}
	k := statusKey{what: status, of: campaigns.Key{Link: "a", OCS: 201, CampaignGroup: commdn.CampaignGroup{Campaign: 1, Group: 7}}}
	o.put(frame.Message{Frame: []byte("first")}, statusKey{})
	for range 10_000 {
		if !o.put(frame.Message{Frame: []byte("status")}, k) {
			t.Fatal("full")
		}
	}
	if len(o.frames) > 2*o.limit+1 {
		t.Errorf("%d frames held", len(o.frames))
	}
	if got := texts(o); !slices.Equal(got, []string{"first", "status"}) {
		t.Errorf("%q", got)
	}
}

// The parts of a frame go with it: a newer status replaces them too, and they
// count as one.
func TestOutboxParts(t *testing.T) {
	o := &outbox{limit: 1, begin: func() {}}
	k := statusKey{what: status, of: campaigns.Key{Link: "a"}}
	long := func(name string) frame.Message {
		return frame.Message{Parts: [][]byte{[]byte(name + " 1"), []byte(name + " 2")}, Frame: []byte(name)}
	}
	if !o.put(long("old"), k) || !o.put(long("answer"), statusKey{}) || !o.put(long("new"), k) || o.put(long("more"), statusKey{}) {
		t.Error("the limit is another one")
	}
	var all []string
	for _, q := range o.take() {
		for _, part := range q.parts {
			all = append(all, string(part))
		}
		if q.message != nil {
			all = append(all, string(q.message))
		}
	}
	if want := []string{"answer 1", "answer 2", "answer", "new 1", "new 2", "new"}; !slices.Equal(all, want) {
		t.Errorf("%q, want %q", all, want)
	}
}
