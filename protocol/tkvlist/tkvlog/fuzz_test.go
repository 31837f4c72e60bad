package tkvlog_test

import (
	"errors"
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/protocol/tkvlist/tkvlog"
)

// Whatever is read prints, and the print reads back equal and prints the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(doNotCallText))
	f.Add([]byte("Attr [9] 00..\r\n    'A'(list) 'B'(list) 'C' 4294967295\r\n            'D'(binary) 00ff\r\n      'E'(unicode) 'é\n'\r\n"))
	f.Add([]byte("'it's'\t''\n\n\t'N'\t'one\ntwo'\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		attribute, l, err := tkvlog.Parse(text)
		if err != nil {
			checkOffset(t, err, len(text))
			return
		}
		printed, err := tkvlog.Append(nil, attribute, l)
		if err != nil {
			t.Fatalf("%q holds %v, which does not print: %v", text, l, err)
		}
		attribute2, l2, err := tkvlog.Parse(printed)
		if err != nil || attribute2 != attribute || !tkvlist.Equal(l2, l) {
			t.Fatalf("%q\nholds %q %v and prints\n%q\nwhich holds %q %v, %v", text, attribute, l, printed, attribute2, l2, err)
		}
	})
}

// Whatever list prints reads back equal; what does not print says so.
func FuzzAppend(f *testing.F) {
	f.Add("A", "k", "v", "w")
	f.Add("", "it's", "'\n'k' ", "\r\n'k'(list) 'x'")
	f.Fuzz(func(t *testing.T, attribute, key, value, text string) {
		l := tkvlist.List{str(key, value), sub("L", uni(key, text), str(key, value)), num("Z", 1)}
		printed, err := tkvlog.Append(nil, attribute, l)
		if err != nil {
			return
		}
		attribute2, l2, err := tkvlog.Parse(printed)
		if err != nil || attribute2 != attribute || !tkvlist.Equal(l2, l) {
			t.Fatalf("%q %v prints\n%q\nwhich holds %q %v, %v", attribute, l, printed, attribute2, l2, err)
		}
	})
}

// checkOffset holds an error against what the package promises of it.
func checkOffset(t *testing.T, err error, length int) {
	t.Helper()
	offset := -1
	var syntax *tkvlist.SyntaxError
	var limit *tkvlist.LimitError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &limit):
		offset = limit.Offset
	}
	if offset < 0 || offset > length {
		t.Fatalf("%T %v for %d bytes", err, err, length)
	}
}
