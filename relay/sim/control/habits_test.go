package control_test

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"commdn/relay/habits"
	"commdn/relay/sim/control"
)

// Habits are those of one OCS or of all, a refused change changes nothing, and a
// reset takes all back.
func TestHabits(t *testing.T) {
	t.Parallel()
	text := strings.Replace(installation, "ocs: {licensed", "ocs: {echo_on_error: true, backup: 211, licensed", 1)
	r := startWith(t, text, func(o control.Options) http.Handler { return control.Handler(o) })
	first := control.Habits{OCS: 201, Backup: 211, Active: 201, Habits: habits.Habits{EchoOnError: true}}
	second := control.Habits{OCS: 202, Active: 202}
	want := func(step string, got []control.Habits, want ...control.Habits) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v", step, got, want)
		}
	}
	want("start", must(r.Habits(r.context()))(t), first, second)

	strange, _ := habits.Preset(habits.Strange)
	odd := strange
	odd.NoEcho, odd.NItems = true, ""
	got := must(r.SetHabits(r.context(), control.SetHabits{OCS: 202, As: habits.Strange, Set: json.RawMessage(`{"no_echo": true, "n_items": ""}`)}))(t)
	want("one", got, control.Habits{OCS: 202, Active: 202, Habits: odd})
	_, err := r.SetHabits(r.context(), control.SetHabits{As: habits.Plain, Set: json.RawMessage(`{"n_items": "few"}`)})
	refused(t, err, 400, `habit n_items: is "few"; give absent or wrong`)
	want("refused", must(r.Habits(r.context()))(t), first, control.Habits{OCS: 202, Active: 202, Habits: odd})

	over := first
	over.Active, over.Habits.BackupDBID = 211, 211
	want("takeover", must(r.TakeOver(r.context(), 0))(t), over)
	want("all", must(r.SetHabits(r.context(), control.SetHabits{Set: json.RawMessage(`{"target_0": true}`)}))(t),
		control.Habits{OCS: 201, Backup: 211, Active: 211, Habits: habits.Habits{EchoOnError: true, BackupDBID: 211, Target0: true}},
		control.Habits{OCS: 202, Active: 202, Habits: odd})
	must(r.Reset(r.context()))(t)
	want("reset", must(r.Habits(r.context()))(t), first, second)
}

// The trace names the events of a strange OCS too.
func TestTraceOfAStrangeOCS(t *testing.T) {
	t.Parallel()
	r := start(t)
	must(r.SetHabits(r.context(), control.SetHabits{As: habits.Strange}))(t)
	ctx, cancel := context.WithCancel(r.context())
	defer cancel()
	ready, events := make(chan struct{}), make(chan control.Event, 10)
	ended := make(chan error, 1)
	go func() { ended <- r.Trace(ctx, func() { close(ready) }, func(e control.Event) { events <- e }) }()
	<-ready
	must(r.Do(r.context(), control.Control{Campaign: 1001, Group: 501, Do: control.Load}))(t)
	if e := <-events; e.Message != "CM_EvCampaignStatus" || e.From != "ocs" || !strings.Contains(e.Text, "'GSW_CM_MessageType'\t'24'") {
		t.Errorf("%+v", e)
	}
	cancel()
	<-ended
}
