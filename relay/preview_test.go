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
	c.send(frame.Frame{Kind: frame.KindPreview, Number: number, Body: frame.Preview{Data: data}.Body()})
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
		if f := c.preview(0, req.UserData()); f.Refusal != nil || !slices.Equal(f.Texts, want) {
			t.Errorf("%v: %+v", req.Type(), f)
		}
	}
	if f := c.preview(1<<32-1, (&commdn.DoNotCall{CustomerID: "C-42"}).UserData()); f.Refusal != nil || f.Texts != nil {
		t.Errorf("a customer: %+v", f)
	}
	for _, x := range []struct {
		data tkvlist.List
		code frame.RefusalCode
		why  string
	}{
		{dnc("undefined"), frame.RefusedInvalid, commdn.KeyPhone + ": is a word"},
		{dnc("12345"), frame.RefusedInvalid, "too short"},
		{nil, frame.RefusedInvalid, commdn.KeyMessageType},
		{(&commdn.DoNotCall{Address: commdn.Address{Target: 999}, Phone: "600111222"}).UserData(), frame.RefusedInvalid, "999"},
		{(&commdn.GetCampaignStatus{CampaignGroup: commdn.CampaignGroup{Campaign: 1, Group: 1}}).UserData(), frame.RefusedUnsupported, "number"},
	} {
		if f := c.preview(7, x.data); f.Refusal == nil || f.Refusal.Code != x.code || !strings.Contains(f.Refusal.Message, x.why) {
			t.Errorf("%v: %+v, want %v with %q", x.data, f.Refusal, x.code, x.why)
		}
	}
	if n := len(r.sim.DNC()); n != 0 {
		t.Errorf("%d numbers on the list", n)
	}
	c.ping() // the connection goes on
}
