package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
)

// standingClock is a script for openAfter: the page's time is always the same time of the
// same day, in any time zone, so that pictures can include times. Measurements of time
// spans do not use this clock.
const standingClock = `{
	const Real = Date, now = new Real(2026, 10, 20, 14, 7, 42).getTime();
	window.Date = class extends Real {
		constructor(...args) { args.length ? super(...args) : super(now) }
		static now() { return now }
	};
}`

const stageStyle = `
:root { color-scheme: light dark; background: light-dark(#fff, #14181d); font: 16px/1.5 "DejaVu Sans", sans-serif; }
main { display: grid; gap: 24px; inline-size: 600px; margin: 16px; }`

// stage opens a page of another origin, under a strict policy, with elements in a column
// and a connected relay; options are those of connect(), in JavaScript. The page's clock
// stands still. The functions of commdn.js are on window.
func stage(t testing.TB, markup, options string, args ...string) (*demo, *page) {
	t.Helper()
	return stageOf(t, markup, options, func(origin string) *demo {
		return restartable(t, append([]string{"--origin", origin}, args...)...)
	})
}

// stageOf is stage with a relay that start runs.
func stageOf(t testing.TB, markup, options string, start func(origin string) *demo) (*demo, *page) {
	t.Helper()
	s := serve(t, fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Stage</title>
<link rel="stylesheet" href="page.css"><script type="module" src="page.js"></script><main>` + markup + `</main></html>`)},
		"page.css": {Data: []byte(stageStyle)},
		"page.js": {Data: []byte(fmt.Sprintf(`import { connect } from "http://localhost:8080/commdn.js";
window.connect = connect;
window.relay = "http://localhost:8080/";
window.told = [];
for (const type of ["commdn-status", "commdn-export"])
	addEventListener(type, (e) => told.push({ ...e.detail, type, id: e.target.id }));
window.handle = connect(%s);`, options))},
	}, "default-src 'none'; style-src 'self'; script-src 'self' http://localhost:8080 'wasm-unsafe-eval'; connect-src http://localhost:8080 ws://localhost:8080 http://127.0.0.1:* ws://127.0.0.1:*")
	d := start(s.origin)
	p := openAfter(t, standingClock, s.show(d, "/"), "")
	p.wait(`window.handle?.status.state === "connected"`)
	p.wait(`[...document.querySelectorAll("main > *")].every((e) => e.shadowRoot?.querySelector(".base"))`)
	return d, p
}

// sim calls the simulator: POST with a body, GET without. It returns the answer.
func sim[T any](d *demo, path string, body any) T {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	method, in := http.MethodGet, io.Reader(nil)
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			d.t.Fatal(err)
		}
		method, in = http.MethodPost, bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, d.url()+"sim/api/"+path, in)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	var v T
	if err == nil && resp.StatusCode/100 == 2 {
		err = json.Unmarshal(b, &v)
	}
	if err != nil || resp.StatusCode/100 != 2 {
		d.t.Fatalf("%s %s: %s %s (%v)", method, path, resp.Status, b, err)
	}
	return v
}

// fails gives the simulator a fault, as in a scenario; fault becomes JSON.
func (d *demo) fails(fault any) {
	d.t.Helper()
	sim[map[string]any](d, "faults", fault)
}

// set sets attributes of an element, as name, value, name, value.
func (p *page) set(id string, attributes ...string) {
	p.t.Helper()
	for pair := range slices.Chunk(attributes, 2) {
		p.eval(`document.getElementById(%q).setAttribute(%q, %s)`, id, pair[0], literal(pair[1]))
	}
}

// unset removes attributes.
func (p *page) unset(id string, attributes ...string) {
	p.t.Helper()
	for _, name := range attributes {
		p.eval(`document.getElementById(%q).removeAttribute(%q)`, id, name)
	}
}

// focused returns the class of the focused node inside an element, or the name of a
// field.
func (p *page) focused(id string) string {
	p.t.Helper()
	return get[string](p, `(() => { const e = document.getElementById(%q).shadowRoot.activeElement; return e ? e.name || e.className : "" })()`, id)
}

// hold presses a key, repeats it so many times, and releases it.
func (p *page) hold(key, text string, code int64, repeats int) {
	p.t.Helper()
	send := func(kind input.DispatchKeyEventType, repeat bool) {
		params := input.DispatchKeyEventParams{Type: kind, Key: key, Code: key, WindowsVirtualKeyCode: code, AutoRepeat: &repeat}
		if kind == input.DispatchKeyEventTypeKeyDown {
			params.Text = text
		}
		call(p, input.DispatchKeyEvent, params)
	}
	for i := range repeats + 1 {
		send(input.DispatchKeyEventTypeKeyDown, i > 0)
	}
	send(input.DispatchKeyEventTypeKeyUp, false)
}

// media sets a preference of the reader.
func (p *page) media(name, value string) {
	p.t.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: name, Value: value}},
	})
}

// forget drops expected errors of the page: all that contain one of these parts. It
// returns their number.
func (p *page) forget(parts ...string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := len(p.errors)
	p.errors = slices.DeleteFunc(p.errors, func(e string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(e, part) })
	})
	return before - len(p.errors)
}

// text reads a text of the elements from its table, as components/lang does, and fills in
// names and values.
func text(t testing.TB, code, key string, args ...string) string {
	t.Helper()
	b, err := os.ReadFile("../components/lang/" + code + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " = "); ok && name == key {
			for pair := range slices.Chunk(args, 2) {
				value = strings.ReplaceAll(value, "{"+pair[0]+"}", pair[1])
			}
			return value
		}
	}
	t.Fatalf("%s has no text %s", code, key)
	return ""
}
