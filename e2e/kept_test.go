package e2e

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"commdn/e2e/chrome"
	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/fronttest"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
	"commdn/web"
)

// keptSite is a page whose loader comes from its own server, so that it is drawn without
// the network to the relay. The query says who the user is; window.seen has the changes
// of requests.
func keptSite(t *testing.T) *site {
	t.Helper()
	files := fstest.MapFS{
		"index.html": {Data: []byte(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Kept</title><script type="module" src="main.js"></script>
<commdn-dnc id="dnc" phone="5551234567" confirm="off"></commdn-dnc><commdn-activity id="activity"></commdn-activity>`)},
		"main.js": {Data: []byte(`import { connect } from "./commdn.js";
const query = new URLSearchParams(location.search);
window.seen = [];
window.handle = connect({ url: "http://localhost:8080/", ...(query.has("token") && { token: query.get("token") }), ...(query.has("hours") && { keepHours: +query.get("hours") }) });
handle.on("request", (r) => seen.push(r));
window.records = () => new Promise((resolve) => {
	const open = indexedDB.open("commdn");
	open.onsuccess = () => {
		if (!open.result.objectStoreNames.length) return resolve([]);
		const all = open.result.transaction("requests").objectStore("requests").getAll();
		all.onsuccess = () => { open.result.close(); resolve(all.result); };
	};
});`)},
	}
	err := fs.WalkDir(web.Files(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || files[path] != nil || !strings.HasSuffix(path, ".js") && !strings.HasSuffix(path, ".wasm") && path != "commdn.json" {
			return err
		}
		b, err := fs.ReadFile(web.Files(), path)
		files[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, files, "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws://localhost:8080")
}

// keptRig is a relay with a journal and a simulator, with networks before both that can be
// cut, and somebody on the CommDN who counts.
type keptRig struct {
	t         *testing.T
	simulator *process
	tserver   string           // its address
	toSim     *fronttest.Front // as the relay reaches it
	relay     *demo
	site      *site

	mu    sync.Mutex
	asked map[string]int // do-not-calls on the CommDN, by phone
}

func newKeptRig(t *testing.T) *keptRig {
	t.Helper()
	r := &keptRig{t: t, toSim: fronttest.New(t), site: keptSite(t), asked: map[string]int{}}
	r.simulator = start(t, "sim", "--scenario", "demo", "--listen", "127.0.0.1:0", "--backup-listen", "127.0.0.1:0", "--http", "off")
	r.tserver = r.simulator.says(`T-Server on ([^,]+),`)
	r.toSim.Use(r.tserver)
	counter, err := tserver.New(tserver.Options{
		Driver: tlink.Driver{}, Servers: []string{r.tserver}, CommDN: "CommDN_1", Application: "counter",
		OnUserEvent: func(l tkvlist.List) {
			if req, err := commdn.DecodeRequest(l); err == nil {
				who, _ := commdn.PersonOf(req)
				r.mu.Lock()
				defer r.mu.Unlock()
				r.asked[who.Phone]++
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = counter.Close() })
	counter.Start()
	config := filepath.Join(t.TempDir(), "relay.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, `
listen: 127.0.0.1:0
origins: [%q]
journal: {folder: %q}
metrics: {listen: '127.0.0.1:0'}
links: [{name: sim, servers: [%q], comm_dn: CommDN_1, application: commdn, app_dbid: 101, ocs: [201]}]
`, r.site.origin, filepath.Join(t.TempDir(), "journal"), r.toSim.Addr()), 0o600); err != nil {
		t.Fatal(err)
	}
	f := fronttest.New(t)
	r.relay = &demo{process: start(t, "relay", "--config", config), addr: f.Addr(), front: f}
	r.site.relay.Store(&r.relay.addr)
	r.relay.at = r.relay.says(demoURL)
	f.Use(r.relay.at)
	r.relay.log.find(t, `(T-Server link is up)`)
	return r
}

// times says how often a number was asked for on the CommDN.
func (r *keptRig) times(phone string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[phone]
}

// profile is what the tabs of one user share. One of newProfile outlives its browser.
type profile struct {
	t     *testing.T
	dir   string // "": in the browser of all tests
	whole bool   // in the browser as people have it
	first context.Context
	stop  func()
}

// newBrowser is a profile in the browser of all tests, which is there already.
func newBrowser(t *testing.T) *profile {
	t.Helper()
	first, stop, err := shared.open(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return &profile{t: t, first: first, stop: stop}
}

// newProfile starts a browser with settings, as Chromium's file Preferences has them; "" is
// none. Without them the headless shell does, which stores in the same way.
func newProfile(t *testing.T, settings string) *profile {
	t.Helper()
	b := &profile{t: t, dir: t.TempDir(), whole: settings != "" || whole()}
	if settings != "" {
		b.prefer(settings)
	}
	b.start()
	t.Cleanup(func() { b.stop() })
	return b
}

func (b *profile) prefer(settings string) {
	b.t.Helper()
	folder := filepath.Join(b.dir, "Default")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "Preferences"), []byte(settings), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *profile) start() {
	b.t.Helper()
	var err error
	if b.first, b.stop, err = chrome.Start(context.Background(), chrome.Options{Whole: b.whole, Flags: engine(map[string]any{"user-data-dir": b.dir})}); err != nil {
		b.t.Fatal(err)
	}
}

// kill ends the browser without a chance to say goodbye, and starts it again.
func (b *profile) kill() {
	b.t.Helper()
	if b.dir == "" {
		b.t.Fatal("only a browser of newProfile can be started again")
	}
	if err := chromedp.FromContext(b.first).Browser.Process().Kill(); err != nil {
		b.t.Fatal(err)
	}
	b.stop()
	b.start()
}

// tab opens a tab of the profile, and waits until the page is drawn. close ends it.
func (b *profile) tab(url string) (p *page, close func()) {
	b.t.Helper()
	p, close = b.bare(url)
	p.wait(`deep("dnc", ".main")`)
	return p, close
}

// bare is tab for a page without elements.
func (b *profile) bare(url string) (p *page, close func()) {
	b.t.Helper()
	p = &page{t: b.t}
	ctx, stop, err := chrome.Beside(b.first, p.listen)
	if err != nil {
		b.t.Fatal(err)
	}
	p.ctx = ctx
	b.t.Cleanup(stop)
	do(p, chromedp.Navigate(url))
	p.eval(watch)
	return p, stop
}

// reload reloads the page and waits until it is drawn.
func (p *page) reload() {
	p.t.Helper()
	p.wait(notAsked)
	p.eval(`window.before = true`)
	call(p, devtools.Reload, devtools.ReloadParams{})
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		// Between the two pages nothing can be asked.
		isOther, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!window.before && document.readyState === "complete"`))
		if err == nil && isOther {
			break
		}
		if ctx.Err() != nil {
			p.t.Fatal("the page is not loaded again")
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.eval(watch)
	p.wait(`deep("dnc", ".main")`)
}

// notAsked: a browser whose page is left does not ask, because nothing is lost.
const notAsked = `dispatchEvent(new Event("beforeunload", { cancelable: true }))`

const connected = `handle.status.state === "connected"`

// TestKeptOverCrash: the network goes, the agent clicks, reloads the page, the browser is
// killed and started again, the network comes back: OCS hears it once, and the agent sees
// what became of it.
func TestKeptOverCrash(t *testing.T) {
	together(t)
	r, b := newKeptRig(t), newProfile(t, "")
	p, _ := b.tab(r.site.origin)
	p.wait(connected)
	r.relay.front.Use("")
	p.wait(`!(` + connected + `)`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".line.waiting .text")?.textContent.includes("even if this page is closed")`)
	p.wait(`seen.some((r) => r.state === "waiting" && r.kept && !r.earlier)`)
	p.wait(notAsked)

	p.reload()
	p.wait(`deep("dnc", ".line.waiting") && ` + rows + `.map((e) => e.querySelector("strong").textContent).join() === "Waiting"`)
	p.wait(`seen.some((r) => r.state === "waiting" && r.kept && r.earlier && r.phone === "5551234567")`)

	b.kill()
	p, _ = b.tab(r.site.origin)
	p.wait(`deep("dnc", ".line.waiting")`)
	if n := r.times("5551234567"); n != 0 {
		t.Fatalf("OCS heard of it %d times without a network", n)
	}
	r.relay.front.Use(r.relay.at)
	p.wait(`deep("dnc", ".line.done")`)
	p.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Done"`)
	p.wait(`deep("dnc", ".main").classList.contains("listed")`)
	p.wait(`e2e.events.some((e) => e.type === "commdn-result" && e.id === "dnc" && e.ok && e.earlier)`)
	p.until(`records().then((all) => all.length === 0)`)
	p.reload()
	p.wait(connected)
	p.wait(rows + `.length === 0`)
	if n := r.times("5551234567"); n != 1 {
		t.Errorf("OCS heard of it %d times, want once", n)
	}
}

// TestKeptWhileAccepted: the link to T-Server is down. The relay accepts a request, and a
// page after a reload shows that it waits there, and what becomes of it.
func TestKeptWhileAccepted(t *testing.T) {
	together(t)
	r, b := newKeptRig(t), newBrowser(t)
	p, _ := b.tab(r.site.origin)
	p.wait(connected + ` && handle.status.link.up`)
	r.toSim.Use("")
	p.wait(`!handle.status.link.up`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".line.queued .text")?.textContent.includes("for the link to T-Server, down since")`)
	p.wait(`seen.some((r) => r.state === "accepted") && seen.some((r) => r.state === "queued" && r.queued === "link-down" && r.since)`)
	p.until(`records().then((all) => all.length === 1)`)

	p.reload()
	p.wait(`deep("dnc", ".line.queued")`)
	p.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Queued"`)
	r.toSim.Use(r.tserver)
	p.wait(`deep("dnc", ".line.done")`)
	p.until(`records().then((all) => all.length === 0)`)
	if n := r.times("5551234567"); n != 1 {
		t.Errorf("OCS heard of it %d times, want once", n)
	}
}

// TestKeptInTwoTabs: of two tabs one sends a request, and the other one if the first is
// gone.
func TestKeptInTwoTabs(t *testing.T) {
	together(t)
	r, b := newKeptRig(t), newBrowser(t)
	a, end := b.tab(r.site.origin)
	other, _ := b.tab(r.site.origin)
	a.wait(connected)
	other.wait(connected)
	r.relay.front.Use("")
	a.wait(`!(` + connected + `)`)
	a.click("dnc", ".main", 1)
	a.wait(`seen.some((r) => r.kept)`)
	other.reload()
	other.wait(`!(` + connected + `) && handle.status.error`)
	r.relay.front.Use(r.relay.at)
	a.wait(`deep("dnc", ".line.done")`)
	other.wait(connected)
	if get[int](other, rows+`.length`) != 0 || get[int](other, `seen.length`) != 0 {
		t.Error("the other tab has it too")
	}

	r.relay.front.Use("")
	a.wait(`!(` + connected + `)`)
	a.set("dnc", "phone", "5550198822")
	a.wait(`deep("dnc", ".main").textContent.includes("5550198822")`)
	a.click("dnc", ".main", 1)
	a.until(`records().then((all) => all.length === 1)`)
	a.wait(notAsked)
	end()
	other.set("dnc", "phone", "5550198822")
	r.relay.front.Use(r.relay.at)
	other.wait(connected)
	other.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Done"`)
	other.wait(`deep("dnc", ".line.done")`)
	for _, phone := range []string{"5551234567", "5550198822"} {
		if n := r.times(phone); n != 1 {
			t.Errorf("OCS heard of %s %d times, want once", phone, n)
		}
	}
}

// TestKeptForItsUser: who logs in on the same machine neither sends nor sees what another
// user has asked; who comes back does. What is too old is not sent, and its user is told.
func TestKeptForItsUser(t *testing.T) {
	together(t)
	s := keptSite(t)
	d := restartable(t, "--origin", s.origin)
	b := newBrowser(t)
	at := func(query string) string { return s.show(d, "/?"+query) }
	as := func(name string) string { return "token=" + url.QueryEscape("agent="+name) }
	p, end := b.tab(at(as("Ann")))
	p.wait(connected + ` && handle.status.identity.name === "Ann"`)
	d.front.Use("")
	p.wait(`!(` + connected + `)`)
	p.click("dnc", ".main", 1)
	p.wait(`seen.some((r) => r.kept)`)
	end()

	p, end = b.tab(at(as("Ben")))
	p.wait(rows + `.length === 1 && ` + rows + `[0].textContent.includes("…567")`) // nobody knows who this is
	p.wait(`deep("dnc", ".main") && !deep("dnc", ".line")`)
	d.front.Use(d.at)
	p.wait(connected + ` && handle.status.identity.name === "Ben"`)
	p.wait(rows + `.length === 0`)
	if d.on("5551234567") != 0 {
		t.Fatal("Ben sent it")
	}
	end()

	d.front.Use("")
	p, end = b.tab(at(as("Ann")))
	p.wait(rows + `[0]?.textContent.includes("…567")`)
	d.front.Use(d.at)
	p.wait(`deep("dnc", ".line.done")`)
	if d.on("5551234567") != 1 {
		t.Error("Ann did not send it")
	}
	p.until(`records().then((all) => all.length === 0)`)

	d.front.Use("")
	p.wait(`!(` + connected + `)`)
	p.set("dnc", "phone", "5550198822")
	p.wait(`deep("dnc", ".main").textContent.includes("5550198822")`)
	p.click("dnc", ".main", 1)
	p.wait(`seen.some((r) => r.phone === "5550198822" && r.kept)`)
	end()
	time.Sleep(2 * time.Second) // the age of a record is in seconds
	d.front.Use(d.at)
	p, _ = b.tab(at(as("Ann") + "&hours=0.0003"))
	p.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Expired"`)
	p.wait(`deep("activity", "[part=entry]").textContent.includes(%q)`, text(t, "en", "no-answer.expired"))
	p.wait(`seen.some((r) => r.state === "expired" && r.ok === false && r.phone === "5550198822")`)
	p.until(`records().then((all) => all.length === 0)`)
	if d.on("5550198822") != 0 {
		t.Error("it was sent all the same")
	}
}
