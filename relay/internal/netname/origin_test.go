package netname

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseOrigin(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Origin{
		"https://desk.example.com":       {"https", "desk.example.com", false},
		"HTTPS://Desk.Example.com:443":   {"https", "desk.example.com", false},
		"http://desk.example.com:443":    {"http", "desk.example.com:443", false},
		"http://localhost:3000":          {"http", "localhost:3000", false},
		"https://[::1]:8443":             {"https", "[::1]:8443", false},
		"http://10.0.0.1:80":             {"http", "10.0.0.1", false},
		"https://a_b.example.com.":       {"https", "a_b.example.com", false},
		"https://Desk.example.com.:8443": {"https", "desk.example.com:8443", false},
		"https://*.Example.com.":         {"https", "example.com", true},
		"https://*.example.com":          {"https", "example.com", true},
		"https://*.desks.example.com:44": {"https", "desks.example.com:44", true},
	} {
		if got, err := ParseOrigin(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "*", "null", "desk.example.com", "wss://desk.example.com", "ftp://a.example.com", "https:", "https://",
		"https://*", "https://*.", "https://a*.example.com", "https://*.*.example.com", "https://desk.*.com", "https://*.com", "https://*.com.", "https://*.localhost:3000",
		"https://*.0.0.1", "https://*.10.0.0.1", "https://300.0.0.1",
		"https://desk.example.com/", "https://desk.example.com/app", "https://desk.example.com?x", "https://desk.example.com#x", "https://ann@desk.example.com",
		"https://a.example.com:", "https://a.example.com:0", "https://a.example.com:0443", "https://a.example.com:99999", "https://a.example.com:x",
		"https://a..b", "https://a b", "https://a, https://b", "https://a;b", "https://::1",
	} {
		if got, err := ParseOrigin(text); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", text)) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

// An origin is the same with and without the dot at its end, on either side.
func TestOriginMatchesFolded(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"https://desk.example.com:8443", "https://Desk.example.com.:8443", "https://*.example.com.:8443"} {
		o, err := ParseOrigin(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for page, want := range map[string]bool{
			"https://desk.example.com:8443": true, "https://DESK.Example.com.:8443": true,
			"https://desk.example.com..:8443": false, "https://desk.example.com:8444": false, "https://desk.example.org:8443": false,
		} {
			if o.Matches(page) != want {
				t.Errorf("%s and %s: %v", pattern, page, !want)
			}
		}
	}
}

// A wildcard that lets in more than somebody means says so.
func TestParseOriginOfTopLevelDomain(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"https://*.com", "https://*.com.", "https://*.com:8443"} {
		if _, err := ParseOrigin(text); err == nil || !strings.Contains(err.Error(), "top-level domain") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What means something else in a Content-Security-Policy is no parent.
func TestParseParent(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]string{
		"https://desk.example.com": "https://desk.example.com", "HTTPS://Desk.Example.com:443": "https://desk.example.com",
		"http://localhost:3000": "http://localhost:3000", "http://127.0.0.1:80": "http://127.0.0.1", "https://a_b.example.com": "https://a_b.example.com",
		"": "", "*": "", "'self'": "", "null": "", "https://": "", "desk.example.com": "", "https://*.example.com": "", "https://a/": "", "https://a;b": "",
		"https://a 'unsafe-inline'": "", "https://a,b": "", "https://a\nb": "", "https://a'": "", "https://[::1]:3000": "", "https://a.": "", "https://a:0": "",
		"https://a.example.com:0443": "", "https://a.example.com:99999": "", "https://u@a": "", "data:": "",
	} {
		got, err := ParseParent(origin)
		if want == "" && (err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", origin))) || want != "" && (err != nil || got != want) {
			t.Errorf("%q: %q, %v", origin, got, err)
		}
	}
}

// An origin matches itself, however it is written.
func FuzzParseOrigin(f *testing.F) {
	for _, s := range []string{"https://desk.example.com", "http://*.example.com:8080", "https://[::1]:443", "null", "https://a@b", "https://*.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := ParseOrigin(s)
		if err != nil {
			return
		}
		page := o.Scheme + "://" + o.Host
		if o.Wildcard {
			if o.Matches(page) {
				t.Errorf("%s matches without a first label: %s", s, page)
			}
			page = o.Scheme + "://a." + o.Host
		}
		if !o.Matches(page) || o.Matches(page+".evil.example") || strings.ContainsAny(o.Host, " \t\r\n/?#@;,'*") {
			t.Errorf("%s is %+v", s, o)
		}
	})
}
