package main

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"commdn/relay/daemon"
	"commdn/relay/sim/scenario"
)

// journal asks a relay for its journal.
func (c *centre) journal(args ...string) (code int, stdout, stderr string) {
	return invoke(c.t, "", append(append([]string{"journal"}, args...), "--socket", cmp.Or(c.socket, c.path("admin.sock")))...)
}

func (c *centre) listed() []daemon.JournalItem {
	c.t.Helper()
	code, stdout, stderr := c.journal("list", "-o", "json")
	var all []daemon.JournalItem
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 0 {
		c.t.Fatalf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
	return all
}

// An administrator sees what OCS left unanswered, masked unless asked otherwise, and
// sends it again or takes it out.
func TestJournalCommands(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	id, err := c.sim.AddFault(scenario.Fault{Do: scenario.Drop})
	if err != nil {
		t.Fatal(err)
	}
	sent := listener(t, c.sim)
	file := c.config("journal: {folder: journal, attempts: 2, backoff: {min: 1ms, max: 1ms}}\nlimits: {answer_timeout: 1s}\n")
	relay := serving(t, "relay", "--config", file)
	relay.log.wait(t, "T-Server link is up")
	s := c.session(relay.webSocket(), "")
	for _, phone := range []string{"5550100001", "5550100002"} {
		if err := s.dnc(t, phone); err == nil || !strings.Contains(err.Error(), "put the request aside") {
			t.Fatalf("%v", err)
		}
	}
	all := c.listed()
	if len(all) != 2 || all[0].State != "put aside" || all[0].Tries != 2 || all[0].Phone == "5550100001" || !strings.HasSuffix(all[0].Phone, "01") {
		t.Fatalf("%+v", all)
	}
	if code, stdout, _ := invoke(t, "", "relay", "status", "--socket", c.path("admin.sock")); code != 0 || !strings.Contains(stdout, "0 wait; 2 put aside") {
		t.Errorf("status: exit %d: %s", code, stdout)
	}
	for _, args := range [][]string{{"retry"}, {"retry", all[0].ID, "--all"}, {"retry", all[0].ID, "--reason", "x"}} {
		if code, _, stderr := c.journal(args...); code != exitUsage {
			t.Errorf("%q: exit %d: %s", args, code, stderr)
		}
	}
	if code, stdout, _ := c.journal("retry", "--all", "--reason", "no such reason"); code != 0 || !strings.Contains(stdout, "0 requests are sent again") {
		t.Errorf("retry of none: exit %d: %s", code, stdout)
	}
	code, stdout, stderr := c.journal("show", all[0].ID[:10], "--plain")
	if code != 0 || !strings.Contains(stdout, "5550100001") || !strings.Contains(stdout, "after 2 attempts") {
		t.Errorf("show: exit %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, _ := c.journal("list"); code != 0 || strings.Contains(stdout, "5550100001") || !strings.Contains(stdout, "put aside") {
		t.Errorf("list: exit %d: %s", code, stdout)
	}
	if code, _, stderr := c.journal("retry", "ffffffffffff"); code != exitInvalid || !strings.Contains(stderr, "commdn journal list") {
		t.Errorf("retry of nothing: exit %d: %s", code, stderr)
	}
	if !c.sim.Faults().Remove(id) {
		t.Fatal("the fault is gone")
	}
	if code, stdout, stderr := c.journal("retry", all[0].ID); code != 0 {
		t.Fatalf("retry: exit %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, stderr := c.journal("drop", all[1].ID); code != 0 || strings.Contains(stdout, "5550100002") {
		t.Fatalf("drop: exit %d: %s%s", code, stdout, stderr)
	}
	for late := time.Now().Add(patience); len(c.listed()) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%+v", c.listed())
		}
	}
	if n := sent(); n["5550100001"] < 3 || n["5550100002"] != 2 {
		t.Errorf("sent %v times", n)
	}
	if status, text := page(t, "http://"+relay.address(t, "metrics")+"/metrics", ""); status != http.StatusOK || !strings.Contains(text, "commdn_journal_put_aside 0") || !strings.Contains(text, "commdn_journal_accepted_total 2") {
		t.Errorf("metrics: %d", status)
	}
	if strings.Contains(relay.log.String(), "555010000") {
		t.Error("the log has a number in plain text")
	}
}

// A relay without a journal says so.
func TestNoJournal(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	relay := serving(t, "relay", "--config", c.config(""))
	relay.log.wait(t, "commdn relay status")
	if code, _, stderr := c.journal("list"); code != exitInvalid || !strings.Contains(stderr, "this relay has no journal") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// All that OCS left unanswered is sent again at once, and the audit has each.
func TestJournalRetryAll(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	id, err := c.sim.AddFault(scenario.Fault{Do: scenario.Drop})
	if err != nil {
		t.Fatal(err)
	}
	file := c.config("journal: {folder: journal, attempts: 1}\nlimits: {answer_timeout: 1s}\n")
	relay := serving(t, "relay", "--config", file)
	relay.log.wait(t, "T-Server link is up")
	s := c.session(relay.webSocket(), "")
	phones := []string{"5550100001", "5550100002", "5550100003"}
	for _, phone := range phones {
		if err := s.dnc(t, phone); err == nil {
			t.Fatal("OCS has answered")
		}
	}
	if !c.sim.Faults().Remove(id) {
		t.Fatal("the fault is gone")
	}
	code, stdout, stderr := c.journal("retry", "--all", "--reason", "OCS")
	if code != 0 || !strings.Contains(stdout, "3 requests are sent again") || strings.Contains(stdout, "5550100001") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	for late := time.Now().Add(patience); len(c.listed()) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%+v", c.listed())
		}
	}
	code, stdout, stderr = invoke(t, "", "audit", "list", "--since", "1h", "-o", "json", "--socket", c.path("admin.sock"))
	if n := strings.Count(strings.ReplaceAll(stdout, ": ", ":"), `"kind":"retried"`); code != 0 || n != len(phones) {
		t.Errorf("the audit has %d, exit %d: %s%s", n, code, stdout, stderr)
	}
}

// What a list leaves out is counted.
func TestJournalMore(t *testing.T) {
	for want, l := range map[string]daemon.JournalList{
		"": {}, "… and 2 more that were put aside, 0 more that wait": {MoreAside: 2}, "… and 0 more that were put aside, 3 more that wait": {MoreWaiting: 3},
	} {
		if got := moreOf(&l); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
