package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	neturl "net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/chromedp/chromedp"
)

// waits keeps the loader's timers, of five and twenty seconds, until pass(ms) says that so
// much time is over. Others go on: what the browser takes its time for is not late.
const waits = `{
	const wait = window.setTimeout, clear = window.clearTimeout, all = new Map();
	window.setTimeout = (f, ms, ...rest) => {
		if (ms !== 5000 && ms !== 20000) return wait(f, ms, ...rest);
		const id = -1 - all.size - performance.now();
		all.set(id, { ms, f: () => f(...rest) });
		return id;
	};
	window.clearTimeout = (id) => { all.delete(id) || clear(id) };
	const compile = WebAssembly.compileStreaming; // compiled: the first program has come
	window.compiled = new Promise((resolve) => {
		WebAssembly.compileStreaming = (...all) => { const module = compile(...all); module.then(resolve); return module };
	});
	window.pass = (ms) => all.forEach((t, id) => { t.ms <= ms && all.delete(id) && t.f() });
}`

// stalling is a demo behind a proxy. The first request for a file whose name begins with
// stalls never ends. asked returns the requests for files with a hash, without it, in
// order, but those that are in the answer of an earlier call.
// Pages of these origins may use it, too.
func stalling(t *testing.T, stalls string, origins ...string) (url string, asked func() string) {
	t.Helper()
	var mu sync.Mutex
	var all []string
	stalled := false
	hashed := regexp.MustCompile(`^/(\w+)\.[0-9a-f]{12}\.\w+$`)
	proxy := &httputil.ReverseProxy{}
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := hashed.FindStringSubmatch(r.URL.Path); m != nil {
			mu.Lock()
			all = append(all, strings.TrimSuffix(m[1]+"?"+r.URL.RawQuery, "?"))
			this := m[1] == stalls && !stalled
			stalled = stalled || this
			mu.Unlock()
			if this {
				select {
				case <-over:
				case <-r.Context().Done():
				}
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(over) })
	var args []string
	for _, origin := range append(origins, server.URL) {
		args = append(args, "--origin", origin)
	}
	d := startDemo(t, args...)
	proxy.Rewrite = func(r *httputil.ProxyRequest) { r.SetURL(&neturl.URL{Scheme: "http", Host: d.addr}) }
	return server.URL, func() string {
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(all)
		text := strings.Join(all, " ")
		all = nil
		return text
	}
}

// TestLoadedForAll: the pages of a desktop download the plugin once, also those of other
// origins of one site.
func TestLoadedForAll(t *testing.T) {
	together(t)
	files := fstest.MapFS{"index.html": {Data: []byte(`<!doctype html><title>Host</title><script type="module" src="http://localhost:8080/commdn.js"></script>` + oneElement)}}
	one, two := serve(t, files, ""), serve(t, files, "")
	url, asked := stalling(t, "", one.origin, two.origin)
	relay := strings.TrimPrefix(url, "http://")
	one.relay.Store(&relay)
	two.relay.Store(&relay)
	p := open(t, one.origin, "dnc")
	if got := asked(); got != "agent go plugin" {
		t.Errorf("the first page asked for %s", got)
	}
	for _, next := range []string{one.origin, two.origin, url + "/agent.html"} {
		do(p, chromedp.Navigate(next))
		p.eval(watch)
		p.wait(`deep("dnc", ".main")`)
		if got := asked(); got != "" {
			t.Errorf("%s asked for %s again", next, got)
		}
	}
	p.clean()
}

// TestStalledDownload: a download that stalls is told of, the light included, and then
// asked for anew, which is a request of its own. What has come is not asked for again.
func TestStalledDownload(t *testing.T) {
	together(t)
	for stalls, want := range map[string]string{
		"plugin": "agent go plugin plugin?1",
		"go":     "agent go go?1 plugin",
		"agent":  "agent agent?1 go plugin",
	} {
		t.Run(stalls, func(t *testing.T) {
			together(t)
			url, asked := stalling(t, stalls)
			p := openAfter(t, waits, url+"/agent.html", "")
			for name, come := range map[string]string{ // before time passes: else it is late as well
				"plugin": `import("./" + now.plugin)`, "go": `import("./" + now.runtime)`, "agent": "compiled",
			} {
				if name != stalls {
					p.until(`fetch("commdn.json").then((r) => r.json()).then((now) => %s).then(() => true)`, come)
				}
			}
			for _, id := range []string{"dnc", "status", "activity"} {
				p.wait(`(pass(5000), deep(%q, "[role=alert]")?.textContent === "Still loading…" && !deep(%q, "button"))`, id, id)
			}
			if stalls == "agent" {
				p.look("loading-late", "dnc")
				p.look("loading-late-status", "status")
			}
			for _, id := range []string{"dnc", "status"} {
				p.wait(`(pass(20000), deep(%q, "[role=alert]")?.textContent === "Not loaded." && deep(%q, "button")?.textContent === "Start again")`, id, id)
			}
			p.axe("dnc", "status")
			if stalls == "agent" {
				p.shot("loading-failed", "dnc")
				p.shot("loading-failed-status", "status")
			}
			p.click("dnc", "button", 1)
			p.wait(`deep("dnc", ".main") && deep("status", ".text")?.textContent === "Connected"`)
			if got := asked(); got != want {
				t.Errorf("asked for %s, want %s", got, want)
			}
			p.clean()
		})
	}
}

// TestStalledGrowth: if the program with all elements stalls, only the element that needs
// it says so, and asks anew. The agent's elements work meanwhile.
func TestStalledGrowth(t *testing.T) {
	together(t)
	url, asked := stalling(t, "all")
	p := openAfter(t, waits, url+"/agent.html", "dnc")
	p.wait(`deep("status", ".text")?.textContent === "Connected"`)
	if got := asked(); got != "agent go plugin" {
		t.Errorf("at first asked for %s", got)
	}
	p.eval(addCampaigns)
	p.wait(`(pass(5000), deep("campaigns", "[role=alert]")?.textContent === "Still loading…" && !deep("campaigns", "button"))`)
	p.wait(`(pass(20000), deep("campaigns", "[role=alert]")?.textContent === "Not loaded." && deep("campaigns", "button"))`)
	if !get[bool](p, `!!deep("dnc", ".main") && deep("status", ".text").textContent === "Connected"`) {
		t.Error("the agent's elements are affected")
	}
	p.click("campaigns", "button", 1)
	p.wait(`deep("campaigns", ".base") && deep("dnc", ".main")`)
	if got := asked(); got != "all all?2" {
		t.Errorf("asked for %s", got)
	}
	p.clean()
}
