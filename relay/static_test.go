package relay

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const csp = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'self'"

var someFiles = fstest.MapFS{
	"index.html":                  {Data: []byte("<!doctype html>")},
	"sub/index.html":              {Data: []byte("<!doctype html>sub")},
	"commdn.js":                   {Data: []byte("plain")},
	"commdn.js.br":                {Data: []byte("as brotli")},
	"commdn.js.gz":                {Data: []byte("as gzip")},
	"commdn.0123456789ab.wasm":    {Data: []byte("\x00asm")},
	"commdn.0123456789ab.wasm.gz": {Data: []byte("wasm as gzip")},
	"commdn.d.ts":                 {Data: []byte("export {}")},
	"demo.css":                    {Data: []byte("body{}")},
	"icon.svg":                    {Data: []byte("<svg/>")},
	"dot.png":                     {Data: []byte("png")},
	"note.txt":                    {Data: []byte("0123456789")},
	".gitkeep":                    {},
}

func TestStaticTypes(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) { o.Files = someFiles })
	const again, forever = "no-cache", "public, max-age=31536000, immutable"
	for path, want := range map[string][2]string{
		"/":                         {"text/html; charset=utf-8", again},
		"/index.html":               {"text/html; charset=utf-8", again},
		"/sub/":                     {"text/html; charset=utf-8", again},
		"/commdn.js":                {"text/javascript; charset=utf-8", again},
		"/commdn.0123456789ab.wasm": {"application/wasm", forever},
		"/commdn.d.ts":              {"text/plain; charset=utf-8", again},
		"/demo.css":                 {"text/css; charset=utf-8", again},
		"/icon.svg":                 {"image/svg+xml", again},
		"/dot.png":                  {"image/png", again},
		"/note.txt":                 {"text/plain; charset=utf-8", again},
	} {
		answer, body := r.get(path)
		h := answer.Header
		if answer.StatusCode != 200 || body == "" || h.Get("Content-Type") != want[0] || h.Get("Cache-Control") != want[1] {
			t.Errorf("%s: %d %v", path, answer.StatusCode, h)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, h)
		}
		wantCSP := ""
		if strings.HasPrefix(want[0], "text/html") {
			wantCSP = csp
		}
		if got := h.Get("Content-Security-Policy"); got != wantCSP {
			t.Errorf("%s: Content-Security-Policy %q", path, got)
		}
		etag := h.Get("Etag")
		answer, body = r.get(path, "If-None-Match", etag)
		if etag == "" || answer.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("%s with its own ETag %q: %d %q", path, etag, answer.StatusCode, body)
		}
		if answer, _ := r.get(path, "If-None-Match", `W/"other"`); answer.StatusCode != 200 {
			t.Errorf("%s with another ETag: %d", path, answer.StatusCode)
		}
	}
}

func TestStaticEncodings(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) { o.Files = someFiles })
	for _, c := range []struct{ path, accept, encoding, body string }{
		{"/commdn.js", "gzip, deflate, br, zstd", "br", "as brotli"},
		{"/commdn.js", "br;q=1.0, gzip;q=0.8", "br", "as brotli"},
		{"/commdn.js", "gzip", "gzip", "as gzip"},
		{"/commdn.js", "br;q=0, gzip", "gzip", "as gzip"},
		{"/commdn.js", "br; q=0, gzip; q=0", "", "plain"},
		{"/commdn.js", "br;q=0.000,gzip;q=0.0", "", "plain"},
		{"/commdn.js", "br;q=0.001", "br", "as brotli"},
		{"/commdn.js", "", "", "plain"},
		{"/commdn.js", "identity", "", "plain"},
		{"/commdn.js", "brotli, xgzip", "", "plain"},
		{"/commdn.0123456789ab.wasm", "br, gzip", "gzip", "wasm as gzip"},
		{"/note.txt", "br, gzip", "", "0123456789"},
	} {
		answer, body := r.get(c.path, "Accept-Encoding", c.accept)
		if got := answer.Header.Get("Content-Encoding"); answer.StatusCode != 200 || got != c.encoding || body != c.body {
			t.Errorf("%s for %q: %d %q %q, want %q %q", c.path, c.accept, answer.StatusCode, got, body, c.encoding, c.body)
		}
		if vary := answer.Header.Values("Vary"); slices.Contains(vary, "Origin") == (c.path == "/commdn.0123456789ab.wasm") || slices.Contains(vary, "Accept-Encoding") != (c.path != "/note.txt") {
			t.Errorf("%s: Vary %q", c.path, vary)
		}
	}
	// A range of the plain form is served; one of the compressed bytes is not.
	if answer, body := r.get("/note.txt", "Range", "bytes=2-4"); answer.StatusCode != 206 || body != "234" {
		t.Errorf("range: %d %q", answer.StatusCode, body)
	}
	if answer, body := r.get("/commdn.js", "Range", "bytes=2-4", "Accept-Encoding", "br"); answer.StatusCode != 200 || body != "as brotli" {
		t.Errorf("range of brotli: %d %q", answer.StatusCode, body)
	}
}

func TestStaticNotServed(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) { o.Files = someFiles })
	for _, path := range []string{
		"/missing", "/.gitkeep", "/commdn.js.br", "/commdn.js.gz", "/sub", "/sub/missing", "/sub/index.html/",
		"/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/sub%2findex.html%00",
	} {
		answer, body := r.get(path)
		if answer.StatusCode/100 == 2 || strings.Contains(body, "root:") {
			t.Errorf("%s: %d %q", path, answer.StatusCode, body)
		}
	}
	if answer, _ := r.get("/../../note.txt"); answer.StatusCode != http.StatusMovedPermanently && answer.StatusCode != http.StatusTemporaryRedirect || answer.Header.Get("Location") != "/note.txt" {
		t.Errorf("traversal: %d to %q", answer.StatusCode, answer.Header.Get("Location"))
	}
}

// New says which file it cannot serve.
func TestStaticErrors(t *testing.T) {
	t.Parallel()
	_, err := New(Options{Log: slog.New(slog.DiscardHandler), Links: []Link{{AppDBID: 1, TServer: tserverAt("127.0.0.1:1", "x")}}, Files: fstest.MapFS{"page.php": {}}})
	if err == nil || !strings.Contains(err.Error(), "page.php") {
		t.Errorf("unknown type: %v", err)
	}
}
