package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/relay/config"
	"commdn/relay/internal/defaults"
)

// With the drop-in the unit has no certificate, and a configuration behind a proxy
// is taken; without it the unit's own variables would ask for one that is not there.
func TestUnitBehindProxy(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "relay.yaml")
	text := strings.Replace(read(t, "../config.example.yaml"), "#behind_proxy: false", "behind_proxy: true", 1)
	text = strings.Replace(text, "#listen: 127.0.0.1:8080", "listen: 127.0.0.1:8080", 1)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, e := range unit(t, "commdn-relay.service")["Service.Environment"] {
		env = append(env, strings.NewReplacer("%d", folder, "%t", "/run").Replace(e))
	}
	if _, err := config.Load(file, env); err == nil || !strings.Contains(err.Error(), "tls.crt is not there") {
		t.Errorf("without the drop-in: %v", err)
	}
	over := unit(t, "behind-proxy.conf")
	if got := over["Service.LoadCredential"]; !slices.Equal(got, []string{""}) {
		t.Errorf("LoadCredential=%q leaves the credentials of the unit", got)
	}
	for _, e := range strings.Fields(over["Service.Environment"][0]) { // a later one counts more
		name, _, _ := strings.Cut(e, "=")
		env = append(slices.DeleteFunc(env, func(e string) bool { return strings.HasPrefix(e, name+"=") }), e)
	}
	c, err := config.Load(file, env)
	if err != nil {
		t.Fatal(err)
	}
	if c.TLS.On() || !c.BehindProxy || c.AdminSocket == "" {
		t.Errorf("TLS %v, behind a proxy %v, admin socket %q", c.TLS, c.BehindProxy, c.AdminSocket)
	}
}

// The proxies let a connection be silent for longer than clients are, replace the
// client's address, and pass on at once.
func TestProxies(t *testing.T) {
	nginx, haproxy := read(t, "nginx.conf"), read(t, "haproxy.cfg")
	for name, words := range map[string][]string{
		nginx: {"proxy_buffering off;", "proxy_set_header X-Forwarded-For $remote_addr;", "proxy_http_version 1.1;",
			"proxy_set_header Upgrade    $http_upgrade;", "proxy_set_header Host       $host;"},
		haproxy: {"http-request set-header X-Forwarded-For %[src]", "alpn http/1.1", "option httpchk GET /readyz"},
	} {
		for _, w := range words {
			if !strings.Contains(name, w) {
				t.Errorf("there is no %q in\n%s", w, name)
			}
		}
	}
	found := 0
	for _, m := range regexp.MustCompile(`(?m)(proxy_read_timeout|proxy_send_timeout|timeout (?:client|server|tunnel)) +(\d+)s`).FindAllStringSubmatch(nginx+haproxy, -1) {
		found++
		if n, err := strconv.Atoi(m[2]); err != nil || time.Duration(n)*time.Second < 3*defaults.PingInterval {
			t.Errorf("%s is %s s, and clients are silent for %s", m[1], m[2], defaults.PingInterval)
		}
	}
	if found != 5 {
		t.Errorf("%d times, want 5", found)
	}
}
