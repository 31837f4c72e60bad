package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"commdn/relay/auth/authtest"
)

// startRelay runs a simulator and, as a separate process, a relay that requires an
// issuer's tokens and knows these OCS. It returns the relay and the address of its
// metrics.
func startRelay(t testing.TB, issuer *authtest.Provider, origin string, ocs ...int) (relay *demo, metrics string) {
	t.Helper()
	simulator := start(t, "sim", "--scenario", "demo", "--listen", "127.0.0.1:0", "--backup-listen", "127.0.0.1:0", "--http", "off")
	tserver, dir := simulator.says(`T-Server on ([^,]+),`), t.TempDir()
	keys, config := filepath.Join(dir, "keys.json"), filepath.Join(dir, "relay.yaml")
	if err := os.WriteFile(keys, issuer.KeySet(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, fmt.Appendf(nil, `
listen: 127.0.0.1:0
origins: [%q]
auth: {jwks: {file: %s, issuer: %q, audience: commdn, clock_skew: 0s}, grace: 1s}
links: [{name: sim, servers: [%q], comm_dn: CommDN_1, application: commdn, app_dbid: 101, ocs: %s}]
metrics: {listen: '127.0.0.1:0'}
`, origin, keys, issuer.Issuer, tserver, literal(append([]int{}, ocs...))), 0o600); err != nil {
		t.Fatal(err)
	}
	relay = &demo{process: start(t, "relay", "--config", config)}
	relay.addr = relay.says(demoURL)
	metrics = "http://" + relay.log.find(t, `listening for=metrics address=(\S+)`) + "/metrics"
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(relay.url() + "readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return relay, metrics
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the relay is not ready: %v", err)
		}
	}
}

// metric waits until a metric has a value.
func metric(t testing.TB, url, name, want string) {
	t.Helper()
	var got string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindSubmatch(b); m != nil {
			if got = string(m[1]); got == want {
				return
			}
		}
	}
	t.Errorf("%s is %s, want %s", name, got, want)
}

// TestAPITokens: a relay with real tokens, which expire.
func TestAPITokens(t *testing.T) {
	together(t)
	issuer := authtest.New(t)
	s := apiSite(t, "", `window.asked = []; window.giver = (...tokens) => async () => { asked.push(tokens.length); return tokens.length > 1 ? tokens.shift() : tokens[0] };`)
	relay, metrics := startRelay(t, issuer, s.origin, 201)
	p := open(t, s.show(relay, "/"), "")
	p.wait(`window.giver`)
	token := func(seconds int, changed map[string]any) string {
		claims := map[string]any{"roles": "agent", "name": "Ann Lee", "exp": time.Now().Unix() + int64(seconds)}
		for k, v := range changed {
			claims[k] = v
		}
		return literal(issuer.Token(claims))
	}

	p.run("renewed before it expires", func(t *testing.T) {
		p.eval(`window.h = api.connect({ getToken: giver(%s, %s) }); window.states = []; h.on("status", (s) => { states.push(s.state); if (s.identity.name === "Ann Lee" && s.identity.expires) window.before = s })`, token(7, nil), token(600, map[string]any{"name": "Ann Renewed"}))
		get[bool](p, `h.ready.then(() => true)`)
		p.wait(`window.before`) // the page keeps it: on a slow machine the state may be over by now
		p.wait(`h.status.identity.name === "Ann Renewed"`)
		if !get[bool](p, `h.status.session === before.session && Date.parse(h.status.identity.expires) > Date.parse(before.identity.expires) && asked.length === 2 && !states.includes("disconnected")`) {
			t.Errorf("asked %v, states %s", get[[]int](p, `asked`), get[string](p, `states.join()`))
		}
		p.result(`h.doNotCall({ phone: "5550000001" })`)
	})
	p.run("refused", func(t *testing.T) {
		for name, options := range map[string]string{
			"token":    `{ token: ` + token(600, map[string]any{"aud": "another"}) + `, default: false }`,
			"getToken": `{ getToken: giver(` + token(600, map[string]any{"aud": "another"}) + `), default: false }`,
			"none":     `{ default: false }`,
			"no role":  `{ token: ` + token(600, map[string]any{"roles": "janitor"}) + `, default: false }`,
			"no token": `{ token: "agent=Ann", default: false }`,
		} {
			p.eval(`window.bad = api.connect(%s)`, options)
			p.wait(`bad.status.state === "failed"`) // not just another attempt
			o := p.outcome(`bad.ready`)
			if o.OK || !strings.HasPrefix(o.Classes, "CommdnError") || o.Message == "" {
				t.Errorf("%s: %v", name, o)
			}
			if state := get[string](p, `bad.status.state + (bad.status.error ? "" : " without a reason")`); state != "failed" {
				t.Errorf("%s: status %q", name, state)
			}
			if o := p.outcome(`bad.doNotCall({ phone: "5550000002" })`); o.OK || o.Threw {
				t.Errorf("%s: a request: %v", name, o)
			}
			p.eval(`bad.destroy()`)
		}
	})
	p.run("another token after a refusal", func(t *testing.T) {
		p.eval(`window.second = api.connect({ getToken: giver(%s, %s), default: false })`, token(-60, nil), token(600, nil))
		if o := p.outcome(`second.ready`); !o.OK {
			t.Errorf("%v", o)
		}
	})
	p.run("getToken fails", func(t *testing.T) {
		for _, first := range []string{`() => { throw new Error("the session is over") }`, `() => Promise.reject(new Error("the session is over"))`, `() => Promise.reject()`, `async () => 5`, `() => "x".repeat(20000)`, `() => ({})`, `() => Promise.resolve(Symbol("t"))`} {
			p.eval(`{ let n = 0; const first = %s, token = %s; window.flaky = api.connect({ getToken: () => (n++ ? token : first()), default: false }); window.reasons = []; flaky.on("status", (s) => s.error && reasons.push(s.error)) }`, first, token(600, nil))
			if o := p.outcome(`flaky.ready`); !o.OK {
				t.Errorf("%s: %v", first, o)
			}
			if r := get[string](p, `reasons.join()`); r == "" || strings.Contains(first, "session is over") && !strings.Contains(r, "the session is over") {
				t.Errorf("%s: the status said %q", first, r)
			}
			p.eval(`flaky.destroy()`)
		}
	})
	p.run("destroyed while a token is waited for", func(t *testing.T) {
		p.eval(`window.slow = api.connect({ getToken: () => new Promise(() => {}), default: false })`)
		p.wait(`slow.status.state === "connecting"`)
		p.eval(`slow.destroy()`)
		if o := p.outcome(`slow.ready`); o.Name != "ClosedError" {
			t.Errorf("%v", o)
		}
	})
	p.run("200 times", func(t *testing.T) {
		metric(t, metrics, "commdn_sessions", "2") // h and second
		get[bool](p, `(async () => { for (let i = 0; i < 200; i++) { const c = api.connect({ token: %s, default: false }); if (i %% 2) await c.ready; c.destroy() } return true })()`, token(600, nil))
		metric(t, metrics, "commdn_sessions", "2")
		p.eval(`h.destroy(); second.destroy()`)
		metric(t, metrics, "commdn_sessions", "0")
	})
	p.onlySaid("WebSocket connection to")
}
