package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"reflect"
	"strconv"
	"sync/atomic"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/auth"
	"commdn/relay/config"
	"commdn/relay/directory"
)

// setup is a configuration with the directory that it names.
type setup struct {
	conf      *config.Config
	directory *directory.Directory // nil: none is named
	findings  []directory.Finding
}

// readSetup reads and checks a configuration and what it names. Links that the
// directory finds fault with are none of its errors, if they can be opened:
// whoever looks into the findings sees that OCS would be silent.
func readSetup(file string) (*setup, error) {
	conf, err := config.Load(file, os.Environ())
	if err != nil {
		return nil, err
	}
	s := &setup{conf: conf}
	if conf.Directory.File == "" {
		return s, nil
	}
	if s.directory, err = directory.Load(string(conf.Directory.File)); err != nil {
		return nil, err
	}
	s.findings = conf.Complete(s.directory)
	return s, nil
}

// openable says which links lack something that the directory did not tell
// either, and why.
func (s *setup) openable() error {
	var all []error
	for _, l := range s.conf.Links {
		if lacks := l.Incomplete(); lacks != "" {
			all = append(all, fmt.Errorf("link %s cannot be opened: the directory does not tell %s", l.Name, lacks))
		}
	}
	if all == nil {
		return nil
	}
	for _, f := range s.findings {
		if f.Severity == directory.Error {
			all = append(all, errors.New(f.String()))
		}
	}
	return errors.Join(all...)
}

// settings are what a running relay takes over.
func (s *setup) settings() (relay.Settings, error) {
	c := s.conf
	if err := relay.ParseOrigins(c.Origins); err != nil {
		return relay.Settings{}, err
	}
	if _, err := relay.ParseParents(c.Parents); err != nil {
		return relay.Settings{}, err
	}
	policy, err := newPolicy(c.Auth.Rules)
	if err != nil {
		return relay.Settings{}, err
	}
	return relay.Settings{
		Hosts: c.Hosts, Origins: c.Origins, Parents: c.Parents, Policy: policy, Grace: c.Auth.Grace, Directory: s.directory,
		Limits: relay.Limits{
			Sessions: c.Limits.Sessions, PerAddress: c.Limits.SessionsPerAddress,
			Rate: c.Limits.RequestsPerSecond, Burst: c.Limits.Burst,
			AddressRate: c.Limits.AddressRequestsPerSecond, AddressBurst: c.Limits.AddressBurst,
			Requests: c.Limits.RequestsPerSession, Queue: c.Limits.Queue,
		},
	}, nil
}

// links are the links to T-Server.
func (s *setup) links() []relay.Link {
	var all []relay.Link
	for _, l := range s.conf.Links {
		o := link(l.Servers, l.CommDN, l.Application)
		o.MinBackoff, o.MaxBackoff = l.Backoff.Min, l.Backoff.Max
		o.KeepAlive.Idle, o.KeepAlive.Timeout = l.KeepAlive.Idle, l.KeepAlive.Timeout
		one := relay.Link{Name: l.Name, TServer: o, AppDBID: l.AppDBID, OCS: l.OCS}
		for _, t := range l.Tenants {
			one.Tenants = append(one.Tenants, s.tenant(t))
		}
		all = append(all, one)
	}
	return all
}

// tenant gives the tenant that a DBID or a name stands for.
func (s *setup) tenant(text string) auth.Named {
	if s.directory != nil {
		if t, err := s.directory.FindTenant(text); err == nil {
			return auth.Named{DBID: t.DBID, Name: t.Name}
		}
	}
	if id, err := strconv.ParseInt(text, 10, 32); err == nil && id > 0 {
		return auth.Named{DBID: commdn.DBID(id)}
	}
	return auth.Named{Name: text}
}

func newPolicy(rules []config.Rule) (*auth.Policy, error) {
	all := make([]auth.Rule, len(rules))
	for i, r := range rules {
		role, err := auth.ParseRole(r.Role)
		if err != nil {
			return nil, err
		}
		all[i] = auth.Rule{Role: role, Values: r.Values, Campaigns: r.Campaigns, Groups: r.Groups, Tenants: r.Tenants}
	}
	return auth.NewPolicy(all)
}

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

// checkConfig writes what a relay would use, with what is worth knowing of it as
// comments.
func checkConfig(e *env, file string) error {
	s, err := readSetup(file)
	if err == nil {
		_, err = s.settings()
	}
	if err == nil && s.conf.Auth.JWKS.On() {
		_, err = newAuthenticator(s.conf.Auth, nil)
	}
	if err != nil {
		return err
	}
	if _, err := e.stdout.Write(s.conf.Masked()); err != nil {
		return err
	}
	wrong := s.openable() != nil
	s.tell(func(severity directory.Severity, text string) {
		wrong = wrong || severity == directory.Error
		_, _ = io.WriteString(e.stdout, "# "+severity.String()+": "+text+"\n")
	})
	if wrong {
		return &exitError{exitInvalid, fmt.Errorf("%s: OCS would not answer; see the errors above", file)}
	}
	return nil
}

// tell says what an operator should know of a configuration that can be used.
func (s *setup) tell(say func(severity directory.Severity, text string)) {
	for _, w := range s.conf.Warnings() {
		say(directory.Warning, w)
	}
	for _, f := range s.findings {
		say(f.Severity, f.Text)
	}
}
