package vocab

import (
	"reflect"
	"testing"

	"commdn/protocol/commdn"
)

// TestFieldsAreAll: with a value of its own in each field, and in what is no
// whole number, nothing of the struct is left out or there twice.
func TestFieldsAreAll(t *testing.T) {
	var d commdn.Dialing
	for i, f := range DialingFields {
		*f.Of(&d) = int32(i + 1)
	}
	if want := (commdn.Dialing{Mode: 1, OptimizeBy: 2, Goal: 3}); d != want {
		t.Errorf("%+v, want %+v", d, want)
	}
	it := commdn.SequenceItem{StopAtTime: 5, Dialing: d, Status: 6, HasStatus: true}
	for i, f := range ItemFields {
		*f.Of(&it) = int32(i + 1)
	}
	want := commdn.SequenceItem{
		StopAtTime: 5, Dialing: d, Status: 6, HasStatus: true,
		Campaign: 1, StopAtContacts: 2, StopAtDials: 3, SleepBeforeNextStart: 4,
	}
	if it != want {
		t.Errorf("%+v, want %+v", it, want)
	}
	for i, v := 0, reflect.ValueOf(it); i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("no name for %s of an item", v.Type().Field(i).Name)
		}
	}
}
