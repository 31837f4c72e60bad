// Package tlink is a documented framing of T-Library's message model over TCP, which the
// simulator and any bridge to a real T-Server speak, and the driver that a tserver.Link
// uses for it. Genesys's own wire format is not public; this is not it. README.md has the
// whole framing.
package tlink

import (
	"encoding/binary"
	"strconv"

	"commdn/protocol/tkvlist"
)

// Sizes in bytes.
const (
	MaxAttributes = tkvlist.DefaultMaxBytes // packed attributes of a message
	MaxUserData   = tkvlist.MaxBytes        // packed user data; a T-Server may be set to less
	MaxFrame      = fixed + MaxAttributes + MaxUserData

	// fixed is the size before the attributes: length, id, reference id and the length of
	// the attributes.
	fixed     = 4 + 1 + 4 + 2
	emptyList = 2
)

// Message is one message in either direction.
type Message struct {
	ID         ID
	Reference  uint32       // of the request and of its answer; 0 without a request
	Attributes tkvlist.List // keys are the constants Attribute…
	UserData   tkvlist.List // nil is none, which is not the same as an empty list
}

// Append appends the message as one frame to dst. The error is a *SyntaxError or
// *LimitError; dst then returns unchanged.
func (m *Message) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	out := append(dst, 0, 0, 0, 0, byte(m.ID))
	out = binary.BigEndian.AppendUint32(out, m.Reference)
	out = append(out, 0, 0)
	out, err := tkvlist.Limits{MaxBytes: MaxAttributes}.AppendPack(out, m.Attributes)
	if err != nil {
		return dst, inList("attributes", fixed, err)
	}
	attributes := len(out) - start - fixed
	binary.BigEndian.PutUint16(out[start+fixed-2:], uint16(attributes))
	if m.UserData != nil {
		if out, err = (tkvlist.Limits{MaxBytes: MaxUserData}).AppendPack(out, m.UserData); err != nil {
			return dst, inList("user data", fixed+attributes, err)
		}
	}
	binary.BigEndian.PutUint32(out[start:], uint32(len(out)-start-4))
	return out, nil
}

// Decode reads one whole frame, including its length field. The result owns its memory.
// The error is a *SyntaxError or *LimitError.
func Decode(frame []byte) (Message, error) {
	d := decoder{src: frame}
	length := d.u32("length of the frame")
	if d.err == nil {
		d.err = checkLength(length)
	}
	if rest := uint32(len(frame) - d.pos); d.err == nil && length != rest {
		d.failAt(0, "length of "+strconv.FormatUint(uint64(length), 10)+" with "+strconv.FormatUint(uint64(rest), 10)+" bytes after it")
	}
	var m Message
	m.ID = ID(d.u8("message id"))
	m.Reference = d.u32("reference id")
	m.Attributes = d.list(int(d.u16("length of the attributes")), "attributes", MaxAttributes)
	if left := len(frame) - d.pos; left > 0 {
		m.UserData = d.list(left, "user data", MaxUserData)
		if m.UserData == nil {
			m.UserData = tkvlist.List{}
		}
	}
	if d.err != nil {
		return Message{}, d.err
	}
	return m, nil
}

// checkLength checks the length field of a frame before its rest is read.
func checkLength(n uint32) error {
	if n > MaxFrame-4 {
		return &LimitError{
			What:  "length of " + strconv.FormatUint(uint64(n), 10) + " is over the limit of " + strconv.Itoa(MaxFrame-4),
			Limit: MaxFrame - 4,
		}
	}
	if least := uint32(fixed - 4 + emptyList); n < least {
		return &SyntaxError{What: "length of " + strconv.FormatUint(uint64(n), 10) + " is below " + strconv.FormatUint(uint64(least), 10)}
	}
	return nil
}

// Trace returns one line for a log: name, reference id, attributes, and the number of
// pairs of user data. The user data itself names customers and stays out.
func (m *Message) Trace() string {
	s := m.ID.String() + " ref " + strconv.FormatUint(uint64(m.Reference), 10)
	for _, p := range m.Attributes {
		if text, ok := p.Value.Text(); ok {
			s += " " + p.Key + " " + strconv.Quote(text)
		} else if n, ok := p.Value.Int(); ok {
			s += " " + p.Key + " " + strconv.Itoa(int(n))
		}
	}
	if m.UserData != nil {
		s += " user data of " + strconv.Itoa(len(m.UserData)) + " pairs"
	}
	return s
}
