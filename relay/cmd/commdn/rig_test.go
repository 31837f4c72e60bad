package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"commdn/relay/internal/leak"
	"commdn/relay/internal/natstest"
)

// sideBySide is how many of these tests run at a time: most of them wait.
const sideBySide = 4

func TestMain(m *testing.M) {
	if !natstest.Main() {
		debug.SetGCPercent(400) // each command that a test invokes builds the parser, and throws it away
		flag.Parse()
		if err := flag.Set("test.parallel", strconv.Itoa(max(runtime.GOMAXPROCS(0), sideBySide))); err != nil {
			panic(err)
		}
		code := leak.Run(m)
		_ = os.RemoveAll(program.folder)
		os.Exit(code)
	}
}

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// invoke runs one command in this process.
func invoke(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out, errs bytes.Buffer
	code = run(&env{ctx: ctx, files: pages(t), stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs}, args)
	if ctx.Err() != nil {
		t.Errorf("commdn %v does not end by itself", args)
	}
	return code, out.String(), errs.String()
}

// pages are the real pages, whether or not the plugin has been built.
func pages(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"index.html", "agent.html", "commdn.js"} {
		content, err := os.ReadFile("../../../web/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: content}
	}
	return files
}

// server is a command that runs until it is ended.
type server struct {
	line string      // what it printed first
	more *safeBuffer // what it printed then; nil for a process
	log  *safeBuffer
	end  func() int // ends it as SIGTERM does, and gives the exit code

	signal func(os.Signal) error // to a process
}

// serving starts a command and waits for its first line.
func serving(t *testing.T, args ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	in, out := io.Pipe()
	s := &server{more: &safeBuffer{}, log: &safeBuffer{}}
	ended := make(chan int, 1)
	go func() {
		defer out.Close()
		ended <- run(&env{ctx: ctx, files: pages(t), stdin: strings.NewReader(""), stdout: out, stderr: s.log}, args)
	}()
	s.end = sync.OnceValue(func() int {
		cancel()
		select {
		case code := <-ended:
			return code
		case <-time.After(patience):
			t.Errorf("commdn %v does not end", args)
			return -1
		}
	})
	t.Cleanup(func() {
		if code := s.end(); code != 0 {
			t.Errorf("commdn %v ended with %d:\n%s", args, code, s.log)
		}
	})
	printed := bufio.NewReader(in)
	line, err := printed.ReadString('\n')
	if err != nil {
		t.Fatalf("commdn %v: %v\n%s", args, err, s.log)
	}
	go func() { _, _ = io.Copy(s.more, printed) }()
	s.line = strings.TrimSpace(line)
	return s
}

// word gives the n-th word of the first line, without punctuation behind it.
func (s *server) word(n int) string { return strings.TrimRight(strings.Fields(s.line)[n], ",/") }

// installation starts a simulator and a relay and gives the relay's WebSocket.
func installation(t *testing.T, simArgs, relayArgs []string) (url string, relay *server) {
	t.Helper()
	sim := serving(t, append([]string{"sim", "--listen", "127.0.0.1:0", "--backup-listen", "127.0.0.1:0", "--http", "off"}, simArgs...)...)
	relay = serving(t, append([]string{"relay", "--listen", "127.0.0.1:0", "--tserver", sim.word(4)}, relayArgs...)...)
	url = strings.Replace(relay.word(2), "http://", "ws://", 1) + "/ws"
	relay.log.wait(t, "T-Server link is up")
	return url, relay
}

// safeBuffer is a buffer for several goroutines.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.more != nil {
		close(b.more)
		b.more = nil
	}
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *safeBuffer) wait(t *testing.T, words string) {
	t.Helper()
	late := time.After(patience)
	for {
		b.mu.Lock()
		found := strings.Contains(b.text.String(), words)
		if b.more == nil {
			b.more = make(chan struct{})
		}
		more := b.more
		b.mu.Unlock()
		if found {
			return
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("the log does not say %q:\n%s", words, b)
		}
	}
}
