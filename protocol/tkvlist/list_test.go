package tkvlist_test

import (
	"bytes"
	"testing"

	"commdn/protocol/tkvlist"
)

func TestKindString(t *testing.T) {
	for kind, want := range map[tkvlist.Kind]string{
		tkvlist.KindString:  "string",
		tkvlist.KindInt:     "integer",
		tkvlist.KindBinary:  "binary",
		tkvlist.KindList:    "list",
		tkvlist.KindUnicode: "unicode",
		5:                   "kind 5",
	} {
		if got := kind.String(); got != want {
			t.Errorf("kind %d is called %q, want %q", kind, got, want)
		}
	}
}

// Each getter answers for its own kinds only, on the value and by the key.
func TestGetters(t *testing.T) {
	sub := tkvlist.List{{Key: "k", Value: tkvlist.Int(1)}}
	tests := []struct {
		value                  tkvlist.Value
		kind                   tkvlist.Kind
		text, num, bytes, list bool
	}{
		{tkvlist.Value{}, tkvlist.KindString, true, false, false, false},
		{tkvlist.String("s"), tkvlist.KindString, true, false, false, false},
		{tkvlist.Int(-7), tkvlist.KindInt, false, true, false, false},
		{tkvlist.Binary([]byte("b")), tkvlist.KindBinary, false, false, true, false},
		{tkvlist.Nested(sub), tkvlist.KindList, false, false, false, true},
		{tkvlist.Unicode("u"), tkvlist.KindUnicode, true, false, false, false},
	}
	for _, tt := range tests {
		l := tkvlist.List{{Key: "other"}, {Key: "key", Value: tt.value}, {Key: "key", Value: tkvlist.Int(99)}}
		if got := tt.value.Kind(); got != tt.kind {
			t.Errorf("%v is of kind %v, want %v", tt.value, got, tt.kind)
		}
		s, ok := tt.value.Text()
		s2, ok2 := l.Text("key")
		if ok != tt.text || ok2 != ok || s != s2 {
			t.Errorf("%v: text %q %v, by key %q %v", tt.kind, s, ok, s2, ok2)
		}
		n, ok := tt.value.Int()
		n2, ok2 := l.Int("key")
		if ok != tt.num || ok2 != ok || n != n2 {
			t.Errorf("%v: integer %d %v, by key %d %v", tt.kind, n, ok, n2, ok2)
		}
		b, ok := tt.value.Bytes()
		b2, ok2 := l.Bytes("key")
		if ok != tt.bytes || ok2 != ok || !bytes.Equal(b, b2) {
			t.Errorf("%v: bytes %q %v, by key %q %v", tt.kind, b, ok, b2, ok2)
		}
		v, ok := tt.value.List()
		v2, ok2 := l.List("key")
		if ok != tt.list || ok2 != ok || !tkvlist.Equal(v, v2) {
			t.Errorf("%v: list %v %v, by key %v %v", tt.kind, v, ok, v2, ok2)
		}
		if got, ok := l.Get("key"); !ok || !got.Equal(tt.value) {
			t.Errorf("get gave %v %v, want the first of two", got, ok)
		}
	}
	if s, _ := tkvlist.String("s").Text(); s != "s" {
		t.Errorf("string is %q", s)
	}
	if n, _ := tkvlist.Int(-7).Int(); n != -7 {
		t.Errorf("integer is %d", n)
	}
	if v, _ := tkvlist.Nested(sub).List(); !tkvlist.Equal(v, sub) {
		t.Errorf("list is %v", v)
	}
}

func TestGettersWithoutPair(t *testing.T) {
	var l tkvlist.List
	if _, ok := l.Get("k"); ok {
		t.Error("get")
	}
	if _, ok := l.Text("k"); ok {
		t.Error("text")
	}
	if _, ok := l.Int("k"); ok {
		t.Error("integer")
	}
	if _, ok := l.Bytes("k"); ok {
		t.Error("bytes")
	}
	if _, ok := l.List("k"); ok {
		t.Error("list")
	}
}

func TestBinaryIsCopied(t *testing.T) {
	b := []byte("abc")
	v := tkvlist.Binary(b)
	b[0] = 'x'
	got, _ := v.Bytes()
	if string(got) != "abc" {
		t.Errorf("changed to %q from outside", got)
	}
	got[0] = 'y'
	if again, _ := v.Bytes(); string(again) != "abc" {
		t.Errorf("changed to %q through a result", again)
	}
}

func TestChanges(t *testing.T) {
	var l tkvlist.List
	l.Set("a", tkvlist.Int(1))
	l.Add("b", tkvlist.Int(2))
	l.Add("a", tkvlist.Int(3))
	l.Set("a", tkvlist.String("new"))
	want := tkvlist.List{
		{Key: "a", Value: tkvlist.String("new")},
		{Key: "b", Value: tkvlist.Int(2)},
		{Key: "a", Value: tkvlist.Int(3)},
	}
	if !tkvlist.Equal(l, want) {
		t.Fatalf("got %v, want %v", l, want)
	}
	l.Delete("absent")
	if !tkvlist.Equal(l, want) {
		t.Errorf("deleting an absent key gave %v", l)
	}
	l.Delete("a")
	if !tkvlist.Equal(l, want[1:2]) {
		t.Errorf("deleting a key that is there twice gave %v", l)
	}
	l.Delete("b")
	if !tkvlist.Equal(l, nil) {
		t.Errorf("deleting the last pair gave %v", l)
	}
}

func TestEqual(t *testing.T) {
	one := func(v tkvlist.Value) tkvlist.List { return tkvlist.List{{Key: "k", Value: v}} }
	all := []tkvlist.List{
		nil,
		one(tkvlist.String("")),
		one(tkvlist.String("1")),
		one(tkvlist.Unicode("1")),
		one(tkvlist.Binary([]byte("1"))),
		one(tkvlist.Int(1)),
		one(tkvlist.Int(2)),
		one(tkvlist.Nested(nil)),
		one(tkvlist.Nested(one(tkvlist.Int(1)))),
		one(tkvlist.Nested(one(tkvlist.Int(2)))),
		{{Key: "K", Value: tkvlist.Int(1)}},
		{{Key: "k", Value: tkvlist.Int(1)}, {Key: "k", Value: tkvlist.Int(2)}},
		{{Key: "k", Value: tkvlist.Int(2)}, {Key: "k", Value: tkvlist.Int(1)}},
	}
	for i, a := range all {
		for j, b := range all {
			if got := tkvlist.Equal(a, b); got != (i == j) {
				t.Errorf("%v and %v: equal is %v", a, b, got)
			}
		}
	}
	if !tkvlist.Equal(nil, tkvlist.List{}) {
		t.Error("nil differs from an empty list")
	}
}
