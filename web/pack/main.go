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
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"

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
	files := map[string][]byte{}
	agentWasm, err := os.ReadFile(agent)
	if err != nil {
		return err
	}
	allWasm, err := os.ReadFile(all)
	if err != nil {
		return err
	}
	exec, err := os.ReadFile(runtime)
	if err != nil {
		return err
	}
	exec, err = asModule(exec)
	if err != nil {
		return err
	}
	agentName, allName, runtimeName := hashedName("agent", agentWasm, "wasm"), hashedName("all", allWasm, "wasm"), hashedName("go", exec, "js")
	files[agentName], files[allName], files[runtimeName] = agentWasm, allWasm, exec

	loader, err := script(src, "commdn.js")
	if err != nil {
		return err
	}
	rest, err := script(src, "plugin.js")
	if err != nil {
		return err
	}
	if rest, err = joined(src, rest); err != nil {
		return err
	}
	restName := hashedName("plugin", rest, "js")
	files[restName] = rest
	elements, err := manifest.Read()
	if err != nil {
		return err
	}
	files["commdn.js"], err = fill(loader, map[string]string{
		"__VERSION__": version, "__RUNTIME__": "./" + runtimeName, "__AGENT__": "./" + agentName, "__ALL__": "./" + allName, "__ELEMENTS__": elements.Loader(),
		"./plugin.js": "./" + restName,
	})
	if err != nil {
		return err
	}
	for _, name := range pages {
		if files[name], err = os.ReadFile(filepath.Join(src, name)); err != nil {
			return err
		}
	}
	// As a module, which pages accept under any policy that lets them run scripts.
	custom, err := os.ReadFile(filepath.Join(src, "custom-elements.json"))
	if err != nil {
		return err
	}
	files["custom-elements.js"] = slices.Concat([]byte("export default "), bytes.TrimSpace(custom), []byte(";\n"))
	return write(out, files)
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

// remark is a comment behind code. One with a quote stays: it might be part of a literal.
var remark = regexp.MustCompile("[ \t]+// [^\"'`\n]*\n")

// script reads a script of ours and drops indentation and comments: the host page loads it
// before anything else. That would change a literal that spans lines, so such a literal is
// an error.
func script(src, name string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(src, name))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	n := 0
	for line := range bytes.Lines(content) {
		n++
		if bytes.Count(line, []byte("`"))%2 != 0 {
			return nil, fmt.Errorf("%s, line %d: a literal spans lines; see script", name, n)
		}
		if line = bytes.TrimLeft(line, " \t"); !bytes.HasPrefix(line, []byte("//")) && len(bytes.TrimSpace(line)) > 0 {
			b.Write(remark.ReplaceAllLiteral(line, []byte("\n")))
		}
	}
	return b.Bytes(), nil
}

// joined replaces the lines that import a module by that module, so that one fetch brings
// both.
func joined(src string, text []byte) ([]byte, error) {
	var modules []byte
	for {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		if !bytes.HasPrefix(line, []byte("import ")) {
			return append(modules, text...), nil
		}
		found := regexp.MustCompile(`^import \{ \w+ \} from "([^"]+)";$`).FindSubmatch(line)
		if found == nil {
			return nil, fmt.Errorf(`an import of another form than import { name } from "file"; is not known: %s`, line)
		}
		module, err := script(src, string(found[1]))
		if err != nil {
			return nil, err
		}
		modules = append(modules, bytes.ReplaceAll(module, []byte("export function "), []byte("function "))...)
		text = rest
	}
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
	sum := sha256.Sum256(content)
	return stem + "." + hex.EncodeToString(sum[:6]) + "." + ext
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

// brotliBest uses the largest window that browsers have to know (RFC 7932), 16 MB: the
// program is larger than the usual one of 4 MB.
func brotliBest(content []byte) ([]byte, error) {
	var b bytes.Buffer
	return compressed(&b, brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 24}), content)
}

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
