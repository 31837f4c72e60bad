package daemon

import (
	"bytes"
	"io"
	"sync"
)

// lastLines is how many bytes of the log are kept for a support case.
const lastLines = 512 << 10

// logbook is where log lines go. It keeps the last ones, and counts those that
// could not be written: nobody would miss them otherwise.
type logbook struct {
	mu   sync.Mutex
	out  io.Writer
	last []byte
	lost uint64
	why  string // of the last one that was lost
}

// Write takes one line. It never fails, as slog would not tell anybody.
func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if over := len(l.last) + len(line) - lastLines; over > 0 && len(l.last) > 0 {
		cut := min(max(over, lastLines/8), len(l.last)) // not at each line
		if end := bytes.IndexByte(l.last[cut:], '\n'); end >= 0 {
			cut += end + 1
		} else {
			cut = len(l.last)
		}
		l.last = append(l.last[:0], l.last[cut:]...)
	}
	l.last = append(l.last, line...)
	if n, err := l.out.Write(line); err != nil || n < len(line) {
		l.lost++
		l.why = "written in part"
		if err != nil {
			l.why = err.Error()
		}
	}
	return len(line), nil
}

// Last gives the last lines.
func (l *logbook) Last() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.last)
}

// Lost says how many lines were lost, and why the last one was.
func (l *logbook) Lost() (n uint64, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost, l.why
}
