package e2e

import "testing"

// TestUndoOverReload: the window for undo goes on while the page is reloaded, whether the
// relay has the request by then or nobody but the browser.
func TestUndoOverReload(t *testing.T) {
	together(t)
	r, b := newKeptRig(t), newBrowser(t)
	p, _ := b.tab(r.site.origin)
	undo := func(state string) {
		t.Helper()
		p.eval(`document.getElementById("dnc").setAttribute("undo", "30")`)
		p.click("dnc", ".main", 1)
		p.wait(`deep("dnc", ".line.` + state + ` .undo")`)
		p.wait(`seen.some((r) => r.state === "` + state + `" && r.kept)`)
		p.reload()
		p.wait(`deep("dnc", ".line.` + state + ` .undo")`)
		p.wait(`!document.getElementById("dnc").shadowRoot.activeElement`) // nobody has clicked here
		p.click("dnc", ".undo", 1)
		p.wait(`deep("dnc", ".line.undone")`)
		p.wait(`e2e.events.some((e) => e.type === "commdn-result" && e.state === "undone" && e.earlier)`)
		p.until(`records().then((all) => all.length === 0)`)
	}
	p.wait(connected)
	undo("held")
	r.relay.front.Use("")
	p.wait(`!(` + connected + `)`)
	undo("waiting")
	r.relay.front.Use(r.relay.at)
	p.wait(connected)
	// What is asked after it is heard: nothing was on its way before.
	p.eval(`document.getElementById("dnc").setAttribute("undo", "0"); document.getElementById("dnc").setAttribute("phone", "5550198822")`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".line.done")`)
	if n := r.times("5551234567"); n != 0 {
		t.Errorf("OCS heard of it %d times", n)
	}
}
