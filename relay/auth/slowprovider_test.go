package auth

import (
	"context"
	"testing"
	"time"

	"commdn/relay/auth/authtest"
)

func TestSlowProvider(t *testing.T) {
	p := authtest.New(t)
	a := newOIDC(t, p, nil)
	known := p.Token(claims{"roles": "agent"})
	accepts(t, a, known)
	release := p.Hold()
	defer release()
	p.Rotate()
	unknown := p.Token(claims{"roles": "agent"})

	// A waiting caller ends with its context, and no other caller ends with it.
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := a.Authenticate(ctx, unknown)
		ended <- err
	}()
	accepts(t, a, known)
	cancel()
	select {
	case err := <-ended:
		refused(t, unknown, Identity{}, err, Unavailable)
	case <-time.After(limit):
		t.Fatal("still waiting after its context has ended")
	}
	release()
	accepts(t, a, unknown)
}

func TestRequestTimeout(t *testing.T) {
	p := authtest.New(t)
	release := p.Hold()
	defer release()
	a := newOIDC(t, p, func(o *OIDC) { o.Timeout = 20 * time.Millisecond })
	rejects(t, a, p.Token(claims{"roles": "agent"}), Unavailable) // waits for the first attempt, which ends
	if err := a.Ready(); err == nil {
		t.Error("ready without keys")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	release()
	eventually(t, "ready", a.Ready)
	if _, err := a.Authenticate(ctx, p.Token(claims{"roles": "agent"})); err != nil {
		t.Errorf("with keys no context is needed: %v", err)
	}
}

func TestFirstAttemptAwaited(t *testing.T) {
	p := authtest.New(t)
	release := p.Hold()
	a := newOIDC(t, p, nil)
	token := p.Token(claims{"roles": "agent"})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := a.Authenticate(ctx, token)
	refused(t, token, Identity{}, err, Unavailable)
	ended := make(chan error, 1)
	go func() {
		_, err := a.Authenticate(testContext(t), token)
		ended <- err
	}()
	release()
	if err := <-ended; err != nil {
		t.Errorf("a token that came before the keys: %v", err)
	}
}
