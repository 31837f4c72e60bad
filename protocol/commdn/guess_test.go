package commdn_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// A request of somebody else is read as far as it says whom and what it is about.
func TestGuessRequest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, g := range golden {
		want, isRequest := g.msg.(commdn.Request)
		if !isRequest {
			if m, err := commdn.GuessRequest(g.msg.UserData()); err == nil {
				t.Errorf("%s: %#v", g.name, m)
			}
			continue
		}
		for range 50 {
			var l list
			for _, p := range g.msg.UserData() {
				l = append(l, pair(p.Key, rewritten(r, p.Value)))
			}
			got, err := commdn.GuessRequest(l)
			if err != nil || got.Type() != want.Type() || *got.Addr() != *want.Addr() || !reflect.DeepEqual(got.Subjects(), want.Subjects()) {
				t.Fatalf("%s as %v: %#v, %v", g.name, l, got, err)
			}
		}
	}
	sequence := nested(list{pair("scheduleItem-5", nested(list{pair(commdn.KeyItemCampaign, text("3"))}))})
	l := message(9, pair(commdn.KeyGroupID, text("9")), pair(commdn.KeyProperties, nested(list{pair(commdn.KeyCampaignSchedule, sequence)})))
	if m, err := commdn.GuessRequest(l); err != nil || !reflect.DeepEqual(m.Subjects(), commdn.CampaignGroup{Group: 9}.Subjects()) {
		t.Errorf("a sequence without nItems: %#v, %v", m, err)
	}
	for name, l := range map[string]list{
		"nobody":           message(32, properties(commdn.KeyDoNotCall, pair(commdn.KeyChain, text("AllChain")))),
		"no properties":    message(32),
		"no group":         message(9, pair(commdn.KeyCampaignID, num(1))),
		"neither campaign": message(9, pair(commdn.KeyGroupID, num(1))),
	} {
		var field *commdn.FieldError
		if m, err := commdn.GuessRequest(l); !errors.As(err, &field) {
			t.Errorf("%s: %#v, %v", name, m, err)
		}
	}
	if _, err := commdn.GuessRequest(nil); !errors.Is(err, commdn.ErrNotCommDN) {
		t.Errorf("no type: %v", err)
	}
}

// rewritten is retyped, with every key.
func rewritten(r *rand.Rand, v tkvlist.Value) tkvlist.Value {
	inner, ok := v.List()
	if !ok {
		return retyped(r, v)
	}
	var l list
	for _, p := range inner {
		l = append(l, pair(p.Key, rewritten(r, p.Value)))
	}
	return nested(l)
}
