package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/storage"
)

// unkeptWarning begins the line of the console for developers.
const unkeptWarning = "requests without a connection are lost with the page: "

// ask clicks on the button of dnc for a number. There is no confirmation.
func (p *page) ask(phone string) {
	p.t.Helper()
	p.set("dnc", "phone", phone)
	p.wait(`deep("dnc", ".main").textContent.includes(%q)`, phone)
	p.click("dnc", ".main", 1)
}

// checkUnkept waits until the agent, the host page and the browser know that a request
// which waits for the network is in the page alone, and why.
func (p *page) checkUnkept(why string) {
	p.t.Helper()
	p.wait(`handle.status.unkept.includes(%q)`, why)
	p.wait(`deep("dnc", ".line.waiting .text")?.textContent.includes(%q)`, text(p.t, "en", "outcome.unkept"))
	p.wait("!" + notAsked)
}

// warnedOnce checks that the console was told why once, and nothing else but that the
// network was away.
func (p *page) warnedOnce(why string) {
	p.t.Helper()
	p.forget("WebSocket connection to")
	if n := p.forget(unkeptWarning + why); n != 1 {
		p.t.Errorf("the console was told %d times that %q", n, why)
	}
	p.clean()
}

// quota is how many bytes the browser lets an origin store; nil or 0: as usual. It counts from
// the next time that the origin's database is loaded: what was granted before is not
// taken back for half a minute.
func (b *profile) quota(origin string, bytes *float64) {
	b.t.Helper()
	call(&page{t: b.t, ctx: b.first}, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: origin, QuotaSize: bytes})
}

// TestUnkeptFull: where there is no room, a request lives in the page alone and goes out
// when the network is back. Once there is room, what still waits is kept with what comes.
func TestUnkeptFull(t *testing.T) {
	together(t)
	r, b := newKeptRig(t), newBrowser(t)
	b.quota(r.site.origin, new(1.0))
	p, _ := b.tab(r.site.origin)
	p.wait(connected)
	cut := func() {
		t.Helper()
		r.relay.front.Use("")
		p.wait(`!(` + connected + `)`)
	}
	cut()
	p.ask("5550000301")
	p.checkUnkept("QuotaExceededError")
	r.relay.front.Use(r.relay.at)
	p.wait(`deep("dnc", ".line.done")`)
	p.wait(notAsked)

	cut()
	p.ask("5550000302")
	p.checkUnkept("QuotaExceededError")
	if n := get[int](p, `records().then((all) => all.length)`); n != 0 {
		t.Errorf("the browser keeps %d requests", n)
	}
	p.warnedOnce("QuotaExceededError")
	b.quota(r.site.origin, nil)
	p.ask("5550000303")
	p.wait(`handle.status.unkept === "" && ["5550000302", "5550000303"].every((phone) => seen.some((r) => r.phone === phone && r.kept))`)
	p.wait(`deep("dnc", ".line.waiting .text").textContent.includes("even if this page is closed")`)
	p.until(`records().then((all) => all.length === 2)`)
	p.wait(notAsked)
	p.forget("WebSocket connection to")
	p.clean()
	p.reload()
	r.relay.front.Use(r.relay.at)
	p.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Done,Done"`)
	p.until(`records().then((all) => all.length === 0)`)
	for _, phone := range []string{"5550000301", "5550000302", "5550000303"} {
		if n := r.times(phone); n != 1 {
			t.Errorf("OCS heard of %s %d times, want once", phone, n)
		}
	}
}
