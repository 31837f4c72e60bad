package control_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"commdn/relay/sim/control"
)

func TestBadInput(t *testing.T) {
	t.Parallel()
	r := start(t)
	const isJSON = "application/json"
	for name, c := range map[string]struct {
		method, path, body, kind string
		status                   int
		want                     string // the error, or how it begins
	}{
		"path":        {"GET", "api/nothing", "", "", 404, "there is nothing at /api/nothing"},
		"api":         {"GET", "api/", "", "", 404, "there is nothing at /api/"},
		"file":        {"GET", "page.go", "", "", 404, "there is nothing at /page.go"},
		"method":      {"PUT", "api/dnc", "{}", isJSON, 405, "PUT is not served at /api/dnc; there is DELETE, GET, POST"},
		"page method": {"POST", "", "{}", isJSON, 405, "POST is not served at /; there is GET"},
		"get a reset": {"GET", "api/reset", "", "", 405, "GET is not served at /api/reset; there is POST"},
		"fault's":     {"GET", "api/faults/1", "", "", 405, "GET is not served at /api/faults/1; there is DELETE"},

		"no type":    {"POST", "api/dnc", `{"phone": "1"}`, "", 415, `the body is ""; send application/json`},
		"other type": {"POST", "api/dnc", `{"phone": "1"}`, "text/plain", 415, `the body is "text/plain"`},
		"charset":    {"POST", "api/dnc", `{"phone": "1"}`, isJSON + "; charset=utf-8", 200, ""},
		"too large":  {"POST", "api/dnc", `{"phone": "` + strings.Repeat("1", 64<<10) + `"}`, isJSON, 413, "the body has more than 65536 bytes"},
		"empty":      {"POST", "api/dnc", "", isJSON, 400, "the body is empty; an object {…} is expected"},
		"blank":      {"POST", "api/clock", "\n ", isJSON, 400, "the body is empty"},
		"no JSON":    {"POST", "api/dnc", "{\n \"phone\": 555-1}", isJSON, 400, "line 2, column 13: no JSON: "},
		"too short":  {"POST", "api/dnc", `{"phone": "1"`, isJSON, 400, "line 1, column 13: no JSON: it ends too early"},
		"more":       {"POST", "api/dnc", `{"phone": "1"} {}`, isJSON, 400, "line 1, column 16: there is more behind the object"},
		"array":      {"POST", "api/dnc", `[]`, isJSON, 400, "an object {…} is expected"},
		"null":       {"POST", "api/dnc", `null`, isJSON, 400, "an object {…} is expected"},
		"key":        {"POST", "api/dnc", `{"phones": "1"}`, isJSON, 400, `unknown key "phones"; did you mean phone?`},
		"case":       {"POST", "api/dnc", `{"Phone": "1"}`, isJSON, 400, `unknown key "Phone"; did you mean phone?`},
		"strange":    {"POST", "api/clock", `{"zzzzzzzz": 1}`, isJSON, 400, `unknown key "zzzzzzzz"; there are advance, speed`},
		"twice":      {"POST", "api/dnc", `{"phone": "1", "phone": "2"}`, isJSON, 400, `key "phone" is there twice`},
		"type":       {"POST", "api/dnc", `{"phone": 5551}`, isJSON, 400, "phone: is a number; text is expected"},
		"fraction":   {"POST", "api/records", `{"list": 601, "id": 1.5}`, isJSON, 400, "id: is a number 1.5; a whole number"},
		"overflow":   {"POST", "api/records", `{"list": 99999999999}`, isJSON, 400, "list: is a number 99999999999; a whole number of at most 32 bits is expected"},
		"boolean":    {"POST", "api/records", `{"on_desktop": "yes"}`, isJSON, 400, "on_desktop: is a string; true or false is expected"},
		"nested key": {"POST", "api/campaigns", `{"dialing": {"mod": 1}}`, isJSON, 400, `dialing: unknown key "mod"; did you mean mode?`},
		"nested":     {"POST", "api/campaigns", `{"dialing": {"goal": "x"}}`, isJSON, 400, "dialing.goal: is a string; a whole number"},
		"no object":  {"POST", "api/campaigns", `{"dialing": 5}`, isJSON, 400, "dialing: is a number; an object {…} is expected"},

		"parameter":       {"GET", "api/records?lists=1", "", "", 400, `unknown parameter "lists"; did you mean list?`},
		"no parameter":    {"GET", "api/state?x=1", "", "", 400, `unknown parameter "x"; there are none`},
		"parameter twice": {"GET", "api/records?list=601&list=602", "", "", 400, `parameter "list" is there twice`},
		"escape":          {"GET", "api/records?phone=%zz", "", "", 400, "the parameters cannot be read"},
		"limit":           {"GET", "api/records?limit=1001", "", "", 400, `parameter limit is "1001"; a number from 1 to 1000 is expected`},
		"no limit":        {"GET", "api/records?limit=0", "", "", 400, `parameter limit is "0"`},
		"offset":          {"GET", "api/records?offset=-1", "", "", 400, `parameter offset is "-1"`},
		"status":          {"GET", "api/records?status=dialed", "", "", 400, `parameter status is "dialed"; there are ready, retrieved, updated, canceled, chain-updated`},
		"list":            {"GET", "api/records?list=609", "", "", 404, "there is no calling list 609; there are 3, from 601 to 603"},
		"dnc limit":       {"GET", "api/dnc?limit=x", "", "", 400, `parameter limit is "x"`},

		"entry":         {"POST", "api/dnc", `{}`, isJSON, 400, "an entry needs a phone, a customer_id, or both"},
		"long phone":    {"POST", "api/dnc", `{"phone": "` + strings.Repeat("1", 65) + `"}`, isJSON, 400, "phone has 65 bytes; at most 64"},
		"long customer": {"POST", "api/dnc", `{"customer_id": "` + strings.Repeat("c", 256) + `"}`, isJSON, 400, "customer_id has 256 bytes; at most 255"},
		"tenant":        {"POST", "api/dnc", `{"phone": "1", "tenant": 9}`, isJSON, 404, "there is no tenant 9; the first is 1"},
		"duration":      {"POST", "api/clock", `{"advance": "8 hours"}`, isJSON, 400, `advance: "8 hours" is no duration; give one as 90s, 8h or 1h30m`},
		"back":          {"POST", "api/clock", `{"advance": "-1s"}`, isJSON, 400, "advance: -1s is not from 0 to 744h0m0s"},
		"speed":         {"POST", "api/clock", `{"speed": 10001}`, isJSON, 400, "speed: 10001 is not from 0 to 10000"},
		"do":            {"POST", "api/campaigns", `{"campaign": 1001, "group": 501, "do": "dial"}`, isJSON, 400, `do: "dial" is unknown; there are load, start, stop, set, unload, force-unload`},
		"no group":      {"POST", "api/campaigns", `{"campaign": 1001, "do": "load"}`, isJSON, 400, "campaign 1001 and group 0 are not both DBIDs"},
		"stop how":      {"POST", "api/campaigns", `{"campaign": 1001, "group": 501, "do": "stop", "auto_completion": true}`, isJSON, 400, "dialing and auto_completion go with load, start and set, not with stop"},
		"mode":          {"POST", "api/campaigns", `{"campaign": 1001, "group": 501, "do": "load", "dialing": {"mode": "predictive", "optimize_by": "busy-factor", "goal": 80}}`, isJSON, 400, `dialing.mode: "predictive" is no dialing mode`},
		"optimize by":   {"POST", "api/campaigns", `{"campaign": 1001, "group": 501, "do": "load", "dialing": {"mode": "predict", "goal": 80}}`, isJSON, 400, `dialing.optimize_by: "" is no optimization method`},
		"goal":          {"POST", "api/campaigns", `{"campaign": 1001, "group": 501, "do": "load", "dialing": {"mode": "predict", "optimize_by": "busy-factor", "goal": 800}}`, isJSON, 400, "commdn: CM_ReqLoadCampaign: GSW_CM_AttrOptimizeGoal"},
		"sequence":      {"POST", "api/campaigns", `{"campaign": 0, "group": 501, "do": "start"}`, isJSON, 404, "there is nothing to start for"},

		"fault":         {"POST", "api/faults", `{"do": "explode"}`, isJSON, 400, `fault: do: "explode" is no fault`},
		"fault's key":   {"POST", "api/faults", `{"do": "drop", "latency": "1s"}`, isJSON, 400, "fault: latency: has no meaning for drop"},
		"fault's value": {"POST", "api/faults", `{"do": "delay", "latency": "soon"}`, isJSON, 400, `fault: latency: is the text "soon"`},
		"fault's OCS":   {"POST", "api/faults", `{"do": "drop", "ocs": 101}`, isJSON, 400, "fault: ocs: "},
		"two errors":    {"POST", "api/faults", `{"do": "drop", "percent": 101, "times": -1}`, isJSON, 400, "fault: percent: "},
		"fault in YAML": {"POST", "api/faults", "do: drop", isJSON, 400, "line 1, column 1: no JSON"},
		"fault's ID":    {"DELETE", "api/faults/x", "", "", 400, `"x" is no number of a fault`},
		"no such fault": {"DELETE", "api/faults/99", "", "", 404, "there is no fault 99"},
		"no change":     {"POST", "api/habits", `{}`, isJSON, 400, "a change needs as, set, or both"},
		"preset":        {"POST", "api/habits", `{"as": "odd"}`, isJSON, 400, `as: "odd" is no preset; there are plain, strange`},
		"habit":         {"POST", "api/habits", `{"set": {"no_eco": true}}`, isJSON, 400, "habit no_eco: there is none of this name; did you mean no_echo?"},
		"habit's value": {"POST", "api/habits", `{"set": {"no_echo": "yes"}}`, isJSON, 400, `habit no_echo: is "yes"; give true or false`},
		"habits":        {"POST", "api/habits", `{"set": []}`, isJSON, 400, "habits: is []; give an object {…}"},
		"habits' OCS":   {"POST", "api/habits", `{"ocs": 203, "as": "plain"}`, isJSON, 404, "there is no OCS 203; there are 201, 202"},
		"big answers":   {"POST", "api/habits", `{"set": {"big_answers": true}}`, isJSON, 400, "habit big_answers: needs a tserver.max_user_data of 48000 to 65535"},
		"no backup":     {"POST", "api/takeover", `{}`, isJSON, 400, "no OCS of the scenario has a backup"},
		"its backup":    {"POST", "api/takeover", `{"ocs": 201}`, isJSON, 400, "sim/ocs: OCS 201 has no backup"},
		"reset":         {"POST", "api/reset", `{"all": true}`, isJSON, 400, `unknown key "all"`},
	} {
		t.Run(name, func(t *testing.T) {
			r := &rig{t: t, url: r.url}
			var headers []string
			if c.kind != "" {
				headers = []string{"Content-Type", c.kind}
			}
			answer, text := r.ask(c.method, c.path, c.body, headers...)
			var e control.Error
			if err := json.Unmarshal([]byte(text), &e); err != nil || answer.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("no JSON: %v, %s: %s", err, answer.Header.Get("Content-Type"), text)
			}
			if answer.StatusCode != c.status || !strings.HasPrefix(e.Message, c.want) || strings.Contains(e.Message, "\n") {
				t.Errorf("%d %q, want %d %q", answer.StatusCode, e.Message, c.status, c.want)
			}
			if c.status == http.StatusMethodNotAllowed && !strings.HasSuffix(c.want, answer.Header.Get("Allow")) {
				t.Errorf("Allow: %s", answer.Header.Get("Allow"))
			}
		})
	}
}

// A page of another site can neither change anything nor read it under a name
// of its own.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	r := start(t)
	exposed := startWith(t, installation, func(o control.Options) http.Handler {
		o.AnyHost = true
		return control.Handler(o)
	})
	const body = `{"phone": "5551"}`
	for name, c := range map[string]struct {
		rig     *rig
		method  string
		headers []string
		status  int
	}{
		"no browser":          {r, "POST", nil, 200},
		"our page":            {r, "POST", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"another site":        {r, "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"another port":        {r, "POST", []string{"Sec-Fetch-Site", "same-site"}, 403},
		"an older browser":    {r, "POST", []string{"Origin", "http://evil.example"}, 403},
		"a link to it":        {r, "GET", []string{"Sec-Fetch-Site", "cross-site"}, 200},
		"localhost":           {r, "GET", []string{"Host", "LocalHost:7080"}, 200},
		"IPv6":                {r, "GET", []string{"Host", "[::1]:7080"}, 200},
		"a name of its own":   {r, "GET", []string{"Host", "evil.example:7080"}, 421},
		"nearly a loopback":   {r, "GET", []string{"Host", "127.0.0.1.evil.example"}, 421},
		"exposed":             {exposed, "GET", []string{"Host", "sim.example:7080"}, 200},
		"exposed, cross-site": {exposed, "POST", []string{"Host", "sim.example", "Sec-Fetch-Site", "cross-site"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			r := &rig{t: t, url: c.rig.url}
			answer, text := r.ask(c.method, "api/dnc", body, append(c.headers, "Content-Type", "application/json")...)
			if answer.StatusCode != c.status {
				t.Errorf("%d %s, want %d", answer.StatusCode, text, c.status)
			}
		})
	}
}

// The page and all that it refers to is served with a strict policy, below any
// path.
func TestPage(t *testing.T) {
	t.Parallel()
	r := startWith(t, installation, func(o control.Options) http.Handler {
		return http.StripPrefix("/sim", control.Handler(o))
	})
	r.url += "sim/"
	answer, page := r.ask("GET", "", "")
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(page, "<h1>Simulator") {
		t.Fatalf("%d %s", answer.StatusCode, page)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if inline := regexp.MustCompile(`(?i)<style|<script>|\son[a-z]+=|\sstyle=|javascript:|https?://`).FindString(page); inline != "" {
		t.Errorf("the page has %s", inline)
	}
	files := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(files) != 3 {
		t.Errorf("files %v", files)
	}
	for _, file := range files {
		answer, text := r.ask("GET", file[1], "")
		if answer.StatusCode != 200 || text == "" || strings.Contains(text, "innerHTML") || answer.Header.Get("Content-Type") == "" {
			t.Errorf("%s: %d %s", file[1], answer.StatusCode, answer.Header.Get("Content-Type"))
		}
	}
	// What the script looks for is in the page.
	_, script := r.ask("GET", "page.js", "")
	for _, id := range regexp.MustCompile(`\$\("([a-z-]+)"\)`).FindAllStringSubmatch(script, -1) {
		if !strings.Contains(page, `id="`+id[1]+`"`) {
			t.Errorf("the page has no element %s", id[1])
		}
	}
	if answer, text := r.ask("HEAD", "healthz", ""); answer.StatusCode != 200 || text != "" {
		t.Errorf("HEAD: %d %q", answer.StatusCode, text)
	}
	if answer, text := r.ask("GET", "healthz", ""); answer.StatusCode != 200 || text != "ok\n" {
		t.Errorf("healthz: %d %q", answer.StatusCode, text)
	}
}

// A client says so when something else answers, or nothing.
func TestClientElsewhere(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "127.0.0.1:7080", "ftp://127.0.0.1/", "http://", "http://127.0.0.1/?x=1", "http://127.0.0.1:x/"} {
		if _, err := control.Dial(address); err == nil || !strings.Contains(err.Error(), "http://127.0.0.1:7080/") {
			t.Errorf("%q: %v", address, err)
		}
	}
	answers := ""
	status := 200
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answers)
	}))
	c, err := control.Dial(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() string {
		_, err := c.State(t.Context())
		if _, served := errors.AsType[*control.Error](err); served || err == nil {
			t.Errorf("%v is an answer of a simulator", err)
			return ""
		}
		return err.Error()
	}
	answers = "<html>"
	if got := ask(); !strings.Contains(got, "/api/state cannot be read; is a simulator there?") {
		t.Error(got)
	}
	status = 404
	if got := ask(); !strings.Contains(got, "answers 404 Not Found; is a simulator there?") {
		t.Error(got)
	}
	server.Close()
	if got := ask(); !strings.Contains(got, "no simulator answers") {
		t.Error(got)
	}
}
