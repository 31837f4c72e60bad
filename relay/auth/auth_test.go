package auth

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/relay/auth/authtest"
	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestRoles(t *testing.T) {
	want := []string{"agent", "supervisor", "auditor"}
	for i, r := range Roles() {
		if r.String() != want[i] {
			t.Errorf("role %d is called %q, want %q", i, r, want[i])
		}
		if back, err := ParseRole(r.String()); err != nil || back != r {
			t.Errorf("ParseRole(%q) = %v, %v", r, back, err)
		}
	}
	for _, name := range []string{"", "Agent", "boss"} {
		if _, err := ParseRole(name); err == nil || !strings.Contains(err.Error(), "agent, supervisor, auditor") {
			t.Errorf("ParseRole(%q) = %v, want an error that names the roles", name, err)
		}
	}
	if s := Role(9).String(); s != "role 9" {
		t.Errorf("Role(9) is called %q", s)
	}
}

func TestReasons(t *testing.T) {
	seen := map[string]bool{}
	for r := Missing; r <= Unavailable; r++ {
		if seen[r.String()] || r.String() == "unknown" {
			t.Errorf("reason %d has no name of its own: %q", r, r)
		}
		seen[r.String()] = true
	}
	if Reason(0).String() != "unknown" || Reason(200).String() != "unknown" {
		t.Error("a reason that is none is to be called unknown")
	}
}

// limit bounds every wait of a test.
const limit = 20 * time.Second

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// eventually polls until f returns no error.
func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// refused checks that err is a *TokenError with the reason, and that it does not contain
// the token.
func refused(t *testing.T, token string, id Identity, err error, want Reason) {
	t.Helper()
	var te *TokenError
	if !errors.As(err, &te) {
		t.Fatalf("identity %+v, error %v; want a *TokenError", id, err)
	}
	if te.Reason != want {
		t.Fatalf("%v; want the reason %q", err, want)
	}
	if !reflect.DeepEqual(id, Identity{}) {
		t.Errorf("refused, and yet there is an identity: %+v", id)
	}
	if len(token) > 20 && strings.Contains(err.Error(), token) {
		t.Errorf("the token is in the error: %v", err)
	}
	for _, part := range strings.Split(token, ".") {
		if len(part) > 20 && strings.Contains(err.Error(), part) {
			t.Errorf("a part of the token is in the error: %v", err)
		}
	}
	if strings.ContainsAny(err.Error(), "\r\n") || len(err.Error()) > 500 {
		t.Errorf("the error is not one short line: %q", err)
	}
}

func newOIDC(t testing.TB, p *authtest.Provider, change func(*OIDC)) *OIDCAuthenticator {
	t.Helper()
	o := OIDC{Issuer: p.Issuer, Audience: authtest.Audience, CAFile: p.CAFile, Retry: time.Millisecond}
	if change != nil {
		change(&o)
	}
	a, err := NewOIDC(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func keyFile(t testing.TB, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func newJWKS(t testing.TB, p *authtest.Provider, change func(*JWKS)) *JWKSAuthenticator {
	t.Helper()
	o := JWKS{File: keyFile(t, p.KeySet()), Issuer: p.Issuer, Audience: authtest.Audience}
	if change != nil {
		change(&o)
	}
	a, err := NewJWKS(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
