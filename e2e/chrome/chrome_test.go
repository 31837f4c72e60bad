package chrome

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFind: CHROMIUM, then the headless shell unless the whole browser is wanted, then the
// browsers by their names.
func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name, env, installed string
		whole                bool
		want                 string // "": ErrNotFound
	}{
		{"the environment's", "google-chrome", "chromium-headless-shell chromium google-chrome", false, "google-chrome"},
		{"the environment's, whole", "chromium-headless-shell", "chromium-headless-shell chromium", true, "chromium-headless-shell"},
		{"the shell", "", "chromium chromium-headless-shell", false, "chromium-headless-shell"},
		{"no shell", "", "google-chrome chromium", false, "chromium"},
		{"whole", "", "google-chrome chromium-browser chromium-headless-shell", true, "chromium-browser"},
		{"whole, but there is the shell alone", "", "chromium-headless-shell", true, ""},
		{"CHROMIUM names nothing", "/nonexistent/chromium", "chromium", false, ""},
		{"nothing", "", "", false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range strings.Fields(tt.installed) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", dir)
			t.Setenv("CHROMIUM", tt.env)
			got, err := Find(tt.whole)
			if tt.want != "" {
				if want := filepath.Join(dir, tt.want); err != nil || got != want {
					t.Fatalf("%q, %v; want %q", got, err, want)
				}
				return
			}
			if !errors.Is(err, ErrNotFound) {
				t.Fatalf("%q, %v; want ErrNotFound", got, err)
			}
			_, stop, err := Start(context.Background(), Options{Whole: tt.whole})
			stop()
			if !errors.Is(err, ErrNotFound) {
				t.Fatalf("Start: %v, want ErrNotFound", err)
			}
		})
	}
}

// TestStart: a tab has the focus, cannot resolve names, and leaves no profile behind.
func TestStart(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	tab, stop, err := Start(context.Background(), Options{Width: 640, Height: 480, Env: []string{"TZ=Pacific/Chatham"}})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	focus, err := chromedp.Run(tab, chromedp.Evaluate[bool]("document.hasFocus()"))
	if err != nil || !focus {
		t.Errorf("document.hasFocus() = %v, %v; want true", focus, err)
	}
	zone, err := chromedp.Run(tab, chromedp.Evaluate[string]("Intl.DateTimeFormat().resolvedOptions().timeZone"))
	if err != nil || zone != "Pacific/Chatham" {
		t.Errorf("the time zone is %q, %v; want that of the environment", zone, err)
	}
	if err := chromedp.Do(tab, chromedp.Navigate("http://example.com/")); !errors.Is(err, chromedp.ErrPageLoad) {
		t.Errorf("a page outside the machine: %v, want a load error", err)
	}
	stop()
	if err := tab.Err(); err == nil {
		t.Error("the tab's context lives on after stop")
	}
	left, err := filepath.Glob(filepath.Join(tmp, "chromedp-runner*"))
	if err != nil || len(left) != 0 {
		t.Errorf("profiles left: %v, %v", left, err)
	}
}

// TestOpen: tabs of one browser share no storage, have visible windows of one size, and
// end one by one.
func TestOpen(t *testing.T) {
	url := pages(t)
	browser, stop, err := Start(context.Background(), Options{Width: 640, Height: 480})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	const state = `(() => {
		const before = localStorage.getItem("name") + document.cookie;
		localStorage.setItem("name", "somebody");
		document.cookie = "name=somebody";
		return [before, document.hasFocus(), document.visibilityState, innerWidth, innerHeight].join();
	})()`
	seen := func(tab context.Context) string { t.Helper(); return look(t, tab, url, state) }
	if got := seen(browser); !strings.HasPrefix(got, "null,true,visible,640,") {
		t.Fatalf("the first tab: %s", got)
	}
	var heard atomic.Int32
	first, closeFirst, err := Open(browser, func(any) { heard.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	second, closeSecond, err := Open(browser, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer closeSecond()
	want := seen(first)
	if !strings.HasPrefix(want, "null,true,visible,640,") {
		t.Errorf("the first tab that was opened: %s", want)
	}
	if got := seen(second); got != want {
		t.Errorf("the second tab that was opened: %s, the first: %s", got, want)
	}
	if heard.Load() == 0 {
		t.Error("the listener heard nothing")
	}
	closeFirst()
	closeFirst()
	if first.Err() == nil {
		t.Error("the first tab's context lives on after stop")
	}
	if got := seen(second); got == want { // it still has its storage
		t.Errorf("the second tab after the first was closed: %s", got)
	}
	stop()
	if second.Err() == nil {
		t.Error("the second tab's context lives on after the browser")
	}
	if _, _, err := Open(browser, nil); err == nil {
		t.Error("a tab opens in a browser that has ended")
	}
}
