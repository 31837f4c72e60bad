//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/frame"
)

// newPair gives a certificate for localhost and its key, in PEM.
func newPair(t *testing.T, serial int64) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// tlsRig is a relay behind TLS whose files the test can replace.
type tlsRig struct {
	*rig
	files     *Certificate
	cert, key string
}

func newTLSRig(t *testing.T) *tlsRig {
	t.Helper()
	folder := t.TempDir()
	r := &tlsRig{cert: filepath.Join(folder, "tls.crt"), key: filepath.Join(folder, "tls.key")}
	cert, key := newPair(t, 1)
	r.replace(t, r.cert, cert)
	r.replace(t, r.key, key)
	text := newLogText()
	var err error
	if r.files, err = LoadCertificate(r.cert, r.key, slog.New(slog.NewTextHandler(text, nil))); err != nil {
		t.Fatal(err)
	}
	r.look(0) // whenever somebody connects
	l, err := Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	r.rig = serveOn(t, tls.NewListener(l, r.files.Config()), "127.0.0.1:1", nil)
	r.log = text
	return r
}

// look sets how often the files are looked at.
func (r *tlsRig) look(every time.Duration) {
	r.files.mu.Lock()
	defer r.files.mu.Unlock()
	r.files.every = every
}

// replace puts a file in the place of another one, as those do who renew
// certificates.
func (r *tlsRig) replace(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

// serial connects and gives the serial number of the certificate that is shown.
func (r *tlsRig) serial() int64 {
	r.t.Helper()
	c, err := tls.Dial("tcp", r.addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	state := c.ConnectionState()
	if state.NegotiatedProtocol != "http/1.1" {
		r.t.Errorf("protocol %q", state.NegotiatedProtocol)
	}
	return state.PeerCertificates[0].SerialNumber.Int64()
}

func TestCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	r := newTLSRig(t)
	expect := func(serial int64, when string) {
		t.Helper()
		if got := r.serial(); got != serial {
			t.Errorf("%s: certificate %d, want %d", when, got, serial)
		}
	}
	expect(1, "at the start")
	cert, key := newPair(t, 2)
	r.replace(t, r.cert, cert)
	expect(1, "one of two files replaced")
	r.log.wait(t, "certificate not renewed, the old one stays in use")
	r.replace(t, r.key, key)
	expect(2, "both replaced")
	r.log.wait(t, "certificate renewed")
	r.replace(t, r.key, []byte("no key at all"))
	expect(2, "a key that is none")
	if err := os.Remove(r.cert); err != nil {
		t.Fatal(err)
	}
	expect(2, "a file taken away")
	cert, key = newPair(t, 3)
	r.replace(t, r.key, key)
	r.replace(t, r.cert, cert)
	r.look(time.Hour)
	expect(2, "before anybody looks")
	r.look(0)
	expect(3, "replaced in the other order")
	if strings.Contains(r.log.String(), "PRIVATE") || bytes.Contains([]byte(r.log.String()), key[40:80]) {
		t.Errorf("the log has a key:\n%s", r.log)
	}
}

func TestCertificateMissing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key := newPair(t, 1)
	_, other := newPair(t, 2)
	for name, data := range map[string][]byte{"a.crt": cert, "a.key": key, "b.key": other, "empty": nil} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ cert, key, words string }{
		{"none", "a.key", "no such file"}, {"a.crt", "none", "no such file"}, {"a.crt", "b.key", "does not match"},
		{"empty", "a.key", "failed to find any PEM data"}, {"a.key", "a.crt", "PEM"},
	} {
		at := func(name string) string { return filepath.Join(folder, name) }
		if _, err := LoadCertificate(at(c.cert), at(c.key), slog.New(slog.DiscardHandler)); err == nil || !containsAll(err.Error(), c.words, at(c.cert), at(c.key)) {
			t.Errorf("%s, %s: %v, want %q", c.cert, c.key, err, c.words)
		}
	}
}

// Over TLS there is HTTP/1.1 alone, what it needs to be secure, and the
// WebSocket.
func TestTLS(t *testing.T) {
	t.Parallel()
	r := newTLSRig(t)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	answer, err := client.Get("https://" + r.addr + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.ProtoMajor != 1 || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%s %v", answer.Proto, answer.Header)
	}
	ws, _, err := websocket.Dial(t.Context(), "wss://"+r.addr+"/ws", &websocket.DialOptions{
		HTTPClient: client, Subprotocols: []string{frame.Subprotocol}, HTTPHeader: http.Header{"Origin": {"https://" + r.addr}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	c := &peer{t: t, ws: ws}
	c.hello("")
	c.send(frame.Frame{Kind: frame.KindPing, Number: 7})
	for f := c.next(); f.Kind != frame.KindPong; f = c.next() {
	}
	_, refused, err := websocket.Dial(t.Context(), "wss://"+r.addr+"/ws", &websocket.DialOptions{
		HTTPClient: client, Subprotocols: []string{frame.Subprotocol}, HTTPHeader: http.Header{"Origin": {"http://" + r.addr}},
	})
	if err == nil || refused.StatusCode != http.StatusForbidden {
		t.Errorf("a page without TLS: %v", err)
	}
	if _, err := tls.Dial("tcp", r.addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	// A client that says nothing at all, or no TLS, keeps nobody.
	for _, words := range []string{"", "GET / HTTP/1.1\r\n\r\n"} {
		silent, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		_, _ = silent.Write([]byte(words))
		r.serial()
	}
}
