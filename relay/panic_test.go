package relay

import (
	"context"
	"testing"

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
