package frame

import (
	"strconv"

	"commdn/protocol/tkvlist"
)

// Keys of request, queued, answer and outcome.
const (
	keyKey     = "key"
	keyData    = "data"
	keyRefusal = "refusal"
)

// MaxKey is how many characters the key of a request may have.
const MaxKey = 64

// ValidKey says whether a request may have this key: 1 to MaxKey visible ASCII
// characters, 0x21 to 0x7e.
func ValidKey(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return len(key) > 0 && len(key) <= MaxKey
}

// Request is one CommDN request. One whose key the relay has already from the
// same person is the same request: the relay does not send it again, and tells
// what has become of it.
type Request struct {
	Key  string       // made by the client for this request, see ValidKey; 128 random bits or more
	Data tkvlist.List // user data
	Undo int          // milliseconds for which the relay is to hold the request, so that it can be undone; 0: it goes out at once
}

// Body gives the list of the frame.
func (r Request) Body() tkvlist.List {
	l := tkvlist.List{
		{Key: keyKey, Value: tkvlist.String(r.Key)},
		{Key: keyData, Value: tkvlist.Nested(r.Data)},
	}
	if r.Undo > 0 {
		l.Add(keyUndo, tkvlist.Int(int32(r.Undo)))
	}
	return l
}

// ReadRequest reads the list of a request. The key may be one that is not valid.
func ReadRequest(l tkvlist.List) Request {
	r := Request{}
	r.Key, _ = l.Text(keyKey)
	r.Data, _ = l.List(keyData)
	undo, _ := l.Int(keyUndo)
	r.Undo = int(max(undo, 0))
	return r
}

// QueuedReason says why a request waits in the relay.
type QueuedReason int32

// The reasons.
const (
	QueuedBehind   QueuedReason = 1 // an earlier request about the same number, customer or campaign group is in flight
	QueuedLinkDown QueuedReason = 2 // the link to T-Server is down
)

// String names the reason, or gives its number.
func (r QueuedReason) String() string {
	switch r {
	case QueuedBehind:
		return "behind"
	case QueuedLinkDown:
		return "link-down"
	}
	return "reason " + strconv.Itoa(int(r))
}

// Queued says that a request waits. It goes out by itself as soon as it can.
type Queued struct {
	Reason  QueuedReason
	Since   int64  // Unix seconds
	Message string // for people
}

// Body gives the list of the frame. Since goes as an unsigned 32-bit number,
// good until 2106.
func (q Queued) Body() tkvlist.List {
	return tkvlist.List{
		{Key: keyReason, Value: tkvlist.Int(int32(q.Reason))},
		{Key: keySince, Value: tkvlist.Int(int32(uint32(q.Since)))},
		{Key: keyMessage, Value: tkvlist.String(q.Message)},
	}
}

// ReadQueued reads the list of a queued frame.
func ReadQueued(l tkvlist.List) Queued {
	q := Queued{}
	reason, _ := l.Int(keyReason)
	q.Reason = QueuedReason(reason)
	since, _ := l.Int(keySince)
	q.Since = int64(uint32(since))
	q.Message, _ = l.Text(keyMessage)
	return q
}

// Answer is what one OCS answered. AppendData appends a frame of one whose user
// data is packed.
type Answer struct{ Data tkvlist.List }

// Body gives the list of the frame.
func (a Answer) Body() tkvlist.List {
	return tkvlist.List{{Key: keyData, Value: tkvlist.Nested(a.Data)}}
}

// ReadAnswer reads the list of an answer.
func ReadAnswer(l tkvlist.List) Answer {
	a := Answer{}
	a.Data, _ = l.List(keyData)
	return a
}

// Outcome settles a request: with the last answer, or the relay's refusal.
// AppendData appends a frame of one whose user data is packed.
type Outcome struct {
	Data    tkvlist.List // user data of the last answer
	Refusal *Refusal     // nil: there is an answer
}

// Body gives the list of the frame.
func (o Outcome) Body() tkvlist.List {
	if o.Refusal != nil {
		return tkvlist.List{{Key: keyRefusal, Value: tkvlist.Nested(o.Refusal.Body())}}
	}
	return Answer{o.Data}.Body()
}

// ReadOutcome reads the list of an outcome. Where there are both, the refusal
// counts.
func ReadOutcome(l tkvlist.List) Outcome {
	if refusal, ok := l.List(keyRefusal); ok {
		return Outcome{Refusal: ReadRefusal(refusal)}
	}
	return Outcome{Data: ReadAnswer(l).Data}
}

// Late is what OCS answered after the relay had given the request up: what became
// of it after all.
type Late struct {
	Key  string       // of the request
	Data tkvlist.List // user data of the answer
}

// Body gives the list of the frame.
func (l Late) Body() tkvlist.List { return Request{Key: l.Key, Data: l.Data}.Body() }

// ReadLate reads the list of a late answer.
func ReadLate(l tkvlist.List) Late {
	r := ReadRequest(l)
	return Late{r.Key, r.Data}
}
