// Command gen makes the *_gen.go files of the folder that it runs in. It runs vugugen on
// a copy without tests, since vugugen takes a folder with an external test package for
// two packages. From the output it removes the imports that only Go code in a .vugu file
// would need, which ours have none of, and shortens the rest (slim.go). It keeps the
// blanks between tags: the renderer goes by them where siblings have no key.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	tool, err := exec.Command("go", "tool", "-n", "vugugen").Output()
	if err != nil {
		return fmt.Errorf("go tool -n vugugen: %w", err)
	}
	dir, err := os.MkdirTemp("", "vugugen")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := sources(dir); err != nil {
		return err
	}
	vugugen := exec.Command(strings.TrimSpace(string(tool)), "-skip-go-mod", "-skip-main", ".")
	vugugen.Dir, vugugen.Stdout, vugugen.Stderr = dir, os.Stdout, os.Stderr
	if err := vugugen.Run(); err != nil {
		return fmt.Errorf("vugugen: %w", err)
	}
	texts, err := textNames(dir)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*_gen.go"))
	if err != nil {
		return err
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if source, err = slim(source, texts); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		if err := os.WriteFile(filepath.Base(file), source, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// sources copies the files that vugugen needs from this folder.
func sources(dir string) error {
	for _, pattern := range []string{"*.vugu", "*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "_gen.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, file), source, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
