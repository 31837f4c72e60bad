package linktest_test

import (
	"path/filepath"
	"testing"

	"commdn/relay/bridgetest"
	"commdn/relay/internal/certtest"
	"commdn/relay/internal/dial"
	"commdn/relay/internal/leak"
	"commdn/relay/tserver/linktest"
	"commdn/relay/tserver/tlink"
)

func TestMain(m *testing.M) { leak.Main(m) }

// TestSimulator: the simulated T-Server itself shows the behaviour that it tests in
// others.
func TestSimulator(t *testing.T) {
	t.Parallel()
	linktest.Run(t, linktest.Target{})
}

// TestBridge: one bridge before all T-Servers; or, with a pair, one before each.
func TestBridge(t *testing.T) {
	t.Parallel()
	if !bridgetest.Available(t) {
		return
	}
	linktest.Run(t, linktest.Target{Start: func(t testing.TB, tservers []string) []string {
		return []string{bridgetest.Start(t, bridgetest.Options{TServers: tservers}).TLink}
	}})
	t.Run("a pair of bridges", func(t *testing.T) {
		linktest.RunPair(t, linktest.Target{Start: func(t testing.TB, tservers []string) (addresses []string) {
			for _, s := range tservers {
				addresses = append(addresses, bridgetest.Start(t, bridgetest.Options{TServers: []string{s}}).TLink)
			}
			return addresses
		}})
	})
}

// TestBridgeTransports: a bridge behaves the same over TLS and over a Unix socket.
func TestBridgeTransports(t *testing.T) {
	if !bridgetest.Available(t) {
		return
	}
	ca := certtest.New(t)
	server, mine := ca.Issue(t, "bridge"), ca.Issue(t, "relay")
	conf, err := dial.Files{CA: ca.File, Cert: mine.Cert, Key: mine.Key}.Config()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		driver     tlink.Driver
		properties map[string]string
	}{
		"TLS": {tlink.Driver{TLS: conf}, map[string]string{
			"tlink.tls.cert": server.Cert, "tlink.tls.key": server.Key, "tlink.tls.client_ca": ca.File}},
		"Unix socket": {tlink.Driver{}, map[string]string{"tlink.listen": "unix:" + filepath.Join(t.TempDir(), "tlink.sock")}},
	} {
		t.Run(name, func(t *testing.T) {
			linktest.RunPair(t, linktest.Target{Driver: test.driver, Start: func(t testing.TB, tservers []string) []string {
				return []string{bridgetest.Start(t, bridgetest.Options{TServers: tservers, Properties: test.properties}).TLink}
			}})
		})
	}
}
