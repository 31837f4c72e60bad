package e2e

import (
	"slices"
	"strings"
	"testing"
)

// countSockets puts every later WebSocket into window.sockets.
const countSockets = `
window.sockets = [];
window.WebSocket = class extends WebSocket { constructor(...args) { super(...args); sockets.push(this) } };
window.open = () => sockets.filter((s) => s.readyState < WebSocket.CLOSING).length;
`

// label is the text of an element's main button.
const label = `const label = (id) => document.getElementById(id).shadowRoot.querySelector("button")?.textContent.trim();
window.label = label;`

// TestAPIListeners: the promises of on().
func TestAPIListeners(t *testing.T) {
	together(t)
	_, p := apiPage(t, "", "")
	p.eval(`window.calls = []; window.h = api.connect({ token: "agent=Ann" });
		window.same = () => calls.push("same");
		window.off1 = h.on("request", same); window.off2 = h.on("request", same);
		h.on("request", () => { throw new Error("a listener's own mistake") });
		window.off3 = h.on("request", () => { calls.push("once"); off3() });
		h.on("request", async () => { await null; calls.push("async") });
		h.on("request", (d) => { calls.push("last " + d.state) })`)
	get[bool](p, `h.ready.then(() => true)`)
	p.result(`h.doNotCall({ phone: "5550000001" })`)
	p.wait(`calls.includes("last done")`)
	count := func(what string) int { return get[int](p, `calls.filter((c) => c === %q).length`, what) }
	if a, b := count("same"), count("last sending")+count("last waiting")+count("last done"); a != 2*b || b < 2 {
		t.Errorf("the listener that was given twice was called %d times, another one %d times", a, b)
	}
	if n := count("once"); n != 1 {
		t.Errorf("a listener that ended itself was called %d times", n)
	}
	p.eval(`calls.length = 0; off1(); off1(); off1()`)
	p.result(`h.doNotCall({ phone: "5550000002" })`)
	p.wait(`calls.includes("last done")`)
	if a, b := count("same"), count("last sending")+count("last waiting")+count("last done"); a != b {
		t.Errorf("after the end of one of two: %d calls for %d events", a, b)
	}
	p.mu.Lock()
	thrown := slices.DeleteFunc(slices.Clone(p.errors), func(e string) bool { return !strings.Contains(e, "a listener's own mistake") })
	others := len(p.errors) - len(thrown)
	p.mu.Unlock()
	if len(thrown) < 4 || others != 0 {
		t.Errorf("on the console: %d times the listener's mistake, and %d others", len(thrown), others)
	}

	// A listener may do anything, also within a chain of events.
	p.eval(`window.chain = []; h.on("request", (d) => { chain.push(d.phone + " " + d.state);
		if (d.phone === "5550000003" && d.state === "done") h.doNotCall({ phone: "5550000004" }).then(() => h.destroy());
	}); h.on("status", (s) => chain.push(s.state))`)
	p.result(`h.doNotCall({ phone: "5550000003" })`)
	p.wait(`h.status.state === "closed"`)
	p.wait(`chain.includes("5550000004 done")`)
	// on() and its end are harmless after the end of the connection.
	p.eval(`const off = h.on("campaign", () => {}); off(); off(); off1(); off2(); h.destroy()`)
}

// TestAPIWatches: a listener starts the watch of campaigns, and a new listener hears what
// is already known.
func TestAPIWatches(t *testing.T) {
	together(t)
	d, p := apiPage(t, "", "")
	p.connected("h", `{ token: "supervisor=Bo" }`)
	p.eval(`window.groups = new Set(); window.off = h.on("campaign", (g) => groups.add(g.campaign + "/" + g.group))`)
	p.wait(`groups.size === 7`)
	p.eval(`off(); groups.clear(); window.again = new Set(); window.off = h.on("campaign", (g) => again.add(g.campaign + "/" + g.group))`)
	p.wait(`again.size === 7`)
	p.eval(`off(); again.clear()`)
	p.result(`h.loadCampaign({ campaign: 1003, group: 503, target: 201, dialing: { mode: 11, optimizeBy: 2, goal: 3 } })`)
	if n := get[int](p, `again.size + groups.size`); n != 0 {
		t.Errorf("%d events after the end", n)
	}
	// Another session's change arrives.
	p.connected("other", `{ token: "supervisor=Cy", default: false }`)
	p.eval(`window.heard = []; h.on("campaign", (g) => heard.push([g.campaign, g.group, g.target, g.statusName, g.campaignName, g.groupName, g.dialing.mode, g.dialing.goal].join()))`)
	p.result(`other.startDialing({ campaign: 1003, group: 503, target: 201, dialing: { mode: 11, optimizeBy: 2, goal: 4 } })`)
	p.wait(`heard.includes("1003,503,201,CM_GCS_Running,Reminders,Voice platform,11,4")`)
	if s := d.simGroup(1003, 503).Status; s != "CM_GCS_Running" {
		t.Errorf("the simulator has %s", s)
	}
	// A listening agent hears nothing beyond the agent's rights, and nothing fails.
	p.connected("agent", `{ token: "agent=Di", default: false }`)
	p.eval(`window.failures = []; agent.on("error", (e) => failures.push(e.message)); agent.on("campaign", () => {}); agent.on("directory", () => {}); agent.on("sequence", () => {})`)
	p.result(`agent.doNotCall({ phone: "5550000001" })`)
	if f := get[[]string](p, `failures`); len(f) != 0 {
		t.Errorf("errors: %q", f)
	}
	p.clean()
}

// TestAPIDefault: which connection an element uses.
func TestAPIDefault(t *testing.T) {
	together(t)
	_, p := apiPage(t, `<commdn-dnc id="a" phone="5550000001" confirm="off"></commdn-dnc><commdn-dnc id="b" phone="5550000002" confirm="off"></commdn-dnc><commdn-status id="s" detail="full"></commdn-status>`,
		countSockets+label+`window.whose = (id) => document.getElementById(id).connection;`)
	p.wait(`label("a") && label("b")`)
	p.wait(`open() === 1`) // the implicit one

	p.run("the first connect takes over", func(t *testing.T) {
		p.connected("first", `{ token: "agent=First" }`)
		p.wait(`open() === 1`)
		p.wait(`deep("s", "*").parentNode.textContent.includes("First")`)
		if !get[bool](p, `whose("a") === null`) {
			t.Error("an element without a connection of its own has one")
		}
	})
	p.run("a second one does not", func(t *testing.T) {
		p.connected("second", `{ token: "agent=Second" }`)
		p.eval(`window.by = { first: 0, second: 0 }; for (const n in by) window[n].on("request", (d) => { if (d.ok) by[n]++ })`)
		p.click("a", "button", 1)
		p.wait(`by.first === 1`)
		if n := get[int](p, `by.second`); n != 0 {
			t.Error("the second connection was used")
		}
	})
	p.run("an element of its own", func(t *testing.T) {
		p.eval(`document.getElementById("b").connection = second; document.getElementById("b").connection = second`)
		p.wait(`whose("b") === second && label("b")`)
		p.click("b", "button", 1)
		p.wait(`by.second === 1`)
		p.eval(`const c = document.createElement("commdn-dnc"); c.id = "c"; c.connection = second; c.setAttribute("phone", "5550000003"); c.confirm = "off"; document.body.append(c)`)
		p.wait(`deep("c", "button")`)
		p.click("c", "button", 1)
		p.wait(`by.second === 2`)
	})
	p.run("default: true takes over", func(t *testing.T) {
		p.connected("third", `{ token: "agent=Third", default: true }`)
		p.wait(`deep("s", "*").parentNode.textContent.includes("Third")`)
		p.eval(`by.third = 0; third.on("request", (d) => { if (d.ok) by.third++ }); document.getElementById("a").setAttribute("phone", "5550000004")`)
		p.wait(`label("a").includes("5550000004")`)
		p.click("a", "button", 1)
		p.wait(`by.third === 1`)
		if n := get[int](p, `by.first`); n != 1 {
			t.Errorf("the first connection has made %d requests", n)
		}
	})
	p.run("destroyed", func(t *testing.T) {
		p.eval(`second.destroy()`)
		for _, id := range []string{"b", "c"} {
			p.wait(`deep(%q, "[role=alert]")?.textContent === "Not connected."`, id)
		}
		if s := p.text("a", "[role=alert]"); s != "(absent)" {
			t.Errorf("an element of another connection says %q", s)
		}
		p.eval(`third.destroy()`)
		p.wait(`deep("a", "[role=alert]")?.textContent === "Not connected." && deep("s", "[role=alert]")`)
		if get[bool](p, `whose("b") !== second`) {
			t.Error("the element has lost what it was given")
		}
	})
	p.run("and again", func(t *testing.T) {
		p.eval(`document.getElementById("b").connection = null; document.getElementById("c").connection = first`)
		p.wait(`deep("c", "button:not(:disabled)") && deep("b", "[role=alert]")`)
		p.connected("fourth", `{ token: "agent=Fourth" }`)
		p.wait(`deep("b", "button") && deep("a", "button") && deep("s", "*").parentNode.textContent.includes("Fourth")`)
		p.eval(`document.getElementById("b").setAttribute("phone", "5550000005")`)
		p.wait(`label("b").includes("5550000005")`)
		p.eval(`by.fourth = 0; fourth.on("request", (d) => { if (d.ok) by.fourth++ })`)
		p.click("b", "button", 1)
		p.wait(`by.fourth === 1`)
		p.wait(`open() === 2`)
	})
	p.run("connected and destroyed at once", func(t *testing.T) {
		p.eval(`fourth.destroy(); for (let i = 0; i < 20; i++) api.connect({ token: "agent=" + i }).destroy(); window.last = api.connect({ token: "agent=Last" })`)
		p.wait(`deep("s", "*").parentNode.textContent.includes("Last") && open() === 2`)
	})
	p.clean()
}

// TestAPICycles: 200 short connections leave nothing behind.
func TestAPICycles(t *testing.T) {
	together(t)
	d, p := apiPage(t, "", countSockets)
	p.connected("h", `{ token: "agent=Ann" }`)
	const cycles, part = 200, 25 // one evaluation has to end within the patience
	for from := 0; from < cycles; from += part {
		left := get[string](p, `(async () => {
			for (let i = %d; i < %d; i++) {
				const one = api.connect({ getToken: async () => "agent=Ann " + i, default: i %% 3 === 0 });
				const ends = [one.on("status", () => {}), one.on("campaign", () => {}), one.on("request", () => {})];
				if (i %% 4 === 0) await one.ready;
				else if (i %% 4 === 1) one.ready.catch(() => {});
				const asked = i %% 2 && one.doNotCall({ phone: "5550000" + i }, { signal: new AbortController().signal }).catch((e) => e.name);
				if (i %% 4 === 2) await one.directory();
				if (i %% 8 < 4) for (const end of ends) end();
				one.destroy();
				const how = asked && (await asked);
				if (how && how !== "ClosedError") return "cycle " + i + ": " + how;
			}
			return "";
		})()`, from, from+part)
		if left != "" {
			t.Error(left)
		}
	}
	p.wait(`open() === 1`)
	if n := get[int](p, `sockets.length`); n < 50 {
		t.Errorf("%d sockets were opened: the cycles did nothing", n)
	}
	p.eval(`h.destroy()`)
	p.wait(`open() === 0`)
	p.connected("h", `{ token: "agent=Ann" }`)
	p.result(`h.doNotCall({ phone: "5551234567" })`)
	if d.on("5551234567") != 1 {
		t.Error("after the cycles nothing works")
	}
}
