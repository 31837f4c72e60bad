package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"sync/atomic"
	"time"

	"commdn/relay/auth"
	"commdn/relay/config"
)

// identities is the relay's Authenticator: the one in use, until a reload brings
// another.
type identities struct {
	now  atomic.Pointer[authenticator]
	wait time.Duration // that a reload waits for the keys of a provider
}

// authenticator is an Authenticator with what else there is to it.
type authenticator struct {
	auth.Authenticator
	ready func() error
	close func()
}

func (i *identities) Authenticate(ctx context.Context, token string) (auth.Identity, error) {
	return i.now.Load().Authenticate(ctx, token)
}

// Ready says why tokens cannot be checked now.
func (i *identities) Ready() error { return i.now.Load().ready() }

func newAuthenticator(a config.Auth, log *slog.Logger) (*authenticator, error) {
	claims := auth.Claims{Roles: a.Claims.Roles, Name: a.Claims.Name, Map: map[auth.Role][]string{
		auth.Agent: a.Roles.Agent, auth.Supervisor: a.Roles.Supervisor, auth.Auditor: a.Roles.Auditor,
	}}
	if a.JWKS.On() {
		j, err := auth.NewJWKS(auth.JWKS{
			File: string(a.JWKS.File), Issuer: a.JWKS.Issuer, Audience: a.JWKS.Audience, ClockSkew: a.JWKS.ClockSkew, Claims: claims,
		})
		if err != nil {
			return nil, err
		}
		return &authenticator{j, func() error { return nil }, func() {}}, nil
	}
	o, err := auth.NewOIDC(auth.OIDC{
		Issuer: a.OIDC.Issuer, Audience: a.OIDC.Audience, ClockSkew: a.OIDC.ClockSkew, CAFile: string(a.OIDC.CAFile), Claims: claims, Log: log,
	})
	if err != nil {
		return nil, err
	}
	return &authenticator{o, o.Ready, o.Close}, nil
}

// next makes the authenticator that a reload goes over to, and gives what goes over:
// with the key file as it is now, or, where other claims or roles count, with keys
// of the provider of its own.
func (i *identities) next(from, to config.Auth, log *slog.Logger) (goOver func(), err error) {
	if to.OIDC.On() && from.Claims == to.Claims && reflect.DeepEqual(from.Roles, to.Roles) {
		return func() {}, nil
	}
	a, err := newAuthenticator(to, log)
	if err != nil {
		return nil, err
	}
	old := i.now.Load()
	// Whoever can be let in now is not to be sent away meanwhile.
	for late := time.Now().Add(i.wait); old.ready() == nil && a.ready() != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(late) {
			defer a.close()
			return nil, fmt.Errorf("auth.claims and auth.roles need the keys of the provider once more: %w", a.ready())
		}
	}
	return func() {
		i.now.Store(a)
		old.close()
	}, nil
}
