package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/relay/auth/authtest"
)

// accepts and rejects check a token once.
func accepts(t *testing.T, a Authenticator, token string) {
	t.Helper()
	if _, err := a.Authenticate(testContext(t), token); err != nil {
		t.Fatalf("not accepted: %v", err)
	}
}

func rejects(t *testing.T, a Authenticator, token string, want Reason) {
	t.Helper()
	id, err := a.Authenticate(testContext(t), token)
	refused(t, token, id, err, want)
}

func TestRotation(t *testing.T) {
	p := authtest.New(t)
	a := newOIDC(t, p, nil)
	agent := claims{"roles": "agent"}
	first := p.Token(agent)
	accepts(t, a, first)
	fetched := p.Fetched()

	p.Rotate("EdDSA")
	second := p.Token(agent)
	accepts(t, a, second) // at once
	accepts(t, a, first)  // still published
	if n := p.Fetched() - fetched; n != 1 {
		t.Errorf("the new key took %d requests, want 1", n)
	}

	p.Rotate("RS256")
	p.Retire()
	accepts(t, a, p.Token(agent))
	rejects(t, a, first, Signature) // the fetch of the third key ended both
	rejects(t, a, second, Signature)
}

func TestKeyTakenBack(t *testing.T) {
	p := authtest.New(t)
	a := newOIDC(t, p, func(o *OIDC) { o.Refresh = 5 * time.Millisecond })
	old := p.Token(claims{"roles": "agent"})
	accepts(t, a, old)
	p.Rotate()
	p.Retire()
	// Nobody uses the new key, and the old one ends all the same.
	eventually(t, "a token of the old key", func() error {
		if _, err := a.Authenticate(testContext(t), old); err == nil {
			return errors.New("still accepted")
		}
		return nil
	})

	p.Publish([]byte(`{"keys":[]}`))
	eventually(t, "all keys taken back", func() error {
		if a.Ready() == nil {
			return errors.New("still ready")
		}
		return nil
	})
	if err := a.Ready(); !strings.Contains(err.Error(), "no key that can be used") {
		t.Errorf("not ready for another reason: %v", err)
	}
	rejects(t, a, p.Token(claims{"roles": "agent"}), Unavailable)
	p.Publish(nil)
	eventually(t, "keys published again", a.Ready)
	accepts(t, a, p.Token(claims{"roles": "agent"}))
}

func TestDownAtStart(t *testing.T) {
	p := authtest.New(t)
	p.Down()
	a := newOIDC(t, p, nil)
	token := p.Token(claims{"roles": "agent"})
	rejects(t, a, token, Unavailable)
	if err := a.Ready(); err == nil || !strings.Contains(err.Error(), p.Issuer) || !strings.Contains(err.Error(), "since 20") {
		t.Errorf("Ready gives %v, want an error with the issuer and since when", err)
	}
	p.Up()
	eventually(t, "ready", a.Ready)
	accepts(t, a, token)
}

func TestDownWithKeys(t *testing.T) {
	p := authtest.New(t)
	a := newOIDC(t, p, func(o *OIDC) { o.Refresh = time.Millisecond })
	token := p.Token(claims{"roles": "agent"})
	accepts(t, a, token)
	p.Down()
	accepts(t, a, token)
	p.Rotate()
	unknown := p.Token(claims{"roles": "agent"})
	rejects(t, a, unknown, Unavailable)
	accepts(t, a, token)
	if err := a.Ready(); err != nil {
		t.Errorf("with keys it is ready: %v", err)
	}
	p.Up()
	eventually(t, "the new key", func() error {
		_, err := a.Authenticate(testContext(t), unknown)
		return err
	})
}

// TestKeySetBroken: a malformed key set leaves the keys as they are.
func TestKeySetBroken(t *testing.T) {
	p := authtest.New(t)
	a := newOIDC(t, p, nil)
	token := p.Token(claims{"roles": "agent"})
	accepts(t, a, token)
	for _, body := range []string{"", "<html>sign in</html>", `{"keys":7}`, `{}`, `{"keys":[` + strings.Repeat(" ", maxKeySet) + `]}`} {
		p.Publish([]byte(body))
		if _, _, err := a.provider.fetch(testContext(t), true); err == nil {
			t.Errorf("a key set of %.20q... is taken", body)
		} else if len(brief(err)) > 400 || strings.ContainsAny(brief(err), "\r\n") {
			t.Errorf("the reason is not one short line: %q", brief(err))
		}
		accepts(t, a, token)
	}
}

// syncBuffer is a log for concurrent reading and writing.
type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestSecretPublished: a provider that publishes a secret loses that key, not the others.
func TestSecretPublished(t *testing.T) {
	p := authtest.New(t)
	public, err := p.Key().Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	p.Publish([]byte(`{"keys":[{"kty":"oct","kid":"hush","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQ"},` + string(public) + `]}`))
	var log syncBuffer
	a := newOIDC(t, p, func(o *OIDC) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	accepts(t, a, p.Token(claims{"roles": "agent"}))
	if s := log.String(); !strings.Contains(s, "level=ERROR") || !strings.Contains(s, "hush") || strings.Contains(s, "c2VjcmV0") {
		t.Errorf("the log is to name the key and not to hold it:\n%s", s)
	}
}

// TestFlood: thousands of tokens with made-up keys neither cause thousands of requests to
// the provider, nor keep out tokens with known keys.
func TestFlood(t *testing.T) {
	p := authtest.New(t)
	a := newOIDC(t, p, nil)
	good := p.Token(claims{"roles": "agent"})
	accepts(t, a, good)
	before := p.Fetched()
	started := time.Now()
	reasons := make([]map[Reason]int, 16)
	var flood sync.WaitGroup
	for w := range reasons {
		reasons[w] = map[Reason]int{}
		flood.Go(func() {
			for i := range 100 {
				token, err := p.Key().Sign(claims{"kid": fmt.Sprintf("made-up-%d-%d", w, i)}, p.Claims(nil))
				if err != nil {
					t.Error(err)
					return
				}
				var te *TokenError
				if _, err := a.Authenticate(testContext(t), token); !errors.As(err, &te) {
					t.Errorf("a made-up key: %v", err)
					return
				}
				reasons[w][te.Reason]++
				if _, err := a.Authenticate(testContext(t), good); err != nil {
					t.Errorf("a known key, meanwhile: %v", err)
				}
			}
		})
	}
	flood.Wait()
	allowed := askBurst + int(time.Since(started)/askEvery) + 1
	if n := p.Fetched() - before; n > allowed {
		t.Errorf("the provider was asked %d times, at most %d are allowed", n, allowed)
	}
	total := map[Reason]int{}
	for _, m := range reasons {
		for r, n := range m {
			total[r] += n
		}
	}
	if total[Signature]+total[Unavailable] != 1600 || total[Signature] == 0 || total[Unavailable] == 0 {
		t.Errorf("refusals %v, want some for the signature and the rest as not checked", total)
	}
	// A bad signature with a known key causes no request.
	before = p.Fetched()
	rejects(t, a, good[:len(good)-86]+strings.Repeat("A", 86), Signature)
	if n := p.Fetched() - before; n != 0 {
		t.Errorf("a bad signature took %d requests", n)
	}
}

func TestClose(t *testing.T) {
	p := authtest.New(t)
	a := newOIDC(t, p, nil)
	token := p.Token(claims{"roles": "agent"})
	accepts(t, a, token)
	defer p.Hold()()
	p.Rotate()
	unknown := p.Token(claims{"roles": "agent"})
	ended := make(chan error, 1)
	go func() {
		_, err := a.Authenticate(testContext(t), unknown)
		ended <- err
	}()
	eventually(t, "a fetch in flight", func() error {
		if p.Waiting() == 0 {
			return errors.New("none yet")
		}
		return nil
	})
	a.Close()
	a.Close()
	refused(t, unknown, Identity{}, <-ended, Unavailable)
	accepts(t, a, token)
	rejects(t, a, unknown, Unavailable)
}

// Why keys could not be fetched for a token stands in the log, not in what its
// client hears.
func TestFailedFetchIsLogged(t *testing.T) {
	p := authtest.New(t)
	var log syncBuffer
	a := newOIDC(t, p, func(o *OIDC) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	accepts(t, a, p.Token(claims{"roles": "agent"}))
	p.Rotate()
	p.Down()
	rejects(t, a, p.Token(claims{"roles": "agent"}), Unavailable)
	if text := log.String(); !strings.Contains(text, "keys of the issuer not fetched for a token") || !strings.Contains(text, "EOF") {
		t.Errorf("the log does not say why:\n%s", text)
	}
}
