package control_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

var began = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func TestState(t *testing.T) {
	t.Parallel()
	r := start(t)
	s := must(r.State(r.context()))(t)
	for i := range s.TServers {
		slices.SortFunc(s.TServers[i].Clients, func(a, b control.TServerClient) int { return strings.Compare(a.Application, b.Application) })
		for j := range s.TServers[i].Clients {
			c := &s.TServers[i].Clients[j]
			if c.Addr == "" || c.Since.IsZero() {
				t.Errorf("client %+v", c)
			}
			c.Addr, c.Since = "", time.Time{}
		}
	}
	no := false
	yes := true
	relay := []control.Object{{DBID: 101, Name: "relay"}}
	up := []control.CommDNState{{Number: "CommDN_1", Up: true}}
	want := control.State{
		Scenario: "test", Description: "What the tests of this package work with", Seed: 7, Version: "commdn/test",
		Clock: control.Clock{Now: began},
		TServers: []control.TServer{
			{Addr: r.sim.Addr(), Role: control.RolePrimary, LinkUp: true, Clients: []control.TServerClient{
				{Application: "OCS_201", DNs: []string{"CommDN_1"}}, {Application: "OCS_202", DNs: []string{"CommDN_1"}},
			}},
			{Addr: r.sim.BackupAddr(), Role: control.RoleBackup, LinkUp: true, Clients: []control.TServerClient{}},
		},
		CommDNs: []control.CommDN{
			{Number: "CommDN_1", Tenant: 1, OCS: []commdn.DBID{201, 202}},
			{Number: "CommDN_2", Tenant: 1, Disabled: true, OutboundContactServer: &yes, OCS: []commdn.DBID{}},
			{Number: "CommDN_3", Tenant: 1, OutboundContactServer: &no, OCS: []commdn.DBID{}},
		},
		OCS: []control.OCS{
			{DBID: 201, Name: "OCS_201", Connected: relay, Licensed: []string{"CFGDMPredict", "CFGDMProgress"}, CommDNs: up},
			{DBID: 202, Name: "OCS_202", Connected: relay, Licensed: []string{}, CommDNs: up},
		},
		Tenants: []control.Object{{DBID: 1, Name: "Resources"}, {DBID: 2, Name: "Other"}},
		Groups: []control.Group{
			{Object: control.Object{DBID: 501, Name: "Service"}, Tenant: 1, Agents: 20},
			{Object: control.Object{DBID: 502, Name: "Sales"}, Tenant: 1, Agents: scenario.DefaultAgents},
		},
		Counts: control.Counts{Records: 1043, DNC: 1, CampaignGroups: map[string]int{"CM_GCS_NotLoaded": 2}},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("state\n%+v\nwant\n%+v", s, want)
	}
	if err := r.Health(r.context()); err != nil {
		t.Error(err)
	}
}

func TestCampaigns(t *testing.T) {
	t.Parallel()
	r := start(t)
	id := commdn.CampaignGroup{Campaign: 1001, Group: 501}
	want := control.CampaignGroup{
		Campaign: 1001, CampaignName: "Autumn", Group: 501, GroupName: "Service", OCS: 201, Tenant: 1, Status: "CM_GCS_NotLoaded",
		Dialing: &control.Dialing{Mode: "CFGDMPredict", OptimizeBy: "CFGOMBusyFactor", Goal: 80}, Agents: 20,
		Lists: []control.List{
			{DBID: 602, Name: "Made", Records: 1000, Counts: map[string]int{"ready": 1000, "retrieved": 0, "updated": 0, "canceled": 0, "chain-updated": 0}},
			{DBID: 601, Name: "Written", Records: 3, Counts: map[string]int{"ready": 3, "retrieved": 0, "updated": 0, "canceled": 0, "chain-updated": 0}},
		},
	}
	if g, ok, err := r.CampaignGroup(r.context(), id); err != nil || !ok || !reflect.DeepEqual(g, want) {
		t.Fatalf("%+v, %v, %v, want\n%+v", g, ok, err, want)
	}
	if g, ok, err := r.CampaignGroup(r.context(), commdn.CampaignGroup{Campaign: 1, Group: 2}); ok || err != nil {
		t.Errorf("%+v, %v, of a campaign group that is none", g, err)
	}
	on := true
	progress := &control.Dialing{Mode: "progress", OptimizeBy: "CFGOMWaitTime", Goal: 30}
	told := &control.Dialing{Mode: "CFGDMProgress", OptimizeBy: "CFGOMWaitTime", Goal: 30}
	for _, step := range []struct {
		do      string
		dialing *control.Dialing
		auto    *bool
		status  string
		code    commdn.ErrorCode // 0: done
		now     *control.Dialing
	}{
		{do: control.Start, code: commdn.ErrorCampaignNotLoaded},
		{do: control.Load, dialing: &control.Dialing{Mode: "power-gvp", OptimizeBy: "busy-factor", Goal: 50}, code: commdn.ErrorLicenseViolation},
		{do: control.Load, status: "CM_GCS_Active", now: want.Dialing},
		{do: control.Load, code: commdn.ErrorCampaignAlreadyLoaded},
		{do: control.Set, dialing: progress, code: commdn.ErrorCampaignNotStarted},
		{do: control.Start, auto: &on, status: "CM_GCS_Running", now: want.Dialing},
		{do: control.Start, code: commdn.ErrorCampaignAlreadyStarted},
		{do: control.Set, dialing: progress, status: "CM_GCS_Running", now: told},
		{do: control.Stop, status: "CM_GCS_Active", now: told},
		{do: control.ForceUnload, status: "CM_GCS_NotLoaded"},
	} {
		g, err := r.Do(r.context(), control.Control{Campaign: 1001, Group: 501, Do: step.do, Dialing: step.dialing, AutoCompletion: step.auto})
		if step.code != 0 {
			e := refused(t, err, http.StatusConflict, "OCS 201 refused: "+step.code.String())
			if e.Code != step.code || e.Name != step.code.String() {
				t.Errorf("%s: %+v", step.do, e)
			}
			continue
		}
		if err != nil || g.Status != step.status || step.now != nil && !reflect.DeepEqual(g.Dialing, step.now) {
			t.Errorf("%s: %v, %+v", step.do, err, g)
		}
		if step.auto != nil && (g.AutoCompletion == nil || *g.AutoCompletion != *step.auto) {
			t.Errorf("%s: auto completion %v", step.do, g.AutoCompletion)
		}
		if !g.Changed.Equal(began) {
			t.Errorf("%s: changed %v", step.do, g.Changed)
		}
	}

	// What is in no configuration, OCS itself refuses.
	_, err := r.Do(r.context(), control.Control{Campaign: 9, Group: 501, Do: control.Load})
	refused(t, err, http.StatusConflict, "CM_ERROR_CAMPAIGN_NOT_FOUND (3)")
	_, err = r.Do(r.context(), control.Control{Campaign: 1002, Group: 501, Do: control.Load})
	refused(t, err, http.StatusConflict, "CM_ERROR_GROUP_CAMP_NOT_FOUND (9)")
	// And the other OCS has its own.
	if g := must(r.Do(r.context(), control.Control{Campaign: 1002, Group: 502, Do: control.Load}))(t); g.OCS != 202 || g.Status != "CM_GCS_Active" || g.Dialing.Goal != 10 {
		t.Errorf("%+v", g)
	}
}

func TestDialing(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, do := range []string{control.Load, control.Start} {
		must(r.Do(r.context(), control.Control{Campaign: 1001, Group: 501, Do: do}))(t)
	}
	now := must(r.Advance(r.context(), 20*time.Second))(t)
	if !now.Now.Equal(began.Add(20*time.Second)) || now.Speed != 0 {
		t.Errorf("clock %+v", now)
	}
	g, _, err := r.CampaignGroup(r.context(), commdn.CampaignGroup{Campaign: 1001, Group: 501})
	if err != nil || g.Dials < 150 || g.Contacts == 0 || g.Ringing+g.Talking == 0 || g.Rate <= 0 {
		t.Errorf("after 20 s of 10 dials a second: %v, %+v", err, g)
	}
	counts := g.Lists[0].Counts
	if counts["ready"]+counts["retrieved"]+counts["updated"] != 1000 || counts["updated"] == 0 || counts["retrieved"] == 0 {
		t.Errorf("counts %v", counts)
	}
	page := must(r.Records(r.context(), control.Query{List: 602, Status: "updated", Limit: 1000}))(t)
	if page.Total != counts["updated"] || len(page.Records) != page.Total {
		t.Errorf("%d of %d updated records, %d counted", len(page.Records), page.Total, counts["updated"])
	}
	for _, record := range page.Records {
		if record.Status != "updated" || record.Result == "unknown" || record.Attempts != 1 || record.Dialed.Before(began) || record.Dialed.After(now.Now) {
			t.Fatalf("%+v", record)
		}
	}
}

// A sequence that an application has loaded is listed, and can be controlled.
func TestSequence(t *testing.T) {
	t.Parallel()
	r := start(t)
	_, err := r.Do(r.context(), control.Control{Group: 501, Do: control.Unload})
	refused(t, err, http.StatusNotFound, "no OCS has it")

	app := simtest.Connect(t, r.sim.CommDN(), r.sim.Addr())
	dialing := commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	app.Send((&commdn.LoadCampaign{
		Address: commdn.Address{Origin: 101, Target: 201}, CampaignGroup: commdn.CampaignGroup{Group: 501}, Dialing: dialing,
		Sequence: &commdn.Sequence{Description: "Spring", Start: began.Add(time.Hour).Unix(), Items: []commdn.SequenceItem{
			{Campaign: 1001, Dialing: dialing, StopAtDials: 50, SleepBeforeNextStart: 5, StopAtTime: began.Add(2 * time.Hour).Unix()},
		}},
	}).UserData())
	app.Answer()
	g, ok, err := r.CampaignGroup(r.context(), commdn.CampaignGroup{Group: 501})
	if err != nil || !ok || g.GroupName != "Service" || g.OCS != 201 || g.Sequence == nil || len(g.Sequence.Items) != 1 {
		t.Fatalf("%v, %v, %+v", ok, err, g)
	}
	item := g.Sequence.Items[0]
	if g.Sequence.Description != "Spring" || !g.Sequence.Start.Equal(began.Add(time.Hour)) || item.CampaignName != "Autumn" || item.StopAtDials != 50 ||
		item.SleepMinutes != 5 || !item.StopAtTime.Equal(began.Add(2*time.Hour)) || item.Dialing.Mode != "CFGDMPredict" {
		t.Errorf("%+v", g.Sequence)
	}
	if _, err := r.Do(r.context(), control.Control{Group: 501, Do: control.ForceUnload}); err != nil {
		t.Error(err)
	}
	if _, ok, err := r.CampaignGroup(r.context(), commdn.CampaignGroup{Group: 501}); ok || err != nil {
		t.Errorf("the sequence is there after it was unloaded: %v", err)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	r := start(t)
	written := []control.Record{
		{List: 601, ID: 1, Phone: "5551", CustomerID: "C-1", Chain: 1, Status: "ready", Result: "unknown"},
		{List: 601, ID: 2, Phone: "5552", CustomerID: "C-1", Chain: 1, Status: "ready", Result: "unknown"},
		{List: 601, ID: 3, Phone: "5553", Status: "ready", Result: "unknown"},
	}
	for _, c := range []struct {
		query control.Query
		count int // of records in the answer
		total int
		first control.Record // if not zero
	}{
		{query: control.Query{List: 601}, count: 3, total: 3, first: written[0]},
		{query: control.Query{List: 601, Offset: 1, Limit: 1}, count: 1, total: 3, first: written[1]},
		{query: control.Query{List: 601, Offset: 7}, count: 0, total: 3},
		{query: control.Query{Phone: "5553"}, count: 1, total: 1, first: written[2]},
		{query: control.Query{CustomerID: "C-1"}, count: 2, total: 2, first: written[0]},
		{query: control.Query{Phone: "none"}, count: 0, total: 0},
		{query: control.Query{Status: "canceled"}, count: 0, total: 0},
		{query: control.Query{}, count: control.DefaultLimit, total: 1043},
		{query: control.Query{Limit: control.MaxLimit}, count: 1000, total: 1043},
		{query: control.Query{Offset: 1000, Limit: 10}, count: 10, total: 1043},      // of two OCS
		{query: control.Query{Offset: 1040, Limit: 100}, count: 3, total: 1043},      // of the second
		{query: control.Query{Status: "ready", Limit: 5}, count: 5, total: 1043},     // the total is that of all
		{query: control.Query{List: 603, Offset: 39, Limit: 5}, count: 1, total: 40}, // of the second alone
	} {
		t.Run(fmt.Sprintf("%+v", c.query), func(t *testing.T) {
			page := must(r.Records(r.context(), c.query))(t)
			if len(page.Records) != c.count || page.Total != c.total || page.Offset != c.query.Offset || page.Records == nil {
				t.Errorf("%d of %d records from %d", len(page.Records), page.Total, page.Offset)
			}
			if c.first != (control.Record{}) && page.Records[0] != c.first {
				t.Errorf("%+v, want %+v", page.Records[0], c.first)
			}
		})
	}
}

// A record on an agent's desktop is not dialed.
func TestCheckOut(t *testing.T) {
	t.Parallel()
	r := start(t)
	record := must(r.CheckOut(r.context(), 603, 7, true))(t)
	if record.List != 603 || record.ID != 7 || !record.OnDesktop {
		t.Errorf("%+v", record)
	}
	for _, do := range []string{control.Load, control.Start} {
		must(r.Do(r.context(), control.Control{Campaign: 1002, Group: 502, Do: do}))(t)
	}
	must(r.Advance(r.context(), 8*time.Hour))(t)
	page := must(r.Records(r.context(), control.Query{List: 603, Status: "ready"}))(t)
	if page.Total != 1 || page.Records[0].ID != 7 {
		t.Errorf("ready after a day's work: %+v", page)
	}
	if record := must(r.CheckOut(r.context(), 603, 7, false))(t); record.OnDesktop {
		t.Errorf("given back: %+v", record)
	}
	for _, c := range []struct {
		list commdn.DBID
		id   int
		want string
	}{
		{609, 1, "no calling list 609; there are 3, from 601 to 603"},
		{0, 1, "no calling list 0"},
		{601, 4, "no record 4; it has 3"},
		{601, 0, "no record 0"},
		{601, -1, "no record -1"},
	} {
		_, err := r.CheckOut(r.context(), c.list, c.id, true)
		refused(t, err, http.StatusNotFound, c.want)
	}
}

func TestDNC(t *testing.T) {
	t.Parallel()
	r := start(t)
	e := must(r.Forbid(r.context(), control.Forbidden{Phone: "5551", CustomerID: "C-1"}))(t)
	if e != (control.Entry{Phone: "5551", CustomerID: "C-1", Tenant: 1, Time: began}) {
		t.Errorf("%+v", e)
	}
	must(r.Advance(r.context(), time.Minute))(t)
	must(r.Forbid(r.context(), control.Forbidden{Phone: "5551", CustomerID: "C-1"}))(t) // again
	must(r.Forbid(r.context(), control.Forbidden{CustomerID: "C-1"}))(t)
	all := must(r.DNC(r.context()))(t)
	want := []control.Entry{
		{CustomerID: "C-9", Tenant: 1, Time: began}, {Phone: "5551", CustomerID: "C-1", Tenant: 1, Time: began},
		{CustomerID: "C-1", Tenant: 1, Time: began.Add(time.Minute)},
	}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("%+v, want %+v", all, want)
	}
	for query, count := range map[string]int{"?phone=5551": 1, "?phone=": 2, "?customer_id=C-1": 2, "?phone=5551&customer_id=C-2": 0, "?limit=2": 2, "": 3} {
		answer, text := r.ask("GET", "api/dnc"+query, "")
		if answer.StatusCode != 200 || !strings.HasPrefix(text, "[") || strings.Count(text, "{") != count {
			t.Errorf("%s: %d %s", query, answer.StatusCode, text)
		}
	}
	// An operator takes an entry off; what another entry forbids stays forbidden.
	if err := r.Allow(r.context(), control.Forbidden{Phone: "5551", CustomerID: "C-1", Tenant: 1}); err != nil {
		t.Error(err)
	}
	refused(t, r.Allow(r.context(), control.Forbidden{Phone: "5551", CustomerID: "C-1"}), http.StatusNotFound, "no such entry")
	if all := must(r.DNC(r.context()))(t); !reflect.DeepEqual(all, []control.Entry{want[0], want[2]}) {
		t.Errorf("after the removal %+v", all)
	}
	if answer, text := r.ask("DELETE", "api/dnc?phone=1&tenant=x", ""); answer.StatusCode != 400 {
		t.Errorf("a tenant that is none: %d %s", answer.StatusCode, text)
	}
	// What OCS checks is that list: the record of a customer is not dialed.
	for _, do := range []string{control.Load, control.Start} {
		must(r.Do(r.context(), control.Control{Campaign: 1001, Group: 501, Do: do}))(t)
	}
	must(r.Advance(r.context(), time.Hour))(t)
	for _, record := range must(r.Records(r.context(), control.Query{CustomerID: "C-1"}))(t).Records {
		if record.Attempts != 0 || record.Result != "do-not-call" {
			t.Errorf("%+v", record)
		}
	}
}
