package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"commdn/web"
)

// TestHostIsInTheWay treats elements as host pages do, partly inside the elements' own
// events.
func TestHostIsInTheWay(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAgent(t, d)
	add := func(id, phone string) {
		p.eval(`const e = document.createElement("commdn-dnc"); e.id = %q; e.setAttribute("phone", %q); e.setAttribute("confirm", "off"); document.querySelector(".side").append(e)`, id, phone)
		p.wait(`deep(%q, ".main")`, id)
	}

	p.run("an attribute set inside our event", func(t *testing.T) {
		add("reentrant", "5550000100")
		p.eval(`document.getElementById("reentrant").addEventListener("commdn-state", (e) => e.target.setAttribute("label", "In " + e.detail.state), { once: true })`)
		p.click("reentrant", ".main", 1)
		p.wait(`deep("reentrant", ".line.done")`)
		p.eval(`document.getElementById("reentrant").setAttribute("phone", "5550000101")`)
		p.wait(`deep("reentrant", ".main").textContent === "In sending 5550000101"`)
	})
	p.run("removed inside its own event", func(t *testing.T) {
		add("leaving", "5550000200")
		p.eval(`document.getElementById("leaving").addEventListener("commdn-state", (e) => { window.left = e.target; e.target.remove() }, { once: true })`)
		p.click("leaving", ".main", 1)
		p.wait(`window.left && left.shadowRoot.childNodes.length === 0`)
		// The request was in flight: it goes on without the element.
		p.until(`fetch("sim/api/dnc").then((r) => r.json()).then((l) => l.some((e) => e.phone === "5550000200"))`)
		p.eval(`document.querySelector(".side").append(left)`)
		p.wait(`deep("leaving", ".main").textContent === "On the Do Not Call list"`) // by this session
	})
	p.run("moved, it keeps its state", func(t *testing.T) {
		add("moving", "5550000300")
		p.click("moving", ".main", 1)
		p.wait(`deep("moving", ".line.done")`)
		p.eval(`document.querySelector(".trace").append(document.getElementById("moving"))`)
		if s := p.text("moving", ".main"); s != "On the Do Not Call list" {
			t.Errorf("after the move: %q", s)
		}
		p.eval(`document.getElementById("moving").setAttribute("phone", "5550000301")`)
		p.wait(`deep("moving", ".main").textContent === "Do not call 5550000301"`)
	})
	p.run("disabled and enabled", func(t *testing.T) {
		add("gated", "5550000400")
		p.eval(`document.getElementById("gated").setAttribute("disabled", "")`)
		p.wait(`deep("gated", ".main").disabled === true`)
		p.click("gated", ".main", 1)
		p.eval(`document.getElementById("gated").removeAttribute("disabled")`)
		p.wait(`deep("gated", ".main").disabled === false && !deep("gated", ".main").hasAttribute("disabled")`)
		if n := d.on("5550000400"); n != 0 {
			t.Error("a disabled element sent")
		}
	})
	p.run("markup is text", func(t *testing.T) {
		add("markup", `<img src=x onerror=alert(1)><script>alert(2)</script>`)
		p.wait(`deep("markup", ".hint").textContent === "Number: “<” at position 1 does not belong there"`)
		p.eval(`const e = document.getElementById("markup"); e.customerId = e.phone; e.phone = "5550000450"`)
		p.click("markup", ".main", 1)
		p.wait(`deep("markup", ".line.done")`)
		if n := get[int](p, `document.getElementById("markup").shadowRoot.querySelectorAll("img, script").length`); n != 0 {
			t.Error("a phone became markup")
		}
		if s := p.text("markup", ".line .text"); !strings.Contains(s, "<script>alert(2)</script>") {
			t.Errorf("shown as %q", s)
		}
	})
	p.run("nonsense", func(t *testing.T) {
		add("nonsense", strings.Repeat("☎️", 5000)) // 10,000 characters
		p.wait(`deep("nonsense", ".main").disabled && deep("nonsense", ".hint").textContent === "Number: Give one phone number of 3 to 25 digits"`)
		p.eval(`document.getElementById("nonsense").setAttribute("phone", "5550000500"); document.getElementById("nonsense").setAttribute("chain", "Everything")`)
		p.wait(`deep("nonsense", ".main").disabled && deep("nonsense", ".hint").textContent === "chain can be AllChain or RecordOnly, not Everything"`)
	})
	p.run("fifty come and go", func(t *testing.T) {
		p.eval(`window.many = [...Array(50).keys()].map((i) => { const e = document.createElement("commdn-dnc"); e.id = "many" + i; e.setAttribute("phone", "55511" + i); document.body.append(e); return e })`)
		p.wait(`many.every((e) => e.shadowRoot.querySelector(".main")?.textContent === "Do not call " + e.getAttribute("phone"))`)
		p.eval(`many.forEach((e) => e.remove())`)
		p.wait(`many.every((e) => e.shadowRoot.childNodes.length === 0)`)
	})
	p.run("host styles stay outside, ours inside", func(t *testing.T) {
		before := get[string](p, `getComputedStyle(deep("dnc", ".main")).backgroundColor`)
		p.eval(`const s = new CSSStyleSheet(); s.replaceSync("button, .main, .dnc { background: lime !important; font-size: 40px !important }"); document.adoptedStyleSheets = [s]`)
		if after := get[string](p, `getComputedStyle(deep("dnc", ".main")).backgroundColor`); after != before {
			t.Errorf("the host's style changed our button from %s to %s", before, after)
		}
		if n := get[int](p, `document.head.querySelectorAll("style").length`); n != 0 {
			t.Errorf("%d style elements in the host's head", n)
		}
	})
	p.run("no globals", func(t *testing.T) {
		own := get[[]string](p, `(() => { const f = document.createElement("iframe"); document.body.append(f); const known = new Set(Object.getOwnPropertyNames(f.contentWindow)); f.remove(); return Object.getOwnPropertyNames(window).filter((k) => !known.has(k) && isNaN(k)) })()`)
		for _, name := range own {
			switch name {
			case "e2e", "deep", "left", "many": // this test's own
			default:
				t.Errorf("a global of ours: %s", name)
			}
		}
	})
	p.clean()
}

// TestOutOfOrder: under a policy without WebAssembly the page shows that nothing works,
// instead of a button that does nothing.
func TestOutOfOrder(t *testing.T) {
	together(t)
	files := http.FileServerFS(web.Files())
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/host.html" {
			files.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
		fmt.Fprint(w, `<!doctype html><title>host</title><script type="module" src="commdn.js"></script><commdn-dnc id="dnc" phone="112"></commdn-dnc>`)
	}))
	defer host.Close()
	p := open(t, host.URL+"/host.html", "")
	p.wait(`deep("dnc", "[role=alert]")?.textContent.includes("out of order")`)
	p.eval(`document.body.append(Object.assign(document.createElement("commdn-dnc"), { id: "late" }))`)
	p.wait(`deep("late", "[role=alert]")`)
	p.wait(`e2e.events.some((e) => e.id === "late" && e.state === "out-of-order")`)
}
