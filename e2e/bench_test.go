package e2e

import (
	"fmt"
	"slices"
	"testing"
)

const clicks = 200

// clickTimes clicks and waits for the result, again and again, each time with
// a new number. Milliseconds from the click to the text on the page.
const clickTimes = `(async () => {
	const el = document.getElementById("second");
	const times = [];
	for (let i = 0; i < %d; i++) {
		el.setAttribute("phone", String(5552000000 + i));
		const done = new Promise((resolve) => el.addEventListener("commdn-result", resolve, { once: true }));
		const began = performance.now();
		deep("second", ".main").click();
		const result = await done;
		if (!result.detail.ok || !deep("second", ".line.done")) throw new Error(JSON.stringify(result.detail));
		times.push(performance.now() - began);
	}
	return times;
})()`

// echoTimes has the same relay answer pings on a WebSocket that knows nothing
// of Go: header of five bytes, empty list of two.
const echoTimes = `(async () => {
	const ws = new WebSocket("ws://" + location.host + "/ws", "commdn.v1");
	ws.binaryType = "arraybuffer";
	const next = () => new Promise((resolve) => ws.addEventListener("message", resolve, { once: true }));
	await new Promise((resolve) => ws.addEventListener("open", resolve, { once: true }));
	ws.send(new Uint8Array([1, 0, 0, 0, 0, 0, 0]));
	await next();
	const times = [];
	for (let i = 0; i < %d; i++) {
		const began = performance.now();
		ws.send(new Uint8Array([8, 0, 0, 0, 1, 0, 0]));
		await next();
		times.push(performance.now() - began);
	}
	ws.close();
	return times;
})()`

// BenchmarkClick prints how long an agent's click takes to "on the list",
// beside the bare round trip that is in it.
func BenchmarkClick(b *testing.B) {
	d := startDemo(b)
	p := open(b, d.url(), "second")
	p.eval(`document.getElementById("second").setAttribute("confirm", "off")`)
	for b.Loop() {
		get[[]float64](p, clickTimes, 20) // warm
		click, echo := get[[]float64](p, clickTimes, clicks), get[[]float64](p, echoTimes, clicks)
		slices.Sort(click)
		slices.Sort(echo)
		median, p99 := click[clicks/2], click[clicks*99/100]
		fmt.Printf("click to \"on the list\": median %.2f ms, p99 %.2f ms; bare WebSocket round trip: median %.2f ms; ratio %.1f (aim: median under 3 ms)\n",
			median, p99, echo[clicks/2], median/echo[clicks/2])
		b.ReportMetric(median, "ms/click")
		b.ReportMetric(echo[clicks/2], "ms/echo")
	}
}
