package main

import (
	"errors"
	"slices"
	"strings"

	"commdn/protocol/client"
	"commdn/protocol/client/ws"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Exit codes.
const (
	exitInvalid  = 1 // OCS or the relay refused, or the input is wrong
	exitUsage    = 2
	exitNoAnswer = 3 // nothing was sent: no relay, or no link behind it
	exitUnknown  = 4 // it was sent, and what became of it is not known
	exitWait     = 5 // the request is done, and the state that was waited for did not come
)

// exitError is an error with its exit code. A nil Err has been reported.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exitOf gives the exit code that a request's error has.
func exitOf(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: exitCode(err), err: err}
}

// told is exitOf for an error that a result on standard output tells of, too.
func told(err error) error {
	if err == nil || err.Error() == "" {
		return err
	}
	return &exitError{exitCode(err), &toldError{err}}
}

type toldError struct{ error }

// Unwrap gives the error.
func (e *toldError) Unwrap() error { return e.error }

func exitCode(err error) int {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	if _, ok := errors.AsType[*waitError](err); ok {
		return exitWait
	}
	if _, ok := errors.AsType[*nameError](err); ok {
		return exitInvalid
	}
	switch client.OutcomeOf(nil, err) {
	case client.Refused, client.Invalid:
		return exitInvalid
	case client.Unknown:
		return exitUnknown
	}
	return exitNoAnswer
}

// failure is why there is no success, as JSON has it: part of every result, and
// all that is printed where there is none.
type failure struct {
	OK        bool   `json:"ok"`
	State     string `json:"state"`     // done, incomplete, or one of those that failureOf gives
	Error     string `json:"error"`     // for people; empty where all is well
	Code      int32  `json:"code"`      // OCS's error code; 0 where OCS did not refuse
	Name      string `json:"name"`      // of that code, or of the relay's refusal
	Message   string `json:"message"`   // OCS's or the relay's own words
	Retryable bool   `json:"retryable"` // whether the same command may succeed later, and does no harm
}

// done is the success.
var done = failure{OK: true, State: client.Done.String()}

// failureOf gives what an error says; nil is done. The states are usage, invalid,
// refused, undone, not-sent, unknown, timed-out and cannot-come.
func failureOf(err error) failure {
	if err == nil {
		return done
	}
	f := failure{Error: err.Error()}
	switch exitCode(err) {
	case exitUsage:
		f.State = "usage"
	case exitInvalid:
		f.State = client.Invalid.String()
	case exitUnknown:
		f.State = client.Unknown.String()
	default:
		f.State, f.Retryable = client.NotSent.String(), !isFinal(err)
	}
	if fault, ok := errors.AsType[*commdn.Fault](err); ok {
		f.State, f.Code, f.Name, f.Message = client.Refused.String(), int32(fault.Code), fault.Code.String(), fault.Message
	}
	if refusal, ok := errors.AsType[*frame.Refusal](err); ok {
		f.Name, f.Message, f.Retryable = refusal.Code.String(), refusal.Message, refusal.Code.Retry()
		switch {
		case refusal.Code == frame.RefusedUndone:
			f.State = client.Undone.String()
		case f.State == client.Invalid.String():
			f.State = client.Refused.String()
		}
	}
	if unknown, ok := errors.AsType[*unknownError](err); ok {
		f.Retryable = unknown.repeatable
	}
	if wait, ok := errors.AsType[*waitError](err); ok {
		f.State, f.Retryable = wait.state(), !wait.never
	}
	return f
}

// isFinal says whether a connection is refused as it is.
func isFinal(err error) bool {
	if token, ok := errors.AsType[*client.TokenError](err); ok {
		return token.Refused
	}
	if _, ok := errors.AsType[*ws.PathError](err); ok {
		return true
	}
	closed, ok := errors.AsType[*frame.CloseError](err)
	return ok && !closed.Code.Reconnect()
}

// wantsJSON says whether arguments ask for JSON, also where they cannot be parsed
// as a whole.
func wantsJSON(args []string) bool {
	formats := []string{formatJSON, formatJSONL}
	for i, arg := range args {
		for _, flag := range []string{"-o", "--output"} {
			value, found := strings.CutPrefix(arg, flag)
			if value == "" && i+1 < len(args) {
				value = args[i+1]
			}
			if found && slices.Contains(formats, strings.TrimPrefix(value, "=")) {
				return true
			}
		}
	}
	return false
}
