package tserver

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
)

type noDriver struct{ Driver }

func valid() Options {
	return Options{Driver: noDriver{}, Servers: []string{"primary", "backup"}, CommDN: "CommDN_1", Application: "relay"}
}

func TestOptionsRefused(t *testing.T) {
	tests := []struct {
		option, what string
		change       func(*Options)
	}{
		{"Driver", "is missing", func(o *Options) { o.Driver = nil }},
		{"Servers", "is empty", func(o *Options) { o.Servers = nil }},
		{"Servers", "has no address at position 2", func(o *Options) { o.Servers[1] = " " }},
		{"CommDN", "is empty", func(o *Options) { o.CommDN = "" }},
		{"CommDN", "has 256 bytes; at most 255", func(o *Options) { o.CommDN = strings.Repeat("1", 256) }},
		{"Application", "is empty", func(o *Options) { o.Application = "" }},
		{"KeepAlive", "has a Timeout of -1s; give one above 0", func(o *Options) { o.KeepAlive.Timeout = -time.Second }},
		{"MinBackoff or MaxBackoff", "is negative", func(o *Options) { o.MaxBackoff = -1 }},
		{"MinBackoff", "of 2s is above MaxBackoff of 1s", func(o *Options) { o.MinBackoff, o.MaxBackoff = 2*time.Second, time.Second }},
	}
	for _, test := range tests {
		o := valid()
		test.change(&o)
		l, err := New(o)
		var option *OptionError
		if l != nil || !errors.As(err, &option) || option.Option != test.option || !strings.HasPrefix(option.What, test.what) {
			t.Errorf("%s %s: %v", test.option, test.what, err)
		} else if want := "tserver: option " + test.option + " " + test.what; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("text = %s, want %s", err, want)
		}
	}
}

func TestOptionsCompleted(t *testing.T) {
	o := valid()
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	if o.MinBackoff != DefaultMinBackoff || o.MaxBackoff != DefaultMaxBackoff {
		t.Errorf("backoff from %s to %s", o.MinBackoff, o.MaxBackoff)
	}
	if want := (KeepAlive{4 * time.Second, 4 * time.Second}); o.KeepAlive != want {
		t.Errorf("KeepAlive %+v, want %+v", o.KeepAlive, want)
	}
	o.OnUserEvent(tkvlist.List{})
	o.OnState(State{})
	if o.Log.Enabled(t.Context(), slog.LevelError) {
		t.Error("logs somewhere")
	}
	o = valid()
	o.MinBackoff = time.Hour
	if err := o.complete(); err != nil || o.MaxBackoff != time.Hour {
		t.Errorf("MinBackoff above the default of MaxBackoff: %v, MaxBackoff %s", err, o.MaxBackoff)
	}
	o = valid()
	o.KeepAlive.Idle = -1
	if err := o.complete(); err != nil || o.KeepAlive.Idle != -1 {
		t.Errorf("keep-alive that is off: %v, Idle %s", err, o.KeepAlive.Idle)
	}
}

func TestBackoff(t *testing.T) {
	o := Options{MinBackoff: 100 * time.Millisecond, MaxBackoff: time.Second}
	for round, ceiling := range []time.Duration{
		100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, time.Second, time.Second,
	} {
		var longest time.Duration
		for range 1000 {
			wait := o.backoff(round)
			if wait <= 0 || wait > ceiling {
				t.Fatalf("round %d: %s is not in (0, %s]", round, wait, ceiling)
			}
			longest = max(longest, wait)
		}
		// All of 1000 fall into the lower half once in 10^301 runs.
		if longest <= ceiling/2 {
			t.Errorf("round %d: never above %s", round, longest)
		}
	}
	if wait := o.backoff(1 << 30); wait > time.Second {
		t.Errorf("much later: %s", wait)
	}
}

func TestErrorText(t *testing.T) {
	for _, test := range []struct {
		err  Error
		want string
	}{
		{Error{"RequestRegisterAddress", CodeNotConfigured, "DN is not configured"}, "tserver: RequestRegisterAddress refused with error 59: DN is not configured"},
		{Error{"RequestRegisterClient", -1, ""}, "tserver: RequestRegisterClient refused with error -1"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

// TestPermanent: what is about the request itself is permanent; what is about T-Server, its
// switch or the registration may pass, and so may what nobody knows.
func TestPermanent(t *testing.T) {
	for code, want := range map[int32]bool{
		CodeUnsupported: true, CodeInvalidAttr: true,
		40: false, CodeNotRegistered: false, 42: false, 43: false, 50: false, 52: false, CodeNoSwitch: false, 55: false, 56: false,
		57: false, 58: false, CodeNotConfigured: false, 118: false, 123: false, 128: false, 165: false, 0: false, -1: false, 9999: false,
	} {
		if got := (&Error{Code: code}).Permanent(); got != want {
			t.Errorf("code %d: %v", code, got)
		}
	}
}
