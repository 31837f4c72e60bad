package e2e

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"commdn/web"
)

// version is what a relay serves after an upgrade: commdn.js and commdn.json know the
// present names.
type version struct {
	other  string // files that have another name as they are others: a pattern such as plugin|go
	loader bool   // commdn.js is another one, too
	gone   string // files that are gone though commdn.json names them
}

// hashed matches the names of files that an upgrade replaces.
func hashed(stems string) *regexp.Regexp {
	return regexp.MustCompile(`\b(` + cmp.Or(stems, "none") + `)\.[0-9a-f]{12}\.(js|wasm)\b`)
}

// worker is a service worker that answers these files from a cache if it can.
const worker = `
const names = "%s".split(" ");
addEventListener("install", (e) => e.waitUntil(caches.open("all").then((c) => c.addAll(names)).then(() => skipWaiting())));
addEventListener("activate", (e) => e.waitUntil(clients.claim()));
addEventListener("fetch", (e) => e.respondWith(caches.match(e.request).then((r) => r ?? fetch(e.request))));`

// upgrading serves the plugin, a page with this markup, and the service worker for the
// files that it caches. upgrade makes it serve another version.
func upgrading(t *testing.T, markup, cached string) (url string, upgrade func(version)) {
	t.Helper()
	dist := web.Files()
	plain := http.FileServerFS(dist)
	const hash = ".ffffffffffff."
	var served atomic.Pointer[version]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, now := strings.TrimPrefix(r.URL.Path, "/"), served.Load()
		w.Header().Set("Cache-Control", "no-cache")
		switch name {
		case "host.html":
			fmt.Fprintf(w, `<!doctype html><title>Host</title><script type="module" src="commdn.js"></script><style>#tall { height: 5000px }</style>%s`, markup)
			return
		case "worker.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprintf(w, worker, cached)
			return
		}
		if now == nil {
			plain.ServeHTTP(w, r)
			return
		}
		other := hashed(now.other)
		if stem, ext, is := strings.Cut(name, hash); is {
			names, err := fs.Glob(dist, stem+".*."+ext)
			if err != nil || len(names) != 1 {
				t.Errorf("%s: %q, %v", name, names, err)
				return
			}
			name = names[0]
		} else if other.MatchString(name) || hashed(now.gone).MatchString(name) {
			http.NotFound(w, r)
			return
		}
		content, err := fs.ReadFile(dist, name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		switch {
		case name == "commdn.js" || name == "commdn.json":
			content = other.ReplaceAll(content, []byte("$1"+hash+"$2"))
			if now.loader {
				content = regexp.MustCompile(`(goesWith\W+)[0-9a-f]{12}`).ReplaceAll(content, []byte("${1}000000000000"))
			}
		case strings.HasPrefix(name, "plugin.") && other.MatchString(name):
			content = append(content, "\nwindow.another = true;"...)
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	}))
	t.Cleanup(server.Close)
	return server.URL, func(v version) { served.Store(&v) }
}

// reload is the reason that an element gives if the page cannot go on with the new
// version.
const reload = "the relay has another version now: reload the page; if that does not help, something caches commdn.js"

const (
	oneElement = `<commdn-dnc id="dnc" phone="5550000100"></commdn-dnc>`
	drawn      = `deep("dnc", ".main")?.textContent.includes("5550000100")`
)

// TestUpgradeBeforeStart: the relay gets another version after the page has loaded
// commdn.js and before it wants the plugin.
func TestUpgradeBeforeStart(t *testing.T) {
	together(t)
	for _, tt := range []struct {
		name, want string // what the element says; empty: it works
		new        version
	}{
		{"another program", "", version{other: "agent|all"}},
		{"another runtime", "", version{other: "go|agent|all"}},
		{"another plugin.js", "", version{other: "plugin|go|agent|all"}},
		{"another loader", reload, version{other: "plugin|go|agent|all", loader: true}},
		{"no program, and nothing is new", ": 404", version{gone: "agent|all"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, upgrade := upgrading(t, `<p id="tall"></p>`+oneElement, "")
			p := open(t, url+"/host.html", "")
			p.wait(`deep("dnc", "[part=placeholder]")`)
			upgrade(tt.new)
			p.eval(`document.getElementById("dnc").scrollIntoView()`)
			if tt.want == "" {
				p.wait(drawn)
				if got := get[bool](p, `!!window.another`); got != strings.Contains(tt.new.other, "plugin") {
					t.Errorf("the new plugin.js runs: %v", got)
				}
				return
			}
			p.outOfOrder("dnc", tt.want)
			if tt.want == reload {
				p.look("out-of-order-version", "dnc")
			}
			if tt.new.gone != "" {
				return
			}
			do(p, chromedp.Reload())
			p.eval(watch)
			p.wait(`document.getElementById("dnc")`)
			p.eval(`document.getElementById("dnc").scrollIntoView()`)
			p.wait(drawn)
		})
	}
}

// TestUpgradeBeforeGrowth: the relay gets another version while the agent's program runs,
// and then the page uses more.
func TestUpgradeBeforeGrowth(t *testing.T) {
	together(t)
	for _, tt := range []struct {
		name, want string
		new        version
	}{
		{"another program", "", version{other: "agent|all"}},
		{"another runtime", "", version{other: "go|agent|all"}},
		{"another plugin.js", reload, version{other: "plugin|agent|all"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, upgrade := upgrading(t, oneElement, "")
			p := open(t, url+"/host.html", "")
			p.wait(drawn)
			upgrade(tt.new)
			p.eval(addCampaigns)
			if tt.want == "" {
				p.wait(`deep("campaigns", ".base:not(:has(> [role=alert]))") && ` + drawn)
				return
			}
			p.outOfOrder("campaigns", tt.want)
			if !get[bool](p, drawn) {
				t.Error("the agent's element is affected")
			}
		})
	}
}

// TestUpgradeBehindWorker: a service worker answers old files from its cache after the
// relay has another version.
func TestUpgradeBehindWorker(t *testing.T) {
	together(t)
	dist := web.Files()
	var all []string
	for _, pattern := range []string{"plugin.*.js", "go.*.js", "agent.*.wasm"} {
		names, err := fs.Glob(dist, pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, names...)
	}
	for _, tt := range []struct {
		name, caches, want string
		new                version
		takes              string // the new files that the page runs
	}{
		{"commdn.js", "commdn.js", "", version{other: "plugin|go|agent|all"}, "agent go plugin"},
		{"commdn.js and commdn.json", "commdn.js commdn.json", "", version{other: "plugin|go|agent|all"}, "agent go plugin"},
		{"the scripts, but no program", "commdn.js commdn.json " + all[0] + " " + all[1], "", version{other: "go|agent|all"}, "agent go"},
		{"plugin.js of another program", "commdn.js " + all[0], reload, version{other: "plugin|agent|all"}, ""},
		{"everything", "commdn.js " + strings.Join(all, " "), "", version{other: "plugin|go|agent|all", loader: true}, ""},
		{"commdn.js, which does not go with the new version", "commdn.js", reload, version{other: "agent|all", loader: true}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, upgrade := upgrading(t, oneElement, tt.caches)
			p := open(t, url+"/host.html", "")
			p.wait(drawn)
			get[bool](p, `navigator.serviceWorker.register("worker.js").then(() => navigator.serviceWorker.ready).then(() => true)`)
			p.wait(`navigator.serviceWorker.controller`)
			upgrade(tt.new)
			do(p, chromedp.Reload())
			p.eval(watch)
			if tt.want == "" {
				p.wait(drawn)
			} else {
				p.outOfOrder("dnc", tt.want)
			}
			if got := get[string](p, `performance.getEntriesByType("resource").map((e) => /(\w+)\.ffffffffffff\./.exec(e.name)?.[1]).filter((n) => n).sort().join(" ")`); got != tt.takes {
				t.Errorf("the page took %q of the new version, want %q", got, tt.takes)
			}
		})
	}
}
