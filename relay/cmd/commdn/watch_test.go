package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
)

// Several campaigns, or all.
func TestCampaignWatchSeveral(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want []string }{
		{nil, []string{"Autumn offers", "Renewals"}},
		{[]string{"Autumn offers/Sales", "Renewals/Sales"}, []string{"Autumn offers", "Renewals"}},
		{[]string{"Renewals/Sales"}, []string{"Renewals"}},
	} {
		url, _ := simulation(t, patient)
		out, log := &safeBuffer{}, &safeBuffer{}
		ctx, interrupt := context.WithCancel(t.Context())
		ended := make(chan int, 1)
		go func() {
			ended <- run(&env{ctx: ctx, stdout: out, stderr: log}, with(url, append([]string{"campaign", "watch", "-o", "jsonl"}, c.args...)...))
		}()
		out.wait(t, `"campaign":"Renewals"`)
		for _, name := range []string{"Autumn offers/Sales", "Renewals/Sales"} {
			if code, _, stderr := invoke(t, "", with(url, "campaign", "load", name)...); code != 0 {
				t.Errorf("%s: %s", name, stderr)
			}
		}
		out.wait(t, `"event":"CM_EvCampaignLoaded","campaign":"Renewals"`)
		interrupt()
		if code := <-ended; code != 0 || log.String() != "" {
			t.Errorf("%v: exit %d, %s", c.args, code, log)
		}
		var loaded []string
		for _, text := range strings.Split(strings.TrimSpace(out.String()), "\n") {
			if e := object(t, text); e["event"] == "CM_EvCampaignLoaded" {
				loaded = append(loaded, e["campaign"].(string))
			}
		}
		if !slices.Equal(loaded, c.want) {
			t.Errorf("%v: %v", c.args, loaded)
		}
	}
}

// A watch ends by itself when its time is over, and that is no failure.
func TestWatchFor(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, patient)
	file := written(t, "autumn.yaml", autumn)
	if code, _, stderr := invoke(t, "", with(url, "sequence", "load", file, "--group", "Sales")...); code != 0 {
		t.Fatal(stderr)
	}
	for _, args := range [][]string{{"campaign", "watch"}, {"campaign", "watch", "1001/502"}, {"sequence", "watch", file, "--group", "Sales"}} {
		if code, stdout, stderr := invoke(t, "", with(url, append(args, "--for", "500ms", "-o", "json")...)...); code != 0 || strings.Contains(stdout, `"ok":false`) || stderr != "" {
			t.Errorf("%v: exit %d, %s%s", args, code, stdout, stderr)
		}
	}
}

// A time that is none is no watch without end.
func TestWatchForNothing(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"campaign", "watch"}, {"sequence", "watch", "autumn.yaml"}} {
		for _, given := range []string{"0s", "-1s"} {
			code, stdout, stderr := invoke(t, "", with("ws://127.0.0.1:1/ws", append(args, "--for="+given, "-o", "json")...)...)
			if code != exitUsage || object(t, stdout)["state"] != "usage" || !strings.Contains(stderr, "--for "+given+": give a time above 0, as 1h; without --for it watches until interrupted") {
				t.Errorf("%v --for %s: exit %d, %s%s", args, given, code, stdout, stderr)
			}
		}
	}
}

// A gap is a line of JSON among the events.
func TestWatchGap(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	e := &env{stdout: &out, stderr: &errs}
	for format, want := range map[string]bool{formatJSON: true, formatJSONL: true, formatTable: false} {
		out.Reset()
		errs.Reset()
		if err := (&watcher{output: format}).gap(e, "connection lost"); err != nil {
			t.Fatal(err)
		}
		if want && (object(t, out.String())["gap"] != "connection lost" || errs.Len() > 0) || !want && (errs.String() != "connection lost\n" || out.Len() > 0) {
			t.Errorf("%s: %s%s", format, &out, &errs)
		}
	}
}
