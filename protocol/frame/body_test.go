package frame_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// trip packs a body, puts unknown keys around it, and unpacks it again.
func trip(t *testing.T, body tkvlist.List) tkvlist.List {
	t.Helper()
	around := append(tkvlist.List{{Key: "new", Value: tkvlist.Int(1)}}, body...)
	around.Add("newer", tkvlist.Nested(body))
	packed, err := frame.Frame{Kind: frame.KindLink, Body: around}.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := frame.Decode(packed)
	if err != nil {
		t.Fatal(err)
	}
	return f.Body
}

func TestHelloBody(t *testing.T) {
	for _, h := range []frame.Hello{
		{}, {Agent: "plugin 1.0 (Zoë)"}, {Token: "eyJ.eyJ.sig"}, {Agent: "a", Token: strings.Repeat("t", 5000)},
		{Resume: []frame.Resume{{"a", 1}, {strings.Repeat("~", frame.MaxKey), 1<<32 - 1}, {"a", 1 << 31}}},
	} {
		if got := frame.ReadHello(trip(t, h.Body())); !reflect.DeepEqual(got, h) {
			t.Errorf("read %+v, want %+v", got, h)
		}
	}
	if _, there := (frame.Hello{Agent: "a"}).Body().Get("token"); there {
		t.Error("a hello without a token sends one")
	}
}

func TestWelcomeBody(t *testing.T) {
	for _, w := range []frame.Welcome{
		{},
		{Relay: "r", Session: "s", Limits: frame.Limits{PingSeconds: 1 << 30, MaxRequests: 1 << 30, CancelByCustomer: true, Vanity: true}, Link: frame.Link{Up: true, Since: 1}},
		{OCS: []commdn.DBID{7, 7, 1 << 30}, Link: frame.Link{Since: 4294967295, Reason: "no T-Server"}},
	} {
		if got := frame.ReadWelcome(trip(t, w.Body())); !reflect.DeepEqual(got, w) {
			t.Errorf("read %+v, want %+v", got, w)
		}
	}
}

func TestLinkBody(t *testing.T) {
	for _, k := range []frame.Link{
		{},
		{Up: true, Since: 1700000000},
		{Since: 1<<31 - 1, Reason: "EventLinkDisconnected"}, // the last second of 31 bits
		{Since: 1 << 31}, // 2038-01-19 03:14:08 UTC
		{Up: true, Standby: true, Since: 7},
		{Up: true, Since: 1<<32 - 1}, // 2106-02-07 06:28:15 UTC
	} {
		if got := frame.ReadLink(trip(t, k.Body())); got != k {
			t.Errorf("read %+v, want %+v", got, k)
		}
	}
	if _, there := (frame.Link{Up: true}).Body().Get("reason"); there {
		t.Error("a link without a reason sends one")
	}
}

// A body may lack keys or hold them in another kind: the zero value stands.
func TestReadOddBodies(t *testing.T) {
	odd := tkvlist.List{}
	for _, key := range strings.Fields("agent relay session since ping_seconds max_requests cancel_by_customer vanity ocs link state reason code message key number resume data refusal token name role expires") {
		odd.Add(key, tkvlist.Binary([]byte{1}))
	}
	for _, l := range []tkvlist.List{nil, odd} {
		if got := frame.ReadHello(l); !reflect.DeepEqual(got, frame.Hello{}) {
			t.Errorf("hello %+v", got)
		}
		if got := frame.ReadWelcome(l); !reflect.DeepEqual(got, frame.Welcome{}) {
			t.Errorf("welcome %+v", got)
		}
		if got := frame.ReadLink(l); got != (frame.Link{}) {
			t.Errorf("link %+v", got)
		}
		if got := frame.ReadLimits(l); got != (frame.Limits{}) {
			t.Errorf("limits %+v", got)
		}
		if got := frame.ReadRequest(l); !reflect.DeepEqual(got, frame.Request{}) {
			t.Errorf("request %+v", got)
		}
		if got := frame.ReadQueued(l); got != (frame.Queued{}) {
			t.Errorf("queued %+v", got)
		}
		if got := frame.ReadAnswer(l); got.Data != nil {
			t.Errorf("answer %+v", got)
		}
		if got := frame.ReadOutcome(l); !reflect.DeepEqual(got, frame.Outcome{}) {
			t.Errorf("outcome %+v", got)
		}
		if got := frame.ReadRefusal(l); *got != (frame.Refusal{}) {
			t.Errorf("refusal %+v", got)
		}
		if got := frame.ReadRefresh(l); got != (frame.Refresh{}) {
			t.Errorf("refresh %+v", got)
		}
		if got := frame.ReadIdentity(l); !reflect.DeepEqual(got, frame.Identity{}) {
			t.Errorf("identity %+v", got)
		}
	}
	for _, state := range []string{"UP", "Standby", "half", ""} {
		if got := frame.ReadLink(tkvlist.List{{Key: "state", Value: tkvlist.String(state)}}); got.Up || got.Standby {
			t.Errorf("state %q counts as %+v, want down", state, got)
		}
	}
}

func TestCloseCodes(t *testing.T) {
	tests := []struct {
		code      frame.CloseCode
		value     int
		text      string
		reconnect bool
	}{
		{frame.CloseNormal, 1000, "normal", true},
		{frame.CloseAbnormal, 1006, "connection lost", true},
		{frame.CloseGoingAway, 4000, "relay going away", true},
		{frame.CloseHelloTimeout, 4001, "no hello in time", true},
		{frame.CloseIdle, 4002, "idle", true},
		{frame.CloseSlow, 4003, "slow reader", true},
		{frame.CloseTokenExpired, 4004, "token expired", true},
		{frame.CloseText, 4500, "text message", false},
		{frame.CloseMalformed, 4501, "malformed frame", false},
		{frame.CloseTooBig, 4502, "frame too big", false},
		{frame.CloseNoHello, 4503, "frame before hello", false},
		{frame.CloseSecondHello, 4504, "second hello", false},
		{frame.CloseDuplicate, 4505, "duplicate request number", false},
		{frame.CloseSubprotocol, 4506, "sub-protocol missing", false},
		{frame.CloseTokenRefused, 4507, "token refused", false},
		{frame.CloseTooFast, 4508, "too many messages", false},
		{frame.CloseUnchecked, 4005, "token cannot be checked now", true},
		{frame.CloseFull, 4006, "too many sessions", true},
		{frame.CloseEnded, 4509, "ended by an administrator", false},
		{1001, 1001, "close code 1001", true},
		{frame.CloseProtocol, 1002, "close code 1002", false},
		{1011, 1011, "close code 1011", true},
		{4499, 4499, "close code 4499", true},
		{4999, 4999, "close code 4999", false},
		{5000, 5000, "close code 5000", true},
	}
	for _, test := range tests {
		if int(test.code) != test.value || test.code.String() != test.text || test.code.Reconnect() != test.reconnect {
			t.Errorf("%d %s reconnect %v, want %d %s reconnect %v",
				int(test.code), test.code, test.code.Reconnect(), test.value, test.text, test.reconnect)
		}
	}
}

func TestCloseError(t *testing.T) {
	tests := []struct {
		err  frame.CloseError
		want string
	}{
		{frame.CloseError{Code: frame.CloseGoingAway}, "connection closed: relay going away (4000)"},
		{frame.CloseError{Code: frame.CloseGoingAway, Reason: "relay going away"}, "connection closed: relay going away (4000)"},
		{frame.CloseError{Code: frame.CloseMalformed, Reason: "kind 99"}, "connection closed: malformed frame (4501): kind 99"},
		{frame.CloseError{Code: 1011}, "connection closed: close code 1011 (1011)"},
	}
	for _, test := range tests {
		var err error = &test.err
		if err.Error() != test.want {
			t.Errorf("error %q, want %q", err, test.want)
		}
		var closed *frame.CloseError
		if !errors.As(err, &closed) {
			t.Errorf("%v is not found with errors.As", err)
		}
	}
}
