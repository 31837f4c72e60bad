package web

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"commdn/web"
)

// Where the relay is reached through TLS, a page of its name that came without
// may be anybody's.
func TestOwnOrigin(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string][2]bool{ // without and with TLS
		"http://relay.example.com":   {true, false},
		"https://relay.example.com":  {true, true},
		"ftp://relay.example.com":    {false, false},
		"https://RELAY.example.com.": {true, true},
	} {
		for i, secure := range []bool{false, true} {
			q := httptest.NewRequest(http.MethodGet, "http://relay.example.com/ws", nil)
			q.Header.Set("Origin", origin)
			if got := (Origins{}).fromPage(q, secure); got != want[i] {
				t.Errorf("%s, TLS %v: %v", origin, secure, got)
			}
		}
	}
}

// A host is served however its case is, and with the dot at its end, on either
// side.
func TestServed(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"desk.example.com": true, "DESK.example.com.:8443": true, "other.example.com": true, "Other.example.com.": true, "LOCALHOST.": true,
		"desk.example.com..": false, "example.com": false, "": false,
	} {
		if served(host, []string{"Desk.example.com", "other.example.com."}) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

// A file of an unknown type, or one that cannot be read, is refused by name.
func TestStaticErrors(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fs.FS{
		"page.php": fstest.MapFS{"page.php": {}}, "note.txt": unreadable{fstest.MapFS{"note.txt": {Data: []byte("x")}}},
	} {
		if _, err := New(Options{Files: files}, &Settings{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// unreadable lists files that cannot be opened.
type unreadable struct{ fstest.MapFS }

func (u unreadable) Open(name string) (fs.File, error) {
	if name != "." {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.MapFS.Open(name)
}

func TestListen(t *testing.T) {
	t.Parallel()
	for address, words := range map[string]string{
		"0.0.0.0:8080":       "only a loopback address",
		":8080":              "only a loopback address",
		"[::]:8080":          "only a loopback address",
		"192.168.1.4:0":      "only a loopback address",
		"relay.example:8080": "only a loopback address",
		"127.0.0.1":          "give HOST:PORT",
		"8080":               "give HOST:PORT",
	} {
		l, err := Listen(address, false)
		if err == nil {
			_ = l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), address) {
			t.Errorf("%s: %v, want it to say %q", address, err, words)
		}
	}
	l, err := Listen("localhost:0", false)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Listen(l.Addr().String(), false); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("taken address: %v", err)
	}
}

func TestParseOrigins(t *testing.T) {
	t.Parallel()
	for pattern, words := range map[string]string{
		"https://desk.example.com":         "",
		"http://localhost:3000":            "",
		"https://*.example.com":            "",
		"https://*.example.com:8443":       "",
		"desk.example.com":                 "give ",
		"wss://desk.example.com":           "give ",
		"null":                             "give ",
		"*":                                "give ",
		"https://*":                        "give ",
		"https://a*.example.com":           "give ",
		"https://*.*.example.com":          "give ",
		"https://desk.*.com":               "give ",
		"https://desk.example.com/":        "give ",
		"https://desk.example.com/app":     "give ",
		"https://ann@desk.example.com":     "give ",
		"https://":                         "give ",
		"https://*.":                       "give ",
		"https://*.com":                    "top-level domain",
		"https://*.com.":                   "top-level domain",
		"https://desk.example.com, https:": "give ",
	} {
		_, err := ParseOrigins([]string{pattern})
		if words == "" && err != nil || words != "" && (err == nil || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), fmt.Sprintf("%q", pattern))) {
			t.Errorf("%s: %v, want %q", pattern, err, words)
		}
	}
}

// What would say something else in a policy is no parent.
func TestParseParents(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]string{
		"https://desk.example.com": "https://desk.example.com", "HTTPS://Desk.Example.com:443": "https://desk.example.com",
		"http://localhost:3000": "http://localhost:3000", "http://127.0.0.1:80": "http://127.0.0.1", "https://a_b.example.com": "https://a_b.example.com",
		"": "", "*": "", "'self'": "", "null": "", "https://": "", "desk.example.com": "", "https://*.example.com": "", "https://a/": "", "https://a;b": "",
		"https://a 'unsafe-inline'": "", "https://a,b": "", "https://a\nb": "", "https://[::1]:3000": "", "https://a.": "", "https://a:0": "", "https://u@a": "", "data:": "",
	} {
		got, err := ParseParents([]string{origin})
		if want == "" && (err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", origin))) || want != "" && (err != nil || got[0] != want) {
			t.Errorf("%q: %q, %v", origin, got, err)
		}
	}
}

// What the binary carries can be served, whatever has been built.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	if _, err := newStatic(web.Files()); err != nil {
		t.Error(err)
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		remote    string
		forwarded []string
		proxy     bool
		want      string
	}{
		{"192.0.2.7:5000", nil, false, "192.0.2.7"},
		{"[2001:db8::1]:5000", nil, false, "2001:db8::1"},
		{"192.0.2.7:5000", []string{"198.51.100.1"}, false, "192.0.2.7"},
		{"192.0.2.7:5000", []string{"198.51.100.1"}, true, "198.51.100.1"},
		{"192.0.2.7:5000", []string{"203.0.113.9, 198.51.100.1"}, true, "198.51.100.1"}, // the first one is the client's own word
		{"192.0.2.7:5000", []string{"203.0.113.9", "198.51.100.1"}, true, "198.51.100.1"},
		{"192.0.2.7:5000", []string{"198.51.100.1:40123"}, true, "198.51.100.1"},
		{"192.0.2.7:5000", []string{"[2001:DB8::1]:40123"}, true, "2001:db8::1"},
		{"192.0.2.7:5000", []string{"2001:DB8:0::1"}, true, "2001:db8::1"},
		{"192.0.2.7:5000", []string{"unknown"}, true, "192.0.2.7"},
		{"192.0.2.7:5000", []string{""}, true, "192.0.2.7"},
		{"192.0.2.7:5000", nil, true, "192.0.2.7"},
	} {
		q := httptest.NewRequest(http.MethodGet, "/ws", nil)
		q.RemoteAddr = c.remote
		for _, f := range c.forwarded {
			q.Header.Add("X-Forwarded-For", f)
		}
		if got := clientAddress(q, c.proxy); got != c.want {
			t.Errorf("%s, %q, proxy %v: %q, want %q", c.remote, c.forwarded, c.proxy, got, c.want)
		}
	}
}
