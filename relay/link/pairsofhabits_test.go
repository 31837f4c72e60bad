package link_test

import (
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// The ways to write an answer that change its type, or what says that it is a refusal.
const (
	byStatus  = "a status in place of the acknowledgement"
	inAnswers = "errors in answers"
	textAlone = "the text of an error alone"
)

// write gives an answer, or a refusal, in one of the ways of habits or of those above.
func write(h habit, req commdn.Request, own commdn.MessageType, refused bool, l tkvlist.List) tkvlist.List {
	_, control := commdn.ControlOf(req)
	out := l
	switch {
	case h.change != nil:
		out = h.change(req, l)
	case h.name == byStatus && control && !refused:
		out = set(commdn.KeyMessageType, tkvlist.Int(int32(commdn.EvCampaignStatus)))(req, l)
	case h.name == inAnswers && refused:
		out = set(commdn.KeyMessageType, tkvlist.Int(int32(own)))(req, l)
	case h.name == textAlone:
		out = dropped(commdn.KeyError)(req, l)
	}
	if out == nil {
		return l
	}
	return out
}

// Whatever two habits an OCS has, no outcome is wrong. Unknown is only what says nothing:
// an answer that names nobody, and a status without one.
func TestPairsOfHabits(t *testing.T) {
	ways := append(slices.Clone(habits), habit{name: byStatus}, habit{name: inAnswers}, habit{name: textAlone})
	says := func(one, two string) bool {
		return !(one == "no campaign" && two == "no group") && !(two == byStatus && (one == "no status, none in items" || one == "status in items alone"))
	}
	tried := 0
	for i, one := range ways {
		for _, two := range ways[i+1:] {
			tell(t, oneOCS, nil, func(s *story) {
				for _, q := range asked {
					for _, refused := range []bool{false, true} {
						req := q.req()
						data, want := answerTo(req, q.own, q.goal), "done"
						if refused {
							data, want = refusalOf(req), "refused"
						}
						data = write(two, req, q.own, refused, write(one, req, q.own, refused, data))
						s.ask("a", req)
						s.say(data)
						got, _, _ := strings.Cut(<-s.done["a"], " ")
						tried++
						if got != want && (got != "unknown" || says(one.name, two.name)) {
							t.Errorf("%s: %s; %s: %s, want %s: %v", q.name, one.name, two.name, got, want, data)
						}
					}
				}
			})
		}
	}
	if tried < 5000 {
		t.Errorf("%d answers, want 5000", tried)
	}
}
