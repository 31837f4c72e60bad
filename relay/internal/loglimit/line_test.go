package loglimit

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// A long line is cut at a character, and says that it was.
func TestLine(t *testing.T) {
	if got := Line("short"); got != "short" {
		t.Errorf("%q", got)
	}
	got := Line(strings.Repeat("ü", 400))
	if !utf8.ValidString(got) || len(got) > mostLine+len("…") || !strings.HasSuffix(got, "ü…") {
		t.Errorf("%d bytes: …%q", len(got), got[len(got)-10:])
	}
}
