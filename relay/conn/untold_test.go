package conn

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/campaigns"
	"commdn/relay/desk"
)

// untellable is an answer that fits no frame, as it holds what cannot be cut.
type untellable struct{ commdn.DoNotCallProcessed }

func (*untellable) UserData() tkvlist.List {
	return tkvlist.List{{Key: "b", Value: tkvlist.Binary(make([]byte, 20_000))}}
}

// An answer that cannot be encoded costs a line in the log, and its request is
// not taken for done: the session and other requests go on.
func TestUntold(t *testing.T) {
	good := &commdn.DoNotCallProcessed{Phone: "5"}
	for name, test := range map[string]struct {
		events []desk.Event
		want   []frame.Kind
		logged int
		done   bool
	}{
		"the last answer":     {[]desk.Event{{Kind: desk.Settled, Answer: &untellable{}}}, []frame.Kind{frame.KindOutcome}, 1, false},
		"an answer before it": {[]desk.Event{{Kind: desk.Answer, Answer: &untellable{}}, {Kind: desk.Settled, Answer: good}}, []frame.Kind{frame.KindOutcome}, 1, false},
		"both, and a good one": {
			[]desk.Event{{Kind: desk.Answer, Answer: good}, {Kind: desk.Answer, Answer: &untellable{}}, {Kind: desk.Settled, Answer: &untellable{}}},
			[]frame.Kind{frame.KindAnswer, frame.KindOutcome}, 1, false,
		},
		"packed":        {[]desk.Event{{Kind: desk.Settled, Answer: good, Packed: make([]byte, frame.MaxData+1)}}, []frame.Kind{frame.KindOutcome}, 1, false},
		"a late answer": {[]desk.Event{{Kind: desk.Settled, Answer: good}, {Kind: desk.Late, Answer: &untellable{}}}, []frame.Kind{frame.KindOutcome}, 1, true},
		"none":          {[]desk.Event{{Kind: desk.Answer, Answer: good}, {Kind: desk.Settled, Answer: good}}, []frame.Kind{frame.KindAnswer, frame.KindOutcome}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := watcher(t, campaigns.New())
			var log bytes.Buffer
			c.log = slog.New(slog.NewTextHandler(&log, nil))
			c.begin(7)
			for _, e := range test.events {
				c.tell(7, e)
			}
			if !c.begin(7) { // its number is the client's again, and clean
				t.Error("the number is still in use")
			}
			c.tell(7, desk.Event{Kind: desk.Settled, Answer: good})
			var kinds []frame.Kind
			var outcomes []frame.Outcome
			for _, q := range c.out.take() {
				f, err := frame.Decode(q.message)
				if err != nil || f.Number != 7 {
					t.Fatalf("%v %d, %v", f.Kind, f.Number, err)
				}
				kinds = append(kinds, f.Kind)
				if f.Kind == frame.KindOutcome {
					outcomes = append(outcomes, frame.ReadOutcome(f.Body))
				}
			}
			if want := append(test.want, frame.KindOutcome); !slices.Equal(kinds, want) || len(outcomes) != 2 {
				t.Fatalf("told %v, want %v", kinds, want)
			}
			if r := outcomes[0].Refusal; (r == nil) != test.done || r != nil && (r.Code != frame.RefusedNoAnswer || !strings.Contains(r.Message, "could not pass the answer on")) {
				t.Errorf("outcome %+v", outcomes[0])
			}
			if outcomes[1].Refusal != nil {
				t.Errorf("the next request got %+v", outcomes[1])
			}
			if got := strings.Count(log.String(), "it cannot be encoded"); got != test.logged {
				t.Errorf("logged %d times: %s", got, log.String())
			}
			if c.ctx.Err() != nil {
				t.Errorf("the session has ended")
			}
		})
	}
}
