package main

import (
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/csv"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"commdn/relay/audit"
)

// audit asks a relay for its audit.
func (c *centre) audit(args ...string) (code int, stdout, stderr string) {
	return invoke(c.t, "", append(append([]string{"audit"}, args...), "--socket", cmp.Or(c.socket, c.path("admin.sock")))...)
}

// audited says what of the accepted phones has no outcome in the audit, and proves the
// audit.
func (c *centre) audited(accepted map[string]bool) {
	c.t.Helper()
	code, stdout, stderr := c.audit("-o", "json")
	var all []audit.Entry
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 0 {
		c.t.Fatalf("exit %d, %v: %s", code, err, stderr)
	}
	ended := make(map[string]bool)
	for _, e := range all {
		if e.Kind == audit.Ended && e.Person != nil {
			ended[e.Person.Phone] = true
		}
	}
	missing := 0
	for phone := range accepted {
		if !ended[phone] {
			missing++
		}
	}
	c.t.Logf("%d entries in the audit, %d of the accepted missing", len(all), missing)
	if missing > 0 {
		c.t.Errorf("%d are not in the audit", missing)
	}
	if code, stdout, stderr := c.audit("verify"); code != 0 {
		c.t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// auditKey writes a private key and its public one, and gives their files.
func auditKey(t *testing.T, c *centre, name string) (private, public string) {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	write := func(file, kind string, der []byte, err error) string {
		if err == nil {
			err = os.WriteFile(c.path(file), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return c.path(file)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	private = write(name+".pem", "PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(pub)
	return private, write(name+".pub", "PUBLIC KEY", der, err)
}

// What people ask for is listed in three formats, proven with a checkpoint that was kept
// elsewhere, and a person is erased without breaking the proof.
func TestAuditCommands(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	_, public := auditKey(t, c, "audit")
	_, other := auditKey(t, c, "other")
	file := c.config("journal: {folder: journal}\naudit: {key_file: audit.pem}\n")
	relay := serving(t, "relay", "--config", file)
	relay.log.wait(t, "T-Server link is up")
	s := c.session(relay.webSocket(), "")
	for _, phone := range []string{"5550100001", "5550100002"} {
		if err := s.dnc(t, phone); err != nil {
			t.Fatal(err)
		}
	}

	code, stdout, stderr := c.audit("-o", "json", "--phone", "555 010 0001", "--since", "1h")
	var all []audit.Entry
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 0 || len(all) != 1 {
		t.Fatalf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
	e := all[0]
	if e.Kind != audit.Ended || e.Outcome != audit.Done || e.Person.Phone != "5550100001" || e.Submitted.IsZero() || e.Accepted.IsZero() || len(e.Sent) != 1 ||
		len(e.Answers) == 0 || e.Answers[0].OCS == 0 || e.Key == "" || e.Door != "websocket" || e.Relay == "" {
		t.Errorf("%s", stdout)
	}
	if code, stdout, stderr := c.audit("list"); code != 0 || !strings.Contains(stdout, "5550100002") || !strings.Contains(stdout, "DoNotCall") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	code, stdout, stderr = c.audit("-o", "csv", "--key", e.Key)
	rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	if err != nil || code != 0 || len(rows) != 2 || len(rows[0]) != len(rows[1]) || rows[1][10] != "5550100001" {
		t.Errorf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
	if code, stdout, _ := c.audit("-o", "json", "--until", "2001-01-01"); code != 0 || stdout != "[]\n" {
		t.Errorf("exit %d: %s", code, stdout)
	}
	for args, want := range map[string]string{
		"--since yesterday":      `"yesterday" is no time`,
		"--phone x":              "the phone has no digit",
		"--since 1h --until 2h":  "since is not before until",
		"erase":                  "--phone",
		"verify --checkpoint no": "no such file",
	} {
		if code, _, stderr := c.audit(strings.Fields(args)...); code == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d: %s", args, code, stderr)
		}
	}

	if code, _, stderr := c.audit("checkpoint", c.path("cp.json")); code != 0 || !strings.Contains(stderr, "signed with the key") {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if code, _, stderr := c.audit("checkpoint", c.path("cp.json")); code != exitInvalid || !strings.Contains(stderr, "exists") {
		t.Errorf("a checkpoint is written over: exit %d: %s", code, stderr)
	}
	if code, stdout, stderr := c.audit("erase", "--phone", "5550100001"); code != 0 || stdout != "erased from 1 entries\n" {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, _ := c.audit("--phone", "5550100001"); code != 0 || strings.Contains(stdout, "5550100001") {
		t.Errorf("still there: exit %d: %s", code, stdout)
	}
	if code, stdout, _ := c.audit("--key", e.Key); code != 0 || !strings.Contains(stdout, "erased") {
		t.Errorf("exit %d: %s", code, stdout)
	}
	if code, stdout, stderr := c.audit("verify", "--checkpoint", c.path("cp.json"), "--key", public); code != 0 || !strings.Contains(stdout, "unchanged") || !strings.Contains(stdout, "1 entries without their person") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	var r audit.Report
	if code, stdout, _ := c.audit("verify", "-o", "json"); code != 0 || json.Unmarshal([]byte(stdout), &r) != nil || r.Erased != 1 || r.Problems == nil {
		t.Errorf("exit %d: %s", code, stdout)
	}
	if code, _, stderr := c.audit("verify", "--checkpoint", c.path("cp.json"), "--key", other); code != exitInvalid || !strings.Contains(stderr, "was signed with the key") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if code, _, stderr := c.audit("verify", "--checkpoint", c.path("audit.pem")); code != exitInvalid || !strings.Contains(stderr, "is no checkpoint") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if code, stdout, _ := invoke(t, "", "relay", "status", "--socket", c.path("admin.sock")); code != 0 || !strings.Contains(stdout, "entries, the last at") {
		t.Errorf("status: exit %d: %s", code, stdout)
	}
	if strings.Contains(relay.log.String(), "555010000") {
		t.Error("the log has a number in plain text")
	}
}

// Where there is no audit, that is said at the start, in the status and to who asks; one
// that is demanded is needed to start.
func TestNoAudit(t *testing.T) {
	t.Parallel()
	for _, k := range []struct{ conf, why string }{
		{"", "the journal is in memory"},
		{"journal: {folder: journal}\naudit: off\n", "the configuration says audit: off"},
	} {
		c := newCentre(t)
		relay := serving(t, "relay", "--config", c.config(k.conf))
		relay.log.wait(t, "there is no audit")
		if code, _, stderr := c.audit("verify"); code != exitInvalid || !strings.Contains(stderr, "no audit: "+k.why) {
			t.Errorf("exit %d: %s", code, stderr)
		}
		if code, stdout, _ := invoke(t, "", "relay", "status", "-o", "json", "--socket", c.path("admin.sock")); code != 0 || !strings.Contains(stdout, k.why) {
			t.Errorf("status: exit %d: %s", code, stdout)
		}
	}
	c := newCentre(t)
	if code, _, stderr := invoke(t, "", "relay", "--config", c.config("audit: on\n")); code == 0 || !strings.Contains(stderr, "no journal to keep it in") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// A key of another kind ends the start, and the check of the file.
func TestAuditKeyFile(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	_, public := auditKey(t, c, "audit")
	file := c.config("journal: {folder: journal}\naudit: {key_file: " + public + "}\n")
	for _, args := range [][]string{{"relay", "--config", file}, {"relay", "--config", file, "--check"}} {
		if code, _, stderr := invoke(t, "", args...); code == 0 || !strings.Contains(stderr, "audit.key_file") || !strings.Contains(stderr, "openssl genpkey") {
			t.Errorf("%v: exit %d: %s", args, code, stderr)
		}
	}
}

func TestReadTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"":                          "0001-01-01T00:00:00Z",
		"24h":                       "2026-11-28T08:00:00Z",
		"7d":                        "2026-11-22T08:00:00Z",
		"2026-11-01":                "2026-11-01T00:00:00Z",
		"2026-11-01T07:30":          "2026-11-01T07:30:00Z",
		"2026-11-01 07:30:01":       "2026-11-01T07:30:01Z",
		"2026-11-01T07:30:00+01:00": "2026-11-01T06:30:00Z",
	} {
		if got, err := readTime(text, now); err != nil || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"soon", "-1h", "2026-13-01", "d", "1.5d"} {
		if _, err := readTime(text, now); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

func TestUnarmed(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"": "", "Ann": "Ann", "+15550100001": "+15550100001", "=1+1": "'=1+1", "@x": "'@x", "-1": "'-1", "+cmd": "'+cmd"} {
		if got := unarmed(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// Auditors read the audit over HTTP, by their rights; that they do is an entry. Nobody
// else does.
func TestAuditDoor(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	file := c.config(c.signedIn("{role: agent, tenants: ['*']}") + "journal: {folder: journal}\n")
	relay := serving(t, "relay", "--config", file)
	relay.log.wait(t, "T-Server link is up")
	url := "http" + strings.TrimSuffix(strings.TrimPrefix(relay.webSocket(), "ws"), "/ws") + "/audit"
	if err := c.session(relay.webSocket(), c.token("bob", "agent")).dnc(t, "5550100001"); err == nil {
		t.Fatal("an agent without a tenant may ask for a do-not-call")
	}
	ca, err := os.ReadFile(c.path("cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots}}
	ask := func(token, body string) (status int, entries []audit.Entry, text string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		data, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			var e audit.Entry
			if answer.StatusCode == http.StatusOK {
				if err := json.Unmarshal([]byte(line), &e); err != nil {
					t.Fatalf("%v: %s", err, line)
				}
				entries = append(entries, e)
			}
		}
		return answer.StatusCode, entries, string(data)
	}
	signed := func(name string, roles ...string) string {
		return c.issuer.Token(map[string]any{"sub": name, "name": name, "roles": roles})
	}
	for _, k := range []struct {
		name, token, body string
		status            int
		want              string
	}{
		{"no token", "", "{}", http.StatusUnauthorized, "Authorization: Bearer TOKEN"},
		{"no good token", "abc", "{}", http.StatusUnauthorized, "token"},
		{"an agent", signed("bob", "agent"), "{}", http.StatusForbidden, "that needs the role auditor"},
		{"no JSON", signed("eve", "auditor"), "x", http.StatusBadRequest, "not the JSON"},
		{"no phone", signed("eve", "auditor"), `{"phone":"x"}`, http.StatusBadRequest, "no digit"},
	} {
		if status, _, text := ask(k.token, k.body); status != k.status || !strings.Contains(text, k.want) {
			t.Errorf("%s: %d: %s", k.name, status, text)
		}
	}
	denied := func(entries []audit.Entry) bool {
		return len(entries) == 1 && entries[0].Kind == audit.Denied && entries[0].Subject == "bob" && entries[0].Code == "forbidden" && entries[0].Person.Phone == "5550100001"
	}
	for late := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		status, entries, text := ask(signed("eve", "auditor"), `{"phone":"5550100001"}`)
		if status == http.StatusOK && denied(entries) {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("%d: %s", status, text)
		}
	}
	if _, entries, text := ask(signed("eve", "auditor"), `{"user":"eve"}`); len(entries) < 2 || entries[0].Kind != audit.Read || entries[0].Text != "one phone" || entries[0].Address != "127.0.0.1" {
		t.Errorf("%s", text)
	}
	if strings.Contains(relay.log.String(), "5550100001") {
		t.Error("the log has a number in plain text")
	}
}
