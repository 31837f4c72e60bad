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
			Relay: "commdn 1.0", Session: "s-1", Limits: frame.Limits{PingSeconds: 15, MaxRequests: 32}, OCS: []commdn.DBID{7, 300},
			Link: frame.Link{Up: true, Since: 1700000000},
		}.Body()},
		"\x02" + "\x00\x00\x00\x00" + // welcome, number 0
			"\x00\x09" + // pairs
			"\x00" + "\x00\x05relay" + "\x00\x0a" + "commdn 1.0" +
			"\x00" + "\x00\x07session" + "\x00\x03" + "s-1" +
			"\x01" + "\x00\x0cping_seconds" + "\x00\x04" + "\x00\x00\x00\x0f" + // integer 15
			"\x01" + "\x00\x0cmax_requests" + "\x00\x04" + "\x00\x00\x00\x20" + // integer 32
			"\x01" + "\x00\x12cancel_by_customer" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x06vanity" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x03" + "\x00\x04link" + "\x00\x1e" + "\x00\x1c" + // list, 28 bytes
			"\x00\x02" + // pairs
			"\x00" + "\x00\x05state" + "\x00\x02" + "up" +
			"\x01" + "\x00\x05since" + "\x00\x04" + "\x65\x53\xf1\x00" + // 2023-11-14 22:13:20 UTC
			"\x01" + "\x00\x03ocs" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x03ocs" + "\x00\x04" + "\x00\x00\x01\x2c", // integer 300
	},
	{
		"request",
		frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{
			Key: "k-1", Data: (&commdn.DoNotCall{Phone: "555"}).UserData(),
		}.Body()},
		"\x03" + "\x00\x00\x00\x01" + // request, number 1
			"\x00\x02" + // pairs
			"\x00" + "\x00\x03key" + "\x00\x03" + "k-1" +
			"\x03" + "\x00\x04data" + "\x00\xa0" + "\x00\x9e" + // list, 158 bytes
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
		"accepted",
		frame.Frame{Kind: frame.KindAccepted, Number: 1},
		"\x04" + "\x00\x00\x00\x01" + "\x00\x00", // accepted, number 1, no pairs
	},
	{
		"queued",
		frame.Frame{Kind: frame.KindQueued, Number: 1, Body: frame.Queued{
			Reason: frame.QueuedLinkDown, Since: 1<<31 + 2, Message: "no link",
		}.Body()},
		"\x05" + "\x00\x00\x00\x01" + // queued, number 1
			"\x00\x03" + // pairs
			"\x01" + "\x00\x06reason" + "\x00\x04" + "\x00\x00\x00\x02" + // integer 2
			"\x01" + "\x00\x05since" + "\x00\x04" + "\x80\x00\x00\x02" + // 2038-01-19 03:14:10 UTC
			"\x00" + "\x00\x07message" + "\x00\x07" + "no link",
	},
	{
		"answer",
		frame.Frame{Kind: frame.KindAnswer, Number: 0x01020304, Body: frame.Answer{Data: tkvlist.List{{Key: "GSW_CM_MessageType", Value: tkvlist.Int(33)}}}.Body()},
		"\x06" + "\x01\x02\x03\x04" + // answer, number 16909060
			"\x00\x01" + // pairs
			"\x03" + "\x00\x04data" + "\x00\x1f" + "\x00\x1d" + // list, 29 bytes
			"\x00\x01" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x21", // integer 33
	},
	{
		"outcome",
		frame.Frame{Kind: frame.KindOutcome, Number: 0xffffffff, Body: frame.Outcome{Data: tkvlist.List{{Key: "GSW_CM_MessageType", Value: tkvlist.Int(27)}}}.Body()},
		"\x07" + "\xff\xff\xff\xff" + // outcome, the largest number
			"\x00\x01" + // pairs
			"\x03" + "\x00\x04data" + "\x00\x1f" + "\x00\x1d" + // list, 29 bytes
			"\x00\x01" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x1b", // integer 27
	},
	{
		"link",
		frame.Frame{Kind: frame.KindLink, Body: frame.Link{Since: 1 << 31, Reason: "ADDP"}.Body()},
		"\x08" + "\x00\x00\x00\x00" + // link, number 0
			"\x00\x03" + // pairs
			"\x00" + "\x00\x05state" + "\x00\x04" + "down" +
			"\x01" + "\x00\x05since" + "\x00\x04" + "\x80\x00\x00\x00" + // 2038-01-19 03:14:08 UTC
			"\x00" + "\x00\x06reason" + "\x00\x04" + "ADDP",
	},
	{
		"ping",
		frame.Frame{Kind: frame.KindPing, Number: 9},
		"\x09" + "\x00\x00\x00\x09" + "\x00\x00", // ping, number 9, no pairs
	},
	{
		"pong",
		frame.Frame{Kind: frame.KindPong},
		"\x0a" + "\x00\x00\x00\x00" + "\x00\x00", // pong, number 0, no pairs
	},
	{
		"notification",
		frame.Frame{Kind: frame.KindNotification, Body: tkvlist.List{{Key: "GSW_CM_MessageType", Value: tkvlist.Int(24)}}},
		"\x0b" + "\x00\x00\x00\x00" + // notification, number 0
			"\x00\x01" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x18", // integer 24
	},
	{
		"directory",
		frame.Frame{Kind: frame.KindDirectory, Body: frame.Directory{Campaigns: []frame.Named{{DBID: 1001, Name: "Autumn"}}}.Bodies()[0]},
		"\x0c" + "\x00\x00\x00\x00" + // directory, number 0
			"\x00\x01" + // pairs
			"\x03" + "\x00\x08campaign" + "\x00\x20" + "\x00\x1e" + // list, 30 bytes
			"\x00\x02" + // pairs
			"\x01" + "\x00\x04dbid" + "\x00\x04" + "\x00\x00\x03\xe9" + // integer 1001
			"\x00" + "\x00\x04name" + "\x00\x06" + "Autumn",
	},
	{
		"subscribe",
		frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true}.Body()},
		"\x0d" + "\x00\x00\x00\x00" + // subscribe, number 0
			"\x00\x01" + // pairs
			"\x01" + "\x00\x02on" + "\x00\x04" + "\x00\x00\x00\x01", // integer 1
	},
	{
		"refresh",
		frame.Frame{Kind: frame.KindRefresh, Body: frame.Refresh{Token: "eyJ.eyJ.sig"}.Body()},
		"\x0e" + "\x00\x00\x00\x00" + // refresh, number 0
			"\x00\x01" + // pairs
			"\x00" + "\x00\x05token" + "\x00\x0b" + "eyJ.eyJ.sig",
	},
	{
		"identity",
		frame.Frame{Kind: frame.KindIdentity, Body: frame.Identity{
			Subject: "u-7", Name: "jdoe", Roles: []string{frame.RoleAgent, frame.RoleSupervisor}, Expires: 1<<31 + 1,
		}.Body()},
		"\x0f" + "\x00\x00\x00\x00" + // identity, number 0
			"\x00\x05" + // pairs
			"\x00" + "\x00\x04name" + "\x00\x04" + "jdoe" +
			"\x00" + "\x00\x04role" + "\x00\x05" + "agent" +
			"\x00" + "\x00\x04role" + "\x00\x0a" + "supervisor" +
			"\x01" + "\x00\x07expires" + "\x00\x04" + "\x80\x00\x00\x01" + // 2038-01-19 03:14:09 UTC
			"\x00" + "\x00\x07subject" + "\x00\x03" + "u-7",
	},
	{
		"history",
		frame.Frame{Kind: frame.KindHistory, Body: frame.History{Groups: []frame.GroupHistory{{
			CampaignGroup: frame.CampaignGroup{Campaign: 1001, Group: 501, OCS: 201},
			Changes:       []frame.Change{{commdn.StatusRunning, 1700000000}, {frame.StatusUnknown, 1<<31 + 1}},
		}}}.Bodies()[0]},
		"\x10" + "\x00\x00\x00\x00" + // history, number 0
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
	{
		"limits",
		frame.Frame{Kind: frame.KindLimits, Body: frame.Limits{PingSeconds: 30, MaxRequests: 8, CancelByCustomer: true, Vanity: true}.Body()},
		"\x11" + "\x00\x00\x00\x00" + // limits, number 0
			"\x00\x04" + // pairs
			"\x01" + "\x00\x0cping_seconds" + "\x00\x04" + "\x00\x00\x00\x1e" + // integer 30
			"\x01" + "\x00\x0cmax_requests" + "\x00\x04" + "\x00\x00\x00\x08" + // integer 8
			"\x01" + "\x00\x12cancel_by_customer" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x06vanity" + "\x00\x04" + "\x00\x00\x00\x01", // integer 1
	},
	{
		"late",
		frame.Frame{Kind: frame.KindLate, Body: frame.Late{Key: "k-1", Data: tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.Int(33)}}}.Body()},
		"\x12" + "\x00\x00\x00\x00" + // late, number 0
			"\x00\x02" + // pairs
			"\x00" + "\x00\x03key" + "\x00\x03" + "k-1" +
			"\x03" + "\x00\x04data" + "\x00\x1f" + "\x00\x1d" + // list, 29 bytes
			"\x00\x01" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x21", // integer 33
	},
	{
		"part",
		frame.Frame{Kind: frame.KindPart, Number: 1, Body: frame.Answer{Data: tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.Int(33)}}}.Body()},
		"\x13" + "\x00\x00\x00\x01" + // part, number 1: the rest comes with the outcome of request 1
			"\x00\x01" + // pairs
			"\x03" + "\x00\x04data" + "\x00\x1f" + "\x00\x1d" + // list, 29 bytes
			"\x00\x01" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x21", // integer 33
	},
	{
		"preview",
		frame.Frame{Kind: frame.KindPreview, Number: 4, Body: frame.Request{Key: "k-1", Data: tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.Int(32)}}}.Body()},
		"\x14" + "\x00\x00\x00\x04" + // preview, number 4
			"\x00\x02" + // pairs
			"\x00" + "\x00\x03key" + "\x00\x03" + "k-1" +
			"\x03" + "\x00\x04data" + "\x00\x1f" + "\x00\x1d" + // list, 29 bytes
			"\x00\x01" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x20", // integer 32
	},
	{
		"forms",
		frame.Frame{Kind: frame.KindForms, Number: 4, Body: frame.Forms{Texts: []string{"600111222", "+34600111222"}}.Body()},
		"\x15" + "\x00\x00\x00\x04" + // forms, number 4
			"\x00\x02" + // pairs
			"\x00" + "\x00\x04form" + "\x00\x09" + "600111222" +
			"\x00" + "\x00\x04form" + "\x00\x0c" + "+34600111222",
	},
	{
		"undo",
		frame.Frame{Kind: frame.KindUndo, Number: 4, Body: frame.Request{Key: "k-1"}.Body()},
		"\x16" + "\x00\x00\x00\x04" + // undo, number 4
			"\x00\x02" + // pairs
			"\x00" + "\x00\x03key" + "\x00\x03" + "k-1" +
			"\x03" + "\x00\x04data" + "\x00\x04" + "\x00\x02" + "\x00\x00", // list, no pairs
	},
	{
		"held",
		frame.Frame{Kind: frame.KindHeld, Number: 4, Body: frame.Held{Left: 5000}.Body()},
		"\x17" + "\x00\x00\x00\x04" + // held, number 4
			"\x00\x01" + // pairs
			"\x01" + "\x00\x07left_ms" + "\x00\x04" + "\x00\x00\x13\x88", // integer 5000
	},
}

// variants are further frames of kinds that golden has already.
var variants = []example{
	{
		"hello that resumes",
		frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "a", Resume: []frame.Resume{{Key: "k-1", Number: 1}, {Key: "k-2", Number: 1<<32 - 1}}}.Body()},
		"\x01" + "\x00\x00\x00\x00" + // hello, number 0
			"\x00\x03" + // pairs
			"\x00" + "\x00\x05agent" + "\x00\x01" + "a" +
			"\x03" + "\x00\x06resume" + "\x00\x1e" + "\x00\x1c" + // list, 28 bytes
			"\x00\x02" + // pairs
			"\x00" + "\x00\x03key" + "\x00\x03" + "k-1" +
			"\x01" + "\x00\x06number" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x03" + "\x00\x06resume" + "\x00\x1e" + "\x00\x1c" + // list, 28 bytes
			"\x00\x02" + // pairs
			"\x00" + "\x00\x03key" + "\x00\x03" + "k-2" +
			"\x01" + "\x00\x06number" + "\x00\x04" + "\xff\xff\xff\xff", // the largest number
	},
	{
		"outcome that refuses",
		frame.Frame{Kind: frame.KindOutcome, Number: 2, Body: frame.Outcome{Refusal: &frame.Refusal{Code: frame.RefusedUnknownKey, Message: "new"}}.Body()},
		"\x07" + "\x00\x00\x00\x02" + // outcome, number 2
			"\x00\x01" + // pairs
			"\x03" + "\x00\x07refusal" + "\x00\x20" + "\x00\x1e" + // list, 30 bytes
			"\x00\x02" + // pairs
			"\x01" + "\x00\x04code" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x00" + "\x00\x07message" + "\x00\x03" + "new",
	},
	{
		"forms of a number that is refused",
		frame.Frame{Kind: frame.KindForms, Number: 4, Body: frame.Forms{Refusal: "no"}.Body()},
		"\x15" + "\x00\x00\x00\x04" + // forms, number 4
			"\x00\x01" + // pairs
			"\x00" + "\x00\x07message" + "\x00\x02" + "no",
	},
	{
		"link in standby",
		frame.Frame{Kind: frame.KindLink, Body: frame.Link{Up: true, Standby: true, Since: 1}.Body()},
		"\x08" + "\x00\x00\x00\x00" + // link, number 0
			"\x00\x02" + // pairs
			"\x00" + "\x00\x05state" + "\x00\x07" + "standby" +
			"\x01" + "\x00\x05since" + "\x00\x04" + "\x00\x00\x00\x01", // integer 1
	},
	{
		"request that can be undone",
		frame.Frame{Kind: frame.KindRequest, Number: 4, Body: frame.Request{Key: "k-1", Undo: 5000}.Body()},
		"\x03" + "\x00\x00\x00\x04" + // request, number 4
			"\x00\x03" + // pairs
			"\x00" + "\x00\x03key" + "\x00\x03" + "k-1" +
			"\x03" + "\x00\x04data" + "\x00\x04" + "\x00\x02" + "\x00\x00" + // list, no pairs
			"\x01" + "\x00\x07undo_ms" + "\x00\x04" + "\x00\x00\x13\x88", // integer 5000
	},
	{
		"limits with a window for undo",
		frame.Frame{Kind: frame.KindLimits, Body: frame.Limits{PingSeconds: 30, MaxRequests: 8, UndoMillis: 10_000}.Body()},
		"\x11" + "\x00\x00\x00\x00" + // limits, number 0
			"\x00\x05" + // pairs
			"\x01" + "\x00\x0cping_seconds" + "\x00\x04" + "\x00\x00\x00\x1e" + // integer 30
			"\x01" + "\x00\x0cmax_requests" + "\x00\x04" + "\x00\x00\x00\x08" + // integer 8
			"\x01" + "\x00\x12cancel_by_customer" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x06vanity" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x07undo_ms" + "\x00\x04" + "\x00\x00\x27\x10", // integer 10000
	},
	{
		"kind 24, which is not known",
		frame.Frame{Kind: 24, Number: 3, Body: tkvlist.List{{Key: "new", Value: tkvlist.Int(1)}}},
		"\x18" + "\x00\x00\x00\x03" + // number 3
			"\x00\x01" + // pairs
			"\x01" + "\x00\x03new" + "\x00\x04" + "\x00\x00\x00\x01", // integer 1
	},
	{
		"kind 255, which is not known",
		frame.Frame{Kind: 255},
		"\xff" + "\x00\x00\x00\x00" + "\x00\x00",
	},
	{
		"subscribe to the history too",
		frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true, History: true}.Body()},
		"\x0d" + "\x00\x00\x00\x00" + // subscribe, number 0
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
		"\x0f" + "\x00\x00\x00\x00" + // identity, number 0
			"\x00\x02" + // pairs
			"\x00" + "\x00\x04name" + "\x00\x00" +
			"\x01" + "\x00\x07expires" + "\x00\x04" + "\x00\x00\x00\x00", // never
	},
	{
		"directory with a campaign group",
		frame.Frame{Kind: frame.KindDirectory, Body: frame.Directory{CampaignGroups: []frame.CampaignGroup{
			{Campaign: 1001, Group: 501, OCS: 201},
		}}.Bodies()[0]},
		"\x0c" + "\x00\x00\x00\x00" + // directory, number 0
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0ecampaign_group" + "\x00\x2f" + "\x00\x2d" + // list, 45 bytes
			"\x00\x03" + // pairs
			"\x01" + "\x00\x08campaign" + "\x00\x04" + "\x00\x00\x03\xe9" + // integer 1001
			"\x01" + "\x00\x05group" + "\x00\x04" + "\x00\x00\x01\xf5" + // integer 501
			"\x01" + "\x00\x03ocs" + "\x00\x04" + "\x00\x00\x00\xc9", // integer 201
	},
}

func TestGolden(t *testing.T) {
	if len(golden) != int(frame.KindHeld) {
		t.Errorf("%d golden frames, want one of each kind", len(golden))
	}
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

// Who sends one packed list to many gets the bytes that Append gives.
func TestAppendPackedBody(t *testing.T) {
	data := (&commdn.DoNotCall{Phone: "555"}).UserData()
	packed, err := tkvlist.AppendPack(nil, data)
	if err != nil {
		t.Fatal(err)
	}
	type appended func(dst []byte, k frame.Kind, number uint32, packed []byte) ([]byte, error)
	tests := []struct {
		name string
		as   appended
		same frame.Frame
	}{
		{"answer", frame.AppendData, frame.Frame{Kind: frame.KindAnswer, Number: 1, Body: frame.Answer{Data: data}.Body()}},
		{"outcome", frame.AppendData, frame.Frame{Kind: frame.KindOutcome, Number: 1<<32 - 1, Body: frame.Outcome{Data: data}.Body()}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.as([]byte("before"), test.same.Kind, test.same.Number, packed)
			want, wantErr := test.same.Append([]byte("before"))
			if err != nil || wantErr != nil || !bytes.Equal(got, want) {
				t.Errorf("appended\n%q, %v, want\n%q, %v", got, err, want, wantErr)
			}
			room := make([]byte, 0, len(got))
			if n := testing.AllocsPerRun(100, func() { _, _ = test.as(room, test.same.Kind, test.same.Number, packed) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
	// The longest list that fits, and one more byte. A list of one string takes 8 bytes beside the string.
	for _, test := range []struct {
		name string
		as   appended
		kind frame.Kind
		most int
	}{
		{"data", frame.AppendData, frame.KindOutcome, tkvlist.DefaultMaxBytes - 13},
	} {
		for over := range 2 {
			long, err := tkvlist.Limits{MaxBytes: tkvlist.MaxBytes}.AppendPack(nil, tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", test.most-8+over))}})
			if err != nil || len(long) != test.most+over {
				t.Fatalf("%d bytes, %v", len(long), err)
			}
			got, err := test.as([]byte("before"), test.kind, 1, long)
			var limit *tkvlist.LimitError
			if over == 0 {
				if err == nil {
					_, err = frame.Decode(got[len("before"):])
				}
				if err != nil || len(got) != len("before")+frame.MaxLen {
					t.Errorf("%s: %d bytes, %v", test.name, len(got), err)
				}
			} else if !errors.As(err, &limit) || string(got) != "before" {
				t.Errorf("%s, a byte too long: %d bytes, %v", test.name, len(got), err)
			}
		}
	}
}

func TestKindWithoutName(t *testing.T) {
	for k, want := range map[frame.Kind]string{0: "kind 0", 24: "kind 24", 255: "kind 255"} {
		if got := k.String(); got != want || k.Known() {
			t.Errorf("kind %d prints as %q, known %v, want %q", k, got, k.Known(), want)
		}
	}
}
