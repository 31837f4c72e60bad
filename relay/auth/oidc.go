package auth

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"commdn/relay/internal/netname"
)

// OIDC configures checking the tokens of an OpenID Connect provider. Issuer and Audience
// are required; a zero field means its default.
type OIDC struct {
	Issuer     string        // URL as in the claim iss, to the last slash; https, or http to a loopback address
	Audience   string        // the claim aud must be or contain it
	ClockSkew  time.Duration // for exp, nbf and iat; 30 s; at most 5 min
	Claims     Claims
	CAFile     string        // PEM, trusted beside the system's own; read once
	Algorithms []string      // of RS, PS and ES 256, 384, 512, and EdDSA; all of them
	Timeout    time.Duration // of one request to the provider; 10 s
	Retry      time.Duration // pause after the first failed attempt, doubles up to thirty times as much; 1 s
	Refresh    time.Duration // maximum age of keys, so that a revoked key expires; 10 min
	Log        *slog.Logger  // nil: no log
}

// OIDCAuthenticator is an Authenticator with the keys of a provider, found through its
// discovery document.
type OIDCAuthenticator struct {
	verifier *verifier
	provider *provider
}

// NewOIDC starts to look for the provider in the background, retries until it finds it,
// and returns at once: a missing provider is no error. Close ends that.
func NewOIDC(o OIDC) (*OIDCAuthenticator, error) {
	v, err := newVerifier(o.Issuer, o.Audience, o.ClockSkew, o.Algorithms, o.Claims)
	if err != nil {
		return nil, err
	}
	issuer, err := url.Parse(o.Issuer)
	// The URL stays out of the error if it may hold a password.
	if err != nil || issuer.User != nil {
		return nil, errors.New("auth: the issuer is not a URL, or one with a user in it; give https://HOST/PATH")
	}
	if !secure(issuer, true) || issuer.Host == "" || issuer.RawQuery != "" || issuer.Fragment != "" {
		return nil, fmt.Errorf("auth: issuer %s must be https://HOST/PATH without query or fragment; http is for loopback addresses only", shown(o.Issuer))
	}
	for _, d := range []struct {
		option string
		value  *time.Duration
		normal time.Duration
	}{{"Timeout", &o.Timeout, 10 * time.Second}, {"Retry", &o.Retry, time.Second}, {"Refresh", &o.Refresh, 10 * time.Minute}} {
		if *d.value < 0 {
			return nil, fmt.Errorf("auth: option %s is negative", d.option)
		}
		if *d.value == 0 {
			*d.value = d.normal
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	client, err := newClient(o.CAFile, o.Timeout, issuer.Scheme == "http")
	if err != nil {
		return nil, err
	}
	return &OIDCAuthenticator{verifier: v, provider: startProvider(o, client)}, nil
}

// Authenticate checks a token. It waits, as long as ctx and the timeout of a request
// allow, during the first attempt to reach the provider and for a token that names an
// unknown key.
func (a *OIDCAuthenticator) Authenticate(ctx context.Context, token string) (Identity, error) {
	return a.verifier.authenticate(ctx, token, a.provider)
}

// Ready returns nil if there are keys to check tokens with, else since when there are
// none and why. The text may name hosts: it is for operators.
func (a *OIDCAuthenticator) Ready() error { return a.provider.ready() }

// Close ends all requests to the provider and waits for that. Tokens with known keys
// still pass. It may be called more than once.
func (a *OIDCAuthenticator) Close() { a.provider.close() }

// secure reports whether keys may come from u: nobody on the way can change them.
func secure(u *url.URL, loopbackHTTP bool) bool {
	if u.Scheme == "https" {
		return true
	}
	return loopbackHTTP && u.Scheme == "http" && netname.Loopback(u.Hostname())
}

func newClient(caFile string, timeout time.Duration, loopbackHTTP bool) (*http.Client, error) {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: timeout}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: timeout,
		ForceAttemptHTTP2:   true,
		IdleConnTimeout:     30 * time.Second,
		MaxIdleConns:        2,
	}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("auth: CA file %s cannot be read: %w", caFile, cause(err))
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool() // a minimal container has none
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("auth: CA file %s has no certificate in PEM (-----BEGIN CERTIFICATE-----)", caFile)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	return &http.Client{
		Timeout:   timeout,
		Transport: bounded{transport},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 3 || !secure(r.URL, loopbackHTTP) {
				return errors.New("redirected too often, or away from https")
			}
			return nil
		},
	}, nil
}

// bounded ends a response that is longer than any key set: go-oidc reads without a limit.
type bounded struct{ *http.Transport }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.Transport.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxKeySet)
	}
	return resp, err
}
