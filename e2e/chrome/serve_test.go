package chrome

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// pages serves an empty page.
func pages(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>Page</title>")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// look visits a page in a tab, and gives what an expression is there.
func look(t *testing.T, tab context.Context, url, expression string) string {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.Navigate(url)); err != nil {
		t.Fatal(err)
	}
	s, err := chromedp.Run(tab, chromedp.Evaluate[string](expression))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestServe: others have tabs of their own in a browser, which go with them. The browser
// stays for the next one, and leaves no profile behind.
func TestServe(t *testing.T) {
	url := pages(t)
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	address, stop, err := Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	const remember = `(() => {
		const before = String(localStorage.getItem("name"));
		localStorage.setItem("name", "somebody");
		return before + document.hasFocus() + document.visibilityState;
	})()`
	first, leave, err := Join(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, leaveToo, err := Join(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tab := range []context.Context{first, second} {
		if got := look(t, tab, url, remember); got != "nulltruevisible" {
			t.Errorf("a tab says %s", got)
		}
	}
	leave()
	if first.Err() == nil {
		t.Error("the first tab's context lives on after stop")
	}
	if got := look(t, second, url, remember); got != "somebodytruevisible" {
		t.Errorf("after the other one has left: %s", got)
	}
	leaveToo()
	third, leave, err := Join(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	all, err := chromedp.Targets(third)
	if err != nil {
		t.Fatal(err)
	}
	open := 0
	for _, one := range all {
		if one.Type == "page" {
			open++
		}
	}
	if open != 2 { // the browser's own and the third
		t.Errorf("%d tabs are open: %v", open, all)
	}
	stop()
	if _, _, err := Join(t.Context(), address, nil); err == nil {
		t.Error("a tab opens in a browser that has ended")
	}
	if left, err := filepath.Glob(filepath.Join(tmp, "chrome*")); err != nil || len(left) != 0 {
		t.Errorf("profiles left: %v, %v", left, err)
	}
}

// TestAttach: what a second context of a tab has set ends with it, and the tab stays.
func TestAttach(t *testing.T) {
	url := pages(t)
	browser, stop, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	tab, end, err := Open(browser, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	for round := range 2 {
		again, err := Attach(tab, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := look(t, again, url, "String(window.mark)"); got != "undefined" {
			t.Errorf("round %d: a script of before ran: %s", round, got)
		}
		if err := chromedp.Do(again, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "window.mark = 1"})
			return err
		})); err != nil {
			t.Fatal(err)
		}
		if got := look(t, again, url, "String(window.mark)"); got != "1" {
			t.Errorf("round %d: the script did not run: %s", round, got)
		}
		if err := chromedp.Cancel(again); err != nil {
			t.Fatal(err)
		}
		if got := look(t, tab, url, "String(window.mark)"); got != "undefined" {
			t.Errorf("round %d: the script outlives its context: %s", round, got)
		}
	}
}
