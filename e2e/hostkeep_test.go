package e2e

import (
	"encoding/json"
	"testing"
	"time"
)

// TestHostKeep: an element that a framework removes and creates again goes on where the
// one before was, if both have the same keep.
func TestHostKeep(t *testing.T) {
	together(t)
	d, p := hostPage(t, `<div id="view"></div>`, `import * as api from "http://localhost:8080/commdn.js"; window.h = api.connect();
		window.events = [];
		document.addEventListener("commdn-result", (e) => events.push(e.target.mark + " " + e.detail.phone + " " + e.detail.state));
		window.view = document.getElementById("view");
		window.create = (mark, properties, tag = "commdn-dnc") => view.appendChild(Object.assign(document.createElement(tag), { id: "e", mark, confirm: "off" }, properties));
		window.main = () => deep("e", ".main")?.textContent ?? "";
		window.heard = [];
		h.on("request", (d) => heard.push(d.phone + " " + d.state));`)
	get[bool](p, `h.ready.then(() => true)`)

	p.run("the answer comes later", func(t *testing.T) {
		d.fails(json.RawMessage(`{"do": "delay", "phone": "5550000100", "latency": "2s"}`))
		p.eval(`create("one", { phone: "5550000100", keep: "call" })`)
		p.wait(`main().includes("5550000100")`)
		p.eval(`deep("e", ".main").click()`)
		p.wait(`deep("e", ".line")`)
		p.eval(`view.replaceChildren(); create("two", { phone: "5550000100", keep: "call" })`)
		p.wait(`deep("e", ".line") && getComputedStyle(deep("e", ".main")).borderTopLeftRadius === "6px"`)
		p.wait(`deep("e", ".line.done")`)
		p.wait(`events.join() === "two 5550000100 done"`)
		if s := get[string](p, `heard.filter((h) => !h.endsWith(" sending")).join()`); s != "5550000100 done" {
			t.Errorf("the handle heard %s", s)
		}
	})
	p.run("the answer comes while there is none", func(t *testing.T) {
		p.eval(`events.length = 0; document.getElementById("e").phone = "5550000101"`)
		p.wait(`main().includes("5550000101")`)
		p.eval(`deep("e", ".main").click(); view.replaceChildren()`)
		for deadline := time.Now().Add(patience); d.on("5550000101") == 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the request did not go on without its element")
			}
		}
		p.wait(`heard.includes("5550000101 done")`) // on the handle, though no element shows it
		if s := get[string](p, `events.join()`); s != "" {
			t.Errorf("an element that is gone told %s", s)
		}
		p.eval(`create("three", { phone: "5550000102", keep: "call" })`)
		p.wait(`main().includes("5550000102") && events.join() === "three 5550000101 done"`)
		if s := p.text("e", ".main"); s != "Do not call 5550000102" {
			t.Errorf("the button says %q", s)
		}
		p.eval(`document.getElementById("e").phone = "5550000103"`)
		p.wait(`main().includes("5550000103")`)
		p.eval(`deep("e", ".main").click()`)
		p.wait(`events.at(-1) === "three 5550000103 done"`)
	})
	p.run("the same element again", func(t *testing.T) {
		p.eval(`window.e = document.getElementById("e"); e.remove()`)
		p.wait(`e.shadowRoot.childNodes.length === 0`)
		p.eval(`view.append(e)`)
		p.wait(`deep("e", ".line.done")`)
	})
	p.run("another name, and none", func(t *testing.T) {
		for _, properties := range []string{`{ phone: "5550000104", keep: "other" }`, `{ phone: "5550000104" }`} {
			p.eval(`view.replaceChildren(); create("four", %s)`, properties)
			p.wait(`main().includes("5550000104")`)
			if get[bool](p, `deep("e", ".line") !== null`) {
				t.Errorf("%s took over", properties)
			}
		}
	})
	p.run("the draft of a sequence", func(t *testing.T) {
		p.eval(`view.replaceChildren(); create("s", { group: 501, keep: "draft" }, "commdn-sequence")`)
		p.wait(`[...(document.getElementById("e").shadowRoot.querySelectorAll("button"))].some((b) => b.textContent.includes("Add"))`)
		p.eval(`[...document.getElementById("e").shadowRoot.querySelectorAll("button")].find((b) => b.textContent.includes("Add")).click()`)
		p.wait(`deep("e", "[part~=item]")`)
		p.eval(`view.replaceChildren(); setTimeout(() => create("s2", { group: 501, keep: "draft" }, "commdn-sequence"), 100)`)
		p.wait(`document.getElementById("e")?.mark === "s2" && deep("e", "[part~=item]")`)
		p.eval(`document.getElementById("e").group = 502`)
	})
	p.run("a connection that is gone keeps nothing", func(t *testing.T) {
		p.eval(`view.replaceChildren(); create("six", { phone: "5550000104", keep: "call" })`)
		p.wait(`main().includes("5550000104")`)
		p.eval(`view.replaceChildren()`)
		get[bool](p, `new Promise((r) => setTimeout(r)).then(() => true)`)
		p.eval(`h.destroy(); create("seven", { phone: "5550000104", keep: "call" })`)
		p.wait(`deep("e", "[role=alert]")?.textContent.includes("Not connected")`)
	})
	p.clean()
}
