// Package changes keeps a log from saying the same at each attempt: a failure is a
// warning when it begins and when its reason changes, and for debugging in between.
package changes

import (
	"log/slog"
	"regexp"
	"sync"
)

// Failures are those that the log has. The zero value is ready, and several
// goroutines may use it.
type Failures struct {
	mu   sync.Mutex
	last map[string]string
}

// own is the local end of a connection in an error of package net, which differs
// each time.
var own = regexp.MustCompile(`(\[[0-9a-f:.%\w]+\]|[\d.]+):\d+->`)

// Level says what a failure of something is logged as: a warning unless it failed
// the last time for the same reason.
func (f *Failures) Level(what string, err error) slog.Level {
	text := own.ReplaceAllString(err.Error(), "")
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last == nil {
		f.last = make(map[string]string)
	}
	if last, failed := f.last[what]; failed && last == text {
		return slog.LevelDebug
	}
	f.last[what] = text
	return slog.LevelWarn
}

// Over says that something works again: its next failure is news.
func (f *Failures) Over(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.last, what)
}
