package e2e

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// example opens an example page from another origin than the relay's, under a policy that
// the page itself does not bring.
func example(t *testing.T, dir, policy string) (*demo, *page) {
	t.Helper()
	s := serve(t, os.DirFS("../web/examples/"+dir), policy)
	d := restartable(t, "--origin", s.origin, "--parent", s.origin)
	p := open(t, s.show(d, "/"), "")
	if origin := get[string](p, `location.origin`); origin == strings.TrimSuffix(d.url(), "/") {
		t.Fatal("the page is of the relay's own origin")
	}
	return d, p
}

// confirmed clicks an element's button and confirms.
func (p *page) confirmed(id string) {
	p.t.Helper()
	p.wait(`deep(%q, "[part~=base] button:not(:disabled)")`, id)
	p.click(id, "[part~=base] button", 1)
	p.wait(`deep(%q, "[part~=confirm-button]")`, id)
	p.click(id, "[part~=confirm-button]", 1)
}

// drawn waits until elements are drawn and usable.
func (p *page) drawn(ids ...string) {
	p.t.Helper()
	p.wait(`%s.every((id) => deep(id, "[part~=base]")?.checkVisibility() && !deep(id, ".hint"))`, literal(ids))
}

// says waits for a text in the page.
func (p *page) says(id, text string) {
	p.t.Helper()
	p.wait(`document.getElementById(%q).textContent.includes(%q)`, id, text)
}

func TestExamplePlain(t *testing.T) {
	together(t)
	d, p := example(t, "plain", "")
	p.drawn("dnc")
	p.shot("example-plain", "body")
	p.confirmed("dnc")
	p.says("result", "5551234567 is on the list")
	if l := d.list(); !onlyChain(l) {
		t.Errorf("the list is %+v", l)
	}
	p.eval(`document.getElementById("dnc").setAttribute("phone", "5550100010")`)
	p.confirmed("dnc")
	p.says("result", "CM_ERROR_INVALID_PARAMETER")
	p.clean()
}

func TestExampleOtherOrigin(t *testing.T) {
	together(t)
	d, p := example(t, "other-origin", "")
	p.wait(`deep("cancel", "button") && document.getElementById("status").shadowRoot.textContent.includes("onnected")`)
	p.says("tokens", "1")
	p.drawn("cancel", "status")
	p.shot("example-other-origin", "body")
	p.click("block", "", 1)
	p.says("result", "5550104477 is on the list")
	if d.on("5550104477") != 1 {
		t.Errorf("the list is %+v", d.list())
	}
	p.confirmed("cancel")
	p.wait(`e2e.events.some((e) => e.type === "commdn-result" && e.id === "cancel" && e.ok)`)
	p.clean()

	// Another connection, another token; the page says what it cannot request.
	d.kill()
	p.wait(`document.getElementById("status").shadowRoot.textContent.toLowerCase().includes("not connected")`)
	d.start()
	p.wait(`Number(document.getElementById("tokens").textContent) >= 2`) // once per attempt
	// The light moves what is below it: a click before would miss the button.
	p.wait(`(t => t.includes("Connected") && !t.includes("Not connected"))(document.getElementById("status").shadowRoot.textContent)`)
	d.fails(json.RawMessage(`{"do": "refuse", "phone": "5550104477", "error": "CM_ERROR_INVALID_PARAMETER"}`))
	p.click("block", "", 1)
	p.says("result", "OCS refused: CM_ERROR_INVALID_PARAMETER")
}

func TestExampleStrictPolicy(t *testing.T) {
	together(t)
	d, p := example(t, "strict-csp", "")
	p.drawn("dnc")
	p.shot("example-strict-csp", "body")
	p.confirmed("dnc")
	p.wait(`e2e.events.some((e) => e.type === "commdn-result" && e.ok)`)
	if d.on("5551234567") != 1 {
		t.Errorf("the list is %+v", d.list())
	}
	if s := get[string](p, `document.getElementById("violations").textContent`); s != "0" {
		t.Errorf("violations: %s", s)
	}
	if c := get[string](p, `getComputedStyle(document.getElementById("dnc")).getPropertyValue("--commdn-accent").trim()`); c != "#0b6561" {
		t.Errorf("the page's style is not there: %q", c)
	}
	p.clean()
	// The policy is in force: the page counts what it blocks.
	p.eval(`try { document.body.innerHTML += "" } catch {}`)
	p.says("violations", "1, the last: require-trusted-types-for")
}

func TestExampleReact(t *testing.T) {
	together(t)
	dist := npmBuild(t, "../web/examples/react", npmKept)
	// The policy of a bundled app: no inline script and no eval.
	s := serve(t, dist, "default-src 'none'; script-src 'self' http://localhost:8080 'wasm-unsafe-eval'; connect-src http://localhost:8080 ws://localhost:8080; img-src http://localhost:8080; style-src 'self'")
	d := startDemo(t, "--origin", s.origin)
	p := openAfter(t, `window.sockets = []; window.WebSocket = class extends WebSocket { constructor(...a) { super(...a); sockets.push(this) } };`, s.show(d, "/"), "")
	p.wait(`document.getElementById("connection")?.textContent === "connected"`)
	// StrictMode mounts twice: the first connection is gone.
	p.wait(`sockets.filter((s) => s.readyState < 2).length === 1`)

	p.wait(`deep("dnc", "button")?.textContent.includes("5551234567")`)
	p.drawn("dnc")
	p.shot("example-react", "body")
	p.confirmed("dnc")
	p.says("results", "5551234567: on the list")
	if l := d.list(); !onlyChain(l) {
		t.Errorf("the list is %+v", l)
	}
	p.click("next", "", 1)
	p.wait(`deep("dnc", "button").textContent.includes("5550133019")`)
	if get[bool](p, `document.getElementById("dnc").hasAttribute("disabled") || document.getElementById("dnc").customerId !== ""`) {
		t.Errorf("attributes of the next call: %s", get[string](p, `document.getElementById("dnc").outerHTML`))
	}
	p.click("asking", "", 1)
	p.wait(`document.getElementById("dnc").confirm === "off"`)
	p.click("dnc", "[part~=base] button", 1)
	p.says("results", "5550133019: on the list")
	if n := get[int](p, `document.querySelectorAll("#results li").length`); n != 2 {
		t.Errorf("%d results: a listener that was given twice, or too late", n)
	}
	// An element that is removed inside its own event, as by an app that goes to the next
	// view.
	p.eval(`document.getElementById("dnc").addEventListener("commdn-state", () => document.getElementById("app").remove(), { once: true })`)
	p.click("next", "", 1)
	p.wait(`deep("dnc", "button").textContent === "On the Do Not Call list"`)
	p.eval(`document.getElementById("dnc").phone = "5550133020"`)
	p.wait(`deep("dnc", "button").textContent.includes("5550133020")`)
	p.click("dnc", "[part~=base] button", 1)
	p.wait(`!document.getElementById("app")`)
	p.clean()
}

func TestExampleFrame(t *testing.T) {
	together(t)
	d, p := example(t, "iframe", "default-src 'none'; script-src 'self'; style-src 'self'; img-src http://localhost:8080; frame-src http://localhost:8080; connect-src 'none'")
	p.says("said", "ready: commdn-dnc")
	p.wait(`document.getElementById("frame").offsetHeight !== 48`) // as high as its content
	p.eval(`addEventListener("message", (e) => { if (e.data.type === "state") window.state = e.data });
		window.asking = setInterval(() => frames[0].postMessage({ commdn: 1, type: "get" }, new URL(document.getElementById("frame").src).origin), 50)`)
	p.wait(`window.state?.status.state === "connected"`) // by then the element is drawn
	p.eval(`clearInterval(asking)`)
	p.shot("example-iframe", "body")
	p.click("ask", "", 1)
	p.says("result", "5550104477 is on the list")
	p.click("next", "", 1)
	// The message is on its way; the answer to another one comes after it.
	p.eval(`state = null; frames[0].postMessage({ commdn: 1, type: "get" }, new URL(document.getElementById("frame").src).origin)`)
	p.wait(`window.state?.attributes.phone === "5550133019" && !("customer-id" in state.attributes)`)
	height := get[float64](p, `document.getElementById("frame").offsetHeight`)
	// Into the frame as an agent does: with the mouse.
	p.clickFrame("frame")
	p.says("said", "commdn-state: confirming")
	p.wait(`document.getElementById("frame").offsetHeight > %v`, height)
	p.unhurried()
	p.backTab() // from the way back
	p.key("\r")
	p.says("said", "commdn-result: done")
	if d.on("5550133019") != 1 || d.on("5550104477") != 1 {
		t.Errorf("the list is %+v", d.list())
	}
	p.clean()
}
