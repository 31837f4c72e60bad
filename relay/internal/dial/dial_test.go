package dial_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/relay/internal/certtest"
	"commdn/relay/internal/dial"
	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// echo listens and sends back what each client says in one line.
func echo(t *testing.T, network, addr string, conf *tls.Config) string {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	serve := l
	if conf != nil {
		serve = tls.NewListener(l, conf)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			nc, err := serve.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(nc).ReadString('\n')
			_, _ = io.WriteString(nc, line)
			nc.Close()
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return l.Addr().String()
}

// said connects, says a line and gives what comes back.
func said(t *testing.T, address string, conf *tls.Config) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	nc, err := dial.Dial(ctx, address, conf)
	if err != nil {
		return "", err
	}
	defer nc.Close()
	if _, err := io.WriteString(nc, "hello\n"); err != nil {
		return "", err
	}
	all, err := io.ReadAll(nc)
	return string(all), err
}

func TestDial(t *testing.T) {
	ca, other := certtest.New(t), certtest.New(t)
	client, stranger := ca.Issue(t, "client"), other.Issue(t, "stranger")
	plain := echo(t, "tcp", "127.0.0.1:0", nil)
	secure := echo(t, "tcp", "127.0.0.1:0", ca.Server(t))
	socket := "unix:" + echo(t, "unix", filepath.Join(t.TempDir(), "s"), nil)
	good := dial.Files{CA: ca.File, Cert: client.Cert, Key: client.Key}
	for _, test := range []struct {
		name, address string
		files         *dial.Files
		err           string // that the error holds; empty: none
	}{
		{"plain", plain, nil, ""},
		{"Unix socket", socket, nil, ""},
		{"Unix socket without the TLS of the others", socket, &good, ""},
		{"Unix socket that is not there", socket + "x", nil, "no such file"},
		{"TLS", secure, &good, ""},
		{"TLS by another name in the certificate", secure, &dial.Files{CA: ca.File, Cert: client.Cert, Key: client.Key, ServerName: "localhost"}, ""},
		{"TLS by a name that is not there", secure, &dial.Files{CA: ca.File, Cert: client.Cert, Key: client.Key, ServerName: "other"}, "valid for localhost, not other"},
		{"a server of another CA", secure, &dial.Files{CA: other.File, Cert: client.Cert, Key: client.Key}, "unknown authority"},
		{"a client of another CA", secure, &dial.Files{CA: ca.File, Cert: stranger.Cert, Key: stranger.Key}, "certificate"},
		{"TLS with a server that has none", plain, &good, "TLS handshake with " + plain},
		{"no TLS with a server that has it", secure, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var conf *tls.Config
			if test.files != nil {
				var err error
				if conf, err = test.files.Config(); err != nil {
					t.Fatal(err)
				}
			}
			got, err := said(t, test.address, conf)
			switch {
			case test.err != "":
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("%q, %v; want an error with %q", got, err, test.err)
				}
			case test.address == secure && conf == nil:
				if got == "hello\n" {
					t.Error("a server with TLS understands a client without")
				}
			case err != nil || got != "hello\n":
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	ca := certtest.New(t)
	client, another := ca.Issue(t, "client"), ca.Issue(t, "another")
	none := filepath.Join(t.TempDir(), "none")
	for _, test := range []struct {
		files dial.Files
		err   string
	}{
		{dial.Files{}, "TLS needs the CA"},
		{dial.Files{Cert: client.Cert, Key: client.Key}, "TLS needs the CA"},
		{dial.Files{CA: ca.File, Key: client.Key}, "TLS needs the CA"},
		{dial.Files{CA: ca.File, Cert: client.Cert}, "TLS needs the CA"},
		{dial.Files{CA: none, Cert: client.Cert, Key: client.Key}, none},
		{dial.Files{CA: client.Key, Cert: client.Cert, Key: client.Key}, "holds no certificate"},
		{dial.Files{CA: ca.File, Cert: none, Key: client.Key}, none},
		{dial.Files{CA: ca.File, Cert: client.Cert, Key: another.Key}, another.Key},
	} {
		if _, err := test.files.Config(); err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%+v: %v; want an error with %q", test.files, err, test.err)
		}
	}
}

// A certificate that was renewed counts from the next connection on.
func TestRenewedCertificate(t *testing.T) {
	ca, other := certtest.New(t), certtest.New(t)
	secure := echo(t, "tcp", "127.0.0.1:0", ca.Server(t))
	mine, good := other.Issue(t, "client"), ca.Issue(t, "client")
	conf, err := dial.Files{CA: ca.File, Cert: mine.Cert, Key: mine.Key}.Config()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := said(t, secure, conf); err == nil {
		t.Error("connected with a certificate of another CA")
	}
	for from, to := range map[string]string{good.Cert: mine.Cert, good.Key: mine.Key} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := said(t, secure, conf); err != nil || got != "hello\n" {
		t.Errorf("%q, %v", got, err)
	}
}
