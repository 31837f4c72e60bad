package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"commdn/e2e/chrome"
)

// BenchmarkRenderer prints how much memory of its own the renderer of a page takes, for
// each page of BenchmarkSlow, after two clicks and a time of rest. Each page has a browser
// of its own, whose renderers count together. Memory that was written counts; Chromium's
// code that nobody else has run yet does not, as the renderers of a desktop share it.
func BenchmarkRenderer(b *testing.B) {
	s := slowSite(b)
	d := startDemo(b, "--origin", s.URL)
	for b.Loop() {
		var without float64
		wanted := wantedPages(b)
		for i, page := range slowPages {
			if i > 1 && !wanted.MatchString(page.name) {
				continue
			}
			var all []float64
			for range *loads {
				all = append(all, rendererMemory(b, fmt.Sprint(s.URL, "/?relay=", d.addr, "&page=", i), i))
			}
			s := slowTimes{usable: all}
			median := s.row()[0]
			if i == 0 {
				without = median
			}
			fmt.Printf("%-18s %5.1f MB, %5.1f above the page without us\n", page.name, median, median-without)
		}
	}
}

// rendererMemory loads a page in a browser of its own, and gives the memory that the
// browser's renderers have written and share with nobody, in MB.
func rendererMemory(b *testing.B, url string, i int) float64 {
	p := &page{t: b}
	ctx, stop, err := chrome.Start(context.Background(), chrome.Options{Whole: true, Listener: p.listen})
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	p.ctx = ctx
	call(p, devtools.AddScriptToEvaluateOnNewDocument, devtools.AddScriptToEvaluateOnNewDocumentParams{Source: measure})
	do(p, chromedp.Navigate(url))
	ours := strings.Contains(slowPages[i].body, "commdn-dnc")
	get[map[string]float64](p, `load(%q, %t)`, slowPages[i].ready, ours)
	if ours {
		get[map[string]float64](p, `clicks()`)
	}
	time.Sleep(5 * time.Second) // the program tidies up, and the browser compiles in the background
	var sum float64
	stats, err := filepath.Glob("/proc/[0-9]*/smaps_rollup")
	if err != nil {
		b.Fatal(err)
	}
	for _, stat := range stats {
		pid := filepath.Base(filepath.Dir(stat))
		if command, _ := os.ReadFile("/proc/" + pid + "/cmdline"); !bytes.Contains(command, []byte("--type=renderer")) || !descends(pid) {
			continue
		}
		text, _ := os.ReadFile(stat) // a process that has ended has nothing
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "Private_Dirty:") {
				kb, _ := strconv.ParseFloat(strings.Fields(line)[1], 64)
				sum += kb / 1024
			}
		}
	}
	return sum
}

// descends tells whether a process comes from this one.
func descends(pid string) bool {
	for pid != "" && pid != "0" && pid != "1" {
		if pid == strconv.Itoa(os.Getpid()) {
			return true
		}
		stat, _ := os.ReadFile("/proc/" + pid + "/stat")
		_, after, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(after)
		if len(fields) < 2 {
			return false
		}
		pid = fields[1]
	}
	return false
}
