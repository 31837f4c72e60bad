package e2e

import "testing"

// TestNarrow: what an agent's elements show fits into 320 CSS pixels, the narrowest panel
// of a desktop, in the states that have most to say.
func TestNarrow(t *testing.T) {
	together(t)
	d, p := stage(t, `<commdn-dnc id="dnc" phone="+34 600 111 222" customer-id="C-1042"></commdn-dnc>
		<commdn-cancel id="cancel" phone="5551234567" customer-id="C-1042"></commdn-cancel>
		<commdn-status id="status" detail="words"></commdn-status>
		<commdn-activity id="activity"></commdn-activity>`, "{}")
	d.fails(map[string]any{"do": "refuse", "phone": "5550100011", "error": "CM_ERROR_INVALID_PARAMETER"})
	p.eval(`document.querySelector("main").style.inlineSize = "320px"`)
	fits := func(name, id string, masked ...string) {
		t.Helper()
		if s := get[string](p, `[...document.getElementById(%q).shadowRoot.querySelectorAll("*")].filter((e) => e.getClientRects().length && e.getBoundingClientRect().right > document.querySelector("main").getBoundingClientRect().right + 1 && getComputedStyle(e).position !== "absolute").map((e) => e.className + ": " + e.textContent).join("; ")`, id); s != "" {
			t.Errorf("%s reaches out: %s", name, s)
		}
		p.look("narrow-"+name, id, masked...)
	}
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".forms")`)
	fits("dnc-confirming", "dnc")
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.done")`)
	fits("dnc-done", "dnc")
	p.set("dnc", "phone", "5550100011", "customer-id", "C-2291")
	p.wait(`deep("dnc", ".toggle")?.textContent === "Earlier callers (1)"`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".confirm")`)
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.refused")`)
	fits("dnc-refused", "dnc")
	p.set("dnc", "phone", "+34 600 111 222", "customer-id", "C-1042")
	p.wait(`deep("dnc", ".main").textContent === "On the Do Not Call list" && deep("dnc", ".toggle")`)
	fits("dnc-returning", "dnc")
	p.click("dnc", ".toggle", 1)
	p.wait(`deep("dnc", ".line.refused")`)
	fits("dnc-earlier", "dnc")
	p.click("cancel", ".main", 1)
	p.wait(`deep("cancel", ".confirm")`)
	fits("cancel-confirming", "cancel")
	fits("activity", "activity")
	d.fails(map[string]any{"do": "link_down"})
	p.wait(`deep("status", ".text").textContent.startsWith("T-Server cannot be reached")`)
	fits("status-link-down", "status")
	p.clean()
}
