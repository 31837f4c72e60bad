package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/memory"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// keepMemory is a script for openAfter: it gives the page the program's memory as
// goMemory, and the JavaScript values that the program holds, otherwise private, as
// goValues.
const keepMemory = `{
	const real = WebAssembly.instantiate;
	WebAssembly.instantiate = async (...args) => {
		const made = await real.apply(WebAssembly, args);
		window.goMemory = (made.instance ?? made).exports.mem;
		return made;
	};
	Object.defineProperty(Object.prototype, "_values", {
		configurable: true,
		set(values) {
			window.goValues = values;
			Object.defineProperty(this, "_values", { value: values, writable: true, configurable: true });
		},
	});
}`

// held is what a page holds after garbage collection.
type held struct {
	wasm      int64 // bytes of the program's memory, which never shrinks
	values    int64 // JavaScript values that the program holds
	heap      int64 // bytes of the JavaScript heap
	nodes     int64 // nodes in documents, also those that only the heap knows
	listeners int64
}

func (h held) String() string {
	return fmt.Sprintf("wasm %.1f MB, JS heap %.1f MB, %d nodes, %d listeners, %d values", float64(h.wasm)/1e6, float64(h.heap)/1e6, h.nodes, h.listeners, h.values)
}

// held collects the garbage and counts the rest. Go releases JavaScript values after a
// run of its own collector, which needs some work to start.
func (p *page) held() held {
	p.t.Helper()
	for range 2 {
		call(p, heapprofiler.CollectGarbage, cdp.Empty{})
	}
	dom := call(p, memory.GetDOMCounters, cdp.Empty{})
	return held{
		wasm: get[int64](p, `goMemory.buffer.byteLength`), values: get[int64](p, `goValues.filter((v) => v !== null && v !== undefined).length`),
		heap: int64(call(p, runtime.GetHeapUsage, cdp.Empty{}).UsedSize), nodes: int64(dom.Nodes), listeners: int64(dom.JsEventListeners),
	}
}

// cycle adds an element to the page and removes it, count times, and waits each time
// until the program has done either.
const cycle = `(async (tag, count) => {
	const main = document.querySelector("main");
	for (let i = 0; i < count; i++) {
		const el = document.createElement(tag);
		if (tag === "commdn-dnc" || tag === "commdn-cancel") el.setAttribute("phone", "555" + i);
		main.append(el);
		if (!el.shadowRoot.querySelector("[part~=base]")) throw new Error("not drawn");
		el.remove();
		await undefined;
		await undefined;
		if (el.shadowRoot.childNodes.length) throw new Error("still drawn");
		if (i %% 50 === 49) await new Promise((resolve) => setTimeout(resolve)); // as pages do: timers, frames, the collector
	}
	return true;
})(%q, %d)`

var tags = []string{"commdn-dnc", "commdn-cancel", "commdn-campaigns", "commdn-sequence", "commdn-status", "commdn-activity"}

// cycles runs cycle with an element; its time is bounded, for thousands of times.
func (p *page) cycles(tag string, count int) {
	p.t.Helper()
	if !within(p, 20*time.Minute, chromedp.Evaluate[bool](fmt.Sprintf(cycle, tag, count), chromedp.EvalAwaitPromise)) {
		p.t.Fatal("the cycles did not end")
	}
}

// openCycles opens the start page, where a status stays connected.
func openCycles(t testing.TB, d *demo) *page {
	t.Helper()
	p := openAfter(t, keepMemory, d.url(), "")
	p.wait(`deep("status", ".base")?.textContent.includes("Connected")`)
	p.drawsAll()
	p.wait(`deep("status", ".base")?.textContent.includes("Connected")`)
	return p
}

// TestElementsLeaveNothing: removed elements leave no node, no listener, no value that
// the program holds, and no memory beyond the reserve of the collectors. Uncollected
// garbage is well below the bounds here, and a leak of so many elements would be well
// above.
func TestElementsLeaveNothing(t *testing.T) {
	together(t)
	const nodes, values, listeners = 3000, 1500, 100
	counts := map[string]int{"commdn-campaigns": 100, "commdn-sequence": 100, "commdn-status": 1500}
	d := startDemo(t)
	p := openCycles(t, d)
	for _, tag := range tags {
		p.run(tag, func(t *testing.T) {
			count := counts[tag]
			if count == 0 {
				count = 600
			}
			p.cycles(tag, count/2) // fills the program's reserve
			before := p.held()
			p.cycles(tag, count)
			stays := func(h held) bool { return h.nodes > nodes || h.values > values || h.listeners > listeners }
			after := p.held()
			// The program collects when the browser is idle, which comes later on a busy
			// machine.
			for late := time.Now().Add(patience); stays(after) && time.Now().Before(late); {
				get[bool](p, `new Promise((resolve) => requestIdleCallback(() => resolve(true), { timeout: 2000 }))`)
				after = p.held()
			}
			t.Logf("%d times: %v, before %v", count, after, before)
			if stays(after) {
				t.Errorf("at most %d nodes, %d values, %d listeners were to stay", nodes, values, listeners)
			}
			if after.wasm > 2*before.wasm || after.heap > 2*before.heap {
				t.Error("the memory has grown")
			}
		})
	}
	p.clean()
}

// BenchmarkMemory prints what a page holds while each element comes and goes 10,000
// times.
func BenchmarkMemory(b *testing.B) {
	for _, tag := range tags {
		b.Run(tag, func(b *testing.B) {
			for b.Loop() {
				d := startDemo(b)
				p := openCycles(b, d)
				p.cycles(tag, 100)
				first := p.held()
				p.cycles(tag, 900)
				thousand := p.held()
				p.cycles(tag, 9000)
				all := p.held()
				fmt.Printf("<%s> mounted and unmounted 100 times: %v; 1,000: %v; 10,000: %v (aim: flat)\n", tag, first, thousand, all)
				d.kill()
			}
		})
	}
}

// TestCollectedWhenIdle: the program collects its garbage when the browser is idle; this
// test decides when.
func TestCollectedWhenIdle(t *testing.T) {
	together(t)
	const idle = keepMemory + `{
		const real = window.requestIdleCallback;
		window.waiting = [];
		window.requestIdleCallback = (f, ...more) => window.busy ? waiting.push(f) : real.call(window, f, ...more);
	}`
	d := startDemo(t)
	p := openAfter(t, idle, d.url()+"agent.html", "second")
	const values = `goValues.filter((v) => v !== null && v !== undefined).length`
	// A collection leaves what its finalizers still hold to the next one, so there are up to
	// five; each has to be asked for once.
	for round := 1; ; round++ {
		p.eval(`busy = true; waiting.length = 0`)
		asked := get[int](p, `(async () => {
			const el = document.getElementById("second");
			el.setAttribute("phone", "5551234567");
			el.removeAttribute("confirm");
			for (let i = 0; i < 1000 && !waiting.length; i++) {
				(deep("second", "[part~=cancel-button]") ?? deep("second", ".main")).click();
				await new Promise(requestAnimationFrame);
			}
			return waiting.length;
		})()`)
		before := get[int](p, values)
		if asked != 1 {
			t.Fatalf("idle time was asked for %d times, want once", asked)
		}
		p.eval(`busy = false; waiting[0]()`)
		if get[bool](p, `(async () => { // the earlier clicks, which Go releases after the collection
			for (let i = 0; i < 40 && %[1]s >= %[2]d; i++) await new Promise((go) => setTimeout(go, 50));
			return %[1]s < %[2]d;
		})()`, values, before-10) {
			break
		}
		if round == 5 {
			t.Fatalf("%d values before the fifth collection, and hardly fewer after it", before)
		}
	}
	p.clean()
}
