// Package arrows checks the imports of every folder of the module against table_test.go,
// and what the plugin links against what a browser may link.
package arrows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "commdn"
)

var (
	native = []string{}
	wasm   = []string{"GOOS=js", "GOARCH=wasm"}
)

// pkg is go list's description of a package.
type pkg struct {
	ImportPath, Dir                    string
	Imports, TestImports, XTestImports []string
	GoFiles, IgnoredGoFiles            []string
	Error                              *struct{ Err string }
}

// list calls go list. It fails the test without an answer or with an empty one.
func list(t *testing.T, env []string, args ...string) []pkg {
	t.Helper()
	packages, err := goList(env, args...)
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

func goList(env []string, args ...string) ([]pkg, error) {
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Imports,TestImports,XTestImports,GoFiles,IgnoredGoFiles,Error"}, args...)...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), env...)
	var failure bytes.Buffer
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%v: %w\n%s", cmd.Args, err, failure.Bytes())
	}
	var packages []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("%v: %w", cmd.Args, err)
		}
		// A package for another platform only is no error; its files are in
		// IgnoredGoFiles.
		if p.Error != nil && len(p.IgnoredGoFiles) == 0 {
			return nil, fmt.Errorf("%v: %s: %s", cmd.Args, p.ImportPath, p.Error.Err)
		}
		packages = append(packages, p)
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("%v names no package", cmd.Args)
	}
	return packages, nil
}

// folder returns the folder of a package of ours, and the path of any other.
func folder(path string) string {
	return strings.TrimPrefix(path, module+"/")
}

// third tells third-party packages from the standard library.
func third(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// fits reports whether a pattern of the table matches a package: "a/..." is a and all
// below, "a/*" one folder in a.
func fits(pattern, path string) bool {
	if parent, all := strings.CutSuffix(pattern, "/..."); all {
		return path == parent || strings.HasPrefix(path, parent+"/")
	}
	if parent, one := strings.CutSuffix(pattern, "/*"); one {
		below, in := strings.CutPrefix(path, parent+"/")
		return in && !strings.Contains(below, "/")
	}
	return pattern == path
}

func allowed(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return fits(p, path) })
}

// verdict returns a package's violations of the table, a line each.
func verdict(p pkg) []string {
	name := folder(p.ImportPath)
	i := slices.IndexFunc(rooms, func(r room) bool { return fits(r.folder, name) })
	if i < 0 {
		return []string{fmt.Sprintf("%s is not in the table: give it a line in e2e/arrows/table_test.go that says what it may import", name)}
	}
	var wrong []string
	check := func(imports, patterns []string, what string) {
		for _, path := range imports {
			if to := folder(path); (ours(path) || third(path)) && to != name && !allowed(patterns, to) {
				wrong = append(wrong, fmt.Sprintf("%s%s imports %s", name, what, to))
			}
		}
	}
	check(p.Imports, rooms[i].imports, "")
	check(slices.Concat(p.TestImports, p.XTestImports), slices.Concat(rooms[i].imports, rooms[i].tests), " (its tests)")
	slices.Sort(wrong)
	return slices.Compact(wrong)
}

// ignored adds the imports of files that go list passes over: those of other platforms.
func ignored(t *testing.T, p pkg) pkg {
	for _, name := range p.IgnoredGoFiles {
		into := &p.Imports
		if strings.HasSuffix(name, "_test.go") {
			into = &p.TestImports
		}
		*into = append(slices.Clone(*into), importsOf(t, filepath.Join(p.Dir, name))...)
	}
	return p
}

func importsOf(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// sources returns the module's Go files by their path in it. It opens each, so that Go's
// cache of test results notices changes: the cache does not see what go list reads.
func sources(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil || strings.HasPrefix(name, ".") || name == "bin" || name == "node_modules" || name == "testdata" {
				return fs.SkipDir // another module, or none of our code
			}
		}
		if filepath.Ext(path) == ".go" || d.Name() == "go.mod" {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			f.Close()
		}
		if filepath.Ext(path) == ".go" {
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			files = append(files, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no Go files found")
	}
	return files
}

// TestTable checks each folder against its line of the table, for this machine, for the
// browser, and for the platforms of the files that both pass over.
func TestTable(t *testing.T) {
	files := sources(t)
	seen := map[string]bool{}
	for target, env := range map[string][]string{"native": native, "js/wasm": wasm} {
		for _, p := range list(t, env, "-e", "./...") {
			seen[folder(p.ImportPath)] = true
			for _, wrong := range verdict(ignored(t, p)) {
				t.Errorf("%s: %s", target, wrong)
			}
		}
	}
	for _, file := range files {
		if dir := filepath.ToSlash(filepath.Dir(file)); !seen[dir] {
			t.Errorf("go list does not name %s, where %s is", dir, file)
			seen[dir] = true
		}
	}
}

// TestProtocol: no sockets and no processes, also not by way of others, and the
// same code on every platform; but for the WebSocket of native programs.
func TestProtocol(t *testing.T) {
	const socket = "protocol/client/ws"
	packages := []string{"-deps"}
	for _, p := range list(t, native, "./protocol/...") {
		if folder(p.ImportPath) != socket {
			packages = append(packages, p.ImportPath)
		}
	}
	for _, p := range list(t, native, packages...) {
		if slices.Contains([]string{"net", "net/http", "os/exec"}, p.ImportPath) {
			t.Errorf("protocol links %s", p.ImportPath)
		}
	}
	for _, file := range sources(t) {
		if !strings.HasPrefix(file, "protocol/") || strings.HasPrefix(file, socket+"/") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(content, []byte("//go:build")) || bytes.Contains(content, []byte("\n//go:build")) {
			t.Errorf("%s has a build tag", file)
		}
		name := strings.TrimSuffix(strings.TrimSuffix(file, ".go"), "_test")
		if _, suffix, ok := strings.Cut(filepath.Base(name), "_"); ok && slices.ContainsFunc(strings.Split(suffix, "_"), platform) {
			t.Errorf("%s is for one platform by its name", file)
		}
	}
}

func platform(word string) bool {
	return slices.Contains([]string{"js", "wasm", "linux", "windows", "darwin", "unix", "amd64", "arm64"}, word)
}

// TestBrowser: what the plugin links, and what our own code in it imports.
func TestBrowser(t *testing.T) {
	sources(t)
	never := []string{"commdn/relay/...", "commdn/e2e/...", "commdn/web/...", "net", "net/http", "crypto/tls", "encoding/json",
		"nhooyr.io/...", "github.com/coder/websocket/...", vugu + "/domrender"}
	direct := []string{"fmt", "encoding/json", "reflect", "regexp", "embed", "crypto/..."}
	linked := 0
	for _, p := range list(t, wasm, "-deps", "./wasm/agent", "./wasm/all") {
		if allowed(never, p.ImportPath) {
			t.Errorf("the plugin links %s", p.ImportPath)
		}
		if !ours(p.ImportPath) {
			continue
		}
		linked++
		for _, path := range p.Imports {
			if allowed(direct, path) {
				t.Errorf("%s, which the plugin links, imports %s", p.ImportPath, path)
			}
		}
	}
	if linked < 10 {
		t.Errorf("go list names %d packages of ours in the plugin", linked)
	}
}

// TestOnce: a library for few places is imported only there.
func TestOnce(t *testing.T) {
	var sockets []string
	for _, file := range sources(t) {
		for _, path := range importsOf(t, filepath.Join(root, file)) {
			if path == websocket && !strings.HasSuffix(file, "_test.go") {
				sockets = append(sockets, file)
			}
		}
	}
	for target, env := range map[string][]string{"./...": native, "./wasm": wasm} {
		for _, p := range list(t, env, "-deps", "-test", target) {
			if fits(vugu+"/domrender", p.ImportPath) {
				t.Errorf("%s links %s, which a host page does not survive", target, p.ImportPath)
			}
		}
	}
	if want := []string{"protocol/client/ws/ws.go", "relay/cmd/commdn/echo.go", "relay/conn/socket.go"}; !slices.Equal(sockets, want) {
		t.Errorf("%s is to be imported in %v alone: %v", websocket, want, sockets)
	}
}

// TestVerdict: verdict finds what it should find.
func TestVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		p    pkg
		want string
	}{
		"allowed":          {pkg{ImportPath: "commdn/protocol/frame", Imports: []string{"net", "commdn/protocol/commdn"}}, ""},
		"itself":           {pkg{ImportPath: "commdn/protocol/frame", XTestImports: []string{"commdn/protocol/frame"}}, ""},
		"back":             {pkg{ImportPath: "commdn/relay/desk", Imports: []string{"commdn/relay/conn"}}, "relay/desk imports relay/conn"},
		"to the top":       {pkg{ImportPath: "commdn/relay/link", Imports: []string{"commdn/relay"}}, "relay/link imports relay"},
		"the simulator":    {pkg{ImportPath: "commdn/relay/sim/ocs", Imports: []string{"commdn/relay/auth"}}, "relay/sim/ocs imports relay/auth"},
		"its tests too":    {pkg{ImportPath: "commdn/relay/sim", TestImports: []string{"commdn/relay"}}, "relay/sim (its tests) imports relay"},
		"a test alone":     {pkg{ImportPath: "commdn/relay/policy", Imports: []string{"commdn/relay/sim"}, TestImports: []string{"commdn/relay/sim"}}, "relay/policy imports relay/sim"},
		"of others":        {pkg{ImportPath: "commdn/components/ui", Imports: []string{"github.com/hack-pad/safejs"}}, "components/ui imports github.com/hack-pad/safejs"},
		"nobody knows it":  {pkg{ImportPath: "commdn/relay/attic"}, "relay/attic is not in the table"},
		"nor what is here": {pkg{ImportPath: "commdn/tools"}, "tools is not in the table"},
		"a helper of e2e":  {pkg{ImportPath: "commdn/e2e/chrome", Imports: []string{"commdn/protocol/client"}}, "e2e/chrome imports protocol/client"},
	} {
		if got := strings.Join(verdict(c.p), "; "); got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want+":")) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	for _, args := range [][]string{{"./nowhere/..."}, {"./nowhere"}, {"-deps", "./relay/nowhere"}} {
		if packages, err := goList(native, args...); err == nil {
			t.Errorf("go list %v: %v, want an error", args, packages)
		}
	}
}
