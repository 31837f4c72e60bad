package frame

import (
	"strconv"

	"commdn/protocol/tkvlist"
)

// MaxParts is how many frames a body may come in.
const MaxParts = 32

// Reader decodes what a relay sends on one connection, and puts bodies together
// that come in parts. The zero value is ready.
type Reader struct {
	body  tkvlist.List // of the parts so far
	parts int
}

// Read takes in the next message as Decode does. A part (KindPart) is for the
// caller to pass over: the frame that it belongs to, which comes later, has all of
// the body. The error is a *SyntaxError.
func (r *Reader) Read(message []byte) (Frame, error) {
	f, err := Decode(message)
	if err != nil || f.Kind != KindPart && r.parts == 0 {
		return f, err
	}
	if r.parts++; r.parts > MaxParts {
		return Frame{}, &SyntaxError{What: "body of more than " + strconv.Itoa(MaxParts) + " frames"}
	}
	r.body = join(r.body, f.Body)
	if f.Kind != KindPart {
		f.Body = r.body
		*r = Reader{}
	}
	return f, nil
}

// join puts two lists together that were one: where the first ends with a list
// and the second begins with one under the same key, these were one too. It may
// change the first.
func join(l, more tkvlist.List) tkvlist.List {
	if len(l) > 0 && len(more) > 0 && l[len(l)-1].Key == more[0].Key {
		last := &l[len(l)-1].Value
		begun, is := last.List()
		rest, goesOn := more[0].Value.List()
		if is && goesOn {
			*last = tkvlist.Nested(join(begun, rest))
			more = more[1:]
		}
	}
	return append(l, more...)
}
