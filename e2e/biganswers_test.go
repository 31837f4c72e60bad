package e2e

import (
	"context"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// TestBigAnswers: a page gets what OCS answers, however long T-Server lets that be, in one
// result, and its connection stays. The test answers in place of OCS.
func TestBigAnswers(t *testing.T) {
	together(t)
	file := scenarioFile(t, &scenario.Scenario{
		TServer: scenario.TServer{MaxUserData: tkvlist.MaxBytes},
		CommDNs: []scenario.CommDN{{Number: "CommDN_1"}},
		Applications: []scenario.Application{
			{DBID: 101, Name: "commdn", Type: scenario.ThirdPartyServer},
			{DBID: 201, Type: scenario.OutboundContactServer}, // connected to nobody: silent
		},
	})
	tserverAddr := start(t, "sim", "--scenario", file, "--listen", "127.0.0.1:0", "--http", "off").says(`T-Server on ([^\s,]+)`)
	requests := make(chan commdn.Request, 100)
	ocs, err := tserver.New(tserver.Options{
		Driver: tlink.Driver{}, Servers: []string{tserverAddr}, CommDN: "CommDN_1", Application: "OCS_by_hand",
		OnUserEvent: func(l tkvlist.List) {
			if r, err := commdn.DecodeRequest(l); err == nil {
				requests <- r
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer ocs.Close()
	ocs.Start()
	answer := func(m commdn.Message) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		select {
		case <-requests:
		case <-ctx.Done():
			t.Fatal("no request comes")
		}
		*m.Addr() = commdn.Address{Origin: 201, Target: 101}
		if err := ocs.SendUserEvent(ctx, m.UserData()); err != nil {
			t.Fatal(err)
		}
	}

	d := &demo{process: start(t, "relay", "--listen", "127.0.0.1:0", "--tserver", tserverAddr, "--comm-dn", "CommDN_1", "--app-dbid", "101", "--ocs", "201", "--group", "501=North")}
	d.addr = d.says(demoURL)
	d.log.find(t, `(T-Server link is up)`)
	p := openAgent(t, d)
	p.eval(`window.handle = null; import("/commdn.js").then(async (api) => { handle = api.connect({ url: location.origin + "/" }); handle.on("sequence", (e) => (window.told ??= []).push(e)); await handle.ready; window.ready = true })`)
	p.wait(`window.ready`)

	p.eval(`window.refused = null; handle.doNotCall({ phone: "5550100001" }).catch((e) => refused = { message: e.message, code: e.code })`)
	answer(&commdn.Fault{Code: commdn.ErrorInvalidParameter, Phone: "5550100001", Message: strings.Repeat("ü", 30_000)})
	p.wait(`refused`)
	if got := get[string](p, `String(refused.code) + " " + refused.message.includes("ü…") + " " + (refused.message.length > 7000)`); got != "10 true true" {
		t.Errorf("the page is told %s", got)
	}

	long := &commdn.CampaignEvent{
		Event: commdn.EvCampaignStatus, CampaignGroup: commdn.CampaignGroup{Group: 501}, Status: commdn.StatusRunning, HasStatus: true,
		Sequence: &commdn.Sequence{Description: "a long day"},
	}
	for n := range 300 {
		long.Sequence.Items = append(long.Sequence.Items, commdn.SequenceItem{
			Campaign: commdn.DBID(n + 1), Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
		})
	}
	p.eval(`window.settled = null; handle.getCampaignStatus({ group: 501, sequence: { description: "a long day", start: new Date(Date.now() + 3600e3), items: [{ campaign: 1, dialing: { mode: 1, optimizeBy: 1, goal: 80 }, stopAtContacts: 5 }] } }).then((r) => settled = r, (e) => settled = { error: e.message })`)
	if got := get[string](p, `settled?.error ?? ""`); got != "" {
		t.Fatal(got)
	}
	answer(long)
	p.wait(`settled && window.told?.length`)
	for _, expression := range []string{
		`settled.error ?? (settled.event.sequence.items.length + " " + settled.event.sequence.items[299].campaign)`,
		`told[0].sequence.items.length + " " + told[0].sequence.items[299].campaign`,
	} {
		if got := get[string](p, "%s", expression); got != "300 300" {
			t.Errorf("%s: %s", expression, got)
		}
	}
	if got := get[string](p, `handle.status.state`); got != "connected" {
		t.Errorf("the connection is %s", got)
	}
	p.forget("sim/api/trace") // only the demo has it
	p.clean()
	d.terminate()
}
