package relay

import (
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/numbers"
)

func (c *peer) preview(number uint32, data tkvlist.List) frame.Forms {
	c.t.Helper()
	c.send(frame.Frame{Kind: frame.KindPreview, Number: number, Body: frame.Request{Data: data}.Body()})
	f := c.next()
	if f.Kind != frame.KindForms || f.Number != number {
		c.t.Fatalf("answered with %v %d", f.Kind, f.Number)
	}
	return frame.ReadForms(f.Body)
}

// A preview tells what a request would send, and sends nothing.
func TestPreview(t *testing.T) {
	t.Parallel()
	site := mustRules(t, numbers.Rules{Region: "ES", Send: []string{numbers.National, numbers.E164, "00{country}{national}"}})
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.Links[0].Numbers = numbers.Sites{site} })
	c := r.session()
	want := []string{"600111222", "+34600111222", "0034600111222"}
	for _, req := range []commdn.Request{&commdn.DoNotCall{Phone: "+34 600-111.222"}, &commdn.CancelRecord{Phone: "600111222", Campaign: "Spring"}} {
		if f := c.preview(2, req.UserData()); f.Refusal != "" || !slices.Equal(f.Texts, want) {
			t.Errorf("%v: %+v", req.Type(), f)
		}
	}
	if f := c.preview(1<<32-1, (&commdn.DoNotCall{CustomerID: "C-42"}).UserData()); f.Refusal != "" || f.Texts != nil {
		t.Errorf("a customer: %+v", f)
	}
	for _, x := range []struct {
		data tkvlist.List
		why  string
	}{
		{dnc("undefined"), commdn.KeyPhone + ": is a word"},
		{dnc("12345"), "too short"},
		{nil, commdn.KeyMessageType},
		{(&commdn.DoNotCall{Address: commdn.Address{Target: 999}, Phone: "600111222"}).UserData(), "999"},
		{(&commdn.GetCampaignStatus{CampaignGroup: commdn.CampaignGroup{Campaign: 1, Group: 1}}).UserData(), "number"},
	} {
		if f := c.preview(7, x.data); f.Texts != nil || !strings.Contains(f.Refusal, x.why) {
			t.Errorf("%v: %+v, want %q", x.data, f, x.why)
		}
	}
	if n := len(r.sim.DNC()); n != 0 {
		t.Errorf("%d numbers on the list", n)
	}
	c.ping() // the connection goes on
}
