package config

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commdn/relay/internal/defaults"
)

// A certificate that has expired, soon will, or is not valid yet is told with what
// names it, how long is left, and what to do; that of a link and of the directory
// like that of browsers. So is an intermediate one that ends before the first.
func TestCertificateWarnings(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) Path { return Path(filepath.Join(folder, name)) }
	now := time.Now()
	for name, until := range map[string]time.Duration{"gone": -time.Hour, "soon": 13*24*time.Hour + time.Hour, "hours": 90 * time.Minute, "long": 15 * 24 * time.Hour, "middle": 24 * time.Hour} {
		certificateWith(t, folder, name, &x509.Certificate{SerialNumber: big.NewInt(0xabc), NotBefore: now.Add(-100 * 24 * time.Hour), NotAfter: now.Add(until)})
	}
	certificateWith(t, folder, "early", &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(time.Hour), NotAfter: now.Add(90 * 24 * time.Hour)})
	chain := ""
	for _, name := range []string{"long", "middle"} {
		data, err := os.ReadFile(string(at(name + ".pem")))
		if err != nil {
			t.Fatal(err)
		}
		chain += string(data)
	}
	if err := os.WriteFile(string(at("chain.pem")), []byte(chain), 0o600); err != nil {
		t.Fatal(err)
	}
	pair := func(cert, key string) ClientTLS {
		return ClientTLS{CertFile: at(cert + ".pem"), KeyFile: at(key + ".key")}
	}
	for _, x := range []struct{ cert, key, want string }{
		{"gone", "gone", "the certificate %s expired at "},
		{"soon", "soon", "the certificate %s expires in 13 days, at "},
		{"hours", "hours", "the certificate %s expires in 1h29m, at "},
		{"early", "early", "the certificate %s is valid from "},
		{"chain", "long", "the certificate %s expires in 23h59m, at "},
		{"long", "long", ""},
	} {
		for option, set := range map[string]func(*Config){
			"tls.cert_file":                  func(c *Config) { c.TLS = TLS{at(x.cert + ".pem"), at(x.key + ".key")} },
			"links[0].tls.cert_file":         func(c *Config) { c.Links = []Link{{Name: "madrid", TLS: pair(x.cert, x.key)}} },
			"directory.bridge.tls.cert_file": func(c *Config) { c.Directory.Bridge.TLS = pair(x.cert, x.key) },
		} {
			c := Default()
			c.Auth.OIDC.Issuer = "https://l"
			set(c)
			got := strings.Join(c.Warnings(), "\n")
			if x.want == "" && got != "" || x.want != "" && !strings.HasPrefix(got, option+": "+fmt.Sprintf(x.want, at(x.cert+".pem"))) {
				t.Errorf("%s, %s: got %q, want %q", x.cert, option, got, x.want)
			}
		}
	}
	c := Default()
	c.Links = []Link{{Name: "madrid", TLS: pair("soon", "soon")}}
	if got := c.Certificates(); len(got) != 1 || got[0].Use != "link madrid" || got[0].Serial != "ABC" || got[0].Expires.Unix() != now.Add(13*24*time.Hour+time.Hour).Unix() {
		t.Errorf("%+v", got)
	}
}

// A T-Server that is frozen has to be found before requests give up, or OCS is
// blamed. The defaults see to that.
func TestKeepAliveWarning(t *testing.T) {
	var l Link
	l.SetDefaults()
	if l.KeepAlive.Idle+l.KeepAlive.Timeout >= defaults.AnswerTimeout {
		t.Errorf("by default a frozen T-Server is found after %s, and requests wait %s", l.KeepAlive.Idle+l.KeepAlive.Timeout, defaults.AnswerTimeout)
	}
	c := Default()
	c.Auth.OIDC.Issuer = "https://l"
	c.Links = []Link{l, {Name: "b", KeepAlive: KeepAlive{Idle: 6 * time.Second, Timeout: 4 * time.Second}}}
	want := "links[1].keep_alive: finds a frozen T-Server after up to 10s, and requests wait no longer than limits.answer_timeout (10s): they would blame OCS; make idle and timeout shorter"
	if got := c.Warnings(); len(got) != 1 || got[0] != want {
		t.Errorf("got %q", got)
	}
}

func TestHashKeyFile(t *testing.T) {
	folder := t.TempDir()
	key, file := filepath.Join(folder, "key"), filepath.Join(folder, "c.yaml")
	for text, want := range map[string]string{"0123456789abcdef": "", "short": ":2:7: log.hash_key_file: " + key + " holds a key of 5 bytes; give 16 to 4096"} {
		if err := os.WriteFile(key, []byte(text), 0o604); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(oneLink+"log: {hash_key_file: key}"), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(file, nil)
		if want != "" && (err == nil || !strings.HasPrefix(err.Error(), file+want)) || want == "" && err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && !strings.Contains(strings.Join(c.Warnings(), "\n"), "log.hash_key_file: "+key+" can be read or written by every user") {
			t.Errorf("warnings %q", c.Warnings())
		}
	}
}

// Authorities whose certificates have all expired are told; an old one beside a
// good one is not.
func TestAuthorityWarnings(t *testing.T) {
	folder := t.TempDir()
	now := time.Now()
	for name, until := range map[string]time.Duration{"old": -time.Hour, "good": 365 * 24 * time.Hour} {
		certificateWith(t, folder, name, &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-1000 * time.Hour), NotAfter: now.Add(until)})
	}
	file := filepath.Join(folder, "ca.pem")
	for _, x := range []struct {
		names []string
		want  bool
	}{{[]string{"old"}, true}, {[]string{"old", "good"}, false}, {[]string{"good", "old"}, false}} {
		text := ""
		for _, name := range x.names {
			data, err := os.ReadFile(filepath.Join(folder, name+".pem"))
			if err != nil {
				t.Fatal(err)
			}
			text += string(data)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for option, set := range map[string]func(*Config){
			"auth.oidc.ca_file":            func(c *Config) { c.Auth.OIDC.CAFile = Path(file) },
			"directory.bridge.tls.ca_file": func(c *Config) { c.Directory.Bridge.TLS.CAFile = Path(file) },
			"links[0].tls.ca_file":         func(c *Config) { c.Links = []Link{{Name: "madrid", TLS: ClientTLS{CAFile: Path(file)}}} },
		} {
			c := Default()
			c.Auth.OIDC.Issuer = "https://l"
			set(c)
			got := strings.Join(c.Warnings(), "\n")
			if strings.Contains(got, "nothing that it has signed is trusted") != x.want || x.want && !strings.HasPrefix(got, option+": the certificate "+file+" expired at ") {
				t.Errorf("%v, %s: %q", x.names, option, got)
			}
		}
	}
}
