package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"commdn/web"
)

// policyNeeds is the reason that an element gives if the page's policy forbids the program.
const policyNeeds = "Content-Security-Policy: script-src needs 'wasm-unsafe-eval'."

// outOfOrder waits until an element is out of order for a reason that ends like this, and
// checks what it says and that it offers to start again only where that can help.
func (p *page) outOfOrder(id, reason string) {
	p.t.Helper()
	p.wait(`deep(%q, "[role=alert]")?.title.endsWith(%q)`, id, reason)
	want, button := "This is out of order.", false
	switch reason {
	case policyNeeds:
		want += " " + policyNeeds
	case reload:
		want += " There is a new version. Reload the page."
	default:
		button = true
	}
	if s := strings.TrimSpace(get[string](p, `deep(%q, "[role=alert]").textContent`, id)); s != want {
		p.t.Errorf("%s says %q, want %q", id, s, want)
	}
	if got := get[bool](p, `!!deep(%q, "button")`, id); got != button {
		p.t.Errorf("%s has a button: %v, want %v", id, got, button)
	}
}

// refusing makes the browser compile no program, with an error of another one's words.
func refusing(message string) string {
	return `WebAssembly.compile = WebAssembly.compileStreaming = async () => { throw new WebAssembly.CompileError(` + literal(message) + `) };`
}

// TestStartAgain: an element whose program cannot be compiled offers to start again only
// where that can help. The browsers have words of their own for a policy that forbids it.
func TestStartAgain(t *testing.T) {
	together(t)
	const (
		strict = "default-src 'none'; script-src 'self'; connect-src 'self'"
		usual  = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
		broken = "expected magic word 00 61 73 6d, found 3c 21 64 6f"
	)
	for _, tt := range []struct{ name, policy, script, reason string }{
		{"the policy of the page", strict, "", policyNeeds},
		{"in Firefox", usual, refusing("call to WebAssembly.compileStreaming() blocked by CSP"), policyNeeds},
		{"in Safari", usual, refusing("Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script"), policyNeeds},
		{"in another browser", usual, refusing("the page's Content Security Policy forbids this"), policyNeeds},
		{"another error", usual, refusing(broken), broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := http.FileServerFS(web.Files())
			host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/host.html" {
					files.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Security-Policy", tt.policy)
				_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>Host</title><script type="module" src="commdn.js"></script>` + oneElement + `<commdn-status id="status"></commdn-status>`))
			}))
			defer host.Close()
			p := openAfter(t, tt.script, host.URL+"/host.html", "")
			p.outOfOrder("dnc", tt.reason)
			p.outOfOrder("status", tt.reason)
			if tt.script == "" {
				p.look("out-of-order-policy", "dnc")
			}
		})
	}
}
