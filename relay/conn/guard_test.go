package conn

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"commdn/protocol/frame"
	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// discard is a network connection of which only Close is used.
type discard struct{ net.Conn }

func (discard) Close() error { return nil }

// A mistake in any goroutine of a connection ends that connection, with a
// report, and nothing else.
func TestGuard(t *testing.T) {
	var log bytes.Buffer
	ctx, quit := context.WithCancelCause(t.Context())
	c := &Conn{log: slog.New(slog.NewTextHandler(&log, nil)), ctx: ctx, quit: quit, sock: &socket{net: &once{Conn: discard{}}}}
	c.out.limit, c.out.begin = 4, func() {}
	var group sync.WaitGroup
	c.spawn(&group, func() { panic("a mistake") })
	group.Wait()
	if ctx.Err() == nil || !strings.Contains(log.String(), "a mistake") {
		t.Errorf("ended %v, log %s", ctx.Err(), log.String())
	}
	if c.out.put(frame.Message{Frame: []byte("x")}, statusKey{}); c.out.take() != nil {
		t.Error("frames are still taken")
	}
}

// Every goroutine of a connection starts guarded: in spawn, in Serve, or as the
// end of the context.
func TestGoroutinesAreGuarded(t *testing.T) {
	started := regexp.MustCompile(`(?m)^.*(^\s*go |\.Go\(|context\.AfterFunc\().*$`)
	var found []string
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range started.FindAllString(string(text), -1) {
			if !strings.HasPrefix(strings.TrimSpace(line), "//") {
				found = append(found, f.Name()+": "+strings.TrimSpace(line))
			}
		}
	}
	want := []string{
		"conn.go: context.AfterFunc(c.ctx, func() {",
		"conn.go: group.Go(func() { c.guard(f) })",
		"server.go: go func() {",
	}
	if slices.Sort(found); !slices.Equal(found, want) {
		t.Errorf("goroutines start here:\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}
