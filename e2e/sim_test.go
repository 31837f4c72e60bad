package e2e

import (
	"fmt"
	"testing"
)

// TestSimulatorPage: on the simulator's page, below the demo, a person loads and starts a
// campaign, forbids numbers and allows one again, lets the clock run ahead, sets a fault,
// sees the effect of each, and goes back to the demo.
func TestSimulatorPage(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := open(t, d.url()+"sim/", "")
	row := `[...document.querySelectorAll("#campaigns tbody tr")].find((r) => r.textContent.includes("Autumn offers") && r.textContent.includes("Sales"))`
	press := func(in, label string) {
		t.Helper()
		p.wait(`[...%s.querySelectorAll("button")].some((b) => b.textContent.trim() === %q && !b.disabled)`, in, label)
		p.eval(`[...%s.querySelectorAll("button")].find((b) => b.textContent.trim() === %q).click()`, in, label)
	}
	p.wait(`%s`, row)
	press(row, "Load")
	// No button here is disabled, and two requests may overtake each other.
	p.wait(`!%s.textContent.includes("Not loaded")`, row)
	press(row, "Start")
	p.wait(`%s.textContent.includes("Running")`, row)
	p.wait(`document.getElementById("trace").textContent.includes("CM_EvCampaignStatus")`)

	p.eval(`const form = document.getElementById("dnc-form"); form.elements.phone.value = "5550104477"; form.requestSubmit()`)
	p.wait(`document.getElementById("dnc").textContent.includes("5550104477")`)
	p.eval(`const form = document.getElementById("dnc-form"); form.elements.phone.value = "5550104478"; form.requestSubmit()`)
	p.wait(`document.getElementById("dnc").textContent.includes("5550104478")`)
	p.eval(`document.querySelector('#dnc button[aria-label="Remove 5550104477 from the Do Not Call list"]').click()`)
	p.wait(`!document.getElementById("dnc").textContent.includes("5550104477") && document.getElementById("dnc").textContent.includes("5550104478")`)
	if removed, kept := d.on("5550104477"), d.on("5550104478"); removed != 0 || kept != 1 {
		t.Errorf("the list has %d entries of the number that was removed, %d of the other one", removed, kept)
	}

	p.eval(`document.querySelector('#advances button[data-advance="1m"]').click()`)
	p.wait(`/[1-9][0-9]{2}/.test(%s.textContent)`, row) // hundreds of dials
	p.eval(`const form = document.getElementById("faults-form"); form.requestSubmit()`)
	p.wait(`document.querySelectorAll("#faults li").length > 1`)

	p.clean()
	p.wait(`document.getElementById("back").checkVisibility()`)
	if s := get[string](p, `document.getElementById("back").textContent`); s != "← Back to the demo" {
		t.Errorf("the way back says %q", s)
	}
	p.eval(`document.getElementById("back").click()`)
	p.arrives(fmt.Sprintf(`location.href === %q && document.querySelector('a[href$="agent.html"]')`, d.url()))
	p.eval(watch)
	p.clean()
}
