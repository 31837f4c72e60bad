package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth/authtest"
	"commdn/relay/habits/habitstest"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
)

// centre is what a configured relay works with: a simulated T-Server and OCS, a
// folder of files, and an issuer of tokens.
type centre struct {
	t      *testing.T
	sim    *sim.Sim
	folder string
	socket string // of the relay whose journal is read; empty: admin.sock in folder
	issuer *authtest.Provider
}

// known is the directory of a centre: that of the scenario demo.
const known = `
tenants: [{dbid: 1, name: Retail}]
applications:
  - {dbid: 201, name: OCS_1, type: ocs, connections: [101]}
  - {dbid: 101, name: commdn, type: third-party-server}
comm_dns: [{number: CommDN_1}]
groups: [{dbid: 502, name: Sales}]
campaigns: [{dbid: 1001, name: Autumn offers}, {dbid: 1002, name: Renewals}]
campaign_groups: [{campaign: 1001, group: 502, ocs: 201}]
`

func newCentre(t *testing.T) *centre {
	t.Helper()
	return newCentreOf(t, quick())
}

func newCentreOf(t *testing.T, sc *scenario.Scenario) *centre {
	t.Helper()
	s, err := sim.Start(sim.Options{Scenario: sc, As: habitstest.As(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &centre{t: t, sim: s, folder: t.TempDir(), issuer: authtest.New(t)}
	c.write("directory.yaml", known)
	c.write("keys.json", string(c.issuer.KeySet()))
	c.certificate(1)
	return c
}

func (c *centre) path(name string) string { return filepath.Join(c.folder, name) }

func (c *centre) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(c.path(name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// certificate writes a new certificate for this machine, with its key.
func (c *centre) certificate(serial int64) {
	c.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		c.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		c.t.Fatal(err)
	}
	c.write("cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	c.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

// config writes a configuration with everything on, and more behind it.
func (c *centre) config(more string) (file string) {
	c.t.Helper()
	c.write("relay.yaml", fmt.Sprintf(`
listen: 127.0.0.1:0
tls: {cert_file: cert.pem, key_file: key.pem}
directory: {file: directory.yaml}
metrics: {listen: '127.0.0.1:0'}
pprof: 127.0.0.1:0
admin_socket: admin.sock
drain_timeout: 2s
links: [{name: madrid, servers: ['%s'], backoff: {min: 1ms, max: 20ms}}]
%s`, c.sim.Addr(), more))
	return c.path("relay.yaml")
}

// signedIn is auth by the issuer's keys in a file, with rules.
func (c *centre) signedIn(rules string) string {
	return fmt.Sprintf("auth: {jwks: {file: keys.json, issuer: '%s', audience: commdn}, rules: [%s]}\n", c.issuer.Issuer, rules)
}

// token writes a token of somebody with these roles.
func (c *centre) token(name string, roles ...string) (file string) {
	c.t.Helper()
	c.write(name+".token", c.issuer.Token(map[string]any{"sub": name, "name": name, "roles": roles}))
	return c.path(name + ".token")
}

// session opens a connection that stays open.
func (c *centre) session(url, token string) *session {
	c.t.Helper()
	f := relayFlags{Relay: url, TokenFile: token, CAFile: c.path("cert.pem"), Timeout: patience, stderr: io.Discard}
	s, err := f.open(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(s.Close)
	return s
}

// dnc puts a number on the list.
func (s *session) dnc(t *testing.T, phone string) error {
	t.Helper()
	_, err := s.ask(t.Context(), &commdn.DoNotCall{Phone: phone})
	return err
}

// forbidden fails unless an error is a refusal that names a right.
func forbidden(t *testing.T, err error, right string) {
	t.Helper()
	var refusal *frame.Refusal
	if !errors.As(err, &refusal) || refusal.Code != frame.RefusedForbidden || !strings.Contains(refusal.Message, right) {
		t.Errorf("%v, want that the right %q is missing", err, right)
	}
}

// address gives what a relay says that it listens on for something.
func (s *server) address(t *testing.T, what string) string {
	t.Helper()
	s.log.wait(t, "listening for="+what+" ")
	return regexp.MustCompile(`listening for=` + what + ` address=(\S+)`).FindStringSubmatch(s.log.String())[1]
}

// webSocket gives the URL behind the first line.
func (s *server) webSocket() string { return strings.Replace(s.word(2), "http", "ws", 1) + "/ws" }

// page asks over HTTP with a Host of one's own where one is given.
func page(t *testing.T, url, host string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func contains(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q:\n%s", what, w, text)
		}
	}
}

func mustRead(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
