package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const web = "../../../web"

var written = []string{"README.md", "commdn.d.ts", "custom-elements.json"}

// copied makes a folder with the files that gen writes into.
func copied(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range written {
		if err := os.WriteFile(filepath.Join(dir, name), read(t, web, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestFresh(t *testing.T) {
	dir := copied(t)
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range written {
		if string(read(t, dir, name)) != string(read(t, web, name)) {
			t.Errorf("web/%s does not say what components/manifest/elements.yaml says; run ./build.sh gen", name)
		}
	}
}

// TestPut: put replaces what is between the marks and nothing else.
func TestPut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.md")
	for _, c := range []struct{ text, want string }{
		{"a\n<b>\nold\n<e>\nz\n", "a\n<b>\nnew\n<e>\nz\n"},
		{"a\n<b>\n<e>", "a\n<b>\nnew\n<e>"},
		{"a\n<e>\n", ""},
		{"a\n<b>\n", ""},
		{"<b>\n<e>\n<b>\n", ""},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		err := put(path, "<b>\n", "<e>", "new\n")
		got := string(read(t, filepath.Dir(path), "x.md"))
		switch {
		case c.want == "" && (err == nil || !strings.Contains(err.Error(), "exactly once") || got != c.text):
			t.Errorf("%q: %v, and it became %q", c.text, err, got)
		case c.want != "" && (err != nil || got != c.want):
			t.Errorf("%q became %q, %v", c.text, got, err)
		}
	}
	if err := put(path+"x", "", "", ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
