package main

import (
	"crypto/tls"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"commdn/protocol/frame"
)

// A changed file is taken over while a client stays connected; a wrong one
// changes nothing.
func TestRelayReload(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	r := serving(t, "relay", "--config", c.config(c.signedIn("")))
	r.log.wait(t, "T-Server link is up")
	socket, agent := c.path("admin.sock"), c.token("ann", "agent", "clerk")
	reload := func(code int, words ...string) {
		t.Helper()
		got, stdout, stderr := invoke(t, "", "relay", "reload", "--socket", socket)
		if got != code {
			t.Errorf("reload: exit %d, want %d", got, code)
		}
		contains(t, "reload", stdout+stderr, words...)
	}
	living := c.session(r.webSocket(), agent)
	ask := func() error { return living.dnc(t, "5550104477") }
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	before, err := living.Directory(t.Context())
	if err != nil || len(before.Campaigns) != 2 {
		t.Fatalf("%+v, %v", before, err)
	}

	elsewhere := c.signedIn("{role: agent, tenants: [Elsewhere]}")
	c.config(elsewhere + "log: {level: debug}\nlimits: {burst: 7, write_timeout: 3s}\n")
	c.certificate(2)
	reload(0, "taken over: auth.rules\n", "taken over: limits.burst\n", "taken over: log.level\n", "needs a new start: limits.write_timeout\n", "reloaded\n")
	forbidden(t, ask(), "numbers on the Do Not Call list")
	conn, err := tls.Dial("tcp", strings.TrimPrefix(r.word(2), "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64(); got != 2 {
		t.Errorf("certificate %d after the reload", got)
	}
	_ = conn.Close()
	_, status, _ := invoke(t, "", "relay", "status", "--socket", socket)
	contains(t, "status", status, "ok, a new start is needed for limits.write_timeout\n")

	// What is wrong is told in full, and the rights stay as they were.
	for _, x := range []struct {
		what  string
		wrong func()
		want  []string
	}{
		{"two unknown keys", func() { c.config("lstn: x\nauht: y\n") }, []string{":10:1: lstn: unknown key; did you mean listen?", ":11:1: auht: unknown key; did you mean auth?"}},
		{"a key file that is not there", func() { c.config("auth: {jwks: {file: none.json, issuer: i, audience: a}}\n") }, []string{"none.json is not there"}},
		{"a key set with a private key", func() {
			c.config(c.signedIn(""))
			c.write("keys.json", `{"keys": [{"kty": "oct", "k": "c2VjcmV0c2VjcmV0"}]}`)
		}, []string{"auth: key file " + c.path("keys.json") + " is refused"}},
		{"another key of the certificate", func() {
			c.write("keys.json", string(c.issuer.KeySet()))
			c.write("key.pem", "no key")
		}, []string{"certificate and key cannot be used"}},
		{"a directory that cannot be read", func() { c.certificate(3); c.write("directory.yaml", "campaings: []") }, []string{"campaings: unknown key; did you mean campaigns?"}},
		{"a directory without the application", func() {
			c.write("directory.yaml", "tenants: [{dbid: 1, name: Retail}]\n")
		}, []string{"link madrid cannot be opened: the directory does not tell comm_dn, application, app_dbid", "no application is connected to an OCS"}},
		{"a rule", func() {
			c.write("directory.yaml", known)
			c.config(c.signedIn("{role: agent, tenants: ['[a]']}"))
		}, []string{"rule 1"}},
	} {
		x.wrong()
		reload(exitInvalid, append(x.want, "configuration refused, the old one stays in use")...)
		forbidden(t, ask(), "numbers on the Do Not Call list")
		_, status, _ := invoke(t, "", "relay", "status", "--socket", socket)
		contains(t, x.what+": status", status, "refused, the old one is in use: ")
	}

	// Who may have a page in a frame is taken over too; what is no origin is told
	// with its line.
	c.config(c.signedIn("") + "parents:\n  - https://crm.example.com\n  - https://*.example.com\n")
	reload(exitInvalid, "relay.yaml:13:5: parents[1]: \"https://*.example.com\" is no origin of a parent; give https://NAME", "configuration refused, the old one stays in use")
	if code, stdout, _ := invoke(t, "", "relay", "reload", "--socket", socket, "-o", "json"); code != exitInvalid || object(t, stdout)["ok"] != false {
		t.Errorf("as JSON: exit %d, %s", code, stdout) // one object
	}
	c.config(c.signedIn("") + "parents: [https://CRM.example.com]\n")
	reload(0, "taken over: parents\n", "reloaded\n")
	text, err := io.ReadAll(get(t, t.Context(), r.word(2)+"/frame-parents.json").Body)
	if err != nil || string(text) != `{"parents":["https://crm.example.com"]}`+"\n" {
		t.Errorf("parents after the reload: %s %v", text, err)
	}

	// Files are read again though the configuration is the same; new keys count,
	// and roles are those of the next token.
	c.write("directory.yaml", strings.Replace(known, "Renewals", "Renewals 2", 1))
	c.config(strings.Replace(c.signedIn(""), "auth: {", "auth: {roles: {agent: [clerk]}, ", 1))
	c.issuer.Rotate()
	c.write("keys.json", string(c.issuer.KeySet()))
	reload(0, "taken over: auth.roles.agent\n", "reloaded\n")
	if err := ask(); err != nil {
		t.Errorf("after the rule is gone: %v", err)
	}
	for late := time.Now().Add(patience); ; {
		names, err := living.Directory(t.Context())
		if err != nil || time.Now().After(late) {
			t.Fatalf("%+v, %v", names, err)
		}
		if slices.ContainsFunc(names.Campaigns, func(n frame.Named) bool { return n.Name == "Renewals 2" }) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := c.session(r.webSocket(), c.token("cleo", "clerk")).dnc(t, "5550104478"); err != nil {
		t.Errorf("a new key and a new role: %v", err)
	}
}

// The same by signals, and the end, as a process.
func TestRelaySignals(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	binary := built(t)
	r := process(t, binary, "relay", "--config", c.config(c.signedIn("")))
	r.log.wait(t, "T-Server link is up")
	living := c.session(r.webSocket(), c.token("ann", "agent"))
	if err := living.dnc(t, "5550104477"); err != nil {
		t.Fatal(err)
	}
	c.config(c.signedIn("{role: agent, tenants: [Elsewhere]}"))
	hangup := func(words string) {
		t.Helper()
		if err := r.signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		r.log.wait(t, words)
	}
	hangup("taken_over=[auth.rules]")
	forbidden(t, living.dnc(t, "5550104477"), "numbers on the Do Not Call list")
	c.config("nonsense: true\n")
	hangup("nonsense: unknown key")
	forbidden(t, living.dnc(t, "5550104477"), "numbers on the Do Not Call list")
	c.config(c.signedIn(""))
	c.write("relay.yaml", strings.Replace(mustRead(t, c.path("relay.yaml")), "drain_timeout: 2s", "drain_timeout: 3s", 1))
	hangup("options=[drain_timeout]")
	if err := living.dnc(t, "5550104477"); err != nil {
		t.Error(err)
	}
	if code := r.end(); code != 0 {
		t.Errorf("exit %d after SIGTERM\n%s", code, r.log)
	}
	contains(t, "the log", r.log.String(), "msg=draining", "relay going away (4000)")
}
