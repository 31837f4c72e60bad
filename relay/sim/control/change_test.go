package control_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"commdn/relay/sim/control"
)

// What a change does not name stays as it is.
func TestDoDialing(t *testing.T) {
	t.Parallel()
	r := start(t)
	goal := int32(25)
	load := control.Control{Campaign: 1002, Group: 502, Do: control.Load}
	before := must(r.DoDialing(r.context(), load, control.DialingChange{}))(t).Dialing
	if before == nil || before.Goal == goal {
		t.Fatalf("loaded: %+v", before)
	}
	load.Do = control.Start
	got := must(r.DoDialing(r.context(), load, control.DialingChange{Goal: &goal}))(t).Dialing
	if want := (control.Dialing{Mode: before.Mode, OptimizeBy: before.OptimizeBy, Goal: goal}); got == nil || *got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// Nobody is there whose dialing could change.
	if _, err := r.DoDialing(r.context(), control.Control{Campaign: 9, Group: 502, Do: control.Start}, control.DialingChange{Goal: &goal}); !errors.Is(err, control.ErrDialingUnknown) {
		t.Errorf("an unknown campaign: %v", err)
	}
}

func TestChangeClock(t *testing.T) {
	t.Parallel()
	r := start(t)
	at := must(r.ChangeClock(r.context(), nil, 0))(t).Now
	speed := 0.0
	now := must(r.ChangeClock(r.context(), &speed, time.Hour))(t)
	if now.Speed != 0 || !now.Now.Equal(at.Add(time.Hour)) {
		t.Errorf("%+v, want %s", now, at.Add(time.Hour))
	}
}

// Serve ends with its context, and so does a stream that somebody reads.
func TestServe(t *testing.T) {
	t.Parallel()
	r := start(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client := must(control.Dial("http://" + l.Addr().String() + "/"))(t)
	ctx, end := context.WithCancel(r.context())
	served, traced := make(chan error, 1), make(chan error, 1)
	go func() { served <- control.Serve(ctx, l, control.Options{Sim: r.sim}) }()
	ready := make(chan struct{})
	go func() { traced <- client.Trace(r.context(), func() { close(ready) }, func(control.Event) {}) }()
	<-ready
	end()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := <-traced; err != nil {
		t.Errorf("the stream: %v", err)
	}
	// A listener that has failed is said.
	if err := control.Serve(r.context(), l, control.Options{Sim: r.sim}); err == nil {
		t.Error("served on a closed listener")
	}
}
