// Command gen writes all that comes from elements.yaml: the tables in web/README.md, the
// elements' types in web/commdn.d.ts, and web/custom-elements.json. Run it in the folder
// above its own.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"commdn/components/manifest"
)

func main() {
	if err := run("../../web"); err != nil {
		fmt.Fprintln(os.Stderr, "manifest/gen:", err)
		os.Exit(1)
	}
}

func run(web string) error {
	m, err := manifest.Read()
	if err != nil {
		return err
	}
	custom, err := m.CustomElements()
	return errors.Join(err,
		put(filepath.Join(web, "README.md"), "<!-- elements -->\n", "<!-- /elements -->", "\n"+m.Tables()),
		put(filepath.Join(web, "commdn.d.ts"), "// elements: generated\n", "// end", m.Types()),
		write(filepath.Join(web, "custom-elements.json"), custom))
}

// put replaces the text between two marks, each of which occurs once.
func put(path, begin, end, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := bytes.Cut(old, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed || bytes.Contains(after, []byte(begin)) {
		return fmt.Errorf("%s: it does not hold %q and then %q exactly once", path, begin, end)
	}
	return write(path, bytes.Join([][]byte{before, []byte(begin), []byte(text), []byte(end), after}, nil))
}

// write leaves a file alone that is as it should be: others may have it open.
func write(path string, content []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	return os.WriteFile(path, content, 0o644)
}
