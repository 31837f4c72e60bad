package control_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

func TestClock(t *testing.T) {
	t.Parallel()
	r := start(t)
	if c := must(r.Advance(r.context(), 90*time.Minute+time.Nanosecond))(t); !c.Now.Equal(began.Add(90*time.Minute + time.Nanosecond)) {
		t.Errorf("%+v", c)
	}
	if c := must(r.SetSpeed(r.context(), 60))(t); c.Speed != 60 {
		t.Errorf("%+v", c)
	}
	// The speed changes first.
	answer, text := r.ask("POST", "api/clock", `{"advance": "24h", "speed": 0}`, "Content-Type", "application/json")
	c := must(r.Clock(r.context()))(t)
	if answer.StatusCode != 200 || c.Speed != 0 || c.Now.Before(began.Add(25*time.Hour)) {
		t.Errorf("%d %s, %+v", answer.StatusCode, text, c)
	}
	if again := must(r.Clock(r.context()))(t); !again.Now.Equal(c.Now) {
		t.Errorf("a clock that stands still: %v, then %v", c.Now, again.Now)
	}
	_, err := r.Advance(r.context(), control.MaxAdvance+1)
	refused(t, err, http.StatusBadRequest, "advance: 744h0m0.000000001s is not from 0 to 744h0m0s")
	_, err = r.SetSpeed(r.context(), -1)
	refused(t, err, http.StatusBadRequest, "speed: -1 is not from 0 to 10000")
}

// Others are served while the clock is moved, and a reset ends that.
func TestResetDuringAdvance(t *testing.T) {
	t.Parallel()
	r := start(t)
	moved := make(chan error, 1)
	for range 100 { // it may be over before it can be reset
		go func() {
			_, err := r.Advance(r.context(), control.MaxAdvance)
			moved <- err
		}()
		for now := began; now.Equal(began) && len(moved) == 0; {
			now = must(r.Clock(r.context()))(t).Now
		}
		if c := must(r.Reset(r.context()))(t); !c.Now.Equal(began) {
			t.Errorf("after the reset %+v", c)
		}
		err := <-moved
		if now := must(r.Clock(r.context()))(t).Now; !now.Equal(began) {
			t.Errorf("the clock went on after the reset, to %v", now)
		}
		if err != nil {
			refused(t, err, http.StatusConflict, "the simulation was reset when the clock had been moved by ")
			return
		}
	}
	t.Error("no reset came while the clock was moved")
}

func TestFaults(t *testing.T) {
	t.Parallel()
	r := start(t)
	delay := scenario.Fault{Do: scenario.Delay, Latency: 20 * time.Millisecond, Jitter: 10 * time.Millisecond, Percent: 50, Request: commdn.ReqDoNotCall, Phone: "5559"}
	first := control.Fault{ID: 1, Fault: delay}
	if all := must(r.Faults(r.context()))(t); !reflect.DeepEqual(all, []control.Fault{first}) {
		t.Errorf("at first %+v", all)
	}
	refuse := scenario.Fault{Do: scenario.Refuse, Error: commdn.ErrorLicenseViolation, OCS: 201, Times: 1}
	drop := scenario.Fault{Do: scenario.Drop, Campaign: 1001}
	later := scenario.Fault{Do: scenario.Unregister, After: 1000, Application: "nobody"}
	for i, f := range []scenario.Fault{refuse, drop, later} {
		if set := must(r.AddFault(r.context(), f))(t); set != (control.Fault{ID: i + 2, Fault: f}) {
			t.Errorf("%+v", set)
		}
	}
	_, text := r.ask("GET", "api/faults", "")
	if want := `{"campaign":1001,"do":"drop","happened":0,"id":3}`; !strings.Contains(text, want) {
		t.Errorf("%s\nhas no %s", text, want)
	}

	// It happens, is counted, and a fault that is spent is gone.
	app := simtest.Connect(t, r.sim.CommDN(), r.sim.Addr())
	request := simtest.DoNotCall("5551", "")
	request.Target = 201
	app.Send(request.UserData())
	if fault, ok := app.Answer().(*commdn.Fault); !ok || fault.Code != commdn.ErrorLicenseViolation {
		t.Errorf("%+v", fault)
	}
	if all := must(r.Faults(r.context()))(t); len(all) != 3 || all[1].ID != 3 {
		t.Errorf("after that one has happened: %+v", all)
	}
	status := &commdn.GetCampaignStatus{Address: commdn.Address{Origin: 101, Target: 201}, CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 501}}
	app.Send(status.UserData())
	app.Send(request.UserData()) // served after it, and answered
	app.Answer()
	if all := must(r.Faults(r.context()))(t); all[1].Happened != 1 {
		t.Errorf("a fault has happened: %+v", all)
	}

	// One of T-Server happens at once.
	if set := must(r.AddFault(r.context(), scenario.Fault{Do: scenario.Switchover}))(t); set.ID != 0 || set.Happened != 1 {
		t.Errorf("%+v", set)
	}
	if s := must(r.State(r.context()))(t); s.TServers[0].Role != control.RoleBackup || s.TServers[1].Role != control.RolePrimary {
		t.Errorf("after a switchover: %+v", s.TServers)
	}
	if err := r.RemoveFault(r.context(), 3); err != nil {
		t.Error(err)
	}
	refused(t, r.RemoveFault(r.context(), 3), http.StatusNotFound, "there is no fault 3")
	if err := r.ClearFaults(r.context()); err != nil {
		t.Error(err)
	}
	if all := must(r.Faults(r.context()))(t); all == nil || len(all) != 0 {
		t.Errorf("after all were removed: %+v", all)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	r := start(t)
	before := must(r.State(r.context()))(t)
	campaigns := must(r.Campaigns(r.context()))(t)
	for _, do := range []string{control.Load, control.Start} {
		must(r.Do(r.context(), control.Control{Campaign: 1001, Group: 501, Do: do}))(t)
	}
	must(r.Forbid(r.context(), control.Forbidden{Phone: "5551"}))(t)
	must(r.CheckOut(r.context(), 603, 1, true))(t)
	must(r.AddFault(r.context(), scenario.Fault{Do: scenario.Drop}))(t)
	must(r.Advance(r.context(), time.Hour))(t)
	must(r.SetSpeed(r.context(), 3))(t)
	if c := must(r.Reset(r.context()))(t); !c.Now.Equal(began) || c.Speed != 0 {
		t.Errorf("%+v", c)
	}
	if after := must(r.State(r.context()))(t); !reflect.DeepEqual(after, before) {
		t.Errorf("state\n%+v\nbefore\n%+v", after, before)
	}
	after := must(r.Campaigns(r.context()))(t)
	for i := range after {
		after[i].Changed = campaigns[i].Changed
	}
	if !reflect.DeepEqual(after, campaigns) {
		t.Errorf("campaigns\n%+v\nbefore\n%+v", after, campaigns)
	}
	if page := must(r.Records(r.context(), control.Query{Status: "ready", List: 603}))(t); page.Total != 40 || page.Records[0].OnDesktop {
		t.Errorf("%+v", page)
	}
	if all := must(r.Faults(r.context()))(t); len(all) != 1 || all[0].Do != scenario.Delay {
		t.Errorf("%+v", all)
	}
	if answer, text := r.ask("POST", "api/reset", ""); answer.StatusCode != 200 {
		t.Errorf("without a body: %d %s", answer.StatusCode, text)
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	r := start(t)
	app := simtest.Connect(t, r.sim.CommDN(), r.sim.Addr())
	ctx, cancel := context.WithCancel(r.context())
	defer cancel()
	ready, events, ended := make(chan struct{}), make(chan control.Event, 100), make(chan error, 1)
	go func() {
		ended <- r.Trace(ctx, func() { close(ready) }, func(e control.Event) { events <- e })
	}()
	<-ready
	app.Send(simtest.DoNotCall("5551", "C-1").UserData())
	var got []string
	for range 3 {
		select {
		case e := <-events:
			got = append(got, strings.Join([]string{e.DN, e.From, e.Application, e.Message, e.Time.UTC().Format(time.RFC3339)}, " "))
			if !strings.HasPrefix(e.Text, "\tAttributeUserData\t[") || !strings.Contains(e.Text, "'GSW_PHONE'\t'5551'") || e.Missed != 0 {
				t.Errorf("%+v", e)
			}
		case <-time.After(simtest.Patience):
			t.Fatalf("%d events only", len(got))
		}
	}
	if got[1] > got[2] { // the OCS answer in any order
		got[1], got[2] = got[2], got[1]
	}
	want := []string{
		"CommDN_1 relay relay CM_ReqDoNotCall 2026-03-02T08:00:00Z",
		"CommDN_1 ocs OCS_201 CM_EvDoNotCallProcessed 2026-03-02T08:00:00Z",
		"CommDN_1 ocs OCS_202 CM_EvDoNotCallProcessed 2026-03-02T08:00:00Z",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("trace ended with %v", err)
	}
}

// The stream ends with the simulation, and healthz says that it is over.
func TestClosed(t *testing.T) {
	t.Parallel()
	r := start(t)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- r.Trace(r.context(), func() { close(ready) }, func(control.Event) {}) }()
	<-ready
	if err := r.sim.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(simtest.Patience):
		t.Error("the trace goes on")
	}
	refused(t, r.Health(r.context()), http.StatusServiceUnavailable, "T-Server on "+r.sim.Addr()+" is closed")
}
