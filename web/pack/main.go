// Command pack makes web/dist, which the binary embeds: the wasm binaries and the Go
// runtime's script under names that change with their content, the loader with those
// names in it, the pages, and a brotli and a gzip form of each. It needs nothing but Go.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"

	"commdn/components/manifest"
)

// pages are copied as they are.
var pages = []string{
	"commdn.d.ts", "icon.svg",
	"index.html", "agent.html", "agent.js", "supervisor.html", "supervisor.js", "demo.css", // the demo
	"playground.html", "playground.js", "playground.css",
	"frame.html", "frame.js", "frame.css",
}

func main() {
	src := flag.String("src", "web", "folder of the sources")
	out := flag.String("out", "web/dist", "folder to fill")
	agent := flag.String("agent", "", "the wasm binary with an agent's elements")
	all := flag.String("all", "", "the wasm binary with all elements")
	runtime := flag.String("runtime", "", "the Go distribution's lib/wasm/wasm_exec.js")
	version := flag.String("version", "", "version of the product")
	flag.Parse()
	if err := pack(*src, *out, *agent, *all, *runtime, *version); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(src, out, agent, all, runtime, version string) error {
	files, err := made(src, agent, all, runtime, version)
	if err != nil {
		return err
	}
	return write(out, files)
}

// made gives the files that a browser downloads, by their names.
func made(src, agent, all, runtime, version string) (map[string][]byte, error) {
	files := map[string][]byte{}
	agentWasm, err := os.ReadFile(agent)
	if err != nil {
		return nil, err
	}
	allWasm, err := os.ReadFile(all)
	if err != nil {
		return nil, err
	}
	exec, err := os.ReadFile(runtime)
	if err != nil {
		return nil, err
	}
	exec, err = asModule(exec)
	if err != nil {
		return nil, err
	}
	agentName, allName, runtimeName := hashedName("agent", agentWasm, "wasm"), hashedName("all", allWasm, "wasm"), hashedName("go", exec, "js")
	files[agentName], files[allName], files[runtimeName] = agentWasm, allWasm, exec

	loader, err := bundled(src, "commdn.js")
	if err != nil {
		return nil, err
	}
	rest, err := bundled(src, "plugin.js")
	if err != nil {
		return nil, err
	}
	if rest, err = minified("plugin.js", rest); err != nil {
		return nil, err
	}
	restName := hashedName("plugin", rest, "js")
	files[restName] = rest
	elements, err := manifest.Read()
	if err != nil {
		return nil, err
	}
	// What a loader may run that is older than the program: plugin.js and the loader agree
	// on everything between them.
	goesWith := hash(slices.Concat(loader, []byte(elements.Loader())))
	files["commdn.json"] = fmt.Appendf(nil, "{%q: %q, %q: %q, %q: %q, %q: %q, %q: %q}\n",
		"plugin", restName, "runtime", runtimeName, "agent", agentName, "all", allName, "goesWith", goesWith)
	filled, err := fill(loader, map[string]string{
		"__VERSION__": version, "__RUNTIME__": "./" + runtimeName, "__AGENT__": "./" + agentName, "__ALL__": "./" + allName,
		"__ELEMENTS__": elements.Loader(), "./plugin.js": "./" + restName, "__GOES_WITH__": goesWith,
	})
	if err != nil {
		return nil, err
	}
	if files["commdn.js"], err = minified("commdn.js", filled); err != nil {
		return nil, err
	}
	for _, name := range pages {
		if files[name], err = os.ReadFile(filepath.Join(src, name)); err != nil {
			return nil, err
		}
	}
	// As a module, which pages accept under any policy that lets them run scripts.
	custom, err := os.ReadFile(filepath.Join(src, "custom-elements.json"))
	if err != nil {
		return nil, err
	}
	files["custom-elements.js"] = slices.Concat([]byte("export default "), bytes.TrimSpace(custom), []byte(";\n"))
	return files, nil
}

// asModule turns wasm_exec.js, which puts Go, fs, process and path on the global object,
// into a module. Its default export takes another object for that and returns the class
// Go.
func asModule(script []byte) ([]byte, error) {
	for _, use := range []string{"globalThis.Go = ", "globalThis.fs"} {
		if !bytes.Contains(script, []byte(use)) {
			return nil, fmt.Errorf("the Go runtime's script has no %q any more; see asModule", use)
		}
	}
	var b bytes.Buffer
	b.WriteString("export default function (globalThis) {\n")
	b.Write(script)
	b.WriteString("\nreturn globalThis.Go;\n}\n")
	return b.Bytes(), nil
}

// minified makes a script of ours small: the host page loads it before anything else. The
// strings that bundlers look for stay as they are.
func minified(name string, text []byte) ([]byte, error) {
	result := api.Transform(string(text), api.TransformOptions{
		Sourcefile: name, Format: api.FormatESModule, Target: api.ESNext, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
	})
	if err := failure(name, result.Errors); err != nil {
		return nil, err
	}
	return computed.ReplaceAll(result.Code, []byte("import(/* webpackIgnore: true */ /* @vite-ignore */ $1")), nil
}

// computed is an import of what only the page knows, which bundlers must leave alone. The
// minifier drops the comments that say so.
var computed = regexp.MustCompile(`\bimport\(([^"])`)

// bundled is a module of ours with the modules that it imports, so that one fetch brings
// all. What it imports while it runs it fetches then.
func bundled(src, name string) ([]byte, error) {
	dir, err := filepath.Abs(src)
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: dir, EntryPoints: []string{filepath.Join(dir, name)}, Outdir: dir,
		Bundle: true, Format: api.FormatESModule, Target: api.ESNext, Charset: api.CharsetUTF8,
		Plugins: []api.Plugin{{Name: "later", Setup: func(b api.PluginBuild) {
			b.OnResolve(api.OnResolveOptions{Filter: "."}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
				if a.Kind == api.ResolveJSDynamicImport {
					return api.OnResolveResult{Path: a.Path, External: true}, nil
				}
				return api.OnResolveResult{}, nil
			})
		}}},
	})
	if err := failure(name, append(result.Errors, result.Warnings...)); err != nil {
		return nil, err
	}
	return result.OutputFiles[0].Contents, nil
}

// failure is the first error in a file, or nil.
func failure(name string, errs []api.Message) error {
	if len(errs) == 0 {
		return nil
	}
	if at := errs[0].Location; at != nil {
		return fmt.Errorf("%s, line %d: %s", at.File, at.Line, errs[0].Text)
	}
	return fmt.Errorf("%s: %s", name, errs[0].Text)
}

func fill(text []byte, values map[string]string) ([]byte, error) {
	for _, token := range slices.Sorted(maps.Keys(values)) {
		v := values[token]
		if bytes.Count(text, []byte(token)) != 1 {
			return nil, fmt.Errorf("commdn.js does not hold %s exactly once", token)
		}
		text = bytes.Replace(text, []byte(token), []byte(v), 1)
	}
	return text, nil
}

func hashedName(stem string, content []byte, ext string) string {
	return stem + "." + hash(content) + "." + ext
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:6])
}

// write makes the folder hold exactly these files and their compressed forms. It keeps a
// compressed form whose source has not changed: brotli at its best takes seconds for the
// wasm.
func write(out string, files map[string][]byte) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	keep := map[string]bool{".gitkeep": true}
	for name, content := range files {
		path := filepath.Join(out, name)
		old, err := os.ReadFile(path)
		same := err == nil && bytes.Equal(old, content)
		keep[name] = true
		for ext, compress := range map[string]func([]byte) ([]byte, error){".br": brotliBest, ".gz": gzipBest} {
			keep[name+ext] = true
			if _, err := os.Stat(path + ext); same && err == nil {
				continue
			}
			packed, err := compress(content)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path+ext, packed, 0o644); err != nil {
				return err
			}
		}
		// Last, so that the next run compresses again after an interruption.
		if same {
			continue
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return removeOthers(out, keep)
}

func removeOthers(out string, keep map[string]bool) error {
	entries, err := os.ReadDir(out)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !keep[e.Name()] && !strings.HasPrefix(e.Name(), ".") {
			err = errors.Join(err, os.Remove(filepath.Join(out, e.Name())))
		}
	}
	return err
}

// brotliBest uses a window that holds all of the content, as far as browsers know one so
// large (RFC 7932): the program needs more than the usual 4 MB. The encoder's tables grow
// with the window, so a page gets no larger one than it needs.
func brotliBest(content []byte) ([]byte, error) {
	var b bytes.Buffer
	window := max(minWindow, min(bits.Len(uint(len(content)+windowGap)), maxWindow))
	return compressed(&b, brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: window}), content)
}

// Windows are 2^LGWin - windowGap bytes large, RFC 7932, section 9.1.
const minWindow, maxWindow, windowGap = 16, 24, 16

func gzipBest(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	return compressed(&b, w, content)
}

func compressed(b *bytes.Buffer, w io.WriteCloser, content []byte) ([]byte, error) {
	_, err := w.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
