// Package authtest is an OpenID Connect provider for tests: an HTTP server on a loopback
// address with a discovery document and a key set, whose tokens have real signatures. It
// can change its keys, be down, and be slow.
package authtest

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Audience is the default claim aud of a token.
const Audience = "commdn"

// Provider is a running provider. Its methods are safe for concurrent use.
type Provider struct {
	Issuer string // http://127.0.0.1:PORT
	CAFile string // the certificate of a NewTLS in PEM; empty for New

	t         testing.TB
	mu        sync.Mutex
	keys      []Key // published; the last one signs
	made      int
	down      bool
	held      chan struct{} // if not nil, answers wait until it is closed
	waiting   int           // answers that do
	fetched   int
	published []byte // if not nil, replaces the key set
	redirect  string // if not empty, redirects requests for the key set
	end       chan struct{}
}

// New starts a provider with one ES256 key. It ends with the test.
func New(t testing.TB) *Provider {
	t.Helper()
	return start(t, (*httptest.Server).Start)
}

// NewTLS starts a provider that speaks https, with a certificate of its own.
func NewTLS(t testing.TB) *Provider {
	t.Helper()
	return start(t, (*httptest.Server).StartTLS)
}

func start(t testing.TB, run func(*httptest.Server)) *Provider {
	t.Helper()
	p := &Provider{t: t, end: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keySet)
	server := httptest.NewUnstartedServer(p.answer(mux))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the tests cut connections on purpose
	run(server)
	t.Cleanup(func() {
		close(p.end)
		server.Close()
	})
	p.Issuer = server.URL
	if cert := server.Certificate(); cert != nil {
		p.CAFile = filepath.Join(t.TempDir(), "ca.pem")
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
		if err := os.WriteFile(p.CAFile, block, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.Rotate()
	return p
}

// Rotate makes a new key, which signs from now on. The others stay published. The default
// algorithm is ES256.
func (p *Provider) Rotate(algorithm ...string) Key {
	p.t.Helper()
	if len(algorithm) == 0 {
		algorithm = []string{string(jose.ES256)}
	}
	p.mu.Lock()
	p.made++
	id := fmt.Sprintf("key-%d", p.made)
	p.mu.Unlock()
	k, err := NewKey(id, algorithm[0])
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = append(p.keys, k)
	return k
}

// Retire stops publishing all keys but the one that signs.
func (p *Provider) Retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = p.keys[len(p.keys)-1:]
}

// Key returns the key that signs.
func (p *Provider) Key() Key {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[len(p.keys)-1]
}

// Down makes the provider cut every connection without an answer; Up ends that.
func (p *Provider) Down() { p.setDown(true) }

// Up makes the provider answer again.
func (p *Provider) Up() { p.setDown(false) }

func (p *Provider) setDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// Hold makes answers wait until release is called, or the test ends.
func (p *Provider) Hold() (release func()) {
	held := make(chan struct{})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.held = nil
		close(held)
	})
}

// Waiting counts the answers that wait because of Hold.
func (p *Provider) Waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting
}

// Publish makes body replace the key set; nil ends that.
func (p *Provider) Publish(body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.published = body
}

// Redirect redirects requests for the key set to another address; "" ends that.
func (p *Provider) Redirect(to string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.redirect = to
}

// Fetched counts the requests for the key set.
func (p *Provider) Fetched() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetched
}

// Claims returns the claims of Token: subject "ann", for Audience, issued now, valid for
// five minutes, overridden by changed. A nil value removes a claim.
func (p *Provider) Claims(changed map[string]any) map[string]any {
	now := time.Now().Unix()
	claims := map[string]any{"iss": p.Issuer, "sub": "ann", "aud": Audience, "iat": now, "exp": now + 300}
	maps.Copy(claims, changed)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

// Token returns a token with Claims(changed), signed with the current key.
func (p *Provider) Token(changed map[string]any) string {
	p.t.Helper()
	token, err := p.Key().Sign(nil, p.Claims(changed))
	if err != nil {
		p.t.Fatal(err)
	}
	return token
}

// KeySet returns the published key set as JSON, for a file.
func (p *Provider) KeySet() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	var set jose.JSONWebKeySet
	for _, k := range p.keys {
		set.Keys = append(set.Keys, k.Public())
	}
	data, err := json.Marshal(set)
	if err != nil {
		panic(err) // all keys are from NewKey
	}
	return data
}

// answer plays being down or slow before next.
func (p *Provider) answer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		down, held := p.down, p.held
		if held != nil && !down {
			p.waiting++
		}
		p.mu.Unlock()
		if down {
			panic(http.ErrAbortHandler)
		}
		if held != nil {
			select {
			case <-held:
			case <-r.Context().Done():
			case <-p.end:
			}
			p.mu.Lock()
			p.waiting--
			p.mu.Unlock()
		}
		next.ServeHTTP(w, r)
	})
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"issuer": p.Issuer, "jwks_uri": p.Issuer + "/keys",
		"authorization_endpoint": p.Issuer + "/authorize", "token_endpoint": p.Issuer + "/token",
		"id_token_signing_alg_values_supported": []string{string(jose.ES256)},
	})
}

func (p *Provider) keySet(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.fetched++
	body, redirect := p.published, p.redirect
	p.mu.Unlock()
	if redirect != "" {
		http.Redirect(w, r, redirect, http.StatusFound)
		return
	}
	if body == nil {
		body = p.KeySet()
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}
