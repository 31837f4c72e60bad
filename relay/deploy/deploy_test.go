// Package deploy_test holds that what is to be installed fits the relay: its
// options, ports, times and metrics.
package deploy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/relay/config"
	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// lastHandshakes is what the relay may take to end beyond drain_timeout: for the
// closing handshakes of its sessions, and then for its HTTP server.
const lastHandshakes = 10 * time.Second

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func yamlText(t *testing.T, v any) string {
	t.Helper()
	if v == nil {
		t.Fatal("a value is missing")
	}
	return fmt.Sprint(v)
}

// certificate gives a certificate and its key in PEM, as a Secret has them.
func certificate(t *testing.T) map[string][]byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"commdn.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"tls.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		"tls.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}
}

// unit gives the values of each key of a systemd unit, as SECTION.KEY.
func unit(t *testing.T, name string) map[string][]string {
	t.Helper()
	values := make(map[string][]string)
	section := ""
	for i, line := range strings.Split(read(t, name), "\n") {
		key, value, ok := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			section = strings.Trim(line, "[]")
		case !ok || section == "":
			t.Fatalf("%s:%d: %q is neither a section nor a key", name, i+1, line)
		default:
			values[section+"."+key] = append(values[section+"."+key], value)
		}
	}
	return values
}

// The unit's variables are options, and what it bounds suits the defaults.
func TestUnit(t *testing.T) {
	u := unit(t, "commdn-relay.service")
	folder := t.TempDir()
	for name, data := range certificate(t) {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(folder, "relay.yaml")
	if err := os.WriteFile(file, []byte(read(t, "../config.example.yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	specifiers := strings.NewReplacer("%d", folder, "%t", "/run")
	var env []string
	for _, e := range u["Service.Environment"] {
		env = append(env, specifiers.Replace(e))
	}
	c, err := config.Load(file, env)
	if err != nil {
		t.Fatal(err)
	}
	for _, credential := range u["Service.LoadCredential"] {
		id, _, _ := strings.Cut(credential, ":")
		if p := filepath.Join(folder, id); p != string(c.TLS.CertFile) && p != string(c.TLS.KeyFile) {
			t.Errorf("the credential %s is not what the relay reads", id)
		}
	}
	if want := "/run/" + u["Service.RuntimeDirectory"][0]; filepath.Dir(string(c.AdminSocket)) != want {
		t.Errorf("the admin socket %s is not in %s", c.AdminSocket, want)
	}
	if want := "/var/lib/" + u["Service.StateDirectory"][0] + "/"; !strings.HasPrefix(string(c.Journal.Folder), want) {
		t.Errorf("the journal of the example, %s, is not below %s, which is all that the relay may write", c.Journal.Folder, want)
	}
	stop, err := strconv.Atoi(u["Service.TimeoutStopSec"][0])
	if err != nil || seconds(stop) < c.DrainTimeout+lastHandshakes {
		t.Errorf("TimeoutStopSec=%d, and the relay needs up to %s", stop, c.DrainTimeout+lastHandshakes)
	}
	files, err := strconv.Atoi(u["Service.LimitNOFILE"][0])
	if err != nil || files < 2*c.Limits.Sessions {
		t.Errorf("LimitNOFILE=%d for %d sessions", files, c.Limits.Sessions)
	}
	start := u["Service.ExecStart"][0]
	program, _, _ := strings.Cut(start, " ")
	for key, want := range map[string]string{"ExecStartPre": start + " --check", "ExecReload": program + " relay reload"} {
		if got := u["Service."+key]; len(got) != 1 || got[0] != want {
			t.Errorf("%s=%q, want %q", key, got, want)
		}
	}
}

// The image is run as the user and with the ports that the cluster's example has.
func TestDockerfile(t *testing.T) {
	var steps []string
	for line := range strings.Lines(read(t, "Dockerfile")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			steps = append(steps, line)
		}
	}
	c := readCluster(t)
	user := c.pod().SecurityContext
	want := []string{
		"ARG BASE=scratch", "FROM ${BASE}", "COPY commdn /commdn",
		fmt.Sprintf("USER %d:%d", user.RunAsUser, user.RunAsGroup),
		fmt.Sprintf("EXPOSE %d %d", c.port(t, "https"), c.port(t, "metrics")),
		"STOPSIGNAL SIGTERM", `ENTRYPOINT ["/commdn"]`, `CMD ["relay", "--config", "/etc/commdn/relay.yaml"]`,
	}
	if !slices.Equal(steps, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(steps, "\n"), strings.Join(want, "\n"))
	}
}
