package frame

import "commdn/protocol/tkvlist"

const (
	keyUndo = "undo_ms" // of request and limits
	keyLeft = "left_ms"
)

// Held says that the relay holds a request, and for how long it can still be undone.
// With 0 it cannot, or no longer: it goes out, whatever is said from then on.
type Held struct {
	Left int // milliseconds
}

// Body gives the list of the frame.
func (h Held) Body() tkvlist.List {
	return tkvlist.List{{Key: keyLeft, Value: tkvlist.Int(int32(h.Left))}}
}

// ReadHeld reads the list of a held frame.
func ReadHeld(l tkvlist.List) Held {
	left, _ := l.Int(keyLeft)
	return Held{Left: int(max(left, 0))}
}
