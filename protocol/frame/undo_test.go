package frame_test

import (
	"testing"

	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// A window that reads as negative is none: whoever asks for it gets no more time than
// whoever does not.
func TestNegativeWindows(t *testing.T) {
	l := tkvlist.List{{Key: "undo_ms", Value: tkvlist.Int(-1)}, {Key: "left_ms", Value: tkvlist.Int(-1)}}
	if r := frame.ReadRequest(l); r.Undo != 0 {
		t.Errorf("a request to hold for %d ms", r.Undo)
	}
	if m := frame.ReadLimits(l); m.UndoMillis != 0 {
		t.Errorf("a longest window of %d ms", m.UndoMillis)
	}
	if h := frame.ReadHeld(l); h.Left != 0 {
		t.Errorf("held for %d ms", h.Left)
	}
}
