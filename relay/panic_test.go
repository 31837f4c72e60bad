package relay

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
)

// failing is an authentication that panics at one token.
type failing struct{ auth.Authenticator }

func (f failing) Authenticate(ctx context.Context, token string) (auth.Identity, error) {
	if token == "panic" {
		panic("a mistake of ours")
	}
	return f.Authenticator.Authenticate(ctx, token)
}

// A session that panics is cut off, leaves room for another, and takes no other
// with it.
func TestPanic(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) {
		o.Auth = failing{auth.NewDevelopment()}
		o.Settings.Limits.PerAddress = 2
	})
	other := r.sessionOf("agent")
	for n := range 3 {
		c := r.dial(nil)
		c.send(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Token: "panic"}.Body()})
		if f, err := c.read(); err == nil {
			t.Errorf("got %v", f.Kind)
		}
		r.log.waitCount(t, `panic="a mistake of ours"`, n+1)
		r.until("there is room again", func() bool { return r.open() == 1 })
	}
	other.put(1, "5550100001")
	r.sessionOf("agent").put(1, "5550100002")
}

// A question of the relay that panics costs that question: others are asked, and
// people's requests go on.
func TestPanicOfAQuestion(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.Metrics = registry })
	r.srv.unsure["tserver"].put(question{}) // a nil request is a mistake of ours
	r.log.wait(t, `msg="a question of the relay failed" link=tserver panic=`)
	r.srv.unsure["tserver"].put(question{&commdn.GetCampaignStatus{CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 502}}, 0})
	asked := func() bool { return values(t, registry)[`user_events_total{link="tserver"}`] >= 2 } // question and answer
	r.until("the next question is asked", asked)
	r.sessionOf("agent").put(1, "5550100001")
}
