package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"commdn/relay/internal/changes"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/time/rate"
)

// Limits on requests to the provider that tokens with unknown keys cause: several in a
// row, since keys may change twice, then one in a while.
const (
	askEvery = 10 * time.Second
	askBurst = 5
)

var errTooOften = errors.New("asked for keys too often")

// provider holds the keys of an OpenID Connect provider. One goroutine keeps them fresh;
// a token with an unknown key starts a fetch in between, which all callers in need share.
type provider struct {
	issuer  string
	client  *http.Client
	retry   time.Duration
	refresh time.Duration
	ask     *rate.Limiter
	log     *slog.Logger
	ctx     context.Context // ends with close
	cancel  context.CancelFunc
	running sync.WaitGroup
	tried   chan struct{} // closed after the first attempt

	mu     sync.Mutex
	uri    string  // of the key set; empty before the first discovery
	keys   keySet  // replaced, never changed in place
	flight *flight // the fetch in flight
	reason error   // why there are no keys
	since  time.Time
}

// flight is a fetch of the key set. Read keys and err only after done is closed.
type flight struct {
	done chan struct{}
	keys keySet
	err  error
}

func startProvider(o OIDC, client *http.Client) *provider {
	p := &provider{
		issuer: o.Issuer, client: client, retry: o.Retry, refresh: o.Refresh,
		ask: rate.NewLimiter(rate.Every(askEvery), askBurst),
		log: o.Log.With("issuer", o.Issuer), tried: make(chan struct{}),
		reason: errors.New("not reached yet"), since: time.Now(),
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.running.Add(1)
	go p.run()
	return p
}

func (p *provider) close() {
	p.mu.Lock() // no fetch starts from here on
	p.cancel()
	p.mu.Unlock()
	p.running.Wait()
	p.client.CloseIdleConnections()
}

func (p *provider) ready() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.keys) > 0 {
		return nil
	}
	return fmt.Errorf("auth: no keys of issuer %s since %s: %s", p.issuer, p.since.UTC().Format(time.RFC3339), brief(p.reason))
}

// run keeps the keys fresh until the end.
func (p *provider) run() {
	defer p.running.Done()
	tried := sync.OnceFunc(func() { close(p.tried) })
	defer tried()
	var failures changes.Failures
	for failed := 0; p.ctx.Err() == nil; {
		wait := p.refresh
		if err := p.load(); err == nil {
			failed = 0
			failures.Over("")
		} else if p.ctx.Err() == nil {
			wait = min(p.retry<<min(failed, 5), 30*p.retry)
			failed++
			p.log.Log(p.ctx, failures.Level("", err), "keys of the issuer not fetched", "error", brief(err), "retry_in", wait)
		}
		tried()
		// Relays that lost the provider together must not all come back at once.
		wait -= rand.N(wait/4 + 1)
		select {
		case <-p.ctx.Done():
		case <-time.After(wait):
		}
	}
}

// load finds the address of the keys and fetches them.
func (p *provider) load() error {
	uri, err := p.discover()
	p.mu.Lock()
	if err == nil {
		p.uri = uri
	} else if len(p.keys) == 0 {
		p.reason = err
	}
	p.mu.Unlock()
	if err != nil {
		return err
	}
	_, _, err = p.fetch(p.ctx, true)
	return err
}

// discover reads the address of the key set from the discovery document.
func (p *provider) discover() (string, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(p.ctx, p.client), p.issuer)
	if err != nil {
		return "", fmt.Errorf("discovery: %w", err)
	}
	var document struct {
		URI string `json:"jwks_uri"`
	}
	if err := found.Claims(&document); err != nil {
		return "", fmt.Errorf("discovery document: %w", err)
	}
	uri, err := url.Parse(document.URI)
	if err != nil || uri.Host == "" || !secure(uri, strings.HasPrefix(p.issuer, "http:")) {
		return "", fmt.Errorf("discovery document: jwks_uri %s is not an address from which keys can be fetched safely", shown(document.URI))
	}
	return document.URI, nil
}

// open checks a signature, after a new fetch if the token names an unknown key.
func (p *provider) open(ctx context.Context, jws *jose.JSONWebSignature) ([]byte, error) {
	select {
	case <-p.tried: // checked first: with known keys no context is needed
	default:
		select {
		case <-p.tried:
		case <-ctx.Done():
			return nil, unavailable(ctx.Err())
		}
	}
	p.mu.Lock()
	keys := p.keys
	p.mu.Unlock()
	payload, ok, known := keys.open(jws)
	// A fetch already in flight may have missed the key; the next one has not.
	for joined, round := true, 0; !ok && !known && joined && round < 2; round++ {
		var err error
		if keys, joined, err = p.fetch(ctx, false); err != nil {
			return nil, unavailable(err)
		}
		payload, ok, known = keys.open(jws)
	}
	if !ok {
		return nil, badSignature(jws, known)
	}
	return payload, nil
}

// unavailable is the refusal of a token that could not be checked. The failure on the way
// to the provider is for the log and Ready, not for clients.
func unavailable(err error) error {
	switch {
	case errors.Is(err, errTooOften):
		return refuse(Unavailable, "its key is not known, and the sign-in provider was asked for new keys too often; try again in some seconds")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return refuse(Unavailable, "the sign-in provider has not answered in time; try again later")
	}
	return refuse(Unavailable, "the keys of the sign-in provider cannot be fetched now; try again later")
}

// fetch gets the keys. It joins a fetch in flight (joined), or starts one, which askEvery
// limits unless it is forced.
func (p *provider) fetch(ctx context.Context, forced bool) (keys keySet, joined bool, err error) {
	p.mu.Lock()
	f := p.flight
	switch {
	case p.ctx.Err() != nil:
		err = errors.New("closed")
	case f != nil:
		joined = true
	case p.uri == "":
		err = p.reason
	case !forced && !p.ask.Allow():
		if err = errTooOften; len(p.keys) == 0 {
			err = p.reason
		}
	default:
		f = &flight{done: make(chan struct{})}
		p.flight = f
		p.running.Add(1)
		go p.fly(f, p.uri, !forced)
	}
	p.mu.Unlock()
	if err != nil {
		return nil, false, err
	}
	select {
	case <-f.done:
		return f.keys, joined, f.err
	case <-ctx.Done():
		return nil, joined, ctx.Err()
	}
}

// fly ends a flight. What it brings stays: keys that are no longer published
// end here. When nothing comes the old keys stay. forToken says that a token
// began it: then nobody else logs why it failed.
func (p *provider) fly(f *flight, uri string, forToken bool) {
	defer p.running.Done()
	f.keys, f.err = p.get(uri)
	if forToken && f.err != nil && p.ctx.Err() == nil {
		p.log.Warn("keys of the issuer not fetched for a token with an unknown key", "error", brief(f.err))
	}
	p.mu.Lock()
	p.flight = nil
	switch {
	case f.err == nil:
		if len(p.keys) == 0 {
			p.log.Info("keys of the issuer fetched", "keys", len(f.keys))
		}
		p.keys = f.keys
	case errors.Is(f.err, errNoKeys):
		if len(p.keys) > 0 {
			p.since = time.Now()
		}
		p.keys, p.reason = nil, f.err
	case len(p.keys) == 0:
		p.reason = f.err
	}
	p.mu.Unlock()
	close(f.done)
}

// errNoKeys is no failure on the way to the provider: it revokes all keys.
var errNoKeys = errors.New("the key set has no key that can be used")

func (p *provider) get(uri string) (keySet, error) {
	r, err := http.NewRequestWithContext(p.ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	resp, err := p.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("key set: the provider answered %s", resp.Status)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	keys, notes, err := readKeys(data)
	if err != nil {
		return nil, fmt.Errorf("key set %w", err)
	}
	for _, n := range notes {
		level := slog.LevelDebug
		if n.secret {
			level = slog.LevelError
		}
		p.log.Log(p.ctx, level, "key of the issuer not used", "reason", n.text)
	}
	if len(keys) == 0 {
		return nil, errNoKeys
	}
	return keys, nil
}
