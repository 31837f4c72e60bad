package e2e

import (
	"fmt"
	"slices"
	"testing"
)

const clicks = 200

// clickTimes clicks and waits for the result, again and again, each time with a new
// number. It gives the milliseconds from the click to the text on the page.
const clickTimes = `(async () => {
	const el = document.getElementById("second");
	const times = [];
	for (let i = 0; i < %d; i++) {
		window.benched = (window.benched ?? 0) + 1; // a number on the list is not asked again
		el.setAttribute("phone", String(5552000000 + benched));
		const done = new Promise((resolve) => el.addEventListener("commdn-result", resolve, { once: true }));
		const began = performance.now();
		deep("second", ".main").click();
		const result = await done;
		if (!result.detail.ok || !deep("second", ".line.done")) throw new Error(JSON.stringify(result.detail));
		times.push(performance.now() - began);
	}
	return times;
})()`

// echoTimes pings the same relay on a WebSocket without Go: a header of five bytes, an
// empty list of two.
const echoTimes = `(async () => {
	const ws = new WebSocket("ws://" + location.host + "/ws", "commdn.v2");
	ws.binaryType = "arraybuffer";
	const next = () => new Promise((resolve) => ws.addEventListener("message", resolve, { once: true }));
	await new Promise((resolve) => ws.addEventListener("open", resolve, { once: true }));
	ws.send(new Uint8Array([1, 0, 0, 0, 0, 0, 0]));
	await next();
	const times = [];
	for (let i = 0; i < %d; i++) {
		const began = performance.now();
		ws.send(new Uint8Array([9, 0, 0, 0, 1, 0, 0]));
		await next();
		times.push(performance.now() - began);
	}
	ws.close();
	return times;
})()`

// noTrace keeps the demo page from drawing its live trace, which takes time of the main
// thread with each event; a real desktop has none.
const noTrace = `window.EventSource = class {}`

// BenchmarkClick prints how long an agent's click takes to "on the list", beside the bare
// round trip that it includes.
func BenchmarkClick(b *testing.B) {
	for _, page := range []struct{ name, before string }{{"without trace", noTrace}, {"with the demo's live trace", "0"}} {
		b.Run(page.name, func(b *testing.B) {
			d := startDemo(b)
			p := openAfter(b, page.before, d.url()+"agent.html", "second")
			p.eval(`document.getElementById("second").setAttribute("confirm", "off")`)
			for b.Loop() {
				get[[]float64](p, clickTimes, clicks) // warm-up: the browser recompiles hot code
				click, echo := get[[]float64](p, clickTimes, clicks), get[[]float64](p, echoTimes, clicks)
				slices.Sort(click)
				slices.Sort(echo)
				median, p99 := click[clicks/2], click[clicks*99/100]
				fmt.Printf("click to \"on the list\", %s: median %.2f ms, p99 %.2f ms; bare WebSocket round trip: median %.2f ms; ratio %.1f (aim: median under 3 ms)\n",
					page.name, median, p99, echo[clicks/2], median/echo[clicks/2])
			}
		})
	}
}
