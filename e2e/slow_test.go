package e2e

import (
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var (
	loads = flag.Int("loads", 7, "loads of each page in BenchmarkSlow")
	pages = flag.String("pages", "", "regular expression of the pages in BenchmarkSlow and BenchmarkRenderer, beside the empty Go program")
)

// measure runs before a page. load() resolves when the page is usable and has become
// idle; clicks() makes the first click and confirms it. Times are in ms, and a task is
// long from 50 ms on.
const measure = `
window.deep = (id, selector) => document.getElementById(id)?.shadowRoot?.querySelector(selector);
{
	let longest = 0, total = 0, usable = 0, status = "";
	new PerformanceObserver((list) => {
		for (const { duration } of list.getEntries()) {
			longest = Math.max(longest, duration);
			total += duration;
		}
	}).observe({ type: "longtask", buffered: true });
	addEventListener("commdn-status", (e) => { status = e.detail.level });
	const frame = () => new Promise(requestAnimationFrame);
	const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
	window.load = async (ready, connects) => {
		while (!eval(ready)) await frame();
		usable = performance.now();
		while (connects && !/^(good|warn)$/.test(status)) await frame();
		for (let i = 0; i < 3; i++) {
			await pause(200);
			await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 2000 })); // a busy machine may never be idle
		}
		return { usable, longest, total, host: performance.getEntriesByName("host")[0]?.startTime ?? 0 };
	};
	window.grown = () => {
		if (!/^(good|warn)$/.test(status)) return false;
		if (!document.getElementById("campaigns")) document.body.append(Object.assign(document.createElement("commdn-campaigns"), { id: "campaigns" }));
		return deep("campaigns", ".base");
	};
	window.clicks = async () => {
		longest = total = 0;
		const dnc = document.getElementById("dnc");
		const click = (selector) => {
			const began = performance.now();
			const since = (resolve) => () => resolve(performance.now() - began);
			const changed = new Promise((resolve) => new MutationObserver(since(resolve)).observe(dnc.shadowRoot, { subtree: true, childList: true, attributes: true, characterData: true }));
			const result = new Promise((resolve) => dnc.addEventListener("commdn-result", since(resolve), { once: true }));
			deep("dnc", selector).click();
			return { changed, result };
		};
		const feedback = await click("button").changed;
		await pause(200);
		const done = await click("[part~=confirm-button]").result;
		await pause(200);
		return { feedback, done, longest };
	};
}`

// slowTimes is what a load gives, in ms.
type slowTimes struct{ usable, host, longest, total, feedback, done, inClicks []float64 }

func (s *slowTimes) row() []float64 {
	var row []float64
	for _, times := range [][]float64{s.usable, s.host, s.longest, s.total, s.feedback, s.done, s.inClicks} {
		if len(times) == 0 {
			times = []float64{0}
		}
		slices.Sort(times)
		row = append(row, times[len(times)/2])
	}
	return row
}

// BenchmarkSlow loads the elements on a slow computer, on a fast network and behind a VPN.
// It prints when they are usable, when the host's own module has run, the longest task and the total of long tasks of the host
// page until it is idle (0: none of 50 ms), how long the first click takes to something
// new on the page and its confirmation to the result, and the longest task in clicks;
// beside an empty Go program, the same in a Worker (feedback: a message there and back), and a page without us. The loads of the pages take turns, so
// that ratios hold on a busy machine. -bench 'Slow/4x/vpn/cold' picks one cell,
// -pages some pages, -loads the loads of each.
func BenchmarkSlow(b *testing.B) {
	s := slowSite(b)
	d := startDemo(b, "--origin", s.URL)
	for _, cpu := range []float64{1, 4, 6} {
		for _, net := range []string{"lan", "vpn"} {
			for _, cache := range []string{"cold", "warm"} {
				b.Run(fmt.Sprintf("%.0fx/%s/%s", cpu, net, cache), func(b *testing.B) {
					for b.Loop() {
						slowCell(b, s.URL+"/?relay="+d.addr+"&page=", cpu, net == "vpn", cache == "warm")
					}
				})
			}
		}
	}
}

// wantedPages is what -pages says.
func wantedPages(b *testing.B) *regexp.Regexp {
	wanted, err := regexp.Compile(*pages)
	if err != nil {
		b.Fatal("-pages: ", err)
	}
	return wanted
}

func slowCell(b *testing.B, url string, cpu float64, vpn, warm bool) {
	wanted := wantedPages(b)
	all := make([]slowTimes, len(slowPages))
	for range *loads {
		for i, page := range slowPages {
			if i == 1 || wanted.MatchString(page.name) {
				slowLoad(b, fmt.Sprint(url, i), &all[i], i, cpu, vpn, warm)
			}
		}
	}
	fmt.Printf("\n%-18s%9s%9s%9s%10s%9s%10s%9s%10s\n", "medians in ms", "usable", "host", "longest", "of empty", "total", "feedback", "done", "in clicks")
	floor := all[1].row()[2]
	for i, page := range slowPages {
		if len(all[i].usable) == 0 {
			continue
		}
		r := all[i].row()
		fmt.Printf("%-18s%9.0f%9.0f%9.0f%9.1fx%9.0f%10.1f%9.0f%10.0f\n", page.name, r[0], r[1], r[2], r[2]/max(floor, 50), r[3], r[4], r[5], r[6])
	}
}

// slowLoad measures one load in a tab of its own: what the browser keeps, it keeps for
// one tab. Warm is the second load.
func slowLoad(b *testing.B, url string, to *slowTimes, i int, cpu float64, vpn, warm bool) {
	p := &page{t: b}
	ctx, stop, err := shared.open(p.listen)
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	p.ctx = ctx
	call(p, devtools.AddScriptToEvaluateOnNewDocument, devtools.AddScriptToEvaluateOnNewDocumentParams{Source: measure})
	call(p, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: cpu})
	ours := strings.Contains(slowPages[i].body, "commdn-dnc")
	load := func() map[string]float64 {
		do(p, chromedp.Navigate(url))
		return get[map[string]float64](p, `load(%q, %t)`, slowPages[i].ready, ours)
	}
	if warm {
		load()
		do(p, chromedp.Navigate("about:blank"))
	}
	if vpn {
		call(p, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Latency: 100, DownloadThroughput: 2e6 / 8, UploadThroughput: 2e6 / 8}},
		})
	}
	times := load()
	to.usable = append(to.usable, times["usable"])
	to.host = append(to.host, times["host"])
	to.longest = append(to.longest, times["longest"])
	to.total = append(to.total, times["total"])
	if get[bool](p, `!!window.hop`) {
		to.feedback = append(to.feedback, get[float64](p, `hop()`))
	}
	if ours {
		times = get[map[string]float64](p, `clicks()`)
		to.feedback = append(to.feedback, times["feedback"])
		to.done = append(to.done, times["done"])
		to.inClicks = append(to.inClicks, times["longest"])
	}
}
