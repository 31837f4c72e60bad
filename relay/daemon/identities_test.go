package daemon

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"commdn/relay/auth"
	"commdn/relay/auth/authtest"
	"commdn/relay/config"
)

// Roles that are given otherwise need keys of the provider of their own; without
// them everything stays as it is.
func TestIdentities(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	log := slog.New(slog.DiscardHandler)
	from := config.Default().Auth
	from.OIDC.Issuer, from.OIDC.Audience = issuer.Issuer, authtest.Audience
	to := from
	to.Roles.Agent = []string{"clerk"}
	first, err := newAuthenticator(from, log)
	if err != nil {
		t.Fatal(err)
	}
	id := &identities{wait: 50 * time.Millisecond}
	id.now.Store(first)
	defer func() { id.now.Load().close() }()
	token := issuer.Token(map[string]any{"roles": []string{"clerk"}})
	check := func(what string, want auth.Reason) {
		t.Helper()
		_, err := id.Authenticate(t.Context(), token)
		var refused *auth.TokenError
		if errors.As(err, &refused); want == 0 && err != nil || want != 0 && (refused == nil || refused.Reason != want) {
			t.Errorf("%s: %v, want reason %v", what, err, want)
		}
	}
	check("at first", auth.NoRole)

	issuer.Down()
	if _, err := id.next(from, to, log); err == nil || !strings.Contains(err.Error(), "auth.claims and auth.roles need the keys of the provider once more") {
		t.Errorf("the provider is down: %v", err)
	}
	check("after a reload without the provider", auth.NoRole)
	goOver, err := id.next(from, from, log)
	if err != nil {
		t.Errorf("nothing is different, and the provider down: %v", err)
	} else if goOver(); id.now.Load() != first {
		t.Error("another authenticator, and nothing is different")
	}

	issuer.Up()
	id.wait = patience
	if goOver, err = id.next(from, to, log); err != nil {
		t.Fatal(err)
	}
	check("before it goes over", auth.NoRole)
	goOver()
	check("after", 0)
	if err := id.Ready(); err != nil {
		t.Error(err)
	}
}
