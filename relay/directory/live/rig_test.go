package live

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"commdn/relay/directory"
	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// patience bounds every wait; none should last that long.
const patience = 30 * time.Second

// bridge sends whatever a test wants, including what no correct bridge sends.
type bridge struct {
	net.Listener
	hellos chan string
	serve  func(net.Conn) // after the hello; its return closes the connection
}

func startBridge(t *testing.T, serve func(net.Conn)) *bridge {
	t.Helper()
	return secureBridge(t, nil, serve)
}

// secureBridge is a bridge with TLS, unless conf is nil.
func secureBridge(t *testing.T, conf *tls.Config, serve func(net.Conn)) *bridge {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if conf != nil {
		l = tls.NewListener(l, conf)
	}
	b := &bridge{l, make(chan string, 1024), serve}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer nc.Close()
				line, err := bufio.NewReader(nc).ReadString('\n')
				if err == nil {
					select {
					case b.hellos <- line:
					default: // nobody counts so many
					}
					serve(nc)
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return b
}

func (b *bridge) address() string { return b.Addr().String() }

// held waits for the other side to close the connection.
func held(nc net.Conn) { _, _ = nc.Read(make([]byte, 1)) }

// export has a campaign of that name.
func export(campaign string) []byte {
	return fmt.Appendf(nil, `{"__metadata__":{"formatName":"RAW","date":%q},"CFGApplication":[{"DBID":101,"name":"commdn","type":23},`+
		`{"DBID":201,"name":"OCS","type":12,"appServerDBIDs":{"CfgConnectionInfo":[{"appServerDBID":101}]}}],`+
		`"CFGDN":[{"DBID":1,"number":"CommDN_1","type":23}],"CFGCampaign":[{"DBID":1001,"name":%q}]}`, time.Now(), campaign)
}

// framed is a directory as it goes over the connection.
func framed(sequence int, data []byte) []byte {
	return append(fmt.Appendf(nil, "directory %d %d\n", len(data), sequence), data...)
}

// running is a Client with the directories that it applied.
type running struct {
	*Client
	applied chan *directory.Directory
	log     *logged
}

var errNotThis = errors.New("a link would be silent")

func open(t *testing.T, o Options) *running {
	t.Helper()
	r := &running{applied: make(chan *directory.Directory, 64), log: &logged{}}
	o.MinBackoff, o.MaxBackoff = time.Millisecond, 20*time.Millisecond
	o.Log = slog.New(slog.NewTextHandler(r.log, nil))
	if o.Apply == nil {
		o.Apply = func(d *directory.Directory) error {
			if d.Campaigns[0].Name == "refused" {
				return errNotThis
			}
			r.applied <- d
			return nil
		}
	}
	var err error
	if r.Client, err = Open(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func (r *running) wantApplied(t *testing.T, campaign string) {
	t.Helper()
	select {
	case d := <-r.applied:
		if d.Campaigns[0].Name != campaign {
			t.Fatalf("applied %s, want %s", d.Campaigns[0].Name, campaign)
		}
	case <-time.After(patience):
		t.Fatalf("%s was not applied; state %+v", campaign, r.State())
	}
}

func (r *running) until(t *testing.T, what string, is func(State) bool) State {
	t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		s := r.State()
		if is(s) {
			return s
		}
		if time.Now().After(late) {
			t.Fatalf("not so: %s; state %+v\n%s", what, s, r.log)
		}
	}
}

// logged is a log and its reader.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
