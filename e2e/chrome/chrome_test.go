package chrome

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestFindPrefersTheEnvironment(t *testing.T) {
	exe := filepath.Join(t.TempDir(), "my-browser")
	if err := os.WriteFile(exe, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CHROMIUM", exe)
	if got, err := Find(); err != nil || got != exe {
		t.Fatalf("Find() = %q, %v; want %q", got, err, exe)
	}
}

func TestFindNamesWhatIsMissing(t *testing.T) {
	for _, tt := range []struct{ name, env string }{
		{"CHROMIUM names nothing", "/nonexistent/chromium"},
		{"nothing in PATH", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("PATH", t.TempDir())
			t.Setenv("CHROMIUM", tt.env)
			if _, err := Find(); !errors.Is(err, ErrNotFound) {
				t.Fatalf("Find() error = %v, want ErrNotFound", err)
			}
			_, stop, err := Start(context.Background(), Options{})
			stop()
			if !errors.Is(err, ErrNotFound) {
				t.Fatalf("Start() error = %v, want ErrNotFound", err)
			}
		})
	}
}

// A tab has the focus, cannot look up names, and leaves no profile behind.
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
