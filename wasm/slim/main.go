// Command slim makes copies of the modules that ./wasm links, with slimfmt
// where they import fmt and nothing else changed, and a go.mod that puts them
// in the place of the originals, for go build -modfile. All of it goes to the
// folder that is its argument. What slimfmt lacks does not compile.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

var (
	fmtImport  = []byte("\t\"fmt\"\n")
	slimImport = []byte("\tfmt \"commdn/wasm/slimfmt\"\n")
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "slim:", err)
		os.Exit(1)
	}
}

// linked is a package of another module.
type linked struct{ module, root, dir string }

func run(out string) error {
	packages, err := list()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	var modules []string
	for _, p := range packages {
		slimmed, err := slim(p, filepath.Join(out, filepath.Base(p.module)))
		if err != nil {
			return err
		}
		if slimmed && !slices.Contains(modules, p.module) {
			modules = append(modules, p.module)
		}
	}
	return writeModule(out, packages, modules)
}

// list gives the packages of other modules that ./wasm links.
func list() ([]linked, error) {
	cmd := exec.Command("go", "list", "-deps", "-f",
		"{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}\t{{$.Dir}}{{end}}{{end}}", "./wasm")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	cmd.Stderr = os.Stderr
	lines, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []linked
	for line := range strings.Lines(string(lines)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 3 {
			packages = append(packages, linked{f[0], f[1], f[2]})
		}
	}
	return packages, nil
}

// slim copies a package below the folder of its module, and says whether it
// changed anything.
func slim(p linked, to string) (changed bool, err error) {
	below, err := filepath.Rel(p.root, p.dir)
	if err != nil {
		return false, err
	}
	to = filepath.Join(to, below)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return false, err
	}
	files, err := filepath.Glob(filepath.Join(p.dir, "*.go"))
	if err != nil {
		return false, err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return false, err
		}
		slimmed := bytes.Replace(source, fmtImport, slimImport, 1)
		changed = changed || !bytes.Equal(slimmed, source)
		if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), slimmed, 0o644); err != nil {
			return false, err
		}
	}
	return changed, nil
}

// writeModule copies go.mod and go.sum, with a replacement for each module that
// was changed.
func writeModule(out string, packages []linked, modules []string) error {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	for _, m := range modules {
		root := packages[slices.IndexFunc(packages, func(p linked) bool { return p.module == m })].root
		own, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, filepath.Base(m), "go.mod"), own, 0o644); err != nil {
			return err
		}
		mod = fmt.Appendf(mod, "\nreplace %s => ./%s\n", m, filepath.ToSlash(filepath.Join(out, filepath.Base(m))))
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "go.sum"), sum, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "go.mod"), mod, 0o644)
}
