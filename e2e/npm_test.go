package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// npmPatience is how long npm may take to fetch and build an example.
const npmPatience = 3 * time.Minute

// npmKept has what npm built of the examples. ./build.sh clean removes it.
const npmKept = "../bin/examples"

// npmBuild builds an npm package in a copy of its folder and returns the folder dist of
// `npm run build`. What it has built is kept in a folder, by all that went into it, and
// not built again. npm needs the registry only for what its cache lacks.
func npmBuild(t testing.TB, dir, kept string) fs.FS {
	t.Helper()
	key, err := npmKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	built := filepath.Join(kept, key)
	if _, err := os.Stat(built); err == nil {
		return os.DirFS(built)
	}
	work := t.TempDir()
	if err := buildCopy(dir, work); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(kept, 0o755); err != nil {
		t.Fatal(err)
	}
	half, err := os.MkdirTemp(kept, "half-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(half)
	if err := os.CopyFS(half, os.DirFS(filepath.Join(work, "dist"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(half, built); err != nil && !errors.Is(err, fs.ErrExist) { // another run was first
		t.Fatal(err)
	}
	return os.DirFS(built)
}

func noNode(dir string, err error) error {
	return fmt.Errorf("%s is built by npm: install Node.js 20 or later with npm (%w)", dir, err)
}

// npmKey tells builds apart: by the files of the package, which lock all that npm installs,
// and by the Node.js that builds.
func npmKey(dir string) (string, error) {
	version, err := exec.Command("node", "--version").Output()
	if err != nil {
		return "", noNode(dir, err)
	}
	all := sha256.New()
	all.Write(version)
	err = sources(dir, func(path string, content []byte) error {
		fmt.Fprintf(all, "%q %d\n", path, len(content))
		all.Write(content)
		return nil
	})
	return hex.EncodeToString(all.Sum(nil)[:16]), err
}

// buildCopy copies a folder without npm's own products, installs exactly what its lock
// file names, without running those packages' scripts, and builds.
func buildCopy(dir, work string) error {
	if _, err := exec.LookPath("npm"); err != nil {
		return noNode(dir, err)
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("%s is no package with locked versions: %w", dir, err)
		}
	}
	if err := copySources(dir, work); err != nil {
		return err
	}
	if err := npm(work, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if err := npm(work, "run", "build"); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if entries, err := os.ReadDir(filepath.Join(work, "dist")); err != nil || len(entries) == 0 {
		return fmt.Errorf("%s: npm run build made no files in dist: %w", dir, errors.Join(err, fs.ErrNotExist))
	}
	return nil
}

func npm(dir string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), npmPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", args...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm %s: %w\n%s", strings.Join(args, " "), errors.Join(err, ctx.Err()), out.String())
	}
	return nil
}

func copySources(from, to string) error {
	return sources(from, func(path string, content []byte) error {
		file := filepath.Join(to, path)
		return errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, content, 0o644))
	})
}

// sources gives the files of a folder in order, without npm's own products.
func sources(dir string, each func(path string, content []byte) error) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if rel == "node_modules" || rel == "dist" {
				return filepath.SkipDir
			}
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return each(rel, content)
	})
}

// npmPackage writes a package without dependencies whose build is a script.
func npmPackage(t *testing.T, build string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"package.json":      `{"name": "example", "private": true, "scripts": {"build": "node build.mjs"}}`,
		"package-lock.json": `{"name": "example", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "example"}}}`,
		"build.mjs":         build,
		"src/page.html":     "<!doctype html><title>Built</title><p id=relay>http://localhost:8080</p>",
		"dist/old.txt":      "from another build",
	} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const goodBuild = `import { cpSync, mkdirSync } from "node:fs"; mkdirSync("dist"); cpSync("src/page.html", "dist/index.html");`

// TestNpmBuild: the site serves what npm builds, and the folder stays as it was.
func TestNpmBuild(t *testing.T) {
	together(t)
	dir, kept := npmPackage(t, goodBuild), t.TempDir()
	dist := npmBuild(t, dir, kept)
	if _, err := fs.Stat(dist, "old.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an old file was served: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "dist", "index.html")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("built in the folder itself: %v", err)
	}
	d := startDemo(t)
	p := open(t, serve(t, dist, "").show(d, "/"), "")
	if s := get[string](p, `document.getElementById("relay").textContent + "/"`); s != d.url() {
		t.Errorf("the page is for the relay at %q", s)
	}
	p.clean()

	all, err := os.ReadDir(kept)
	if err != nil || len(all) != 1 {
		t.Fatalf("kept are %v (%v)", all, err)
	}
	if err := os.WriteFile(filepath.Join(kept, all[0].Name(), "mark"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(npmBuild(t, dir, kept), "mark"); err != nil {
		t.Errorf("the same package was built again: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "src", "more.html"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(npmBuild(t, dir, kept), "mark"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a package that has changed was not built: %v", err)
	}
}

func TestNpmBuildFails(t *testing.T) {
	together(t)
	for _, tt := range []struct {
		name, build, remove, want string
	}{
		{"the script fails", `console.log("no such import"); process.exit(3)`, "", "no such import"},
		{"nothing made", ``, "", "made no files in dist"},
		{"no lock file", goodBuild, "package-lock.json", "no package with locked versions"},
		{"no package", goodBuild, "package.json", "no package with locked versions"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := npmPackage(t, tt.build)
			if tt.remove != "" {
				if err := os.Remove(filepath.Join(dir, tt.remove)); err != nil {
					t.Fatal(err)
				}
			}
			if err := buildCopy(dir, t.TempDir()); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("%v, want it to name %s and %q", err, dir, tt.want)
			}
		})
	}
}

func TestNoNpm(t *testing.T) {
	alone(t)
	dir := npmPackage(t, goodBuild)
	t.Setenv("PATH", t.TempDir())
	if err := buildCopy(dir, t.TempDir()); !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "install Node.js") {
		t.Errorf("without npm: %v", err)
	}
}
