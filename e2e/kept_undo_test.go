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
		p.eval(`document.getElementById("dnc").setAttribute("undo", "30"); seen.length = 0`) // an earlier one was waiting, too
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

// TestUndoneOverCrash: what the agent was told is undone stays so if the browser dies
// right after that. As long as the browser has not forgotten the request nobody is told
// so, and the page after a crash offers to undo it again.
func TestUndoneOverCrash(t *testing.T) {
	together(t)
	r, b := newKeptRig(t), newProfile(t, "")
	r.relay.front.Use("")
	p, _ := b.tab(r.site.origin)
	p.set("dnc", "undo", "60")
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".line.waiting .undo") && seen.some((r) => r.kept)`)
	other, _ := b.bare(r.site.origin + "/commdn.json")
	get[bool](other, `new Promise((resolve) => { // nobody else writes until it ends
		indexedDB.open("commdn").onsuccess = ({ target: { result: db } }) => {
			const objects = db.transaction("requests", "readwrite").objectStore("requests");
			const ask = () => { objects.count().onsuccess = ask; };
			ask();
			resolve(true);
		};
	})`)
	p.click("dnc", ".undo", 1)
	p.wait(`!deep("dnc", ".undo")`)
	p.unhurried()
	if get[bool](p, `deep("dnc", ".line.undone") || seen.some((r) => r.state === "undone")`) {
		t.Error("the agent is told that it is undone, and the browser still has it")
	}

	b.kill()
	p, _ = b.tab(r.site.origin)
	p.wait(`deep("dnc", ".line.waiting .undo")`)
	p.click("dnc", ".undo", 1)
	p.wait(`deep("dnc", ".line.undone")`)

	b.kill()
	r.relay.front.Use(r.relay.at)
	p, _ = b.tab(r.site.origin)
	p.wait(connected)
	p.set("dnc", "phone", "5550198822")
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".line.done")`)
	p.wait(rows + `.length === 1`)
	if n := r.times("5551234567"); n != 0 {
		t.Errorf("OCS heard of it %d times", n)
	}
}
