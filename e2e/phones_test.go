package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/relay/sim/control"
)

// spain is an installation whose calling list holds numbers as they are dialled inside the
// country. A record is busy each time, so it is dialed again every minute.
const spain = `
name: spain
applications:
  - dbid: 201
    type: ocs
    connections: [101]
    ocs: {dial_rate: 20, ring: 1s, results: {busy: 100}, treatment: {attempts: 100, after: 1m}}
  - {dbid: 101, name: commdn, type: third-party-server}
comm_dns: [{number: CommDN_1}]
groups: [{dbid: 501, name: Sales, agents: 30}]
calling_lists:
  - {dbid: 601, name: List, records: [{phone: "600111222"}, {phone: "600333444"}]}
campaigns: [{dbid: 1001, name: Spring, calling_lists: [601]}]
campaign_groups: [{campaign: 1001, group: 501}]
`

// startSpain runs the simulator, whose clock stands, and a relay whose rules send a number
// in the forms that lists there hold.
func startSpain(t testing.TB, origin string) (*demo, *control.Client) {
	t.Helper()
	return startRuled(t, origin, `{region: ES, send: [national, e164, "00{country}{national}"]}`)
}

// startRuled does so with other rules.
func startRuled(t testing.TB, origin, rules string) (*demo, *control.Client) {
	t.Helper()
	dir := t.TempDir()
	scenario, config := filepath.Join(dir, "spain.yaml"), filepath.Join(dir, "relay.yaml")
	if err := os.WriteFile(scenario, []byte(spain), 0o600); err != nil {
		t.Fatal(err)
	}
	simulator := start(t, "sim", "--scenario", scenario, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--speed", "0")
	tserver := simulator.says(`T-Server on ([^,]+),`)
	ctl, err := control.Dial("http://" + simulator.says(`page on http://([^/]+)/`))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, fmt.Appendf(nil, `
listen: 127.0.0.1:0
origins: [%q]
links:
  - name: madrid
    servers: [%q]
    comm_dn: CommDN_1
    application: commdn
    app_dbid: 101
    ocs: [201]
    numbers: %s
metrics: {listen: '127.0.0.1:0'}
`, origin, tserver, rules), 0o600); err != nil {
		t.Fatal(err)
	}
	relay := &demo{process: start(t, "relay", "--config", config)}
	relay.addr = relay.says(demoURL)
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(relay.url() + "readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return relay, ctl
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the relay is not ready: %v", err)
		}
	}
}

// attempts is how often a record was dialed.
func attempts(t testing.TB, ctl *control.Client, phone string) int {
	t.Helper()
	page, err := ctl.Records(t.Context(), control.Query{List: 601, Phone: phone})
	if err != nil || len(page.Records) != 1 {
		t.Fatalf("%d records of %s: %v", len(page.Records), phone, err)
	}
	return page.Records[0].Attempts
}

// pass lets time pass in the simulator.
func pass(t testing.TB, ctl *control.Client, d time.Duration) {
	t.Helper()
	if _, err := ctl.Advance(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

// TestNeverDialedAgain: the page has the number as people write it, the calling list as it
// is dialled inside the country. After one click it is never dialed again.
func TestNeverDialedAgain(t *testing.T) {
	together(t)
	s := apiSite(t, `<commdn-dnc id="dnc" phone="+34 600 111 222"></commdn-dnc><commdn-activity id="activity"></commdn-activity>`, "")
	relay, ctl := startSpain(t, s.origin)
	for _, do := range []string{"load", "start"} {
		if _, err := ctl.Do(t.Context(), control.Control{Campaign: 1001, Group: 501, Do: do}); err != nil {
			t.Fatal(err)
		}
	}
	pass(t, ctl, 5*time.Minute)
	if n := attempts(t, ctl, "600111222"); n == 0 {
		t.Fatal("it is not dialed before either")
	}
	p := open(t, s.show(relay, "/"), "dnc")
	p.wait(`deep("dnc", ".main").textContent === "Do not call \u2068+34600111222\u2069"`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", "[part=forms]").textContent === "Sent as 600111222, also as \u2068+34600111222\u2069, also as 0034600111222"`)
	if got := p.text("dnc", ".details"); !strings.HasSuffix(got, " · \u2068+34 600 111 222\u2069 → \u2068+34600111222\u2069") {
		t.Errorf("details %q", got)
	}
	p.axe("dnc")
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.done")`)
	if got := p.text("dnc", ".line .text"); !strings.HasPrefix(got, "\u2068+34600111222\u2069 is on the Do Not Call list · ") {
		t.Errorf("line %q", got)
	}
	if n := get[int](p, `document.getElementById("dnc").shadowRoot.querySelectorAll(".ocs").length`); n != 0 {
		t.Errorf("%d lines of forms that do not differ", n)
	}
	results := p.results("dnc")
	var forms []string
	for _, o := range results[0].OCS {
		forms = append(forms, o.Phone)
	}
	slices.Sort(forms)
	if got := strings.Join(forms, " "); len(results) != 1 || !results[0].OK || results[0].Phone != "+34 600 111 222" || got != "+34600111222 0034600111222 600111222" {
		t.Errorf("the host received %+v", results)
	}
	p.wait(`deep("activity", "details").textContent.includes("Sent as ")`)
	for _, form := range []string{"600111222", "\u2068+34600111222\u2069", "0034600111222"} {
		if got := p.text("activity", "details"); !strings.Contains(got, "as "+form) {
			t.Errorf("the activity does not tell %s: %s", form, got)
		}
	}
	dialed, other := attempts(t, ctl, "600111222"), attempts(t, ctl, "600333444")
	pass(t, ctl, 30*time.Minute)
	if n := attempts(t, ctl, "600111222"); n != dialed {
		t.Errorf("dialed %d times, and then %d more", dialed, n-dialed)
	}
	if n := attempts(t, ctl, "600333444"); n <= other {
		t.Errorf("nobody else is dialed any more: %d, %d", other, n)
	}
	p.clean()
}

// TestDamagedNumbers: what no list can hold is refused in the browser, at every door there,
// with what is wrong; nothing is sent.
func TestDamagedNumbers(t *testing.T) {
	together(t)
	s := apiSite(t, `<commdn-dnc id="typed" confirm="off"></commdn-dnc><commdn-cancel id="given" phone="undefined" confirm="off"></commdn-cancel>`, "")
	relay, ctl := startSpain(t, s.origin)
	p := open(t, s.show(relay, "/"), "typed")
	p.wait(`deep("given", "[part=hint]").textContent === "Number: Give one phone number of 3 to 25 digits"`)
	p.wait(`deep("given", ".main").disabled`)
	p.click("typed", "input[name=phone]", 1)
	p.key("5.55E+09")
	p.wait(`deep("typed", "[part=hint]")?.textContent === "Number: Damaged by a spreadsheet"`)
	if got := get[string](p, `(({ value, type, dir, ariaInvalid }) => [value, type, dir, ariaInvalid].join())(deep("typed", "input[name=phone]"))`); got != "5.55E+09,tel,ltr,true" {
		t.Errorf("the field: %s", got)
	}
	if !get[bool](p, `deep("typed", ".main").disabled`) {
		t.Error("it can be sent")
	}
	p.connected("h", `{}`)
	for given, words := range map[string]string{"null": "3 to 25 digits", "6OO111222": "“O” at position 2", "600+111222": "“+” at position 4", "#N/A": "spreadsheet", "600111222 600333444": "Two numbers"} {
		for _, method := range []string{"doNotCall", "cancelRecord"} {
			if o := p.outcome(`h.%s({ phone: %q })`, method, given); o.OK || !strings.Contains(o.Classes, "ArgumentError") || !strings.Contains(o.Message, words) {
				t.Errorf("%s of %q: %+v", method, given, o)
			}
		}
	}
	list, err := ctl.DNC(t.Context())
	if err != nil || len(list) != 0 {
		t.Errorf("on the list: %+v, %v", list, err)
	}
	if n := len(get[[]any](p, `h.requests()`)); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	p.clean()
}

// TestVanityNumbers: where the relay says that letters are digits of their keys, element
// and handle send them, and the confirmation shows which digits.
func TestVanityNumbers(t *testing.T) {
	together(t)
	s := apiSite(t, `<commdn-dnc id="dnc" phone="1-800-FLOWERS"></commdn-dnc>`, "")
	relay, ctl := startRuled(t, s.origin, `{vanity: true}`)
	p := open(t, s.show(relay, "/"), "dnc")
	p.wait(`deep("dnc", ".main:not(:disabled)")`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", "[part=forms]").textContent === "Sent as 18003569377"`)
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.done")`)
	p.connected("h", `{}`)
	if o := p.outcome(`h.doNotCall({ phone: "1-800-GO-FEDEX" })`); !o.OK {
		t.Errorf("%+v", o)
	}
	if o := p.outcome(`h.doNotCall({ phone: "6OO111222" })`); o.OK || !strings.Contains(o.Message, "letter") {
		t.Errorf("the relay takes a letter O: %+v", o)
	}
	list, err := ctl.DNC(t.Context())
	if err != nil || len(list) != 2 || list[0].Phone != "18003569377" || list[1].Phone != "18004633339" {
		t.Errorf("on the list: %+v, %v", list, err)
	}
	p.clean()
}

// TestNumbersRightToLeft: on a page from right to left a number keeps its order, in the
// field, in sentences, and beside names of such a script.
func TestNumbersRightToLeft(t *testing.T) {
	together(t)
	s := apiSite(t, `<commdn-cancel id="given" phone="+34 600 111 222" customer-id="محمد" campaign="حملة الربيع"></commdn-cancel><commdn-cancel id="typed"></commdn-cancel>`, "")
	relay, _ := startSpain(t, s.origin)
	p := open(t, s.show(relay, "/"), "given")
	p.eval(`document.documentElement.dir = "rtl"`)
	p.click("typed", "input[name=phone]", 1)
	p.key("+34 600")
	p.click("typed", "input[name=customer-id]", 1)
	p.key("محمد")
	if got := get[string](p, `["phone", "customer-id"].map((n) => getComputedStyle(deep("typed", "input[name=" + n + "]")).direction).join()`); got != "ltr,rtl" {
		t.Errorf("directions of the fields: %s", got)
	}
	p.wait(`deep("given", ".main:not(:disabled)")`)
	p.click("given", ".main", 1)
	p.wait(`deep("given", "[part=forms]").textContent.startsWith("Sent as ")`)
	for _, text := range []string{".main", ".question", ".details", ".forms"} {
		if wrong := get[string](p, backwards, literal(text)); wrong != "" {
			t.Errorf("%s: %s", text, wrong)
		}
	}
	p.shot("numbers-rtl", "given")
	p.clean()
}

// backwards names a number in an element's text whose characters do not stand from left to
// right, in the order in which they are read.
const backwards = `((selector) => {
	const node = deep("given", selector).firstChild, range = document.createRange();
	for (const m of node.data.matchAll(/\+?[0-9][0-9 ]*[0-9]/g)) {
		let before = { right: -1, bottom: -1 };
		for (let i = 0; i < m[0].length; i++) {
			range.setStart(node, m.index + i);
			range.setEnd(node, m.index + i + 1);
			const now = range.getBoundingClientRect();
			if (now.top < before.bottom && now.left < before.right - 1) return m[0] + " has " + m[0][i] + " on the left of what is before it";
			before = now;
		}
	}
	return "";
})(%s)`
