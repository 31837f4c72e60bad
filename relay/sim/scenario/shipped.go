package scenario

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"commdn/relay/internal/near"
)

//go:embed shipped
var shipped embed.FS

const extension = ".yaml"

// Names gives the names of the scenarios that are shipped, in order.
func Names() []string {
	files, _ := shipped.ReadDir("shipped")
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), extension))
	}
	return names
}

// Shipped gives a scenario by its name, a new one with each call; nil if none
// of the name is shipped.
func Shipped(name string) *Scenario {
	data, err := Source(name)
	if err != nil {
		return nil
	}
	s, _ := Parse(name+extension, data)
	return s
}

// Source gives the file of a scenario that is shipped, to begin one's own with.
func Source(name string) ([]byte, error) {
	return shipped.ReadFile("shipped/" + name + extension)
}

// Load gives the scenario that is shipped under a name, else the one in a file.
// (A file that is named like a shipped one is ./NAME.) Errors in the file are
// joined *Errors.
func Load(nameOrFile string) (*Scenario, error) {
	if s := Shipped(nameOrFile); s != nil {
		return s, nil
	}
	f, err := os.Open(nameOrFile)
	if errors.Is(err, fs.ErrNotExist) {
		hint := ""
		if like := near.Names(nameOrFile, Names(), 1); like != nil {
			hint = "; did you mean " + like[0] + "?"
		}
		return nil, fmt.Errorf("there is no file %q, and no scenario of that name is shipped; there are %s%s", nameOrFile, strings.Join(Names(), ", "), hint)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, err
	}
	return Parse(nameOrFile, data)
}
