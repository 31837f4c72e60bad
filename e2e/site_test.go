package e2e

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
)

// relayAddress is the relay's address in the example pages, for a person who follows
// them. A site replaces it with the address of the test's relay.
const relayAddress = "localhost:8080"

// site is a web server with its own pages: another origin than the relay's.
type site struct {
	origin string // http://127.0.0.1:PORT
	relay  atomic.Pointer[string]
}

// serve serves files under a policy; "" means none. In text files and in the
// policy localhost:8080 becomes the address of show's relay. Start the site before
// the relay, which has to know its origin:
//
//	s := serve(t, os.DirFS("../web/examples/plain"), "default-src 'self'")
//	d := startDemo(t, "--origin", s.origin)
//	p := open(t, s.show(d, "/"), "dnc")
func serve(t testing.TB, files fs.FS, policy string) *site {
	t.Helper()
	s := &site{}
	s.relay.Store(new(relayAddress))
	plain := http.FileServerFS(files)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if policy != "" {
			w.Header().Set("Content-Security-Policy", s.fill(policy))
		}
		w.Header().Set("Cache-Control", "no-store")
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if name == "" || strings.HasSuffix(r.URL.Path, "/") {
			name = path.Join(name, "index.html")
		}
		if name == "favicon.ico" { // only the browser asks for it; an error in red otherwise
			w.WriteHeader(http.StatusNoContent)
			return
		}
		kind, text := textKinds[path.Ext(name)]
		if !text {
			plain.ServeHTTP(w, r)
			return
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind+"; charset=utf-8")
		fmt.Fprint(w, s.fill(string(content)))
	}))
	t.Cleanup(server.Close)
	s.origin = server.URL
	return s
}

var textKinds = map[string]string{
	".html": "text/html", ".css": "text/css", ".json": "application/json",
	".js": "text/javascript", ".mjs": "text/javascript",
	".xhtml": "application/xhtml+xml", ".svg": "image/svg+xml", ".xml": "application/xml",
}

func (s *site) fill(text string) string {
	return strings.ReplaceAll(text, relayAddress, *s.relay.Load())
}

// show makes the pages use a relay and returns the URL of one of them.
func (s *site) show(d *demo, path string) string {
	s.relay.Store(&d.addr)
	return s.origin + path
}

// fixture is a site with one page: its markup in <main>, and a script that defines
// elements.
func fixture(t testing.TB, markup, script string) *site {
	t.Helper()
	page := `<!doctype html><html lang="en"><meta charset="utf-8"><title>Fixture</title>
<script type="module" src="page.js"></script><main><h1>Fixture</h1>` + markup + `</main></html>`
	return serve(t, fstest.MapFS{
		"index.html": {Data: []byte(page)},
		"page.js":    {Data: []byte(script)},
	}, "default-src 'none'; script-src 'self'; connect-src 'self'")
}

// element is a script that defines an element with a style and markup in an open shadow
// root.
func element(name, style, markup string) string {
	return fmt.Sprintf(`customElements.define(%q, class extends HTMLElement {
	connectedCallback() {
		const root = this.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
		sheet.replaceSync(%q);
		root.adoptedStyleSheets = [sheet];
		root.innerHTML = %q;
	}
});`, name, style, markup)
}

// TestSite: a page of another origin reaches the relay at its real address, under its
// policy.
func TestSite(t *testing.T) {
	together(t)
	s := serve(t, fstest.MapFS{
		"index.html":    {Data: []byte(`<!doctype html><title>Host</title><link rel="icon" href="icon.svg"><script type="module" src="sub/page.js"></script>`)},
		"icon.svg":      {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
		"sub/page.js":   {Data: []byte(`window.relay = "http://localhost:8080/";`)},
		"sub/plain.txt": {Data: []byte("localhost:8080")},
	}, "default-src 'self'; connect-src 'self' http://localhost:8080")
	d := startDemo(t)
	p := open(t, s.show(d, "/"), "")
	if origin := get[string](p, `location.origin`); origin != s.origin || strings.HasSuffix(origin, d.addr) {
		t.Errorf("the page's origin is %s, the site's %s, the relay's %s", origin, s.origin, d.addr)
	}
	if relay := get[string](p, `relay`); relay != d.url() {
		t.Errorf("the page looks for the relay at %s, which is %s", relay, d.url())
	}
	if body := get[string](p, `fetch("sub/plain.txt").then((r) => r.text())`); body != "localhost:8080" {
		t.Errorf("a file that is no page was changed to %q", body)
	}
	if reached := get[bool](p, `fetch(relay, { mode: "no-cors" }).then(() => true)`); !reached {
		t.Error("the relay is out of reach")
	}
	p.clean()
	for _, missing := range []string{"/nothing.html", "/nothing/", "/nothing.txt"} {
		if status := get[int](p, `fetch(%q).then((r) => r.status)`, missing); status != http.StatusNotFound {
			t.Errorf("%s: status %d", missing, status)
		}
	}
	if get[bool](p, `fetch("http://127.0.0.1:9/").then(() => true, () => false)`) {
		t.Error("the policy lets the page go elsewhere")
	}
	if v := get[[]string](p, `e2e.violations`); len(v) != 1 || !strings.HasPrefix(v[0], "connect-src") {
		t.Errorf("violations %q, want one of connect-src", v)
	}
}

// fixtureWith is a page whose script runs before anything of ours, and which may use the
// relay.
func fixtureWith(t testing.TB, markup, script string) *site {
	t.Helper()
	return serve(t, fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title><body>` + markup + `<script type="module" src="page.js"></script></html>`)},
		"page.js":    {Data: []byte(script)},
	}, "default-src 'none'; script-src 'self' http://localhost:8080 'wasm-unsafe-eval'; connect-src 'self' http://localhost:8080 ws://localhost:8080; frame-src 'self'")
}

// files are the texts of a site by their names.
type files map[string]string

func (f files) fs() fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range f {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}
