package frame

import (
	"errors"
	"strconv"
	"unicode/utf8"

	"commdn/protocol/tkvlist"
)

// Message is what a frame is on the socket: its own message, and before it
// those of its parts, where its body is too long for one.
type Message struct {
	Parts [][]byte // in their order; nil nearly always
	Frame []byte
}

// Message encodes f, in several frames if one is too short for its body. No
// reader expects that of a hello, a welcome, a directory or a history. It fails
// for a body that cannot be packed however short it is (see tkvlist.AppendPack),
// or that needs more than MaxParts frames.
func (f Frame) Message() (Message, error) {
	whole, err := f.Append(nil)
	if _, limit := errors.AsType[*tkvlist.LimitError](err); !limit {
		return Message{Frame: whole}, err
	}
	bodies := Split(f.Body)
	if len(bodies) > MaxParts {
		return Message{}, &tkvlist.LimitError{
			What:  "body needs " + strconv.Itoa(len(bodies)) + " frames, over the limit of " + strconv.Itoa(MaxParts),
			Limit: MaxParts,
		}
	}
	messages := make([][]byte, len(bodies))
	for i, body := range bodies {
		part := Frame{Kind: KindPart, Number: f.Number, Body: body}
		if i == len(bodies)-1 {
			part.Kind = f.Kind
		}
		if messages[i], err = part.Append(nil); err != nil {
			return Message{}, err
		}
	}
	last := len(messages) - 1
	return Message{Parts: messages[:last:last], Frame: messages[last]}, nil
}

// Split gives bodies that fit a frame each, and that a Reader puts together to l
// again. A list that is too long goes on in the next body, under its key; no
// two lists that follow one another may have the same key. A text that is too
// long for any frame is cut, and ends with "…". A body with a binary value that is
// too long comes back as it is and does not fit.
func Split(l tkvlist.List) []tkvlist.List {
	return split(l, tkvlist.DefaultMaxBytes, tkvlist.DefaultMaxBytes)
}

// leastText is how much of a text must fit what is left of a frame, for the text
// to be cut there instead of in the next frame.
const leastText = 1000

// split is Split into lists of room packed bytes, of which the first one has
// less. The first one may stay empty.
func split(l tkvlist.List, first, room int) []tkvlist.List {
	parts, left := []tkvlist.List{nil}, first-2
	next := func() { parts, left = append(parts, nil), room-2 }
	add := func(key string, v tkvlist.Value) {
		parts[len(parts)-1].Add(key, v)
		left -= pairSize(key, v)
	}
	for _, p := range l {
		n, head := pairSize(p.Key, p.Value), pairSize(p.Key, tkvlist.Value{})
		inner, isList := p.Value.List()
		_, isText := p.Value.Text()
		switch {
		case n <= left:
			add(p.Key, p.Value)
		case isList && n > room-2:
			for i, part := range split(inner, left-head-2, room-2-head-2) {
				if i > 0 {
					next()
				}
				if part != nil {
					add(p.Key, tkvlist.Nested(part))
				}
			}
		case isText && n > room-2 && left-head >= leastText:
			add(p.Key, cut(p.Value, left-head))
		default:
			next()
			add(p.Key, cut(p.Value, left-head))
		}
	}
	return parts
}

// cut gives a value whose text has at most so many bytes.
func cut(v tkvlist.Value, most int) tkvlist.Value {
	s, isText := v.Text()
	if !isText || len(s) <= most {
		return v
	}
	s = cutText(s, most)
	if v.Kind() == tkvlist.KindUnicode {
		return tkvlist.Unicode(s)
	}
	return tkvlist.String(s)
}

// cutText gives at most so many bytes of a text, and whole characters of one that is
// UTF-8. It marks what it cuts.
func cutText(s string, most int) string {
	const mark = "…"
	if len(s) <= most {
		return s
	}
	end := max(most-len(mark), 0)
	for back := 0; back < utf8.UTFMax-1 && end > 0 && !utf8.RuneStart(s[end]); back++ {
		end--
	}
	return s[:end] + mark
}

// pairSize gives the bytes of a packed pair.
func pairSize(key string, v tkvlist.Value) int {
	n := 1 + 2 + len(key) + 2
	switch v.Kind() {
	case tkvlist.KindInt:
		return n + 4
	case tkvlist.KindList:
		n += 2 + 2
		l, _ := v.List()
		for i := range l {
			n += pairSize(l[i].Key, l[i].Value)
		}
		return n
	case tkvlist.KindBinary:
		b, _ := v.Bytes()
		return n + len(b)
	}
	s, _ := v.Text()
	return n + len(s)
}
