package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/chromedp"

	"commdn/web"
)

// framePage is a page of another origin around frame.html, with a given query: say()
// sends a message, heard() returns those of a type.
const framePage = `
const frame = document.querySelector("iframe");
window.relay = "http://localhost:8080";
window.messages = [];
window.tokens = ["agent,supervisor=Ann"];
window.say = (message) => frame.contentWindow.postMessage({ commdn: 1, ...message }, relay);
window.heard = (type) => messages.filter((m) => m.type === type);
addEventListener("message", ({ source, origin, data }) => {
	if (source !== frame.contentWindow) return;
	messages.push({ ...data, origin });
	if (data.type === "need-token" && tokens.length) say({ type: "token", token: tokens.length > 1 ? tokens.shift() : tokens[0] });
	if (data.type === "size") frame.style.height = data.height + "px";
});
`

func frameSite(t *testing.T, query string) *site {
	t.Helper()
	return serve(t, fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><html lang="en"><title>Around</title><script type="module" src="main.js"></script><body><iframe id="frame" title="commdn" src="http://localhost:8080/frame.html?` + query + `"></iframe></body></html>`)},
		"main.js":    {Data: []byte(framePage)},
	}, "")
}

// warned waits for a warning and hides it from clean.
func (p *page) warned(text string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		p.mu.Lock()
		i := slices.IndexFunc(p.errors, func(e string) bool { return strings.Contains(strings.ReplaceAll(e, `\"`, `"`), text) })
		if i >= 0 {
			p.errors = slices.Delete(p.errors, i, i+1)
		}
		p.mu.Unlock()
		if i >= 0 {
			return
		}
	}
	p.t.Errorf("no warning has %q; there are %q", text, p.errors)
}

// clickFrame clicks the first button inside a frame, at its top left.
func (p *page) clickFrame(id string) {
	p.t.Helper()
	at := p.rects(id)[id]
	do(p, chromedp.MouseClickXY(at.X+40, at.Y+20))
}

// response waits for the answer to a request, by its id.
func (p *page) response(id int) string {
	p.t.Helper()
	p.wait(`heard("response").some((m) => m.id === %d)`, id)
	return get[string](p, `(({ ok, result, error }) => ok ? "ok " + result.state + " " + (result.phone ?? "") : [error.name, error.argument ?? error.refusal ?? error.ocsName ?? "", error.message].join(" "))(heard("response").find((m) => m.id === %d))`, id)
}

// TestFrame: the messages of frame.html, with an allowed page around it.
func TestFrame(t *testing.T) {
	together(t)
	s := frameSite(t, "element=commdn-dnc&amp;phone=5551234567&amp;confirm=off&amp;token=parent&amp;lang=de&amp;color=red")
	d := startDemo(t, "--origin", "http://elsewhere.example", "--parent", s.origin)
	p := open(t, s.show(d, "/"), "")
	p.warned(`has no attribute "color"`)

	p.run("ready", func(t *testing.T) {
		p.wait(`heard("ready").length`)
		got := get[struct {
			Element, Origin     string
			Attributes, Methods []string
		}](p, `heard("ready")[0]`)
		if got.Element != "commdn-dnc" || got.Origin != strings.TrimSuffix(d.url(), "/") || !slices.Contains(got.Attributes, "customer-id") || !slices.Contains(got.Attributes, "lang") ||
			!slices.Contains(got.Methods, "doNotCall") || slices.Contains(got.Methods, "destroy") {
			t.Errorf("ready: %+v", got)
		}
		p.wait(`heard("need-token").length === 1`)
	})
	state := func() string {
		p.t.Helper()
		p.eval(`messages = messages.filter((m) => m.type !== "state"); say({ type: "get" })`)
		p.wait(`heard("state").length === 1`)
		return get[string](p, `(({ element, attributes, status }) => [element, JSON.stringify(attributes), status.state, status.identity.name].join(" "))(heard("state")[0])`)
	}
	p.run("state", func(t *testing.T) {
		const want = `commdn-dnc {"phone":"5551234567","confirm":"off","lang":"de"} connected Ann`
		var got string
		for deadline := time.Now().Add(patience); got != want && time.Now().Before(deadline); {
			got = state()
		}
		if got != want {
			t.Errorf("state %s", got)
		}
	})
	p.run("set", func(t *testing.T) {
		p.eval(`say({ type: "set", attributes: { phone: "5550000001", "customer-id": "C-1", lang: null, "choose-chain": true, disabled: false, onclick: "alert(1)", style: "color: red" },
			properties: { "--commdn-accent": "#0b6561", "color-scheme": "dark", "background": "url(http://127.0.0.1:9/)", "--other": "1" } })`)
		if got := state(); !strings.Contains(got, `{"phone":"5550000001","customer-id":"C-1","choose-chain":"","confirm":"off"}`) {
			t.Errorf("state %s", got)
		}
		for _, name := range []string{"onclick", "style"} {
			p.warned(fmt.Sprintf("has no attribute %q", name))
		}
		for _, name := range []string{"background", "--other"} {
			p.warned(fmt.Sprintf("%q is no property", name))
		}
		p.clean()
	})
	p.run("request", func(t *testing.T) {
		d.fails(json.RawMessage(`{"do": "silence", "phone": "5550000003"}`))
		for id, request := range []string{
			`method: "doNotCall", args: { phone: "5550000002" }`,
			`method: "doNotCall", args: { phone: "5550100010" }`,
			`method: "doNotCall", args: { phone: 5 }`,
			`method: "doNotCall"`,
			`method: "destroy"`,
			`method: "constructor", args: {}`,
			`args: {}`,
			`method: "doNotCall", args: { phone: "5550000003" }, options: { timeout: 300 }`,
			`method: "doNotCall", args: { phone: "5550000004" }, options: { timeout: "soon" }`,
			`method: "getCampaignStatus", args: { campaign: 1001, group: 502, target: 201 }`,
		} {
			p.eval(`say({ type: "request", id: %d, %s })`, id, request)
			want := []string{"ok done 5550000002", "OcsError CM_ERROR_INVALID_PARAMETER", "ArgumentError phone", "ArgumentError", "TypeError  no method destroy",
				"TypeError  no method constructor", "TypeError  no method undefined", "NoAnswerError", "ArgumentError timeout", "ok done"}[id]
			if got := p.response(id); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q, want %q", request, got, want)
			}
		}
		if l := d.list(); len(l) != 1 || l[0].Phone != "5550000002" {
			t.Errorf("the list is %+v", l)
		}
		p.eval(`say({ type: "request", id: 100, method: "doNotCall", args: { phone: "5550000003" } }); say({ type: "abort", id: 100 }); say({ type: "abort", id: 77 })`)
		if got := p.response(100); !strings.HasPrefix(got, "AbortError") {
			t.Errorf("aborted: %q", got)
		}
		if n := get[int](p, `heard("response").length`); n != 11 {
			t.Errorf("%d responses", n)
		}
	})
	p.run("events and size", func(t *testing.T) {
		p.wait(`heard("size").length && heard("size").at(-1).height >= 32`)
		p.eval(`window.high = heard("size").at(-1).height; say({ type: "set", attributes: { confirm: "on", "choose-chain": null, phone: "5550000005" } })`)
		state()
		p.clickFrame("frame")
		p.wait(`heard("event").some((m) => m.name === "commdn-state" && m.detail.state === "confirming" && m.detail.phone === "5550000005")`)
		p.wait(`heard("size").at(-1).height > high`)
		p.unhurried()
		p.backTab() // from the way back
		p.key("\r")
		p.wait(`heard("event").some((m) => m.name === "commdn-result" && m.detail.ok && m.detail.phone === "5550000005")`)
		if d.on("5550000005") != 1 {
			t.Error("the click inside the frame did not put it on the list")
		}
	})
	p.run("nonsense", func(t *testing.T) {
		for _, message := range []string{`{ type: "destroy" }`, `{ type: "toString" }`, `{ type: "__proto__" }`, `{}`, `{ type: 5 }`} {
			p.eval(`say(%s)`, message)
			p.warned("no message has the type")
		}
		p.eval(`say({ type: "set", attributes: 5, properties: "x" }); say({ type: "set", attributes: null }); say({ type: "request" }); say({ type: "token", token: { a: 1 } });
			for (const m of ["commdn", null, [], 5]) frames[0].postMessage(m, relay); frames[0].postMessage({ commdn: 2, type: "set" }, relay)`)
		if got := state(); !strings.Contains(got, `"phone":"5550000005"`) || !strings.HasSuffix(got, "connected Ann") {
			t.Errorf("state %s", got)
		}
	})
	p.run("a foreign window", func(t *testing.T) {
		// A second frame of another origin, beside ours, talks to it.
		foreign := serve(t, fstest.MapFS{
			"index.html": {Data: []byte(`<!doctype html><title>Foreign</title><script type="module" src="main.js"></script>`)},
			"main.js": {Data: []byte(`parent.frames[0].postMessage({ commdn: 1, type: "set", attributes: { "customer-id": "666" } }, "*");
				parent.frames[0].postMessage({ commdn: 1, type: "request", id: 666, method: "doNotCall", args: { phone: "5550000666" } }, "*");
				parent.postMessage("sent", "*");`)},
		}, "")
		p.eval(`addEventListener("message", (e) => { if (e.data === "sent") window.sent = true }); document.body.append(Object.assign(document.createElement("iframe"), { src: %q }))`, foreign.origin+"/")
		p.wait(`window.sent`)
		p.warned("a message of a window that is not the one around was refused")
		p.warned("a message of a window that is not the one around was refused")
		if got := state(); strings.Contains(got, "666") {
			t.Errorf("state %s", got)
		}
		if d.on("5550000666") != 0 || get[bool](p, `messages.some((m) => m.id === 666)`) {
			t.Error("a foreign window's request was served")
		}
	})
	p.mu.Lock()
	p.errors = slices.DeleteFunc(p.errors, func(e string) bool { return strings.Contains(e, "commdn frame: ") })
	p.mu.Unlock()
	p.clean()
}

// TestFrameTokens: the frame asks the page around it for a token for each connection.
func TestFrameTokens(t *testing.T) {
	together(t)
	s := frameSite(t, "element=commdn-status&amp;token=parent&amp;detail=full")
	d := restartable(t, "--parent", s.origin)
	p := open(t, s.show(d, "/"), "")
	p.eval(`tokens.length = 0`) // it may have answered by now: only the next connections count
	p.wait(`heard("need-token").length === 1`)
	p.eval(`say({ type: "token", token: "agent=First" })`)
	named := func(name string) {
		t.Helper()
		p.until(`new Promise((r) => { const n = heard("state").length; say({ type: "get" }); const again = () => heard("state").length > n ? r(heard("state").at(-1).status.identity.name === %q) : setTimeout(again, 20); again() })`, name)
	}
	p.wait(`heard("event").some((m) => m.name === "commdn-status" && m.detail.level)`)
	d.kill()
	p.wait(`heard("event").at(-1).detail.state === "disconnected"`)
	d.start()
	p.wait(`heard("need-token").length >= 2`)
	p.eval(`say({ type: "token", token: "agent=Second" })`)
	named("Second")
	// An empty token is none.
	p.eval(`messages.length = 0`)
	d.kill()
	p.wait(`heard("event").at(-1)?.detail.state === "disconnected"`)
	d.start()
	p.wait(`heard("need-token").length >= 1`)
	p.eval(`say({ type: "token" })`)
	named("agent and auditor and supervisor")
}

// TestFrameParents: which pages may embed the frame.
func TestFrameParents(t *testing.T) {
	together(t)
	s := frameSite(t, "element=commdn-dnc&amp;phone=5551234567&amp;token=parent")
	t.Run("not listed", func(t *testing.T) {
		d := startDemo(t, "--parent", "http://127.0.0.1:1")
		p := open(t, s.show(d, "/"), "")
		p.warned("frame-ancestors")
		p.eval(`say({ type: "request", id: 1, method: "doNotCall", args: { phone: "5550000666" } })`)
		get[bool](p, `new Promise((r) => requestIdleCallback(() => setTimeout(r, 200), { timeout: 2000 })).then(() => true)`)
		if n := get[int](p, `messages.length`); n != 0 {
			t.Errorf("the frame said %d things", n)
		}
		if len(d.list()) != 0 {
			t.Errorf("the list is %+v", d.list())
		}
	})
	t.Run("inside of one that is listed", func(t *testing.T) {
		// Every page around has to be listed, not only the nearest.
		outer := serve(t, fstest.MapFS{"index.html": {Data: []byte(`<!doctype html><title>Outer</title><iframe src="` + s.origin + `/"></iframe>`)}}, "")
		d := startDemo(t, "--parent", s.origin)
		s.show(d, "/")
		p := open(t, outer.origin+"/", "")
		p.warned("frame-ancestors")
	})
	t.Run("headers", func(t *testing.T) {
		d := startDemo(t, "--parent", s.origin)
		resp, err := http.Get(d.url() + "frame.html")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'self' "+s.origin) {
			t.Errorf("policy %q", csp)
		}
	})
}

// TestFramePage: frame.html by itself, and with addresses that name nothing.
func TestFramePage(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := open(t, d.url()+"frame.html?element=commdn-dnc&phone=5550000460&customer-id=%3Cimg%20src%3Dx%3E&confirm=off", "")
	p.eval(`document.body.id = "body"`)
	const el = `document.querySelector("commdn-dnc")`
	p.wait(el + `?.shadowRoot.querySelector("button")?.textContent.includes("<img src=x>")`)
	p.eval(el + `.id = "dnc"`)
	p.click("dnc", "button", 1)
	p.wait(`e2e.events.some((e) => e.type === "commdn-result" && e.customerId === "<img src=x>")`)
	// It belongs to its own page, and not to anybody who sends it messages.
	p.eval(`postMessage({ commdn: 1, type: "set", attributes: { "customer-id": "666" } }, "*")`)
	get[bool](p, `new Promise((r) => { addEventListener("message", (e) => e.data === "after it" && r(true)); postMessage("after it", "*") })`)
	if s := get[string](p, el+`.getAttribute("customer-id")`); s != "<img src=x>" {
		t.Errorf("a message of itself was taken: %s", s)
	}
	p.clean()
	// Nothing of the page behind a frame shows through, whatever its colours, until a
	// message says which they are.
	const colours = `(() => {
		const page = getComputedStyle(document.documentElement), button = getComputedStyle(` + el + `.shadowRoot.querySelector("button"));
		return [page.backgroundColor === "rgba(0, 0, 0, 0)" ? "clear" : page.backgroundColor, button.color, button.backgroundColor].join("; ");
	})()`
	for _, tt := range []struct{ scheme, query, want string }{
		{"light", "", "rgb(255, 255, 255); rgb(255, 255, 255); rgb(179, 38, 30)"},
		{"dark", "", "rgb(18, 18, 18); rgb(42, 5, 3); rgb(255, 138, 128)"},
		{"dark", "&color-scheme=light", "clear; rgb(255, 255, 255); rgb(179, 38, 30)"},
		{"light", "&color-scheme=dark&--commdn-stop=%23ff0000", "clear; rgb(42, 5, 3); rgb(255, 0, 0)"},
	} {
		p.media("prefers-color-scheme", tt.scheme)
		do(p, chromedp.Navigate(d.url()+"frame.html?element=commdn-dnc&phone=112"+tt.query))
		p.eval(watch)
		p.wait(el + `?.shadowRoot.querySelector("button:not([disabled])")`)
		p.wait(fmt.Sprintf(`%s === %q`, colours, tt.want)) // after the fade
		p.clean()
	}
	for _, query := range []string{"", "?element=", "?element=script", "?element=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "?element=commdn-nothing", "?element=toString"} {
		do(p, chromedp.Navigate(d.url()+"frame.html"+query))
		p.eval(watch)
		p.wait(`document.querySelector("[role=alert]")?.textContent.includes("names no element")`)
		if n := get[int](p, `document.body.children.length + document.querySelectorAll("img, script:not([src])").length`); n != 1 {
			t.Errorf("%s: %s", query, get[string](p, `document.body.innerHTML`))
		}
		p.clean()
	}
}

// TestFrameSandbox: a sandbox without allow-same-origin lets no script of the frame run,
// and the frame says what it needs. With it the frame works.
func TestFrameSandbox(t *testing.T) {
	together(t)
	files := http.FileServerFS(web.Files())
	for sandbox, want := range map[string]string{
		"allow-scripts":                   `getComputedStyle(document.getElementById("blocked")).visibility === "visible" && document.getElementById("blocked").innerText.includes("needs allow-scripts and allow-same-origin")`,
		"allow-scripts allow-same-origin": `!document.getElementById("blocked") && document.querySelector("commdn-dnc")?.shadowRoot?.querySelector(".main")`,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'; sandbox "+sandbox)
			files.ServeHTTP(w, r)
		}))
		t.Cleanup(server.Close)
		p := open(t, server.URL+"/frame.html?element=commdn-dnc&phone=112", "")
		p.wait("%s", want)
	}
}
