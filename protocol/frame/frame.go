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
const Subprotocol = "commdn.v2"

// HeaderLen is the length of the header: kind u8, number u32 big-endian.
const HeaderLen = 5

// MaxLen is the longest frame: the header and the largest list. A longer body
// comes in several frames, see Reader.
const MaxLen = HeaderLen + tkvlist.DefaultMaxBytes

// Kind says what a frame is. C stands for client, R for relay.
type Kind uint8

// The kinds of frame. A reader passes over a kind that it does not know.
const (
	KindHello    Kind = 1 // C→R, first: Hello
	KindWelcome  Kind = 2 // R→C, answers hello: Welcome
	KindRequest  Kind = 3 // C→R: Request
	KindAccepted Kind = 4 // R→C, empty list: the relay has the request on disk
	KindQueued   Kind = 5 // R→C: Queued, the request waits
	KindAnswer   Kind = 6 // R→C: Answer of one OCS; another one may come
	KindOutcome  Kind = 7 // R→C: Outcome, settles the request
	KindLink     Kind = 8 // R→C: Link, the relay's link to T-Server has changed
	KindPing     Kind = 9 // C→R, any number, empty list

	KindPong         Kind = 10 // R→C, the ping's number, empty list
	KindNotification Kind = 11 // R→C, to subscribers: user data of an event about a campaign
	KindDirectory    Kind = 12 // R→C, after welcome and when it changes: Directory
	KindSubscribe    Kind = 13 // C→R: Subscribe
	KindRefresh      Kind = 14 // C→R: Refresh
	KindIdentity     Kind = 15 // R→C, after welcome, answers refresh: Identity
	KindHistory      Kind = 16 // R→C, to those who subscribed to it: History
	KindLimits       Kind = 17 // R→C, when a reload has changed them: Limits
	KindLate         Kind = 18 // R→C, to who asked: Late, an answer after the outcome
	KindPart         Kind = 19 // R→C, the number of the frame that it is a part of: see Reader
	KindPreview      Kind = 20 // C→R: Request, a question about one that is not made yet
	KindForms        Kind = 21 // R→C: Forms, settles a preview
	KindUndo         Kind = 22 // C→R: Request, of which the key alone counts: takes it back
	KindHeld         Kind = 23 // R→C: Held, whether a request can be taken back
)

// String names the kind, or gives its number.
func (k Kind) String() string {
	if k.Known() {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// Known says whether this version of the envelope has the kind.
func (k Kind) Known() bool { return k > 0 && int(k) < len(kindNames) }

// numbered says whether frames of the kind belong to a request or a preview.
func (k Kind) numbered() bool {
	return k >= KindRequest && k <= KindOutcome || k >= KindPreview && k <= KindHeld
}

var kindNames = [...]string{
	KindHello: "hello", KindWelcome: "welcome", KindRequest: "request", KindAccepted: "accepted", KindQueued: "queued",
	KindAnswer: "answer", KindOutcome: "outcome", KindLink: "link", KindPing: "ping", KindPong: "pong",
	KindNotification: "notification", KindDirectory: "directory", KindSubscribe: "subscribe",
	KindRefresh: "refresh", KindIdentity: "identity", KindHistory: "history", KindLimits: "limits", KindLate: "late", KindPart: "part",
	KindPreview: "preview", KindForms: "forms", KindUndo: "undo", KindHeld: "held",
}

// Frame is one message on the socket.
type Frame struct {
	Kind Kind
	// Number is the client's number of a request, 1 or above and not in use by
	// another request of the connection; what the relay tells of the request
	// carries it back. Pings have any number, and a part has that of its frame. It
	// is 0 in all other kinds.
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
	out, err := tkvlist.AppendPack(appendHeader(dst, f.Kind, f.Number), f.Body)
	if err != nil {
		return dst, err
	}
	return out, nil
}

func appendHeader(dst []byte, k Kind, number uint32) []byte {
	return append(dst, byte(k), byte(number>>24), byte(number>>16), byte(number>>8), byte(number))
}

// dataHead is what comes before packed user data in a body that holds nothing
// else: the count, the pair's kind, its key, and both lengths of a list.
const dataHead = 2 + 1 + 2 + len(keyData) + 2 + 2

// MaxData is the longest packed user data that AppendData takes.
const MaxData = tkvlist.DefaultMaxBytes - dataHead

// AppendData appends a frame whose body has packed user data as its only pair,
// data: an answer or an outcome that many clients may get. It does not look into
// packed, which must be one packed list, and fails with a *tkvlist.LimitError for
// one that is too long; dst then comes back as it was.
func AppendData(dst []byte, k Kind, number uint32, packed []byte) ([]byte, error) {
	n := len(packed)
	if n > MaxData {
		return dst, tkvlist.Limits{}.TooLong(dataHead)
	}
	dst = append(appendHeader(dst, k, number), 0, 1, byte(tkvlist.KindList), 0, byte(len(keyData)))
	dst = append(dst, keyData...)
	dst = append(dst, byte((n+2)>>8), byte(n+2), byte(n>>8), byte(n))
	return append(dst, packed...), nil
}

// Decode reads one frame. src must hold the frame and nothing else; the result
// owns its memory. A frame of a kind that is not Known comes back like any
// other, for the reader to pass over. The error is a *SyntaxError.
func Decode(src []byte) (Frame, error) {
	if len(src) < HeaderLen {
		return Frame{}, &SyntaxError{What: "header of " + strconv.Itoa(len(src)) + " bytes instead of 5", Offset: len(src)}
	}
	f := Frame{
		Kind:   Kind(src[0]),
		Number: uint32(src[1])<<24 | uint32(src[2])<<16 | uint32(src[3])<<8 | uint32(src[4]),
	}
	if f.Kind == 0 {
		return Frame{}, &SyntaxError{What: "kind 0"}
	}
	if f.Kind.numbered() && f.Number == 0 {
		return Frame{}, &SyntaxError{What: f.Kind.String() + " with number 0", Offset: 1}
	}
	var err error
	if f.Body, err = tkvlist.Unpack(src[HeaderLen:]); err != nil {
		return Frame{}, &SyntaxError{What: "body of " + f.Kind.String(), Offset: HeaderLen, Err: err}
	}
	return f, nil
}
