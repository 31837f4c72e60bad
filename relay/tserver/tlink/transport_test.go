package tlink_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/internal/certtest"
	"commdn/relay/internal/dial"
	"commdn/relay/sim/scenario"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// TestTransports: over each transport events go both ways, and the keep-alive detects a
// silent server.
func TestTransports(t *testing.T) {
	ca := certtest.New(t)
	mine := ca.Issue(t, "client")
	conf, err := dial.Files{CA: ca.File, Cert: mine.Cert, Key: mine.Key}.Config()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		server simtserver.Options
		driver tlink.Driver
	}{
		{"TLS", simtserver.Options{TLS: ca.Server(t)}, tlink.Driver{TLS: conf}},
		{"Unix socket", simtserver.Options{Addr: "unix:" + filepath.Join(t.TempDir(), "s")}, tlink.Driver{}},
		{"Unix socket, TLS for others", simtserver.Options{Addr: "unix:" + filepath.Join(t.TempDir(), "s")}, tlink.Driver{TLS: conf}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.server.CommDNs, test.server.MaxUserData = []string{commDN}, tlink.MaxUserData
			s, err := simtserver.Start(test.server)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			r := openKept(t, test.driver, s.Addr(), tserver.KeepAlive{Idle: 20 * time.Millisecond, Timeout: 500 * time.Millisecond})
			time.Sleep(100 * time.Millisecond) // several KeepAlives and answers
			for _, sent := range []tkvlist.List{{number("n", 1)}, {text("large", strings.Repeat("x", 60_000))}} {
				if err := r.SendUserEvent(t.Context(), sent); err != nil {
					t.Fatal(err)
				}
				if got := receive(t, r.events, "event"); !tkvlist.Equal(got, sent) {
					t.Errorf("got %v", got)
				}
			}
			if err := s.Do(scenario.Fault{Do: scenario.Stall, For: time.Minute}); err != nil {
				t.Fatal(err)
			}
			if err := receive(t, r.ended, "end of Run"); !errors.Is(err, tserver.ErrSilent) {
				t.Errorf("Run = %v", err)
			}
		})
	}
}

// TestTLSRefused: a client without a certificate of the right CA fails, and gets the
// reason.
func TestTLSRefused(t *testing.T) {
	ca, other := certtest.New(t), certtest.New(t)
	s, err := simtserver.Start(simtserver.Options{CommDNs: []string{commDN}, TLS: ca.Server(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	stranger, mine := other.Issue(t, "stranger"), ca.Issue(t, "client")
	for _, test := range []struct {
		name  string
		files dial.Files
		err   string
	}{
		{"client of another CA", dial.Files{CA: ca.File, Cert: stranger.Cert, Key: stranger.Key}, "tls: "},
		{"server of another CA", dial.Files{CA: other.File, Cert: mine.Cert, Key: mine.Key}, "unknown authority"},
	} {
		t.Run(test.name, func(t *testing.T) {
			conf, err := test.files.Config()
			if err != nil {
				t.Fatal(err)
			}
			conn, err := tlink.Driver{TLS: conf}.Open(t.Context(), tserver.ConnOptions{Server: s.Addr(), CommDN: commDN, Application: "test"})
			if conn != nil || err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("Open = %v, %v", conn, err)
			}
		})
	}
	if _, err := (tlink.Driver{OpenTimeout: time.Second}).Open(t.Context(), tserver.ConnOptions{Server: s.Addr(), CommDN: commDN, Application: "test"}); err == nil {
		t.Error("opened without TLS")
	}
}
