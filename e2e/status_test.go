package e2e

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"commdn/relay/auth/authtest"
)

// TestStatusStates: the light is good, warn and stop, as words, alone and in full, with
// the event for the host page.
func TestStatusStates(t *testing.T) {
	together(t)
	d, p := stage(t, `<commdn-status id="status"></commdn-status><commdn-status id="light" detail="light"></commdn-status>
		<commdn-status id="full" detail="full"></commdn-status><commdn-status id="other"></commdn-status>`, `{ token: "agent=Dana" }`)
	all := []string{"status", "light", "full"}
	is := func(level, words string) {
		t.Helper()
		for _, id := range all {
			p.wait(`deep(%q, ".light.%s") && deep(%[1]q, "[role=status]").textContent.startsWith(%[3]q)`, id, level, words)
		}
	}
	last := func(id string) string {
		t.Helper()
		return get[string](p, `(() => { const e = told.filter((e) => e.type === "commdn-status" && e.id === %q).at(-1); return e ? e.level + " " + e.state + " " + e.identity.name + ": " + e.message : "" })()`, id)
	}

	p.run("good", func(t *testing.T) {
		is("good", "Connected")
		p.look("status-good", "status")
		p.look("status-light", "light")
		if s := get[string](p, `deep("light", ".light").title`); s != "Connected" {
			t.Errorf("the light alone has the title %q", s)
		}
		facts := get[[]string](p, `[...document.getElementById("full").shadowRoot.querySelectorAll("dl > div")].map((e) => e.textContent.trim())`)
		for i, want := range []string{"Connection", "Relay", "Session", "T-Server", "OCS", "Signed in as", "Roles"} {
			if i >= len(facts) || !strings.HasPrefix(facts[i], want) {
				t.Fatalf("%q is not in place %d of %q", want, i, facts)
			}
		}
		if facts[4] != "OCS201" || facts[5] != "Signed in asDana" || facts[6] != "RolesAgent" {
			t.Errorf("it shows %q", facts)
		}
		p.axe("full")
	})
	p.run("details by keyboard", func(t *testing.T) {
		p.eval(`document.body.focus()`)
		p.key("\t")
		if s := get[string](p, `document.getElementById("full").shadowRoot.activeElement?.localName ?? ""`); s != "summary" {
			t.Fatalf("the focus is on %q", s)
		}
		p.key("\r")
		p.wait(`!deep("full", "details").open`)
		p.axe("full")
		p.key(" ")
		p.wait(`deep("full", "details").open`)
	})
	p.run("no link to T-Server", func(t *testing.T) {
		d.fails(map[string]any{"do": "link_down"})
		is("stop", "T-Server cannot be reached: ")
		if s := last("status"); !strings.HasPrefix(s, "stop link-down Dana: T-Server cannot be reached: ") {
			t.Errorf("the host page is told %q", s)
		}
		if get[bool](p, `told.at(-1).link.up || !told.at(-1).link.reason`) {
			t.Error("the host page is told that the link is up, or not why it is down")
		}
		p.look("status-stop", "status")
		p.axe("light", "full")
		d.fails(map[string]any{"do": "link_up"})
		is("good", "Connected")
		if s := last("light"); s != "good connected Dana: Connected" {
			t.Errorf("the host page is told %q", s)
		}
	})
	p.run("connecting", func(t *testing.T) { // to a listener that accepts the connection and stays silent
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		p.eval(`document.getElementById("other").connection = window.other = connect({ url: "http://%s/", default: false })`, l.Addr())
		p.wait(`deep("other", ".light.warn") && deep("other", ".text").textContent === "Connecting"`)
		p.look("status-warn", "other")
	})
	p.run("closed", func(t *testing.T) {
		p.eval(`other.destroy()`)
		p.wait(`deep("other", "[role=alert]")?.textContent === "Not connected."`)
		p.look("status-closed", "other")
	})
	p.run("refused for good", func(t *testing.T) {
		p.eval(`document.getElementById("other").connection = connect({ url: relay, token: "nobody=Kim", default: false })`)
		p.wait(`deep("other", ".light.stop") && deep("other", ".text").textContent.startsWith("Out of order: ")`)
		p.look("status-failed", "other")
	})
	p.run("nonsense", func(t *testing.T) {
		p.set("light", "detail", "everything")
		p.wait(`deep("light", ".hint")?.textContent === "detail can be light, words or full, not everything"`)
		p.look("status-nonsense", "light")
	})
	p.forget("ERR_CONNECTION_RESET") // from the listener
	p.clean()
	p.run("not connected", func(t *testing.T) {
		d.kill()
		is("stop", "Not connected")
		if s := last("status"); s != "stop disconnected Dana: Not connected; trying again" {
			t.Errorf("the host page is told %q", s)
		}
		p.wait(`[...document.getElementById("full").shadowRoot.querySelectorAll("dt")].some((e) => e.textContent === "Last error")`)
		p.axe("status", "full")
		d.start()
		is("good", "Connected")
	})
	// Replace what changes with each run.
	for place, fact := range map[int]string{2: "commdn/1.2.3", 3: "4f0c21", 4: "Linked (since Nov 20, 2026, 2:07 PM UTC)", 8: "Nov 20, 2026, 2:07 PM UTC · connection lost (1006)"} {
		p.wait(`deep("full", %q)`, fmt.Sprintf("dl > div:nth-child(%d) > dd", place))
		p.eval(`deep("full", %q).textContent = %q`, fmt.Sprintf("dl > div:nth-child(%d) > dd", place), fact)
	}
	p.eval(`document.getElementById("full").shadowRoot.activeElement?.blur()`)
	p.look("status-full", "full")
}

// deafness makes WebSockets from here on hear nothing while deaf is true. The program's
// timers stand still from the moment that an element says that it is checking, which it
// says for five seconds, until release().
const deafness = `{
	const Socket = window.WebSocket, wait = window.setTimeout;
	window.WebSocket = class extends Socket {
		constructor(...args) {
			super(...args);
			this.addEventListener("message", (e) => window.deaf && e.stopImmediatePropagation());
		}
	};
	window.held = null;
	window.setTimeout = (f, ...rest) => {
		const own = !new Error().stack.includes("/go."); // not of the Go runtime
		return wait(() => own || !held ? f() : held.push(f), ...rest);
	};
	addEventListener("commdn-status", (e) => { if (e.detail.state === "checking") held ??= [] });
	window.release = () => { const all = held; held = null; all.forEach((f) => f()) };
}`

// TestStatusChecking: the light says that the connection is checked while a request has no
// answer of any kind, and is good again with the next one.
func TestStatusChecking(t *testing.T) {
	together(t)
	_, p := stage(t, `<commdn-status id="status"></commdn-status><commdn-status id="light" detail="light"></commdn-status><commdn-status id="narrow"></commdn-status>`, "{}")
	p.eval(deafness)
	p.eval(`document.getElementById("narrow").style.inlineSize = "160px";
		window.other = connect({ url: relay, default: false }); document.querySelectorAll("main > *").forEach((e) => { e.connection = other })`)
	p.wait(`other.status.state === "connected" && deep("status", ".text").textContent === "Connected"`)
	p.eval(`deaf = true; other.doNotCall({ phone: "5550000001" }).catch(() => {})`)
	p.wait(`deep("status", ".light.warn") && deep("status", ".text").textContent === "No answer yet; checking the connection"`)
	p.wait(`told.some((e) => e.id === "status" && e.state === "checking" && e.level === "warn")`)
	p.look("status-checking", "status")
	p.look("status-checking-light", "light")
	p.look("status-checking-narrow", "narrow")
	p.eval(`deaf = false; release()`)
	p.wait(`deep("status", ".light.good") && deep("status", ".text").textContent === "Connected"`)
	p.clean()
}

// TestStatusNoOCS: a relay without a list of OCS takes the first answer for that of all.
func TestStatusNoOCS(t *testing.T) {
	together(t)
	issuer := authtest.New(t)
	token := issuer.Token(map[string]any{"roles": "agent", "name": "Dana", "exp": time.Now().Unix() + 600})
	_, p := stageOf(t, `<commdn-status id="status"></commdn-status><commdn-status id="light" detail="light"></commdn-status>`, `{ token: `+literal(token)+` }`,
		func(origin string) *demo {
			relay, _ := startRelay(t, issuer, origin)
			return relay
		})
	p.eval(`document.querySelectorAll("main > *").forEach((e) => { e.connection = handle })`)
	p.wait(`deep("status", ".light.warn") && deep("status", ".text").textContent === "The relay knows no OCS"`)
	p.wait(`handle.status.state === "connected" && handle.status.link.up && handle.status.ocs.length === 0`)
	p.look("status-no-ocs", "status")
	p.axe("light")
	p.clean()
}
