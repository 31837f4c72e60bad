package e2e

import (
	"context"
	"net/url"
	"testing"
	"time"

	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// open goes on to another page in the same tab, and waits until it is drawn.
func (p *page) open(url string) {
	p.t.Helper()
	do(p, chromedp.Navigate(url))
	p.eval(watch)
	p.wait(`deep("dnc", ".main")`)
}

// reloadAnyway reloads a page whose browser asks before, and waits for the next one.
func (p *page) reloadAnyway() {
	p.t.Helper()
	p.eval(`window.before = true`)
	call(p, devtools.Reload, devtools.ReloadParams{})
	do(p, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error { // the browser asks
		for {
			_, err := chromedp.Call(ctx, devtools.HandleJavaScriptDialog, devtools.HandleJavaScriptDialogParams{Accept: true})
			if err == nil || ctx.Err() != nil {
				return err
			}
			time.Sleep(10 * time.Millisecond) // it is on its way
		}
	}))
	p.arrives(`!window.before`)
}

// remembered waits until the tab has noted whom the relay takes the page for. The page says
// who it is before that.
func (p *page) remembered() {
	p.t.Helper()
	p.wait(`Object.keys(sessionStorage).some((key) => key.startsWith("commdn:user:"))`)
}

// TestKeptOverReloads: the page of a click was never connected, but one in its tab was
// before: the click outlives it, for that person and nobody else.
func TestKeptOverReloads(t *testing.T) {
	together(t)
	s := keptSite(t)
	d := restartable(t, "--origin", s.origin)
	b := newBrowser(t)
	as := func(name string) string { return s.show(d, "/?token="+url.QueryEscape("agent="+name)) }
	p, _ := b.tab(as("Ann"))
	p.wait(connected + ` && handle.status.identity.name === "Ann"`)
	p.remembered()
	d.front.Use("")
	p.wait(`!(` + connected + `)`)
	p.reload()
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".line.waiting .text")?.textContent.includes("even if this page is closed")`)
	p.reload()
	p.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Waiting"`)
	d.front.Use(d.at)
	p.wait(`deep("dnc", ".line.done")`)
	p.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Done"`)
	p.until(`records().then((all) => all.length === 0)`)
	if n := d.on("5551234567"); n != 1 {
		t.Fatalf("it is %d times on the list, want once", n)
	}

	d.front.Use("")
	p.wait(`!(` + connected + `)`)
	p.reload()
	p.ask("5550198822")
	p.wait(`seen.some((r) => r.phone === "5550198822" && r.kept)`)
	p.open(as("Ben"))
	p.wait(rows + `.length === 1 && ` + rows + `[0].textContent.includes("…822")`)
	d.front.Use(d.at)
	p.wait(connected + ` && handle.status.identity.name === "Ben"`)
	p.wait(rows + `.length === 0`)
	if d.on("5550198822") != 0 {
		t.Error("Ben sent it")
	}
	p.open(as("Ann"))
	p.wait(connected + ` && handle.status.identity.name === "Ann"`)
	p.until(`records().then((all) => all.length === 0)`)
	if n := d.on("5550198822"); n != 1 {
		t.Errorf("it is %d times on the list, want once", n)
	}
}

// TestKeptForNobody: in a tab that was never connected, nobody knows whose a click is. The
// page says that it has to stay open, and the browser asks before it is left; the next page
// says that it was not sent, once, and without whom it is about. So does that of somebody
// who signs in after another person.
func TestKeptForNobody(t *testing.T) {
	together(t)
	s := keptSite(t)
	d := restartable(t, "--origin", s.origin)
	b := newBrowser(t)
	as := func(name string) string { return s.show(d, "/?token="+url.QueryEscape("agent="+name)) }
	for _, before := range []string{"", "Ann"} {
		p, end := b.bare("about:blank")
		if before != "" {
			p.open(as(before))
			p.wait(connected + ` && handle.status.identity.name === "Ann"`)
			p.remembered()
		}
		d.front.Use("")
		p.open(as("Ben"))
		p.click("dnc", ".main", 1)
		p.wait(`deep("dnc", ".line.waiting .text")?.textContent.includes("if this page stays open")`)
		p.until(`records().then((all) => all.length === 1)`)
		p.wait(`!(` + notAsked + `) && sessionStorage.getItem("commdn:left")`)
		if get[bool](p, `seen.some((r) => r.kept)`) {
			t.Errorf("after %q it says that it is kept", before)
		}
		p.reloadAnyway()
		p.eval(watch)
		p.wait(`deep("dnc", ".main")`)
		p.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Not sent" && ` + rows + `[0].textContent.includes("…567")`)
		p.wait(`deep("activity", "[part=entry]").textContent.includes(%q)`, text(t, "en", "no-answer.unbound"))
		p.until(`records().then((all) => all.length === 0)`)
		d.front.Use(d.at)
		p.wait(connected + ` && handle.status.identity.name === "Ben"`)
		end()
	}
	if d.on("5551234567") != 0 {
		t.Error("it was sent all the same")
	}
}
