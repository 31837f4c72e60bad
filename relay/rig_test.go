//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/auth"
	"commdn/relay/auth/authtest"
	"commdn/relay/internal/leak"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(crowdAddress); address != "" {
		if err := crowd(address); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	leak.Main(m)
}

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// rig is a relay on a simulated CommDN, both over TCP.
type rig struct {
	t    *testing.T
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
func newRig(t *testing.T, sc *scenario.Scenario, change func(*Options)) *rig {
	t.Helper()
	s, err := sim.Start(sim.Options{Scenario: sc})
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
func newRelay(t *testing.T, tserverAddr string, change func(*Options)) *rig {
	t.Helper()
	l, err := Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, tserverAddr, change)
}

func serveOn(t *testing.T, l net.Listener, tserverAddr string, change func(*Options)) *rig {
	t.Helper()
	return serveWith(t, l, tserverAddr, change, nil)
}

// serveWith lets a test change a relay before it serves.
func serveWith(t *testing.T, l net.Listener, tserverAddr string, change func(*Options), prepare func(*Server)) *rig {
	t.Helper()
	r := &rig{t: t, addr: l.Addr().String(), log: newLogText()}
	o := Options{
		Links:   []Link{{TServer: link(tserverAddr, "commdn"), AppDBID: application}},
		Version: "commdn/test",
		Log:     slog.New(slog.NewTextHandler(r.log, nil)),
	}
	if change != nil {
		change(&o)
	}
	var err error
	if r.srv, err = New(o); err != nil {
		t.Fatal(err)
	}
	if prepare != nil {
		prepare(r.srv)
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

func link(server, application string) tserver.Options {
	return tserver.Options{
		Driver: tlink.Driver{}, Servers: []string{server}, CommDN: commDN, Application: application,
		MinBackoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond,
	}
}

// waitLink waits until the relay tells sessions that its links are up, or that
// one is down.
func (r *rig) waitLink(up bool) {
	r.t.Helper()
	r.until("the link changes", func() bool { return r.srv.links().Up == up })
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
func identified(t *testing.T, p *authtest.Provider) *auth.OIDCAuthenticator {
	t.Helper()
	a, err := auth.NewOIDC(auth.OIDC{Issuer: p.Issuer, Audience: authtest.Audience, Retry: 10 * time.Millisecond, Refresh: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// policy gives the rules as a policy.
func policy(t *testing.T, rules ...auth.Rule) *auth.Policy {
	t.Helper()
	p, err := auth.NewPolicy(rules)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// of gives a token of somebody with these values of the roles claim.
func of(p *authtest.Provider, who string, roles ...string) string {
	return p.Token(map[string]any{"sub": who, "roles": roles})
}

// peer is the client side of one WebSocket.
type peer struct {
	t         *testing.T
	ws        *websocket.Conn
	welcome   frame.Welcome
	identity  frame.Identity
	directory frame.Directory
}

// dial connects without a word of our protocol.
func (r *rig) dial(o *websocket.DialOptions) *peer {
	r.t.Helper()
	if o == nil {
		o = &websocket.DialOptions{Subprotocols: []string{frame.Subprotocol}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "ws://"+r.addr+"/ws", o)
	if err != nil {
		r.t.Fatal(err)
	}
	ws.SetReadLimit(frame.MaxLen)
	r.t.Cleanup(func() { _ = ws.CloseNow() })
	return &peer{t: r.t, ws: ws}
}

// session connects and says hello without a token.
func (r *rig) session() *peer {
	r.t.Helper()
	return r.sessionOf("")
}

// sessionOf connects and says hello with a token.
func (r *rig) sessionOf(token string) *peer {
	r.t.Helper()
	c := r.dial(nil)
	c.hello(token)
	return c
}

func (c *peer) hello(token string) {
	c.t.Helper()
	c.send(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "test", Token: token}.Body()})
	f := c.next()
	if f.Kind != frame.KindWelcome {
		c.t.Fatalf("got %v, want welcome", f.Kind)
	}
	c.welcome = frame.ReadWelcome(f.Body)
	if f = c.next(); f.Kind != frame.KindIdentity {
		c.t.Fatalf("after the welcome came %v, want identity", f.Kind)
	}
	c.identity = frame.ReadIdentity(f.Body)
	c.readDirectory()
}

// readDirectory reads a directory, which must be the next thing that comes.
func (c *peer) readDirectory() {
	c.t.Helper()
	c.directory = frame.Directory{}
	for more := true; more; {
		f := c.next()
		if f.Kind != frame.KindDirectory {
			c.t.Fatalf("got %v, want a directory", f.Kind)
		}
		more = c.directory.Read(f.Body)
	}
}

// closeCode gives the code that a connection was closed with.
func closeCode(err error) frame.CloseCode {
	var closed websocket.CloseError
	if !errors.As(err, &closed) {
		return frame.CloseAbnormal
	}
	return frame.CloseCode(closed.Code)
}

// ping fails unless the pong is the next thing that comes.
func (c *peer) ping() {
	c.t.Helper()
	c.send(frame.Frame{Kind: frame.KindPing, Number: 7})
	if f := c.next(); f.Kind != frame.KindPong || f.Number != 7 {
		c.t.Fatalf("before the pong came %v %v", f.Kind, f.Body)
	}
}

func (c *peer) bye() { _ = c.ws.Close(websocket.StatusNormalClosure, "") }

// leave closes a session and waits until the relay is done with it.
func (r *rig) leave(c *peer) {
	r.t.Helper()
	c.bye()
	r.log.wait(r.t, `msg="session ended" session=`+c.welcome.Session+" ")
}

func (c *peer) send(f frame.Frame) {
	c.t.Helper()
	message, err := f.Append(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	c.sendBytes(websocket.MessageBinary, message)
}

func (c *peer) sendBytes(kind websocket.MessageType, message []byte) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.ws.Write(ctx, kind, message); err != nil {
		c.t.Fatal(err)
	}
}

func (c *peer) read() (frame.Frame, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, message, err := c.ws.Read(ctx)
	if err != nil {
		return frame.Frame{}, err
	}
	return frame.Decode(message)
}

func (c *peer) next() frame.Frame {
	c.t.Helper()
	f, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	return f
}

// settled gives the next frame that belongs to a request, passing over links.
func (c *peer) settled() frame.Frame {
	c.t.Helper()
	for {
		if f := c.next(); f.Kind != frame.KindLink {
			return f
		}
	}
}

// closedWith reads to the end and fails unless the relay closes with this code.
// It gives the frames that came before.
func (c *peer) closedWith(code frame.CloseCode) (before []frame.Frame, reason string) {
	c.t.Helper()
	for {
		f, err := c.read()
		if err == nil {
			before = append(before, f)
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) || frame.CloseCode(closed.Code) != code {
			c.t.Fatalf("connection ended with %v, want close code %d", err, code)
		}
		return before, closed.Reason
	}
}

func (c *peer) request(number uint32, body tkvlist.List) {
	c.t.Helper()
	c.send(frame.Frame{Kind: frame.KindRequest, Number: number, Body: body})
}

func dnc(phone string) tkvlist.List { return (&commdn.DoNotCall{Phone: phone}).UserData() }

// message reads the user data of an answer or response.
func (c *peer) message(f frame.Frame, kind frame.Kind, number uint32) commdn.Message {
	c.t.Helper()
	if f.Kind == frame.KindRefusal {
		c.t.Fatalf("refused: %v", frame.ReadRefusal(f.Body))
	}
	if f.Kind != kind || f.Number != number {
		c.t.Fatalf("got %v %d, want %v %d", f.Kind, f.Number, kind, number)
	}
	m, err := commdn.Decode(f.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

// put has a number put on the list and fails unless one OCS acknowledges it.
func (c *peer) put(number uint32, phone string) *commdn.DoNotCallProcessed {
	c.t.Helper()
	c.request(number, dnc(phone))
	m := c.message(c.settled(), frame.KindResponse, number)
	done, ok := m.(*commdn.DoNotCallProcessed)
	if !ok || done.Phone != phone {
		c.t.Fatalf("answer to %s: %s", phone, commdn.Trace(m, true))
	}
	return done
}

func (c *peer) refused(number uint32, code frame.RefusalCode, words ...string) {
	c.t.Helper()
	f := c.settled()
	if f.Kind != frame.KindRefusal || f.Number != number {
		c.t.Fatalf("got %v %d, want refusal %d", f.Kind, f.Number, number)
	}
	refusal := frame.ReadRefusal(f.Body)
	if refusal.Code != code {
		c.t.Fatalf("refused with %v (%s), want %v", refusal.Code, refusal.Message, code)
	}
	for _, w := range words {
		if !strings.Contains(refusal.Message, w) {
			c.t.Errorf("refusal %q does not say %q", refusal.Message, w)
		}
	}
}

// hand is an application on the CommDN that a test plays by hand.
type hand struct {
	t        *testing.T
	link     *tserver.Link
	requests chan commdn.Request // that are on the CommDN
}

func (r *rig) hand(application string) *hand {
	r.t.Helper()
	h := &hand{t: r.t, requests: make(chan commdn.Request, 1024)}
	up := make(chan struct{}, 1)
	o := link(r.sim.Addr(), application)
	if backup := r.sim.BackupAddr(); backup != "" {
		o.Servers = append(o.Servers, backup)
	}
	o.OnUserEvent = func(l tkvlist.List) {
		if req, err := commdn.DecodeRequest(l); err == nil {
			h.requests <- req
		}
	}
	o.OnState = func(s tserver.State) {
		if s.Up {
			select {
			case up <- struct{}{}:
			default: // not the first time
			}
		}
	}
	var err error
	if h.link, err = tserver.Open(o); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = h.link.Close() })
	<-up
	return h
}

func (h *hand) send(userData tkvlist.List) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.link.SendUserEvent(ctx, userData); err != nil {
		h.t.Fatal(err)
	}
}

// request waits for the next request on the CommDN, which must be a
// do-not-call.
func (h *hand) request() *commdn.DoNotCall {
	h.t.Helper()
	req, ok := h.any().(*commdn.DoNotCall)
	if !ok {
		h.t.Fatal("the next request on the CommDN is no do-not-call")
	}
	return req
}

// any waits for the next request on the CommDN.
func (h *hand) any() commdn.Request {
	h.t.Helper()
	select {
	case req := <-h.requests:
		return req
	case <-time.After(patience):
		h.t.Fatal("no request on the CommDN")
		return nil
	}
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
