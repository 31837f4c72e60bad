package chrome

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
)

// firstCompiler has the browser compile WebAssembly once and quickly: a package's tests are
// over before its optimizing compiler has paid off, which took a third of the processor time.
const firstCompiler = "--no-wasm-dynamic-tiering --no-wasm-tier-up"

// endLimit bounds the end of a browser's last processes.
const endLimit = 10 * time.Second

// Serve starts a browser in which other processes open tabs with Join, for as long as
// stop is not called. To start one takes five times as long as to open a tab. address is
// that of its DevTools on loopback, with its first tab as the fragment.
func Serve(ctx context.Context) (address string, stop func(), err error) {
	dir, err := os.MkdirTemp("", "chrome")
	if err != nil {
		return "", func() {}, err
	}
	tab, end, err := Start(ctx, Options{port: true, Flags: map[string]any{"user-data-dir": dir, "js-flags": firstCompiler}})
	stop = func() {
		end()
		// Its last processes may still write as the first one has ended.
		for late := time.Now().Add(endLimit); os.RemoveAll(dir) != nil && time.Now().Before(late); {
			time.Sleep(20 * time.Millisecond)
		}
	}
	if err != nil {
		stop()
		return "", func() {}, err
	}
	port, err := os.ReadFile(filepath.Join(dir, "DevToolsActivePort"))
	lines := strings.Fields(string(port))
	if err == nil && len(lines) != 2 {
		err = fmt.Errorf("the browser says %q of its port", port)
	}
	if err != nil {
		stop()
		return "", func() {}, err
	}
	at := url.URL{Scheme: "ws", Host: "127.0.0.1:" + lines[0], Path: lines[1], Fragment: string(chromedp.FromContext(tab).Target.TargetID)}
	return at.String(), stop, nil
}

// Join opens a tab in the browser of Serve, as Open does.
func Join(ctx context.Context, address string, listener func(ev any)) (tab context.Context, stop func(), err error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, func() {}, err
	}
	first := target.ID(at.Fragment)
	at.Fragment = ""
	alloc, leave := remote.NewAllocator(ctx, at.String(), remote.NoModifyURL)
	browser, detach, err := newTab(alloc, nil, chromedp.WithTargetID(first), chromedp.WithDetachOnCancel())
	stop = func() { detach(); leave() }
	if err == nil {
		var end func()
		tab, end, err = Open(browser, listener)
		stop = func() { end(); detach(); leave() }
	}
	if err != nil {
		stop()
		return nil, func() {}, errors.Join(fmt.Errorf("joining the browser at %s", at), err)
	}
	return tab, stop, nil
}
