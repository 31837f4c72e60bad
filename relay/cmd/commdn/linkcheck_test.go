package main

import (
	"cmp"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/fronttest"
	"commdn/relay/internal/certtest"
	"commdn/relay/linkcheck"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver/tlink"
)

// checkRig is a simulated installation and a configuration for it.
type checkRig struct {
	scenario  string           // "": checkScenario
	link      string           // more of the link
	faults    []scenario.Fault // set before the check
	peer      func(net.Conn)   // in place of T-Server
	commDN    string           // "": CommDN_1
	directory string           // "": the configuration names none
	dead      bool             // nothing listens at the address
}

const checkScenario = `
applications:
  - {dbid: 201, name: OCS_1, type: ocs, connections: [101]}
  - {dbid: 202, name: OCS_2, type: ocs}
  - {dbid: 101, name: commdn, type: third-party-server}
comm_dns: [{number: CommDN_1}, {number: CommDN_2, disabled: true}]
groups: [{dbid: 502, name: Sales}]
calling_lists: [{dbid: 601, name: all, records: [{phone: '0034600111222', chain: 1}, {phone: '0034600111333', chain: 1}]}]
campaigns: [{dbid: 1001, name: Autumn, calling_lists: [601]}]
campaign_groups: [{campaign: 1001, group: 502, ocs: 201}]
`

const checkDirectory = `
tenants: [{dbid: 1, name: Retail}]
applications:
  - {dbid: 201, name: OCS_1, type: ocs, connections: [101]}
  - {dbid: 101, name: commdn, type: third-party-server}
comm_dns: [{number: CommDN_1}]
groups: [{dbid: 502, name: Sales}]
campaigns: [{dbid: 1001, name: Autumn}]
campaign_groups: [{campaign: 1001, group: 502, ocs: 201}]
`

// start starts what the rig has, and gives the file of the configuration.
func (r checkRig) start(t *testing.T) (file string) {
	t.Helper()
	address := ""
	switch {
	case r.dead:
		address = fronttest.Fixed(t)
	case r.peer != nil:
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address = l.Addr().String()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				nc, err := l.Accept()
				if err != nil {
					return
				}
				r.peer(nc)
				nc.Close()
			}
		}()
		t.Cleanup(func() { l.Close(); <-done })
	default:
		sc, err := scenario.Parse("rig", []byte(cmp.Or(r.scenario, checkScenario)))
		if err != nil {
			t.Fatal(err)
		}
		s, err := sim.Start(sim.Options{Scenario: sc})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		for _, f := range r.faults {
			if _, err := s.AddFault(f); err != nil {
				t.Fatal(err)
			}
		}
		address = s.Addr()
	}
	text := fmt.Sprintf("links: [{name: madrid, servers: ['%s'], comm_dn: %s, application: commdn, app_dbid: 101%s}]\nlimits: {answer_timeout: 1500ms}\n", address, cmp.Or(r.commDN, "CommDN_1"), r.link)
	if r.directory != "" {
		text += fmt.Sprintf("directory: {file: '%s'}\n", written(t, "directory.yaml", r.directory))
	}
	return written(t, "relay.yaml", text)
}

// saying is a T-Server that answers each message of a client as told, and is
// silent to others.
func saying(answers map[tlink.ID][]tlink.Message) func(net.Conn) {
	return func(nc net.Conn) {
		in := tlink.NewReader(nc)
		for {
			m, err := in.ReadMessage()
			if err != nil {
				return
			}
			for _, a := range answers[m.ID] {
				if a.Reference = m.Reference; m.ID == tlink.RequestDistributeUserEvent && a.ID == tlink.EventError && len(answers[m.ID]) > 1 {
					a.Reference = 0 // a bridge reports in this way that it drops an event
				}
				frame, err := a.Append(nil)
				if err != nil {
					panic(err)
				}
				_, _ = nc.Write(frame)
			}
		}
	}
}

func eventError(code int32, text string) []tlink.Message {
	return []tlink.Message{{ID: tlink.EventError, Attributes: tkvlist.List{
		{Key: tlink.AttributeErrorCode, Value: tkvlist.Int(code)}, {Key: tlink.AttributeErrorMessage, Value: tkvlist.String(text)},
	}}}
}

// dropping are the answers of a bridge that takes requests, and drops the answers of OCS.
var dropping = map[tlink.ID][]tlink.Message{
	tlink.RequestRegisterClient: accepted, tlink.RequestRegisterAddress: {{ID: tlink.EventRegistered}},
	tlink.RequestDistributeUserEvent: append([]tlink.Message{{ID: tlink.EventACK}}, eventError(53, "a user event was dropped: GSW_PHONE is of the kind LONG")...),
	tlink.KeepAlive:                  {{ID: tlink.KeepAliveAck}},
}

var accepted = []tlink.Message{{ID: tlink.EventServerConnected}, {ID: tlink.EventLinkConnected}}

// Each case lists the steps in their order, with the state and words that have
// to be in the line or its hints.
func TestLinkCheck(t *testing.T) {
	t.Parallel()
	const served = "ok directory: commdn (101) CommDN_1 201"
	up := []string{"ok connect: connected", "ok application: commdn", "ok switch:", "ok commdn: CommDN_1"}
	noDirectory := "skip directory: names no directory"
	secure := certtest.New(t).Server(t)
	for name, test := range map[string]struct {
		rig  checkRig
		args string
		code int
		want []string
	}{
		"all well": {checkRig{directory: checkDirectory}, "--campaign Autumn/Sales --phone 5550001111", 0,
			append(up[:4:4], served, "ok campaign: 201 CM_EvCampaignStatus Autumn/Sales NotLoaded", "ok do-not-call: 201 5550001111")},
		"in the link's forms": {checkRig{link: ", ocs: [201], numbers: {region: ES, send: [national, e164]}"}, "--phone +34-600-111-222", 0,
			append(up[:4:4], noDirectory, "ok do-not-call: 201 for 600111222", "ok do-not-call: 201 for +34600111222")},
		"letters where they are digits": {checkRig{link: ", ocs: [201], numbers: {vanity: true}"}, "--phone 1-800-FLOWERS", 0, append(up[:4:4], noDirectory, "ok do-not-call: 201 for 18003569377")},
		"letters elsewhere":             {checkRig{link: ", ocs: [201]"}, "--phone 1-800-FLOWERS", 1, append(up[:4:4], noDirectory, `fail do-not-call: letter "F" 7 explain`)},
		"a number of another country": {checkRig{link: ", ocs: [201], numbers: {region: ES, send: [national]}"}, "--phone +33612345678", 1,
			append(up[:4:4], noDirectory, "fail do-not-call: +33 +34 explain")},
		"the link alone":    {checkRig{}, "", 0, append(up[:4:4], noDirectory)},
		"chosen by name":    {checkRig{}, "--link madrid", 0, append(up[:4:4], noDirectory)},
		"campaign by DBIDs": {checkRig{directory: checkDirectory}, "--campaign 1001/502", 0, append(up[:4:4], served, "ok campaign: Autumn/Sales")},
		"no such campaign":  {checkRig{directory: checkDirectory}, "--campaign 1009/502", 1, append(up[:4:4], served, "fail campaign: CM_EvError 3 CM_ERROR_CAMPAIGN_NOT_FOUND configured")},
		"refused by OCS": {checkRig{directory: checkDirectory, faults: []scenario.Fault{{Do: scenario.Refuse, Request: commdn.ReqDoNotCall, Error: commdn.ErrorInvalidParameter}}},
			"--phone 5550001111", 1, append(up[:4:4], served, "fail do-not-call: CM_EvError 10 CM_ERROR_INVALID_PARAMETER")},
		"OCS is silent": {checkRig{directory: checkDirectory, faults: []scenario.Fault{{Do: scenario.Silence}}}, "--campaign Autumn/Sales", 1,
			append(up[:4:4], served, "fail campaign: 201 silent alive Connections outbound_contact_server")},
		"application not connected": {checkRig{scenario: unconnected(checkScenario), directory: unconnected(checkDirectory)}, "--campaign Autumn/Sales", 1,
			append(up[:4:4], "fail directory: connected to no OCS Connections", "fail campaign: 201 silent Connections")},
		"no directory, and not connected": {checkRig{scenario: unconnected(checkScenario), link: ", ocs: [201]"}, "--campaign 1001/502", 1,
			append(up[:4:4], noDirectory, "fail campaign: 201 silent Connections")},
		"a CommDN that OCS has no use for": {checkRig{commDN: "CommDN_2", link: ", ocs: [201]"}, "--phone 5550001111", 1,
			append(up[:3:3], "ok commdn: CommDN_2", noDirectory, "fail do-not-call: 201 silent outbound_contact_server")},
		"no OCS is known":               {checkRig{}, "--campaign 1001/502", 1, append(up[:4:4], noDirectory, "fail campaign: known ocs")},
		"an OCS that does not serve us": {checkRig{link: ", ocs: [202]"}, "--campaign 1001/502", 1, append(up[:4:4], noDirectory, "fail campaign: 202 silent")},
		"OCS of another link": {checkRig{link: ", ocs: [202]", directory: strings.Replace(checkDirectory, "  - {dbid: 101", "  - {dbid: 202, name: OCS_2, type: ocs, connections: [101]}\n  - {dbid: 101", 1)},
			"--campaign Autumn/Sales", 1, append(up[:4:4], "ok directory: 202 warning", "fail campaign: 201 not on this link --link")},
		"frozen T-Server": {checkRig{directory: checkDirectory, peer: saying(map[tlink.ID][]tlink.Message{
			tlink.RequestRegisterClient: accepted, tlink.RequestRegisterAddress: {{ID: tlink.EventRegistered}},
		})}, "--campaign Autumn/Sales", 1, append(up[:4:4], served, "fail campaign: no sign of life frozen")},
		"T-Server stalls": {checkRig{directory: checkDirectory, faults: []scenario.Fault{{Do: scenario.Stall, After: 1, For: patience}}}, "--campaign Autumn/Sales", 1,
			append(up[:4:4], served, "fail campaign: frozen")},
		"link lost": {checkRig{link: ", backoff: {min: 1m, max: 1m}", directory: checkDirectory, faults: []scenario.Fault{{Do: scenario.Close, After: 1}, {Do: scenario.Silence}}}, "--campaign Autumn/Sales", 1,
			append(up[:4:4], served, "fail campaign: lost closed")},
		"T-Server refuses the request": {checkRig{directory: checkDirectory, peer: saying(map[tlink.ID][]tlink.Message{
			tlink.RequestRegisterClient: accepted, tlink.RequestRegisterAddress: {{ID: tlink.EventRegistered}}, tlink.RequestDistributeUserEvent: eventError(41, "Not registered"),
		})}, "--campaign Autumn/Sales", 1, append(up[:4:4], served, "fail campaign: 41 Not registered monitoring")},
		"the bridge drops the answer": {checkRig{directory: checkDirectory, peer: saying(dropping)}, "--campaign Autumn/Sales", 1,
			append(up[:4:4], served, "fail campaign: no answer 53 dropped LONG bridge")},
		"T-Server is down":           {checkRig{dead: true}, "--campaign 1/2 --phone 5550001111", 3, []string{"fail connect: refused start", noDirectory, "skip campaign:", "skip do-not-call:"}},
		"silent at once":             {checkRig{peer: saying(nil)}, "", 3, []string{"fail connect: silence RequestRegisterClient frozen", noDirectory}},
		"another program":            {checkRig{peer: func(nc net.Conn) { _, _ = nc.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }}, "", 3, []string{"fail connect: tlink TLS", noDirectory}},
		"TLS, and the link has none": {checkRig{peer: func(nc net.Conn) { _ = tls.Server(nc, secure).Handshake() }}, "", 3, []string{"fail connect: TLS", noDirectory}},
		"closes at once":             {checkRig{peer: func(nc net.Conn) { _, _ = tlink.NewReader(nc).ReadMessage() }}, "", 3, []string{"fail connect: closed TLS", noDirectory}},
		"switch is down":             {checkRig{faults: []scenario.Fault{{Do: scenario.LinkDown}}}, "--campaign 1/2", 1, []string{"ok connect:", "ok application:", "fail switch: no link to its switch primary", noDirectory, "skip campaign:"}},
		"DN missing":                 {checkRig{commDN: "CommDN_9"}, "", 1, append(up[:3:3], "fail commdn: CommDN_9 59 not configured Communication DN", noDirectory)},
		"DN of another type":         {checkRig{peer: saying(map[tlink.ID][]tlink.Message{tlink.RequestRegisterClient: accepted, tlink.RequestRegisterAddress: eventError(128, "Bad DN type")})}, "", 1, append(up[:3:3], "fail commdn: 128 Bad DN type Communication DN", noDirectory)},
		"application refused":        {checkRig{peer: saying(map[tlink.ID][]tlink.Message{tlink.RequestRegisterClient: eventError(50, "Unknown application")})}, "", 1, []string{"ok connect:", "fail application: commdn 50 Unknown application enabled", noDirectory}},
		"no licence":                 {checkRig{peer: saying(map[tlink.ID][]tlink.Message{tlink.RequestRegisterClient: eventError(40, "No more licences")})}, "", 1, []string{"ok connect:", "fail application: 40 licence server", noDirectory}},
		"disabled CommDN":            {checkRig{directory: strings.Replace(checkDirectory, "number: CommDN_1}", "number: CommDN_1, disabled: true}", 1)}, "", 1, append(up[:4:4], "fail directory: disabled")},
		"directory is not usable":    {checkRig{directory: "groups: [{dbid: 0, name: x}]\n"}, "", 1, append(up[:4:4], "fail directory: groups[0].dbid")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"link", "check", "--config", test.rig.start(t)}, strings.Fields(test.args)...)
			code, stdout, stderr := invoke(t, "", args...)
			if code != test.code || stderr != "" {
				t.Errorf("exit %d, want %d; %s", code, test.code, stderr)
			}
			compare(t, stdout, test.want)
		})
	}
}

// compare holds the steps of a check to those that a test wants.
func compare(t *testing.T, stdout string, wanted []string) {
	t.Helper()
	got := steps(stdout)
	if len(got) != len(wanted) {
		t.Fatalf("%d steps, want %d:\n%s", len(got), len(wanted), stdout)
	}
	for i, want := range wanted {
		head, words, _ := strings.Cut(want, ":")
		if !strings.HasPrefix(got[i], head+":") {
			t.Errorf("step %d: want %q:\n%s", i, head, got[i])
		}
		for _, w := range strings.Fields(words) {
			if !strings.Contains(got[i], w) {
				t.Errorf("step %d does not say %q:\n%s", i, w, got[i])
			}
		}
	}
}

func unconnected(text string) string { return strings.Replace(text, "[101]", "[]", 1) }

var stepLine = regexp.MustCompile(`(?m)^(ok|fail|skip) +`)

// steps gives each step with its hints, as "state step: ...".
func steps(stdout string) (all []string) {
	at := stepLine.FindAllStringSubmatchIndex(stdout, -1)
	for i, m := range at {
		end := len(stdout)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		all = append(all, stdout[m[2]:m[3]]+" "+stdout[m[1]:end])
	}
	return all
}

// A failure has a hint below it, what is well has no failure.
func TestLinkCheckJSON(t *testing.T) {
	t.Parallel()
	file := checkRig{directory: checkDirectory, commDN: "CommDN_9"}.start(t)
	code, stdout, stderr := invoke(t, "", "link", "check", "--config", file, "-o", "json")
	var got struct {
		Command, State, Error string
		OK                    bool
		Links                 []linkcheck.Link
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != exitInvalid || got.OK || got.State != "invalid" || got.Error == "" || len(got.Links) != 1 {
		t.Fatalf("exit %d, %v: %s%s", code, err, stdout, stderr)
	}
	l := got.Links[0]
	if got.Command != "link check" || l.Link != "madrid" || !l.Answered {
		t.Errorf("%+v", got)
	}
	for _, s := range l.Steps {
		if s.State == linkcheck.Fail && len(s.Hints) == 0 {
			t.Errorf("no hint: %+v", s)
		}
	}
	if failed := l.Steps[3]; failed.Step != linkcheck.StepCommDN || failed.State != linkcheck.Fail {
		t.Errorf("%+v", l.Steps)
	}
}

func TestLinkCheckUsage(t *testing.T) {
	t.Parallel()
	file := checkRig{dead: true, directory: checkDirectory}.start(t)
	for args, want := range map[string]struct {
		code int
		err  string
	}{
		"": {exitUsage, "--socket"},
		"--socket " + file + " --campaign 1001/502":                {exitNoAnswer, "no relay answers"},
		"--config " + file + ".none":                               {exitInvalid, "no such file"},
		"--config " + file + " x":                                  {exitUsage, "unexpected argument"},
		"--config " + file + " --link madrd":                       {exitUsage, "did you mean madrid?"},
		"--config " + file + " --campaign Autum/Sales":             {exitInvalid, "near it: Autumn (1001)"},
		"--config " + file + " --campaign Autumn":                  {exitInvalid, "no slash"},
		"--config " + file + " --phone " + strings.Repeat("5", 65): {exitUsage, "--phone"},
		"--config " + file + " --phone 600;111":                    {exitUsage, "--phone"},
	} {
		code, stdout, stderr := invoke(t, "", append([]string{"link", "check"}, strings.Fields(args)...)...)
		if code != want.code || stdout != "" || !strings.Contains(stderr, want.err) {
			t.Errorf("%s: exit %d\n%s%s", args, code, stdout, stderr)
		}
	}
}
