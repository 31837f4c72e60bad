package tlink_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver/tlink"
)

func text(key, value string) tkvlist.Pair {
	return tkvlist.Pair{Key: key, Value: tkvlist.String(value)}
}

func number(key string, value int32) tkvlist.Pair {
	return tkvlist.Pair{Key: key, Value: tkvlist.Int(value)}
}

// golden are the examples of README.md.
var golden = []struct {
	name    string
	message tlink.Message
	frame   []string
	trace   string
}{
	{
		name: "RequestRegisterClient",
		message: tlink.Message{
			ID: tlink.RequestRegisterClient, Reference: 1,
			Attributes: tkvlist.List{text(tlink.AttributeApplicationName, "CommDN_Relay")},
		},
		frame: []string{
			"00 00 00 32", // 50 bytes follow
			"00",          // RequestRegisterClient
			"00 00 00 01", // reference id 1
			"00 2b",       // attributes: 43 bytes
			"00 01",       //   one pair
			"00",          //   string
			"00 18",       //   key of 24 bytes
			hex.EncodeToString([]byte("AttributeApplicationName")),
			"00 0c", // value of 12 bytes
			hex.EncodeToString([]byte("CommDN_Relay")),
		},
		trace: `RequestRegisterClient ref 1 AttributeApplicationName "CommDN_Relay"`,
	},
	{
		name: "RequestDistributeUserEvent",
		message: tlink.Message{
			ID: tlink.RequestDistributeUserEvent, Reference: 3,
			Attributes: tkvlist.List{text(tlink.AttributeThisDN, "CommDN_1")},
			UserData:   tkvlist.List{number("GSW_CM_MessageType", 32)},
		},
		frame: []string{
			"00 00 00 42", // 66 bytes follow
			"30",          // RequestDistributeUserEvent, 48
			"00 00 00 03", // reference id 3
			"00 1e",       // attributes: 30 bytes
			"00 01",       //   one pair
			"00",          //   string
			"00 0f",       //   key of 15 bytes
			hex.EncodeToString([]byte("AttributeThisDN")),
			"00 08", //   value of 8 bytes
			hex.EncodeToString([]byte("CommDN_1")),
			"00 01", // user data: one pair
			"01",    //   integer
			"00 12", //   key of 18 bytes
			hex.EncodeToString([]byte("GSW_CM_MessageType")),
			"00 04",       //   value of 4 bytes
			"00 00 00 20", //   32, CM_ReqDoNotCall
		},
		trace: `RequestDistributeUserEvent ref 3 AttributeThisDN "CommDN_1" user data of 1 pairs`,
	},
	{
		name: "EventError",
		message: tlink.Message{
			ID: tlink.EventError, Reference: 0xfffefdfc,
			Attributes: tkvlist.List{number(tlink.AttributeErrorCode, 59)},
		},
		frame: []string{
			"00 00 00 24", // 36 bytes follow
			"34",          // EventError, 52
			"ff fe fd fc", // reference id
			"00 1d",       // attributes: 29 bytes
			"00 01",       //   one pair
			"01",          //   integer
			"00 12",       //   key of 18 bytes
			hex.EncodeToString([]byte("AttributeErrorCode")),
			"00 04",       //   value of 4 bytes
			"00 00 00 3b", //   59
		},
		trace: `EventError ref 4294901244 AttributeErrorCode 59`,
	},
	{
		name:    "EventLinkConnected, nothing in it",
		message: tlink.Message{ID: tlink.EventLinkConnected},
		frame: []string{
			"00 00 00 09", // 9 bytes follow
			"5f",          // EventLinkConnected, 95
			"00 00 00 00", // no reference id
			"00 02",       // attributes: 2 bytes
			"00 00",       //   no pairs
		},
		trace: `EventLinkConnected ref 0`,
	},
	{
		name:    "EventUserEvent, empty user data",
		message: tlink.Message{ID: tlink.EventUserEvent, UserData: tkvlist.List{}},
		frame: []string{
			"00 00 00 0b", // 11 bytes follow
			"60",          // EventUserEvent, 96
			"00 00 00 00", // no reference id
			"00 02",       // attributes: 2 bytes
			"00 00",       //   no pairs
			"00 00",       // user data: no pairs
		},
		trace: `EventUserEvent ref 0 user data of 0 pairs`,
	},
	{
		name:    "KeepAlive",
		message: tlink.Message{ID: tlink.KeepAlive, Reference: 7},
		frame: []string{
			"00 00 00 09", // 9 bytes follow
			"fe",          // KeepAlive, 254
			"00 00 00 07", // reference id 7
			"00 02",       // attributes: 2 bytes
			"00 00",       //   no pairs
		},
		trace: `KeepAlive ref 7`,
	},
	{
		name:    "KeepAliveAck",
		message: tlink.Message{ID: tlink.KeepAliveAck, Reference: 7},
		frame: []string{
			"00 00 00 09", // 9 bytes follow
			"ff",          // KeepAliveAck, 255
			"00 00 00 07", // reference id 7
			"00 02",       // attributes: 2 bytes
			"00 00",       //   no pairs
		},
		trace: `KeepAliveAck ref 7`,
	},
	{
		name: "a message without a name here",
		message: tlink.Message{
			ID:         200,
			Attributes: tkvlist.List{{Key: "AttributeExtensions", Value: tkvlist.Nested(nil)}},
		},
		frame: []string{
			"00 00 00 25", // 37 bytes follow
			"c8",          // 200
			"00 00 00 00", // no reference id
			"00 1e",       // attributes: 30 bytes
			"00 01",       //   one pair
			"03",          //   list
			"00 13",       //   key of 19 bytes
			hex.EncodeToString([]byte("AttributeExtensions")),
			"00 04", //   value of 4 bytes
			"00 02", //   list of 2 bytes
			"00 00", //   no pairs
		},
		trace: `message 200 ref 0`,
	},
}

func unhex(t testing.TB, parts []string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Join(parts, ""), " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGolden(t *testing.T) {
	for _, test := range golden {
		t.Run(test.name, func(t *testing.T) {
			want := unhex(t, test.frame)
			got, err := test.message.Append([]byte("before"))
			if err != nil {
				t.Fatal(err)
			}
			if rest, ok := bytes.CutPrefix(got, []byte("before")); !ok || !bytes.Equal(rest, want) {
				t.Errorf("Append = % x\nwant     % x", rest, want)
			}
			m, err := tlink.Decode(want)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(m, test.message) {
				t.Errorf("Decode = %+v\nwant     %+v", m, test.message)
			}
			if trace := m.Trace(); trace != test.trace {
				t.Errorf("Trace = %s\nwant    %s", trace, test.trace)
			}
		})
	}
}

// frame puts a correct length field before rest.
func frame(rest string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(rest, " ", ""))
	if err != nil {
		panic(err)
	}
	return append([]byte{0, 0, byte(len(b) >> 8), byte(len(b))}, b...)
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		name  string
		frame []byte
		want  string // "…" stands for the list's own words
		limit int    // above 0: a LimitError with this limit
	}{
		{"nothing", nil, "tlink: length of the frame of 4 bytes with 0 left at byte 0 of the frame", 0},
		{"half a length", []byte{0, 0}, "tlink: length of the frame of 4 bytes with 2 left at byte 0 of the frame", 0},
		{"length below the least", []byte{0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8}, "tlink: length of 8 is below 9 at byte 0 of the frame", 0},
		{"length too large", []byte{0xff, 0xff, 0xff, 0xff, 0}, "tlink: length of 4294967295 is over the limit of 81542 at byte 0 of the frame", 81542},
		{"cut off", frame("60 00000000 0002 0000")[:12], "tlink: length of 9 with 8 bytes after it at byte 0 of the frame", 0},
		{"bytes after the frame", append(frame("60 00000000 0002 0000"), 0), "tlink: length of 9 with 10 bytes after it at byte 0 of the frame", 0},
		{"attributes run over", frame("60 00000000 0003 0000"), "tlink: attributes of 3 bytes with 2 left at byte 11 of the frame", 0},
		{"attributes of no bytes", frame("60 00000000 0000 0000"), "tlink: attributes: … at byte 11 of the frame", 0},
		{"attributes with a count too high", frame("60 00000000 0002 0001"), "tlink: attributes: … at byte 11 of the frame", 0},
		{"attributes of a wrong kind", frame("60 00000000 0009 0001 09 0001 41 0000 00"), "tlink: attributes: … at byte 13 of the frame", 0},
		{"user data of one byte", frame("60 00000000 0002 0000 00"), "tlink: user data: … at byte 13 of the frame", 0},
		{"user data with bytes after it", frame("60 00000000 0002 0000 0000 ff"), "tlink: user data: … at byte 15 of the frame", 0},
		{"attributes over the limit", frame("60 00000000 3e81" + strings.Repeat("00", 16001)), "tlink: attributes: … at byte 16011 of the frame", 16000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := tlink.Decode(test.frame)
			if err == nil {
				t.Fatal("no error")
			}
			start, end, open := strings.Cut(test.want, "…")
			if err.Error() != test.want && (!open || !strings.HasPrefix(err.Error(), start) || !strings.HasSuffix(err.Error(), end)) {
				t.Fatalf("error = %v\nwant    %s", err, test.want)
			}
			if !reflect.DeepEqual(m, tlink.Message{}) {
				t.Errorf("message = %+v with an error", m)
			}
			checkLimit(t, err, test.limit)
		})
	}
}

func checkLimit(t *testing.T, err error, want int) {
	t.Helper()
	var limit *tlink.LimitError
	var syntax *tlink.SyntaxError
	switch {
	case want > 0 && (!errors.As(err, &limit) || limit.Limit != want):
		t.Errorf("error is %#v, want a LimitError with limit %d", err, want)
	case want == 0 && !errors.As(err, &syntax):
		t.Errorf("error is %#v, want a SyntaxError", err)
	}
}

func TestAppendRefuses(t *testing.T) {
	deep := tkvlist.List{}
	for range 8 {
		deep = tkvlist.List{{Key: "k", Value: tkvlist.Nested(deep)}}
	}
	long := tkvlist.List{text("k", strings.Repeat("x", 40000)), text("k", strings.Repeat("x", 40000))}
	tests := []struct {
		name    string
		message tlink.Message
		part    string
		limit   int
	}{
		{"attributes too long", tlink.Message{Attributes: long}, "attributes: ", tlink.MaxAttributes},
		{"user data too long", tlink.Message{UserData: long}, "user data: ", tlink.MaxUserData},
		{"user data too deep", tlink.Message{UserData: deep}, "user data: ", 8},
		{"empty key", tlink.Message{Attributes: tkvlist.List{text("", "x")}}, "attributes: ", 0},
		{"unicode that is none", tlink.Message{UserData: tkvlist.List{{Key: "k", Value: tkvlist.Unicode("\xff")}}}, "user data: ", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dst, err := test.message.Append([]byte("before"))
			if string(dst) != "before" {
				t.Errorf("dst = %q", dst)
			}
			if err == nil || !strings.HasPrefix(err.Error(), "tlink: "+test.part) {
				t.Fatalf("error = %v", err)
			}
			checkLimit(t, err, test.limit)
			var inner *tkvlist.SyntaxError
			var innerLimit *tkvlist.LimitError
			if !errors.As(err, &inner) && !errors.As(err, &innerLimit) {
				t.Errorf("%v wraps no error of the list", err)
			}
		})
	}
}

func TestLargestFrame(t *testing.T) {
	fill := func(n int) tkvlist.List { // packs to exactly n bytes
		return tkvlist.List{text("k", strings.Repeat("x", n-8))}
	}
	m := tlink.Message{Attributes: fill(tlink.MaxAttributes), UserData: fill(tlink.MaxUserData)}
	b, err := m.Append(nil)
	if err != nil || len(b) != tlink.MaxFrame {
		t.Fatalf("frame of %d bytes, error %v; want %d bytes", len(b), err, tlink.MaxFrame)
	}
	got, err := tlink.NewReader(bytes.NewReader(b)).ReadMessage()
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Fatalf("read back: error %v", err)
	}
}

func TestReader(t *testing.T) {
	var stream []byte
	for _, test := range golden {
		stream = append(stream, unhex(t, test.frame)...)
	}
	in := tlink.NewReader(iotest.OneByteReader(bytes.NewReader(stream)))
	var got []tlink.Message
	for range golden {
		m, err := in.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	// Compare at the end: a message must not share memory with the next.
	for i, test := range golden {
		if !reflect.DeepEqual(got[i], test.message) {
			t.Errorf("%s: %+v", test.name, got[i])
		}
	}
	if _, err := in.ReadMessage(); err != io.EOF {
		t.Errorf("at the end: %v, want io.EOF", err)
	}
}

func TestReaderRefuses(t *testing.T) {
	whole := unhex(t, golden[0].frame)
	for n := 1; n < len(whole); n++ {
		_, err := tlink.NewReader(bytes.NewReader(whole[:n])).ReadMessage()
		if err != io.ErrUnexpectedEOF {
			t.Errorf("cut to %d bytes: %v, want io.ErrUnexpectedEOF", n, err)
		}
	}
	broken := errors.New("broken")
	if _, err := tlink.NewReader(iotest.ErrReader(broken)).ReadMessage(); err != broken {
		t.Errorf("stream's error = %v", err)
	}
}

// TestReaderRefusesBeforeAllocating: the reader refuses a length of 4 GB with no more
// memory than its buffers.
func TestReaderRefusesBeforeAllocating(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := tlink.NewReader(bytes.NewReader([]byte{0xff, 0xff, 0xff, 0xff, 0})).ReadMessage()
	runtime.ReadMemStats(&after)
	checkLimit(t, err, tlink.MaxFrame-4)
	if took := after.TotalAlloc - before.TotalAlloc; took > tlink.MaxFrame/2 {
		t.Errorf("%d bytes allocated", took)
	}
}

func FuzzDecode(f *testing.F) {
	for _, test := range golden {
		f.Add(unhex(f, test.frame))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		m, err := tlink.Decode(in)
		read, readErr := tlink.NewReader(bytes.NewReader(in)).ReadMessage()
		if err != nil {
			var syntax *tlink.SyntaxError
			var limit *tlink.LimitError
			if !errors.As(err, &syntax) && !errors.As(err, &limit) {
				t.Fatalf("error of a foreign type: %#v", err)
			}
			return
		}
		if readErr != nil || !reflect.DeepEqual(read, m) {
			t.Fatalf("Reader differs: %+v, %v", read, readErr)
		}
		out, err := m.Append(nil)
		if err != nil || !slices.Equal(out, in) {
			t.Fatalf("% x\ncame back as % x, %v", in, out, err)
		}
	})
}
