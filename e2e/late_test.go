package e2e

import (
	"slices"
	"strings"
	"testing"
)

// TestLate: OCS answers after the relay has given a request up. The element, the list of
// requests and the host page learn what became of it after all.
func TestLate(t *testing.T) {
	together(t)
	d, p := stage(t, `<commdn-dnc id="dnc" phone="5550000021" confirm="off"></commdn-dnc>
<commdn-cancel id="cancel" phone="5550100010" confirm="off"></commdn-cancel><commdn-activity id="activity"></commdn-activity>`, "{}")
	p.eval(`window.requests = []; handle.on("request", (r) => requests.push(r.state + (r.late ? " late" : "")));
		window.events = []; for (const type of ["result", "late"]) addEventListener("commdn-" + type, (e) => events.push(type + " " + e.target.id + " " + e.detail.state))`)
	for _, phone := range []string{"5550000021", "5550100010"} { // the demo's OCS refuses the second
		d.fails(map[string]any{"do": "delay", "latency": "12s", "phone": phone})
	}
	p.click("dnc", ".main", 1)
	p.click("cancel", ".main", 1)
	p.wait(`deep("dnc", ".line.no-answer") && deep("cancel", ".line.no-answer")`)
	p.eval(`window.before = handle.requests().then((all) => all.map((r) => r.state).join())`)
	if got := get[string](p, `before`); got != "no-answer,no-answer" {
		t.Errorf("before: %s", got)
	}
	p.wait(`deep("dnc", ".line.done")?.textContent.includes("OCS answered late") && deep("cancel", ".line.refused")?.textContent.includes("OCS answered late")`)
	p.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Refused, late,Done, late"`)
	p.wait(`deep("dnc", ".main").classList.contains("listed")`)
	if d.on("5550000021") != 1 {
		t.Error("the number is not on the list")
	}
	if got := get[[]string](p, `requests`); !slices.Contains(got, "done late") || !slices.Contains(got, "refused late") || slices.Contains(got, "done") {
		t.Errorf("the handle told %q", got)
	}
	got := get[[]string](p, `events`)
	slices.Sort(got)
	if want := "late cancel refused, late dnc done, result cancel no-answer, result dnc no-answer"; strings.Join(got, ", ") != want {
		t.Errorf("the elements told %q, want %s", got, want)
	}
	p.look("dnc-late", "dnc")
	p.look("activity-late", "activity")
	p.clean()
}
