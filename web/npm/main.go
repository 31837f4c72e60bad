// Command npm makes commdn-VERSION.tgz, the npm package, from the output of pack: the
// loader, its types and those for React, what the loader fetches, and the Custom Elements
// Manifest. The same files give the same bytes.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	dist := flag.String("dist", "web/dist", "folder that pack has filled")
	src := flag.String("src", "web", "folder of the sources")
	license := flag.String("license", "LICENSE", "the licence")
	out := flag.String("out", "bin", "folder for the package")
	version := flag.String("version", "", "version of the product")
	flag.Parse()
	path, err := write(*dist, *src, *license, *out, *version)
	if err != nil {
		fmt.Fprintln(os.Stderr, "npm:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

// file is one file of the package.
type file struct {
	name    string
	content []byte
}

func write(dist, src, license, out, version string) (string, error) {
	files, err := collect(dist, src, license, version)
	if err != nil {
		return "", err
	}
	packed, err := pack(files)
	if err != nil {
		return "", err
	}
	path := filepath.Join(out, "commdn-"+version+".tgz")
	return path, errors.Join(os.MkdirAll(out, 0o755), os.WriteFile(path, packed, 0o644))
}

// fetched matches what the loader fetches: NAME.<12 hex digits>.EXT without the
// compressed forms, which only the relay uses.
var fetched = regexp.MustCompile(`^[a-z]+\.[0-9a-f]{12}\.(js|wasm)$`)

func collect(dist, src, license, version string) ([]file, error) {
	entries, err := os.ReadDir(dist)
	if err != nil {
		return nil, err
	}
	paths := []string{
		filepath.Join(dist, "commdn.js"), filepath.Join(dist, "commdn.d.ts"),
		filepath.Join(src, "react.d.ts"), filepath.Join(src, "custom-elements.json"),
		filepath.Join(src, "npm", "README.md"), license,
	}
	before := len(paths)
	for _, e := range entries {
		if fetched.MatchString(e.Name()) {
			paths = append(paths, filepath.Join(dist, e.Name()))
		}
	}
	if len(paths) == before {
		return nil, fmt.Errorf("%s holds no plugin; run ./build.sh build first", dist)
	}
	manifest, err := packageJSON(version)
	if err != nil {
		return nil, err
	}
	files := []file{{"package.json", manifest}}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if name := filepath.Base(path); name == "commdn.js" {
			if err := checkLoader(content, paths[before:]); err != nil {
				return nil, err
			}
		}
		files = append(files, file{filepath.Base(path), content})
	}
	return files, nil
}

// checkLoader requires that the loader names each file in a way that bundlers follow.
func checkLoader(loader []byte, paths []string) error {
	for _, path := range paths {
		name := filepath.Base(path)
		literal := regexp.MustCompile(`(import\(|new URL\()"\./` + regexp.QuoteMeta(name) + `"(\)|, ?import\.meta\.url\))`)
		if !literal.Match(loader) {
			return fmt.Errorf(`commdn.js does not name %s in import("…") or new URL("…", import.meta.url), so that bundlers do not take it along`, name)
		}
	}
	return nil
}

// manifest is package.json, in npm's order.
type manifest struct {
	Name           string             `json:"name"`
	Version        string             `json:"version"`
	Description    string             `json:"description"`
	Keywords       []string           `json:"keywords"`
	License        string             `json:"license"`
	Type           string             `json:"type"`
	Main           string             `json:"main"`
	Types          string             `json:"types"`
	Exports        map[string]exports `json:"exports"`
	SideEffects    []string           `json:"sideEffects"`
	CustomElements string             `json:"customElements"`
	Files          []string           `json:"files"`
}

type exports struct {
	Types   string `json:"types,omitempty"`
	Default string `json:"default,omitempty"`
}

func packageJSON(version string) ([]byte, error) {
	if !regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`).MatchString(version) {
		return nil, fmt.Errorf("version %q: give MAJOR.MINOR.PATCH", version)
	}
	loader := exports{Types: "./commdn.d.ts", Default: "./commdn.js"}
	text, err := json.MarshalIndent(manifest{
		Name: "commdn", Version: version,
		Description: "Do Not Call, record cancelling and campaign control for Genesys Outbound Contact, as custom elements",
		Keywords:    []string{"genesys", "outbound", "do-not-call", "custom-elements", "wasm"},
		License:     "Apache-2.0", Type: "module", Main: loader.Default, Types: loader.Types,
		Exports: map[string]exports{
			".": loader, "./commdn.js": loader,
			"./react":                {Types: "./react.d.ts"},
			"./custom-elements.json": {Default: "./custom-elements.json"}, "./package.json": {Default: "./package.json"},
		},
		SideEffects: []string{"./commdn.js"}, CustomElements: "custom-elements.json",
		Files: []string{"*.js", "*.wasm", "*.d.ts", "custom-elements.json"},
	}, "", "  ")
	return append(text, '\n'), err
}

// epoch is the time that npm itself gives to the files of a package.
var epoch = time.Date(1985, time.October, 26, 8, 15, 0, 0, time.UTC)

func pack(files []file) ([]byte, error) {
	var b bytes.Buffer
	zip, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(zip)
	for _, f := range files {
		header := tar.Header{Name: "package/" + f.name, Mode: 0o644, Size: int64(len(f.content)), ModTime: epoch, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(&header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(w.Close(), zip.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
