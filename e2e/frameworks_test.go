package e2e

import (
	"io/fs"
	"strings"
	"testing"
)

// lateLoading is the text of a page of an example without its first script, the plugin's.
func lateLoading(t testing.TB, dist fs.FS) files {
	t.Helper()
	out := files{}
	entries, err := fs.ReadDir(dist, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := fs.ReadFile(dist, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(text)
	}
	const first = `<script type="module" src="http://localhost:8080/commdn.js"></script>`
	if !strings.Contains(out["index.html"], first) {
		t.Fatal("the page does not load the plugin first")
	}
	out["late.html"] = strings.Replace(out["index.html"], first, "", 1)
	return out
}

// callerShown waits until the app shows the button for a number.
func (p *page) callerShown(phone string) {
	p.t.Helper()
	p.wait(`dnc()?.shadowRoot?.querySelector(".main")?.textContent.includes(%q)`, phone)
}

// blocked presses the button, confirms, and waits for the app's own text.
func (p *page) blocked(phone string) {
	p.t.Helper()
	p.wait(`dnc().shadowRoot.querySelector(".main:not(:disabled)")`)
	p.eval(`dnc().shadowRoot.querySelector(".main").click()`)
	p.wait(`dnc().shadowRoot.querySelector("[part~=confirm-button]")`)
	// As an agent, who needs a moment to read.
	get[bool](p, `new Promise((r) => setTimeout(r, 500)).then(() => true)`)
	p.eval(`dnc().shadowRoot.querySelector("[part~=confirm-button]").click()`)
	p.wait(`app().textContent.includes(%q)`, phone+": on the list")
}

// inDesk works in an example's app, <desk-app>, as an agent does: in each of its builds,
// and also where the plugin comes after the app. root is the JavaScript of what holds the
// app's elements.
func inDesk(t *testing.T, dir, root string, builds ...string) {
	t.Helper()
	s := serve(t, lateLoading(t, npmBuild(t, dir, npmKept)).fs(), "")
	d := startDemo(t, "--origin", s.origin)
	for _, build := range builds {
		for _, name := range []string{"index.html", "late.html"} {
			t.Run(build+" "+name, func(t *testing.T) {
				p := openAfter(t, `window.app = () => `+root+`; window.dnc = () => app()?.querySelector("commdn-dnc"); window.seq = () => app()?.querySelector("commdn-sequence")`, s.show(d, "/"+name+"?"+build), "")
				p.wait(`dnc()`)
				if name == "late.html" {
					get[bool](p, `import(%q).then(() => true)`, d.url()+"commdn.js")
				}
				p.callerShown("5551234567")
				if !get[bool](p, `dnc().getAttribute("customer-id") === "C-1042" && seq().readonly && seq().hasAttribute("readonly")`) {
					t.Errorf("the app has made %s", get[string](p, `app().innerHTML`))
				}
				p.blocked("5551234567")
				p.eval(`app().querySelector(".next").click()`)
				p.callerShown("5550133019")
				if !get[bool](p, `!dnc().hasAttribute("customer-id") && !seq().hasAttribute("readonly")`) {
					t.Errorf("the next call: %s", get[string](p, `app().innerHTML`))
				}
				p.blocked("5550133019")
				p.eval(`app().querySelector(".end").click()`)
				p.wait(`!dnc()`)
				p.clean()
			})
		}
	}
}

func TestExampleLWC(t *testing.T) {
	together(t)
	inDesk(t, "../web/examples/lwc", `document.querySelector("desk-app")?.shadowRoot`,
		"development-native", "development-synthetic", "production-native", "production-synthetic")
}

func TestExampleAngular(t *testing.T) {
	together(t)
	inDesk(t, "../web/examples/angular", `document.querySelector("desk-app")`, "zone", "zoneless")
}
