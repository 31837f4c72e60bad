package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// full is a disk that is full for a while.
type full struct {
	bytes.Buffer
	is bool
}

func (f *full) Write(b []byte) (int, error) {
	if f.is {
		return 0, errors.New("no space left on device")
	}
	return f.Buffer.Write(b)
}

// Lines that cannot be written are counted, with the reason, and those after them
// are written again; the last ones are kept all the same, whole, within their bound.
func TestLogbook(t *testing.T) {
	disk := &full{}
	l := &logbook{out: disk}
	say := func(text string) {
		t.Helper()
		if n, err := l.Write([]byte(text + "\n")); err != nil || n != len(text)+1 {
			t.Fatalf("%d, %v", n, err)
		}
	}
	say("one")
	disk.is = true
	say("two")
	say("three")
	disk.is = false
	say("four")
	if n, why := l.Lost(); n != 2 || why != "no space left on device" {
		t.Errorf("lost %d: %s", n, why)
	}
	if disk.String() != "one\nfour\n" || string(l.Last()) != "one\ntwo\nthree\nfour\n" {
		t.Errorf("written %q, kept %q", disk, l.Last())
	}

	line := strings.Repeat("x", 1000)
	for n := range 2000 {
		say(fmt.Sprintf("%04d %s", n, line))
	}
	kept := string(l.Last())
	lines := strings.Split(strings.TrimSuffix(kept, "\n"), "\n")
	if len(kept) > lastLines || len(kept) < lastLines/2 || len(lines[0]) != 1005 || !strings.HasPrefix(lines[len(lines)-1], "1999 ") {
		t.Errorf("%d bytes in %d lines from %.20q to %.20q", len(kept), len(lines), lines[0], lines[len(lines)-1])
	}
	say(strings.Repeat("y", 2*lastLines)) // longer than everything
	say("after it")
	if kept := string(l.Last()); kept != "after it\n" {
		t.Errorf("kept %d bytes", len(kept))
	}
}
