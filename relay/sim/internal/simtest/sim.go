package simtest

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"commdn/relay/habits"
	"commdn/relay/habits/habitstest"
	"commdn/relay/sim"
	"commdn/relay/sim/control"
	"commdn/relay/sim/scenario"
)

// Binary is the environment variable that names a commdn binary. With it every
// Start runs `commdn sim` as a process of its own, so that the tests of the
// importable simulator test the command too.
const Binary = "COMMDN_SIM"

// Sim is a running simulation as its clients see it: T-Server by TCP, and the
// rest by the HTTP API.
type Sim struct {
	Scenario         *scenario.Scenario
	Addr, BackupAddr string // of T-Server
	CommDN           string
	Control          *control.Client
	Strange          bool // the environment has given its OCS habits
	Log              *Log
}

// Start starts a simulation that ends with the test. Its OCS have the habits that
// the environment names (package habitstest), else those of the scenario.
func Start(t testing.TB, sc *scenario.Scenario) *Sim {
	t.Helper()
	s := &Sim{Scenario: sc, Log: new(Log)}
	if as := habitstest.As(t); as != nil {
		s.Scenario, s.Strange = sc.As(*as), *as != habits.Habits{}
	}
	var web string
	if binary := os.Getenv(Binary); binary != "" {
		web = s.process(t, binary)
	} else {
		web = s.importable(t)
	}
	var err error
	if s.Control, err = control.Dial(web); err != nil {
		t.Fatal(err)
	}
	return s
}

// InProcess starts a simulation in this process, for what only an importing
// program can do.
func InProcess(t testing.TB, o sim.Options) *sim.Sim {
	t.Helper()
	s, err := sim.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (s *Sim) importable(t testing.TB) (web string) {
	t.Helper()
	running := InProcess(t, sim.Options{Scenario: s.Scenario, Log: s.Log.logger()})
	s.Addr, s.BackupAddr, s.CommDN = running.Addr(), running.BackupAddr(), running.CommDN()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: control.Handler(control.Options{Sim: running, Version: "test"})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return "http://" + l.Addr().String()
}

// process runs the command; its lines say where it listens.
func (s *Sim) process(t testing.TB, binary string) (web string) {
	t.Helper()
	text, err := s.Scenario.YAML()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "scenario.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "sim", "run", "--scenario", file,
		"--listen", "127.0.0.1:0", "--backup-listen", "127.0.0.1:0", "--http", "127.0.0.1:0")
	cmd.Stderr = s.Log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		killed := time.AfterFunc(Patience, func() { _ = cmd.Process.Kill() })
		defer killed.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("commdn sim: %v\n%s", err, s.Log)
		}
	})
	lines := bufio.NewScanner(out)
	for web == "" && lines.Scan() {
		words := strings.Fields(lines.Text())
		for i, word := range words {
			word = strings.TrimRight(word, ",/")
			switch {
			case strings.HasPrefix(word, "http://"):
				web = word
			case i == 4 && words[2] == "T-Server":
				s.Addr, s.CommDN = word, words[5]
			case i == 4 && words[2] == "backup":
				s.BackupAddr = word
			}
		}
	}
	if web == "" {
		t.Fatalf("commdn sim does not start: %v\n%s", lines.Err(), s.Log)
	}
	return web
}

// Log is what a simulation has logged.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write takes lines.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String gives all that was logged.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Contains says whether a text was logged.
func (l *Log) Contains(text string) bool { return strings.Contains(l.String(), text) }

func (l *Log) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// Context ends when a test has waited too long.
func Context(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	t.Cleanup(cancel)
	return ctx
}
