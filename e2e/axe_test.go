package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// npm installs axeFile, see package.json.
const axeFile = "node_modules/axe-core/axe.min.js"

// finding is one node that breaks a rule of axe-core, or may break it.
type finding struct {
	Rule    string `json:"rule"`
	Target  string `json:"target"` // selectors, with >>> from a host into its shadow root
	HTML    string `json:"html"`
	Summary string `json:"summary"`
}

func (f finding) String() string {
	return fmt.Sprintf("%s at %s\n\t%s\n\t%s", f.Rule, f.Target, f.HTML, strings.ReplaceAll(f.Summary, "\n", "\n\t"))
}

// audit is what axe-core found.
type audit struct {
	Broken    []finding `json:"broken"`
	Undecided []finding `json:"undecided"` // needs a person's judgement
	Ran       []string  `json:"ran"`       // rules that found something to check
}

// runAxe checks the elements with these ids and all below them, or else the page.
// Landmarks concern only the page. Of the rules that axe-core cannot decide, it reports
// contrast and target size, which are no matter of opinion; the guidelines require no
// contrast of text that is a symbol.
const runAxe = `(async (ids) => {
	const nodes = ids.map((id) => document.getElementById(id) ?? (() => { throw new Error("no element " + id) })());
	const result = await axe.run(ids.length ? { include: nodes } : document, {
		runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
		rules: { "target-size": { enabled: true }, region: { enabled: !ids.length } }, // the first is off by default
		iframes: false,
		resultTypes: ["violations", "incomplete"], // of what passes one node is enough
	});
	const symbol = (node) => node.any.some((check) => check.data?.messageKey === "nonBmp");
	const list = (results) => results.flatMap((r) => r.nodes.map((n) => ({
		rule: r.id + " (" + r.impact + "): " + r.help, target: n.target.flat().join(" >>> "), html: n.html, summary: n.failureSummary,
	})));
	const all = [...result.violations, ...result.incomplete, ...result.passes];
	const hard = result.incomplete.filter((r) => r.id === "color-contrast" || r.id === "target-size");
	for (const r of hard) r.nodes = r.nodes.filter((n) => !symbol(n));
	return { broken: list(result.violations), undecided: list(hard), ran: [...new Set(all.map((r) => r.id))] };
})(%s)`

// audit runs axe-core in the page's current colour scheme.
func (p *page) audit(ids ...string) audit {
	p.t.Helper()
	if !get[bool](p, `"axe" in window`) {
		source, err := os.ReadFile(axeFile)
		if err != nil {
			p.t.Fatalf("axe-core is not there (%v); run npm ci in e2e", err)
		}
		get[bool](p, "%s", string(source)+"\n;true")
	}
	return get[audit](p, runAxe, literal(append([]string{}, ids...)))
}

// axe fails the test if the elements with these ids, or else the page, break a rule of
// WCAG 2.2 AA or a best practice of axe-core, in light or dark.
func (p *page) axe(ids ...string) {
	p.t.Helper()
	if strange {
		return
	}
	for _, scheme := range schemes {
		p.still(scheme, func() {
			p.t.Helper()
			a := p.audit(ids...)
			if len(a.Ran) == 0 {
				p.t.Errorf("axe-core, %s: nothing to look at in %q", scheme, ids)
			}
			for _, f := range a.Broken {
				p.t.Errorf("axe-core, %s: %v", scheme, f)
			}
			for _, f := range a.Undecided {
				p.t.Errorf("axe-core, %s, cannot decide: %v", scheme, f)
			}
		})
	}
}

// TestAxe: the audit finds faults inside shadow roots, in the current colours, and
// nothing in a correct page.
func TestAxe(t *testing.T) {
	together(t)
	s := fixture(t, `<bad-one id="bad"></bad-one><good-one id="good"></good-one><dark-one id="dark"></dark-one>`,
		element("bad-one", `
			p { color: #aaa; background: #fff }
			button { width: 12px; height: 12px; padding: 0; border: 0; margin: 0 }
			.picture { background: linear-gradient(#fff, #000); color: #777 }`,
			`<p>Too pale to read</p><div><button aria-label="One"></button><button aria-label="Two"></button></div>
			<button></button><input><span role="nonsense">A role</span><p class="picture">On a picture</p>`)+
			element("good-one", `:host { display: block; color: #222; background: #fff } button { min-width: 24px; min-height: 24px }`,
				`<p>Good to read</p><div><button>One</button><button>Two</button></div><label>Number <input></label>`)+
			element("dark-one", `:host { display: block; color: #222; background: #fff; transition: all 5s }
				@media (prefers-color-scheme: dark) { :host { background: #333 } }`, `<p>Good to read by day</p>`))
	p := open(t, s.origin, "good")

	a := p.audit("bad")
	found := func(rule, inside string, in []finding) bool {
		for _, f := range in {
			if strings.HasPrefix(f.Rule, rule+" ") && strings.HasPrefix(f.Target, "#bad >>> ") && strings.Contains(f.HTML, inside) && f.Summary != "" {
				return true
			}
		}
		return false
	}
	for _, want := range []struct{ rule, html string }{
		{"color-contrast", "Too pale"}, {"target-size", `aria-label="One"`}, {"target-size", `aria-label="Two"`},
		{"button-name", "<button>"}, {"label", "<input>"}, {"aria-roles", "nonsense"},
	} {
		if !found(want.rule, want.html, a.Broken) {
			t.Errorf("%s of %s is not found in %v", want.rule, want.html, a.Broken)
		}
	}
	if !found("color-contrast", "On a picture", a.Undecided) {
		t.Errorf("text on a picture is not in doubt: %v", a.Undecided)
	}

	p.axe("good")
	if a := p.audit("good"); !strings.Contains(" "+strings.Join(a.Ran, " ")+" ", " color-contrast ") || !strings.Contains(strings.Join(a.Ran, " "), "target-size") {
		t.Errorf("these rules ran: %q", a.Ran)
	}
	for scheme, want := range map[string]int{"light": 0, "dark": 1} {
		p.still(scheme, func() {
			if a := p.audit("dark"); len(a.Broken) != want {
				t.Errorf("%s: %v, want %d", scheme, a.Broken, want)
			}
		})
	}
	if a := p.audit(); len(a.Broken) < 6 {
		t.Errorf("the whole page: %v", a.Broken)
	}
	p.clean()
}
