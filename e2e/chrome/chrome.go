// Package chrome finds the machine's Chromium and starts it headless for tests.
package chrome

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"
)

// ErrNotFound means that no browser is installed, or that the environment variable
// CHROMIUM does not name one. The error that wraps it says where Find looked.
var ErrNotFound = errors.New("no Chromium found")

// Find looks for names in PATH, in this order, if CHROMIUM is not set. shell is the same
// browser without all that no page sees: bars, settings, extensions. With it the tests
// take a quarter less processor time.
const shell = "chromium-headless-shell"

var names = []string{"chromium", "chromium-browser", "google-chrome"}

// Debian's command for the shell starts it and waits: who ends the command leaves the
// browser behind.
const debianCommand, debianShell = "/usr/bin/chromium-headless-shell", "/usr/lib/chromium/chromium-headless-shell"

// Options of Start. The zero value is a 1280 by 800 window without listeners.
type Options struct {
	// Width and Height of the window in CSS pixels; 0 means 1280 and 800.
	Width, Height int
	// Listener gets every event of the tab in order, from its first message. It runs in
	// chromedp's read loop: it must be fast and must not run commands.
	Listener func(ev any)
	// Output receives the output of the browser process; nil drops it.
	Output io.Writer
	// Env is added to the browser's environment, as NAME=VALUE.
	Env []string
	// Whole asks for a browser with bars and settings, as people have it, where there is
	// the headless shell too.
	Whole bool
	// Flags are added to the browser's own or replace them: a string becomes
	// --name=value, true becomes --name, false removes the flag.
	Flags map[string]any

	port bool // its DevTools are at a port, for other processes
}

// Find returns the path of the browser: CHROMIUM if that is set (a path or a
// name in PATH), otherwise the first of chromium-headless-shell, chromium,
// chromium-browser and google-chrome in PATH, or if whole of the last three.
// The error wraps ErrNotFound.
func Find(whole bool) (string, error) {
	wanted := names
	if !whole {
		wanted = append([]string{shell}, names...)
	}
	name := os.Getenv("CHROMIUM")
	if name != "" {
		wanted = []string{name}
	}
	for _, name := range wanted {
		path, err := exec.LookPath(name)
		if err == nil && path == debianCommand {
			path, err = exec.LookPath(debianShell)
		}
		if err == nil {
			return path, nil
		}
	}
	if name != "" {
		return "", fmt.Errorf("%w: CHROMIUM is %q, which is no program", ErrNotFound, name)
	}
	return "", fmt.Errorf("%w: none of %s is in PATH; install one or set CHROMIUM to its path",
		ErrNotFound, strings.Join(wanted, ", "))
}

// startLimit bounds the start of the browser and of a tab. It is for a browser that
// hangs, not for a slow machine.
const startLimit = 2 * time.Minute

// Start starts a headless browser with a fresh profile and opens one tab. It returns that
// tab's context, for chromedp.Do and chromedp.Run; the context ends when ctx ends, when
// stop is called or when the browser dies. stop ends the browser, waits for it and
// removes the profile; it is never nil and may be called more than once. The tab believes
// that it has the focus, so that focus and blur events fire as they do for a person.
//
// Only loopback addresses resolve: a test cannot reach the network by mistake.
func Start(ctx context.Context, o Options) (tab context.Context, stop func(), err error) {
	path, err := Find(o.Whole)
	if err != nil {
		return nil, func() {}, err
	}
	alloc, endAlloc := chromedp.NewExecAllocator(ctx, allocatorOptions(path, o)...)
	tab, endTab, err := newTab(alloc, o.Listener)
	stop = func() { endTab(); endAlloc() }
	if err != nil {
		stop()
		return nil, func() {}, fmt.Errorf("starting %s: %w", path, err)
	}
	return tab, stop, nil
}

// Open opens a tab in the browser of a tab from Start. The two share only the browser's
// process: the new tab has its own cookies, storage, cache and window. That window has no
// warning about the browser's flags and so more room than the first one. The returned
// context is the new tab's. It ends with the browser or with stop, which closes the tab
// and may be called more than once.
func Open(browser context.Context, listener func(ev any)) (tab context.Context, stop func(), err error) {
	tab, stop, err = newTab(browser, listener, chromedp.WithNewBrowserContext())
	if err != nil {
		stop()
		return nil, func() {}, fmt.Errorf("opening a tab: %w", err)
	}
	return tab, stop, nil
}

// Beside is Open for a tab that shares cookies and storage with the browser's first one.
func Beside(browser context.Context, listener func(ev any)) (tab context.Context, stop func(), err error) {
	tab, stop, err = newTab(browser, listener)
	if err != nil {
		stop()
		return nil, func() {}, fmt.Errorf("opening a tab: %w", err)
	}
	return tab, stop, nil
}

// Attach gives another context of a tab from Open, with a session of the DevTools of its
// own: it has its own scripts for new documents and its own overrides. chromedp.Cancel
// ends the session, and leaves the tab as it is without these.
func Attach(tab context.Context, listener func(ev any)) (again context.Context, err error) {
	own := chromedp.FromContext(tab).Target.TargetID
	again, stop, err := newTab(tab, listener, chromedp.WithTargetID(own), chromedp.WithDetachOnCancel())
	if err != nil {
		stop()
		return nil, fmt.Errorf("attaching to a tab: %w", err)
	}
	return again, nil
}

// newTab opens a tab of a browser, and starts the browser if parent has none. stop is
// never nil.
func newTab(parent context.Context, listener func(ev any), opts ...chromedp.ContextOption) (tab context.Context, stop func(), err error) {
	if listener != nil {
		opts = append(opts, chromedp.WithListener(listener))
	}
	tab, stop = chromedp.NewContext(parent, opts...)
	late := time.AfterFunc(startLimit, stop) // the first command must not have a deadline: the browser would end with it
	err = chromedp.Do(tab, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, focus := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled,
			emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return errors.Join(focus, unburden(ctx))
	}))
	if !late.Stop() {
		err = fmt.Errorf("no tab within %v: %w", startLimit, errors.Join(err, context.DeadlineExceeded))
	}
	return tab, stop, err
}

// unburden turns off what chromedp turns on and our tests have no use for: the browser
// keeps the body of each response, our program's as text of 4.5 MB, and the sources of
// style sheets. A fifth of the processor time of a page went there.
func unburden(ctx context.Context) error {
	none := new(int64)
	_, bodies := chromedp.Call(ctx, network.Enable, network.EnableParams{MaxTotalBufferSize: none, MaxResourceBufferSize: none})
	_, sheets := chromedp.Call(ctx, css.Disable, cdp.Empty{})
	_, nodes := chromedp.Call(ctx, dom.Disable, cdp.Empty{})
	return errors.Join(bodies, sheets, nodes)
}

// lean turns off what Chromium does in advance and no page sees: two pages for the
// address bar of each window, and a renderer for the next page of each browser context. A
// third of the processor time went there.
const lean = "WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess"

// allocatorOptions are the browser's flags. chromedp makes a fresh profile directory and
// removes it when the browser has ended.
func allocatorOptions(path string, o Options) []chromedp.ExecAllocatorOption {
	width, height := o.Width, o.Height
	if width <= 0 {
		width = 1280
	}
	if height <= 0 {
		height = 800
	}
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.Headless,
		chromedp.DisableGPU,
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.WindowSize(width, height),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-breakpad", true),
		chromedp.Flag("disable-dev-shm-usage", true), // /dev/shm is small in containers
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true), // each tab has a window, and all draw
		chromedp.Flag("disable-features", lean),
		chromedp.Flag("password-store", "basic"),
		chromedp.Flag("use-mock-keychain", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]"),
	}
	if o.port {
		opts = append(opts, remote.WebSocket, chromedp.Flag("remote-debugging-port", "0"))
	}
	if len(o.Env) > 0 {
		opts = append(opts, chromedp.Env(o.Env...))
	}
	if os.Getuid() == 0 { // Chromium refuses to start its sandbox for root
		opts = append(opts, chromedp.NoSandbox)
	}
	if o.Output != nil {
		opts = append(opts, chromedp.CombinedOutput(o.Output))
	}
	for name, value := range o.Flags {
		opts = append(opts, chromedp.Flag(name, value))
	}
	return opts
}
