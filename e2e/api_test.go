package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// strictPolicy is the minimum that a page of another origin has to allow.
const strictPolicy = "default-src 'none'; script-src 'self' http://localhost:8080 'wasm-unsafe-eval'; " +
	"connect-src 'self' http://localhost:8080 ws://localhost:8080; style-src 'self'; base-uri 'none'; " +
	"form-action 'none'; require-trusted-types-for 'script'"

// apiScript puts the loader's module into window.api. outcome says how a call ended:
// whether it threw, what its promise resolved to, or what it rejected with.
const apiScript = `
import * as api from "http://localhost:8080/commdn.js";
window.api = api;
const plain = (error) => {
	const classes = ["CommdnError", "ArgumentError", "OcsError", "RelayError", "NoAnswerError", "ClosedError"].filter((c) => error instanceof api[c]);
	return { ...error, name: error?.name, message: String(error?.message ?? error), classes: classes.join(" ") };
};
window.outcome = async (f) => {
	let promise;
	try { promise = f(); } catch (error) { return { threw: true, ...plain(error) }; }
	try { return { value: await promise ?? null, ok: true }; } catch (error) { return plain(error); }
};
window.told = [];
for (const type of ["state", "result", "late", "select", "change", "status", "export"]) {
	document.addEventListener("commdn-" + type, (e) => told.push({ type: e.type, id: e.target.id, detail: e.detail }));
}
`

// outcome is what window.outcome gives.
type outcome struct {
	OK       bool            `json:"ok"`
	Threw    bool            `json:"threw"`
	Value    json.RawMessage `json:"value"`
	Name     string          `json:"name"`
	Message  string          `json:"message"`
	Classes  string          `json:"classes"`
	Argument string          `json:"argument"`
	Code     int             `json:"code"`
	OcsName  string          `json:"ocsName"`
	Refusal  string          `json:"refusal"`
	Retry    bool            `json:"retry"`
	Sent     bool            `json:"sent"`
	Timeout  bool            `json:"timeout"`
	Result   *result         `json:"result"`
	OCS      []ocsAnswer     `json:"ocs"`
}

func (o outcome) String() string {
	if o.OK {
		return "done: " + string(o.Value)
	}
	return fmt.Sprintf("%s (threw %v): %s; argument %q, OCS %d %s %+v, relay %q retry %v, sent %v, timeout %v, result %+v",
		o.Classes+"/"+o.Name, o.Threw, o.Message, o.Argument, o.Code, o.OcsName, o.OCS, o.Refusal, o.Retry, o.Sent, o.Timeout, o.Result)
}

type ocsAnswer struct {
	DBID int    `json:"dbid"`
	OK   bool   `json:"ok"`
	Code int    `json:"code"`
	Name string `json:"name"`
}

// result is ResultDetail.
type result struct {
	ID      int         `json:"id"`
	Request string      `json:"request"`
	State   string      `json:"state"`
	OK      bool        `json:"ok"`
	Asked   string      `json:"asked"`
	Time    string      `json:"time"`
	Phone   string      `json:"phone"`
	Message string      `json:"message"`
	OCS     []ocsAnswer `json:"ocs"`
	Event   struct {
		Name       string  `json:"name"`
		StatusName string  `json:"statusName"`
		Target     int     `json:"target"`
		Campaign   int     `json:"campaign"`
		Group      int     `json:"group"`
		Dialing    dialing `json:"dialing"`
		Sequence   *struct {
			Description string `json:"description"`
			Items       []struct {
				Campaign   int    `json:"campaign"`
				StatusName string `json:"statusName"`
			} `json:"items"`
		} `json:"sequence"`
	} `json:"event"`
}

type dialing struct {
	Mode       int `json:"mode"`
	OptimizeBy int `json:"optimizeBy"`
	Goal       int `json:"goal"`
}

// apiSite is a site of another origin with window.api, elements in its body, and a script
// of its own after that.
func apiSite(t testing.TB, markup, script string) *site {
	t.Helper()
	return serve(t, fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title>` +
			`<script type="module" src="main.js"></script><body>` + markup + `</body></html>`)},
		"main.js": {Data: []byte(apiScript + script)},
	}, strictPolicy)
}

// apiPage is such a page, with a demo that can restart.
func apiPage(t testing.TB, markup, script string, args ...string) (*demo, *page) {
	t.Helper()
	s := apiSite(t, markup, script)
	d := restartable(t, append([]string{"--origin", s.origin}, args...)...)
	p := open(t, s.show(d, "/"), "")
	p.wait(`window.api`)
	return d, p
}

// connected makes window.NAME a handle with these options and waits until it is
// connected.
func (p *page) connected(name, options string) {
	p.t.Helper()
	p.eval(`window.%s = api.connect(%s)`, name, options)
	get[bool](p, `%s.ready.then(() => true)`, name)
}

// until waits for a promise.
func (p *page) until(promise string, args ...any) {
	p.t.Helper()
	promise = fmt.Sprintf(promise, args...)
	for late := time.Now().Add(patience); !get[bool](p, "%s.then(Boolean)", promise); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(late) {
			p.t.Fatalf("never true: %s", promise)
		}
	}
}

// outcome calls something that returns a promise.
func (p *page) outcome(call string, args ...any) outcome {
	p.t.Helper()
	return get[outcome](p, "outcome(() => %s)", fmt.Sprintf(call, args...))
}

// result calls something that has to succeed and returns its ResultDetail.
func (p *page) result(call string, args ...any) result {
	p.t.Helper()
	o := p.outcome(call, args...)
	if !o.OK {
		p.t.Fatalf("%s: %s: %s", fmt.Sprintf(call, args...), o.Name, o.Message)
	}
	var r result
	if err := json.Unmarshal(o.Value, &r); err != nil {
		p.t.Fatalf("%s gave %s: %v", call, o.Value, err)
	}
	return r
}

// TestAPIPerson: both requests about a person, and OCS's answers.
func TestAPIPerson(t *testing.T) {
	together(t)
	d, p := apiPage(t, "", "")
	p.connected("h", `{ token: "agent=Ann" }`)

	r := p.result(`h.doNotCall({ phone: "5551234567", customerId: "C-1042" })`)
	if r.Request != "CM_ReqDoNotCall" || r.State != "done" || !r.OK || r.Phone != "5551234567" || r.Asked == "" || r.Time == "" || len(r.OCS) != 1 || r.OCS[0].DBID != 201 || !r.OCS[0].OK {
		t.Errorf("doNotCall gave %+v", r)
	}
	p.result(`h.doNotCall({ customerId: "C-9", chain: "RecordOnly", target: 201 })`)
	if l := d.list(); len(l) != 3 || !onlyChain(l[:2]) || l[2].CustomerID != "C-9" {
		t.Errorf("the list is %+v", l)
	}

	o := p.outcome(`h.doNotCall({ phone: "5550100010" })`)
	if o.Threw || o.Name != "OcsError" || o.Classes != "CommdnError OcsError" || o.Code != 10 || o.OcsName != "CM_ERROR_INVALID_PARAMETER" || o.Message == "" {
		t.Errorf("refused by OCS: %+v", o)
	}
	if len(o.OCS) != 1 || o.OCS[0].Code != 10 || o.OCS[0].OK || o.Result == nil || o.Result.State != "refused" || o.Result.Phone != "5550100010" {
		t.Errorf("refused by OCS: answers %+v, result %+v", o.OCS, o.Result)
	}

	if r := p.result(`h.cancelRecord({ phone: "5551234568", customerId: "C-1042" })`); r.State != "done" || r.Request != "CM_ReqCancelRecord" {
		t.Errorf("cancelRecord gave %+v", r)
	}
	o = p.outcome(`h.cancelRecord({ phone: "5551234567", campaignName: "Renewals", chain: "AllChain" })`)
	if o.Name != "OcsError" || o.Code != 3 {
		t.Errorf("a campaign that is not loaded: %+v", o)
	}
	p.connected("boss", `{ token: "supervisor=Bo", default: false }`)
	p.result(`boss.loadCampaign({ campaign: 1001, group: 502, target: 201, dialing: { mode: 1, optimizeBy: 1, goal: 80 } })`)
	if r := p.result(`h.cancelRecord({ phone: "5550198822", campaignName: "Autumn offers" })`); r.State != "incomplete" || !r.OK {
		t.Errorf("a record on a desktop: %+v", r)
	}

	if got := get[[]string](p, `h.requests().then((all) => all.map((r) => r.request + " " + r.state))`); !slices.Equal(got, []string{
		"CM_ReqCancelRecord incomplete", "CM_ReqCancelRecord refused", "CM_ReqCancelRecord done",
		"CM_ReqDoNotCall refused", "CM_ReqDoNotCall done", "CM_ReqDoNotCall done",
	}) {
		t.Errorf("requests() gave %q", got)
	}
	p.clean()
}

// TestAPICampaigns: a campaign and a sequence through all requests, with the events for
// the listeners meanwhile.
func TestAPICampaigns(t *testing.T) {
	together(t)
	d, p := apiPage(t, "", "")
	p.connected("h", `{ token: "supervisor=Bo" }`)
	p.eval(`window.heard = { campaign: [], sequence: [], request: [], directory: [] };
		for (const event in heard) h.on(event, (detail) => heard[event].push(detail))`)
	const of = `campaign: 1002, group: 502, target: 201`
	ask := func(call, event, status string) result {
		t.Helper()
		r := p.result("h.%s", call)
		if e := r.Event; e.Name != event || e.StatusName != status || e.Campaign != 1002 || e.Group != 502 || e.Target != 201 {
			t.Errorf("%s gave %+v", call, e)
		}
		return r
	}
	ask(`loadCampaign({`+of+`, dialing: { mode: 1, optimizeBy: 1, goal: 60 } })`, "CM_EvCampaignLoaded", "CM_GCS_Active")
	if s := d.simGroup(1002, 502).Status; s != "CM_GCS_Active" {
		t.Errorf("the simulator has it %s", s)
	}
	o := p.outcome(`h.loadCampaign({%s, dialing: { mode: 1, optimizeBy: 1, goal: 60 } })`, of)
	if o.Name != "OcsError" || o.Code != 5 {
		t.Errorf("loaded twice: %+v", o)
	}
	ask(`startDialing({`+of+`, dialing: { mode: 2, optimizeBy: 3, goal: 15 }, autoCompletion: true, priority: { general: { priority: 1, records: 10 } } })`,
		"CM_EvDialingStarted", "CM_GCS_Running")
	r := ask(`setDialingMode({`+of+`, dialing: { mode: 1, optimizeBy: 2, goal: 5 } })`, "CM_EvDialingModeChanged", "CM_GCS_Running")
	if r.Event.Dialing != (dialing{1, 2, 5}) {
		t.Errorf("dialing is %+v", r.Event.Dialing)
	}
	ask(`getCampaignStatus({`+of+`})`, "CM_EvCampaignStatus", "CM_GCS_Running")
	ask(`stopDialing({`+of+`})`, "CM_EvDialingStopped", "CM_GCS_Active")
	if r := p.result(`h.unloadCampaign({%s})`, of); r.Event.Name != "CM_EvCampaignUnloaded" {
		t.Errorf("unload gave %+v", r.Event)
	}
	p.wait(`heard.campaign.findLast((g) => g.campaign === 1002 && g.group === 502 && g.campaignName === "Renewals" && g.groupName === "Sales").statusName === "CM_GCS_NotLoaded"`)
	d.unloaded(1002, 502)
	p.result(`h.loadCampaign({%s, dialing: { mode: 1, optimizeBy: 1, goal: 60 } })`, of)
	if r := p.result(`h.forceUnloadCampaign({%s})`, of); r.Event.Name != "CM_EvCampaignUnloaded" {
		t.Errorf("forced: %+v", r.Event)
	}
	for _, status := range []string{"CM_GCS_Active", "CM_GCS_Running", "CM_GCS_NotLoaded"} {
		p.wait(`heard.campaign.some((g) => g.campaign === 1002 && g.group === 502 && g.statusName === %q)`, status)
	}

	p.eval(`window.seq = { group: 501, target: 201, sequence: { description: "Morning", start: new Date(Date.now() + 3600e3), items: [
		{ campaign: 1003, dialing: { mode: 2, optimizeBy: 3, goal: 10 }, stopAtContacts: 10, sleepMinutes: 5 },
		{ campaign: 1004, dialing: { mode: 3, optimizeBy: 1, goal: 75 }, stopAtTime: new Date(Date.now() + 7200e3).toISOString() }] } };
		window.how = { dialing: { mode: 2, optimizeBy: 3, goal: 10 } }`)
	r = p.result(`h.loadCampaign({ ...seq, ...how })`)
	if q := r.Event.Sequence; q == nil || r.Event.Campaign != 0 || r.Event.Group != 501 || q.Description != "Morning" || len(q.Items) != 2 || q.Items[1].Campaign != 1004 {
		t.Errorf("the sequence gave %+v", r.Event)
	}
	for _, call := range []string{"startDialing({ ...seq, ...how })", "getCampaignStatus(seq)", "stopDialing(seq)", "unloadCampaign(seq)"} {
		if r := p.result("h.%s", call); r.State != "done" || r.Event.Group != 501 {
			t.Errorf("%s gave %+v", call, r)
		}
	}
	p.wait(`heard.sequence.some((e) => e.group === 501 && e.sequence?.description === "Morning")`)
	p.wait(`heard.request.some((r) => r.request === "CM_ReqLoadCampaign" && r.state === "sending") && heard.request.some((r) => r.request === "CM_ReqLoadCampaign" && r.state === "done")`)

	got := get[string](p, `h.directory().then((d) => [d.campaigns.length, d.groups.length, d.campaignGroups.length, d.campaigns.find((c) => c.dbid === 1003).name, d.campaignGroups[0].target].join())`)
	if got != "4,3,7,Reminders,201" {
		t.Errorf("directory() gave %s", got)
	}
	p.wait(`heard.directory.length > 0 && heard.directory[0].campaigns.length === 4`)
	p.clean()
}

// TestAPIStatus: what the handle knows about the connection: before, during and after.
func TestAPIStatus(t *testing.T) {
	together(t)
	d, p := apiPage(t, "", "")
	p.eval(`window.h = api.connect({ token: "agent,supervisor=Ann Lee", locale: "de" }); window.first = h.status; window.states = []; h.on("status", (s) => states.push(s.state))`)
	if s := get[string](p, `first.state`); s != "connecting" {
		t.Errorf("at first %q", s)
	}
	p.wait(`h.status.identity.name`)
	got := get[struct {
		State, Since, Error, Relay, Session string
		OCS                                 []int
		Link                                struct {
			Up    bool
			Since string
		}
		Identity struct {
			Name    string
			Roles   []string
			Expires string
		}
	}](p, `h.status`)
	if got.State != "connected" || got.Since == "" || got.Error != "" || got.Relay == "" || got.Session == "" || !slices.Equal(got.OCS, []int{201}) || !got.Link.Up || got.Link.Since == "" ||
		got.Identity.Name != "Ann Lee" || !slices.Equal(got.Identity.Roles, []string{"agent", "supervisor"}) || got.Identity.Expires != "" {
		t.Errorf("connected: %+v", got)
	}
	// Messages are in the language of the connection.
	if o := p.outcome(`h.doNotCall({ phone: "5550100010" })`); !strings.Contains(o.Message, "OCS hält einen der Werte für fehlerhaft") {
		t.Errorf("in German: %q", o.Message)
	}
	d.fails(json.RawMessage(`{"do": "link_down"}`))
	p.wait(`h.status.link.up === false && h.status.link.reason !== undefined`)
	d.fails(json.RawMessage(`{"do": "link_up"}`))
	p.wait(`h.status.link.up`)
	d.kill()
	p.wait(`h.status.state === "disconnected" && h.status.error`)
	// Without a connection a request to a campaign fails at once.
	o := p.outcome(`h.stopDialing({ campaign: 1001, group: 502, target: 201 })`)
	if o.Threw || o.OK || !strings.HasPrefix(o.Classes, "CommdnError") || o.Name == "ArgumentError" || o.Sent {
		t.Errorf("without a connection: %+v", o)
	}
	// A number waits for the next connection.
	p.eval(`window.waiting = outcome(() => h.doNotCall({ phone: "5550000042" }))`)
	p.until(`h.requests().then((all) => all[0].state === "waiting")`)
	d.start()
	if ok := get[bool](p, `waiting.then((o) => o.ok && o.value.phone === "5550000042")`); !ok || d.on("5550000042") != 1 {
		t.Errorf("what waited is on the list %d times", d.on("5550000042"))
	}
	p.eval(`h.destroy()`)
	if s := get[string](p, `h.status.state`); s != "closed" {
		t.Errorf("destroyed: %q", s)
	}
	if s := get[string](p, `states.join(" ")`); !strings.HasPrefix(s, "connecting connected") && !strings.HasPrefix(s, "connected") {
		t.Errorf("the listener was told %q", s)
	}
}
