//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/auth/authtest"
)

// identityRig is a relay that asks a real provider's tokens of everybody.
func identityRig(t testing.TB, change func(*Options)) (*rig, *authtest.Provider) {
	t.Helper()
	p := authtest.New(t)
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) {
		o.Auth = identified(t, p)
		if change != nil {
			change(o)
		}
	})
	return r, p
}

// forged gives a token by hand: any header, and what sign makes of it.
func forged(t *testing.T, header, claims map[string]any, sign func(input string) []byte) string {
	t.Helper()
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	input := part(header) + "." + part(claims)
	return input + "." + base64.RawURLEncoding.EncodeToString(sign(input))
}

// refusedToken says hello with a token for which the relay closes.
func (r *rig) refusedToken(t *testing.T, token string, code frame.CloseCode) (before []frame.Frame, reason string) {
	t.Helper()
	c := r.dial(nil)
	c.t = t
	c.send(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "test", Token: token}.Body()})
	return c.closedWith(code)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	r, p := identityRig(t, nil)
	agent := map[string]any{"roles": []string{"agent"}}
	good := p.Token(agent)
	public, err := x509.MarshalPKIXPublicKey(p.Key().Private.Public())
	if err != nil {
		t.Fatal(err)
	}
	withPublicKey := func(key []byte) func(string) []byte {
		return func(input string) []byte {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(input))
			return mac.Sum(nil)
		}
	}
	unsigned := func(string) []byte { return nil }
	stranger, err := authtest.NewKey(p.Key().ID, "ES256")
	if err != nil {
		t.Fatal(err)
	}
	strangers, err := stranger.Sign(nil, p.Claims(agent))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	claims := func(changed map[string]any) string {
		all := map[string]any{"roles": []string{"agent"}}
		for k, v := range changed {
			all[k] = v
		}
		return p.Token(all)
	}
	now := time.Now().Unix()
	other := r.sessionOf(good)
	for name, c := range map[string]struct {
		token  string
		code   frame.CloseCode
		reason string // label of the metric
	}{
		"missing":                     {"", frame.CloseTokenRefused, "missing"},
		"expired":                     {claims(map[string]any{"exp": now - 120}), frame.CloseTokenExpired, "expired"},
		"not yet valid":               {claims(map[string]any{"nbf": now + 600}), frame.CloseTokenRefused, "not yet valid"},
		"for somebody else":           {claims(map[string]any{"aud": "payroll"}), frame.CloseTokenRefused, "audience"},
		"of another issuer":           {claims(map[string]any{"iss": "https://login.evil.example"}), frame.CloseTokenRefused, "issuer"},
		"without a role":              {claims(map[string]any{"roles": []string{"guest"}}), frame.CloseTokenRefused, "no role"},
		"without a roles claim":       {claims(map[string]any{"roles": nil}), frame.CloseTokenRefused, "no role"},
		"unsigned":                    {parts[0] + "." + parts[1] + ".", frame.CloseTokenRefused, ""},
		"algorithm none":              {forged(t, map[string]any{"alg": "none"}, p.Claims(agent), unsigned), frame.CloseTokenRefused, "algorithm"},
		"algorithm none, with a kid":  {forged(t, map[string]any{"alg": "none", "kid": p.Key().ID}, p.Claims(agent), unsigned), frame.CloseTokenRefused, "algorithm"},
		"HS256 with the public DER":   {forged(t, map[string]any{"alg": "HS256", "kid": p.Key().ID}, p.Claims(agent), withPublicKey(public)), frame.CloseTokenRefused, "algorithm"},
		"HS256 with the public PEM":   {forged(t, map[string]any{"alg": "HS256", "kid": p.Key().ID}, p.Claims(agent), withPublicKey(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))), frame.CloseTokenRefused, "algorithm"},
		"signed by somebody else":     {strangers, frame.CloseTokenRefused, "signature"},
		"with other claims put in":    {parts[0] + "." + strings.Split(claims(map[string]any{"sub": "eve"}), ".")[1] + "." + parts[2], frame.CloseTokenRefused, "signature"},
		"something else altogether":   {"correct horse battery staple", frame.CloseTokenRefused, "malformed"},
		"with a line break behind it": {good + "\n", frame.CloseTokenRefused, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			before := r.log.count(`msg="token refused"`)
			got, reason := r.refusedToken(t, c.token, c.code)
			if len(got) > 0 {
				t.Errorf("before the close came %v", got[0].Kind)
			}
			if !strings.Contains(reason, c.reason) {
				t.Errorf("closed with reason %q, want %q", reason, c.reason)
			}
			r.log.waitCount(t, `msg="token refused"`, before+1)
			other.ping()
		})
	}
	other.put(1, "5550100001")
	if log := r.log.String(); strings.Contains(log, parts[1]) || strings.Contains(log, parts[2]) {
		t.Errorf("the log has a token:\n%s", log)
	}
}

func TestIdentityIsTold(t *testing.T) {
	t.Parallel()
	r, p := identityRig(t, nil)
	expires := time.Now().Unix() + 250
	c := r.sessionOf(p.Token(map[string]any{"name": "Ann Lee", "roles": []string{"supervisor", "agent"}, "exp": expires}))
	if who := c.identity; who.Name != "Ann Lee" || who.Expires != expires || !slices.Equal(who.Roles, []string{frame.RoleAgent, frame.RoleSupervisor}) {
		t.Errorf("identity %+v", who)
	}
	// A token may last longer than a duration, and a frame, can say.
	c = r.sessionOf(p.Token(map[string]any{"roles": "agent", "exp": time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()}))
	if c.identity.Expires != math.MaxUint32 {
		t.Errorf("expires %d", c.identity.Expires)
	}
	c.put(1, "5550100001")
}

// While the keys are not to be had, tokens are neither good nor bad: the client
// is to come back with the same one.
func TestProviderIsDown(t *testing.T) {
	t.Parallel()
	p := authtest.New(t)
	p.Down()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) { o.Auth = identified(t, p) })
	token := of(p, "ann", "agent")
	for range 2 {
		if _, reason := r.refusedToken(t, token, frame.CloseUnchecked); !strings.Contains(reason, "unavailable") || strings.Contains(reason, p.Issuer) {
			t.Errorf("closed with reason %q", reason)
		}
	}
	r.readyz(false, "no keys of issuer")
	p.Up()
	r.until("keys", func() bool { return r.srv.authReady() == nil })
	r.sessionOf(token)
}

// A provider that does not answer keeps nobody but those who need it.
func TestProviderIsSlow(t *testing.T) {
	t.Parallel()
	r, p := identityRig(t, func(o *Options) { o.HelloTimeout = 300 * time.Millisecond })
	other := r.sessionOf(of(p, "ann", "agent"))
	release := p.Hold()
	defer release()
	p.Rotate()
	token := of(p, "ben", "agent") // its key is not known yet
	c := r.dial(nil)
	c.send(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Token: token}.Body()})
	other.put(1, "5550100001")
	for {
		_, err := c.read()
		if err == nil {
			continue
		}
		if code := closeCode(err); code != frame.CloseUnchecked {
			t.Errorf("ended with %v, want %d: the client did say hello", err, frame.CloseUnchecked)
		}
		break
	}
	release()
	r.sessionOf(token)
}

func TestKeysAreRotated(t *testing.T) {
	t.Parallel()
	r, p := identityRig(t, nil)
	first := of(p, "ann", "agent")
	standing := r.sessionOf(first)
	p.Rotate()
	second := of(p, "ann", "agent")
	r.sessionOf(second)
	r.sessionOf(first) // its key is still published
	p.Retire()
	r.until("the retired key ends", func() bool {
		c := r.dial(nil)
		c.send(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Token: first}.Body()})
		_, err := c.read()
		_ = c.ws.CloseNow()
		return err != nil && closeCode(err) == frame.CloseTokenRefused
	})
	r.sessionOf(second).put(1, "5550100001")
	standing.put(1, "5550100002") // it was let in when the key was good
}
