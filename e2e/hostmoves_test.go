package e2e

import (
	"strings"
	"testing"
)

// dressed says whether an element has our styles where it is: its button is not the
// browser's.
const dressed = `window.dressed = (el) => {
	const b = el.shadowRoot.querySelector(".main"), s = b && el.ownerDocument.defaultView?.getComputedStyle(b);
	return !!s && s.borderTopLeftRadius === "6px" && el.shadowRoot.adoptedStyleSheets.length > 2;
};`

// TestHostOtherDocuments: elements move into a panel of their own window and back. They
// keep state and styles, and whatever becomes of one, the others go on.
func TestHostOtherDocuments(t *testing.T) {
	together(t)
	d, p := hostPage(t, `<div id="home"><commdn-dnc id="dnc" phone="5550000100" confirm="off"></commdn-dnc><commdn-status id="status"></commdn-status><commdn-dnc id="other" phone="5550000102" confirm="off"></commdn-dnc></div>
		<iframe id="panel" src="about:blank"></iframe>`, dressed+`
		import * as api from "http://localhost:8080/commdn.js"; window.api = api;
		window.dnc = document.getElementById("dnc"); window.home = document.getElementById("home");
		window.panel = () => document.getElementById("panel").contentDocument.body;
		dnc.addEventListener("commdn-result", (e) => { window.heard = e.detail.phone });`)
	p.wait(`deep("dnc", ".main") && deep("other", ".main") && document.getElementById("status").shadowRoot.textContent.includes("Connected")`)
	p.wait(`dressed(dnc)`)
	inside := func(expression string) { t.Helper(); p.wait(`((el) => %s)(dnc)`, expression) }

	p.run("there and back", func(t *testing.T) {
		p.eval(`panel().append(dnc)`)
		inside(`el.ownerDocument !== document && dressed(el)`)
		p.eval(`dnc.shadowRoot.querySelector(".main").click()`)
		p.wait(`window.heard === "5550000100"`)
		inside(`el.shadowRoot.querySelector(".line.done")`)
		p.eval(`home.append(dnc)`)
		inside(`el.ownerDocument === document && dressed(el) && el.shadowRoot.querySelector(".line.done")`)
		p.eval(`dnc.remove(); panel().append(dnc)`)
		inside(`dressed(el)`)
	})
	p.run("removed for longer", func(t *testing.T) {
		p.eval(`dnc.remove()`)
		p.wait(`dnc.shadowRoot.childNodes.length === 0`)
		p.eval(`panel().append(dnc); dnc.phone = "5550000101"`)
		inside(`dressed(el) && el.shadowRoot.querySelector(".main").textContent.includes("5550000101")`)
	})
	p.run("new in there", func(t *testing.T) {
		p.eval(`window.fresh = document.createElement("commdn-dnc"); fresh.phone = "5550000103"; panel().append(fresh)`)
		p.wait(`fresh.shadowRoot.querySelector(".main") && dressed(fresh)`)
		p.eval(`fresh.remove()`)
	})
	p.run("light and dark of the panel, and its language", func(t *testing.T) {
		p.eval(`panel().style.backgroundColor = "#000000"; panel().parentNode.lang = "de"`)
		inside(`el.ownerDocument.defaultView.getComputedStyle(el).colorScheme === "dark" && el.shadowRoot.textContent.includes("Nicht anrufen")`)
		p.eval(`home.append(dnc)`)
		inside(`getComputedStyle(el).colorScheme !== "dark" && el.shadowRoot.textContent.includes("Do not call")`)
	})
	p.run("the panel goes, with it inside", func(t *testing.T) {
		p.eval(`panel().append(dnc)`)
		inside(`dressed(el)`)
		p.eval(`document.getElementById("panel").remove(); api.connect().destroy()`)
		p.eval(`document.getElementById("other").lang = "fr"`)
		p.eval(`home.append(dnc); window.h = api.connect()`)
		inside(`dressed(el) && el.shadowRoot.querySelector(".main")?.textContent.includes("5550000101")`)
		p.wait(`deep("other", ".main") && document.getElementById("status").shadowRoot.textContent.includes("Connected")`)
	})
	p.run("the panel is taken back", func(t *testing.T) {
		p.eval(`const f = Object.assign(document.createElement("iframe"), { id: "panel" }); document.body.append(f); panel().append(dnc);
			f.contentWindow.addEventListener("pagehide", () => home.append(dnc)); window.f = f`)
		inside(`dressed(el)`)
		p.eval(`f.remove()`)
		inside(`el.ownerDocument === document && dressed(el) && el.shadowRoot.querySelector(".main")`)
	})
	if d.on("5550000100") != 1 {
		t.Errorf("the list is %+v", d.list())
	}
	p.clean()
}

// TestHostWindow: an element in a window of its own, which then closes.
func TestHostWindow(t *testing.T) {
	together(t)
	for name, open := range map[string]string{
		"popup":              `w = window.open("", "", "popup,width=500,height=300")`,
		"picture in picture": `documentPictureInPicture.requestWindow({ width: 500, height: 300 }).then((made) => { w = made })`,
	} {
		t.Run(name, func(t *testing.T) {
			together(t)
			d, p := hostPage(t, `<div id="home"><commdn-dnc id="dnc" phone="5550000100" confirm="off"></commdn-dnc><button id="open">Open</button></div>`, dressed+`
				import "http://localhost:8080/commdn.js";
				window.w = null;
				document.getElementById("open").onclick = () => { `+open+` };
				window.dnc = document.getElementById("dnc"); window.home = document.getElementById("home");`)
			p.wait(`deep("dnc", ".main") && dressed(dnc)`)
			p.click("open", "", 1) // without a click the browser opens none
			p.wait(`window.w`)
			p.eval(`w.document.body.append(dnc)`)
			p.wait(`dnc.ownerDocument === w.document && dressed(dnc)`)
			p.eval(`dnc.phone = "5550000101"`)
			p.wait(`dnc.shadowRoot.querySelector(".main").textContent.includes("5550000101")`)
			p.eval(`dnc.shadowRoot.querySelector(".main").click()`)
			p.wait(`dnc.shadowRoot.querySelector(".line.done")`)
			p.eval(`w.close()`)
			p.wait(`w.closed && dnc.shadowRoot.childNodes.length === 0`)
			p.eval(`home.append(dnc)`)
			p.wait(`dressed(dnc) && deep("dnc", ".main").textContent === "On the Do Not Call list"`)
			if d.on("5550000101") != 1 {
				t.Errorf("the list is %+v", d.list())
			}
			p.clean()
		})
	}
}

// TestHostOneFails: an element whose drawing fails does not keep the others from saying
// that the program has ended, or from being drawn anew.
func TestHostOneFails(t *testing.T) {
	together(t)
	_, p := hostPage(t, `<commdn-dnc id="bad" phone="112"></commdn-dnc><commdn-status id="status"></commdn-status>`,
		breakTimers+`import * as api from "http://localhost:8080/commdn.js"; window.h = api.connect(); window.bad = document.getElementById("bad");`)
	p.wait(`deep("bad", ".main") && document.getElementById("status").shadowRoot.textContent.includes("Connected")`)
	// Whatever gives this one style sheets fails.
	p.eval(`Object.defineProperty(bad.shadowRoot, "adoptedStyleSheets", { configurable: true, get() { return [] }, set() { throw new DOMException("no", "NotAllowedError") } })`)
	p.eval(`breakTimers(); h.doNotCall({ phone: "5550000004" }, { timeout: 5000 }).catch(() => {})`)
	p.wait(`deep("status", "[role=alert]")?.textContent.includes("out of order")`)
	p.eval(`mendTimers(); h.restart()`)
	p.wait(`(t => t.includes("Connected") && !t.includes("Not connected"))(document.getElementById("status").shadowRoot.textContent)`)
	if said := strings.Join(p.said(), "\n"); !strings.Contains(said, "NotAllowedError") {
		t.Errorf("nothing tells of the failure: %s", said)
	}
}

// TestHostNewBody: a page may replace its body, as navigation without loading does, and
// its root element; theme and language are those of the new ones.
func TestHostNewBody(t *testing.T) {
	together(t)
	_, p := hostPage(t, `<commdn-dnc id="dnc" phone="112"></commdn-dnc>`, `import "http://localhost:8080/commdn.js"; window.dnc = document.getElementById("dnc")`)
	p.wait(`deep("dnc", ".main")`)
	p.eval(`const b = document.createElement("body"); b.append(dnc); document.body.replaceWith(b)`)
	p.wait(`deep("dnc", ".main")`)
	p.eval(`document.body.style.backgroundColor = "#000000"`)
	p.wait(`getComputedStyle(dnc).colorScheme === "dark"`)
	p.eval(`const html = document.createElement("html"); html.lang = "fr"; const b = document.createElement("body"); b.append(dnc); html.append(document.createElement("head"), b); document.documentElement.replaceWith(html)`)
	p.wait(`getComputedStyle(dnc).colorScheme !== "dark" && !deep("dnc", ".main").textContent.includes("Do not call")`)
	p.eval(`document.documentElement.lang = "de"`)
	p.wait(`deep("dnc", ".main").textContent.includes("Nicht anrufen")`)
	p.eval(`document.body.style.backgroundColor = "#000000"`)
	p.wait(`getComputedStyle(dnc).colorScheme === "dark"`)
	p.clean()
}

// TestHostXML: a page that is XML, and one that is an SVG picture, have elements that
// work.
func TestHostXML(t *testing.T) {
	together(t)
	html := `xmlns="http://www.w3.org/1999/xhtml"`
	s := serve(t, files{
		"start.js":   `import("http://localhost:8080/commdn.js")`, // Chromium has no module scripts in XML
		"page.xhtml": `<html ` + html + ` lang="de"><head><title>x</title><script src="start.js"></script></head><body><commdn-dnc id="dnc" phone="112"></commdn-dnc></body></html>`,
		"page.svg":   `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600"><script href="start.js"/><foreignObject width="600" height="500"><commdn-dnc ` + html + ` id="dnc" phone="112"/><commdn-sequence ` + html + ` id="seq" group="501"/></foreignObject></svg>`,
		"page.xml":   `<desk><script ` + html + ` src="start.js"></script><commdn-dnc ` + html + ` id="dnc" phone="112"/></desk>`,
	}.fs(), strings.ReplaceAll(strictPolicy, "; require-trusted-types-for 'script'", ""))
	d := startDemo(t, "--origin", s.origin)
	for _, name := range []string{"page.xhtml", "page.svg", "page.xml"} {
		t.Run(name, func(t *testing.T) {
			p := open(t, s.show(d, "/"+name), "")
			p.wait(`deep("dnc", ".main")?.namespaceURI === "http://www.w3.org/1999/xhtml" && getComputedStyle(deep("dnc", ".main")).borderTopLeftRadius === "6px"`)
			p.clean()
		})
	}
}
