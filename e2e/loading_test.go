package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chromedp/chromedp"

	"commdn/web"
)

// fetched defines window.fetched(): the names of the files that the page got from the
// relay, without hashes.
const fetched = `
window.fetched = () => performance.getEntriesByType("resource").filter((e) => !e.name.startsWith(location.origin))
	.map((e) => new URL(e.name).pathname.slice(1).replace(/\.[0-9a-f]{12}\./, ".")).sort().join(" ");
`

// The files of a page that wants the plugin: with an agent's elements alone, and with all.
const (
	agentFiles = "agent.wasm commdn.js go.js plugin.js"
	allFiles   = "all.wasm commdn.js go.js plugin.js"
)

// TestLoading: what a page loads, and when.
func TestLoading(t *testing.T) {
	together(t)
	files := fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><title>Start</title>`)},
		"main.css":   {Data: []byte(`#tall { height: 5000px }`)},
		"main.js":    {Data: []byte(apiScript + fetched)},
	}
	s := serve(t, files, strictPolicy)
	p := open(t, s.show(startDemo(t, "--origin", s.origin), "/"), "")
	for i, tt := range []struct {
		name, markup string
		wants        string // what triggers the loading; empty: nothing has to
	}{
		{"nothing on the page", "", "-"},
		{"visible", `<commdn-dnc id="e" phone="112"></commdn-dnc>`, ""},
		{"below the fold", `<p id="tall"></p><commdn-dnc id="e" phone="112"></commdn-dnc>`, `document.getElementById("e").scrollIntoView()`},
		{"hidden", `<div hidden><commdn-dnc id="e" phone="112"></commdn-dnc></div>`, `document.querySelector("div").hidden = false`},
		{"eager below the fold", `<p id="tall"></p><commdn-dnc id="e" phone="112" load="eager"></commdn-dnc>`, ""},
		{"idle below the fold", `<p id="tall"></p><commdn-dnc id="e" phone="112" load="idle"></commdn-dnc>`, ""},
		{"eager later", `<p id="tall"></p><commdn-dnc id="e" phone="112"></commdn-dnc>`, `document.getElementById("e").load = "eager"`},
		{"another value", `<p id="tall"></p><commdn-dnc id="e" phone="112" load="now"></commdn-dnc>`, `scrollTo(0, 6000)`},
		{"connect", "", `window.h = api.connect()`},
	} {
		name := fmt.Sprintf("page%d.html", i)
		files[name] = &fstest.MapFile{Data: []byte(`<!doctype html><html lang="en"><title>Host</title><link rel="stylesheet" href="main.css"><script type="module" src="main.js"></script><body>` + tt.markup + `</body></html>`)}
		p.run(tt.name, func(t *testing.T) {
			do(p, chromedp.Navigate(s.origin+"/"+name))
			p.eval(watch)
			p.wait(`window.fetched && document.readyState === "complete"`)
			if tt.wants != "" {
				// Two frames and an idle moment: whatever starts by itself has started.
				get[bool](p, `new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => setTimeout(r, 100), { timeout: 2000 })))).then(() => true)`)
				if f := get[string](p, `fetched()`); f != "commdn.js" {
					t.Errorf("fetched before it was wanted: %s", f)
				}
				if get[bool](p, `!!document.getElementById("e") && (deep("e", "[part=placeholder]")?.ariaBusy !== "true" || e.offsetParent !== null && e.offsetHeight < 32)`) {
					t.Error("there is no placeholder in its place")
				}
			}
			if tt.wants != "-" {
				if tt.wants != "" {
					p.eval(`%s`, tt.wants)
				}
				p.wait(`fetched() === %q`, agentFiles)
				if tt.markup != "" {
					p.wait(`deep("e", "button")`)
				}
			}
			p.clean()
		})
	}
}

// TestLoadedOnBusyPage: load="idle" waits for a while only; this page is never idle.
func TestLoadedOnBusyPage(t *testing.T) {
	together(t)
	const busy = `window.requestIdleCallback = (f, wait) => { if (wait?.timeout >= 1000) setTimeout(f, 100) }`
	s := serve(t, fstest.MapFS{"index.html": {Data: []byte(`<!doctype html><html lang="en"><title>Host</title>
<script type="module" src="http://localhost:8080/commdn.js"></script><p style="height: 5000px"></p><commdn-dnc id="dnc" phone="112" load="idle"></commdn-dnc>`)}}, "")
	openAfter(t, busy, s.show(startDemo(t, "--origin", s.origin), "/"), "dnc").clean()
}

// TestLoadedOnce: two copies of the script, and many elements, make one plugin.
func TestLoadedOnce(t *testing.T) {
	together(t)
	d, p := apiPage(t, `<script type="module" src="http://localhost:8080/commdn.js"></script><script type="module" src="http://localhost:8080/commdn.js"></script><commdn-dnc id="a" phone="5550000001" confirm="off"></commdn-dnc>`, fetched)
	p.wait(`deep("a", "button")`)
	p.run("the same address again", func(t *testing.T) {
		if !get[bool](p, `import("http://%s/commdn.js").then((m) => m === api || m.connect === api.connect)`, d.addr) {
			t.Error("another module came")
		}
		p.clean()
	})
	p.run("another address", func(t *testing.T) {
		get[bool](p, `import("http://%s/commdn.js?v=2").then((m) => { window.copy = m; return true })`, d.addr)
		p.onlySaid("twice")
		p.mu.Lock()
		n := len(p.errors)
		p.errors = nil
		p.mu.Unlock()
		if n != 1 {
			t.Errorf("%d warnings about the second copy", n)
		}
		p.click("a", "button", 1)
		p.wait(`told.some((e) => e.id === "a" && e.detail.ok)`)
		// The second copy's own handles work; its elements are the first copy's.
		p.eval(`window.h = copy.connect({ token: "agent=Copy" })`)
		get[bool](p, `h.ready.then(() => true)`)
		p.result(`h.doNotCall({ phone: "5550000002" })`)
		if d.on("5550000002") != 1 {
			t.Error("the second copy's request is not on the list")
		}
		p.eval(`document.getElementById("a").phone = "5550000003"`)
		p.wait(`deep("a", "button")?.textContent.includes("5550000003")`)
		p.click("a", "button", 1)
		p.wait(`told.some((e) => e.id === "a" && e.detail.ok && e.detail.phone === "5550000003")`)
		if o := p.outcome(`document.getElementById("a").connection = h`); !o.Threw || o.Name != "TypeError" {
			t.Errorf("a handle of the other copy: %v", o)
		}
	})
	p.clean()
}

// TestOneProgram: fifty elements of all kinds share one plugin and one socket.
func TestOneProgram(t *testing.T) {
	together(t)
	tags := []string{"commdn-dnc", "commdn-cancel", "commdn-campaigns", "commdn-sequence", "commdn-status", "commdn-activity"}
	var markup strings.Builder
	for i := range 50 {
		markup.WriteString("<" + tags[i%len(tags)] + "></" + tags[i%len(tags)] + ">")
	}
	_, p := apiPage(t, markup.String(), countSockets+fetched)
	const all = `[...document.body.children].filter((e) => e.localName.startsWith("commdn-"))`
	p.wait(all + `.length === 50 && ` + all + `.every((e) => e.shadowRoot.querySelector("[part~=base]") && !e.shadowRoot.querySelector("[part=placeholder]"))`)
	p.wait(`open() === 1`)
	if f := get[string](p, `fetched()`); f != allFiles {
		t.Errorf("fetched %s", f)
	}
	p.eval(all + `.forEach((e) => e.remove())`)
	p.wait(`document.body.children.length === 0`)
	p.clean()
}

// TestElementLife: scripts make, move, copy and remove elements.
func TestElementLife(t *testing.T) {
	together(t)
	d, p := apiPage(t, `<div id="left"></div><div id="right"></div><template id="tpl"><commdn-dnc phone="5550000009"></commdn-dnc></template>`, countSockets+`
		// Made before the element is defined, with properties of their own: a
		// framework may be quicker than the loader.
		window.early = document.createElement("commdn-dnc");`)
	// A handle rather than the implicit connection.
	p.connected("h", `{ token: "agent=Ann" }`)

	p.run("attributes before and after", func(t *testing.T) {
		p.eval(`for (const [id, f] of Object.entries({
			before: (e, add) => { e.setAttribute("phone", "5550000001"); add() }, after: (e, add) => { add(); e.setAttribute("phone", "5550000001") },
			property: (e, add) => { e.phone = "5550000001"; add() }, later: (e, add) => { add(); setTimeout(() => { e.phone = "5550000001" }) },
			twice: (e, add) => { e.phone = "1"; add(); e.phone = "2"; e.phone = "5550000001" } })) {
				const e = document.createElement("commdn-dnc"); e.id = id; f(e, () => document.getElementById("left").append(e)) }`)
		for _, id := range []string{"before", "after", "property", "later", "twice"} {
			p.wait(`deep(%q, "button")?.textContent.includes("5550000001")`, id)
		}
	})
	p.run("defined later", func(t *testing.T) {
		// An element takes over properties that were set before its upgrade.
		p.eval(`const f = document.createElement("iframe"); document.body.append(f);
			const e = f.contentDocument.createElement("commdn-dnc"); e.id = "foreign"; e.phone = "5550000002"; e.customerId = "C-2"; e.chooseChain = true; e.connection = h;
			f.remove(); document.getElementById("left").append(e); customElements.upgrade(e)`)
		p.wait(`deep("foreign", "button")?.textContent.includes("5550000002")`)
		if got := get[string](p, `(({ attributes }) => [...attributes].map((a) => a.name + "=" + a.value).sort().join())(document.getElementById("foreign"))`); got != "choose-chain=,customer-id=C-2,id=foreign,phone=5550000002,tabindex=0" {
			t.Errorf("attributes %s", got)
		}
	})
	p.run("moved", func(t *testing.T) {
		p.click("before", "button", 1)
		p.wait(`deep("before", "[part~=confirm]")`)
		p.eval(`document.getElementById("right").append(document.getElementById("before")); document.getElementById("right").prepend(document.getElementById("before"))`)
		get[bool](p, `new Promise((r) => setTimeout(r)).then(() => true)`)
		if !get[bool](p, `!!deep("before", "[part~=confirm]")`) {
			t.Error("the confirmation is gone with the move")
		}
		p.click("before", "[part~=confirm-button]", 1)
		p.wait(`told.some((e) => e.id === "before" && e.type === "commdn-result" && e.detail.ok)`)
	})
	p.run("copied", func(t *testing.T) {
		p.eval(`const c = document.getElementById("before").cloneNode(true); c.id = "clone"; document.getElementById("right").append(c)`)
		p.wait(`deep("clone", "button")?.textContent === "On the Do Not Call list"`)
		p.eval(`const c = document.getElementById("tpl").content.cloneNode(true).firstChild; c.id = "cut"; document.getElementById("right").append(c)`)
		p.wait(`deep("cut", "button")?.textContent.includes("5550000009")`)
		p.eval(`const i = document.importNode(document.getElementById("tpl").content.firstChild, true); i.id = "imported"; document.getElementById("right").append(i)`)
		p.wait(`deep("imported", "button")`)
	})
	p.run("removed and put back", func(t *testing.T) {
		p.eval(`window.gone = document.getElementById("clone"); gone.remove()`)
		p.wait(`gone.shadowRoot.childNodes.length === 0`)
		p.eval(`gone.phone = "5550000003"; document.getElementById("left").append(gone)`)
		p.wait(`deep("clone", "button")?.textContent.includes("5550000003")`)
		p.eval(`for (let i = 0; i < 100; i++) { gone.remove(); document.getElementById("left").append(gone) }`)
		p.wait(`deep("clone", "button")?.textContent.includes("5550000003")`)
	})
	p.run("removed inside its own events", func(t *testing.T) {
		for phone, kind := range map[string]string{"5550000004": "commdn-state", "5550000014": "commdn-result"} {
			p.eval(`const e = document.createElement("commdn-dnc"); e.id = "own"; e.phone = %q; e.confirm = "off"; document.body.append(e); window.own = e;
				e.addEventListener(%q, () => { e.remove(); e.phone = "5550000005"; e.replaceChildren() }, { once: true })`, phone, kind)
			p.wait(`deep("own", "button")`)
			p.click("own", "button", 1)
			p.wait(`!own.isConnected && own.shadowRoot.childNodes.length === 0`)
		}
		p.eval(`document.body.append(own)`)
		p.wait(`deep("own", "button")?.textContent.includes("5550000005")`)
	})
	p.run("replaced inside its own event", func(t *testing.T) {
		p.eval(`own.addEventListener("commdn-state", () => { const n = own.cloneNode(); n.id = "next"; own.replaceWith(n) }, { once: true })`)
		p.click("own", "button", 1)
		p.wait(`deep("next", "button")?.textContent === "On the Do Not Call list"`)
	})
	p.run("given another document", func(t *testing.T) {
		p.eval(`const other = document.implementation.createHTMLDocument(); window.away = document.getElementById("cut"); other.body.append(away)`)
		p.eval(`document.body.append(away)`)
		p.wait(`deep("cut", "button")?.textContent.includes("5550000009")`)
	})
	p.run("connect leaves no globals", func(t *testing.T) {
		// A frame's own names, and those that this test made.
		own := get[[]string](p, `(() => { const f = document.createElement("iframe"); document.body.append(f); const known = new Set(Object.getOwnPropertyNames(f.contentWindow)); f.remove(); return Object.getOwnPropertyNames(window).filter((k) => !known.has(k) && isNaN(k)) })()`)
		mine := []string{"e2e", "deep", "api", "outcome", "told", "sockets", "open", "WebSocket", "early", "h", "gone", "own", "away", "untilThen"}
		for _, name := range own {
			if !slices.Contains(mine, name) {
				t.Errorf("a global of ours: %s", name)
			}
		}
		for _, name := range []string{"Go", "fs", "process", "path", "commdn"} {
			if get[bool](p, `%q in globalThis`, name) {
				t.Errorf("%s is in the page's scope", name)
			}
		}
		if s := get[string](p, `Object.keys(document.documentElement.dataset).join() + document.head.querySelectorAll("style, link").length + document.adoptedStyleSheets.length`); s != "00" {
			t.Errorf("left in the page's document: %s", s)
		}
	})
	p.wait(`open() === 1`)
	if n := d.on("5550000004"); n != 1 { // one entry, however many asked
		t.Errorf("a request of a removed element: %d entries", n)
	}
	p.clean()
}

// TestCannotLoad: what a page shows if the plugin does not load.
func TestCannotLoad(t *testing.T) {
	together(t)
	for _, tt := range []struct{ name, missing, policy string }{
		{"no wasm", ".wasm", ""},
		{"no runtime", "/go.", ""},
		{"no second file", "/plugin.", ""},
		{"not compiled", "", "default-src 'none'; script-src 'self'; connect-src 'self'"},
		{"not fetched", "", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := http.FileServerFS(web.Files())
			missing := tt.missing
			host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/host.html":
					if tt.policy != "" {
						w.Header().Set("Content-Security-Policy", tt.policy)
					}
					_, _ = w.Write([]byte(`<!doctype html><html lang="fr"><title>Host</title><script type="module" src="host.js"></script><commdn-dnc id="a" phone="112"></commdn-dnc><commdn-status id="b" lang="pt-BR"></commdn-status>`))
				case r.URL.Path == "/host.js":
					w.Header().Set("Content-Type", "text/javascript")
					_, _ = w.Write([]byte(strings.ReplaceAll(apiScript, "http://localhost:8080/", "./")))
				case missing != "" && strings.Contains(r.URL.Path, missing):
					http.NotFound(w, r)
				default:
					files.ServeHTTP(w, r)
				}
			}))
			defer host.Close()
			p := open(t, host.URL+"/host.html", "")
			p.wait(`deep("a", "[role=alert]")?.textContent.includes("hors service") && deep("b", "[role=alert]")?.textContent.includes("fora de serviço")`)
			if hint := get[string](p, `deep("a", "[role=alert]").title`); hint == "" {
				t.Error("there is no hint why")
			}
			if s := get[string](p, `told.filter((e) => e.detail.state === "out-of-order" && e.detail.message).map((e) => e.id).sort().join()`); s != "a,b" {
				t.Errorf("told to be out of order: %s", s)
			}
			if o := p.outcome(`api.connect().doNotCall({ phone: "112" })`); o.OK || o.Threw || o.Name != "ClosedError" {
				t.Errorf("a request: %v", o)
			}
			if missing == "" {
				return
			}
			// It comes back, and the button is enough to load it.
			missing = ""
			p.eval(`window.h = api.connect({ default: false })`)
			p.click("a", "button", 1)
			p.wait(`!deep("a", "[role=alert]") && deep("a", "[part~=base]") && !deep("b", "[part=placeholder]")`)
		})
	}
}

// TestHint: the browser fetches the loader once if the page has a hint for it, and the
// hint is that of the README.
func TestHint(t *testing.T) {
	together(t)
	readme, err := os.ReadFile("../web/README.md")
	if err != nil {
		t.Fatal(err)
	}
	hint := regexp.MustCompile(`<link rel="modulepreload".*?>`).FindString(string(readme))
	hint = strings.ReplaceAll(hint, "https://commdn.example.com", "http://"+relayAddress)
	if !strings.Contains(hint, relayAddress) {
		t.Fatalf("the README has no hint: %q", hint)
	}
	s := serve(t, fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><title>Host</title>` + hint + `<script type="module" src="main.js"></script>` + oneElement)},
		"main.js":    {Data: []byte(`window.hinted = new Promise((r) => addEventListener("load", r)).then(() => import("http://` + relayAddress + `/commdn.js"))`)},
	}, "")
	p := open(t, s.show(startDemo(t, "--origin", s.origin), "/"), "dnc")
	if n := get[int](p, `performance.getEntriesByType("resource").filter((e) => e.name.endsWith("/commdn.js")).length`); n != 1 {
		t.Errorf("commdn.js was fetched %d times", n)
	}
	p.clean()
}
