package config

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
	"strings"
	"testing"
	"time"

	"commdn/relay/directory"
)

// certificate writes a certificate and its key into a folder.
func certificate(t *testing.T, folder, name string) {
	t.Helper()
	certificateWith(t, folder, name, &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotAfter: time.Now().Add(365 * 24 * time.Hour)})
}

func certificateWith(t *testing.T, folder, name string, template *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: cert}, name + ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(folder, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFiles(t *testing.T) {
	folder := t.TempDir()
	certificate(t, folder, "a")
	certificate(t, folder, "b")
	in := func(name string) string { return filepath.Join(folder, name) }
	file := in("c.yaml")
	for _, c := range []struct{ name, text, want string }{
		{"good", "tls: {cert_file: a.pem, key_file: a.key}", ""},
		{"a key file that is not there", "tls: {cert_file: a.pem, key_file: c.key}", ":2:25: tls.key_file: " + in("c.key") + " is not there"},
		{"a key file that is a folder", "tls: {cert_file: a.pem, key_file: .}", ":2:25: tls.key_file: " + folder + " is no file"},
		{"the key of another", "tls: {cert_file: a.pem, key_file: b.key}", ":2:1: tls: certificate and key cannot be used: tls: private key does not match public key"},
		{"no key", "tls: {cert_file: a.pem, key_file: c.yaml}", ":2:1: tls: certificate and key cannot be used: tls: failed to find any PEM data in key input"},
		{"authority", "auth: {oidc: {issuer: 'https://l', audience: a, ca_file: a.pem}}", ""},
		{"a bridge's", "directory: {bridge: {address: 'b:1', tls: {ca_file: b.pem, cert_file: a.pem, key_file: a.key}}}", ""},
		{"a bridge's, the key of another", "directory: {bridge: {address: 'b:1', tls: {ca_file: b.pem, cert_file: a.pem, key_file: b.key}}}",
			":2:38: directory.bridge.tls: certificate and key cannot be used: tls: private key does not match public key"},
		{"no authority", "auth: {oidc: {issuer: 'https://l', audience: a, ca_file: a.key}}", ":2:49: auth.oidc.ca_file: " + in("a.key") + " holds no certificate in PEM"},
	} {
		if err := os.WriteFile(file, []byte(oneLink+c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(file, nil)
		if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != file+c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, file+c.want)
		}
	}
}

// Outcomes that are forgotten before pages give up their requests are warned of.
func TestShortKeep(t *testing.T) {
	for keep, want := range map[time.Duration]string{
		2 * time.Minute: "a second time", 24 * time.Hour: "journal.keep: outcomes are known for 24h, and pages keep a request for 72h", 72 * time.Hour: "", Default().Journal.Keep: "",
	} {
		c := Default()
		c.Journal.Folder, c.Journal.Keep = Path(t.TempDir()), keep
		if got := strings.Join(c.Warnings(), "\n"); strings.Contains(got, "journal.keep") != (want != "") || !strings.Contains(got, want) {
			t.Errorf("%s: %s", keep, got)
		}
		c.Journal.Folder = ""
		if got := strings.Join(c.Warnings(), "\n"); strings.Contains(got, "journal.keep") {
			t.Errorf("%s, without a journal: %s", keep, got)
		}
	}
}

func TestWarnings(t *testing.T) {
	folder := t.TempDir()
	certificate(t, folder, "a")
	c := Default()
	warnings := func() string { return strings.Join(c.Warnings(), "\n") }
	if got := warnings(); got != "auth: nobody is asked who they are; whoever reaches this machine's loopback address may do everything" {
		t.Errorf("got %s", got)
	}
	c.Auth.OIDC.Issuer = "https://l"
	if got := warnings(); got != "" {
		t.Errorf("got %s", got)
	}
	c.TLS.KeyFile = Path(filepath.Join(folder, "a.key"))
	if err := os.Chmod(string(c.TLS.KeyFile), 0o644); err != nil {
		t.Fatal(err)
	}
	c.Listen, c.Metrics.Listen = ":443", ":9464"
	c.Directory.Bridge.Address, c.Links = "unix:/x", []Link{{TLS: ClientTLS{KeyFile: c.TLS.KeyFile}}}
	want := fmt.Sprintf("tls.key_file: %s can be read or written by every user of the machine (mode 0644); take that right away\n", c.TLS.KeyFile) +
		fmt.Sprintf("links[0].tls.key_file: %s can be read or written by every user of the machine (mode 0644); take that right away\n", c.TLS.KeyFile) +
		"journal: requests are kept in memory; a do-not-call that waits for OCS is lost with the process, and the relay accepts none while a link is down\n" +
		"audit: there is none, as the journal is in memory; nobody can say later who asked for what\n" +
		"directory.cache: there is none, so that a relay cannot start without its bridge; give a file\n" +
		"hosts: there are none, so that only requests to a loopback name are served; give the names that browsers reach the relay by\n" +
		"metrics.listen: :9464 is no loopback address; whoever reaches it reads the metrics"
	if got := warnings(); got != want {
		t.Errorf("got %s", got)
	}
	c.Journal.Folder = "journal"
	if got := warnings(); !strings.Contains(got, "audit.key_file: there is none") {
		t.Errorf("got %s", got)
	}
	c.Audit.KeyFile = c.TLS.KeyFile
	if got := warnings(); strings.Contains(got, "audit.key_file: there is none") || !strings.Contains(got, "audit.key_file: "+string(c.TLS.KeyFile)+" can be read") {
		t.Errorf("got %s", got)
	}
	c.Journal.Folder, c.Audit = "", Audit{Mode: auditOff}
	if got := warnings(); strings.Contains(got, "audit") {
		t.Errorf("got %s", got)
	}
}

func TestComplete(t *testing.T) {
	d, err := directory.Parse("d", []byte(`
tenants: [{dbid: 1, name: Retail}]
applications:
  - {dbid: 201, name: OCS_1, type: ocs, connections: [101]}
  - {dbid: 202, name: OCS_2, type: ocs, connections: [101, 102]}
  - {dbid: 101, name: commdn, type: third-party-server}
  - {dbid: 102, name: other, type: third-party-server}
  - {dbid: 103, name: lonely, type: third-party-server}
comm_dns: [{number: CommDN_1}]
campaigns: [{dbid: 1, name: X, disabled: true}]
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ link, want, found string }{
		{"application: commdn", "commdn 101 CommDN_1 [201 202]",
			"info: link a: CommDN_1 is taken: the only CommDN that all of OCS_1 (201), OCS_2 (202) work with\ninfo: link a: 2 OCS answer on CommDN_1: OCS_1 (201), OCS_2 (202); a request to all of them is answered by each"},
		{"app_dbid: 102, comm_dn: CommDN_1, tenants: [Retail]", "other 102 CommDN_1 [202]", ""},
		{"application: commdn, app_dbid: 102, comm_dn: CommDN_1, ocs: [201, 202]", "commdn 102 CommDN_1 [201 202]",
			"info: link a: 2 OCS answer on CommDN_1: OCS_1 (201), OCS_2 (202); a request to all of them is answered by each\nerror: link a: app_dbid is 102, and the DBID of application commdn (101) is another; give one of the two"},
		{"application: lonely, comm_dn: CommDN_1", "lonely 103 CommDN_1 []",
			"error: link a: application lonely (103) is connected to no OCS: every request would be met with silence; add it to the Connections of one of OCS_1 (201), OCS_2 (202)"},
		{"application: comdn", "comdn 0  []", `error: link a: application "comdn" is not in the directory; did you mean commdn?`},
		{"application: other, comm_dn: CommDN_1, tenants: [Retial]", "other 102 CommDN_1 [202]", `error: link a: tenant "Retial" is not in the directory; did you mean Retail?`},
	} {
		cfg, err := Parse("f", []byte("links: [{name: a, servers: ['h:1'], "+c.link+"}]"), nil)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, f := range cfg.Complete(d) {
			lines = append(lines, f.String())
		}
		l := cfg.Links[0]
		if got := fmt.Sprint(l.Application, " ", int(l.AppDBID), " ", l.CommDN, " ", Servers(l.OCS)); got != c.want {
			t.Errorf("%s: %s", c.link, got)
		}
		if lacks := l.Incomplete(); (lacks == "") != (l.AppDBID != 0) {
			t.Errorf("%s: lacks %q", c.link, lacks)
		}
		want := strings.TrimPrefix(c.found+"\ninfo: disabled and not offered: 1 campaign: X (1)", "\n")
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.link, got, want)
		}
	}
}
