package frame_test

import (
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

func TestRequestBody(t *testing.T) {
	for _, r := range []frame.Request{
		{},
		{Key: "k", Data: (&commdn.DoNotCall{Phone: "555"}).UserData()},
		{Key: "not valid, and told as it is: Zoë"},
		{Key: "k", Undo: 1<<31 - 1},
	} {
		if got := frame.ReadRequest(trip(t, r.Body())); got.Key != r.Key || got.Undo != r.Undo || !tkvlist.Equal(got.Data, r.Data) {
			t.Errorf("read %+v, want %+v", got, r)
		}
	}
}

func TestValidKey(t *testing.T) {
	for key, want := range map[string]bool{
		"": false, "k": true, "!~": true, "a b": false, " ": false, "k\x7f": false, "k\n": false, "é": false, "\xff": false,
		strings.Repeat("k", frame.MaxKey): true, strings.Repeat("k", frame.MaxKey+1): false,
	} {
		if frame.ValidKey(key) != want {
			t.Errorf("key %q is valid: %v", key, !want)
		}
	}
}

// A resume that cannot be taken up is passed over, and takes no other one away.
func TestResumeWithoutItsParts(t *testing.T) {
	key, number := tkvlist.Pair{Key: "key", Value: tkvlist.String("k")}, tkvlist.Pair{Key: "number", Value: tkvlist.Int(7)}
	resume := func(pairs ...tkvlist.Pair) tkvlist.Pair {
		return tkvlist.Pair{Key: "resume", Value: tkvlist.Nested(pairs)}
	}
	got := frame.ReadHello(tkvlist.List{
		resume(), resume(key), resume(number),
		resume(key, tkvlist.Pair{Key: "number", Value: tkvlist.Int(0)}),
		resume(tkvlist.Pair{Key: "key", Value: tkvlist.String("a b")}, number),
		{Key: "resume", Value: tkvlist.String("k")},
		{Key: "other", Value: tkvlist.Nested(tkvlist.List{key, number})},
		resume(number, key, tkvlist.Pair{Key: "new", Value: tkvlist.Int(1)}),
	})
	if want := []frame.Resume{{Key: "k", Number: 7}}; !reflect.DeepEqual(got.Resume, want) {
		t.Errorf("read %v, want %v", got.Resume, want)
	}
}

func TestQueuedBody(t *testing.T) {
	for _, q := range []frame.Queued{
		{},
		{Reason: frame.QueuedBehind, Since: 1700000000, Message: "another request about the same number is in flight"},
		{Reason: -1, Since: 1<<32 - 1},
	} {
		if got := frame.ReadQueued(trip(t, q.Body())); got != q {
			t.Errorf("read %+v, want %+v", got, q)
		}
	}
	for reason, want := range map[frame.QueuedReason]string{1: "behind", 2: "link-down", 0: "reason 0", 3: "reason 3"} {
		if got := reason.String(); got != want {
			t.Errorf("reason %d prints as %q, want %q", reason, got, want)
		}
	}
}

func TestOutcomeBody(t *testing.T) {
	data := tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.Int(33)}}
	for _, o := range []frame.Outcome{
		{},
		{Data: data},
		{Refusal: &frame.Refusal{Code: frame.RefusedInvalid, Message: "GSW_PHONE: is empty"}},
		{Refusal: &frame.Refusal{Code: -1}},
	} {
		got := frame.ReadOutcome(trip(t, o.Body()))
		if !tkvlist.Equal(got.Data, o.Data) || !reflect.DeepEqual(got.Refusal, o.Refusal) {
			t.Errorf("read %+v, want %+v", got, o)
		}
	}
	if got := frame.ReadAnswer(trip(t, frame.Answer{Data: data}.Body())); !tkvlist.Equal(got.Data, data) {
		t.Errorf("read %v, want %v", got.Data, data)
	}
	both := append(frame.Outcome{Data: data}.Body(), frame.Outcome{Refusal: &frame.Refusal{Code: 4}}.Body()...)
	if got := frame.ReadOutcome(both); got.Data != nil || got.Refusal == nil || got.Refusal.Code != 4 {
		t.Errorf("read %+v, want the refusal alone", got)
	}
	var err error = &frame.Refusal{Code: frame.RefusedLinkDown, Message: "no link to T-Server"}
	if want := "relay: no link to T-Server"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

func TestRefusalCodes(t *testing.T) {
	tests := []struct {
		code  frame.RefusalCode
		value int32
		name  string
		retry bool
	}{
		{frame.RefusedInvalid, 1, "invalid", false},
		{frame.RefusedUnsupported, 2, "unsupported", false},
		{frame.RefusedLinkDown, 3, "link-down", true},
		{frame.RefusedNoAnswer, 4, "no-answer", true},
		{frame.RefusedBusy, 5, "busy", true},
		{frame.RefusedTServer, 6, "tserver", true},
		{frame.RefusedForbidden, 7, "forbidden", false},
		{frame.RefusedRateLimited, 8, "rate-limited", true},
		{frame.RefusedUnknownKey, 9, "unknown-key", true},
		{0, 0, "refusal", false},
		{frame.RefusedUndone, 10, "undone", false},
		{11, 11, "refusal", false},
	}
	for _, test := range tests {
		if int32(test.code) != test.value || test.code.String() != test.name || test.code.Retry() != test.retry {
			t.Errorf("%d %s retry %v, want %d %s retry %v", test.code, test.code, test.code.Retry(), test.value, test.name, test.retry)
		}
	}
}
