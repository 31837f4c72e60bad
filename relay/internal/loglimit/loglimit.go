// Package loglimit keeps a log readable, and its disk free, while somebody makes
// the relay say the same thing over and over: lines that repeat too fast are
// counted and summed up, and foreign text is cut and masked.
package loglimit

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits say how many lines with the same message are written.
type Limits struct {
	Burst  int           // at once; 0: 100
	Every  time.Duration // and one more after each of these; 0: 100 ms
	SumUp  time.Duration // how long repeats are counted until one line sums them up; 0: 10 s
	Number int           // different messages that are told apart, the rest counts as one; 0: 1,000
}

// Log limits the lines of a slog.Handler. Several goroutines may use it.
type Log struct {
	limits Limits

	mu     sync.Mutex
	lines  map[line]*repeats
	closed bool
}

// line is what repeats: a message at a level, whatever numbers are in it.
type line struct {
	level   slog.Level
	message string
}

type repeats struct {
	allowed *rate.Limiter
	count   int // not written since the last sum
	since   time.Time
	last    slog.Record
	to      slog.Handler // of last
	timer   *time.Timer  // not nil while repeats are counted
}

// New gives a limiter of lines. Its Close writes the sums that are still due.
func New(l Limits) *Log {
	if l.Burst <= 0 {
		l.Burst = 100
	}
	if l.Every <= 0 {
		l.Every = 100 * time.Millisecond
	}
	if l.SumUp <= 0 {
		l.SumUp = 10 * time.Second
	}
	if l.Number <= 0 {
		l.Number = 1000
	}
	return &Log{limits: l, lines: make(map[line]*repeats)}
}

// Logger gives a logger that writes to the same place as to, within the limits.
func (l *Log) Logger(to *slog.Logger) *slog.Logger { return slog.New(handler{l, to.Handler()}) }

// Close sums up what was counted. Lines after it are not limited any more.
func (l *Log) Close() {
	l.mu.Lock()
	l.closed = true
	all := make([]*repeats, 0, len(l.lines))
	for _, r := range l.lines {
		all = append(all, r)
	}
	l.mu.Unlock()
	for _, r := range all {
		l.sumUp(r)
	}
}

type handler struct {
	log *Log
	to  slog.Handler
}

func (h handler) Enabled(ctx context.Context, level slog.Level) bool { return h.to.Enabled(ctx, level) }

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.log, h.to.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.log, h.to.WithGroup(name)} }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if !h.log.allow(r, h.to) {
		return nil
	}
	return h.to.Handle(ctx, r)
}

// allow says whether a line is written; one that is not is counted.
func (l *Log) allow(r slog.Record, to slog.Handler) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return true
	}
	key := line{r.Level, withoutDigits(r.Message)}
	one := l.lines[key]
	if one == nil && len(l.lines) >= l.limits.Number {
		key = line{} // who makes up messages fills no memory
		one = l.lines[key]
	}
	if one == nil {
		one = &repeats{allowed: rate.NewLimiter(rate.Every(l.limits.Every), l.limits.Burst)}
		l.lines[key] = one
	}
	if one.allowed.AllowN(time.Now(), 1) {
		return true
	}
	if one.count == 0 {
		one.since = time.Now()
	}
	one.count++
	one.last, one.to = r.Clone(), to
	if one.timer == nil {
		one.timer = time.AfterFunc(l.limits.SumUp, func() { l.sumUp(one) })
	}
	return false
}

// sumUp writes one line for those that were not: the last of them, with how many
// there were.
func (l *Log) sumUp(one *repeats) {
	l.mu.Lock()
	count, since, last, to := one.count, one.since, one.last, one.to
	if one.timer != nil {
		one.timer.Stop()
	}
	one.count, one.timer, one.last, one.to = 0, nil, slog.Record{}, nil
	l.mu.Unlock()
	if count == 0 {
		return
	}
	last.AddAttrs(slog.Int("repeats", count), slog.Duration("within", time.Since(since).Round(time.Millisecond)))
	_ = to.Handle(context.Background(), last)
}

func withoutDigits(s string) string {
	isDigit := func(c byte) bool { return c >= '0' && c <= '9' }
	if !slices.ContainsFunc([]byte(s), isDigit) { // nearly always
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < 0x80 && isDigit(byte(r)) {
			return -1
		}
		return r
	}, s)
}
