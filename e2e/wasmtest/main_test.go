package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"commdn/e2e/chrome"
)

// program is testdata/program, built for js/wasm.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "wasmtest")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "program")
		build := exec.Command("go", "build", "-o", program, "./testdata/program")
		build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building testdata/program:", err)
			return 1
		}
		address, stop, err := chrome.Serve(context.Background())
		defer stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		os.Setenv(sharedVariable, address)
		return m.Run()
	}())
}

func TestRun(t *testing.T) {
	var printed strings.Builder
	for i := range 300 {
		fmt.Fprintf(&printed, "%d %s\n", i, strings.Repeat("é", 2000))
	}
	printed.WriteString("the end")

	tests := []struct {
		name   string
		args   []string
		code   int
		stdout string
		stderr string // contained in standard error
	}{
		{"exit code 0", []string{program, "exit", "0"}, 0, "", ""},
		{"exit code 7", []string{program, "exit", "7"}, 7, "", ""},
		{"all output", []string{program, "print"}, 0, printed.String(), "to stderr"},
		{"a panic", []string{program, "panic"}, 2, "before", "panic: on purpose"},
		{"a busy loop", []string{program, "hang", "-test.timeout=1ns"}, exitBroken, "before", "wasmtest: the program did not end within 2.000000001s"},
		{"waits for ever", []string{program, "wait", "-test.timeout", "1ns"}, exitBroken, "before", "wasmtest: the program did not end within 2.000000001s"},
		{"files", []string{program, "read"}, 0, "dir: 1 <nil>\nfile: true <nil>\nabsent: true\nabsent: true\noutside: true\n" +
			"write: open testdata/new: Read-only file system\n", ""},
		{"policy", []string{program, "policy"}, 0, "eval gave a number: false\n", "blocked by Content-Security-Policy: script-src eval"},
		{"not wasm", []string{"testdata/program/main.go"}, exitBroken, "", "wasmtest: the page could not run the program: CompileError"},
		{"no such file", []string{"testdata/none"}, exitBroken, "", "wasmtest: stat testdata/none"},
		{"no program", nil, exitBroken, "", "wasmtest: usage"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(context.Background(), tt.args, 2*time.Second, &stdout, &stderr)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if stdout.String() != tt.stdout {
				t.Errorf("standard output is %d bytes %.200q, want %d bytes %.200q", stdout.Len(), stdout.String(), len(tt.stdout), tt.stdout)
			}
			if !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("standard error %q does not contain %q", stderr.String(), tt.stderr)
			}
		})
	}
}

func TestRunWithoutBrowser(t *testing.T) {
	t.Setenv("CHROMIUM", "/nonexistent/chromium")
	t.Setenv(sharedVariable, "")
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), []string{program, "exit", "0"}, grace, &stdout, &stderr); code != exitBroken {
		t.Errorf("exit code %d, want %d", code, exitBroken)
	}
	if got := stderr.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "no Chromium found") {
		t.Errorf("standard error %q, want one line that names the browser", got)
	}
}

// TestRunAlone: without a browser that others share a program has one of its own.
func TestRunAlone(t *testing.T) {
	t.Setenv(sharedVariable, "")
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), []string{program, "exit", "7"}, grace, &stdout, &stderr); code != 7 {
		t.Errorf("exit code %d, want 7; %s", code, stderr.String())
	}
}

// TestShare: a command learns of the browser, and its exit code is that of share.
func TestShare(t *testing.T) {
	t.Setenv(sharedVariable, "")
	for _, tt := range []struct {
		command        []string
		code           int
		stdout, stderr string // begin with
	}{
		{[]string{"sh", "-c", "echo $" + sharedVariable + "; exit 5"}, 5, "ws://127.0.0.1:", ""},
		{[]string{"sh", "-c", "kill -9 $$"}, exitBroken, "", "wasmtest: signal: killed"},
		{[]string{"/nonexistent/go", "test"}, exitBroken, "", "wasmtest: fork/exec /nonexistent/go"},
	} {
		var stdout, stderr bytes.Buffer
		code := share(t.Context(), tt.command, &stdout, &stderr)
		if code != tt.code || !strings.HasPrefix(stdout.String(), tt.stdout) || !strings.HasPrefix(stderr.String(), tt.stderr) {
			t.Errorf("%q: exit code %d, %q, %q", tt.command, code, stdout.String(), stderr.String())
		}
	}
}

// TestRunStopped: go test's SIGQUIT arrives as a cancelled context, and the browser has
// to end.
func TestRunStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var stderr bytes.Buffer
	stdout := writerFunc(func([]byte) { cancel() }) // the program has started
	if code := run(ctx, []string{program, "wait"}, grace, stdout, &stderr); code != exitBroken {
		t.Errorf("exit code %d, want %d", code, exitBroken)
	}
	if !strings.Contains(stderr.String(), "wasmtest: stopped") {
		t.Errorf("standard error %q", stderr.String())
	}
}

func TestRunReportsACrashedTab(t *testing.T) {
	started := make(chan struct{})
	srv, err := newServer([]string{program, "wait"}, writerFunc(func([]byte) { close(started) }), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.close()
	crashed := make(chan struct{}, 1)
	tab, stop, err := chrome.Start(context.Background(), chrome.Options{Listener: func(ev any) {
		if _, ok := ev.(*inspector.EventTargetCrashed); ok {
			crashed <- struct{}{}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	go func() {
		<-started
		chromedp.Call(tab, cdppage.Crash, cdp.Empty{}) // its reply never comes
	}()
	if _, err := runIn(tab, srv, crashed, 0); err == nil || !strings.Contains(err.Error(), "tab crashed") {
		t.Errorf("runIn() error = %v", err)
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }

func TestLimitOf(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want time.Duration
	}{
		{nil, 10*time.Minute + grace},
		{[]string{"-test.v=true", "-test.timeout=30s", "-test.run=X"}, 30*time.Second + grace},
		{[]string{"-test.paniconexit0", "-test.timeout", "30s"}, 30*time.Second + grace},
		{[]string{"-test.timeout=0"}, 0},
		{[]string{"-test.timeout=soon"}, 10*time.Minute + grace},
	} {
		if got := limitOf(tt.args, grace); got != tt.want {
			t.Errorf("limitOf(%q) = %v, want %v", tt.args, got, tt.want)
		}
	}
}

// TestServerKeepsFilesToItsPage: without the secret in the path nobody can read the
// module's files.
func TestServerKeepsFilesToItsPage(t *testing.T) {
	srv, err := newServer([]string{program}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.close()
	get := func(url string) int {
		reply, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		return reply.StatusCode
	}
	if status := get(srv.url + "read?path=main.go"); status != http.StatusOK {
		t.Errorf("with the secret: %d", status)
	}
	origin := srv.url[:strings.Index(srv.url[len("http://"):], "/")+len("http://")]
	if status := get(origin + "/read?path=main.go"); status != http.StatusNotFound {
		t.Errorf("without the secret: %d", status)
	}
}
