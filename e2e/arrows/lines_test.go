package arrows

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mostLines is how long a file of a room may be: it has one subject.
const mostLines = 300

// noRooms are folders of relay that are none of the relay's rooms: the simulator, a product
// of its own; worlds for tests, and a NATS of tests; commands.
var noRooms = []string{"relay/sim/...", "relay/simulation/...", "relay/internal/natstest", "relay/cmd/..."}

// isRoom says whether the length of a Go file is bounded.
func isRoom(file string) bool {
	if !strings.HasPrefix(file, "relay/") || strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "_gen.go") {
		return false
	}
	folder := file[:strings.LastIndex(file, "/")]
	for _, p := range noRooms {
		all, tree := strings.CutSuffix(p, "/...")
		if folder == all || tree && strings.HasPrefix(folder, all+"/") {
			return false
		}
	}
	return true
}

// TestLines: a file of the relay's rooms that has grown too long has more than one subject.
func TestLines(t *testing.T) {
	rooms := make(map[string]bool)
	for _, file := range sources(t) {
		if !isRoom(file) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		rooms[filepath.Dir(file)] = true
		if n := bytes.Count(data, []byte("\n")); n > mostLines {
			t.Errorf("%s has %d lines, and may have %d: split it along its subjects", file, n, mostLines)
		}
	}
	for _, room := range []string{"relay", "relay/conn", "relay/desk", "relay/directory/live", "relay/tserver/tlink"} {
		if !rooms[room] {
			t.Errorf("no file of %s was looked at", room)
		}
	}
	if rooms["relay/sim"] || rooms["relay/simulation"] || rooms["relay/cmd/commdn"] || rooms["relay/internal/natstest"] {
		t.Errorf("looked at %v", rooms)
	}
}
