package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// relayFlags are those of every command that talks to a relay.
type relayFlags struct {
	Relay   string        `help:"WebSocket of the relay (${default})." default:"ws://127.0.0.1:8080/ws" placeholder:"URL"`
	Timeout time.Duration `help:"How long to wait for the answer." default:"20s"`
}

// session is a connection to a relay that has been welcomed once. The client
// keeps it up from then on.
type session struct {
	*client.Client
	relay  string
	within time.Duration
}

// open connects. A relay that cannot be reached at once is not waited for.
func (f relayFlags) open(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, f.Timeout, fmt.Errorf("no answer within %v", f.Timeout))
	defer cancel()
	// The client's own limit is the wider one, so that our context says why.
	s := &session{relay: f.Relay, within: f.Timeout, Client: client.New(client.Options{
		Dial: dialer(f.Relay), Agent: "commdn/" + version, AnswerTimeout: 2 * f.Timeout,
	})}
	news := make(chan client.Status, 1)
	tell := func(st client.Status) {
		switch st.State {
		case client.Connected, client.Disconnected, client.Failed:
			select {
			case news <- st:
			default:
			}
		}
	}
	defer s.Watch(tell)()
	tell(s.Status()) // what there was before the watch
	var why error
	select {
	case st := <-news:
		if st.State == client.Connected {
			return s, nil
		}
		why = st.Err
	case <-ctx.Done():
		why = context.Cause(ctx)
	}
	s.Close()
	return nil, s.unconnected(why)
}

// ask sends one request and gives its answers.
func (s *session) ask(ctx context.Context, req commdn.Request) ([]commdn.Message, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.within, fmt.Errorf("no answer within %v", s.within))
	defer cancel()
	answers, err := s.Do(ctx, req)
	none, ok := errors.AsType[*client.NoAnswerError](err)
	if !ok {
		return answers, err
	}
	why := none.Err
	if ctx.Err() != nil {
		why = context.Cause(ctx)
	}
	if none.Sent {
		return answers, &unknownError{s.relay, plain(why)}
	}
	return answers, s.unconnected(why)
}

func (s *session) unconnected(why error) error {
	return &unconnectedError{s.relay, plain(why)}
}

// unknownError says that a request was sent and that its outcome is not known.
type unknownError struct {
	relay string
	err   error
}

func (e *unknownError) Error() string {
	return fmt.Sprintf("sent to the relay at %s, but not known to be done: %v", e.relay, e.err)
}

func (e *unknownError) Unwrap() error { return e.err }

// unconnectedError says that nothing was sent.
type unconnectedError struct {
	relay string
	err   error
}

func (e *unconnectedError) Error() string {
	return fmt.Sprintf("not connected to the relay at %s: %v", e.relay, e.err)
}

func (e *unconnectedError) Unwrap() error { return e.err }

// plain says in words for people why a context ended.
func plain(why error) error {
	switch {
	case errors.Is(why, context.Canceled):
		return errors.New("interrupted")
	case errors.Is(why, context.DeadlineExceeded):
		return errors.New("it does not answer")
	}
	return why
}

// exitOf gives the exit code that a request's error has.
func exitOf(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitCode(err), err}
}

func exitCode(err error) int {
	var fault *commdn.Fault
	var field *commdn.FieldError
	var refusal *frame.Refusal
	switch {
	case errors.As(err, &fault), errors.As(err, &field),
		errors.As(err, &refusal) && !refusal.Code.Retry():
		return exitInvalid
	}
	return exitNoAnswer
}
