package e2e

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// rowRects returns the places of the table's rows in the window, by name, once what has
// the focus is in sight: it comes there with the next frame.
func (p *page) rowRects() map[string]rect {
	p.t.Helper()
	p.frame()
	return get[map[string]rect](p, `Object.fromEntries(all("campaigns", ".rows > .r").map((r) => {
		const { x, y, width, height } = r.getBoundingClientRect();
		return [r.querySelector("[role=checkbox]").ariaLabel.replace("Select ", ""), { x, y, width, height }];
	}))`)
}

// TestCampaignsPanelMovesNoRow: when the panel of a row opens, the other rows stay where
// they are. On a narrow page the marked card is in sight, wherever it was. When the panel closes all rows are where they were.
func TestCampaignsPanelMovesNoRow(t *testing.T) {
	together(t)
	for _, width := range []int{320, 1200} {
		for _, height := range []int{420, 560} {
			t.Run(fmt.Sprintf("%d by %d", width, height), func(t *testing.T) {
				d := startDemo(t)
				p := wide(t, d, "supervisor=Robin", `<div><commdn-campaigns id="campaigns"></commdn-campaigns></div>`)
				p.wait(`all("campaigns", ".rows > .r").length === 7`) // a low table does not draw all
				p.eval(`const el = document.getElementById("campaigns"); el.style.setProperty("--commdn-height", "%dpx"); el.parentElement.style.inlineSize = "%dpx"`, height, width)
				p.wait(`deep("campaigns", ".base").clientWidth === %d && deep("campaigns", ".base").clientHeight === %d`, width, height)
				last := ".c8" // what has to be in sight, down to here
				if width == 320 && height == 420 {
					last = ".c6" // not the strip
				}
				names := []string{"Autumn offers · Sales", "Renewals · Service", "Survey · Service"}
				for i, name := range names { // at the top, in the middle, at the end
					p.frame()
					p.eval(`deep("campaigns", ".table").scrollTop = %d * deep("campaigns", ".rows > .r").offsetHeight`, 3*i)
					p.wait(`row("campaigns", %q)`, name)
					p.eval(`row("campaigns", %q).querySelector(".c9 button").scrollIntoView({ block: "nearest", inline: "nearest" })`, name)
					before := p.rowRects()
					p.actions(name)
					p.wait(`row("campaigns", %q).classList.contains("marked")`, name)
					stay := func(when string, except string) {
						t.Helper()
						after := p.rowRects()
						for row, b := range before {
							a, there := after[row]
							if (row != except || width != 320) && there && max(math.Abs(a.X-b.X), math.Abs(a.Y-b.Y), math.Abs(a.Width-b.Width), math.Abs(a.Height-b.Height)) >= 0.5 {
								t.Errorf("%s, %s: %s moved from %+v to %+v", name, when, row, b, a)
							}
						}
					}
					stay("panel open", name)
					if s := p.hidden(name, last); width == 320 && s != "" {
						t.Errorf("%s, panel open: not in sight: %s", name, s)
					}
					p.press("campaigns", "Load")
					p.wait(`deep("campaigns", "[part=confirm]")`)
					stay("panel asks", name)
					if s := p.hidden(name, last); width == 320 && s != "" {
						t.Errorf("%s, panel asks: not in sight: %s", name, s)
					}
					p.press("campaigns", "Close")
					p.wait(`!deep("campaigns", ".panel")`)
					stay("panel closed", "")
				}
				p.clean()
			})
		}
	}
}

// hidden says which part of a row, from its top to the end of a cell, is covered or out of
// the table's sight; empty means none.
func (p *page) hidden(name, last string) string {
	p.t.Helper()
	return strings.TrimSpace(get[string](p, `(() => {
		const r = row("campaigns", %q), b = r.getBoundingClientRect(), t = deep("campaigns", ".table").getBoundingClientRect();
		const end = r.querySelector(%q).getBoundingClientRect().bottom;
		if (b.top < t.top - 1 || end > t.bottom + 1) return "from " + b.top + " to " + end + " in a table from " + t.top + " to " + t.bottom;
		const covered = [b.top + 4, (b.top + end) / 2, end - 4].filter((y) => !r.contains(r.getRootNode().elementFromPoint(Math.max(b.left, t.left) + 12, y)));
		return covered.length ? "covered at " + covered : "";
	})()`, name, last))
}
