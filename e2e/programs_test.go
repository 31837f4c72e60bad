package e2e

import (
	"strings"
	"testing"
)

// noAll makes the fetch of the program with all elements fail while window.noAll is set.
const noAll = `{
	const real = window.fetch;
	window.fetch = async (what, ...rest) => {
		if (window.noAll && String(what.url ?? what).includes("/all.")) throw new TypeError("no network");
		return real.call(window, what, ...rest);
	};
}`

const agentPage = `<commdn-dnc id="dnc" phone="5550000001" confirm="off"></commdn-dnc><commdn-cancel id="cancel"></commdn-cancel>` +
	`<commdn-activity id="activity"></commdn-activity><commdn-status id="status"></commdn-status>`

// addCampaigns puts a supervisor's element on the page.
const addCampaigns = `document.body.append(Object.assign(document.createElement("commdn-campaigns"), { id: "campaigns" }))`

// programs is an agent's page with a handle whose states are in window.states.
func programs(t *testing.T) (*demo, *page) {
	t.Helper()
	d, p := apiPage(t, agentPage, countSockets+fetched+noAll+`
		window.states = [];
		window.h = api.connect();
		h.on("status", (s) => states.push(s.state));`)
	get[bool](p, `h.ready.then(() => true)`)
	p.wait(`["dnc", "cancel", "activity", "status"].every((id) => deep(id, ".base"))`)
	if f := get[string](p, `fetched()`); f != agentFiles {
		t.Errorf("an agent's page fetched %s", f)
	}
	return d, p
}

// drawsAll makes sure that the program with all elements runs, for tests that want each
// element to be drawn at once.
func (p *page) drawsAll() {
	p.t.Helper()
	p.eval(addCampaigns)
	p.wait(`deep("campaigns", ".base")`)
	p.eval(`document.getElementById("campaigns").remove()`)
}

// whole waits until the program with all elements serves the page.
func (p *page) whole() {
	p.t.Helper()
	p.wait(`deep("campaigns", ".base")`)
	p.wait(`open() === 1 && h.status.state === "connected"`)
}

// TestPrograms: when a supervisor's element comes onto an agent's page, the program with
// all elements takes over. The agent notices nothing.
func TestPrograms(t *testing.T) {
	together(t)
	d, p := programs(t)
	d.fails(map[string]any{"do": "delay", "latency": "300ms"}) // so long that the browser keeps a request meanwhile
	p.click("dnc", "button", 1)
	p.wait(`told.some((e) => e.id === "dnc" && e.type === "commdn-result" && e.detail.ok)`)
	before := p.text("dnc", ".line .text")
	p.eval(`const f = deep("cancel", "input[name=customer-id]"); f.focus(); f.value = "C-77"; f.dispatchEvent(new Event("input", { bubbles: true })); f.setSelectionRange(1, 2)`)
	p.eval(`states.length = 0; told.length = 0; ` + addCampaigns)
	p.whole()
	if f := get[string](p, `fetched()`); f != "agent.wasm all.wasm commdn.js go.js plugin.js" {
		t.Errorf("fetched %s", f)
	}
	if after := p.text("dnc", ".line .text"); after != before || !get[bool](p, `deep("dnc", "button").className.includes("listed")`) {
		t.Errorf("the result was %q and is %q", before, after)
	}
	if got := get[string](p, `(({ value, selectionStart, selectionEnd }) => [value, selectionStart, selectionEnd].join())(document.getElementById("cancel").shadowRoot.activeElement)`); got != "C-77,1,2" {
		t.Errorf("the field with the focus has %s", got)
	}
	if n := get[int](p, `document.getElementById("activity").shadowRoot.querySelectorAll("[part~=entry]").length`); n != 1 {
		t.Errorf("%d requests are in the activity list", n)
	}
	if s := get[string](p, `states.filter((s) => s !== "connected").join(" ")`); s != "" {
		t.Errorf("the handle was %s", s)
	}
	if n := get[int](p, `told.filter((e) => /^commdn-(result|late)$/.test(e.type)).length`); n != 0 {
		t.Errorf("%d results were told again", n)
	}
	// Numbers of requests go on, so the next one is no other.
	p.eval(`document.getElementById("dnc").phone = "5550000002"`)
	p.wait(`deep("dnc", "button").textContent.includes("5550000002")`)
	p.click("dnc", "button", 1)
	p.wait(`told.some((e) => e.id === "dnc" && e.type === "commdn-result" && e.detail.ok)`)
	if ids := get[string](p, `h.requests().then((all) => all.map((r) => r.id + r.phone + r.ok).join(" "))`); ids != "25550000002true 15550000001true" {
		t.Errorf("the requests are %s", ids)
	}
	if d.on("5550000001") != 1 || d.on("5550000002") != 1 {
		t.Error("the numbers are not on the list once each")
	}
	p.clean()
}

// TestProgramsRehearse: before it takes over, the other program draws each kind of element
// once where nobody sees it, so that the takeover is short. The page sees nothing of that.
func TestProgramsRehearse(t *testing.T) {
	together(t)
	_, p := programs(t)
	p.eval(`told.length = 0; window.rehearsed = [];
		const real = Element.prototype.attachShadow;
		Element.prototype.attachShadow = function (options) {
			const root = real.call(this, options);
			if (!this.localName.includes("-")) {
				const one = { root, most: 0, seen: this.isConnected, early: !deep("campaigns", ".base") };
				rehearsed.push(one);
				new MutationObserver(() => { one.most = Math.max(one.most, root.querySelectorAll("*").length) }).observe(root, { childList: true, subtree: true });
			}
			return root;
		}`)
	p.eval(addCampaigns)
	p.whole()
	if got := get[string](p, `rehearsed.map((r) => [r.most > 1, r.early, r.seen, r.root.childNodes.length].join()).join(" ")`); got != strings.TrimSpace(strings.Repeat("true,true,false,0 ", 5)) {
		t.Errorf("drawn, early, seen, left: %s", got)
	}
	if n := get[int](p, `sockets.length`); n != 2 {
		t.Errorf("%d connections, want one of each program", n)
	}
	if n := get[int](p, `told.filter((e) => !e.id).length`); n != 0 {
		t.Errorf("%d events came from no element", n)
	}
	p.clean()
}

// TestProgramsWait: the other program does not take over while a confirmation is open or a
// request is in flight.
func TestProgramsWait(t *testing.T) {
	together(t)
	d, p := programs(t)
	stays := func(what string) {
		t.Helper()
		p.wait(`fetched().includes("all.wasm")`)
		if get[bool](p, `new Promise((r) => setTimeout(r, 500)).then(() => !!deep("campaigns", ".base"))`) {
			t.Errorf("the other program took over during %s", what)
		}
	}
	p.eval(`document.getElementById("dnc").setAttribute("confirm", "on")`)
	p.click("dnc", "button", 1)
	p.wait(`deep("dnc", "[part~=confirm]")`)
	p.eval(addCampaigns)
	stays("a confirmation")
	d.kill()
	p.wait(`h.status.state !== "connected"`)
	p.click("dnc", "[part~=confirm-button]", 1)
	p.wait(`deep("dnc", ".line.waiting")`)
	stays("a request")
	d.start()
	p.wait(`told.some((e) => e.id === "dnc" && e.type === "commdn-result" && e.detail.ok)`)
	p.whole()
	if d.on("5550000001") != 1 || !get[bool](p, `!!deep("dnc", ".line.done")`) {
		t.Error("the request is not on the list, or not on the page")
	}
}

// TestProgramsOfHandle: what a handle does with campaigns brings the other program.
func TestProgramsOfHandle(t *testing.T) {
	together(t)
	for name, use := range map[string]string{
		"a method": `h.directory()`,
		"an event": `new Promise((resolve) => h.on("directory", (d) => d.campaigns.length && resolve(d)))`,
	} {
		t.Run(name, func(t *testing.T) {
			_, p := programs(t)
			if n := get[int](p, `%s.then((d) => d.campaigns.length)`, use); n == 0 {
				t.Error("there are no campaigns")
			}
			if !strings.Contains(get[string](p, `fetched()`), "all.wasm") {
				t.Error("the program was not fetched")
			}
			p.clean()
		})
	}
}

// TestProgramsFail: where the other program cannot be fetched, the agent works on, and the
// supervisor's element says so and tries again.
func TestProgramsFail(t *testing.T) {
	together(t)
	d, p := programs(t)
	p.eval(`window.noAll = true; ` + addCampaigns)
	p.wait(`deep("campaigns", "[role=alert]")`)
	if o := p.outcome(`h.directory()`); o.Name != "ClosedError" {
		t.Errorf("a method that needs it: %v", o)
	}
	p.click("dnc", "button", 1)
	p.wait(`told.some((e) => e.id === "dnc" && e.type === "commdn-result" && e.detail.ok)`)
	p.eval(`window.noAll = false`)
	p.wait(`deep("campaigns", "button")`)
	p.click("campaigns", "button", 1)
	p.whole()
	if d.on("5550000001") != 1 || !get[bool](p, `!!deep("dnc", ".line.done")`) {
		t.Error("the request is not on the list, or not on the page")
	}
}

// TestProgramsKept: what an element with keep has left is there for the next one in the
// other program.
func TestProgramsKept(t *testing.T) {
	together(t)
	d, p := programs(t)
	p.eval(`document.getElementById("dnc").keep = "caller"`)
	p.click("dnc", "button", 1)
	p.wait(`told.some((e) => e.id === "dnc" && e.type === "commdn-result" && e.detail.ok)`)
	before := p.text("dnc", ".line .text")
	p.eval(`document.getElementById("dnc").remove(); ` + addCampaigns)
	p.whole()
	p.eval(`document.body.append(Object.assign(document.createElement("commdn-dnc"), { id: "dnc", keep: "caller", phone: "5550000001", confirm: "off" }))`)
	if after := p.text("dnc", ".line .text"); after != before {
		t.Errorf("the result was %q and is %q", before, after)
	}
	p.eval(`document.getElementById("dnc").phone = "5550000002"`)
	p.wait(`deep("dnc", "button").textContent.includes("5550000002")`)
	p.click("dnc", "button", 1)
	p.wait(`told.some((e) => e.id === "dnc" && e.type === "commdn-result" && e.detail.ok && e.detail.phone === "5550000002")`)
	if d.on("5550000001") != 1 || d.on("5550000002") != 1 {
		t.Error("the numbers are not on the list once each")
	}
	p.clean()
}

// TestProgramsReturn: a caller who returns can have the records cancelled again, in the
// other program as in the agent's; two typed fields do not change that.
func TestProgramsReturn(t *testing.T) {
	together(t)
	_, p := programs(t)
	p.eval(`const c = document.getElementById("cancel"); c.confirm = "off"; c.phone = "5550000001"`)
	p.wait(`deep("cancel", "button").textContent.includes("5550000001")`)
	p.click("cancel", "button", 1)
	p.wait(`told.some((e) => e.id === "cancel" && e.type === "commdn-result")`)
	p.eval(`document.getElementById("cancel").phone = "5550000002"`)
	p.wait(`deep("cancel", "button").textContent.includes("5550000002")`)
	p.eval(`document.getElementById("cancel").phone = "5550000001"`)
	p.wait(`deep("cancel", "button").textContent.includes("5550000001")`)
	const looks = `deep("cancel", "button").className + deep("cancel", "button").textContent + deep("cancel", "button").disabled + deep("cancel", "button").ariaDisabled`
	before := get[string](p, looks)
	p.eval(addCampaigns)
	p.whole()
	if after := get[string](p, looks); after != before {
		t.Errorf("the button was %q and is %q", before, after)
	}
	p.clean()
}
