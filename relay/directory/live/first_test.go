package live

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commdn/relay/directory"
	"commdn/relay/internal/certtest"
	"commdn/relay/internal/dial"
)

func written(t *testing.T, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cache.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestFirst: the bridge takes precedence over the disk, and the disk over nothing.
func TestFirst(t *testing.T) {
	good := startBridge(t, func(nc net.Conn) { _, _ = nc.Write(framed(1, export("of the bridge"))); held(nc) }).address()
	unusable := startBridge(t, func(nc net.Conn) { _, _ = nc.Write(framed(1, export("unusable"))); held(nc) }).address()
	wrong := startBridge(t, func(nc net.Conn) { _, _ = nc.Write([]byte("error CFGLoginIncorrect\n")); held(nc) }).address()
	mute := startBridge(t, held).address()
	file, broken := written(t, export("on disk")), written(t, export("on disk")[:100])
	for _, test := range []struct {
		name, address, cache string
		campaign, err        string
	}{
		{"bridge", good, "", "of the bridge", ""},
		{"bridge and disk", good, file, "of the bridge", ""},
		{"bridge and a broken disk", good, broken, "of the bridge", ""},
		{"bridge without Configuration Server, and disk", wrong, file, "on disk", ""},
		{"unusable bridge, and disk", unusable, file, "on disk", ""},
		{"unusable bridge, and a broken disk", unusable, broken, "unusable", ""},
		{"unusable bridge, and a disk that is no better", unusable, written(t, export("unusable, too")), "unusable", ""},
		{"unusable bridge alone", unusable, "", "unusable", ""},
		{"silent bridge, and disk", mute, file, "on disk", ""},
		{"no bridge, and disk", "127.0.0.1:1", file, "on disk", ""},
		{"bridge without Configuration Server alone", wrong, "", "", "cannot read Configuration Server: CFGLoginIncorrect\nno directory on disk: directory.cache is not set"},
		{"silent bridge alone", mute, file + ".none", "", "has sent no directory in time"},
		{"no bridge, and a broken disk", "127.0.0.1:1", broken, "", "the file ends in the middle of the export"},
		{"no bridge, and YAML", "127.0.0.1:1", written(t, []byte("campaigns: []")), "", "no export of Configuration Server"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// Time for at least one answer, even on a busy machine.
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			d, err := First(ctx, Options{Address: test.address, Cache: test.cache, MinBackoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond,
				Unusable: func(d *directory.Directory) error {
					if strings.HasPrefix(d.Campaigns[0].Name, "unusable") {
						return errNotThis
					}
					return nil
				}})
			switch {
			case test.err != "":
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("%v, want %q", err, test.err)
				}
			case err != nil:
				t.Error(err)
			case d.Campaigns[0].Name != test.campaign:
				t.Errorf("campaign %s, want %s", d.Campaigns[0].Name, test.campaign)
			}
		})
	}
}

// TestFirstWaits: First waits for a late bridge if there is nothing else.
func TestFirstWaits(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	go func() {
		time.Sleep(100 * time.Millisecond)
		if l, err := net.Listen("tcp", address); err == nil {
			defer l.Close()
			if nc, err := l.Accept(); err == nil {
				_, _ = nc.Write(framed(1, export("late")))
				nc.Close()
			}
		}
	}()
	d, err := First(t.Context(), Options{Address: address, MinBackoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond})
	if err != nil || d.Campaigns[0].Name != "late" {
		t.Fatalf("%v, %v", d, err)
	}
}

// TestTLS: both sides need a certificate of the right CA.
func TestTLS(t *testing.T) {
	ca, other := certtest.New(t), certtest.New(t)
	serve := func(nc net.Conn) { _, _ = nc.Write(framed(1, export("one"))); held(nc) }
	plain, secure := startBridge(t, serve).address(), secureBridge(t, ca.Server(t), serve).address()
	mine, stranger := ca.Issue(t, "relay"), other.Issue(t, "stranger")
	for _, test := range []struct {
		name, address string
		files         dial.Files
		err           string // empty: none
	}{
		{"both", secure, dial.Files{CA: ca.File, Cert: mine.Cert, Key: mine.Key}, ""},
		{"a bridge without TLS", plain, dial.Files{CA: ca.File, Cert: mine.Cert, Key: mine.Key}, "TLS handshake"},
		{"a bridge of another CA", secure, dial.Files{CA: other.File, Cert: mine.Cert, Key: mine.Key}, "unknown authority"},
		{"a relay of another CA", secure, dial.Files{CA: ca.File, Cert: stranger.Cert, Key: stranger.Key}, "tls: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			conf, err := test.files.Config()
			if err != nil {
				t.Fatal(err)
			}
			d, err := Fetch(t.Context(), Options{Address: test.address, TLS: conf})
			if test.err == "" && (err != nil || d.Campaigns[0].Name != "one") || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("%v, %v", d, err)
			}
		})
	}
}
