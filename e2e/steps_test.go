package e2e

import "testing"

// TestStartInSteps: while the elements of a page are drawn for the first time, the page has
// its turn between them.
func TestStartInSteps(t *testing.T) {
	together(t)
	_, p := hostPage(t, `<commdn-status></commdn-status><commdn-dnc phone="112"></commdn-dnc><commdn-cancel phone="112"></commdn-cancel><commdn-activity></commdn-activity>`, `
		await import("http://localhost:8080/commdn.js");
		const all = [...document.querySelectorAll("commdn-status, commdn-dnc, commdn-cancel, commdn-activity")];
		window.drawn = () => all.filter((e) => e.shadowRoot.querySelector(".base")).length;
		window.turns = new Set();
		const turn = () => scheduler.postTask(() => turns.add(drawn()), { priority: "user-blocking" });
		for (const e of all) new MutationObserver(turn).observe(e.shadowRoot, { childList: true });`)
	p.wait(`window.drawn && drawn() === 4 && turns.has(4)`)
	if n := get[int](p, `turns.size`); n < 4 {
		t.Errorf("the page had its turn %d times while four elements were drawn", n)
	}
	p.clean()
}
