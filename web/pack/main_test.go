package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"commdn/components/manifest"
)

// site is a folder of sources with a wasm binary, and an empty one for dist.
type site struct {
	t                       *testing.T
	src, out, wasm, runtime string // wasm is the agent's; beside it is all.wasm
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{
		t: t, src: filepath.Join(dir, "web"), out: filepath.Join(dir, "dist"),
		wasm: filepath.Join(dir, "agent.wasm"), runtime: filepath.Join(goroot(t), "lib/wasm/wasm_exec.js"),
	}
	for _, folder := range []string{s.src, filepath.Join(dir, "wasm/render"), filepath.Join(dir, "wasm/store")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range append([]string{"commdn.js", "draw.js", "errors.js", "shared.js", "program.js", "plugin.js", "custom-elements.json", "handover.js", "readable.js", "kept.js", "left.js", "manners.js", "mistakes.js", "../wasm/render/board.js", "../wasm/store/store.js"}, pages...) {
		content, err := os.ReadFile(filepath.Join("..", name)) // the real ones
		if err != nil {
			t.Fatal(err)
		}
		s.write(filepath.Join(s.src, name), string(content))
	}
	s.write(s.wasm, "\x00asm"+strings.Repeat("content", 1000))
	s.write(s.all(), "\x00asm"+strings.Repeat("more content", 1000))
	return s
}

func goroot(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(dir))
}

func (s *site) write(path, content string) {
	s.t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) all() string { return filepath.Join(filepath.Dir(s.src), "all.wasm") }

// packedSite is a new site whose dist was packed. Brotli at its best takes seconds, so the
// files of a first pack are made once.
func packedSite(t *testing.T) (*site, map[string]string) {
	t.Helper()
	s := newSite(t)
	once.Do(func() { first = s.packed() })
	if first == nil {
		t.Fatal("the first pack failed, in an earlier test")
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range first {
		s.write(filepath.Join(s.out, name), content)
	}
	return s, first
}

var (
	once  sync.Once
	first map[string]string // by name
)

func (s *site) pack() error { return pack(s.src, s.out, s.wasm, s.all(), s.runtime, "1.2.3") }

// packed returns the files of dist after a pack that must succeed.
func (s *site) packed() map[string]string {
	s.t.Helper()
	if err := s.pack(); err != nil {
		s.t.Fatal(err)
	}
	files := map[string]string{}
	entries, err := os.ReadDir(s.out)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(s.out, e.Name()))
		if err != nil {
			s.t.Fatal(err)
		}
		files[e.Name()] = string(content)
	}
	return files
}

// plain returns the names without the compressed forms.
func plain(files map[string]string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(name string) bool {
		return strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz")
	})
}

func find(t *testing.T, files map[string]string, pattern string) string {
	t.Helper()
	for name := range files {
		if regexp.MustCompile("^" + pattern + "$").MatchString(name) {
			return name
		}
	}
	t.Fatalf("no file %s among %v", pattern, plain(files))
	return ""
}

const wasmName, runtimeName = `agent\.[0-9a-f]{12}\.wasm`, `go\.[0-9a-f]{12}\.js`

func TestPack(t *testing.T) {
	s, files := packedSite(t)
	if got, want := len(plain(files)), 7+len(pages); got != want || len(files) != 3*want {
		t.Errorf("%d files, %d with their forms: %v", got, len(files), plain(files))
	}
	for name, content := range files {
		var r io.Reader
		var err error
		of, ext := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
		switch ext {
		case ".br":
			r = brotli.NewReader(strings.NewReader(content))
		case ".gz":
			r, err = gzip.NewReader(strings.NewReader(content))
		default:
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		back, err := io.ReadAll(r)
		if err != nil || string(back) != files[of] {
			t.Errorf("%s is not %s: %v", name, of, err)
		}
	}
	agent, all := find(t, files, wasmName), find(t, files, `all\.[0-9a-f]{12}\.wasm`)
	script, rest := find(t, files, runtimeName), find(t, files, `plugin\.[0-9a-f]{12}\.js`)
	if plugin := files[rest]; regexp.MustCompile(`\bimport\b[^.]`).MatchString(plugin) || !strings.Contains(plugin, "ResizeObserver") || !strings.Contains(plugin, "prefers-color-scheme") {
		t.Errorf("what plugin.js imports is not in its place: %.200s", plugin)
	}
	loader := files["commdn.js"]
	for _, want := range []string{`"1.2.3"`, `"./` + agent + `"`, `"./` + all + `"`, `"./` + script + `"`, `"./` + rest + `"`} {
		if strings.Count(loader, want) != 1 {
			t.Errorf("the loader does not hold %s once", want)
		}
	}
	if left := regexp.MustCompile(`__[A-Z_]+__`).FindString(loader); left != "" {
		t.Errorf("the loader still holds %s", left)
	}
	var now struct{ Plugin, Runtime, Agent, All, GoesWith string }
	if err := json.Unmarshal([]byte(files["commdn.json"]), &now); err != nil || now.Plugin != rest || now.Runtime != script || now.Agent != agent || now.All != all || !strings.Contains(loader, now.GoesWith) {
		t.Errorf("commdn.json says %+v, %v", now, err)
	}
	exec, err := os.ReadFile(s.runtime)
	if err != nil {
		t.Fatal(err)
	}
	want := "export default function (globalThis) {\n" + string(exec) + "\nreturn globalThis.Go;\n}\n"
	if files[script] != want {
		t.Error("the runtime's script is not wrapped as a module")
	}
}

// TestGoesWith: a loader may run another program and its plugin.js, but neither after a
// change of its own nor with other elements than it knows.
func TestGoesWith(t *testing.T) {
	s := newSite(t)
	with := func() (now struct{ GoesWith string }) {
		files, err := made(s.src, s.wasm, s.all(), s.runtime, "1.2.3")
		if err == nil {
			err = json.Unmarshal(files["commdn.json"], &now)
		}
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	before := with()
	s.write(s.wasm, "\x00asm another one")
	if with() != before {
		t.Error("another program, and the loader does not go with it")
	}
	for name, goes := range map[string]bool{"commdn.js": false, "program.js": false, "draw.js": false, "errors.js": false, "plugin.js": true, "readable.js": true} {
		file := filepath.Join(s.src, name)
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s.write(file, string(content)+"\nconsole.log(1);\n")
		if got := with() == before; got != goes {
			t.Errorf("another %s: the loader goes with it: %v", name, got)
		}
		s.write(file, string(content))
	}
}

func TestMinified(t *testing.T) {
	got, err := minified("x.js", []byte("// what it is\n\nconst inside = `x // y\n  z`; // gone\n  // gone\n\tif (inside) {\n    b(\"http://c\", \"日本\");\n  }\nexport const d = import(\"./plugin.js\"), e = new URL(\"./a.wasm\", import.meta.url), f = import(g);"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"x // y\n  z", `"http://c"`, `"日本"`, `import("./plugin.js")`, `new URL("./a.wasm",import.meta.url)`, "import(/* webpackIgnore: true */ /* @vite-ignore */ g)"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	for _, no := range []string{"gone", "what it is", "inside"} {
		if strings.Contains(string(got), no) {
			t.Errorf("%s is still in %s", no, got)
		}
	}
}

// TestElements: the tables of the loader and of the pages are those of the manifest.
func TestElements(t *testing.T) {
	_, files := packedSite(t)
	m, err := manifest.Read()
	if err != nil {
		t.Fatal(err)
	}
	// As the minifier writes it.
	table, err := minified("table", []byte("x = "+m.Loader()))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(files["commdn.js"], strings.TrimSuffix(strings.TrimPrefix(string(table), "x="), ";\n")) {
		t.Error("the loader does not hold the table")
	}
	module := files["custom-elements.js"]
	var custom any
	inner, found := strings.CutPrefix(strings.TrimSuffix(module, ";\n"), "export default ")
	if err := json.Unmarshal([]byte(inner), &custom); !found || err != nil {
		t.Errorf("custom-elements.js is no module with JSON in it: %v", err)
	}
}

// TestNamesAndStaleFiles: a name changes with the content, and pack removes the files of
// an earlier run.
func TestNamesAndStaleFiles(t *testing.T) {
	s, before := packedSite(t)
	for _, name := range []string{"old.js", "old.js.br", ".gitkeep", ".note"} {
		s.write(filepath.Join(s.out, name), "left behind")
	}
	s.write(s.wasm, "\x00asm another one")
	after := s.packed()
	was, is := find(t, before, wasmName), find(t, after, wasmName)
	if was == is {
		t.Errorf("another content, and again the name %s", is)
	}
	if find(t, before, runtimeName) != find(t, after, runtimeName) {
		t.Error("another name for the same runtime")
	}
	for _, gone := range []string{was, was + ".br", was + ".gz", "old.js", "old.js.br"} {
		if _, ok := after[gone]; ok {
			t.Errorf("%s is still there", gone)
		}
	}
	for _, kept := range []string{".gitkeep", ".note"} {
		if after[kept] != "left behind" {
			t.Errorf("%s was touched", kept)
		}
	}
	if !strings.Contains(after["commdn.js"], is) || strings.Contains(after["commdn.js"], was) {
		t.Error("the loader does not fetch the new binary")
	}
}

// TestCompressedOnce: pack makes a compressed form if its source is new or if it is
// missing.
func TestCompressedOnce(t *testing.T) {
	s, first := packedSite(t)
	wasm := find(t, first, wasmName)
	form := filepath.Join(s.out, wasm+".br")
	long := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(form, long, long); err != nil {
		t.Fatal(err)
	}
	if again := s.packed(); !maps.Equal(first, again) {
		t.Error("the same sources gave other files")
	}
	info, err := os.Stat(form)
	if err != nil {
		t.Fatal(err)
	}
	if !info.ModTime().Equal(long) {
		t.Error("the wasm was compressed again")
	}
	if err := os.Remove(form); err != nil {
		t.Fatal(err)
	}
	if again := s.packed(); !maps.Equal(first, again) {
		t.Error("a form that was missing was not made again")
	}
}

// TestInterrupted: the next pack does not trust a form that an interrupted one left.
func TestInterrupted(t *testing.T) {
	s, _ := packedSite(t)
	page := filepath.Join(s.src, "demo.css")
	s.write(page, "body { color: teal }")
	// The folder in place of the form stops the second pack there.
	form := filepath.Join(s.out, "demo.css.br")
	stale, err := os.ReadFile(form)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(form); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(form, 0o755); err != nil {
		t.Fatal(err)
	}
	if s.pack() == nil {
		t.Fatal("pack wrote a file where a folder is")
	}
	if err := os.Remove(form); err != nil {
		t.Fatal(err)
	}
	s.write(form, string(stale))
	back, err := io.ReadAll(brotli.NewReader(strings.NewReader(s.packed()["demo.css.br"])))
	if err != nil || string(back) != "body { color: teal }" {
		t.Errorf("the brotli form is of another content: %q, %v", back, err)
	}
}

func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*site)
		words string
	}{
		"no wasm":      {func(s *site) { s.wasm += "x" }, "agent.wasmx"},
		"half of them": {func(s *site) { _ = os.Remove(s.all()) }, "all.wasm"},
		"no runtime":   {func(s *site) { s.runtime += "x" }, "wasm_exec.jsx"},
		"no page":      {func(s *site) { _ = os.Remove(filepath.Join(s.src, "demo.css")) }, "demo.css"},
		"no loader":    {func(s *site) { _ = os.Remove(filepath.Join(s.src, "commdn.js")) }, "commdn.js"},
		"token missing": {func(s *site) {
			s.write(filepath.Join(s.src, "commdn.js"), "export const all = `./plugin.js __VERSION__ __AGENT__ __ALL__ __ELEMENTS__ __GOES_WITH__`")
		}, "__RUNTIME__ exactly once"},
		"token twice": {func(s *site) {
			s.write(filepath.Join(s.src, "commdn.js"), "export const all = `./plugin.js __VERSION__ __AGENT__ __ALL__ __RUNTIME__ __ELEMENTS__ __GOES_WITH__ __ALL__`")
		}, "__ALL__ exactly once"},
		"no JavaScript":  {func(s *site) { s.write(filepath.Join(s.src, "plugin.js"), "a;\nb(") }, "plugin.js, line 2: "},
		"no export":      {func(s *site) { s.write(filepath.Join(s.src, "kept.js"), "") }, `"keeping" will always be undefined`},
		"no board":       {func(s *site) { _ = os.Remove(filepath.Join(s.src, "../wasm/render/board.js")) }, "board.js"},
		"another import": {func(s *site) { s.write(filepath.Join(s.src, "plugin.js"), "import { a } from './a.js'\n") }, `plugin.js, line 1: Could not resolve "./a.js"`},
		"no manifest":    {func(s *site) { _ = os.Remove(filepath.Join(s.src, "custom-elements.json")) }, "custom-elements.json"},
		"another Go":     {func(s *site) { s.runtime = filepath.Join(s.src, "agent.js") }, "globalThis.Go = "},
		"dist is a file": {func(s *site) { s.write(s.out, "") }, "dist"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			c.spoil(s)
			if err := s.pack(); err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("got %v, want %q", err, c.words)
			}
		})
	}
}

func TestAsModuleNeedsBoth(t *testing.T) {
	for _, script := range []string{"", "globalThis.Go = class {}", "globalThis.fs = {}"} {
		if module, err := asModule([]byte(script)); err == nil {
			t.Errorf("%q became %q", script, bytes.TrimSpace(module))
		}
	}
}
