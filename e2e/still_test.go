package e2e

import (
	"github.com/chromedp/cdproto/emulation"
)

// schemes are the values of prefers-color-scheme that everything is looked at in.
var schemes = []string{"light", "dark"}

// stop ends all that moves, in the page and in every open shadow root, and
// waits until that is drawn. A transition would be seen half done.
const stop = `(async () => {
	e2e.stop ??= new CSSStyleSheet();
	e2e.stop.replaceSync("*, *::before, *::after { animation: none !important; transition: none !important; caret-color: transparent !important; scroll-behavior: auto !important }");
	const all = (root) => [root, ...[...root.querySelectorAll("*")].filter((e) => e.shadowRoot).flatMap((e) => all(e.shadowRoot))];
	for (const root of all(document))
		if (!root.adoptedStyleSheets.includes(e2e.stop)) root.adoptedStyleSheets.push(e2e.stop);
	await document.fonts.ready;
	for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
	return true;
})()`

// still calls f while the page has a colour scheme and nothing in it moves.
func (p *page) still(scheme string, f func()) {
	p.t.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	get[bool](p, "%s", stop)
	f()
	p.eval(`e2e.stop.replaceSync("")`)
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
}
