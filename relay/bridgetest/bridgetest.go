// Package bridgetest builds relay/bridge with its stand-in for the vendor's SDK,
// and runs it before simulated servers, for tests.
package bridgetest

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Variable is the environment variable that, set to "required", has tests fail
// where there is no JDK.
const Variable = "COMMDN_BRIDGE"

const (
	startWithin = time.Minute
	stopWithin  = 10 * time.Second
	shownOutput = 8 << 10 // bytes of the end of a bridge's log
)

var built struct {
	once   sync.Once
	folder string
	err    error
}

// Available says whether the bridge can be built and run here, and builds it. If
// it cannot, it says so, in one sentence; t fails if Variable demands the bridge.
func Available(t testing.TB) bool {
	t.Helper()
	if _, err := exec.LookPath("javac"); err != nil {
		if os.Getenv(Variable) == "required" {
			t.Fatalf("%s=required, and there is no JDK: install one, 11 or later (default-jdk-headless)", Variable)
		}
		t.Logf("the bridge is not tested, as there is no JDK; install default-jdk-headless to have it")
		return false
	}
	built.once.Do(func() { built.folder, built.err = build() })
	if built.err != nil {
		t.Fatal(built.err)
	}
	return true
}

// Options say what a bridge stands before.
type Options struct {
	TServers   []string          // HOST:PORT, the primary and its backup; none: no tlink
	Export     string            // a file that the stand-in has for Configuration Server; empty: no directory
	Properties map[string]string // of the configuration, over those that follow from the rest
	System     map[string]string // properties of the JVM, the stand-in's habits for one
	Heap       string            // of the JVM, as -Xmx has it; empty: 128m
}

// Bridge is a running bridge.
type Bridge struct {
	TLink     string // address for tlink.Driver; empty without T-Servers
	Directory string // address for live.Options; empty without an export

	t       testing.TB
	cmd     *exec.Cmd
	output  *output
	stopped sync.Once
	ended   chan struct{}
}

// Start runs a bridge until the end of the test, which fails if the bridge ends
// earlier. It returns when the bridge listens. The log is shown if t fails.
func Start(t testing.TB, o Options) *Bridge {
	t.Helper()
	config := filepath.Join(t.TempDir(), "bridge.properties")
	if err := os.WriteFile(config, o.config(t), 0o600); err != nil {
		t.Fatal(err)
	}
	// It runs for seconds only, so it costs less without the optimizing compiler.
	args := []string{"-Xmx" + cmp.Or(o.Heap, "128m"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"}
	for _, key := range slices.Sorted(maps.Keys(o.System)) {
		args = append(args, "-D"+key+"="+o.System[key])
	}
	if o.Export != "" {
		args = append(args, "-Dstandin.directory="+o.Export)
	}
	path := filepath.Join(built.folder, "bridge.jar") + string(os.PathListSeparator) + filepath.Join(built.folder, "standin.jar")
	b := &Bridge{t: t, output: &output{}, ended: make(chan struct{})}
	b.cmd = exec.Command("java", append(args, "-cp", path, "commdn.bridge.Main", "--config", config)...)
	b.cmd.Stderr = b.output
	stdout, err := b.cmd.StdoutPipe()
	if err == nil {
		err = b.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	b.listening(stdout)
	return b
}

func (o *Options) config(t testing.TB) []byte {
	t.Helper()
	p := map[string]string{"log.level": "debug"}
	if len(o.TServers) > 0 {
		p["tlink.listen"], p["tlink.max_clients"] = "127.0.0.1:0", "100"
	}
	for i, server := range o.TServers {
		host, port, err := net.SplitHostPort(server)
		if err != nil || i > 1 {
			t.Fatalf("T-Servers %q: %v; give HOST:PORT of one or two", o.TServers, err)
		}
		prefix := []string{"tserver.", "tserver.backup."}[i]
		p[prefix+"host"], p[prefix+"port"] = host, port
	}
	if o.Export != "" {
		p["directory.listen"], p["config.host"], p["config.port"], p["config.user"] = "127.0.0.1:0", "file", "1", "reader"
	}
	maps.Copy(p, o.Properties)
	var b bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(p)) {
		fmt.Fprintf(&b, "%s=%s\n", key, strings.ReplaceAll(p[key], `\`, `\\`))
	}
	return b.Bytes()
}

// listening waits for what the bridge says on its standard output, and sees to
// its end.
func (b *Bridge) listening(stdout io.Reader) {
	b.t.Helper()
	lines := make(chan string)
	go func() {
		defer close(b.ended)
		in := bufio.NewScanner(stdout)
		for in.Scan() {
			lines <- in.Text()
		}
		close(lines)
		_ = b.cmd.Wait()
	}()
	want := map[string]*string{}
	config := string(b.configured())
	if strings.Contains(config, "\ntlink.listen=") {
		want["tlink"] = &b.TLink
	}
	if strings.Contains(config, "\ndirectory.listen=") {
		want["directory"] = &b.Directory
	}
	late := time.After(startWithin)
	for len(want) > 0 {
		select {
		case line, ok := <-lines:
			if !ok {
				b.t.Fatalf("the bridge ended before it listened:\n%s", b.output)
			}
			word := strings.Fields(line)
			if len(word) != 3 || word[0] != "listening" || want[word[1]] == nil {
				b.t.Fatalf("the bridge says %q", line)
			}
			*want[word[1]] = word[2]
			delete(want, word[1])
		case <-late:
			b.t.Fatalf("the bridge did not listen within %s:\n%s", startWithin, b.output)
		}
	}
	go func() { // so that the process never waits for its reader
		for range lines {
		}
	}()
}

// configured gives the configuration with a line before it.
func (b *Bridge) configured() []byte {
	data, err := os.ReadFile(b.cmd.Args[len(b.cmd.Args)-1])
	if err != nil {
		b.t.Fatal(err)
	}
	return append([]byte("\n"), data...)
}

// Log gives what the bridge has logged until now.
func (b *Bridge) Log() string { return b.output.String() }

// PID gives its process.
func (b *Bridge) PID() int { return b.cmd.Process.Pid }

// Stop ends the bridge as a service manager does, and returns when it has ended.
// It may be called more than once.
func (b *Bridge) Stop() {
	b.stopped.Do(func() {
		select {
		case <-b.ended:
			b.t.Errorf("the bridge ended by itself: %v", b.cmd.ProcessState)
		default:
			_ = b.cmd.Process.Signal(syscall.SIGTERM)
		}
		select {
		case <-b.ended:
		case <-time.After(stopWithin):
			b.t.Errorf("the bridge did not end within %s of SIGTERM", stopWithin)
			_ = b.cmd.Process.Kill()
			<-b.ended
		}
		if b.t.Failed() {
			s := b.Log()
			b.t.Logf("log of the bridge:\n%s", s[max(0, len(s)-shownOutput):])
		}
	})
}

// output is what a process writes, for several goroutines.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
