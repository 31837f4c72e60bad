package loglimit

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *text) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

func (t *text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// log gives a logger with a limit, and what it writes.
func log(l Limits) (*Log, *slog.Logger, *text) {
	out := &text{}
	limiter := New(l)
	return limiter, limiter.Logger(slog.New(slog.NewTextHandler(out, nil))), out
}

// What repeats is written a few times, and the rest is one line with its number.
func TestRepeats(t *testing.T) {
	limiter, l, out := log(Limits{Burst: 5, Every: time.Hour, SumUp: time.Hour})
	l = l.With("room", "web")
	for n := range 1000 {
		l.Warn("refused", "from", n)
	}
	l.Warn("something else")
	l.Info("refused") // another level is another line
	if got := strings.Count(out.String(), "\n"); got != 7 {
		t.Fatalf("%d lines, want 7:\n%s", got, out)
	}
	limiter.Close()
	want := `level=WARN msg=refused room=web from=999 repeats=995 within=`
	if got := out.String(); strings.Count(got, "\n") != 8 || !strings.Contains(got, want) {
		t.Errorf("the sum is missing:\n%s", got)
	}
	limiter.Close() // says nothing twice
	if got := strings.Count(out.String(), "\n"); got != 8 {
		t.Errorf("%d lines after a second Close", got)
	}
}

// A sum comes by itself, also when nobody says anything any more, and a line
// that has not come for a while is written again.
func TestSumComesByItself(t *testing.T) {
	_, l, out := log(Limits{Burst: 1, Every: 50 * time.Millisecond, SumUp: 10 * time.Millisecond})
	l.Warn("refused")
	l.Warn("refused")
	for late := time.Now().Add(30 * time.Second); !strings.Contains(out.String(), "repeats=1"); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("no sum:\n%s", out)
		}
	}
	time.Sleep(60 * time.Millisecond)
	l.Warn("refused", "again", true)
	if !strings.Contains(out.String(), "again=true") {
		t.Errorf("the line does not come back:\n%s", out)
	}
}

// Numbers in a message, such as a client's port, make no other line of it; and
// who makes up messages makes no memory of them.
func TestMadeUpMessages(t *testing.T) {
	limiter, l, out := log(Limits{Burst: 2, Every: time.Hour, SumUp: time.Hour, Number: 3})
	for n := range 100 {
		l.Warn(fmt.Sprintf("http: TLS handshake error from 192.0.2.1:%d: EOF", n))
	}
	if got := strings.Count(out.String(), "\n"); got != 2 {
		t.Errorf("%d lines, want 2", got)
	}
	for n := range 100 {
		l.Warn("made up " + strings.Repeat("x", n))
	}
	if n := len(limiter.lines); n > 4 {
		t.Errorf("%d lines are told apart, want at most 4", n)
	}
	if got := strings.Count(out.String(), "\n"); got != 2+1+1+2 {
		t.Errorf("%d lines, want 6:\n%s", got, out)
	}
}

func TestForeign(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"https://desk.example.com":  "https://desk.example.com",
		"5551234567":                "*******567",
		"call +1 (555) 123-4567 at": "call +* (***) ***-*567 at",
		"555.123.4567":              "***.***.*567",
		"1234":                      "1234",
		"http://10.20.30.40:8080":   "http://10.20.30.40:8080",
		"https://10.120.130.140/":   "https://10.120.130.140/",
		"a\x00b\nc\x7f":             "a b c ",
		"\xff":                      "?",
	} {
		if got := Foreign(in); got != want {
			t.Errorf("Foreign(%q) is %q, want %q", in, got, want)
		}
	}
	// A cut through a number leaves none of its digits.
	for before := 180; before <= MaxForeign; before++ {
		got := Foreign(strings.Repeat("x", before) + "5551234567" + strings.Repeat("y", 1<<14))
		if len(got) > MaxForeign+3 || strings.Contains(got, "555") || !strings.HasSuffix(got, "...") {
			t.Errorf("a number behind %d bytes: %q", before, got)
		}
	}
}

func FuzzForeign(f *testing.F) {
	f.Add("https://desk.example.com")
	f.Add(strings.Repeat("é5", 150))
	f.Fuzz(func(t *testing.T, s string) {
		got := Foreign(s)
		if len(got) > MaxForeign+3+MaxForeign { // each broken byte may take one byte more
			t.Errorf("%d bytes", len(got))
		}
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\x1b") {
			t.Errorf("%q is not fit for a log", got)
		}
		digits := 0
		for _, r := range got {
			if r >= '0' && r <= '9' {
				if digits++; digits >= 12 { // the longest an IPv4 address has
					break
				}
			} else {
				digits = 0
			}
		}
		if digits > 4 {
			t.Errorf("%q shows a number", got)
		}
	})
}
