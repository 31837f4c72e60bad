package auth

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commdn/relay/auth/authtest"
)

func TestCAFile(t *testing.T) {
	p := authtest.NewTLS(t)
	a := newOIDC(t, p, nil)
	accepts(t, a, p.Token(claims{"roles": "agent"}))

	b := newOIDC(t, p, func(o *OIDC) { o.CAFile = "" })
	rejects(t, b, p.Token(claims{"roles": "agent"}), Unavailable)
	if err := b.Ready(); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without the CA file Ready gives %v, want a word about the certificate", err)
	}
}

// TestDiscovery has documents that the authenticator must not follow.
func TestDiscovery(t *testing.T) {
	for name, tt := range map[string]struct {
		document func(self string) string
		want     string
	}{
		"another issuer": {func(string) string {
			return `{"issuer":"https://elsewhere.example","jwks_uri":"https://elsewhere.example/keys"}`
		}, "did not match"},
		"no key set":      {func(self string) string { return `{"issuer":"` + self + `"}` }, "jwks_uri"},
		"keys over http":  {func(self string) string { return `{"issuer":"` + self + `","jwks_uri":"http://keys.example/"}` }, "safely"},
		"keys of a file":  {func(self string) string { return `{"issuer":"` + self + `","jwks_uri":"file:///etc/keys"}` }, "safely"},
		"no JSON":         {func(string) string { return "<html>" + strings.Repeat("x", 5000) }, "discovery"},
		"longer than any": {func(string) string { return strings.Repeat(" ", maxKeySet+1) + "{}" }, "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(tt.document(server.URL)))
			}))
			defer server.Close()
			a, err := NewOIDC(OIDC{Issuer: server.URL, Audience: "commdn"})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			<-a.provider.tried
			if err := a.Ready(); err == nil || !strings.Contains(err.Error(), tt.want) || len(err.Error()) > 500 {
				t.Errorf("Ready gives %v, want %q in at most 500 bytes", err, tt.want)
			}
		})
	}
}

// TestRedirect: the authenticator follows a redirect of the keys only to where nobody on
// the way can change them.
func TestRedirect(t *testing.T) {
	plain, tls := authtest.New(t), authtest.NewTLS(t)
	for name, tt := range map[string]struct {
		from *authtest.Provider // its own scheme decides
		to   string
		ok   bool
	}{
		"https to https":            {tls, tls.Issuer, true},
		"loopback http to the same": {plain, plain.Issuer, true},
		"loopback http to https":    {plain, tls.Issuer, true},
		"https to http on loopback": {tls, plain.Issuer, false},
		"loopback http to far away": {plain, "http://keys.example", false},
		"https to another protocol": {tls, "ftp://keys.example", false},
		"round and round, for ever": {plain, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := newClient(tls.CAFile, limit, tt.from == plain)
			if err != nil {
				t.Fatal(err)
			}
			defer client.CloseIdleConnections()
			target := tt.to + "/.well-known/openid-configuration"
			if tt.to == "" {
				target = "/keys"
			}
			tt.from.Redirect(target)
			defer tt.from.Redirect("")
			resp, err := client.Get(tt.from.Issuer + "/keys")
			if err == nil {
				resp.Body.Close()
			}
			if tt.ok != (err == nil) || !tt.ok && !strings.Contains(err.Error(), "redirected too often, or away from https") {
				t.Errorf("redirected to %s: %v, want it followed: %v", tt.to, err, tt.ok)
			}
		})
	}
}

func TestOIDCOptions(t *testing.T) {
	noCert := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(noCert, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		o    OIDC
		want string
	}{
		"issuer missing":       {OIDC{Audience: "a"}, "issuer is missing"},
		"audience missing":     {OIDC{Issuer: "https://i.example"}, "audience is missing"},
		"issuer over http":     {OIDC{Issuer: "http://i.example", Audience: "a"}, "https://HOST/PATH"},
		"issuer relative":      {OIDC{Issuer: "https:", Audience: "a"}, "https://HOST/PATH"},
		"issuer with query":    {OIDC{Issuer: "https://i.example/?x=1", Audience: "a"}, "without query"},
		"issuer with password": {OIDC{Issuer: "https://u:hush@i.example", Audience: "a"}, "with a user"},
		"issuer unreadable":    {OIDC{Issuer: "https://u:hush@%zz", Audience: "a"}, "not a URL"},
		"skew negative":        {OIDC{Issuer: "https://i.example", Audience: "a", ClockSkew: -1}, "clock skew"},
		"skew of an hour":      {OIDC{Issuer: "https://i.example", Audience: "a", ClockSkew: time.Hour}, "5m0s"},
		"none":                 {OIDC{Issuer: "https://i.example", Audience: "a", Algorithms: []string{"none"}}, `"none" is not allowed`},
		"HS256":                {OIDC{Issuer: "https://i.example", Audience: "a", Algorithms: []string{"RS256", "HS256"}}, `"HS256" is not allowed`},
		"timeout negative":     {OIDC{Issuer: "https://i.example", Audience: "a", Timeout: -1}, "Timeout is negative"},
		"CA file missing":      {OIDC{Issuer: "https://i.example", Audience: "a", CAFile: noCert + "x"}, "no such file"},
		"CA file of nothing":   {OIDC{Issuer: "https://i.example", Audience: "a", CAFile: noCert}, "no certificate"},
	} {
		a, err := NewOIDC(tt.o)
		if err == nil {
			a.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %q and no password", name, err, tt.want)
		}
	}
}
