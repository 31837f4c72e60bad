package bridgetest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// build gives the folder of bridge.jar and standin.jar, and builds them if no test program
// has yet.
func build() (folder string, err error) {
	root, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(root, "go.mod")); missing == nil {
			break
		}
		if filepath.Dir(root) == root {
			err = fmt.Errorf("no go.mod above the test's folder")
		}
		root = filepath.Dir(root)
	}
	if err != nil {
		return "", err
	}
	sources, err := fingerprint(filepath.Join(root, "relay/bridge"))
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the bridge that tests build: %w", err)
	}
	cache = filepath.Join(cache, "commdn-bridgetest")
	folder = filepath.Join(cache, sources)
	if now := time.Now(); os.Chtimes(folder, now, now) == nil {
		return folder, nil
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	forget(cache)
	fresh, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)
	out, err := exec.Command(filepath.Join(root, "relay/bridge/build.sh"), "--standin", "--out", fresh).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("relay/bridge/build.sh: %w\n%s", err, out)
	}
	// Whole or not at all; another test program may have been faster.
	if err := os.Rename(fresh, folder); err != nil {
		if _, there := os.Stat(folder); there != nil {
			return "", err
		}
	}
	return folder, nil
}

// forget removes what nobody has used for a day: of sources that have changed since, or
// of a build that was killed.
func forget(cache string) {
	entries, _ := os.ReadDir(cache)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(cache, e.Name()))
		}
	}
}

// fingerprint names the sources and the JDK. As it opens them, go test knows of them:
// without it a result from before a change of the bridge would be taken from its cache.
func fingerprint(sources string) (string, error) {
	javac, err := exec.LookPath("javac")
	if err == nil {
		javac, err = filepath.EvalSymlinks(javac)
	}
	if err != nil {
		return "", err
	}
	all := sha256.New()
	fmt.Fprintln(all, javac)
	err = filepath.WalkDir(sources, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(sources, path)
		fmt.Fprintf(all, "%q %x\n", name, sha256.Sum256(content))
		return err
	})
	return hex.EncodeToString(all.Sum(nil)[:16]), err
}
