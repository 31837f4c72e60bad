// Package leak fails a test binary that leaves goroutines behind.
package leak

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long goroutines that are on their way out may take.
const patience = 5 * time.Second

// Main runs the tests of a package as Run does, and exits. Call it from TestMain.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run runs the tests of a package and gives the code to exit with. It fails when
// all passed but a goroutine that they started is still there.
func Run(m *testing.M) int {
	code := m.Run()
	if code == 0 {
		if left := Left(patience); len(left) > 0 {
			fmt.Fprintf(os.Stderr, "leak: %d goroutines left behind:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
			code = 1
		}
	}
	return code
}

// Left gives the stacks of all goroutines but the caller's and those of the
// runtime and the testing package. It waits for them to end, at most within;
// nil means that none is left.
func Left(within time.Duration) []string {
	deadline := time.Now().Add(within)
	for pause := time.Millisecond; ; pause *= 2 {
		left := stacks()
		if len(left) == 0 {
			return nil
		}
		if time.Now().Add(pause).After(deadline) {
			return left
		}
		time.Sleep(pause)
	}
}

// standing are functions whose goroutines live as long as the process.
var standing = []string{
	"testing.(*T).Run(",
	"testing.(*M).",
	"testing.(*F).Fuzz(",
	"os/signal.signal_recv(",
	"runtime.ensureSigM(",
}

func stacks() []string {
	buf := make([]byte, 64<<10)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	var left []string
	// The first stack is that of the goroutine that asks.
	for _, stack := range strings.Split(strings.TrimSpace(string(buf)), "\n\n")[1:] {
		if !isStanding(stack) {
			left = append(left, stack)
		}
	}
	return left
}

func isStanding(stack string) bool {
	for _, name := range standing {
		if strings.Contains(stack, name) {
			return true
		}
	}
	return false
}
