package e2e

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestHostKeys: the host may focus an element, its shortcuts do not hear what somebody
// types into a field of ours, and a click on our text presses no button.
func TestHostKeys(t *testing.T) {
	together(t)
	_, p := hostPage(t, `<p id="above">above</p><commdn-dnc id="typed"></commdn-dnc><commdn-dnc id="dnc" phone="5550000100" confirm="off"></commdn-dnc><commdn-status id="status"></commdn-status><commdn-dnc id="own" tabindex="-1" phone="112"></commdn-dnc>`,
		`import "http://localhost:8080/commdn.js"; window.keys = [];
		for (const type of ["keydown", "keypress", "keyup"]) document.addEventListener(type, (e) => keys.push(type + " " + e.key + " " + e.target.id));`)
	p.wait(`deep("typed", "input") && deep("dnc", ".main") && document.getElementById("status").shadowRoot.textContent.includes("Connected")`)
	p.run("focus", func(t *testing.T) {
		p.eval(`document.getElementById("typed").focus()`)
		if !get[bool](p, `document.activeElement.id === "typed" && deep("typed", "input") === document.getElementById("typed").shadowRoot.activeElement`) {
			t.Error("focus() does not focus the first field")
		}
	})
	p.run("typed keys stay", func(t *testing.T) {
		for _, k := range []string{"d", "7", "?", " "} {
			p.key(k)
		}
		if v := get[string](p, `deep("typed", "input").value`); v != "d7? " {
			t.Errorf("typed %q", v)
		}
		if k := get[[]string](p, `keys`); len(k) != 0 {
			t.Errorf("the host heard %q", k)
		}
	})
	p.run("others leave", func(t *testing.T) {
		p.key("\x1b") // Escape
		p.wait(`keys.includes("keydown Escape typed")`)
		p.eval(`keys.length = 0; document.getElementById("dnc").focus()`)
		p.key("d") // on a button nobody types
		p.wait(`keys.includes("keydown d dnc")`)
	})
	p.run("no ring around the element, and its text can be selected", func(t *testing.T) {
		if s := get[string](p, `getComputedStyle(document.getElementById("dnc")).outlineStyle`); s != "none" {
			t.Errorf("the element has an outline %s beside the button's", s)
		}
		p.eval(`document.activeElement.blur()`)
		p.click("dnc", ".main", 1)
		p.wait(`deep("dnc", ".line.done .text")`)
		p.eval(`document.activeElement.blur()`)
		p.click("dnc", ".line.done .text", 2)
		if s := get[string](p, `getSelection().toString()`); s == "" {
			t.Error("a double click selects nothing")
		}
		if get[bool](p, `document.activeElement.id === "dnc"`) {
			t.Error("a click on a text puts the focus on a button")
		}
		// The form with an open field, beside it: a click on its label is no such click.
		p.eval(`document.activeElement.blur()`)
		p.click("typed", "label", 1)
		if !get[bool](p, `document.activeElement.id === "typed"`) {
			t.Error("a click on a label focuses nothing")
		}
	})
	if get[bool](p, `document.getElementById("status").hasAttribute("tabindex") || document.getElementById("own").getAttribute("tabindex") !== "-1"`) {
		t.Error("tabindex of what has no control, or has the host's")
	}
	p.clean()
}

// TestHostModal: a modal dialog of jQuery UI keeps Tab inside, and every control of ours in
// it is reached. Backwards it is the first: from its own first control the dialog goes to
// the element as a whole.
func TestHostModal(t *testing.T) {
	together(t)
	page := files{
		"index.html": `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title><script src="jquery.js"></script><script src="jquery-ui.js"></script><script type="module" src="page.js"></script>
			<body><div id="dialog" title="Call"><input id="note"><commdn-dnc id="dnc"></commdn-dnc></div></body></html>`,
		"page.js": `import "http://localhost:8080/commdn.js"; $("#dialog").dialog({ modal: true, closeOnEscape: false });
			window.where = () => { const a = document.activeElement; return a.id === "dnc" ? "dnc " + a.shadowRoot.activeElement?.name : a.id || a.className.split(" ")[1] || a.localName }`,
	}
	for name, from := range map[string]string{"jquery.js": "jquery/dist/jquery.js", "jquery-ui.js": "jquery-ui/dist/jquery-ui.js"} {
		text, err := os.ReadFile("node_modules/" + from)
		if err != nil {
			t.Fatalf("%v: run npm ci in e2e", err)
		}
		page[name] = string(text)
	}
	s := serve(t, page.fs(), "")
	p := open(t, s.show(startDemo(t, "--origin", s.origin), "/"), "dnc")
	p.eval(`deep("dnc", "input").value = ""; document.getElementById("note").focus()`)
	reached := map[bool]int{}
	count := get[int](p, `[...document.getElementById("dnc").shadowRoot.querySelectorAll("input, select, button:not(:disabled)")].filter((n) => n.checkVisibility()).length`)
	if count < 2 {
		t.Fatalf("%d controls; the test needs several", count)
	}
	for _, back := range []bool{false, true} {
		p.eval(`document.getElementById("note").focus(); window.seen = new Set()`)
		for range 2*count + 6 {
			p.tab(back)
			p.eval(`const r = document.getElementById("dnc").shadowRoot; if (document.activeElement.id === "dnc" && r.activeElement) seen.add(r.activeElement)`)
			if !get[bool](p, `document.activeElement.closest(".ui-dialog") !== null`) {
				t.Fatalf("Tab left the dialog (back %v): %s", back, get[string](p, `where()`))
			}
		}
		reached[back] = get[int](p, `seen.size`)
	}
	if reached[false] != count || reached[true] < 1 {
		t.Errorf("of %d controls Tab reaches %d, backwards %d", count, reached[false], reached[true])
	}
}

func (p *page) tab(back bool) {
	p.t.Helper()
	if back {
		do(p, chromedp.KeyEvent("\t", chromedp.KeyModifiers(chromedp.ModifierShift)))
	} else {
		p.key("\t")
	}
}
