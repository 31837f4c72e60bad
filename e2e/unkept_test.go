package e2e

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
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

// gateway is a company's own server before a site and its relay, under one address. The
// site's pages are in a sandbox without an origin: the browser says null for one, and
// forbids all storage. The gateway vouches for them to the relay.
func gateway(t *testing.T, s *site, relay string) *httptest.Server {
	t.Helper()
	to := func(address, origin string) http.Handler {
		at, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(at)
				r.Out.Header.Set("Origin", origin)
			},
			ModifyResponse: func(r *http.Response) error {
				if policy := r.Header.Get("Content-Security-Policy"); policy != "" {
					r.Header.Set("Content-Security-Policy", policy+"; sandbox allow-scripts")
				}
				r.Header.Set("Access-Control-Allow-Origin", "*")
				return nil
			},
			ErrorLog: log.New(io.Discard, "", 0), // the network is away
		}
	}
	pages, sockets := to(s.origin, s.origin), to("http://"+relay, s.origin)
	g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			sockets.ServeHTTP(w, r)
		} else {
			pages.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(g.Close)
	return g
}

// livesInPage asks for a do-not-call while the relay is away, of which the page says why it
// is not kept, and which OCS hears once when the relay is back.
func (r *keptRig) livesInPage(p *page, phone, why string) {
	p.t.Helper()
	p.wait(connected)
	r.relay.front.Use("")
	p.wait(`!(` + connected + `)`)
	p.ask(phone)
	p.checkUnkept(why)
	r.relay.front.Use(r.relay.at)
	p.wait(`deep("dnc", ".line.done")`)
	p.wait(notAsked)
	p.warnedOnce(why)
	if n := r.times(phone); n != 1 {
		p.t.Errorf("OCS heard of it %d times, want once", n)
	}
}

// TestUnkeptForbidden: a sandbox or a setting of the browser forbids the storage. A
// request lives in the page alone, and goes out when the network is back.
func TestUnkeptForbidden(t *testing.T) {
	together(t)
	for name, tt := range map[string]struct {
		settings string // of the browser's profile
		sandbox  bool
		why      string
	}{
		"sandbox":                 {"", true, "SecurityError: "},
		"sites may store nothing": {`{"profile": {"default_content_setting_values": {"cookies": 2}}}`, false, "UnknownError: The user denied permission"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newKeptRig(t)
			at := r.site.origin
			if tt.sandbox {
				g := gateway(t, r.site, r.relay.addr)
				r.site.relay.Store(new(strings.TrimPrefix(g.URL, "http://")))
				at = g.URL
			}
			p, _ := newProfile(t, tt.settings).tab(at)
			r.livesInPage(p, "5550000311", tt.why)
		})
	}
}

// theirs makes a database of our name that another program of the origin holds open. Its
// tables have one object each.
const theirs = `new Promise((resolve, reject) => {
	const tables = %s;
	const request = indexedDB.open("commdn", %d);
	request.onupgradeneeded = () => Object.entries(tables).forEach(([name, options]) => request.result.createObjectStore(name, options).put({ id: 1 }, options ? undefined : "1"));
	request.onerror = () => reject(request.error);
	request.onsuccess = () => { window.db = request.result; resolve(true); };
})`

// TestUnkeptOfAnother: another program of the origin has a database of our name, with
// another version or other tables. It stays as it is, and a request lives in the page.
func TestUnkeptOfAnother(t *testing.T) {
	together(t)
	for name, tt := range map[string]struct {
		tables  string // with their options; of createObjectStore
		version int
		why     string
	}{
		"newer":             {`{ requests: undefined, theirs: undefined }`, 99, "VersionError: "},
		"without our table": {`{ theirs: undefined }`, 1, "NotFoundError: "},
		"another table":     {`{ requests: { keyPath: "id" } }`, 1, "DataError: "},
	} {
		t.Run(name, func(t *testing.T) {
			r, b := newKeptRig(t), newBrowser(t)
			other, _ := b.bare(r.site.origin + "/commdn.json")
			get[bool](other, theirs, tt.tables, tt.version)
			p, _ := b.tab(r.site.origin)
			r.livesInPage(p, "5550000321", tt.why)
			left := get[string](other, `(async (tables) => {
				db.close();
				const { name, version } = (await indexedDB.databases())[0];
				const open = indexedDB.open(name);
				await new Promise((resolve) => { open.onsuccess = resolve; });
				const names = [...open.result.objectStoreNames];
				const objects = await Promise.all(names.map((table) => new Promise((resolve) => {
					const all = open.result.transaction(table).objectStore(table).getAll();
					all.onsuccess = () => resolve(all.result);
				})));
				const same = names.join() === Object.keys(tables).join() && objects.every((all) => JSON.stringify(all) === '[{"id":1}]');
				return same ? "version " + version : JSON.stringify([names, objects]);
			})(%s)`, tt.tables)
			if left != fmt.Sprint("version ", tt.version) {
				t.Errorf("theirs is now %s", left)
			}
		})
	}
}

// TestUnkeptSince: another program of the origin takes over the database while a page is
// open, which does not stand in its way. What that page had kept stays there, what comes
// lives in the page, and all of it goes out.
func TestUnkeptSince(t *testing.T) {
	together(t)
	r, b := newKeptRig(t), newBrowser(t)
	p, _ := b.tab(r.site.origin)
	p.wait(connected)
	r.relay.front.Use("")
	p.wait(`!(` + connected + `)`)
	p.ask("5550000341")
	p.wait(`seen.some((r) => r.kept)`)
	other, _ := b.bare(r.site.origin + "/commdn.json")
	get[bool](other, theirs, `{ theirs: undefined }`, 2)
	p.ask("5550000342")
	p.checkUnkept("VersionError: ")
	p.until(`records().then((all) => all.length === 1 && all[0].includes("5550000341"))`)
	r.relay.front.Use(r.relay.at)
	p.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Done,Done"`)
	p.warnedOnce("VersionError: ")
	for _, phone := range []string{"5550000341", "5550000342"} {
		if n := r.times(phone); n != 1 {
			t.Errorf("OCS heard of %s %d times, want once", phone, n)
		}
	}
}

// TestUnkeptBehind: the browser opens no database as long as it waits for another page
// to close its own. That ends after a while with a reason, and what still waits is kept
// once that page has.
func TestUnkeptBehind(t *testing.T) {
	together(t)
	r, b := newKeptRig(t), newBrowser(t)
	other, _ := b.bare(r.site.origin + "/commdn.json")
	get[bool](other, theirs, `{ requests: undefined }`, 1)
	get[bool](other, `new Promise((resolve) => {
		indexedDB.deleteDatabase("commdn").onblocked = () => resolve(true);
	})`)
	p, _ := b.tab(r.site.origin)
	p.wait(connected)
	r.relay.front.Use("")
	p.wait(`!(` + connected + `)`)
	p.ask("5550000331")
	p.checkUnkept("Error: IndexedDB does not answer")
	other.eval(`db.close()`)
	p.ask("5550000332")
	p.wait(`handle.status.unkept === "" && ["5550000331", "5550000332"].every((phone) => seen.some((r) => r.phone === phone && r.kept))`)
	p.wait(notAsked)
	p.warnedOnce("Error: IndexedDB does not answer")
	p.until(`records().then((all) => all.length === 2)`)
	r.relay.front.Use(r.relay.at)
	p.wait(rows + `.map((e) => e.querySelector("strong").textContent).join() === "Done,Done"`)
	p.until(`records().then((all) => all.length === 0)`)
	for _, phone := range []string{"5550000331", "5550000332"} {
		if n := r.times(phone); n != 1 {
			t.Errorf("OCS heard of %s %d times, want once", phone, n)
		}
	}
}
