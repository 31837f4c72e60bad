package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTLS: a relay behind TLS, that an own authority has signed for.
func TestTLS(t *testing.T) {
	t.Parallel()
	plain, _ := installation(t, nil, nil)
	behind, err := url.Parse(strings.Replace(strings.TrimSuffix(plain, "/ws"), "ws://", "http://", 1))
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(behind))
	front.EnableHTTP2 = true // a WebSocket has to ask for HTTP/1.1
	front.Config.ErrorLog = log.New(&safeBuffer{}, "", 0)
	front.StartTLS()
	t.Cleanup(front.Close)
	secure := strings.Replace(front.URL, "https://", "wss://", 1) + "/ws"
	own, other, text := certificateFile(t, front.Certificate().Raw), certificateFile(t, authority(t)), tokenFile(t, "not PEM", 0o600)
	for name, c := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"own authority":   {[]string{secure, "--ca-file", own}, 0, "OCS 201: on the Do Not Call list\n", ""},
		"system's":        {[]string{secure}, exitNoAnswer, "", "certificate signed by unknown authority; give its authority with --ca-file\n"},
		"other authority": {[]string{secure, "--ca-file", other}, exitNoAnswer, "", "certificate signed by unknown authority"},
		"other name":      {[]string{strings.Replace(secure, "127.0.0.1", "localhost", 1), "--ca-file", own}, exitNoAnswer, "", "not localhost"},
		"no file":         {[]string{secure, "--ca-file", own + ".none"}, exitUsage, "", "commdn: --ca-file: open " + own + ".none: no such file"},
		"no certificate":  {[]string{secure, "--ca-file", text}, exitUsage, "", "commdn: --ca-file: " + text + " holds no certificate in PEM form\n"},
		"without TLS":     {[]string{plain, "--ca-file", own}, exitUsage, "", "commdn: --ca-file: goes with a wss:// relay"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := invoke(t, "", append([]string{"dnc", "5550104477", "--relay"}, c.args...)...)
			if code != c.code || stdout != c.stdout || !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("exit %d\nstdout: %sstderr: %s", code, stdout, stderr)
			}
		})
	}
}

func certificateFile(t *testing.T, der []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// authority makes the certificate of an authority that has signed nothing else.
func authority(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "another authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestUnencrypted(t *testing.T) {
	for relay, want := range map[string]bool{
		"ws://127.0.0.1:8080/ws":   false,
		"ws://localhost/ws":        false,
		"ws://[::1]:8080/ws":       false,
		"wss://relay.example/ws":   false,
		"https://relay.example/ws": false,
		"ws://relay.example/ws":    true,
		"ws://localhost.example":   true,
		"http://10.0.0.1:8080/ws":  true,
		"://":                      false, // nothing will be sent
	} {
		if got := unencrypted(relay); got != want {
			t.Errorf("%s: %v, want %v", relay, got, want)
		}
	}
}

// TestUnencryptedToken: a token that can be read on the way is sent to nobody,
// unless a flag says so.
func TestUnencryptedToken(t *testing.T) {
	t.Parallel()
	file := tokenFile(t, secret, 0o600)
	for name, c := range map[string]struct {
		f       relayFlags
		refused bool
	}{
		"another machine":    {relayFlags{Relay: "ws://relay.invalid/ws", TokenFile: file}, true},
		"with the flag":      {relayFlags{Relay: "ws://relay.invalid/ws", TokenFile: file, plainFlag: plainFlag{true}}, false},
		"over TLS":           {relayFlags{Relay: "wss://relay.invalid/ws", TokenFile: file}, false},
		"this machine":       {relayFlags{Relay: "ws://127.0.0.1:1/ws", TokenFile: file}, false},
		"there is no secret": {relayFlags{Relay: "ws://relay.invalid/ws"}, false},
	} {
		c.f.Timeout, c.f.stderr = 5*time.Second, io.Discard
		_, err := c.f.open(t.Context())
		var exit *exitError
		if refused := errors.As(err, &exit) && exit.code == exitUsage; refused != c.refused {
			t.Errorf("%s: %v", name, err)
		}
		if c.refused && !strings.Contains(err.Error(), "use wss://, or --send-token-unencrypted") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
