package client

import "errors"

// Why a request was given up without an answer; found with errors.Is in a
// *NoAnswerError.
var (
	ErrClosed       = errors.New("the client was closed")
	ErrNotConnected = errors.New("not connected to the relay")
	ErrLost         = errors.New("the connection to the relay was lost before an answer came")
	ErrTimeout      = errors.New("no answer in time")
	ErrExpired      = errors.New("it was kept for as long as allowed, and there was no connection in that time")
	ErrOtherPerson  = errors.New("it was made by another person, and waits for them")
	ErrUnbound      = errors.New("the page that it was made on ended before it was known who had made it")
)

// ErrBusy says that too many requests are under way.
var ErrBusy = errors.New("client: too many requests are under way")

// NoAnswerError says that a request ended without an answer of every OCS.
// What OCS did with it is unknown if Sent, and nothing if not.
type NoAnswerError struct {
	Sent bool
	Kept bool  // it stays in Options.Store, and a later client sends it
	Err  error // one of the sentinels above, the context's cause, a *frame.CloseError or *TokenError that was final, or an *AnswerError
}

// Error says whether the request was sent, and why it was given up.
func (e *NoAnswerError) Error() string {
	if e.Sent {
		return "client: sent, but " + e.Err.Error()
	}
	return "client: not sent: " + e.Err.Error()
}

// Unwrap gives the reason.
func (e *NoAnswerError) Unwrap() error { return e.Err }

// AnswerError says that what came as an answer cannot be read or is none. It
// wraps no error: a *commdn.FieldError would speak of the request.
type AnswerError struct {
	What string // what is wrong with the answer
}

// Error gives What.
func (e *AnswerError) Error() string { return "the answer cannot be used: " + e.What }
