package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// page is a tab on the demo, with the errors in it.
type page struct {
	t     testing.TB
	ctx   context.Context
	seat  *tab   // nil in a browser of the test's own
	close func() // the tab

	mu     sync.Mutex
	errors []string

	clicks []clicked
}

// watch runs in every page before anything else: it keeps the events for the host page
// and the violations of its policy.
const watch = `
	window.e2e = { events: [], violations: [] };
	document.addEventListener("securitypolicyviolation", (e) => e2e.violations.push(e.effectiveDirective + " " + e.blockedURI));
	for (const type of ["commdn-state", "commdn-result"])
		document.addEventListener(type, (e) => e2e.events.push({ ...e.detail, type, id: e.target.id }));
	window.deep = (id, selector) => document.getElementById(id)?.shadowRoot?.querySelector(selector);
	true`

// open opens a tab on url and waits until the element with this id is drawn.
func open(t testing.TB, url, id string) *page {
	t.Helper()
	return openAfter(t, "0", url, id)
}

// openAfter is open with a script that runs before those of the page.
func openAfter(t testing.TB, script, url, id string) *page {
	t.Helper()
	p := &page{t: t}
	ctx, tab, err := used.take(p.listen)
	if err != nil {
		t.Fatal(err)
	}
	p.ctx, p.seat, p.close = ctx, tab, sync.OnceFunc(tab.end)
	t.Cleanup(func() {
		if _, measures := t.(*testing.B); measures || tab.spent || t.Failed() || ctx.Err() != nil {
			p.close()
		} else {
			used.give(ctx, tab)
		}
	})
	call(p, devtools.AddScriptToEvaluateOnNewDocument, devtools.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	do(p, chromedp.Navigate(url))
	p.eval(watch)
	if id != "" {
		p.wait(`deep(%q, "button")`, id)
	}
	return p
}

// run is a subtest on the same page.
func (p *page) run(name string, f func(t *testing.T)) {
	outer := p.t
	defer func() { p.t = outer }()
	outer.(*testing.T).Run(name, func(t *testing.T) {
		p.t = t
		f(t)
	})
}

// listen collects what a developer would see in red.
func (p *page) listen(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			p.errors = append(p.errors, fmt.Sprintf("console.%s: %s", e.Type, remote(e.Args)))
		}
	case *runtime.EventExceptionThrown:
		p.errors = append(p.errors, "exception: "+e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
	case *log.EventEntryAdded:
		// Chromium asks nobody where the page was never touched, and says so.
		if e.Entry.Level == "error" && !strings.Contains(e.Entry.Text, "'beforeunload' confirmation panel") {
			p.errors = append(p.errors, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func remote(args []*runtime.RemoteObject) string {
	var s []string
	for _, a := range args {
		s = append(s, string(a.Value)+a.Description)
	}
	return strings.Join(s, " ")
}

// clean fails the test if the page violated its policy or logged an error.
func (p *page) clean() {
	p.t.Helper()
	if v := get[[]string](p, `e2e.violations`); len(v) > 0 {
		p.t.Errorf("Content-Security-Policy violations: %q", v)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.errors {
		p.t.Errorf("the page said: %s", e)
	}
}

func do[T any](p *page, a chromedp.Action[T]) T {
	p.t.Helper()
	return within(p, patience, a)
}

func within[T any](p *page, limit time.Duration, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// call sends one command of the DevTools protocol.
func call[P, R any](p *page, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	var result R
	do(p, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) (err error) {
		result, err = chromedp.Call(ctx, command, params)
		return err
	}))
	return result
}

// get evaluates an expression, which may be a promise.
func get[T any](p *page, expression string, args ...any) T {
	p.t.Helper()
	return do(p, chromedp.Evaluate[T](fmt.Sprintf(expression, args...), chromedp.EvalAwaitPromise))
}

// eval runs statements for their effect.
func (p *page) eval(code string, args ...any) {
	p.t.Helper()
	get[bool](p, "%s", "(() => {"+fmt.Sprintf(code, args...)+"; return true })()")
}

// wait polls until an expression is truthy.
func (p *page) wait(expression string, args ...any) {
	p.t.Helper()
	expression = fmt.Sprintf(expression, args...)
	began := time.Now()
	for {
		if get[bool](p, `((v) => { if (v?.then) throw new Error("a promise is always true: use until"); return !!v })(%s)`, expression) {
			return
		}
		waited := time.Since(began)
		if waited > patience {
			p.t.Fatalf("never true: %s\nelements: %s", expression, get[string](p,
				`[...document.querySelectorAll("*")].filter((e) => e.shadowRoot).map((e) => e.id + ": " + e.shadowRoot.textContent.replace(/\s+/g, " ")).join("\n")`))
		}
		if waited > restAfter {
			atWork.rest(p.t.Name())
		}
		time.Sleep(min(max(waited/4, 10*time.Millisecond), 100*time.Millisecond)) // each question takes some 2 ms of a processor
	}
}

// arrives waits until another page is there, of which an expression is true. Between the
// two pages nothing can be asked.
func (p *page) arrives(expression string) {
	p.t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if is, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && is {
			return
		}
		if time.Now().After(late) {
			p.t.Fatalf("no page comes with %s", expression)
		}
	}
}

// text returns the visible text inside an element's shadow root.
func (p *page) text(id, selector string) string {
	p.t.Helper()
	return get[string](p, `deep(%q, %q)?.textContent ?? "(absent)"`, id, selector)
}

// click moves the mouse to the middle of something inside an element, or of the element
// itself, and clicks so many times.
func (p *page) click(id, selector string, times int) {
	p.t.Helper()
	target := fmt.Sprintf(`document.getElementById(%q)`, id)
	if selector != "" {
		target = fmt.Sprintf(`deep(%q, %q)`, id, selector)
	}
	at := get[[]float64](p, `(() => { const e = %s; e.scrollIntoView({ block: "center" }); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`, target)
	p.deliberate(at[0], at[1])
	for n := 1; n <= times; n++ {
		do(p, chromedp.MouseClickXY(at[0], at[1], chromedp.ClickCount(n)))
	}
	p.clicks = append(p.clicks, clicked{at[0], at[1], time.Now()})
}

// clicked is a click at a place of the window.
type clicked struct {
	x, y float64
	at   time.Time
}

// deliberate waits until a click at this place is not the second click of a double click,
// whatever else was clicked meanwhile.
func (p *page) deliberate(x, y float64) {
	for _, c := range p.clicks {
		if math.Hypot(x-c.x, y-c.y) < 40 {
			time.Sleep(time.Until(c.at.Add(410 * time.Millisecond)))
		}
	}
}

// key presses keys, wherever the focus is.
func (p *page) key(keys string) {
	p.t.Helper()
	do(p, chromedp.KeyEvent(keys))
}

// event is an event that the host page received.
type event struct {
	Type       string `json:"type"`
	ID         string `json:"id"`
	State      string `json:"state"`
	OK         bool   `json:"ok"`
	Phone      string `json:"phone"`
	CustomerID string `json:"customerId"`
	Chain      string `json:"chain"`
	Code       int    `json:"code"`
	Name       string `json:"name"`
	Message    string `json:"message"`
	OCS        []struct {
		DBID  int    `json:"dbid"`
		Phone string `json:"phone"`
		OK    bool   `json:"ok"`
	} `json:"ocs"`
}

// results returns the commdn-result events of one element so far.
func (p *page) results(id string) []event {
	p.t.Helper()
	return get[[]event](p, `e2e.events.filter((e) => e.type === "commdn-result" && e.id === %q)`, id)
}

// states returns the commdn-state events of one element so far, as words.
func (p *page) states(id string) string {
	p.t.Helper()
	return get[string](p, `e2e.events.filter((e) => e.type === "commdn-state" && e.id === %q).map((e) => e.state).join(" ")`, id)
}

// literal writes a value as JavaScript.
func literal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // no test passes such a value
	}
	return string(b)
}
