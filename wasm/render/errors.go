package render

import (
	"errors"
)

// OnError gets these errors, besides *PanicError and what JavaScript throws.
var (
	// ErrRunaway means that each of a hundred paints in a row asked for the next, as a
	// Rendered hook that always changes something does. The rest runs in separate tasks,
	// so the page stays usable. The queue reports it once until it is empty again.
	ErrRunaway = errors.New("render: every paint asks for another one: look for a Rendered hook or an After function that always changes something")
	// ErrOverflow means that Do dropped a function because 10,000 were waiting, as they
	// do when an EventEnv stays locked.
	ErrOverflow = errors.New("render: function dropped, too many are waiting: look for an EventEnv.Lock without its Unlock")
)

// PanicError is a panic in a component, in a handler or in a function for Do or After.
// The Root goes on working; the rest of that function is lost.
type PanicError struct {
	Where string // "build", "Rendered hook", "click handler", …
	Value any    // argument of panic
	Stack []byte // from runtime.Stack
}

// Error names the place and the value, without the stack.
func (e *PanicError) Error() string {
	text := "a value of another type than error and string"
	switch v := e.Value.(type) {
	case error:
		text = v.Error()
	case string:
		text = v
	}
	return "render: panic in " + e.Where + ": " + text
}

// Unwrap returns the value if it is an error, otherwise nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
