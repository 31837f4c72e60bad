package e2e

import (
	"flag"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// places are for the tests that run at a time. A test that waits for longer than restAfter
// for something on its page leaves its place to another one: it waits for time to pass, and
// needs no processor. It gets none back, so that what it waits for is not over when it goes
// on. On a slow machine others wait as long, so only as many as there are places may do so.
type places struct {
	free chan struct{}

	mu      sync.Mutex
	held    map[string]bool // by name of the test
	resting map[string]bool // likewise: they run without a place
	most    int             // that may rest
}

const restAfter = time.Second

// atWork are the places of the suite.
var atWork = places{held: map[string]bool{}, resting: map[string]bool{}}

// open sets the number of places: what -parallel says, or one more than there are
// processors, since a page that draws waits for the next frame half of the time. testing
// itself lets all tests begin: one that waited there would keep a place from its own
// subtests. With -parallel none rests.
func (s *places) open() {
	n := runtime.GOMAXPROCS(0) + 1
	s.most = n
	parallel := flag.Lookup("test.parallel")
	flag.Visit(func(f *flag.Flag) {
		if f == parallel {
			n, s.most = f.Value.(flag.Getter).Get().(int), 0
		}
	})
	s.free = make(chan struct{}, max(n, 0))
	for range n {
		s.free <- struct{}{}
	}
	if n > 0 { // else testing says what is wrong
		if err := parallel.Value.Set("1000"); err != nil {
			panic(err)
		}
	}
}

// take waits for a place. A subtest that is to run beside others takes that of its test,
// which waits for its subtests.
func (s *places) take(t *testing.T) {
	t.Helper()
	s.leave(t.Name())
	<-s.free
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[t.Name()] = true
	t.Cleanup(func() { s.leave(t.Name()) })
}

// leave gives up the place of a test, or of the one that it is a part of.
func (s *places) leave(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name = s.of(name); s.held[name] {
		s.free <- struct{}{}
	}
	delete(s.held, name)
	delete(s.resting, name)
}

// rest has such a test go on without a place, if it has one; false: it may not.
func (s *places) rest(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name = s.of(name); !s.held[name] || len(s.resting) >= s.most {
		return
	}
	delete(s.held, name)
	s.resting[name] = true
	s.free <- struct{}{}
}

// of gives the test that a name belongs to, itself or one that it is a part of; "" has
// none. mu is held.
func (s *places) of(name string) string {
	for name != "" && !s.held[name] && !s.resting[name] {
		name = name[:max(0, strings.LastIndexByte(name, '/'))]
	}
	return name
}
