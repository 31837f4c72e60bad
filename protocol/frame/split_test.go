package frame_test

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// ofBytes gives a body of so many packed bytes, most of them one text.
func ofBytes(n int) tkvlist.List {
	body := frame.Answer{Data: (&commdn.Fault{Code: 10, Message: "!"}).UserData()}.Body()
	return frame.Answer{Data: (&commdn.Fault{Code: 10, Message: strings.Repeat("x", 1+n-packedSize(body))}).UserData()}.Body()
}

// packedSize gives the packed bytes of a list that may be longer than any list
// on the wire.
func packedSize(l tkvlist.List) int {
	n := 2
	for _, p := range l {
		n += 5 + len(p.Key)
		switch p.Value.Kind() {
		case tkvlist.KindInt:
			n += 4
		case tkvlist.KindList:
			inner, _ := p.Value.List()
			n += 2 + packedSize(inner)
		case tkvlist.KindBinary:
			b, _ := p.Value.Bytes()
			n += len(b)
		default:
			s, _ := p.Value.Text()
			n += len(s)
		}
	}
	return n
}

// sequence is the status of a sequence of so many items with everything in them.
func sequence(items int) *commdn.CampaignEvent {
	e := &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 201, Target: 101}, Event: commdn.EvCampaignStatus,
		CampaignGroup: commdn.CampaignGroup{Group: 501}, Status: commdn.StatusRunning, HasStatus: true,
		Sequence: &commdn.Sequence{Description: "a long day", Start: 1700000000},
	}
	for n := range items {
		e.Sequence.Items = append(e.Sequence.Items, commdn.SequenceItem{
			StopAtTime: 1, StopAtContacts: 2, StopAtDials: 3, SleepBeforeNextStart: 4, Campaign: commdn.DBID(n + 1),
			Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}, Status: commdn.StatusActive, HasStatus: true,
		})
	}
	return e
}

// passed sends a frame as it goes over a socket, and gives how many messages it
// took and what arrives.
func passed(t *testing.T, f frame.Frame) (messages int, got frame.Frame) {
	t.Helper()
	m, err := f.Message()
	if err != nil {
		t.Fatal(err)
	}
	var r frame.Reader
	for n, message := range append(m.Parts, m.Frame) {
		if len(message) > frame.MaxLen {
			t.Errorf("message %d has %d bytes", n+1, len(message))
		}
		got, err := r.Read(message)
		last := n == len(m.Parts)
		if err != nil || (got.Kind == frame.KindPart) == last {
			t.Fatalf("message %d of %d is %v, %v", n+1, len(m.Parts)+1, got.Kind, err)
		}
		if got.Number != f.Number {
			t.Errorf("message %d has the number %d, want %d", n+1, got.Number, f.Number)
		}
		if last {
			return len(m.Parts) + 1, got
		}
	}
	return 0, got
}

// Whatever fits, arrives as it is; a body that is too long arrives in several
// frames, and only a text that is too long for each of them is cut.
func TestMessage(t *testing.T) {
	text := func(values ...tkvlist.Value) tkvlist.List {
		l := tkvlist.List{{Key: "type", Value: tkvlist.Int(27)}}
		for i, v := range values {
			l.Add("text "+strconv.Itoa(i), v)
		}
		return frame.Answer{Data: l}.Body()
	}
	xs := func(n int) string { return strings.Repeat("x", n) }
	tests := []struct {
		name     string
		body     tkvlist.List
		messages int
		cut      bool
	}{
		{"nothing", nil, 1, false},
		{"15,999 bytes", ofBytes(15999), 1, false},
		{"16,000 bytes", ofBytes(16000), 1, false},
		{"16,001 bytes: the text fits the next frame", ofBytes(16001), 2, false},
		{"65,535 bytes: what follows the text goes into the next frame", ofBytes(65535), 2, true},
		{"a text of 60,000 bytes", text(tkvlist.String(xs(60000))), 1, true},
		{"a text of 60,000 bytes behind one of 15,000", text(tkvlist.String(xs(15000)), tkvlist.String(xs(60000))), 2, true},
		{"four texts, each of which fits", text(tkvlist.String(xs(15900)), tkvlist.String(xs(15900)), tkvlist.String(xs(15900)), tkvlist.String(xs(15900))), 4, false},
		{"unicode", text(tkvlist.Unicode(strings.Repeat("é", 30000))), 1, true},
		{"binary that fits", text(tkvlist.Binary(make([]byte, 15000)), tkvlist.Binary(make([]byte, 15000))), 2, false},
		{"70 items", frame.Answer{Data: sequence(70).UserData()}.Body(), 1, false},
		{"300 items", frame.Answer{Data: sequence(300).UserData()}.Body(), 4, false},
		{"300 items as they are notified", sequence(300).UserData(), 4, false},
		{"1,024 items: the list has no packed form", frame.Answer{Data: sequence(1024).UserData()}.Body(), 14, false},
		{"a long list behind a full frame", tkvlist.List{
			{Key: "s", Value: tkvlist.String(xs(15990))}, {Key: "l", Value: tkvlist.Nested(tkvlist.List{
				{Key: "s", Value: tkvlist.String(xs(15900))}, {Key: "s", Value: tkvlist.String(xs(15900))},
			})},
		}, 3, false},
		{"a long list in a long list", tkvlist.List{
			{Key: "l", Value: tkvlist.Nested(tkvlist.List{{Key: "s", Value: tkvlist.String(xs(9000))}, {Key: "l", Value: tkvlist.Nested(tkvlist.List{
				{Key: "s", Value: tkvlist.String(xs(9000))}, {Key: "l", Value: tkvlist.Nested(tkvlist.List{{Key: "s", Value: tkvlist.String(xs(15900))}})},
			})}, {Key: "after", Value: tkvlist.Int(1)}})},
			{Key: "after", Value: tkvlist.Int(2)},
		}, 3, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			messages, got := passed(t, frame.Frame{Kind: frame.KindOutcome, Number: 1<<32 - 1, Body: test.body})
			if messages != test.messages {
				t.Errorf("%d messages, want %d", messages, test.messages)
			}
			if got.Kind != frame.KindOutcome || tkvlist.Equal(got.Body, test.body) == test.cut {
				t.Errorf("%v arrives changed: %v, want %v", got.Kind, !test.cut, test.cut)
			}
			if !same(t, got.Body, test.body) {
				t.Error("something else than a cut text has changed")
			}
		})
	}
}

// same says whether two lists are equal but for texts that were cut.
func same(t *testing.T, got, want tkvlist.List) bool {
	t.Helper()
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		g, w := got[i].Value, want[i].Value
		if got[i].Key != want[i].Key || g.Kind() != w.Kind() {
			return false
		}
		if inner, ok := g.List(); ok {
			outer, _ := w.List()
			if !same(t, inner, outer) {
				return false
			}
			continue
		}
		if g.Equal(w) {
			continue
		}
		short, _ := g.Text()
		long, _ := w.Text()
		begin, marked := strings.CutSuffix(short, "…")
		if !marked || !strings.HasPrefix(long, begin) || len(begin) == len(long) || utf8.ValidString(long) && !utf8.ValidString(short) {
			return false
		}
		if len(begin) < 900 {
			t.Errorf("no more than %d bytes are left of a text of %d", len(begin), len(long))
		}
	}
	return true
}

// A sequence of 300 items is read as one, and says what it said.
func TestLongSequenceIsRead(t *testing.T) {
	want := sequence(300)
	_, got := passed(t, frame.Frame{Kind: frame.KindAnswer, Number: 1, Body: frame.Answer{Data: want.UserData()}.Body()})
	m, err := commdn.DecodeEvent(frame.ReadAnswer(got.Body).Data)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := m.(*commdn.CampaignEvent)
	if !ok || len(e.Sequence.Items) != 300 || e.Sequence.Items[299] != want.Sequence.Items[299] || e.Sequence.Description != want.Sequence.Description {
		t.Errorf("read %s", commdn.Trace(m, true))
	}
}

// What cannot be sent in several frames either is an error, and nothing else.
func TestMessageImpossible(t *testing.T) {
	deep := tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", 20000))}}
	for range 8 {
		deep = tkvlist.List{{Key: "k", Value: tkvlist.Nested(deep)}}
	}
	many := tkvlist.List{}
	for n := range frame.MaxParts + 1 {
		many.Add(strconv.Itoa(n), tkvlist.String(strings.Repeat("x", 15000)))
	}
	for name, test := range map[string]struct {
		body  tkvlist.List
		limit int // 0: a *tkvlist.SyntaxError
	}{
		"a binary value that is too long": {tkvlist.List{{Key: "b", Value: tkvlist.Binary(make([]byte, 16000))}}, tkvlist.DefaultMaxBytes},
		"too many levels":                 {deep, tkvlist.DefaultMaxDepth},
		"too many parts":                  {many, frame.MaxParts},
		"no key":                          {tkvlist.List{{}}, 0},
		"no key, in a part": {tkvlist.List{
			{Key: "s", Value: tkvlist.String(strings.Repeat("x", 15900))}, {Value: tkvlist.String(strings.Repeat("x", 15900))},
		}, 0},
	} {
		m, err := frame.Frame{Kind: frame.KindAnswer, Number: 1, Body: test.body}.Message()
		var limit *tkvlist.LimitError
		var syntax *tkvlist.SyntaxError
		switch {
		case m.Frame != nil || m.Parts != nil:
			t.Errorf("%s: %d messages", name, len(m.Parts)+1)
		case test.limit == 0 && !errors.As(err, &syntax), test.limit != 0 && (!errors.As(err, &limit) || limit.Limit != test.limit):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Parts take no more memory than MaxParts frames.
func TestReaderLimit(t *testing.T) {
	part, err := frame.Frame{Kind: frame.KindPart, Body: tkvlist.List{{Key: "k", Value: tkvlist.Int(1)}}}.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	var r frame.Reader
	for n := range frame.MaxParts {
		if f, err := r.Read(part); f.Kind != frame.KindPart || err != nil {
			t.Fatalf("part %d: %v %v", n+1, f.Kind, err)
		}
	}
	var syntax *frame.SyntaxError
	if _, err := r.Read(part); !errors.As(err, &syntax) {
		t.Errorf("one part too many: %v", err)
	}
	if _, err := new(frame.Reader).Read([]byte{99}); !errors.As(err, &syntax) {
		t.Errorf("no frame: %v", err)
	}
}

// Two parts of the same list are one list; anything else that has the same key
// is not.
func TestReaderJoins(t *testing.T) {
	list := func(pairs ...string) tkvlist.List {
		var l tkvlist.List
		for _, p := range pairs {
			l.Add(p, tkvlist.Int(1))
		}
		return l
	}
	in := func(l tkvlist.List) tkvlist.Value { return tkvlist.Nested(l) }
	tests := []struct {
		name        string
		first, rest tkvlist.List
		want        tkvlist.List
	}{
		{"pairs", list("a", "b"), list("b", "c"), list("a", "b", "b", "c")},
		{"a list goes on", tkvlist.List{{Key: "l", Value: in(list("a"))}}, append(tkvlist.List{{Key: "l", Value: in(list("b"))}}, list("c")...),
			append(tkvlist.List{{Key: "l", Value: in(list("a", "b"))}}, list("c")...)},
		{"a list, and another one", tkvlist.List{{Key: "l", Value: in(list("a"))}}, tkvlist.List{{Key: "m", Value: in(list("b"))}},
			tkvlist.List{{Key: "l", Value: in(list("a"))}, {Key: "m", Value: in(list("b"))}}},
		{"a list, and a number", tkvlist.List{{Key: "l", Value: in(list("a"))}}, list("l"),
			append(tkvlist.List{{Key: "l", Value: in(list("a"))}}, list("l")...)},
		{"nothing", nil, nil, nil},
		{"an empty part", nil, list("a"), list("a")},
		{"an empty rest", list("a"), nil, list("a")},
	}
	for _, test := range tests {
		var r frame.Reader
		var messages [][]byte
		for _, f := range []frame.Frame{{Kind: frame.KindPart, Body: test.first}, {Kind: frame.KindNotification, Body: test.rest}, {Kind: frame.KindNotification, Body: list("next")}} {
			m, err := f.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			messages = append(messages, m)
		}
		for range 2 {
			_, _ = r.Read(messages[0])
			if f, err := r.Read(messages[1]); err != nil || f.Kind != frame.KindNotification || !tkvlist.Equal(f.Body, test.want) {
				t.Errorf("%s: %v, %v, want %v", test.name, f, err, test.want)
			}
		}
		if f, err := r.Read(messages[2]); err != nil || !tkvlist.Equal(f.Body, list("next")) {
			t.Errorf("%s: the next frame is %v, %v", test.name, f, err)
		}
	}
}

// Where nothing is too long, a frame is what Append gives.
func TestMessageIsTheFrame(t *testing.T) {
	for _, g := range golden {
		m, err := g.frame.Message()
		if err != nil || m.Parts != nil || !bytes.Equal(m.Frame, []byte(g.packed)) {
			t.Errorf("%s: %q %v", g.name, m, err)
		}
	}
}

// A reason in the words of a T-Server leaves the welcome one frame.
func TestLongReason(t *testing.T) {
	w := frame.Welcome{Relay: "r", Link: frame.Link{Since: 1, Reason: strings.Repeat("é", 8000)}}
	packed, err := frame.Frame{Kind: frame.KindWelcome, Body: w.Body()}.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := frame.Decode(packed)
	if got := frame.ReadWelcome(f.Body).Link.Reason; err != nil || len(got) > 1000 || !strings.HasSuffix(got, "é…") {
		t.Errorf("a reason of %d bytes, %v", len(got), err)
	}
}
