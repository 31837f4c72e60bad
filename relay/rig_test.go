package relay

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/auth"
	"commdn/relay/auth/authtest"
	"commdn/relay/habits/habitstest"
	"commdn/relay/internal/leak"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
	"commdn/relay/web"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(crowdAddress); address != "" {
		if err := crowd(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if os.Getenv(attackerOn) != "" {
		if err := attack(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if address := os.Getenv(audienceAddress); address != "" {
		if err := audience(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(max(runtime.GOMAXPROCS(0), sideBySide))); err != nil {
		panic(err)
	}
	leak.Main(m)
}

// sideBySide is how many of these tests run at a time: most of them wait.
const sideBySide = 4

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// unanswered is the DrainTimeout of a test that ends with requests in flight that nobody
// answers any more.
const unanswered = 10 * time.Millisecond

// rig is a relay on a simulated CommDN, both over TCP.
type rig struct {
	t    testing.TB
	sim  *sim.Sim
	srv  *Server
	addr string
	log  *logText
	stop func() error // ends Serve and gives what it returned; may be called again
}

// What the simulated installations have.
const (
	application commdn.DBID = 101 // the relay's
	commDN                  = "CommDN_1"
)

// silentOCS is on the CommDN and connected to nobody, so that it never answers.
func silentOCS(id commdn.DBID) scenario.Application {
	return scenario.Application{DBID: id, Type: scenario.OutboundContactServer}
}

func connectedOCS(id commdn.DBID) scenario.Application {
	o := silentOCS(id)
	o.Connections, o.OCS.EchoOnError = []commdn.DBID{application}, true
	return o
}

// installation is a CommDN with these OCS and the relay's application.
func installation(servers ...scenario.Application) *scenario.Scenario {
	relay := scenario.Application{DBID: application, Name: "commdn", Type: scenario.ThirdPartyServer}
	return &scenario.Scenario{CommDNs: []scenario.CommDN{{Number: commDN}}, Applications: append(servers, relay)}
}

// newRig starts a simulation and a relay that knows of its OCS; a nil function
// changes nothing.
func newRig(t testing.TB, sc *scenario.Scenario, change func(*Options)) *rig {
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
	r := newRelay(t, s.Addr(), func(o *Options) {
		for _, one := range sc.Servers() {
			o.Links[0].OCS = append(o.Links[0].OCS, one.DBID)
		}
		if change != nil {
			change(o)
		}
	})
	r.sim = s
	r.waitLink(true)
	return r
}

// newRelay starts a relay whose T-Server need not be there.
func newRelay(t testing.TB, tserverAddr string, change func(*Options)) *rig {
	t.Helper()
	l, err := web.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, tserverAddr, change)
}

func serveOn(t testing.TB, l net.Listener, tserverAddr string, change func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, addr: l.Addr().String(), log: newLogText()}
	o := Options{
		Links:   []Link{{TServer: tserverAt(tserverAddr, "commdn"), AppDBID: application}},
		Version: "commdn/test",
		Log:     slog.New(slog.NewTextHandler(r.log, nil)),
		// A busy machine lets neither end of a test's connections be late.
		HelloTimeout: patience, WriteTimeout: patience,
	}
	if change != nil {
		change(&o)
	}
	var err error
	if r.srv, err = New(o); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.srv.Serve(ctx, l) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-served:
			return err
		case <-time.After(patience):
			return errors.New("Serve does not return")
		}
	})
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// tserverAt says how to reach a T-Server.
func tserverAt(server, application string) tserver.Options {
	return tserver.Options{
		Driver: tlink.Driver{}, Servers: []string{server}, CommDN: commDN, Application: application,
		MinBackoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond,
	}
}

// waitLink waits until the relay tells sessions that its links are up, or that
// one is down.
func (r *rig) waitLink(up bool) {
	r.t.Helper()
	r.until("the link changes", func() bool { return r.srv.linkState().Up == up })
}

// until waits for what nothing tells of.
func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	for late := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			r.t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// identified gives an authenticator of a provider's tokens.
func identified(t testing.TB, p *authtest.Provider) *auth.OIDCAuthenticator {
	t.Helper()
	a, err := auth.NewOIDC(auth.OIDC{Issuer: p.Issuer, Audience: authtest.Audience, Retry: 10 * time.Millisecond, Refresh: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// rules gives rules as a policy.
func rules(t testing.TB, all ...auth.Rule) *auth.Policy {
	t.Helper()
	p, err := auth.NewPolicy(all)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// of gives a token of somebody with these values of the roles claim.
func of(p *authtest.Provider, who string, roles ...string) string {
	return p.Token(map[string]any{"sub": who, "roles": roles})
}

// get asks over HTTP.
func (r *rig) get(path string, header ...string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+r.addr+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer, string(body)
}

func containsAll(s string, words ...string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}
