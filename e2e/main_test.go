package e2e

import (
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/e2e/chrome"
)

// TestMain runs the tests with the suite's own time limit and lists the slowest at the
// end.
func TestMain(m *testing.M) {
	flag.Parse()
	if limit := suiteLimit(); limit > 0 {
		time.AfterFunc(limit, func() {
			fmt.Fprintf(os.Stderr, "\nthe suite has run for %v, which is its limit; still running: %s\n", limit, suite.running())
			fmt.Fprint(os.Stderr, suite.slowest())
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			endAll()
			os.Exit(1)
		})
	}
	atWork.open()
	code := m.Run()
	fmt.Print(suite.slowest())
	shared.stop()
	os.Exit(code)
}

// suiteLimit is nine tenths of go test's limit, so that the suite can end its browser and
// servers itself. 0 means no limit.
func suiteLimit() time.Duration {
	timeout, ok := flag.Lookup("test.timeout").Value.(flag.Getter).Get().(time.Duration)
	if !ok {
		panic("-test.timeout is no duration")
	}
	return timeout * 9 / 10
}

// suite knows which tests run and how long they took.
var suite = clock{began: map[string]time.Time{}}

type clock struct {
	mu    sync.Mutex
	began map[string]time.Time
	took  []timed
}

type timed struct {
	name string
	took time.Duration
}

// together begins a test that runs in parallel with others, as soon as it has a place. Each
// test has its own demo and tab, so that no test sees another.
func together(t *testing.T) {
	t.Helper()
	t.Parallel()
	atWork.take(t)
	suite.begin(t)
}

// alone begins a test that changes the whole process, such as the environment. No other
// test runs beside it.
func alone(t *testing.T) {
	t.Helper()
	suite.begin(t)
}

func (c *clock) begin(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if test, _, sub := strings.Cut(t.Name(), "/"); sub {
		delete(c.began, test) // it waits for its subtests
	}
	c.began[t.Name()] = time.Now()
	t.Cleanup(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if began, is := c.began[t.Name()]; is {
			c.took = append(c.took, timed{t.Name(), time.Since(began)})
			delete(c.began, t.Name())
		}
	})
}

// running names the tests that have begun and not ended.
func (c *clock) running() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for name, began := range c.began {
		names = append(names, fmt.Sprintf("%s for %.0fs", name, time.Since(began).Seconds()))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// slowest lists the slowest tests; "" if none has ended.
func (c *clock) slowest() string {
	const most = 10
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.took) == 0 {
		return ""
	}
	took := slices.Clone(c.took)
	slices.SortFunc(took, func(a, b timed) int { return int(b.took - a.took) })
	var b strings.Builder
	fmt.Fprintf(&b, "the slowest of %d tests:\n", len(took))
	for _, one := range took[:min(most, len(took))] {
		fmt.Fprintf(&b, "%8.1fs  %s\n", one.took.Seconds(), one.name)
	}
	return b.String()
}

// windowHeight leaves a page 917 CSS pixels below the browser's own bars.
const windowHeight = 1004

// shared is the browser of all tests, and used has the tabs of it that pages use one after
// the other.
var (
	shared sharedBrowser
	used   tabs
)

type sharedBrowser struct {
	mu  sync.Mutex
	ctx context.Context // of the browser's first tab, which no test uses; nil before the first test
	end func()
}

// open opens a tab. It starts the browser for the first one, and again if the browser has
// died.
func (b *sharedBrowser) open(listener func(ev any)) (tab context.Context, stop func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx == nil || b.ctx.Err() != nil {
		fonts, err := filepath.Abs("testdata/fonts.conf")
		if err != nil {
			return nil, nil, err
		}
		b.ctx, b.end, err = chrome.Start(context.Background(), chrome.Options{
			Height: windowHeight, Env: []string{"FONTCONFIG_FILE=" + fonts, "TZ=UTC"}, Flags: engine(nil), Whole: whole(),
		})
		if err != nil {
			b.ctx = nil
			return nil, nil, err
		}
	}
	return chrome.Open(b.ctx, listener)
}

// whole says that the tests run in the browser as people have it, with all its compilers:
// benchmarks, and the tests with the strange OCS.
func whole() bool { return flag.Lookup("test.bench").Value.String() != "" || strange }

// engine adds to a browser's flags that it compiles our program and JavaScript with its
// first compilers alone, unless it is to be whole: for pages that live for seconds, the
// others took a third of the suite's processor time.
func engine(flags map[string]any) map[string]any {
	if whole() {
		return flags
	}
	all := map[string]any{"js-flags": "--liftoff-only --no-opt --no-maglev"}
	maps.Copy(all, flags)
	return all
}

func (b *sharedBrowser) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx != nil {
		b.end()
		b.ctx = nil
	}
}

// TestBeginnings: each test here begins with together or alone, so that the suite knows
// about it.
func TestBeginnings(t *testing.T) {
	together(t)
	files, err := filepath.Glob("*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") || f.Name.Name == "TestMain" {
				continue
			}
			first := ""
			if e, ok := f.Body.List[0].(*ast.ExprStmt); ok {
				if c, ok := e.X.(*ast.CallExpr); ok {
					if id, ok := c.Fun.(*ast.Ident); ok {
						first = id.Name
					}
				}
			}
			if first != "together" && first != "alone" {
				t.Errorf("%s: %s has to begin with together(t) or alone(t)", name, f.Name.Name)
			}
		}
	}
}
