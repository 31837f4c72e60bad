package frame

import "strconv"

// CloseCode is a WebSocket close code. The relay closes with those of 4000 to
// 4999; a client closes with 1000.
type CloseCode int

// The close codes. 4000 to 4499: connect again. 4500 to 4999, and 1002: the client
// is wrong and would be closed again; final. CloseTokenRefused is final for the
// token: with another one a client may come back.
const (
	CloseNormal       CloseCode = 1000 // the client is done
	CloseProtocol     CloseCode = 1002 // what came was no WebSocket (RFC 6455); final
	CloseAbnormal     CloseCode = 1006 // never sent: the connection broke
	CloseGoingAway    CloseCode = 4000 // the relay shuts down
	CloseHelloTimeout CloseCode = 4001 // no hello in time
	CloseIdle         CloseCode = 4002 // no ping and no request for too long
	CloseSlow         CloseCode = 4003 // the client reads too slowly; its queue is full
	CloseTokenExpired CloseCode = 4004 // the token expired and was not renewed; come back with a new one
	CloseUnchecked    CloseCode = 4005 // the token could not be checked now: the keys of its issuer are not to be had
	CloseFull         CloseCode = 4006 // too many sessions: of the person, of the address, or in all
	CloseText         CloseCode = 4500 // a text message; frames are binary
	CloseMalformed    CloseCode = 4501 // not a frame, or a kind that only the relay sends
	CloseTooBig       CloseCode = 4502 // longer than MaxLen
	CloseNoHello      CloseCode = 4503 // a frame before hello
	CloseSecondHello  CloseCode = 4504 // hello again
	CloseDuplicate    CloseCode = 4505 // the number of a request that is still under way
	CloseSubprotocol  CloseCode = 4506 // the sub-protocol commdn.v2 was not asked for
	CloseTokenRefused CloseCode = 4507 // the token of hello or refresh is wrong, or there is none
	CloseTooFast      CloseCode = 4508 // over the limits of messages too often
	CloseEnded        CloseCode = 4509 // an administrator ended the session
)

// String names the code, or gives its number.
func (c CloseCode) String() string {
	switch c {
	case CloseNormal:
		return "normal"
	case CloseAbnormal:
		return "connection lost"
	case CloseGoingAway:
		return "relay going away"
	case CloseHelloTimeout:
		return "no hello in time"
	case CloseIdle:
		return "idle"
	case CloseSlow:
		return "slow reader"
	case CloseTokenExpired:
		return "token expired"
	case CloseUnchecked:
		return "token cannot be checked now"
	case CloseFull:
		return "too many sessions"
	case CloseText:
		return "text message"
	case CloseMalformed:
		return "malformed frame"
	case CloseTooBig:
		return "frame too big"
	case CloseNoHello:
		return "frame before hello"
	case CloseSecondHello:
		return "second hello"
	case CloseDuplicate:
		return "duplicate request number"
	case CloseSubprotocol:
		return "sub-protocol missing"
	case CloseTokenRefused:
		return "token refused"
	case CloseTooFast:
		return "too many messages"
	case CloseEnded:
		return "ended by an administrator"
	}
	return "close code " + strconv.Itoa(int(c))
}

// Reconnect says whether a client that was closed with c should connect again
// as it is: after CloseTokenRefused only one that has another token should.
func (c CloseCode) Reconnect() bool { return (c < 4500 || c > 4999) && c != CloseProtocol }

// CloseError says that the other side closed the connection, or that it broke.
type CloseError struct {
	Code   CloseCode
	Reason string // the other side's words; may be empty
}

// Error names the code, its number, and the reason if it says more.
func (e *CloseError) Error() string {
	s := "connection closed: " + e.Code.String() + " (" + strconv.Itoa(int(e.Code)) + ")"
	if e.Reason != "" && e.Reason != e.Code.String() {
		s += ": " + e.Reason
	}
	return s
}
