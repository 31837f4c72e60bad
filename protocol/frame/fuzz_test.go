package frame_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// FuzzDecode holds Decode to its one error, to frames that encode to the bytes
// they came from, and the bodies to being read whatever they hold.
func FuzzDecode(f *testing.F) {
	for _, g := range append(slices.Clone(golden), variants...) {
		f.Add([]byte(g.packed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := frame.Decode(src)
		if err != nil {
			var syntax *frame.SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(src) {
				t.Fatalf("got %T: %v", err, err)
			}
			return
		}
		again, err := got.Append(nil)
		if err != nil || !bytes.Equal(again, src) {
			t.Fatalf("encoded to %q, %v, want %q", again, err, src)
		}
		if nested, err := frame.AppendData(nil, frame.KindOutcome, 1, src[frame.HeaderLen:]); err == nil {
			// One level more may be too deep.
			if f, err := frame.Decode(nested); err == nil && !tkvlist.Equal(frame.ReadOutcome(f.Body).Data, got.Body) {
				t.Fatalf("nested as the data of an outcome: %v, want %v", f.Body, got.Body)
			}
		}
		bodies := []frame.Frame{
			{Kind: frame.KindHello, Body: frame.ReadHello(got.Body).Body()},
			{Kind: frame.KindWelcome, Body: frame.ReadWelcome(got.Body).Body()},
			{Kind: frame.KindLink, Body: frame.ReadLink(got.Body).Body()},
			{Kind: frame.KindRequest, Number: 1, Body: frame.ReadRequest(got.Body).Body()},
			{Kind: frame.KindQueued, Number: 1, Body: frame.ReadQueued(got.Body).Body()},
			{Kind: frame.KindAnswer, Number: 1, Body: frame.ReadAnswer(got.Body).Body()},
			{Kind: frame.KindOutcome, Number: 1, Body: frame.ReadOutcome(got.Body).Body()},
			{Kind: frame.KindLimits, Body: frame.ReadLimits(got.Body).Body()},
			{Kind: frame.KindLate, Body: frame.ReadLate(got.Body).Body()},
			{Kind: frame.KindSubscribe, Body: frame.ReadSubscribe(got.Body).Body()},
			{Kind: frame.KindRefresh, Body: frame.ReadRefresh(got.Body).Body()},
			{Kind: frame.KindIdentity, Body: frame.ReadIdentity(got.Body).Body()},
			{Kind: frame.KindForms, Number: 1, Body: frame.ReadForms(got.Body).Body()},
			{Kind: frame.KindHeld, Number: 1, Body: frame.ReadHeld(got.Body).Body()},
		}
		var directory frame.Directory
		directory.Read(got.Body)
		for _, body := range directory.Bodies() {
			bodies = append(bodies, frame.Frame{Kind: frame.KindDirectory, Body: body})
		}
		for _, body := range frame.ReadHistory(got.Body).Bodies() {
			bodies = append(bodies, frame.Frame{Kind: frame.KindHistory, Body: body})
		}
		for _, b := range bodies {
			packed, err := b.Append(nil)
			if len(src) < frame.MaxLen/4 && err != nil {
				t.Fatalf("%v: %v", b.Kind, err)
			}
			if err != nil {
				continue // what was read may need more bytes than it came in
			}
			if _, err := frame.Decode(packed); err != nil {
				t.Fatalf("%v: %v", b.Kind, err)
			}
		}
	})
}

// FuzzSplit holds every list that a T-Server can bring to what Split promises:
// what it gives fits frames, and arrives as it was but for texts that are too
// long for any frame.
func FuzzSplit(f *testing.F) {
	wide := tkvlist.Limits{MaxBytes: tkvlist.MaxBytes}
	for _, l := range []tkvlist.List{
		nil, ofBytes(15999), ofBytes(16000), ofBytes(16001), ofBytes(65535), sequence(300).UserData(),
		{{Key: "s", Value: tkvlist.String(string(make([]byte, 60000)))}, {Key: "u", Value: tkvlist.Unicode("é")}},
		{{Key: "b", Value: tkvlist.Binary(make([]byte, 16001))}},
	} {
		packed, err := wide.AppendPack(nil, l)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		want, err := wide.Unpack(src)
		if err != nil {
			return
		}
		fits := func(l tkvlist.List) ([]byte, bool) {
			packed, err := frame.Frame{Kind: frame.KindPart, Body: l}.Append(nil)
			return packed, err == nil
		}
		var r frame.Reader
		bodies := frame.Split(want)
		for i, body := range bodies {
			packed, ok := fits(body)
			if !ok {
				if !longBinary(body) {
					t.Fatalf("body %d of %d has %d bytes", i+1, len(bodies), packedSize(body))
				}
				return
			}
			last := i == len(bodies)-1
			if last {
				packed[0] = byte(frame.KindNotification)
			}
			got, err := r.Read(packed)
			if err != nil {
				t.Fatalf("body %d of %d: %v", i+1, len(bodies), err)
			}
			if last && !repeats(want) && !same(t, got.Body, want) {
				t.Fatalf("arrives as %v, want %v", got.Body, want)
			}
		}
	})
}

// longBinary says whether a list holds a binary value that fits no frame beside
// what is around it.
func longBinary(l tkvlist.List) bool {
	for _, p := range l {
		inner, _ := p.Value.List()
		b, _ := p.Value.Bytes()
		if longBinary(inner) || len(b) > frame.MaxData-8*(tkvlist.MaxKey+16) {
			return true
		}
	}
	return false
}

// repeats says whether a list holds two lists under one key.
func repeats(l tkvlist.List) bool {
	keys := map[string]bool{}
	for _, p := range l {
		if inner, ok := p.Value.List(); ok {
			if keys[p.Key] || repeats(inner) {
				return true
			}
			keys[p.Key] = true
		}
	}
	return false
}
