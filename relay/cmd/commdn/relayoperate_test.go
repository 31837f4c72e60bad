package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/relay"
	"commdn/relay/config"
	"commdn/relay/sim/scenario"
)

// Who is connected can be listed, and sent away for good: one session, or all of
// a person.
func TestRelaySessions(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	r := serving(t, "relay", "--config", c.config(c.signedIn("")))
	r.log.wait(t, "T-Server link is up")
	socket := c.path("admin.sock")
	sessions := func(code int, args ...string) (string, []relay.Session) {
		t.Helper()
		got, stdout, stderr := invoke(t, "", append([]string{"relay", "sessions", "--socket", socket}, args...)...)
		if got != code {
			t.Errorf("%v: exit %d, want %d: %s", args, got, code, stderr)
		}
		var all []relay.Session
		if slices.Contains(args, "json") && code == 0 {
			if err := json.Unmarshal([]byte(stdout), &all); err != nil {
				t.Errorf("%v in %s", err, stdout)
			}
		}
		return stdout + stderr, all
	}
	if _, all := sessions(0, "-o", "json"); len(all) != 0 {
		t.Errorf("at the start: %+v", all)
	}
	ann, lea := c.session(r.webSocket(), c.token("ann", "agent")), c.session(r.webSocket(), c.token("lea", "agent", "supervisor"))
	c.session(r.webSocket(), c.token("ann", "agent"))
	text, _ := sessions(0)
	contains(t, "sessions", text, "SESSION", "ann", "lea", "agent,supervisor", "127.0.0.1")
	_, all := sessions(0, "-o", "json")
	if len(all) != 3 || all[0].Subject != "ann" || all[1].Subject != "lea" {
		t.Fatalf("%+v", all)
	}
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"--end", "nobody-7"}, "there is no session nobody-7"},
		{[]string{"--end-person", "eve"}, `nobody with the name or subject "eve" has a session`},
	} {
		if text, _ := sessions(exitInvalid, x.args...); !strings.Contains(text, x.want) {
			t.Errorf("%v: %s", x.args, text)
		}
	}
	if code, _, _ := invoke(t, "", "relay", "sessions", "--socket", socket, "--end", "a", "--end-person", "b"); code != exitUsage {
		t.Errorf("both: exit %d", code)
	}
	for _, sub := range []string{"u-1", "u-2"} {
		c.write(sub+".token", c.issuer.Token(map[string]any{"sub": sub, "name": "Sam", "roles": []string{"agent"}}))
		c.session(r.webSocket(), c.path(sub+".token"))
	}
	if text, _ := sessions(exitInvalid, "--end-person", "Sam"); !strings.Contains(text, `2 people are called "Sam"; give one of the subjects u-1, u-2`) {
		t.Errorf("two of one name: %s", text)
	}
	sessions(0, "--end-person", "u-2")
	if _, ended := sessions(0, "--end-person", "Sam", "-o", "json"); len(ended) != 1 || ended[0].Subject != "u-1" {
		t.Errorf("the one of the name that is left: %+v", ended)
	}
	sessions(0, "--end", all[0].Name)
	r.log.wait(t, `msg="session ended" session=`+all[0].Name)
	if err := ann.dnc(t, "5550104477"); err == nil {
		t.Error("a session that was ended goes on")
	}
	_, ended := sessions(0, "--end-person", "ann", "-o", "json")
	if len(ended) != 1 || ended[0].Subject != "ann" {
		t.Errorf("%+v", ended)
	}
	r.log.wait(t, `msg="session ended by an administrator" session=`+all[0].Name+" subject=ann person=ann")
	if err := lea.dnc(t, "5550104477"); err != nil {
		t.Errorf("another person: %v", err)
	}
}

// A bundle has everything that a support case needs, and no secret and no number.
func TestRelayBundle(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	r := serving(t, "relay", "--config", c.config(c.signedIn("")))
	r.log.wait(t, "T-Server link is up")
	living := c.session(r.webSocket(), c.token("ann", "agent"))
	if err := living.dnc(t, "5550104477"); err != nil {
		t.Fatal(err)
	}
	r.log.wait(t, "msg=answered")
	file := c.path("case.tar.gz")
	code, stdout, stderr := invoke(t, "", "relay", "bundle", "--socket", c.path("admin.sock"), file)
	if code != 0 || stdout != file+"\n" {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	parts := untar(t, mustRead(t, file))
	for name, words := range map[string][]string{
		"about.txt":      {"version: commdn/dev", "since: ", "go: go", "processors: "},
		"config.yaml":    {"comm_dn: CommDN_1", "key_file: \"" + c.path("key.pem") + "\""},
		"status.json":    {`"ready": true`, `"answers": [`, `"last_answer": "`, `"certificates": [`},
		"metrics.txt":    {`commdn_link_up{link="madrid"} 1`, "# HELP commdn_sessions "},
		"goroutines.txt": {"goroutine ", "daemon.(*Daemon).Run"},
		"log.txt":        {"msg=answered", "T-Server link is up"},
	} {
		contains(t, name, parts[name], words...)
	}
	whole := strings.Join(slices.Collect(func(yield func(string) bool) {
		for _, text := range parts {
			if !yield(text) {
				return
			}
		}
	}), "\n")
	for what, secret := range map[string]string{"number": "5550104477", "token": mustRead(t, c.path("ann.token")), "key": "PRIVATE KEY"} {
		if strings.Contains(whole, secret) {
			t.Errorf("the bundle has a %s", what)
		}
	}
	// What is there is not written over, and nothing is left of a failure.
	if code, _, stderr := invoke(t, "", "relay", "bundle", "--socket", c.path("admin.sock"), file); code != exitInvalid || !strings.Contains(stderr, "file exists") {
		t.Errorf("over a file: exit %d, %s", code, stderr)
	}
	if code, _, _ := invoke(t, "", "relay", "bundle", "--socket", c.path("none.sock"), c.path("none.tar.gz")); code != exitNoAnswer {
		t.Errorf("without a relay: exit %d", code)
	}
	if _, err := os.Stat(c.path("none.tar.gz")); err == nil {
		t.Error("a file is left of a bundle that failed")
	}
	if code, stdout, _ := invoke(t, "", "relay", "bundle", "--socket", c.path("admin.sock"), "-"); code != 0 || untar(t, stdout)["config.yaml"] == "" {
		t.Errorf("to the standard output: exit %d", code)
	}
}

// untar gives the parts of a bundle by their names.
func untar(t *testing.T, text string) map[string]string {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	parts := make(map[string]string)
	for in := tar.NewReader(zip); ; {
		h, err := in.Next()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(h.Name, "/")
		parts[name] = string(data)
	}
}

// The hash of a number finds its lines in the log: with the key of a file, which
// holds over restarts, or from the relay itself.
func TestLogHash(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"", "log: {hash_key_file: log.key}\n"} {
		c := newCentre(t)
		c.write("log.key", strings.Repeat("k", 32))
		r := serving(t, "relay", "--config", c.config(c.signedIn("")+file))
		r.log.wait(t, "T-Server link is up")
		if err := c.session(r.webSocket(), c.token("ann", "agent")).dnc(t, "5550104477"); err != nil {
			t.Fatal(err)
		}
		r.log.wait(t, "msg=answered")
		hash := func(number string, args ...string) string {
			t.Helper()
			code, stdout, stderr := invoke(t, number, append([]string{"log", "hash"}, args...)...)
			if code != 0 || !regexp.MustCompile(`^[0-9a-f]{16}\n$`).MatchString(stdout) {
				t.Fatalf("%v: exit %d: %s%s", args, code, stdout, stderr)
			}
			return strings.TrimSpace(stdout)
		}
		want := "phone=*******477 phone_hash=" + hash("", "5550104477", "--socket", c.path("admin.sock")) + " "
		contains(t, "the log", r.log.String(), "request=CM_ReqDoNotCall "+want, "subject=ann person=ann door=websocket address=127.0.0.1 outcome=done ms=")
		if strings.Contains(r.log.String(), "5550104477") {
			t.Error("the log has the number")
		}
		if file != "" && !strings.HasSuffix(want, hash("5550104477\n", "-", "--key-file", c.path("log.key"))+" ") {
			t.Errorf("the key file gives another hash than the relay: %s", want)
		}
	}
	for _, args := range [][]string{{"log", "hash", "1"}, {"log", "hash", "", "--key-file", "x"}} {
		if code, _, stderr := invoke(t, "", args...); code != exitUsage {
			t.Errorf("%v: exit %d, %s", args, code, stderr)
		}
	}
}

// A reload says whether the certificate is another one, and which file it is from.
func TestReloadedCertificate(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	r := serving(t, "relay", "--config", c.config(c.signedIn("")))
	r.log.wait(t, "T-Server link is up")
	reload := func(want string) {
		t.Helper()
		code, stdout, stderr := invoke(t, "", "relay", "reload", "--socket", c.path("admin.sock"))
		if code != 0 || !strings.Contains(stdout, want) || !strings.Contains(stdout, ", from "+c.path("cert.pem")+"\n") {
			t.Errorf("exit %d, want %q: %s%s", code, want, stdout, stderr)
		}
	}
	reload("certificate: the same as before, serial 1, until ")
	c.certificate(7)
	reload("certificate: a new one, serial 7, until ")
	reload("certificate: the same as before, serial 7, until ")
	code, stdout, _ := invoke(t, "", "relay", "status", "--socket", c.path("admin.sock"))
	if code != 0 || !regexp.MustCompile(`(?m)^certificate +for browsers: until 20\d\d-.*, `+regexp.QuoteMeta(c.path("cert.pem"))+`$`).MatchString(stdout) {
		t.Errorf("status: %s", stdout)
	}
	_, text := page(t, "http://"+r.address(t, "metrics")+"/metrics", "")
	contains(t, "metrics", text, `commdn_certificate_expiry_timestamp_seconds{use="browsers"} 1.`, "commdn_reload_ok 1\n", "commdn_reloads_refused_total 0\n", "commdn_log_lines_lost_total 0\n")
	c.config("lstn: x\n")
	if code, _, _ := invoke(t, "", "relay", "reload", "--socket", c.path("admin.sock")); code != exitInvalid {
		t.Errorf("a typo: exit %d", code)
	}
	_, text = page(t, "http://"+r.address(t, "metrics")+"/metrics", "")
	contains(t, "metrics", text, "commdn_reload_ok 0\n", "commdn_reloads_refused_total 1\n")
}

// What is said of a certificate's time.
func TestCertificateLine(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	c := config.Certificate{Use: "link madrid", Option: "links[0].tls.cert_file", File: "/f", Expires: now.Add(72 * time.Hour)}
	if got := certificateLine(c, now); !strings.HasPrefix(got, "for link madrid: until 2026-12-01 ") || !strings.HasSuffix(got, ", /f; the certificate /f expires in 3 days, at 2026-12-01T12:00:00Z; renew it") {
		t.Error(got)
	}
	if got := certificateLine(c, now.Add(-30*24*time.Hour)); !strings.HasSuffix(got, ", /f") {
		t.Error(got)
	}
}

// What the next start would refuse, a reload refuses: it changes nothing, and tells
// nothing that it would have done.
func TestReloadRefusesWhatAStartWould(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	link := "links: [{name: madrid, servers: ['" + c.sim.Addr() + "'], comm_dn: CommDN_1, application: commdn, app_dbid: 101, ocs: [201]}]\n"
	base := strings.Replace(mustRead(t, c.config(c.signedIn(""))), "links: [", "#", 1) + link
	c.write("relay.yaml", base)
	r := serving(t, "relay", "--config", c.path("relay.yaml"))
	r.log.wait(t, "T-Server link is up")
	taken := strings.TrimPrefix(c.sim.Addr(), "tcp://")
	for _, x := range []struct{ name, directory, more, want string }{
		{"a directory with an error", strings.Replace(known, "connections: [101]", "connections: []", 1), "", "error: link madrid: "},
		{"an address that is taken", known, "pprof: " + taken + "\n", "error: pprof: listen tcp " + taken + ": bind: address already in use"},
		{"a socket in a folder that is not there", known, "admin_socket: none/admin.sock\n", "error: admin_socket: "},
		{"a driver that there is not", known, "DRIVER", "driver: \"carrier-pigeon\" is none of tlink"},
	} {
		text := strings.Replace(base, "log:", "#", 1) + "log: {level: debug}\n"
		switch {
		case x.more == "DRIVER":
			text = strings.ReplaceAll(text, "{name: madrid,", "{name: madrid, driver: carrier-pigeon,")
		case x.more != "":
			key, _, _ := strings.Cut(x.more, ":")
			text = regexp.MustCompile(`(?m)^`+key+`: .*\n`).ReplaceAllString(text, "") + x.more
		}
		c.write("directory.yaml", x.directory)
		c.write("relay.yaml", text)
		code, stdout, stderr := invoke(t, "", "relay", "reload", "--socket", c.path("admin.sock"))
		if code != exitInvalid || !strings.Contains(stdout, x.want) || !strings.Contains(stderr, "configuration refused, the old one stays in use") {
			t.Errorf("%s: exit %d, want %q: %s%s", x.name, code, x.want, stdout, stderr)
		}
		if strings.Contains(stdout, "taken over") || strings.Contains(stdout, "reloaded") {
			t.Errorf("%s: a refused reload says: %s", x.name, stdout)
		}
		// A start, by way of the check that the unit does, would refuse it too, where
		// nothing has to be opened for that.
		if x.more == "" || x.more == "DRIVER" {
			if code, _, _ := invoke(t, "", "relay", "--config", c.path("relay.yaml"), "--check"); code == 0 {
				t.Errorf("%s: the check takes it", x.name)
			}
		}
	}
	c.write("directory.yaml", known)
	c.write("relay.yaml", base+"log: {level: debug}\n")
	if code, stdout, stderr := invoke(t, "", "relay", "reload", "--socket", c.path("admin.sock")); code != 0 || !strings.Contains(stdout, "taken over: log.level\n") {
		t.Errorf("mended: exit %d: %s%s", code, stdout, stderr)
	}
}

// The status tells of an OCS that is silent, and of one that answers again.
func TestStatusOfSilentOCS(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	r := serving(t, "relay", "--config", c.config(c.signedIn("")+"limits: {answer_timeout: 2s}\n"))
	r.log.wait(t, "T-Server link is up")
	id, err := c.sim.AddFault(scenario.Fault{Do: scenario.Silence, OCS: 201})
	if err != nil {
		t.Fatal(err)
	}
	living := c.session(r.webSocket(), c.token("ann", "agent"))
	for range 2 {
		if err := living.dnc(t, "5550104477"); err == nil {
			t.Fatal("OCS answers")
		}
	}
	status := func() string {
		t.Helper()
		code, stdout, stderr := invoke(t, "", "relay", "status", "--socket", c.path("admin.sock"))
		if code != 0 {
			t.Fatal(stderr)
		}
		return stdout
	}
	if got := status(); !regexp.MustCompile(`(?m)^madrid +201 +silent since 20\d\d-.* of \d+ `).MatchString(got) {
		t.Errorf("status: %s", got)
	}
	_, text := page(t, "http://"+r.address(t, "metrics")+"/metrics", "")
	contains(t, "metrics", text, `commdn_ocs_silent{link="madrid",ocs="201"} 1`)
	c.sim.Faults().Remove(id)
	if err := living.dnc(t, "5550104477"); err != nil {
		t.Fatal(err)
	}
	if got := status(); !regexp.MustCompile(`(?m)^madrid +201 +answers +20\d\d-`).MatchString(got) {
		t.Errorf("status: %s", got)
	}
}

// What is found out last, when everything else was good, leaves nothing of what the
// reload would have done in what it prints.
func TestLateRefusalOfAReload(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	oidc := func(more string) string {
		return "auth: {oidc: {issuer: '" + c.issuer.Issuer + "', audience: commdn}" + more + "}\n"
	}
	r := serving(t, "relay", "--config", c.config(oidc("")))
	r.log.wait(t, "keys of the issuer fetched")
	c.issuer.Down()
	c.config(oidc(", claims: {name: email}") + "log: {level: debug}\n")
	code, stdout, stderr := invoke(t, "", "relay", "reload", "--socket", c.path("admin.sock"))
	if code != exitInvalid || !strings.Contains(stdout, "error: auth.claims and auth.roles need the keys of the provider once more") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if strings.Contains(stdout, "taken over") || strings.Contains(stdout, "certificate") {
		t.Errorf("a refused reload says: %s", stdout)
	}
}
