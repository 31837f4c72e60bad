package e2e

import (
	"strings"
	"testing"
)

// TestRelayRestarts: the element recovers by itself, and sends a click from the relay's
// downtime once the relay is back.
func TestRelayRestarts(t *testing.T) {
	together(t)
	d := restartable(t)
	p := openAgent(t, d)
	p.eval(`document.getElementById("dnc").setAttribute("confirm", "off")`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".line.done")`)

	d.kill()
	p.wait(`deep("dnc", ".hint")?.textContent.includes("Not connected")`)
	p.click("next", "", 1)
	p.wait(`deep("dnc", ".main").textContent.includes("5550198822")`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".line.waiting")`)

	d.start()
	p.wait(`deep("dnc", ".line.done")`)
	p.wait(`!deep("dnc", ".hint")`)
	if list := d.list(); len(list) != 1 || list[0].Phone != "5550198822" {
		t.Errorf("the new process has the list %+v", list)
	}
	// The first click may have been quicker than the first connection.
	if s := strings.TrimPrefix(p.states("dnc"), "waiting "); s != "sending done waiting sending done" {
		t.Errorf("states %q", s)
	}
	if v := get[[]string](p, `e2e.violations`); len(v) > 0 {
		t.Errorf("Content-Security-Policy violations: %q", v)
	}
}
