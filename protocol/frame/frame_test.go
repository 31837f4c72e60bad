package frame_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// example is a frame and its bytes, one field per line.
type example struct {
	name   string
	frame  frame.Frame
	packed string
}

// golden is one frame of each kind.
var golden = []example{
	{
		"hello",
		frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "plugin 1.0"}.Body()},
		"\x01" + "\x00\x00\x00\x00" + // hello, number 0
			"\x00\x01" + // pairs
			"\x00" + "\x00\x05agent" + "\x00\x0a" + "plugin 1.0",
	},
	{
		"welcome",
		frame.Frame{Kind: frame.KindWelcome, Body: frame.Welcome{
			Relay: "commdn 1.0", Session: "s-1", PingSeconds: 15, MaxRequests: 32, OCS: []commdn.DBID{7, 300},
			Link: frame.Link{Up: true, Since: 1700000000},
		}.Body()},
		"\x02" + "\x00\x00\x00\x00" + // welcome, number 0
			"\x00\x07" + // pairs
			"\x00" + "\x00\x05relay" + "\x00\x0a" + "commdn 1.0" +
			"\x00" + "\x00\x07session" + "\x00\x03" + "s-1" +
			"\x01" + "\x00\x0cping_seconds" + "\x00\x04" + "\x00\x00\x00\x0f" + // integer 15
			"\x01" + "\x00\x0cmax_requests" + "\x00\x04" + "\x00\x00\x00\x20" + // integer 32
			"\x03" + "\x00\x04link" + "\x00\x1e" + "\x00\x1c" + // list, 28 bytes
			"\x00\x02" + // pairs
			"\x00" + "\x00\x05state" + "\x00\x02" + "up" +
			"\x01" + "\x00\x05since" + "\x00\x04" + "\x65\x53\xf1\x00" + // 2023-11-14 22:13:20 UTC
			"\x01" + "\x00\x03ocs" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x03ocs" + "\x00\x04" + "\x00\x00\x01\x2c", // integer 300
	},
	{
		"request",
		frame.Frame{Kind: frame.KindRequest, Number: 1, Body: (&commdn.DoNotCall{Phone: "555"}).UserData()},
		"\x03" + "\x00\x00\x00\x01" + // request, number 1
			"\x00\x04" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x20" + // integer 32
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\x29" + "\x00\x27" + // list, 39 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0bdo_not_call" + "\x00\x15" + "\x00\x13" + // list, 19 bytes
			"\x00\x01" + // pairs
			"\x00" + "\x00\x09GSW_PHONE" + "\x00\x03" + "555",
	},
	{
		"answer",
		frame.Frame{Kind: frame.KindAnswer, Number: 0x01020304, Body: tkvlist.List{{Key: "GSW_CM_MessageType", Value: tkvlist.Int(33)}}},
		"\x04" + "\x01\x02\x03\x04" + // answer, number 16909060
			"\x00\x01" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x21", // integer 33
	},
	{
		"response",
		frame.Frame{Kind: frame.KindResponse, Number: 0xffffffff, Body: tkvlist.List{{Key: "GSW_CM_MessageType", Value: tkvlist.Int(27)}}},
		"\x05" + "\xff\xff\xff\xff" + // response, the largest number
			"\x00\x01" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x1b", // integer 27
	},
	{
		"refusal",
		frame.Frame{Kind: frame.KindRefusal, Number: 2, Body: (&frame.Refusal{Code: frame.RefusedNoAnswer, Message: "silence"}).Body()},
		"\x06" + "\x00\x00\x00\x02" + // refusal, number 2
			"\x00\x02" + // pairs
			"\x01" + "\x00\x04code" + "\x00\x04" + "\x00\x00\x00\x04" + // integer 4
			"\x00" + "\x00\x07message" + "\x00\x07" + "silence",
	},
	{
		"link",
		frame.Frame{Kind: frame.KindLink, Body: frame.Link{Since: 1 << 31, Reason: "ADDP"}.Body()},
		"\x07" + "\x00\x00\x00\x00" + // link, number 0
			"\x00\x03" + // pairs
			"\x00" + "\x00\x05state" + "\x00\x04" + "down" +
			"\x01" + "\x00\x05since" + "\x00\x04" + "\x80\x00\x00\x00" + // 2038-01-19 03:14:08 UTC
			"\x00" + "\x00\x06reason" + "\x00\x04" + "ADDP",
	},
	{
		"ping",
		frame.Frame{Kind: frame.KindPing, Number: 9},
		"\x08" + "\x00\x00\x00\x09" + "\x00\x00", // ping, number 9, no pairs
	},
	{
		"pong",
		frame.Frame{Kind: frame.KindPong},
		"\x09" + "\x00\x00\x00\x00" + "\x00\x00", // pong, number 0, no pairs
	},
	{
		"notification",
		frame.Frame{Kind: frame.KindNotification, Body: tkvlist.List{{Key: "GSW_CM_MessageType", Value: tkvlist.Int(24)}}},
		"\x0a" + "\x00\x00\x00\x00" + // notification, number 0
			"\x00\x01" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x18", // integer 24
	},
	{
		"directory",
		frame.Frame{Kind: frame.KindDirectory, Body: frame.Directory{Campaigns: []frame.Named{{DBID: 1001, Name: "Autumn"}}}.Bodies()[0]},
		"\x0b" + "\x00\x00\x00\x00" + // directory, number 0
			"\x00\x01" + // pairs
			"\x03" + "\x00\x08campaign" + "\x00\x20" + "\x00\x1e" + // list, 30 bytes
			"\x00\x02" + // pairs
			"\x01" + "\x00\x04dbid" + "\x00\x04" + "\x00\x00\x03\xe9" + // integer 1001
			"\x00" + "\x00\x04name" + "\x00\x06" + "Autumn",
	},
	{
		"subscribe",
		frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true}.Body()},
		"\x0c" + "\x00\x00\x00\x00" + // subscribe, number 0
			"\x00\x01" + // pairs
			"\x01" + "\x00\x02on" + "\x00\x04" + "\x00\x00\x00\x01", // integer 1
	},
	{
		"refresh",
		frame.Frame{Kind: frame.KindRefresh, Body: frame.Refresh{Token: "eyJ.eyJ.sig"}.Body()},
		"\x0d" + "\x00\x00\x00\x00" + // refresh, number 0
			"\x00\x01" + // pairs
			"\x00" + "\x00\x05token" + "\x00\x0b" + "eyJ.eyJ.sig",
	},
	{
		"identity",
		frame.Frame{Kind: frame.KindIdentity, Body: frame.Identity{
			Name: "jdoe", Roles: []string{frame.RoleAgent, frame.RoleSupervisor}, Expires: 1<<31 + 1,
		}.Body()},
		"\x0e" + "\x00\x00\x00\x00" + // identity, number 0
			"\x00\x04" + // pairs
			"\x00" + "\x00\x04name" + "\x00\x04" + "jdoe" +
			"\x00" + "\x00\x04role" + "\x00\x05" + "agent" +
			"\x00" + "\x00\x04role" + "\x00\x0a" + "supervisor" +
			"\x01" + "\x00\x07expires" + "\x00\x04" + "\x80\x00\x00\x01", // 2038-01-19 03:14:09 UTC
	},
	{
		"history",
		frame.Frame{Kind: frame.KindHistory, Body: frame.History{Groups: []frame.GroupHistory{{
			CampaignGroup: frame.CampaignGroup{Campaign: 1001, Group: 501, OCS: 201},
			Changes:       []frame.Change{{commdn.StatusRunning, 1700000000}, {frame.StatusUnknown, 1<<31 + 1}},
		}}}.Bodies()[0]},
		"\x0f" + "\x00\x00\x00\x00" + // history, number 0
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0ecampaign_group" + "\x00\x54" + "\x00\x52" + // list, 82 bytes
			"\x00\x04" + // pairs
			"\x01" + "\x00\x08campaign" + "\x00\x04" + "\x00\x00\x03\xe9" + // integer 1001
			"\x01" + "\x00\x05group" + "\x00\x04" + "\x00\x00\x01\xf5" + // integer 501
			"\x01" + "\x00\x03ocs" + "\x00\x04" + "\x00\x00\x00\xc9" + // integer 201
			"\x03" + "\x00\x07changes" + "\x00\x19" + "\x00\x17" + // list, 23 bytes
			"\x00\x02" + // pairs
			"\x01" + "\x00\x015" + "\x00\x04" + "\x65\x53\xf1\x00" + // CM_GCS_Running since 2023-11-14 22:13:20 UTC
			"\x01" + "\x00\x02-1" + "\x00\x04" + "\x80\x00\x00\x01", // unknown since 2038-01-19 03:14:09 UTC
	},
}

// variants are further frames of kinds that golden has already.
var variants = []example{
	{
		"subscribe to the history too",
		frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true, History: true}.Body()},
		"\x0c" + "\x00\x00\x00\x00" + // subscribe, number 0
			"\x00\x02" + // pairs
			"\x01" + "\x00\x02on" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x07history" + "\x00\x04" + "\x00\x00\x00\x01", // integer 1
	},
	{
		"hello with a token",
		frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "plugin 1.0", Token: "eyJ.eyJ.sig"}.Body()},
		"\x01" + "\x00\x00\x00\x00" + // hello, number 0
			"\x00\x02" + // pairs
			"\x00" + "\x00\x05agent" + "\x00\x0a" + "plugin 1.0" +
			"\x00" + "\x00\x05token" + "\x00\x0b" + "eyJ.eyJ.sig",
	},
	{
		"identity of nobody",
		frame.Frame{Kind: frame.KindIdentity, Body: frame.Identity{}.Body()},
		"\x0e" + "\x00\x00\x00\x00" + // identity, number 0
			"\x00\x02" + // pairs
			"\x00" + "\x00\x04name" + "\x00\x00" +
			"\x01" + "\x00\x07expires" + "\x00\x04" + "\x00\x00\x00\x00", // never
	},
	{
		"directory with a campaign group",
		frame.Frame{Kind: frame.KindDirectory, Body: frame.Directory{CampaignGroups: []frame.CampaignGroup{
			{Campaign: 1001, Group: 501, OCS: 201},
		}}.Bodies()[0]},
		"\x0b" + "\x00\x00\x00\x00" + // directory, number 0
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0ecampaign_group" + "\x00\x2f" + "\x00\x2d" + // list, 45 bytes
			"\x00\x03" + // pairs
			"\x01" + "\x00\x08campaign" + "\x00\x04" + "\x00\x00\x03\xe9" + // integer 1001
			"\x01" + "\x00\x05group" + "\x00\x04" + "\x00\x00\x01\xf5" + // integer 501
			"\x01" + "\x00\x03ocs" + "\x00\x04" + "\x00\x00\x00\xc9", // integer 201
	},
}

func TestGolden(t *testing.T) {
	for i, test := range golden {
		if want := frame.Kind(i + 1); test.frame.Kind != want || want.String() != test.name {
			t.Errorf("kind %d is named %s, want %d %s", test.frame.Kind, want, want, test.name)
		}
	}
	for _, test := range append(slices.Clone(golden), variants...) {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.frame.Append([]byte("before"))
			if err != nil || string(got) != "before"+test.packed {
				t.Errorf("appended\n%q, %v, want\n%q", got, err, "before"+test.packed)
			}
			src := []byte(test.packed)
			f, err := frame.Decode(src)
			if err != nil {
				t.Fatal(err)
			}
			clear(src) // the frame owns its memory
			if f.Kind != test.frame.Kind || f.Number != test.frame.Number || !tkvlist.Equal(f.Body, test.frame.Body) {
				t.Errorf("decoded\n%v, want\n%v", f, test.frame)
			}
		})
	}
}

func TestKindWithoutName(t *testing.T) {
	for k, want := range map[frame.Kind]string{0: "kind 0", 16: "kind 16", 255: "kind 255"} {
		if got := k.String(); got != want {
			t.Errorf("kind %d prints as %q, want %q", k, got, want)
		}
	}
}

func TestDecodeMalformed(t *testing.T) {
	tests := []struct {
		name   string
		src    string
		offset int
		want   string
	}{
		{"nothing", "", 0, "frame: header of 0 bytes instead of 5 at byte 0"},
		{"short header", "\x08\x00\x00\x00", 4, "frame: header of 4 bytes instead of 5 at byte 4"},
		{"kind 0", "\x00\x00\x00\x00\x01\x00\x00", 0, "frame: unknown kind 0 at byte 0"},
		{"kind 16", "\x10\x00\x00\x00\x01\x00\x00", 0, "frame: unknown kind 16 at byte 0"},
		{"kind 255", "\xff\x00\x00\x00\x01\x00\x00", 0, "frame: unknown kind 255 at byte 0"},
		{"request 0", "\x03\x00\x00\x00\x00\x00\x00", 1, "frame: request with number 0 at byte 1"},
		{"answer 0", "\x04\x00\x00\x00\x00\x00\x00", 1, "frame: answer with number 0 at byte 1"},
		{"response 0", "\x05\x00\x00\x00\x00\x00\x00", 1, "frame: response with number 0 at byte 1"},
		{"refusal 0", "\x06\x00\x00\x00\x00\x00\x00", 1, "frame: refusal with number 0 at byte 1"},
		{"header alone", "\x08\x00\x00\x00\x00", 5, "frame: body of ping at byte 5"},
		{"half a count", "\x08\x00\x00\x00\x00\x00", 5, "frame: body of ping at byte 5"},
		{"bytes after the list", "\x09\x00\x00\x00\x00\x00\x00\x00", 5, "frame: body of pong at byte 5"},
		{"unknown type of value", "\x01\x00\x00\x00\x00\x00\x01\x05\x00\x01a\x00\x00", 5, "frame: body of hello at byte 5"},
		{"two frames", "\x08\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00", 5, "frame: body of ping at byte 5"},
		{"too big", "\x03\x00\x00\x00\x01" + strings.Repeat("\x00", tkvlist.DefaultMaxBytes+1), 5, "frame: body of request at byte 5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := frame.Decode([]byte(test.src))
			var syntax *frame.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got %v, %v, want a SyntaxError", f, err)
			}
			want := test.want
			if test.offset == frame.HeaderLen {
				if syntax.Err == nil {
					t.Fatalf("%v wraps no error of the list", err)
				}
				want += ": " + syntax.Err.Error()
			}
			if syntax.Offset != test.offset || err.Error() != want {
				t.Errorf("offset %d: %v, want offset %d: %s", syntax.Offset, err, test.offset, want)
			}
			if f.Kind != 0 || f.Number != 0 || f.Body != nil {
				t.Errorf("got %v with the error, want a zero frame", f)
			}
		})
	}
}

func TestDecodeLimitError(t *testing.T) {
	if _, err := frame.Decode(nil); errors.Unwrap(err) != nil {
		t.Errorf("a short header wraps %v, want nothing", errors.Unwrap(err))
	}
	big := append([]byte{3, 0, 0, 0, 1}, make([]byte, tkvlist.DefaultMaxBytes+1)...)
	_, err := frame.Decode(big)
	var limit *tkvlist.LimitError
	if !errors.As(err, &limit) || limit.Limit != tkvlist.DefaultMaxBytes {
		t.Errorf("error %v, want a LimitError of %d", err, tkvlist.DefaultMaxBytes)
	}
}

func TestAppendLimits(t *testing.T) {
	// One pair of key "k": count 2, type 1, key 3, length 2, value.
	body := func(n int) tkvlist.List {
		return tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", n))}}
	}
	most := tkvlist.DefaultMaxBytes - 8
	packed, err := frame.Frame{Kind: frame.KindRequest, Number: 1, Body: body(most)}.Append(nil)
	if err != nil || len(packed) != frame.MaxLen {
		t.Fatalf("%d bytes, %v, want %d", len(packed), err, frame.MaxLen)
	}
	if _, err := frame.Decode(packed); err != nil {
		t.Errorf("the longest frame: %v", err)
	}
	dst := []byte("before")
	got, err := frame.Frame{Kind: frame.KindRequest, Number: 1, Body: body(most + 1)}.Append(dst)
	var limit *tkvlist.LimitError
	if !errors.As(err, &limit) || !bytes.Equal(got, dst) {
		t.Errorf("got %d bytes, %v, want the %d of dst and a LimitError", len(got), err, len(dst))
	}
}

// TestTokensFit: the longest token fits a hello, beside an agent of a common
// length, and a refresh.
func TestTokensFit(t *testing.T) {
	token := strings.Repeat("t", frame.MaxToken)
	for _, f := range []frame.Frame{
		{Kind: frame.KindHello, Body: frame.Hello{Agent: strings.Repeat("a", 900), Token: token}.Body()},
		{Kind: frame.KindRefresh, Body: frame.Refresh{Token: token}.Body()},
	} {
		packed, err := f.Append(nil)
		if err != nil {
			t.Fatalf("%v: %v", f.Kind, err)
		}
		got, err := frame.Decode(packed)
		if text, _ := got.Body.Text("token"); err != nil || text != token {
			t.Errorf("%v: a token of %d bytes, %v", f.Kind, len(text), err)
		}
	}
}
