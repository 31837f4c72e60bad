package e2e

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
)

const rows = `[...document.getElementById("activity").shadowRoot.querySelectorAll("li")]`

// TestActivityStates: this user's requests with every outcome, filtered, unfolded, and
// with the hint of a wrong attribute.
func TestActivityStates(t *testing.T) {
	together(t)
	d, p := stage(t, `<commdn-activity id="activity"></commdn-activity>`, "{}")
	words := func(want string) {
		t.Helper()
		p.wait(rows+`.map((e) => e.querySelector("strong").textContent).join(", ") === %q`, want)
	}
	said := func(want string) {
		t.Helper()
		p.wait(`deep("activity", ".said").textContent === %q`, want)
	}
	p.run("empty", func(t *testing.T) {
		said("No requests yet")
		if !get[bool](p, `deep("activity", "[part=export-button]").disabled`) {
			t.Error("there is nothing, and it can be saved")
		}
		p.look("activity-empty", "activity")
	})

	// The host page sends requests through its handle; elements send them the same way.
	ask := func(call string) {
		t.Helper()
		before := get[int](p, rows+`.length`)
		p.eval(`handle.%s.catch(() => {})`, call)
		p.wait(rows+`.length === %d && deep("activity", ".said").textContent`, before+1)
	}
	ask(`doNotCall({ phone: "5551234567", customerId: "C-1042" })`)
	words("Done")
	ask(`doNotCall({ phone: "5550100010" })`) // the demo's OCS refuses it
	words("Refused, Done")
	sim[any](d, "campaigns", map[string]any{"campaign": 1001, "group": 502, "do": "load"})
	ask(`cancelRecord({ phone: "5550198822", chain: "RecordOnly", campaignName: "Autumn offers" })`)
	words("Incomplete, Refused, Done")
	ask(`doNotCall({ phone: "5550000001", target: 999 })`)
	words("Not sent, Incomplete, Refused, Done")
	ask(`startDialing({ campaign: 1001, group: 502, target: 201, dialing: { mode: 1, optimizeBy: 1, goal: 80 } })`)
	words("Done, Not sent, Incomplete, Refused, Done")
	p.wait(`deep("activity", "[part=entry]").textContent.includes("Autumn offers · Sales")`) // names follow numbers
	d.fails(map[string]any{"do": "silence", "phone": "5550000002"})
	ask(`doNotCall({ phone: "5550000002" })`)
	words("Sending, Done, Not sent, Incomplete, Refused, Done")

	p.run("list", func(t *testing.T) {
		said("6 requests")
		p.look("activity-list", "activity")
	})
	p.run("under way", func(t *testing.T) {
		p.click("activity", ".choice:nth-of-type(3)", 1)
		words("Sending")
		said("1 request")
		p.axe("activity")
		words("Sending") // the request stays in flight for 10 seconds
		p.wait(rows + `.length === 0`)
		said("No requests of this kind")
		p.axe("activity")
	})
	p.run("failed", func(t *testing.T) {
		p.click("activity", ".choice:nth-of-type(2)", 1)
		words("No answer, Not sent, Incomplete, Refused")
		p.axe("activity")
	})
	p.run("unfolded, by keyboard", func(t *testing.T) {
		p.key("\t\t") // from All past Failed, which has the focus
		p.eval(`deep("activity", "li:nth-child(4) summary").focus()`)
		p.key("\r")
		p.wait(`deep("activity", "li:nth-child(4) details").open`)
		lines := get[[]string](p, `[...document.getElementById("activity").shadowRoot.querySelectorAll("li:nth-child(4) p")].map((e) => e.textContent)`)
		// An OCS that writes the number in a form of its own adds a line.
		if text := strings.Join(lines, "\n"); !strings.Contains(text, "CM_ERROR_INVALID_PARAMETER (10)") || !slices.Contains(lines, "Asked 2:07:42 PM, settled 2:07:42 PM") {
			t.Errorf("it unfolds to %q", lines)
		}
		p.eval(`deep("activity", "li:nth-child(4) summary").blur()`)
		p.look("activity-unfolded", "activity")
	})
	p.run("limit", func(t *testing.T) {
		p.click("activity", ".choice:nth-of-type(1)", 1)
		p.set("activity", "limit", "2")
		words("No answer, Done")
		said("The newest 2 of 6")
		p.axe("activity")
		p.set("activity", "limit", "many")
		p.wait(`deep("activity", "p.hint")?.textContent === "limit can be 1 to 500, not many" && ` + rows + `.length === 6`)
		p.axe("activity")
		p.unset("activity", "limit")
	})
	p.clean()
	p.run("waiting", func(t *testing.T) {
		d.kill()
		p.wait(`handle.status.state !== "connected"`)
		ask(`doNotCall({ phone: "5550000003" })`)
		words("Waiting, No answer, Done, Not sent, Incomplete, Refused, Done")
		p.axe("activity")
	})
}

// TestActivityExport: the file on the disk holds all requests, whatever the filter shows;
// or only the page gets them.
func TestActivityExport(t *testing.T) {
	together(t)
	_, p := stage(t, `<commdn-activity id="activity" limit="1"></commdn-activity>`, "{}")
	dir := t.TempDir()
	p.seat.spent = true
	call(p, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{BrowserContextID: p.seat.context(), Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir})
	p.eval(`(async () => {
		await handle.doNotCall({ phone: "+15551234567", customerId: "=1+1, \"C\"" });
		await handle.doNotCall({ phone: "5550100010", chain: "RecordOnly" }).catch(() => {});
		window.asked = true;
	})()`)
	p.wait(`window.asked && deep("activity", "strong")?.textContent === "Refused" && deep("activity", ".said").textContent === "The newest 1 of 2"`)
	p.click("activity", "[part=export-button]", 2) // a double click saves once
	name := "commdn-activity-2026-11-20-1407.csv"
	p.wait(`deep("activity", ".said").textContent === %q`, text(t, "en", "activity.saved", "file", name))
	p.axe("activity")

	deadline := time.Now().Add(patience)
	for {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			break
		}
		if time.Now().After(deadline) {
			files, _ := os.ReadDir(dir)
			t.Fatalf("%s is not on the disk; there are %v", name, files)
		}
		time.Sleep(20 * time.Millisecond)
	}
	file, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	content, marked := strings.CutPrefix(string(file), "\ufeff")
	if !marked {
		t.Error("no byte order mark: Excel would take it for another code page")
	}
	records, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	if err != nil || len(records) != 3 {
		t.Fatalf("%q: %v", content, err)
	}
	column := func(record int, name string) string {
		t.Helper()
		for i, head := range records[0] {
			if head == name {
				return records[record][i]
			}
		}
		t.Fatalf("no column %s in %q", name, records[0])
		return ""
	}
	for _, tt := range []struct {
		record     int
		name, want string
	}{
		{1, "request", "CM_ReqDoNotCall"}, {1, "phone", "5550100010"}, {1, "chain", "RecordOnly"}, {1, "outcome", "refused"},
		{1, "code", "10"}, {1, "name", "CM_ERROR_INVALID_PARAMETER"}, {1, "target", "0"},
		{2, "phone", "+15551234567"}, {2, "customer_id", `'=1+1, "C"`}, {2, "outcome", "done"}, {2, "code", ""},
	} {
		if got := column(tt.record, tt.name); got != tt.want {
			t.Errorf("record %d has the %s %q, want %q", tt.record, tt.name, got, tt.want)
		}
	}
	if asked := column(1, "asked"); !regexp.MustCompile(`^2026-11-\d\dT\d\d:07:42\.000Z$`).MatchString(asked) {
		t.Errorf("asked at %q", asked)
	}
	exported := func() []map[string]any {
		t.Helper()
		return get[[]map[string]any](p, `told.filter((e) => e.type === "commdn-export")`)
	}
	if e := exported(); len(e) != 1 || e[0]["name"] != name || e[0]["rows"] != 2.0 || e[0]["csv"] != content {
		t.Errorf("the page was told %v", e)
	}

	// Only the page gets it: nothing more lands on the disk.
	p.set("activity", "export", "event")
	p.click("activity", "[part=export-button]", 1)
	p.wait(`deep("activity", ".said").textContent === %q`, text(t, "en", "activity.handed-over", "file", name))
	if e := exported(); len(e) != 2 || e[1]["csv"] != content {
		t.Errorf("the page was told %v", e)
	}
	p.set("activity", "export", "off")
	p.wait(`!deep("activity", "[part=export-button]")`)
	p.axe("activity")
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("on the disk are %v (%v)", files, err)
	}
	p.clean()
}
