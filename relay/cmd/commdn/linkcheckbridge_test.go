package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"commdn/relay/bridgetest"
	"commdn/relay/fronttest"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver/tlink"
)

// export is checkDirectory as a bridge finds it in Configuration Server.
const export = `{"CFGTenant": [{"DBID": 1, "name": "Retail"}],
"CFGApplication": [
  {"DBID": 201, "name": "OCS_1", "type": 12, "state": 1, "appServerDBIDs": {"CfgConnectionInfo": [{"appServerDBID": 101}]}},
  {"DBID": 101, "name": "commdn", "type": 23, "state": 1}],
"CFGDN": [{"DBID": 7, "number": "CommDN_1", "type": 23, "state": 1}],
"CFGAgentGroup": [{"CfgGroup": {"DBID": 502, "name": "Sales", "tenantDBID": 1}}],
"CFGCampaign": [{"DBID": 1001, "name": "Autumn", "tenantDBID": 1, "state": 1}],
"CFGCampaignGroup": [{"DBID": 1, "campaignDBID": 1001, "groupDBID": 502, "serverDBIDs": {"DBID": [201]}}]}`

// The check of a link through a bridge: green with the directory of the bridge; and with
// each thing that is wrong behind the bridge, the step, the SDK's or T-Server's own code
// and text, and what to do.
func TestLinkCheckBridge(t *testing.T) {
	t.Parallel()
	if !bridgetest.Available(t) {
		return
	}
	peer := func(answers map[tlink.ID][]tlink.Message) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				nc, err := l.Accept()
				if err != nil {
					return
				}
				saying(answers)(nc)
				nc.Close()
			}
		}()
		t.Cleanup(func() { l.Close(); <-done })
		return l.Addr().String()
	}
	sc, err := scenario.Parse("rig", []byte(checkScenario))
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.Start(sim.Options{Scenario: sc})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	nobody := fronttest.Fixed(t)

	up := []string{"ok connect: connected", "ok application: commdn", "ok switch:", "ok commdn: CommDN_1"}
	served := "ok directory: commdn (101) CommDN_1 201"
	password := written(t, "password", "wrong\n")
	for name, test := range map[string]struct {
		tserver string // "": the simulator's
		commDN  string // "": CommDN_1
		more    map[string]string
		system  map[string]string
		args    string
		code    int
		want    []string
	}{
		"green": {args: "--campaign Autumn/Sales --phone 5550001111", want: append(up[:4:4], served,
			"ok campaign: 201 CM_EvCampaignStatus Autumn/Sales NotLoaded", "ok do-not-call: 201 5550001111")},
		"wrong password": {more: map[string]string{"tserver.password_file": password}, system: map[string]string{"standin.tserver.password": "right"}, code: 1,
			want: []string{"ok connect:", "fail application: 50 refuses client authentication failed password", served}},
		"no licence": {system: map[string]string{"standin.tserver.application": "another"}, code: 1,
			want: []string{"ok connect:", "fail application: 50 no license for application commdn licence server", served}},
		"T-Server's own code": {tserver: peer(map[tlink.ID][]tlink.Message{tlink.RequestRegisterClient: eventError(40, "No more licenses")}), code: 1,
			want: []string{"ok connect:", "fail application: 40 No more licenses licence server", served}},
		"T-Server is down": {tserver: nobody, code: 3,
			want: []string{"fail connect: 58 " + nobody + " Connection refused bridge answers tserver.host", served}},
		"T-Server is silent": {tserver: peer(nil), more: map[string]string{"tserver.open_timeout": "1"}, code: 3,
			want: []string{"fail connect: 58 no answer within 1000 ms tserver.host", served}},
		"no such DN": {commDN: "CommDN_9", code: 1,
			want: append(up[:3:3], "fail commdn: CommDN_9 59 not configured Communication DN", "fail directory: CommDN_9")},
		"DN of another type": {tserver: peer(map[tlink.ID][]tlink.Message{
			tlink.RequestRegisterClient: accepted, tlink.RequestRegisterAddress: eventError(128, "Bad DN type"),
		}), code: 1, want: append(up[:3:3], "fail commdn: 128 Bad DN type Communication DN", served)},
		"Configuration Server refuses": {system: map[string]string{"standin.config.user": "somebody else"}, code: 1,
			want: append(up[:4:4], "fail directory: CFGLoginIncorrect Username or password is incorrect")},
	} {
		t.Run(name, func(t *testing.T) {
			if test.tserver == "" {
				test.tserver = s.Addr()
			}
			if test.commDN == "" {
				test.commDN = "CommDN_1"
			}
			file := filepath.Join(t.TempDir(), "export.json")
			if err := os.WriteFile(file, []byte(export), 0o600); err != nil {
				t.Fatal(err)
			}
			b := bridgetest.Start(t, bridgetest.Options{TServers: []string{test.tserver}, Export: file, Properties: test.more, System: test.system})
			conf := written(t, "relay.yaml", fmt.Sprintf("links: [{name: madrid, servers: ['%s'], comm_dn: %s, application: commdn, app_dbid: 101}]\n"+
				"directory: {bridge: {address: '%s'}}\nlimits: {answer_timeout: 5s}\n", b.TLink, test.commDN, b.Directory))
			code, stdout, stderr := invoke(t, "", append([]string{"link", "check", "--config", conf}, strings.Fields(test.args)...)...)
			if code != test.code || stderr != "" {
				t.Errorf("exit %d, want %d; %s", code, test.code, stderr)
			}
			compare(t, stdout, test.want)
		})
	}
}
