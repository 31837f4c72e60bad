package commdn_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// FuzzDecode holds Decode to its errors, and its messages to surviving a
// second trip and to fitting on one line.
func FuzzDecode(f *testing.F) {
	strange := rand.New(rand.NewPCG(3, 4))
	for _, g := range golden {
		f.Add([]byte(g.packed))
		if _, request := g.msg.(commdn.Request); !request { // as other OCS would write it
			if packed, err := tkvlist.AppendPack(nil, mangled(strange, g.msg.UserData())); err == nil {
				f.Add(packed)
			}
		}
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		l, err := tkvlist.Unpack(packed)
		if err != nil {
			return
		}
		if r, err := commdn.GuessRequest(l); err == nil && len(r.Subjects()) == 0 {
			t.Fatalf("the request of somebody else names nobody: %#v", r)
		}
		m, err := commdn.Decode(l)
		if err != nil {
			var field *commdn.FieldError
			var unknown *commdn.UnknownTypeError
			if m != nil || !errors.Is(err, commdn.ErrNotCommDN) && !errors.As(err, &field) && !errors.As(err, &unknown) ||
				len(err.Error()) > 400 {
				t.Fatalf("got %v with %T: %v", m, err, err)
			}
			return
		}
		if fault, ok := m.(*commdn.Fault); ok {
			fault.Event = 0 // what is written is always a CM_EvError
		}
		again, err := commdn.Decode(m.UserData())
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Fatalf("got %#v, %v after a second trip, want %#v", again, err, m)
		}
		for _, reveal := range []bool{false, true} {
			if line := commdn.Trace(m, reveal); strings.ContainsAny(line, "\r\n") {
				t.Fatalf("trace of more than one line: %q", line)
			}
		}
		for _, s := range m.Subjects() {
			if s.ID == "" {
				t.Fatalf("empty subject in %#v", m)
			}
		}
		if r, ok := m.(commdn.Request); ok {
			if err := r.Validate(); err != nil {
				if len(err.Error()) > 400 {
					t.Fatalf("error of %d bytes", len(err.Error()))
				}
			} else if _, err := tkvlist.AppendPack(nil, m.UserData()); err != nil {
				t.Fatalf("a valid request that cannot be sent: %v", err)
			}
		}
	})
}
