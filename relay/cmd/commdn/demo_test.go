package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"commdn/relay/sim/control"
)

// refusedPhone is a number that the OCS of the scenario demo refuses.
const refusedPhone = "5550100010"

// relayUp is what the log says when the relay's link is up; those of OCS begin
// with the OCS.
const relayUp = `"T-Server link is up" link=`

func get(t *testing.T, ctx context.Context, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	answer, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

func TestDemo(t *testing.T) {
	t.Parallel()
	demo := serving(t, "demo", "--listen", "127.0.0.1:0")
	demo.log.wait(t, relayUp)
	base := demo.word(2)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	for path, want := range map[string]string{"/": `href="agent.html"`, "/agent.html": "<commdn-dnc"} {
		page := get(t, ctx, base+path)
		text, err := io.ReadAll(page.Body)
		if err != nil || page.StatusCode != 200 || !strings.Contains(string(text), want) || page.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %v %s", path, page.StatusCode, err, text)
		}
	}
	list := func() (entries []map[string]any) {
		answer := get(t, ctx, base+"/sim/api/dnc")
		if got := answer.Header.Get("Content-Type"); got != "application/json" {
			t.Errorf("/sim/api/dnc is %s", got)
		}
		if err := json.NewDecoder(answer.Body).Decode(&entries); err != nil {
			t.Error(err)
		}
		return entries
	}
	if entries := list(); entries == nil || len(entries) != 0 {
		t.Errorf("list at first: %v", entries)
	}

	trace := get(t, ctx, base+"/sim/api/trace")
	if got := trace.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("/sim/api/trace is %s", got)
	}
	url := strings.Replace(base, "http://", "ws://", 1) + "/ws"
	if code, _, stderr := invoke(t, "", "dnc", "5550104477", "--customer-id", "K-81723", "--relay", url); code != 0 {
		t.Fatalf("dnc: exit %d, %s", code, stderr)
	}
	lines := bufio.NewScanner(trace.Body)
	for _, want := range []struct{ from, message, line string }{
		{"relay", "CM_ReqDoNotCall", "\t'GSW_CM_MessageType'\t32"},
		{"ocs", "CM_EvDoNotCallProcessed", "\t'GSW_CM_MessageType'\t33"},
	} {
		e := nextEvent(t, lines)
		if e.From != want.from || e.Message != want.message || e.DN != "CommDN_1" || time.Since(e.Time) > time.Hour ||
			!strings.HasPrefix(e.Text, "\tAttributeUserData\t[") || !strings.Contains(e.Text, want.line) || !strings.Contains(e.Text, "'5550104477'") {
			t.Errorf("trace %+v, want %+v", e, want)
		}
	}
	entries := list()
	if len(entries) != 1 || entries[0]["phone"] != "5550104477" || entries[0]["customer_id"] != "K-81723" || entries[0]["time"] == "" {
		t.Errorf("list %v", entries)
	}
	if text := demo.log.String(); strings.Contains(text, "5550104477") || strings.Contains(text, "K-81723") {
		t.Errorf("the log gives a phone or customer id away:\n%s", text)
	}

	// The page is there too, and its API is not for another site.
	view := get(t, ctx, base+"/sim/")
	if text, err := io.ReadAll(view.Body); err != nil || !strings.Contains(string(text), "<h1>Simulator") || !strings.Contains(view.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("/sim/: %v %v %s", err, view.Header, text)
	}
	client, err := control.Dial(base + "/sim/")
	if err != nil {
		t.Fatal(err)
	}
	if state, err := client.State(ctx); err != nil || state.Scenario != "demo" || len(state.TServers[0].Clients) != 2 {
		t.Errorf("state: %v, %+v", err, state)
	}
	if e, err := client.Forbid(ctx, control.Forbidden{Phone: "5550104478"}); err != nil || e.Phone != "5550104478" {
		t.Errorf("dnc: %v, %+v", err, e)
	}

	// It ends while a browser listens, which sees the end of the stream.
	if code := demo.end(); code != 0 {
		t.Errorf("exit %d\n%s", code, demo.log)
	}
	if _, err := io.ReadAll(trace.Body); err != nil {
		t.Errorf("end of the trace: %v", err)
	}
}

// A page of another origin may load the plugin, and one may have frame.html in a
// frame, where the flags say so.
func TestDemoOrigins(t *testing.T) {
	t.Parallel()
	demo := serving(t, "demo", "--listen", "127.0.0.1:0", "--origin", "http://localhost:3000", "--origin", "https://*.example.com",
		"--parent", "https://crm.example.com", "--parent", "http://localhost:3000")
	for origin, allowed := range map[string]bool{"http://localhost:3000": true, "https://a.example.com": true, "http://localhost:3001": false} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, demo.word(2)+"/commdn.js", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", origin)
		answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if got := answer.Header.Get("Access-Control-Allow-Origin"); (got == origin) != allowed {
			t.Errorf("%s: allowed %q", origin, got)
		}
	}
	parents := get(t, t.Context(), demo.word(2)+"/frame-parents.json")
	text, err := io.ReadAll(parents.Body)
	if want := `{"parents":["https://crm.example.com","http://localhost:3000"]}` + "\n"; err != nil || string(text) != want {
		t.Errorf("%s %v, want %s", text, err, want)
	}
}

func nextEvent(t *testing.T, lines *bufio.Scanner) (e control.Event) {
	t.Helper()
	for lines.Scan() {
		data, found := strings.CutPrefix(lines.Text(), "data: ")
		if !found {
			continue
		}
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			t.Fatal(err)
		}
		// The relay asks for the status of every campaign group at the start.
		if !strings.HasSuffix(e.Message, "CampaignStatus") {
			return e
		}
	}
	t.Fatalf("the trace ended: %v", lines.Err())
	return e
}

// A binary that was built without the browser's files says so.
func TestNoPages(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // ends as soon as it serves
	log := &safeBuffer{}
	code := run(&env{ctx: ctx, files: fstest.MapFS{}, stdout: io.Discard, stderr: log}, []string{"demo", "--listen", "127.0.0.1:0"})
	if code != 0 || !strings.Contains(log.String(), "./build.sh build") {
		t.Errorf("exit %d\n%s", code, log)
	}
}

// The demo runs another scenario, with the relay as the application of that.
func TestDemoScenario(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scenario string
		code     int
		want     []string // on standard output where it is served
	}{
		"two OCS and a backup": {"two-ocs", 0, []string{"OCS 201: on the Do Not Call list\n", "OCS 202: on the Do Not Call list\n"}},
		"no application":       {written(t, "alone.yaml", alone), exitInvalid, nil},
		"no such scenario":     {"dmo", exitInvalid, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.code != 0 {
				if code, stdout, stderr := invoke(t, "", "demo", "--listen", "127.0.0.1:0", "--scenario", c.scenario); code != c.code || stdout != "" || strings.Count(stderr, "\n") != 1 {
					t.Errorf("exit %d\n%s%s", code, stdout, stderr)
				}
				return
			}
			demo := serving(t, "demo", "--listen", "127.0.0.1:0", "--scenario", c.scenario)
			demo.log.wait(t, relayUp)
			url := strings.Replace(demo.word(2), "http://", "ws://", 1) + "/ws"
			code, stdout, stderr := invoke(t, "", "dnc", "5550104477", "--relay", url)
			for _, want := range c.want {
				if code != 0 || !strings.Contains(stdout, want) {
					t.Errorf("exit %d\n%s%s", code, stdout, stderr)
				}
			}
		})
	}
}

// The demo's relay knows the backup of an OCS.
func TestDemoBackup(t *testing.T) {
	t.Parallel()
	demo := serving(t, "demo", "--listen", "127.0.0.1:0", "--scenario", written(t, "still.yaml", still))
	demo.log.wait(t, relayUp)
	if code, stdout, stderr := invoke(t, "", "sim", "ctl", "takeover", "--http", demo.word(2)+"/sim/"); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr := invoke(t, "", "dnc", "5550104477", "--relay", strings.Replace(demo.word(2), "http://", "ws://", 1)+"/ws")
	if code != 0 || stdout != "OCS 301: on the Do Not Call list\n" {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

// alone is a scenario without an application for a relay.
const alone = `
applications: [{dbid: 201, type: ocs}]
comm_dns: [{number: CommDN_1}]
`
