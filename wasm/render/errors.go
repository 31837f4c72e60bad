package render

import (
	"errors"

	fmt "commdn/wasm/slimfmt"
)

// Errors that OnError gets, apart from *PanicError and what JavaScript throws.
var (
	// ErrRunaway says that painting asked for another paint a hundred times in a
	// row, as a Rendered hook does that always changes something. The rest runs
	// in tasks of its own, so the page stays usable. It is told once until the
	// queue is empty again.
	ErrRunaway = errors.New("render: every paint asks for another one: look for a Rendered hook or an After function that always changes something")
	// ErrOverflow says that a function given to Do was dropped because 10,000
	// were waiting, as they do when an EventEnv stays locked.
	ErrOverflow = errors.New("render: function dropped, too many are waiting: look for an EventEnv.Lock without its Unlock")
)

// PanicError is a panic in a component, in a handler or in a function given to
// Do or After. The Root goes on working; what the function had not done yet is
// not done.
type PanicError struct {
	Where string // "build", "Rendered hook", "click handler", …
	Value any    // what was passed to panic
	Stack []byte // as of runtime.Stack
}

// Error names the place and the value, without the stack.
func (e *PanicError) Error() string {
	return fmt.Sprintf("render: panic in %s: %v", e.Where, e.Value)
}

// Unwrap returns the value if it is an error, otherwise nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
