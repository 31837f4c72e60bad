package relay

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"commdn/protocol/frame"
)

// upgrade asks for a WebSocket as a page of an origin would, and gives the
// answer's status. An empty origin is a client that is no browser.
func (r *rig) upgrade(origin, host string, header ...string) int {
	r.t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	if origin != "" {
		header = append(header, "Origin: "+origin)
	}
	header = append(header, "")
	fmt.Fprintf(c, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"+
		"Sec-WebSocket-Protocol: %s\r\n%s\r\n", host, frame.Subprotocol, strings.Join(header, "\r\n"))
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if answer.Header.Get("Access-Control-Allow-Origin") != "" {
		r.t.Errorf("/ws tells the origin %s what it may read", origin)
	}
	return answer.StatusCode
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) {
		o.Settings.Hosts = []string{"relay.example.com"}
		o.Settings.Origins = []string{
			"https://desktop.example.com", "https://*.desks.example.com", "https://crm.example.com:8443",
			"http://intranet.example.com", "https://Portal.Example.com:443",
		}
	})
	const yes, no = http.StatusSwitchingProtocols, http.StatusForbidden
	for origin, want := range map[string]int{
		"https://desktop.example.com":            yes,
		"https://DESKTOP.Example.COM":            yes, // a name is the same in capitals
		"https://desktop.example.com:443":        no,  // no browser writes the port that the scheme has anyway
		"https://desktop.example.com:8443":       no,
		"http://desktop.example.com":             no,
		"https://desktop.example.com.":           yes, // the same name to DNS, and so the same server
		"https://desktop.example.com..":          no,
		"https://desktop.example.com/":           no,
		"https://desktop.example.com.evil.com":   no,
		"https://evil-desktop.example.com":       no,
		"https://sub.desktop.example.com":        no,
		"https://example.com":                    no,
		"https://a.desks.example.com":            yes,
		"https://B.desks.example.com":            yes,
		"https://a.b.desks.example.com":          no, // one label, not two
		"https://desks.example.com":              no, // nor none
		"https://.desks.example.com":             no,
		"https://evil-desks.example.com":         no,
		"https://a.desks.example.com:444":        no,
		"http://a.desks.example.com":             no,
		"https://a.desks.example.com.":           yes,
		"https://*.desks.example.com":            yes, // a label like any other; no page is there
		"https://crm.example.com:8443":           yes,
		"https://crm.example.com":                no,
		"http://intranet.example.com":            yes,
		"https://intranet.example.com":           no,
		"https://portal.example.com":             yes, // configured with the default port
		"null":                                   no,
		"file://":                                no,
		"https://":                               no,
		"desktop.example.com":                    no,
		"https://relay.example.com.evil.example": no,
		"http://" + r.addr:                       yes, // its own
		"http://127.0.0.1:1":                     no,
		"http://localhost":                       no,
		"chrome-extension://" + r.addr:           no,
		"":                                       yes, // no browser
	} {
		if got := r.upgrade(origin, r.addr); got != want {
			t.Errorf("origin %q: %d, want %d", origin, got, want)
		}
	}
	// Another name for the relay has its own origin.
	for _, c := range []struct {
		origin, host string
		want         int
	}{
		{"http://relay.example.com", "relay.example.com", yes},
		{"http://relay.example.com:8080", "relay.example.com:8080", yes},
		{"http://relay.example.com:8080", "relay.example.com", no},
		{"http://relay.example.com", "RELAY.example.com", yes},
		{"http://evil.example", "evil.example", http.StatusMisdirectedRequest}, // a name that was made to lead here
		{"", "evil.example", http.StatusMisdirectedRequest},
		{"http://relay.example.com.", "relay.example.com.", yes},
		{"https://desktop.example.com", "evil.example", http.StatusMisdirectedRequest},
	} {
		if got := r.upgrade(c.origin, c.host); got != c.want {
			t.Errorf("origin %q at host %q: %d, want %d", c.origin, c.host, got, c.want)
		}
	}
	// What stands in other headers changes nothing.
	for _, header := range []string{"X-Forwarded-Host: relay.example.com", "Forwarded: host=relay.example.com", "X-Original-Host: relay.example.com"} {
		if got := r.upgrade("", "evil.example", header); got != http.StatusMisdirectedRequest {
			t.Errorf("%s: %d", header, got)
		}
	}
}

// Where the relay is reached through TLS, a page of its name that came without
// may be anybody's.
func TestOwnOriginOverTLS(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) { o.BehindProxy, o.Settings.Hosts = true, []string{"relay.example.com"} })
	if got := r.upgrade("http://relay.example.com", "relay.example.com"); got != http.StatusForbidden {
		t.Errorf("behind a proxy, without TLS: %d", got)
	}
	if got := r.upgrade("https://relay.example.com", "relay.example.com"); got != http.StatusSwitchingProtocols {
		t.Errorf("behind a proxy: %d", got)
	}
}

// Pages of the allowed origins may load the files, and nothing else. Files with a hash
// in their name do so for all of them with one answer, which a browser keeps.
func TestSharedFiles(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) {
		o.Files = fstest.MapFS{
			"commdn.js": {Data: []byte("import './go.0123456789ab.js'")}, "commdn.js.br": {Data: []byte("as brotli")},
			"go.0123456789ab.js": {Data: []byte("export {}")}, "commdn.0123456789ab.wasm": {Data: []byte("\x00asm")},
		}
		o.Settings.Origins = []string{"https://*.desks.example.com"}
		o.Settings.Parents = []string{"https://a.desks.example.com"}
	})
	for path, shared := range map[string]bool{
		"/commdn.js": true, "/go.0123456789ab.js": true, "/commdn.0123456789ab.wasm": true,
		"/ws": false, "/readyz": false, "/healthz": false, "/frame-parents.json": false,
	} {
		for _, origin := range []string{"https://a.desks.example.com", "https://evil.example", "null", ""} {
			answer, _ := r.get(path, "Origin", origin)
			want, lasting := "", strings.Contains(path, "0123456789ab")
			if allowed := strings.HasSuffix(origin, ".desks.example.com"); lasting && (allowed || origin == "") {
				want = "*"
			} else if shared && allowed {
				want = origin
			}
			h := answer.Header
			if got := h.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("%s to %q: allowed %q, want %q", path, origin, got, want)
			}
			if got := h.Get("Cross-Origin-Resource-Policy") == "cross-origin"; got != (want != "") {
				t.Errorf("%s to %q: policy %q", path, origin, h.Get("Cross-Origin-Resource-Policy"))
			}
			if varies := strings.Contains(strings.Join(h.Values("Vary"), ","), "Origin"); shared && varies == (want == "*") {
				t.Errorf("%s: varies by %q", path, h.Values("Vary"))
			}
			if h.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s: credentials", path)
			}
		}
	}
	// A browser takes neither another form nor what it has kept without the same
	// word.
	const origin = "https://a.desks.example.com"
	answer, _ := r.get("/commdn.js", "Origin", origin, "Accept-Encoding", "br")
	again, _ := r.get("/commdn.js", "Origin", origin, "If-None-Match", answer.Header.Get("Etag"))
	for status, a := range map[int]*http.Response{200: answer, 304: again} {
		if a.StatusCode != status || a.Header.Get("Access-Control-Allow-Origin") != origin || a.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%d %v, want %d", a.StatusCode, a.Header, status)
		}
	}
}

// One page may be in a frame of the pages that Parents names, the others of the
// relay's own only; what is in the frame is told them, and a reload counts at once.
func TestParents(t *testing.T) {
	t.Parallel()
	const self = "frame-ancestors 'self'"
	page := &fstest.MapFile{Data: []byte("<!doctype html>")}
	r := newRelay(t, "127.0.0.1:1", func(o *Options) {
		o.Files = fstest.MapFS{"index.html": page, "frame.html": page, "sub/frame.html": page, "frame.js": {Data: []byte("x")}}
		o.Settings.Parents = []string{"https://Desk.example.com:443", "http://localhost:3000"}
	})
	check := func(ancestors, parents string) {
		t.Helper()
		for path, want := range map[string]string{"/frame.html": ancestors, "/": self, "/index.html": self, "/sub/frame.html": self, "/frame.js": ""} {
			answer, _ := r.get(path, "Origin", "https://desk.example.com")
			got := answer.Header.Get("Content-Security-Policy")
			if want != "" {
				want = strings.TrimSuffix(csp, self) + want
			}
			if answer.StatusCode != 200 || got != want {
				t.Errorf("%s: %d %q, want %q", path, answer.StatusCode, got, want)
			}
			// Nothing of the policy is kept in a browser.
			if kept := answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get("Etag") != ""; kept != (path != "/frame.html") {
				t.Errorf("%s: %v", path, answer.Header)
			}
		}
		answer, body := r.get("/frame-parents.json", "Origin", "https://desk.example.com")
		h := answer.Header
		if answer.StatusCode != 200 || body != parents+"\n" || h.Get("Content-Type") != "application/json" || h.Get("Cache-Control") != "no-store" ||
			h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%d %v %s, want %s", answer.StatusCode, h, body, parents)
		}
	}
	check(self+" https://desk.example.com http://localhost:3000", `{"parents":["https://desk.example.com","http://localhost:3000"]}`)
	s := r.srv.opts.Settings
	s.Parents = []string{"https://crm.example.com"}
	if err := r.srv.Reload(s); err != nil {
		t.Fatal(err)
	}
	check(self+" https://crm.example.com", `{"parents":["https://crm.example.com"]}`)
	s.Parents = []string{"https://*.example.com"}
	if err := r.srv.Reload(s); err == nil || !strings.Contains(err.Error(), `parent "https://*.example.com"`) {
		t.Errorf("a wildcard: %v", err)
	}
	check(self+" https://crm.example.com", `{"parents":["https://crm.example.com"]}`)
	s.Parents = nil
	if err := r.srv.Reload(s); err != nil {
		t.Fatal(err)
	}
	check(self, `{"parents":[]}`)
}

// The security headers are on everything.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) { o.Files = fstest.MapFS{"index.html": {Data: []byte("<p>")}} })
	for _, path := range []string{"/", "/healthz", "/readyz", "/ws", "/not-there"} {
		for _, secure := range []bool{false, true} {
			w, q := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
			if secure {
				q.TLS = &tls.ConnectionState{}
			}
			r.srv.web.ServeHTTP(w, q)
			h := w.Header()
			if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" ||
				strings.Contains(h.Get("Strict-Transport-Security"), "max-age=") != secure {
				t.Errorf("%s, TLS %v: %v", path, secure, h)
			}
		}
	}
}
