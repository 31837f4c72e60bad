// Command wasmtest runs a Go js/wasm test binary in headless Chromium, for
//
//	GOOS=js GOARCH=wasm go test -exec /abs/path/bin/wasmtest ./wasm/...
//
// It takes over the program's output and exit code. It serves the page under the
// strict Content-Security-Policy that the plugin supports, so every test also shows
// that nothing needs eval or inline styles. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/chromedp"
)

// exitBroken is the exit code if the program did not end by itself. Go tests use 0, 1 and
// 2.
const exitBroken = 3

// defaultLimit is go test's own default for -timeout.
const defaultLimit = 10 * time.Minute

// grace is the program's time beyond -test.timeout: it fails by itself then, and its list
// of goroutines is worth waiting for.
const grace = 15 * time.Second

func main() {
	// go test ends a hanging test with SIGQUIT; the browser has to go as well.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	defer stop()
	if len(os.Args) > 2 && os.Args[1] == "-share" {
		os.Exit(share(ctx, os.Args[2:], os.Stdout, os.Stderr))
	}
	os.Exit(run(ctx, os.Args[1:], grace, os.Stdout, os.Stderr))
}

// run runs the program args[0] with the arguments args[1:] and returns its exit code, or
// exitBroken after one line on stderr that gives the reason.
func run(ctx context.Context, args []string, grace time.Duration, stdout, stderr io.Writer) int {
	code, err := runProgram(ctx, args, grace, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "wasmtest:", err)
		return exitBroken
	}
	return code
}

func runProgram(ctx context.Context, args []string, grace time.Duration, stdout, stderr io.Writer) (int, error) {
	if len(args) == 0 {
		return 0, errors.New("usage: wasmtest program.wasm [arguments]; meant for go test -exec")
	}
	srv, err := newServer(args, stdout, stderr)
	if err != nil {
		return 0, err
	}
	defer srv.close()

	crashed := make(chan struct{}, 1)
	tab, stop, err := open(ctx, func(ev any) {
		if _, ok := ev.(*inspector.EventTargetCrashed); ok {
			select {
			case crashed <- struct{}{}:
			default:
			}
		}
	})
	if err != nil {
		return 0, err
	}
	defer stop()

	code, err := runIn(tab, srv, crashed, limitOf(args[1:], grace))
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
	return code, err
}

// runIn opens srv's page in tab and waits for the first of: the program's exit code, the
// page's report that it cannot run it, a crash of the tab, the limit (0: none), the end
// of the browser.
func runIn(tab context.Context, srv *server, crashed <-chan struct{}, limit time.Duration) (int, error) {
	var late <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		late = timer.C
	}
	// Do not wait for it: a program that blocks its page at once also blocks the reply.
	opened := make(chan error, 1)
	go func() {
		if err := chromedp.Do(tab, chromedp.Navigate(srv.url)); err != nil {
			opened <- err
		}
	}()
	select {
	case code := <-srv.exit:
		return code, nil
	case err := <-srv.failed:
		return 0, err
	case <-crashed:
		return 0, errors.New("the browser tab crashed")
	case err := <-opened:
		return srv.codeOr(fmt.Errorf("opening the page: %w", err))
	case <-late:
		return 0, fmt.Errorf("the program did not end within %v", limit)
	case <-tab.Done():
		return srv.codeOr(errors.New("the browser ended before the program did"))
	}
}

// limitOf is how long the program may run: its -test.timeout plus the grace, or without
// limit (0) for -test.timeout=0.
func limitOf(args []string, grace time.Duration) time.Duration {
	limit := defaultLimit
	// Parse each argument on its own, since only this flag is known here. The form with a
	// space takes the following argument with it.
	for i := range args {
		fs := flag.NewFlagSet("", flag.ContinueOnError)
		fs.SetOutput(io.Discard)
		timeout := fs.Duration("test.timeout", 0, "")
		if _ = fs.Parse(args[i:min(i+2, len(args))]); fs.NFlag() > 0 {
			limit = *timeout
			break
		}
	}
	if limit <= 0 {
		return 0
	}
	return limit + grace
}
