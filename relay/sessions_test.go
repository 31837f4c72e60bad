//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/conn"
)

// Sessions tells who is connected, from where and since when. EndSessions ends
// those that it is told to, and no other, with a code after which a client stays
// away.
func TestSessions(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.Auth = auth.NewDevelopment() })
	start := time.Now().Add(-time.Second)
	ann, again, lea := r.sessionOf("agent=Ann"), r.sessionOf("agent=Ann"), r.sessionOf("agent,supervisor=Lea")
	all := r.srv.Sessions()
	if len(all) != 3 {
		t.Fatalf("%+v", all)
	}
	for i, p := range []*peer{ann, again, lea} {
		s := all[i]
		if s.Name != p.welcome.Session || s.Since.Before(start) || s.Address != "127.0.0.1" || s.Requests != 0 || s.Person != []string{"Ann", "Ann", "Lea"}[i] || s.Subject == "" {
			t.Errorf("%d: %+v, and the client heard %+v", i, s, p.welcome)
		}
	}
	if got := all[2].Roles; !slices.Equal(got, []string{"agent", "supervisor"}) {
		t.Errorf("roles %q", got)
	}

	ended := r.srv.EndSessions(func(s conn.Session) bool { return s.Name == again.welcome.Session })
	if len(ended) != 1 || ended[0].Name != again.welcome.Session {
		t.Errorf("ended %+v", ended)
	}
	if _, reason := again.closedWith(frame.CloseEnded); reason != "ended by an administrator" {
		t.Errorf("reason %q", reason)
	}
	ann.put(1, "5550104477")
	if ended := r.srv.EndSessions(func(s conn.Session) bool { return s.Person == "Ann" }); len(ended) != 1 {
		t.Errorf("ended %+v", ended)
	}
	ann.closedWith(frame.CloseEnded)
	lea.put(1, "5550104477")
	r.until("one is left", func() bool { return len(r.srv.Sessions()) == 1 })
	if frame.CloseEnded.Reconnect() {
		t.Error("a client comes back by itself")
	}
}

// The names of sessions are those of one run: after a restart they are others.
func TestSessionNames(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 3 {
		r := newRig(t, installation(connectedOCS(201)), nil)
		for range 2 {
			name := r.session().welcome.Session
			if seen[name] || !regexp.MustCompile(`^[a-z2-7]{5}-\d+$`).MatchString(name) {
				t.Errorf("%q, before it %v", name, seen)
			}
			seen[name] = true
		}
	}
}

// A connection that breaks after a silence may have been cut in between, and the
// log says so; one that was heard of just now was not.
func TestCutAfterSilence(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.PingInterval = time.Second })
	lines := func(p *peer) string {
		for line := range strings.Lines(r.log.String()) {
			if strings.Contains(line, `msg="session ended" session=`+p.welcome.Session+" ") {
				return line
			}
		}
		return ""
	}
	for _, x := range []struct {
		silence time.Duration
		hint    bool
	}{{0, false}, {600 * time.Millisecond, true}} {
		c := r.session()
		c.ping()
		time.Sleep(x.silence)
		_ = c.ws.CloseNow()
		r.until("it is gone", func() bool { return lines(c) != "" })
		if got := lines(c); strings.Contains(got, `hint="a proxy?`) != x.hint {
			t.Errorf("after a silence of %s: %s", x.silence, got)
		}
	}
	// A client that says goodbye was not cut.
	c := r.session()
	time.Sleep(600 * time.Millisecond)
	c.bye()
	r.until("it is gone", func() bool { return lines(c) != "" })
	if got := lines(c); strings.Contains(got, "hint") {
		t.Errorf("after a goodbye: %s", got)
	}
}
