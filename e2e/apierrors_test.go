package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const (
	group502 = `campaign: 1001, group: 502, target: 201`
	predict  = `dialing: { mode: 1, optimizeBy: 1, goal: 80 }`
)

// TestAPIErrors: each way that a request can fail, with the class of its error.
func TestAPIErrors(t *testing.T) {
	together(t)
	d, p := apiPage(t, "", "")
	p.connected("h", `{ token: "agent=Ann" }`)

	p.run("the relay forbids", func(t *testing.T) {
		o := p.outcome(`h.loadCampaign({ %s, %s })`, group502, predict)
		if o.Threw || o.Classes != "CommdnError RelayError" || o.Name != "RelayError" || o.Refusal != "forbidden" || o.Retry || o.Message == "" || o.Result == nil || o.Result.State != "not-sent" {
			t.Errorf("%+v", o)
		}
		if s := d.simGroup(1001, 502).Status; s != "CM_GCS_NotLoaded" {
			t.Errorf("the campaign is %s", s)
		}
	})
	p.run("no such OCS", func(t *testing.T) {
		for _, target := range []int{999, -1} {
			if o := p.outcome(`h.doNotCall({ phone: "112", target: %d })`, target); o.Name != "RelayError" || o.Refusal != "invalid" || o.Retry {
				t.Errorf("target %d: %+v", target, o)
			}
		}
	})
	p.run("the link is down", func(t *testing.T) {
		d.fails(json.RawMessage(`{"do": "link_down"}`))
		p.wait(`!h.status.link.up`)
		o := p.outcome(`h.doNotCall({ phone: "5550000001" })`)
		if o.Name != "RelayError" || o.Refusal != "link-down" || !o.Retry {
			t.Errorf("%+v", o)
		}
		d.fails(json.RawMessage(`{"do": "link_up"}`))
		p.wait(`h.status.link.up`)
	})
	p.run("OCS is silent", func(t *testing.T) {
		d.fails(json.RawMessage(`{"do": "silence", "phone": "5550000002"}`))
		o := p.outcome(`h.doNotCall({ phone: "5550000002" }, { timeout: 400 })`)
		if o.Threw || o.Classes != "CommdnError NoAnswerError" || !o.Sent || !o.Timeout || o.Result == nil || o.Result.State != "no-answer" {
			t.Errorf("%+v", o)
		}
	})
	p.run("aborted", func(t *testing.T) {
		d.fails(json.RawMessage(`{"do": "silence", "phone": "5550000003"}`))
		p.eval(`window.abort = new AbortController(); window.why = new Error("the agent went home");
			window.ended = h.doNotCall({ phone: "5550000003" }, { signal: abort.signal }).then(() => "done", (e) => e)`)
		p.until(`h.requests().then((all) => all[0].phone === "5550000003" && all[0].state === "sending")`)
		p.eval(`abort.abort(why)`)
		if !get[bool](p, `ended.then((e) => e === why)`) {
			t.Error("it did not reject with the signal's reason")
		}
		if o := p.outcome(`h.doNotCall({ phone: "5550000004" }, { signal: AbortSignal.abort() })`); o.Threw || o.Name != "AbortError" {
			t.Errorf("aborted before: %+v", o)
		}
		if o := p.outcome(`h.doNotCall({ phone: "5550000003" }, { signal: AbortSignal.timeout(200) })`); o.Name != "TimeoutError" {
			t.Errorf("AbortSignal.timeout: %+v", o)
		}
		if d.on("5550000004") != 0 {
			t.Error("what was aborted before was sent")
		}
		p.eval(`abort.abort("again")`)
	})
	p.run("destroyed", func(t *testing.T) {
		d.fails(json.RawMessage(`{"do": "silence", "phone": "5550000005"}`))
		p.eval(`window.short = api.connect({ token: "agent=Bea", default: false })`)
		get[bool](p, `short.ready.then(() => true)`)
		p.eval(`window.ended = outcome(() => short.doNotCall({ phone: "5550000005" })); window.listed = outcome(() => short.directory())`)
		p.until(`short.requests().then((all) => all.length === 1)`)
		p.eval(`short.destroy(); short.destroy()`)
		if o := get[outcome](p, `ended`); o.Classes != "CommdnError ClosedError" {
			t.Errorf("pending: %+v", o)
		}
		for _, call := range []string{`doNotCall({ phone: "112" })`, `directory()`, `requests()`, `stopDialing({ group: 1, target: 1, campaign: 1 })`} {
			if o := p.outcome("short.%s", call); o.Threw || o.Name != "ClosedError" {
				t.Errorf("%s afterwards: %+v", call, o)
			}
		}
	})
	p.clean()

	p.run("no connection", func(t *testing.T) {
		d.kill()
		p.wait(`h.status.state === "disconnected"`)
		o := p.outcome(`h.doNotCall({ phone: "5550000006" }, { timeout: 300 })`)
		if o.Name != "NoAnswerError" || o.Sent || !o.Timeout {
			t.Errorf("timeout: %+v", o)
		}
	})
}

// TestAPIAtOnce: a request need not wait for ready, nor for the plugin.
func TestAPIAtOnce(t *testing.T) {
	together(t)
	d, p := apiPage(t, "", `window.h = api.connect({ token: "agent=Ann" });
		window.first = outcome(() => h.doNotCall({ phone: "5550000007" }));
		window.more = outcome(() => h.requests());
		window.wrong = outcome(() => h.doNotCall({ phon: "5550000008" }));
		window.quick = outcome(() => h.doNotCall({ phone: "5550000009" }, { timeout: 1 }));`)
	if o := get[outcome](p, `first`); !o.OK {
		t.Errorf("the first request: %s: %s", o.Name, o.Message)
	}
	if d.on("5550000007") != 1 {
		t.Error("it is not on the list")
	}
	if o := get[outcome](p, `more`); !o.OK {
		t.Errorf("requests(): %s: %s", o.Name, o.Message)
	}
	if o := get[outcome](p, `wrong`); o.Name != "ArgumentError" || o.Argument != "phon" {
		t.Errorf("a wrong one: %+v", o)
	}
	if o := get[outcome](p, `quick`); o.Name != "NoAnswerError" || o.Sent {
		t.Errorf("a millisecond: %+v", o)
	}
	p.clean()
}

// nonsense goes to every method as its arguments. Every method must refuse it with an
// ArgumentError. argument "-" means that the named argument depends on the method.
var nonsense = []struct{ name, value, argument string }{
	{"nothing", ``, "-"},
	{"null", `null`, "-"},
	{"a number", `5`, "-"},
	{"NaN", `NaN`, "-"},
	{"BigInt", `10n`, ""},
	{"a string", `"5551234567"`, "-"},
	{"a huge string", `"9".repeat(5e6)`, "-"},
	{"an empty object", `{}`, "-"},
	{"an array", `[1, 2, 3]`, "-"},
	{"a function", `() => 1`, "-"},
	{"a symbol", `Symbol("x")`, "-"},
	{"an element", `document.body`, "-"},
	{"a promise", `Promise.resolve({ phone: "5550000666" })`, "-"},
	{"cyclic", `(() => { const o = { phone: "5550000666" }; o.self = o; return o })()`, ""},
	{"a getter that throws", `({ get phone() { throw new RangeError("no phone here") } })`, ""},
	{"toJSON that throws", `({ phone: "5550000666", toJSON() { throw new RangeError("not as JSON") } })`, ""},
	{"toJSON that throws nothing", `({ toJSON() { throw undefined } })`, ""},
	{"a Proxy of traps", `new Proxy({}, { get() { throw new Error("trap") }, ownKeys() { throw new Error("trap") } })`, ""},
	{"a revoked Proxy", `(() => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy })()`, ""},
	{"BigInt inside", `({ phone: "5550000666", target: 5n })`, ""},
	{"NaN as target", `({ ...right, target: NaN })`, "target"},
	{"infinite target", `({ ...right, target: Infinity })`, "target"},
	{"half a target", `({ ...right, target: 201.5 })`, "target"},
	{"a target of text", `({ ...right, target: "201" })`, "target"},
	{"a target beyond 32 bits", `({ ...right, target: 2 ** 40 })`, "target"},
	{"a target that is a function", `({ ...right, target: () => 201 })`, "target"},
	{"a target that is a symbol", `({ ...right, target: Symbol("201") })`, "target"},
	{"another key", `({ ...right, fone: "5550000666" })`, "fone"},
	{"a hostile key", `JSON.parse('{"__proto__": {"phone": "5550000666"}}')`, "-"},
	{"10,000 keys", `Object.fromEntries([...Array(10000).keys()].map((i) => ["k" + i, i]))`, "-"},
	{"deep", `(() => { let o = {}; for (let i = 0; i < 50000; i++) o = { o }; return o })()`, "-"},
}

// wrongOf is nonsense for one method only.
var wrongOf = map[string][][2]string{
	"doNotCall": {
		{`({ phone: 5551234567 })`, "phone"}, {`({ phone: NaN })`, "phone"}, {`({ phone: ["5551234567"] })`, "phone"},
		{`({ phone: "" })`, "-"}, {`({ phone: "9".repeat(65) })`, "phone"}, {`({ phone: "☎️".repeat(10000) })`, "phone"},
		{`({ customerId: "x".repeat(256) })`, "customerId"}, {`({ phone: "112", customerId: {} })`, "customerId"},
		{`({ phone: "112", customerId: Symbol("C-1") })`, "customerId"},
		{`({ phone: "112", chain: "Everything" })`, "chain"}, {`({ phone: "112", chain: true })`, "chain"},
		{`({ phone: "112", campaignName: "Renewals" })`, "campaignName"}, {`({ phone: "a\u0000b" })`, "phone"},
	},
	"cancelRecord": {
		{`({ customerId: "C-1" })`, "phone"}, {`({ phone: "112", campaignName: 5 })`, "campaignName"},
		{`({ phone: "112", campaignName: "x".repeat(256) })`, "campaignName"}, {`({ phone: "112", chain: "allchain" })`, "chain"},
	},
	"loadCampaign": {
		{`({ ` + group502 + ` })`, "dialing.mode"}, {`({ ` + group502 + `, dialing: "predict" })`, "dialing"},
		{`({ ` + group502 + `, dialing: { mode: 7, optimizeBy: 1, goal: 5 } })`, "dialing.mode"},
		{`({ ` + group502 + `, dialing: { mode: 1, optimizeBy: 9, goal: 5 } })`, "dialing.optimizeBy"},
		{`({ ` + group502 + `, dialing: { mode: 1, optimizeBy: 1, goal: 101 } })`, "dialing.goal"},
		{`({ ` + group502 + `, dialing: { mode: 1, optimizeBy: 1, goal: NaN } })`, "dialing.goal"},
		{`({ ` + group502 + `, dialing: { mode: 1, optimizeBy: 1, goal: 5, pace: 1 } })`, "dialing.pace"},
		{`({ ` + group502 + `, ` + predict + `, autoCompletion: "yes" })`, "autoCompletion"},
		{`({ ` + group502 + `, ` + predict + `, priority: { general: 5 } })`, "priority.general"},
		{`({ campaign: 1001, target: 201, ` + predict + ` })`, "group"},
		{`({ group: 502, target: 201, ` + predict + `, sequence: [] })`, "-"},
		{`({ group: 502, target: 201, ` + predict + `, sequence: { description: "x", start: new Date(NaN), items: [] } })`, "-"},
		{`({ group: 502, target: 201, ` + predict + `, sequence: { description: "x", start: new Date(NaN), items: [{ campaign: 1, ` + predict + `, stopAtContacts: 5 }] } })`, "sequence.start"},
		{`({ group: 502, target: 201, ` + predict + `, sequence: { description: "x", start: 1, items: [{ campaign: 1, ` + predict + `, stopAtTime: new Date("x") }] } })`, "sequence.items[0].stopAtTime"},
		{`({ group: 502, target: 201, ` + predict + `, sequence: { description: "x", start: "tomorrow", items: [{ campaign: 1, ` + predict + ` }] } })`, "sequence.start"},
		{`({ group: 502, target: 201, ` + predict + `, sequence: { description: "x", start: "2030-01-01T09:00:00", items: [{ campaign: 1, ` + predict + ` }] } })`, "sequence.start"},
		{`({ group: 502, target: 201, ` + predict + `, sequence: { description: "x", start: 1, items: Array(65).fill({ campaign: 1, ` + predict + ` }) } })`, "sequence.items"},
		{`({ group: 502, target: 201, ` + predict + `, sequence: { description: "x", start: 1, items: [{ campaign: "1001", ` + predict + ` }] } })`, "sequence.items[0].campaign"},
		{`({ group: 502, target: 201, ` + predict + `, sequence: { description: "x", start: 1, items: [null] } })`, "sequence.items[0]"},
	},
	"stopDialing": {{`({ ` + group502 + `, ` + predict + ` })`, "dialing"}},
}

// wrongOptions are nonsense as the second argument.
var wrongOptions = []struct{ value, argument string }{
	{`{ timeout: -1 }`, "timeout"}, {`{ timeout: NaN }`, "timeout"}, {`{ timeout: Infinity }`, "timeout"},
	{`{ timeout: "soon" }`, "timeout"}, {`{ timeout: 2 ** 31 }`, "timeout"}, {`{ timeout: 5n }`, "timeout"},
	{`{ timeout: {} }`, "timeout"}, {`{ timeout: Symbol("s") }`, "timeout"}, {`{ signal: {} }`, "signal"},
	{`{ signal: "abort" }`, "signal"}, {`{ signal: { throwIfAborted() {}, addEventListener: 5 } }`, "signal"},
	{`{ get timeout() { throw new Error("none") } }`, "-"}, {`5`, "-"}, {`"soon"`, "-"}, {`{ timout: 5 }`, "timout"},
}

// TestAPINonsense: whatever a page passes, the promise rejects, nothing is sent and the
// program lives.
func TestAPINonsense(t *testing.T) {
	together(t)
	d, p := apiPage(t, "", "")
	p.connected("h", `{}`)
	p.eval(`window.right = {}; window.failures = []; h.on("error", (e) => failures.push(e.message))`)
	methods := map[string]string{
		"doNotCall": `{ phone: "5550000666" }`, "cancelRecord": `{ phone: "5550000666" }`,
		"loadCampaign": "", "startDialing": "", "setDialingMode": "",
		"unloadCampaign": "", "forceUnloadCampaign": "", "stopDialing": "", "getCampaignStatus": "",
	}
	refused := func(method, args, argument string) {
		t.Helper()
		o := p.outcome("h.%s(%s)", method, args)
		switch {
		case o.Threw:
			t.Errorf("%s(%s) threw %s: %s", method, args, o.Name, o.Message)
		case o.Classes != "CommdnError ArgumentError" || o.Message == "":
			t.Errorf("%s(%s): %s %s (ok %v), want an ArgumentError", method, args, o.Name, o.Message, o.OK)
		case argument != "-" && o.Argument != argument:
			t.Errorf("%s(%s) names %q, want %q: %s", method, args, o.Argument, argument, o.Message)
		case len(o.Message) > 2000:
			t.Errorf("%s(%s): a message of %d characters", method, args, len(o.Message))
		}
	}
	for method, right := range methods {
		if right == "" {
			right = "{ " + group502 + ", " + predict + " }"
			if method != "loadCampaign" && method != "startDialing" && method != "setDialingMode" {
				right = "{ " + group502 + " }"
			}
		}
		p.eval(`right = %s`, right)
		for _, n := range nonsense {
			refused(method, n.value, n.argument)
		}
		for _, o := range wrongOptions {
			refused(method, "right, "+o.value, o.argument)
		}
		for _, w := range wrongOf[method] {
			refused(method, w[0], w[1])
		}
	}
	for _, method := range []string{"directory", "requests"} {
		for _, o := range wrongOptions {
			refused(method, o.value, o.argument)
		}
	}
	// a call without its handle
	if o := p.outcome(`(0, h.doNotCall)({ phone: 5 })`); o.Threw || o.Name != "ArgumentError" {
		t.Errorf("a method by itself: %+v", o)
	}
	if l := d.list(); len(l) != 0 {
		t.Errorf("on the list: %+v", l)
	}
	if n := get[int](p, `h.requests().then((all) => all.length)`); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	if f := get[[]string](p, `failures`); len(f) != 0 {
		t.Errorf("errors inside: %q", f)
	}
	// The call takes the arguments as they are at that moment.
	if r := p.result(`(() => { const o = { phone: "5550000001" }, done = h.doNotCall(o); o.phone = "5550000002"; return done })()`); r.Phone != "5550000001" {
		t.Errorf("sent for %s", r.Phone)
	}
	if r := p.result(`h.doNotCall(new (class { phone = "5550000003"; target = undefined; chain = null })())`); r.Phone != "5550000003" {
		t.Errorf("an object of a class: %+v", r)
	}
	p.clean()
}

// TestAPIWrongConnect: wrong options throw a TypeError, and leave nothing behind.
func TestAPIWrongConnect(t *testing.T) {
	together(t)
	_, p := apiPage(t, `<commdn-dnc id="dnc" phone="5551234567" confirm="off"></commdn-dnc>`, "")
	for _, options := range []string{
		`5`, `"http://localhost"`, `null`, `{ url: 5 }`, `{ url: "ftp://localhost/" }`, `{ url: "javascript:alert(1)" }`, `{ url: "http://" }`,
		`{ token: 5 }`, `{ token: null }`, `{ getToken: "agent" }`, `{ getToken: null }`, `{ token: "a", getToken() {} }`, `{ locale: "not a tag" }`, `{ locale: 5 }`,
		`{ defaults: true }`, `{ default: "no" }`, `{ get url() { throw new TypeError("no url") } }`, `{ token: Symbol("t") }`,
	} {
		o := p.outcome("api.connect(%s)", options)
		if !o.Threw || o.Name != "TypeError" {
			t.Errorf("connect(%s): threw %v, %s: %s", options, o.Threw, o.Name, o.Message)
		}
	}
	for _, args := range []string{`"stat", () => 1`, `"status", 5`, `"status"`, `5, () => 1`, `Symbol("status"), () => 1`, `null, () => 1`, `"toString", () => 1`} {
		if o := p.outcome("api.connect({ default: false }).on(%s)", args); !o.Threw || o.Name != "TypeError" {
			t.Errorf("on(%s): %+v", args, o)
		}
	}
	for _, value := range []string{`5`, `{}`, `"default"`, `Object.create(api.connect({ default: false }))`} {
		if o := p.outcome(`document.getElementById("dnc").connection = %s`, value); !o.Threw || o.Name != "TypeError" {
			t.Errorf("connection = %s: %+v", value, o)
		}
	}
	// None of them replaced the page's connection.
	p.wait(`deep("dnc", "button")`)
	p.click("dnc", "button", 1)
	p.wait(`told.some((e) => e.type === "commdn-result" && e.detail.ok)`)
	p.clean()
}

// TestAPIBusy: more requests at once than the relay takes from one session all arrive.
func TestAPIBusy(t *testing.T) {
	together(t)
	d, p := apiPage(t, "", "")
	p.connected("h", `{ token: "agent=Ann" }`)
	const n = 60
	counted := get[string](p, `Promise.all([...Array(%d).keys()].map((i) => outcome(() => h.doNotCall({ phone: "55511" + i })))).then((all) => {
		const kinds = {};
		for (const o of all) { const k = o.ok ? "done" : o.name + " " + (o.refusal ?? ""); kinds[k] = (kinds[k] ?? 0) + 1 }
		return JSON.stringify(kinds) })`, n)
	list := d.list()
	t.Logf("%d at once: %s; %d on the list", n, counted, len(list))
	done := 0
	if i := strings.Index(counted, `"done":`); i >= 0 {
		_, _ = fmt.Sscanf(counted[i+len(`"done":`):], "%d", &done)
	}
	if done == 0 || done != len(list) {
		t.Errorf("%d were told done, %d are on the list", done, len(list))
	}
	if rest := strings.NewReplacer(`"done"`, "", `"RelayError rate-limited"`, "").Replace(counted); strings.Contains(rest, `"`) {
		t.Errorf("ended otherwise: %s", counted)
	}
	p.clean()
}
