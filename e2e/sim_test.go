package e2e

import "testing"

// TestSimulatorPage: on the simulator's page, below the demo, a person loads and starts a
// campaign, forbids a number, lets the clock run ahead and sets a fault, and sees the
// effect of each.
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

	p.eval(`document.querySelector('#advances button[data-advance="1m"]').click()`)
	p.wait(`/[1-9][0-9]{2}/.test(%s.textContent)`, row) // hundreds of dials
	p.eval(`const form = document.getElementById("faults-form"); form.requestSubmit()`)
	p.wait(`document.querySelectorAll("#faults li").length > 1`)
	p.clean()
}
