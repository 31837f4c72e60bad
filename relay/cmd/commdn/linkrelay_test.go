package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/habits"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver/tlink"
)

// relayOf starts a relay with the configuration of the rig, and gives its admin
// socket.
func (r checkRig) relayOf(t *testing.T) (relay *server, socket, config string) {
	t.Helper()
	file := r.start(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "check") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	socket = filepath.Join(folder, "admin.sock")
	if err := os.WriteFile(file, append(text, "listen: 127.0.0.1:0\nmetrics: {listen: '127.0.0.1:0'}\nadmin_socket: '"+socket+"'\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	return serving(t, "relay", "--config", file), socket, file
}

// checked checks the links of a relay, once it has tried to connect.
func checked(t *testing.T, socket string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		code, stdout, stderr = invoke(t, "", append([]string{"link", "check", "--socket", socket}, args...)...)
		if !strings.Contains(stdout, "not connected yet") || time.Now().After(late) {
			return code, stdout, stderr
		}
	}
}

// A relay that runs checks its links over its own connections, and T-Server sees no
// second client with its application.
func TestLinkCheckOfRelay(t *testing.T) {
	t.Parallel()
	const served = "ok directory: commdn (101) CommDN_1 201"
	up := []string{"ok connect: connected", "ok application: commdn", "ok switch:", "ok commdn: CommDN_1"}
	for name, test := range map[string]struct {
		rig  checkRig
		args string
		code int
		want []string
	}{
		"all well": {checkRig{directory: checkDirectory}, "--campaign Autumn/Sales --phone 5550001111", 0,
			append(up[:4:4], served, "ok campaign: 201 CM_EvCampaignStatus Autumn/Sales NotLoaded", "ok do-not-call: 201 5550001111")},
		"no such campaign": {checkRig{directory: checkDirectory}, "--campaign 1009/502", 1, append(up[:4:4], served, "fail campaign: CM_EvError 3 CM_ERROR_CAMPAIGN_NOT_FOUND configured")},
		"refused by OCS": {checkRig{directory: checkDirectory, faults: []scenario.Fault{{Do: scenario.Refuse, Request: commdn.ReqDoNotCall, Error: commdn.ErrorInvalidParameter}}},
			"--phone 5550001111", 1, append(up[:4:4], served, "fail do-not-call: CM_EvError 10 CM_ERROR_INVALID_PARAMETER")},
		"OCS is silent": {checkRig{directory: checkDirectory, faults: []scenario.Fault{{Do: scenario.Silence}}}, "--campaign Autumn/Sales", 1,
			append(up[:4:4], served, "fail campaign: 201 silent alive Connections outbound_contact_server")},
		"T-Server refuses the request": {checkRig{directory: checkDirectory, peer: saying(map[tlink.ID][]tlink.Message{
			tlink.RequestRegisterClient: accepted, tlink.RequestRegisterAddress: {{ID: tlink.EventRegistered}}, tlink.RequestDistributeUserEvent: eventError(41, "Not registered"),
		})}, "--campaign Autumn/Sales", 1, append(up[:4:4], served, "fail campaign: 41 Not registered monitoring")},
		"the bridge drops the answer": {checkRig{directory: checkDirectory, peer: saying(dropping)}, "--campaign Autumn/Sales", 1,
			append(up[:4:4], served, "fail campaign: no answer 53 dropped LONG bridge")},
		"T-Server is down": {checkRig{dead: true, link: ", ocs: [201]"}, "--campaign 1/2 --phone 5550001111", 3,
			[]string{"fail connect: refused start", "skip directory:", "skip campaign:", "skip do-not-call:"}},
		"DN missing": {checkRig{commDN: "CommDN_9", link: ", ocs: [201]"}, "", 1, append(up[:3:3], "fail commdn: CommDN_9 59 not configured Communication DN", "skip directory:")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			relay, socket, _ := test.rig.relayOf(t)
			code, stdout, stderr := checked(t, socket, strings.Fields(test.args)...)
			if code != test.code || stderr != "" {
				t.Errorf("exit %d, want %d; %s", code, test.code, stderr)
			}
			compare(t, stdout, test.want)
			log := relay.log.String()
			if strings.Contains(log, "another sender") || !strings.Contains(log, "links are checked by an administrator") || strings.Contains(log, "5550001111") {
				t.Errorf("the relay's log: %s", log)
			}
		})
	}
}

// The status of a relay tells that the bridge had to drop an event.
func TestStatusTellsDropped(t *testing.T) {
	t.Parallel()
	_, socket, _ := checkRig{directory: checkDirectory, peer: saying(dropping)}.relayOf(t)
	checked(t, socket, "--campaign", "Autumn/Sales")
	code, stdout, stderr := invoke(t, "", "relay", "status", "--socket", socket)
	if code != 0 || !strings.Contains(stdout, "answer no request on link madrid") || !strings.Contains(stdout, "error 53: a user event was dropped: GSW_PHONE is of the kind LONG") {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
	code, stdout, stderr = invoke(t, "", "relay", "status", "--socket", socket, "-o", "json")
	var status struct {
		Links []struct {
			Complaints *struct {
				Count   int
				Code    int
				Message string
				Last    time.Time
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &status); err != nil || code != 0 {
		t.Fatalf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
	if c := status.Links[0].Complaints; c == nil || c.Count < 1 || c.Code != 53 || time.Since(c.Last) > patience {
		t.Errorf("complaints %+v", c)
	}
}

var afterTime = regexp.MustCompile(` after [0-9.]+(ms|s)`)

// The protocol that a running relay writes is the one that a check with a
// connection of its own writes.
func TestLinkCheckOfRelayProtocol(t *testing.T) {
	t.Parallel()
	relay, socket, config := checkRig{directory: checkDirectory}.relayOf(t)
	relay.log.wait(t, "T-Server link is up")
	protocol := func(from ...string) (p habits.Protocol) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "protocol.json")
		code, stdout, stderr := invoke(t, "", append([]string{"link", "check", "--campaign", "1001/502", "--phone", "5550001111", "--protocol", file}, from...)...)
		if code != 0 {
			t.Fatalf("exit %d: %s%s", code, stdout, stderr)
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if p, err = habits.Read(file, f); err != nil {
			t.Fatal(err)
		}
		return p
	}
	running, own := protocol("--socket", socket), protocol("--config", config)
	for _, p := range []*habits.Protocol{&running, &own} {
		p.Habits.AnswerAfter = 0
		for i, r := range p.Remarks {
			p.Remarks[i] = afterTime.ReplaceAllString(r, "")
		}
		slices.Sort(p.Remarks)
		p.Remarks = slices.Compact(p.Remarks) // a relay that has just begun asks for states itself
	}
	if !reflect.DeepEqual(running, own) {
		t.Errorf("%+v, not %+v", running, own)
	}
	if code, _, stderr := invoke(t, "", "link", "check", "--socket", socket, "--link", "madrd"); code != exitInvalid || !strings.Contains(stderr, "did you mean madrid?") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if code, _, stderr := invoke(t, "", "link", "check", "--socket", socket, "--campaign", "Autum/Sales"); code != exitInvalid || !strings.Contains(stderr, "near it: Autumn (1001)") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
