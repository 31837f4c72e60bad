package changes

import (
	"context"
	"log"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// again is how often a server that goes on failing says so.
const again = time.Minute

// HTTPLog gives an http.Server's ErrorLog. What the server says again and again,
// as at each attempt to accept a connection when file descriptors are exhausted, is
// a warning once a minute, and for debugging in between.
func HTTPLog(to *slog.Logger) *log.Logger { return log.New(&httpLog{to: to}, "", 0) }

type httpLog struct {
	to *slog.Logger

	mu   sync.Mutex
	last string
	at   time.Time // when last was a warning
}

func (h *httpLog) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	what, _, _ := strings.Cut(text, "; retrying in ")
	h.mu.Lock()
	level := slog.LevelDebug
	if what != h.last || time.Since(h.at) >= again {
		h.last, h.at, level = what, time.Now(), slog.LevelWarn
	}
	h.mu.Unlock()
	h.to.Log(context.Background(), level, text)
	return len(line), nil
}
