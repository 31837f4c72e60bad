package relay

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// logText keeps a log and lets a test wait for a line.
type logText struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{}
}

func newLogText() *logText { return &logText{grown: make(chan struct{})} }

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.grown)
	l.grown = make(chan struct{})
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logText) count(words string) int { return strings.Count(l.String(), words) }

func (l *logText) wait(t testing.TB, words string) {
	t.Helper()
	l.waitCount(t, words, 1)
}

func (l *logText) waitCount(t testing.TB, words string, n int) {
	t.Helper()
	late := time.After(patience)
	for {
		l.mu.Lock()
		found, grown := strings.Count(l.text.String(), words) >= n, l.grown
		l.mu.Unlock()
		if found {
			return
		}
		select {
		case <-grown:
		case <-late:
			t.Fatalf("the log does not say %q:\n%s", words, l)
		}
	}
}
