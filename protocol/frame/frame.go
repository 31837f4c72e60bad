// Package frame is the envelope between a browser (or any client) and the
// relay: one WebSocket binary message is one frame, and a frame is a header of
// five bytes and one packed TKVList.
//
// The table of kinds, keys and close codes stands in the README of package
// protocol; a stranger can implement it from there.
package frame

import (
	"strconv"

	"commdn/protocol/tkvlist"
)

// Subprotocol is the WebSocket sub-protocol that both ends must name.
const Subprotocol = "commdn.v1"

// HeaderLen is the length of the header: kind u8, number u32 big-endian.
const HeaderLen = 5

// MaxLen is the longest frame: the header and the largest list.
const MaxLen = HeaderLen + tkvlist.DefaultMaxBytes

// Kind says what a frame is. C stands for client, R for relay.
type Kind uint8

// The kinds of frame.
const (
	KindHello    Kind = 1 // C→R, first: Hello
	KindWelcome  Kind = 2 // R→C, answers hello: Welcome
	KindRequest  Kind = 3 // C→R: user data of a CommDN request
	KindAnswer   Kind = 4 // R→C: user data of one OCS's answer; another one will come
	KindResponse Kind = 5 // R→C: user data of the last answer; settles the request
	KindRefusal  Kind = 6 // R→C: Refusal by the relay; settles the request
	KindLink     Kind = 7 // R→C: Link, the relay's link to T-Server went up or down
	KindPing     Kind = 8 // C→R, any number, empty list
	KindPong     Kind = 9 // R→C, the ping's number, empty list

	KindNotification Kind = 10 // R→C, to subscribers: user data of an event about a campaign
	KindDirectory    Kind = 11 // R→C, after welcome and when it changes: Directory
	KindSubscribe    Kind = 12 // C→R: Subscribe
	KindRefresh      Kind = 13 // C→R: Refresh
	KindIdentity     Kind = 14 // R→C, after welcome, answers refresh: Identity
	KindHistory      Kind = 15 // R→C, to those who subscribed to it: History
)

// String names the kind, or gives its number.
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

var kindNames = [...]string{
	KindHello: "hello", KindWelcome: "welcome", KindRequest: "request", KindAnswer: "answer",
	KindResponse: "response", KindRefusal: "refusal", KindLink: "link", KindPing: "ping", KindPong: "pong",
	KindNotification: "notification", KindDirectory: "directory", KindSubscribe: "subscribe",
	KindRefresh: "refresh", KindIdentity: "identity", KindHistory: "history",
}

// Frame is one message on the socket.
type Frame struct {
	Kind Kind
	// Number is the client's number of a request, 1 or above and not in use by
	// another request of the connection; answers carry it back. Pings have a
	// number of their own choice. It is 0 in all other kinds.
	Number uint32
	Body   tkvlist.List
}

// SyntaxError says that bytes are not a frame.
type SyntaxError struct {
	What   string
	Offset int // in bytes from the start of the frame
	Err    error
}

// Error gives one line: frame: WHAT at byte N, and what is wrong with the list.
func (e *SyntaxError) Error() string {
	s := "frame: " + e.What + " at byte " + strconv.Itoa(e.Offset)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the error of the packed list, if that is what is wrong.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Append appends the bytes of f to dst. It fails only for a body that cannot
// be packed (see tkvlist.AppendPack); dst then comes back as it was.
func (f Frame) Append(dst []byte) ([]byte, error) {
	out := append(dst, byte(f.Kind), byte(f.Number>>24), byte(f.Number>>16), byte(f.Number>>8), byte(f.Number))
	out, err := tkvlist.AppendPack(out, f.Body)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// Decode reads one frame. src must hold the frame and nothing else; the result
// owns its memory. Its error is a *SyntaxError.
func Decode(src []byte) (Frame, error) {
	if len(src) < HeaderLen {
		return Frame{}, &SyntaxError{What: "header of " + strconv.Itoa(len(src)) + " bytes instead of 5", Offset: len(src)}
	}
	f := Frame{
		Kind:   Kind(src[0]),
		Number: uint32(src[1])<<24 | uint32(src[2])<<16 | uint32(src[3])<<8 | uint32(src[4]),
	}
	if f.Kind < KindHello || f.Kind > KindHistory {
		return Frame{}, &SyntaxError{What: "unknown " + f.Kind.String()}
	}
	numbered := f.Kind == KindRequest || f.Kind == KindAnswer || f.Kind == KindResponse || f.Kind == KindRefusal
	if numbered && f.Number == 0 {
		return Frame{}, &SyntaxError{What: f.Kind.String() + " with number 0", Offset: 1}
	}
	var err error
	if f.Body, err = tkvlist.Unpack(src[HeaderLen:]); err != nil {
		return Frame{}, &SyntaxError{What: "body of " + f.Kind.String(), Offset: HeaderLen, Err: err}
	}
	return f, nil
}
