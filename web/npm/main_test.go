package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const version = "1.2.3"

// distribution makes the output of command pack from the current sources, around a
// WebAssembly program that does nothing: compressing the real one takes seconds, and
// nobody runs it here.
func distribution(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	wasm := filepath.Join(dir, "empty.wasm")
	if err := os.WriteFile(wasm, []byte("\x00asm\x01\x00\x00\x00"), 0o644); err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSpace(run(t, ".", "go", "env", "GOROOT"))
	dist := filepath.Join(dir, "dist")
	run(t, ".", "go", "run", "../pack", "-src", "..", "-out", dist, "-agent", wasm, "-all", wasm,
		"-runtime", filepath.Join(root, "lib/wasm/wasm_exec.js"), "-version", version)
	return dist
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	var failure bytes.Buffer
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Fatalf("%v: these tests need Node.js 20 or later with npm", err)
	}
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, failure.Bytes())
	}
	return string(out)
}

func packed(t *testing.T, dist string) string {
	t.Helper()
	path, err := write(dist, "..", "../../LICENSE", t.TempDir(), version)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// unpack returns the files of a package by name.
func unpack(t *testing.T, path string) map[string][]byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPackage(t *testing.T) {
	dist := distribution(t)
	path := packed(t, dist)
	if filepath.Base(path) != "commdn-1.2.3.tgz" {
		t.Errorf("its name is %s", path)
	}
	files := unpack(t, path)
	hash := regexp.MustCompile(`\.[0-9a-f]{12}\.`)
	var names []string
	for name, content := range files {
		plain, _ := strings.CutPrefix(name, "package/")
		names = append(names, hash.ReplaceAllString(plain, ".HASH."))
		from := filepath.Join(dist, plain)
		switch plain {
		case "package.json":
			continue
		case "custom-elements.json", "react.d.ts":
			from = "../" + plain
		case "README.md":
			from = "README.md"
		case "LICENSE":
			from = "../../LICENSE"
		}
		if want, err := os.ReadFile(from); err != nil || !bytes.Equal(content, want) {
			t.Errorf("%s is not %s: %v", name, from, err)
		}
	}
	slices.Sort(names)
	want := []string{
		"LICENSE", "README.md", "agent.HASH.wasm", "all.HASH.wasm", "commdn.d.ts", "commdn.js", "custom-elements.json",
		"go.HASH.js", "package.json", "plugin.HASH.js", "react.d.ts",
	}
	if !slices.Equal(names, want) {
		t.Errorf("files %v, want %v", names, want)
	}
	if again := unpack(t, packed(t, dist)); !maps.EqualFunc(files, again, bytes.Equal) {
		t.Error("the same files gave other ones")
	}
	first, _ := os.ReadFile(path)
	second, _ := os.ReadFile(packed(t, dist))
	if !bytes.Equal(first, second) {
		t.Error("the same files gave other bytes")
	}
	var m manifest
	if err := json.Unmarshal(files["package/package.json"], &m); err != nil {
		t.Fatal(err)
	}
	if m.Name != "commdn" || m.Version != version || m.Type != "module" || m.License != "Apache-2.0" ||
		m.Exports["."] != (exports{"./commdn.d.ts", "./commdn.js"}) || !slices.Equal(m.SideEffects, []string{"./commdn.js"}) {
		t.Errorf("package.json: %+v", m)
	}
}

func TestErrors(t *testing.T) {
	dist := distribution(t)
	loader, err := os.ReadFile(filepath.Join(dist, "commdn.js"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil          func(t *testing.T, dir string)
		version, words string
	}{
		"no plugin": {func(t *testing.T, dir string) {
			for _, pattern := range []string{"*.wasm", "go.*", "plugin.*"} {
				found, _ := filepath.Glob(filepath.Join(dir, pattern))
				for _, path := range found {
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
				}
			}
		}, version, "./build.sh build"},
		"no types":  {func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "commdn.d.ts")) }, version, "commdn.d.ts"},
		"no folder": {func(t *testing.T, dir string) { _ = os.RemoveAll(dir) }, version, "no such file"},
		"computed name": {func(t *testing.T, dir string) {
			text := regexp.MustCompile(`new URL\("(\./[^"]*\.wasm)"`).ReplaceAll(loader, []byte(`new URL("" + "$1"`))
			if bytes.Equal(text, loader) {
				t.Fatal("the loader names no wasm")
			}
			if err := os.WriteFile(filepath.Join(dir, "commdn.js"), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}, version, "bundlers do not take it along"},
		"version": {func(*testing.T, string) {}, "1.2", "MAJOR.MINOR.PATCH"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "dist")
			if err := os.CopyFS(dir, os.DirFS(dist)); err != nil {
				t.Fatal(err)
			}
			c.spoil(t, dir)
			if path, err := write(dir, "..", "../../LICENSE", t.TempDir(), c.version); err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("got %s, %v, want %q", path, err, c.words)
			}
		})
	}
}

// TestInstall: the package in an empty project resolves, its types are those that main.ts
// and app.tsx use, and its Custom Elements Manifest follows the schema.
func TestInstall(t *testing.T) {
	path := packed(t, distribution(t))
	dir := filepath.Join(t.TempDir(), "project")
	if err := os.CopyFS(dir, os.DirFS("testdata/project")); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "npm", "ci", "--no-audit", "--no-fund", "--prefer-offline")
	run(t, dir, "npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefer-offline", path)
	for name, content := range unpack(t, path) {
		plain, _ := strings.CutPrefix(name, "package/")
		installed, err := os.ReadFile(filepath.Join(dir, "node_modules/commdn", plain))
		if err != nil || !bytes.Equal(installed, content) {
			t.Errorf("%s was not installed as it is: %v", plain, err)
		}
	}
	run(t, dir, "node", "validate.mjs")
	run(t, dir, "node_modules/.bin/tsc")
}
