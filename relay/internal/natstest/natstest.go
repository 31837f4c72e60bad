// Package natstest has NATS servers with JetStream for tests: inside the process, or
// three processes of a cluster that a test can kill.
package natstest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"commdn/relay/fronttest"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const patience = 60 * time.Second

// Server is one server inside the process. It can be stopped and started again at the
// same address.
type Server struct {
	t      testing.TB
	folder string
	port   int
	server *server.Server
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, folder: t.TempDir(), port: server.RANDOM_PORT}
	s.Again()
	t.Cleanup(s.Stop)
	return s
}

// Again starts a server that was stopped.
func (s *Server) Again() {
	s.t.Helper()
	one, err := server.NewServer(&server.Options{ServerName: "nats", Host: "127.0.0.1", Port: s.port, NoSigs: true, JetStream: true, StoreDir: s.folder, SyncAlways: true})
	if err != nil {
		s.t.Fatal(err)
	}
	one.Start()
	if !one.ReadyForConnections(patience) {
		s.t.Fatal("NATS does not start")
	}
	s.server, s.port = one, one.Addr().(*net.TCPAddr).Port
}

// Stop ends the server.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

// URL is where relays reach it.
func (s *Server) URL() string { return fmt.Sprintf("nats://127.0.0.1:%d", s.port) }

// nodeVariable makes a test binary a server of a cluster: it has its options as JSON.
const nodeVariable = "COMMDN_TEST_NATS_NODE"

type node struct {
	Name, Folder string
	Port, Routes int
	All          []string // routes
}

// Main runs a server where the process is one of a cluster, and says whether it was.
// TestMain calls it first.
func Main() bool {
	text := os.Getenv(nodeVariable)
	if text == "" {
		return false
	}
	if err := serve(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

func serve(text string) error {
	var n node
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return err
	}
	o := &server.Options{
		ServerName: n.Name, Host: "127.0.0.1", Port: n.Port, JetStream: true, StoreDir: n.Folder, SyncAlways: true, NoSigs: true,
		Cluster: server.ClusterOpts{Name: "commdn", Host: "127.0.0.1", Port: n.Routes},
	}
	for _, r := range n.All {
		u, err := url.Parse(r)
		if err != nil {
			return err
		}
		o.Routes = append(o.Routes, u)
	}
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		return errors.New("NATS does not start")
	}
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // it ends with the test
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}

// Cluster is three servers, each a process of its own.
type Cluster struct {
	t     testing.TB
	nodes []node

	mu      sync.Mutex
	running map[string]*exec.Cmd
	inputs  map[string]*os.File
}

// StartCluster starts a cluster that ends with the test. TestMain of the package calls
// Main.
func StartCluster(t testing.TB) *Cluster {
	t.Helper()
	c := &Cluster{t: t, running: make(map[string]*exec.Cmd), inputs: make(map[string]*os.File)}
	var routes []string
	folder := t.TempDir()
	for i := range 3 {
		name := fmt.Sprintf("nats%d", i+1)
		n := node{Name: name, Folder: filepath.Join(folder, name), Port: port(t), Routes: port(t)}
		c.nodes = append(c.nodes, n)
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", n.Routes))
	}
	for i := range c.nodes {
		c.nodes[i].All = routes
	}
	t.Cleanup(func() {
		for _, n := range c.nodes {
			c.Kill(n.Name)
		}
	})
	var starting sync.WaitGroup
	for _, n := range c.nodes {
		starting.Go(func() { c.Start(n.Name) })
	}
	starting.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return c
}

// port gives one that stays a server's.
func port(t testing.TB) int {
	t.Helper()
	_, text, err := net.SplitHostPort(fronttest.Fixed(t))
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// URLs are those of all servers.
func (c *Cluster) URLs() []string {
	var all []string
	for _, n := range c.nodes {
		all = append(all, fmt.Sprintf("nats://127.0.0.1:%d", n.Port))
	}
	return all
}

// Address gives a server's, as HOST:PORT.
func (c *Cluster) Address(name string) string {
	for _, n := range c.nodes {
		if n.Name == name {
			return fmt.Sprintf("127.0.0.1:%d", n.Port)
		}
	}
	c.t.Fatalf("no server is named %s", name)
	return ""
}

// Start starts a server that does not run.
func (c *Cluster) Start(name string) {
	for _, n := range c.nodes {
		if n.Name == name {
			if err := c.start(n); err != nil {
				c.t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func (c *Cluster) start(n node) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), nodeVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	in, input, err := os.Pipe()
	if err != nil {
		return err
	}
	defer in.Close()
	cmd.Stdin = in
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ready := make(chan error, 1)
	go func() {
		line, err := bufio.NewReader(out).ReadString('\n')
		if err == nil && strings.TrimSpace(line) != "ready" {
			err = fmt.Errorf("it said %q", line)
		}
		ready <- err
	}()
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		_ = cmd.Process.Kill()
		<-ready
		_ = cmd.Wait()
		_ = input.Close()
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running[n.Name], c.inputs[n.Name] = cmd, input
	return nil
}

// Kill ends a server with SIGKILL, if it runs.
func (c *Cluster) Kill(name string) {
	c.mu.Lock()
	cmd, input := c.running[name], c.inputs[name]
	delete(c.running, name)
	delete(c.inputs, name)
	c.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(syscall.SIGKILL)
	_ = cmd.Wait()
	_ = input.Close()
}

// Leader gives the name of the server that leads a stream, as soon as there is one.
func (c *Cluster) Leader(stream string) (name string) {
	c.t.Helper()
	c.until(stream, func(i *jetstream.ClusterInfo) bool {
		name = i.Leader
		return name != ""
	})
	return name
}

// Whole waits until a stream is on all servers.
func (c *Cluster) Whole(stream string) {
	c.t.Helper()
	c.until(stream, func(i *jetstream.ClusterInfo) bool {
		missing := func(p *jetstream.PeerInfo) bool { return p.Offline || !p.Current }
		return i.Leader != "" && len(i.Replicas) == 2 && !slices.ContainsFunc(i.Replicas, missing)
	})
}

func (c *Cluster) until(stream string, is func(*jetstream.ClusterInfo) bool) {
	c.t.Helper()
	conn, err := nats.Connect(strings.Join(c.URLs(), ","), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		c.t.Fatal(err)
	}
	for late := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		s, err := js.Stream(ctx, stream)
		cancel()
		if err == nil && s.CachedInfo().Cluster != nil && is(s.CachedInfo().Cluster) {
			return
		}
		if time.Now().After(late) {
			c.t.Fatalf("stream %s of the cluster does not come round: %v", stream, err)
		}
	}
}
