//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package daemon

import (
	"bytes"
	"context"
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
	"sync"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/frame"
	"commdn/relay"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
	"commdn/relay/web"
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

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// logText keeps a log.
type logText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// wait waits for words in the log.
func (l *logText) wait(t *testing.T, words string) {
	t.Helper()
	for late := time.Now().Add(patience); !strings.Contains(l.String(), words); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("the log does not say %q:\n%s", words, l)
		}
	}
}

// tlsRig is a relay behind TLS whose files the test can replace.
type tlsRig struct {
	t         *testing.T
	addr      string
	log       *logText
	files     *Certificate
	cert, key string
}

// newTLSRig looks at the files so often, when somebody connects.
func newTLSRig(t *testing.T, every time.Duration) *tlsRig {
	t.Helper()
	folder := t.TempDir()
	r := &tlsRig{t: t, log: &logText{}, cert: filepath.Join(folder, "tls.crt"), key: filepath.Join(folder, "tls.key")}
	cert, key := newPair(t, 1)
	r.replace(t, r.cert, cert)
	r.replace(t, r.key, key)
	log := slog.New(slog.NewTextHandler(r.log, nil))
	var err error
	if r.files, err = loadCertificate(r.cert, r.key, every, log); err != nil {
		t.Fatal(err)
	}
	l, err := web.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	r.addr = l.Addr().String()
	srv, err := relay.New(relay.Options{Log: log, Links: []relay.Link{{AppDBID: 101, TServer: tserver.Options{
		Driver: tlink.Driver{}, Servers: []string{"127.0.0.1:1"}, CommDN: "CommDN_1", Application: "commdn",
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, tls.NewListener(l, r.files.Config())) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return r
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
	r := newTLSRig(t, 0)
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
	expect(3, "replaced in the other order")
	if strings.Contains(r.log.String(), "PRIVATE") || bytes.Contains([]byte(r.log.String()), key[40:80]) {
		t.Errorf("the log has a key:\n%s", r.log)
	}
}

// The relay looks at the files now and then, not for each connection.
func TestCertificateIsLookedAtNowAndThen(t *testing.T) {
	t.Parallel()
	r := newTLSRig(t, time.Hour)
	cert, key := newPair(t, 2)
	r.replace(t, r.key, key)
	r.replace(t, r.cert, cert)
	if got := r.serial(); got != 1 {
		t.Errorf("certificate %d, want 1: nobody has looked since the start", got)
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
		if _, err := LoadCertificate(at(c.cert), at(c.key), slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), at(c.cert)) || !strings.Contains(err.Error(), at(c.key)) {
			t.Errorf("%s, %s: %v, want %q", c.cert, c.key, err, c.words)
		}
	}
}

// Over TLS there is HTTP/1.1 alone, what it needs to be secure, and the
// WebSocket.
func TestTLS(t *testing.T) {
	t.Parallel()
	r := newTLSRig(t, 0)
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
	hello, err := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "test"}.Body()}.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.Write(t.Context(), websocket.MessageBinary, hello); err != nil {
		t.Fatal(err)
	}
	_, message, err := ws.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f, err := frame.Decode(message); err != nil || f.Kind != frame.KindWelcome {
		t.Errorf("got %v, %v", f.Kind, err)
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
