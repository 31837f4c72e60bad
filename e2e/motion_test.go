package e2e

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// rect is a place in CSS pixels.
type rect struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// rects returns the places of elements in the document.
func (p *page) rects(ids ...string) map[string]rect {
	p.t.Helper()
	return get[map[string]rect](p, `Object.fromEntries(%s.map((id) => {
		const r = document.getElementById(id).getBoundingClientRect();
		return [id, { x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height }];
	}))`, literal(append([]string{}, ids...)))
}

// frame waits for the next frame: what gets the focus scrolls into sight with it. A
// hidden page has none.
func (p *page) frame() {
	p.t.Helper()
	get[bool](p, `new Promise((r) => requestAnimationFrame(() => r(true)))`)
}

// moved returns the elements whose place or size differs by half a pixel or more.
func (p *page) moved(before map[string]rect) []string {
	p.t.Helper()
	var moved []string
	for id, b := range before {
		a := p.rects(id)[id]
		if max(math.Abs(a.X-b.X), math.Abs(a.Y-b.Y), math.Abs(a.Width-b.Width), math.Abs(a.Height-b.Height)) >= 0.5 {
			moved = append(moved, fmt.Sprintf("%s from %+v to %+v", id, b, a))
		}
	}
	slices.Sort(moved)
	return moved
}

// shift is a layout shift as the browser reports it: things jumped without a cause by the
// user.
type shift struct {
	Value    float64  `json:"value"` // share of the window, times share of the distance
	Time     float64  `json:"time"`  // milliseconds since the page began
	Expected bool     `json:"expected"`
	Sources  []string `json:"sources"` // what moved, if the browser says so
}

// shifts returns all layout shifts of the page. Those within half a second of a click or
// a key are expected. The browser reports none under three pixels; see moved.
func (p *page) shifts() []shift {
	p.t.Helper()
	return get[[]shift](p, `(async () => {
		const all = [], observer = new PerformanceObserver((list) => all.push(...list.getEntries()));
		observer.observe({ type: "layout-shift", buffered: true });
		for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
		await new Promise((resolve) => setTimeout(resolve));
		all.push(...observer.takeRecords());
		observer.disconnect();
		const name = (n) => (n ? n.nodeName.toLowerCase() + (n.id ? "#" + n.id : "") : "?");
		return all.map((e) => ({ value: e.value, time: e.startTime, expected: e.hadRecentInput, sources: e.sources.map((s) => name(s.node)) }));
	})()`)
}

// holdWasm is a script for openAfter: requests for .wasm wait for releaseWasm(), so that
// there is time to look at the page before.
const holdWasm = `{
	const real = window.fetch, gate = Promise.withResolvers();
	window.releaseWasm = gate.resolve;
	window.fetch = async (what, ...rest) => {
		if (new URL(what.url ?? what, location.href).pathname.endsWith(".wasm")) await gate.promise;
		return real.call(window, what, ...rest);
	};
}`

// frames are the times from one frame to the next, in milliseconds, and the tasks of 50
// ms and more that blocked the page.
type frames struct {
	Times []float64 `json:"times"` // sorted
	Long  []float64 `json:"long"`
}

// frames draws frames for a time while work runs, statements that may await.
func (p *page) frames(span time.Duration, work string) frames {
	p.t.Helper()
	f := within(p, span+patience, chromedp.Evaluate[frames](fmt.Sprintf(`(async () => {
		const long = [], times = [];
		const observer = new PerformanceObserver((list) => long.push(...list.getEntries()));
		observer.observe({ type: "longtask" });
		let work;
		await new Promise((resolve, reject) => {
			let last, end;
			const step = () => {
				const now = performance.now(); // the frame's own time is when it was due
				if (last === undefined) {
					end = now + %d;
					work = (async () => { %s })();
					work.catch(reject);
				} else times.push(now - last);
				last = now;
				if (now < end) requestAnimationFrame(step);
				else resolve();
			};
			requestAnimationFrame(step);
		});
		await work;
		await new Promise((resolve) => setTimeout(resolve));
		long.push(...observer.takeRecords());
		observer.disconnect();
		return { times, long: long.map((e) => e.duration) };
	})()`, span.Milliseconds(), work), chromedp.EvalAwaitPromise))
	slices.Sort(f.Times)
	slices.Sort(f.Long)
	return f
}

// at returns the time that a share of the frames, at most 1, did not exceed.
func (f frames) at(share float64) float64 {
	if len(f.Times) == 0 {
		return 0
	}
	return f.Times[max(0, int(math.Ceil(share*float64(len(f.Times))))-1)]
}

func (f frames) String() string {
	return fmt.Sprintf("%d frames: p50 %.1f, p95 %.1f, p99 %.1f, max %.1f ms; long tasks %.0f",
		len(f.Times), f.at(0.5), f.at(0.95), f.at(0.99), f.at(1), f.Long)
}

func TestFramesDistribution(t *testing.T) {
	together(t)
	var hundred []float64
	for i := range 100 {
		hundred = append(hundred, float64(i+1))
	}
	for _, tt := range []struct {
		f    frames
		want string
	}{
		{frames{}, "0 frames: p50 0.0, p95 0.0, p99 0.0, max 0.0 ms; long tasks []"},
		{frames{Times: []float64{16.7}, Long: []float64{51}}, "1 frames: p50 16.7, p95 16.7, p99 16.7, max 16.7 ms; long tasks [51]"},
		{frames{Times: hundred}, "100 frames: p50 50.0, p95 95.0, p99 99.0, max 100.0 ms; long tasks []"},
		{frames{Times: hundred[:3]}, "3 frames: p50 2.0, p95 3.0, p99 3.0, max 3.0 ms; long tasks []"},
	} {
		if got := tt.f.String(); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

// TestFrames: a task that blocks the page shows in the frames and among the long tasks.
func TestFrames(t *testing.T) {
	together(t)
	p := open(t, fixture(t, "", "").origin, "")
	f := p.frames(400*time.Millisecond, `
		await new Promise((resolve) => setTimeout(resolve, 100));
		for (const end = performance.now() + 120; performance.now() < end;);`)
	t.Log(f)
	if f.at(1) < 120 || f.at(0) >= f.at(1) || !slices.IsSorted(f.Times) {
		t.Errorf("frames %v", f.Times)
	}
	if len(f.Long) == 0 || f.Long[len(f.Long)-1] < 120 {
		t.Errorf("long tasks %v", f.Long)
	}
	p.clean()
}

// TestShifts: the browser and the rectangles both show what jumps; what stays does not
// show.
func TestShifts(t *testing.T) {
	together(t)
	p := open(t, fixture(t, `<late-one id="late"></late-one><p id="below">Below</p>`,
		element("late-one", ":host { display: block; min-height: 30px }", "<button>Late</button>")).origin, "late")
	before, start := p.rects("late", "below"), len(p.shifts()) // the browser may have drawn before the script ran
	if shifts, moved := p.shifts(), p.moved(before); len(shifts) != start || len(moved) != 0 {
		t.Errorf("nothing moved, but %+v, %q", shifts[start:], moved)
	}
	p.eval(`scrollTo(0, 5); deep("late", "button").style.height = "200px"`)
	all := p.shifts()[start:]
	if len(all) != 1 || all[0].Value <= 0 || all[0].Expected || !slices.Contains(all[0].Sources, "p#below") {
		t.Fatalf("shifts %+v", all)
	}
	if m := p.moved(before); len(m) != 2 {
		t.Errorf("moved %q, want both", m)
	}
	if again := p.shifts()[start:]; len(again) != 1 || again[0].Time != all[0].Time {
		t.Errorf("asked again: %+v", again)
	}
	p.clean()
}

// TestHoldWasm: the demo's elements wait as long as the wasm is held.
func TestHoldWasm(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAfter(t, holdWasm, d.url()+"agent.html", "")
	const loaded = `performance.getEntriesByType("resource").some((e) => e.name.endsWith(".wasm"))`
	p.wait(`performance.getEntriesByType("resource").some((e) => e.name.endsWith("/commdn.js"))`)
	p.wait(`customElements.get("commdn-dnc")`)
	if get[bool](p, `Boolean(deep("dnc", "button"))`) || get[bool](p, loaded) {
		t.Fatal("the wasm came before it was released")
	}
	p.eval(`releaseWasm()`)
	p.wait(`deep("dnc", "button")`)
	p.wait(loaded)
	p.clean()
}
