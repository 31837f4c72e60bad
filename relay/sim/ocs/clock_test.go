package ocs_test

import (
	"reflect"
	"testing"
	"time"

	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/ocs"
)

func TestVirtualClock(t *testing.T) {
	clock := ocs.NewVirtualClock(simtest.Midnight)
	var got []string
	note := func(what string) func() {
		return func() { got = append(got, clock.Now().Format("05 ")+what) }
	}
	clock.AfterFunc(3*time.Second, note("third"))
	clock.AfterFunc(time.Second, func() {
		note("first")()
		clock.AfterFunc(time.Second, note("second, made by the first"))
		clock.AfterFunc(time.Hour, note("too late"))
	})
	clock.AfterFunc(3*time.Second, note("third too, made later"))
	stop := clock.AfterFunc(2*time.Second, note("stopped"))
	stop()
	stop()
	clock.AfterFunc(-time.Second, note("at once"))
	if len(got) != 0 {
		t.Errorf("without Advance: %q", got)
	}
	clock.Advance(10 * time.Second)
	want := []string{"00 at once", "01 first", "02 second, made by the first", "03 third", "03 third too, made later"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if now := clock.Now(); !now.Equal(simtest.Midnight.Add(10 * time.Second)) {
		t.Errorf("now %s", now)
	}
}
