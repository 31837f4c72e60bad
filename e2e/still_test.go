package e2e

import (
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// schemes are the values of prefers-color-scheme in all checks.
var schemes = []string{"light", "dark"}

// stop ends all motion in a document and in every open shadow root, and waits until that
// is drawn. A transition would be seen half done.
const stop = `(async () => {
	globalThis.stopping ??= new CSSStyleSheet();
	stopping.replaceSync("*, *::before, *::after { animation: none !important; transition: none !important; caret-color: transparent !important; scroll-behavior: auto !important }");
	const all = (root) => [root, ...[...root.querySelectorAll("*")].filter((e) => e.shadowRoot).flatMap((e) => all(e.shadowRoot))];
	for (const root of all(document))
		if (!root.adoptedStyleSheets.includes(stopping)) root.adoptedStyleSheets.push(stopping);
	await document.fonts.ready;
	for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
})()`

// still calls f while the page has a colour scheme and nothing moves in it or in its
// frames.
func (p *page) still(scheme string, f func()) {
	p.t.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	everywhere := p.worlds()
	everywhere(stop)
	f()
	everywhere(`stopping.replaceSync("")`)
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
}

// worlds returns a function that evaluates an expression in the page's document and in
// those of its frames, of any origin, hidden from their scripts.
func (p *page) worlds() func(expression string) {
	p.t.Helper()
	tree := call(p, devtools.GetFrameTree, cdp.Empty{}).FrameTree
	var ids []runtime.ExecutionContextID
	for _, t := range append(tree.ChildFrames, tree) {
		made := call(p, devtools.CreateIsolatedWorld, devtools.CreateIsolatedWorldParams{FrameID: t.Frame.ID, WorldName: "still"})
		ids = append(ids, made.ExecutionContextID)
	}
	return func(expression string) {
		p.t.Helper()
		for _, id := range ids {
			done := call(p, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, ContextID: id, AwaitPromise: new(true)})
			if e := done.ExceptionDetails; e != nil {
				p.t.Fatal(fmt.Errorf("%s: %s", e.Text, e.Exception.Description))
			}
		}
	}
}
