package relay

import (
	"testing"
	"time"

	"commdn/protocol/frame"
)

func (c *peer) refresh(token string) {
	c.t.Helper()
	c.send(frame.Frame{Kind: frame.KindRefresh, Body: frame.Refresh{Token: token}.Body()})
}

func (c *peer) refreshed() {
	c.t.Helper()
	f := c.next()
	if f.Kind != frame.KindIdentity {
		c.t.Fatalf("after the refresh came %v, want identity", f.Kind)
	}
	c.identity = frame.ReadIdentity(f.Body)
	c.readDirectory()
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	r, p := identityRig(t, nil)
	short := map[string]any{"roles": []string{"agent"}, "exp": time.Now().Unix() + 2}
	renewed, left := r.sessionOf(p.Token(short)), r.sessionOf(p.Token(short))
	later := time.Now().Unix() + 200
	renewed.refresh(p.Token(map[string]any{"roles": []string{"agent", "auditor"}, "exp": later}))
	renewed.refreshed()
	if who := renewed.identity; who.Expires != later || len(who.Roles) != 2 {
		t.Errorf("identity %+v", who)
	}
	left.closedWith(frame.CloseTokenExpired)
	renewed.put(1, "5550100001") // it outlives its first token
}

// A session outlives its token by the grace, and no longer.
func TestGrace(t *testing.T) {
	t.Parallel()
	const grace = 3 * time.Second
	r, p := identityRig(t, func(o *Options) { o.Settings.Grace = grace })
	expires := time.Now().Unix() // now: the clock's skew lets it in
	c := r.sessionOf(p.Token(map[string]any{"roles": "agent", "exp": expires}))
	c.put(1, "5550100001")
	c.closedWith(frame.CloseTokenExpired)
	if at := time.Unix(expires, 0).Add(grace); time.Now().Before(at) {
		t.Errorf("closed %s before its time", time.Until(at))
	}
	r.log.wait(t, "token expired (4004)")
}

func TestRefreshRefused(t *testing.T) {
	t.Parallel()
	r, p := identityRig(t, nil)
	for name, c := range map[string]struct {
		token string
		code  frame.CloseCode
	}{
		"of another person": {of(p, "eve", "agent"), frame.CloseTokenRefused},
		"missing":           {"", frame.CloseTokenRefused},
		"expired":           {p.Token(map[string]any{"roles": "agent", "exp": time.Now().Unix() - 100}), frame.CloseTokenExpired},
		"for somebody else": {p.Token(map[string]any{"roles": "agent", "aud": "payroll"}), frame.CloseTokenRefused},
	} {
		t.Run(name, func(t *testing.T) {
			s := r.sessionOf(of(p, "ann", "agent"))
			s.t = t
			s.refresh(c.token)
			if before, _ := s.closedWith(c.code); len(before) > 0 {
				t.Errorf("before the close came %v", before[0].Kind)
			}
		})
	}
}

// A new token that cannot be checked takes nothing away from a session whose
// old one is good.
func TestRefreshWithoutProvider(t *testing.T) {
	t.Parallel()
	r, p := identityRig(t, nil)
	c := r.sessionOf(of(p, "ann", "agent"))
	p.Down()
	p.Rotate()
	token := of(p, "ann", "agent")
	c.refresh(token)
	r.log.wait(t, "token refused (unavailable)")
	c.put(1, "5550100001")
	p.Up()
	r.until("the new key is known", func() bool {
		_, err := r.srv.opts.Auth.Authenticate(t.Context(), token)
		return err == nil
	})
	c.refresh(token)
	c.refreshed()
}
