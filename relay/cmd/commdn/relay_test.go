package main

import (
	"crypto/tls"
	"errors"
	"flag"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata again")

// A relay with everything on: who may do what, and what is seen from outside.
func TestRelayConfigured(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	r := serving(t, "relay", "--config", c.config(c.signedIn("")))
	r.log.wait(t, "T-Server link is up")
	url := r.webSocket()
	if !strings.HasPrefix(url, "wss://127.0.0.1:") {
		t.Fatalf("first line %q", r.line)
	}
	agent, lead := c.token("ann", "agent"), c.token("lea", "supervisor")
	ask := func(token string, args ...string) (int, string) {
		code, stdout, stderr := invoke(t, "", append(args, "--relay", url, "--ca-file", c.path("cert.pem"), "--token-file", token)...)
		return code, stdout + stderr
	}
	for _, x := range []struct {
		token string
		args  []string
		code  int
		want  string
	}{
		{agent, []string{"dnc", "5550104477"}, 0, "OCS 201: on the Do Not Call list\n"},
		{agent, []string{"campaign", "load", "Autumn offers/Sales"}, exitInvalid, "you may not watch campaigns: that needs the role supervisor"},
		{lead, []string{"dnc", "5550104478"}, exitInvalid, "you may not put numbers on the Do Not Call list: that needs the role agent"},
		{lead, []string{"campaign", "load", "Autumn offers/Sales"}, 0, "CM_GCS_Active"},
		{c.token("bob", "visitor"), []string{"dnc", "5550104477"}, exitNoAnswer, "token refused (no role)"},
	} {
		if code, text := ask(x.token, x.args...); code != x.code || !strings.Contains(text, x.want) {
			t.Errorf("%v: exit %d, want %d and %q:\n%s", x.args, code, x.code, x.want, text)
		}
	}

	conn, err := tls.Dial("tcp", strings.TrimPrefix(r.word(2), "https://"), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := conn.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
		t.Errorf("the protocol is %q", got)
	}
	_ = conn.Close()

	living := c.session(url, agent)
	beside := "http://" + r.address(t, "metrics")
	code, text := page(t, beside+"/metrics", "prometheus.example.com")
	if code != 200 {
		t.Errorf("/metrics: %d", code)
	}
	contains(t, "/metrics", text, `commdn_link_up{link="madrid"} 1`, `commdn_requests_total{outcome="done",request="CM_ReqDoNotCall"} 1`, "go_goroutines ",
		"process_cpu_seconds_total ", `commdn_requests_refused_total{code="forbidden"} 2`, `commdn_tokens_refused_total{reason="no role"} 1`, `commdn_build_info{version="commdn/dev"} 1`)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/": 404, "/ws": 404, "/debug/pprof/": 404} {
		if code, text := page(t, beside+path, ""); code != want {
			t.Errorf("%s: %d %s", path, code, text)
		}
	}
	profiler := "http://" + r.address(t, "pprof")
	for host, want := range map[string]int{"": 200, "localhost:1": 200, "evil.example.com": 421, "evil.example.com:80": 421} {
		if code, _ := page(t, profiler+"/debug/pprof/", host); code != want {
			t.Errorf("profiler for the host %q: %d", host, code)
		}
	}

	socket := c.path("admin.sock")
	code, text, stderr := invoke(t, "", "relay", "status", "--socket", socket)
	if code != 0 || stderr != "" {
		t.Fatalf("status: exit %d, %s", code, stderr)
	}
	contains(t, "status", text, "commdn/dev, up since ", "ready\n", c.path("relay.yaml")+", read ", ": ok\n", "authentication   ready\n", "agent 1", "campaign groups  1 whose", "LINK ", "madrid  up ", c.sim.Addr(), " 201 ")
	_, text, _ = invoke(t, "", "relay", "status", "--socket", socket, "-o", "json")
	st := object(t, text)
	if roles := st["sessions_by_role"].(map[string]any); roles["agent"] != 1.0 || st["ready"] != true || st["draining"] != false || st["authentication"] != "ready" || st["reload"].(map[string]any)["ok"] != true {
		t.Errorf("status: %s", text)
	}
	if err := living.dnc(t, "5550104479"); err != nil {
		t.Error(err)
	}
	contains(t, "the log", r.log.String(), "you may not watch campaigns: that needs the role supervisor", "CommDN_1 is taken", "person=ann roles=agent")
	for _, secret := range []string{"5550104477", "eyJ"} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log gives %s away:\n%s", secret, r.log)
		}
	}
	if code := r.end(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if _, err := os.Stat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the admin socket after the end: %v", err)
	}
	if code, _, stderr := invoke(t, "", "relay", "status", "--socket", socket); code != exitNoAnswer || !strings.Contains(stderr, "no relay answers on "+socket) {
		t.Errorf("status of no relay: exit %d, %s", code, stderr)
	}
}

// What ends a relay before it serves, and what --check finds of that.
func TestRelayRefuses(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c.write("secret.json", `{"keys": [{"kty": "oct", "k": "c2VjcmV0c2VjcmV0"}]}`)
	c.write("alone.yaml", strings.Replace(known, "connections: [101]", "connections: []", 1))
	c.write("wrong.yaml", "campaigns: [{dbid: 1}]\n")
	const link = "links: [{name: a, servers: ['127.0.0.1:1'], comm_dn: C, application: commdn, app_dbid: 101}]\n"
	for name, x := range map[string]struct {
		text  string
		check bool // --check finds it too
		want  string
	}{
		"missing key file":       {link + "tls: {cert_file: cert.pem, key_file: none.pem}", true, "tls.key_file: " + c.path("none.pem") + " is not there"},
		"unknown key":            {link + "lisen: x", true, "unknown key; did you mean listen?"},
		"open to all":            {link + "listen: 0.0.0.0:0", true, "nobody is asked who they are"},
		"secret key":             {link + "auth: {jwks: {file: secret.json, issuer: i, audience: a}}", true, "is refused"},
		"pattern":                {link + "auth: {rules: [{role: agent, tenants: ['[a]']}]}", true, "rule 1"},
		"directory":              {link + "directory: {file: wrong.yaml}", true, "campaigns[0]: name is missing"},
		"application not served": {"links: [{name: a, servers: ['127.0.0.1:1']}]\ndirectory: {file: alone.yaml}", true, "no application is connected to an OCS"},
		"port taken":             {link + "listen: 127.0.0.1:0\nmetrics: {listen: '" + taken.Addr().String() + "'}", false, "address already in use"},
		"no folder":              {link + "listen: 127.0.0.1:0\nmetrics: {listen: ''}\nadmin_socket: none/admin.sock", false, "no such file or directory"},
		"socket is a file":       {link + "listen: 127.0.0.1:0\nmetrics: {listen: ''}\nadmin_socket: cert.pem", false, "is there and is no socket"},
	} {
		file := filepath.Join(c.folder, strings.ReplaceAll(name, " ", "-")+".yaml")
		if err := os.WriteFile(file, []byte(x.text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"relay", "--config", file}, {"relay", "run", "--config", file, "--check"}} {
			if len(args) > 3 && !x.check {
				continue
			}
			code, stdout, stderr := invoke(t, "", args...)
			if code != exitInvalid || !strings.Contains(stdout+stderr, x.want) {
				t.Errorf("%s: %v: exit %d, want %q\n%s%s", name, args, code, x.want, stdout, stderr)
			}
			if strings.Contains(stdout+stderr, "c2VjcmV0") {
				t.Errorf("%s: a key is shown: %s%s", name, stdout, stderr)
			}
		}
	}
}

// A variable of the environment that cannot be used is told by its name.
func TestRelayEnvironment(t *testing.T) {
	c := newCentre(t)
	file := c.config("")
	for variable, x := range map[string]struct{ value, want string }{
		"COMMDN_LIMITS_BURST": {"many", `environment variable COMMDN_LIMITS_BURST: limits.burst: is the text "many"`},
		"COMMDN_LISTN":        {"x", "did you mean COMMDN_LISTEN?"},
		"COMMDN_LISTEN":       {"0.0.0.0:0", "environment variable COMMDN_LISTEN: listen: "},
	} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, x.value)
			for _, args := range [][]string{{"relay", "--config", file}, {"relay", "--config", file, "--check"}} {
				if code, _, stderr := invoke(t, "", args...); code != exitInvalid || !strings.Contains(stderr, x.want) {
					t.Errorf("exit %d, want %q\n%s", code, x.want, stderr)
				}
			}
		})
	}
	t.Run("good", func(t *testing.T) {
		t.Setenv("COMMDN_LOG_LEVEL", "error")
		t.Setenv("COMMDN_ADMIN_SOCKET", c.path("other.sock"))
		r := serving(t, "relay", "--config", file)
		if code, stdout, stderr := invoke(t, "", "relay", "status"); code != 0 || !strings.Contains(stdout, "authentication   off") {
			t.Errorf("status: exit %d, %s%s", code, stdout, stderr)
		}
		if r.end(); r.log.String() != "" {
			t.Errorf("the log at level error:\n%s", r.log)
		}
	})
	t.Run("JSON", func(t *testing.T) {
		t.Setenv("COMMDN_LOG_FORMAT", "json")
		r := serving(t, "relay", "--config", file)
		r.end()
		for line := range strings.Lines(r.log.String()) {
			if v := object(t, line); v["level"] == nil || v["msg"] == nil {
				t.Errorf("a line of the log: %s", line)
			}
		}
	})
}

// What --check prints is a configuration itself, with the findings as comments.
func TestRelayCheck(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	c.write("directory.yaml", strings.Replace(known, "name: Renewals", "name: Renewals, disabled: true", 1))
	file := c.config(c.signedIn("{role: supervisor, values: [north], campaigns: ['Autumn*']}"))
	code, stdout, stderr := invoke(t, "", "relay", "--config", file, "--check")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	got := strings.NewReplacer(c.folder, "FOLDER", c.issuer.Issuer, "ISSUER", c.sim.Addr(), "TSERVER").Replace(stdout)
	const golden = "testdata/relay.check"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := mustRead(t, golden); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// It is taken as a configuration, and means the same.
	c.write("again.yaml", stdout)
	said := regexp.MustCompile(`(?m)^# .*\n`)
	code, again, stderr := invoke(t, "", "relay", "--config", c.path("again.yaml"), "--check")
	if code != 0 || said.ReplaceAllString(again, "") != said.ReplaceAllString(stdout, "") {
		t.Errorf("again: exit %d\n%s%s", code, again, stderr)
	}
}

// An application that OCS would be silent to is said at start, and the relay
// starts all the same where it knows what to say to T-Server.
func TestRelayFindings(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	c.write("directory.yaml", strings.Replace(known, "connections: [101]", "connections: []", 1))
	file := c.config(c.signedIn(""))
	c.write("relay.yaml", strings.Replace(mustRead(t, file), "name: madrid,", "name: madrid, application: commdn, comm_dn: CommDN_1,", 1))
	const finding = "link madrid: application commdn (101) is connected to no OCS: every request would be met with silence"
	if code, stdout, stderr := invoke(t, "", "relay", "--config", file, "--check"); code != exitInvalid || !strings.Contains(stdout, "# error: "+finding) || !strings.Contains(stderr, "OCS would not answer") {
		t.Errorf("--check: exit %d\n%s%s", code, stdout, stderr)
	}
	r := serving(t, "relay", "--config", file)
	contains(t, "the log", r.log.String(), `level=ERROR msg="`+finding)
	r.log.wait(t, "T-Server link is up")

	// It is put right, and so is the log.
	c.write("directory.yaml", known)
	code, stdout, stderr := invoke(t, "", "relay", "reload", "--socket", c.path("admin.sock"))
	if code != 0 || strings.Contains(stdout, "error") || !strings.Contains(stdout, "needs a new start: links[0].ocs\n") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

// Nothing but the demo believes whatever token comes, and the demo says so.
func TestDevelopmentTokens(t *testing.T) {
	t.Parallel()
	demo := serving(t, "demo", "--listen", "127.0.0.1:0")
	contains(t, "the log", demo.log.String(), "development tokens: ")
	var users []string
	root := filepath.Join("..", "..", "..")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), "auth.NewDevelopment(") {
			name, _ := filepath.Rel(root, path)
			users = append(users, filepath.ToSlash(name))
		}
		return err
	})
	if got := strings.Join(users, " "); err != nil || got != "relay/cmd/commdn/servers.go" {
		t.Errorf("development tokens are used by %s, %v", got, err)
	}
}

// Options that do not go together, and those that are missing.
func TestRelayUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"relay":         "give --config FILE, or --tserver HOST:PORT",
		"relay --check": "give it with --config",
		"relay --config x.yaml --listen 127.0.0.1:1":     "--listen does not go with --config",
		"relay --config x.yaml --check --comm-dn X":      "--comm-dn does not go with --config",
		"relay run --config x.yaml --tserver 127.0.0.1:": "--tserver does not go with --config",
		"relay status -o xml":                            "--output",
	} {
		if code, stdout, stderr := invoke(t, "", strings.Fields(args)...); code != exitUsage || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d\n%s%s", args, code, stdout, stderr)
		}
	}
	if code, _, stderr := invoke(t, "", "relay", "--config", "none.yaml"); code != exitInvalid || !strings.Contains(stderr, "none.yaml: no such file") {
		t.Errorf("no file: exit %d, %s", code, stderr)
	}
	if code, _, stderr := invoke(t, "", "relay", "status"); code != exitUsage || !strings.Contains(stderr, "--socket PATH") {
		t.Errorf("no socket: exit %d, %s", code, stderr)
	}
}
