package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/habits"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver/tlink"
)

// A protocol of how an OCS answers makes the simulator answer just so, and has
// nothing about customers in it.
func TestLinkProtocol(t *testing.T) {
	t.Parallel()
	strange, _ := habits.Preset(habits.Strange)
	for name, as := range map[string]habits.Habits{
		"plain":   {},
		"strange": strange,
		"errors":  {ErrorsAsStrings: true, NoEcho: true, OmitAddresses: true, OmitDialing: true},
		"kinds":   {StringsAsBinary: true, EchoBlanks: true, AddressesAsRequest: true, ResponseKey: "do_not_calls", DialMode: 6},
		"chain":   {EchoChain: true},
		"slow":    {AnswerAfter: 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc, err := scenario.Parse("rig", []byte(checkScenario))
			if err != nil {
				t.Fatal(err)
			}
			protocol := func(as habits.Habits) (p habits.Protocol, text string) {
				t.Helper()
				s, err := sim.Start(sim.Options{Scenario: sc, As: &as})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				conf := written(t, "relay.yaml", fmt.Sprintf(
					"links: [{name: madrid, servers: ['%s'], comm_dn: CommDN_1, application: commdn, app_dbid: 101, ocs: [201]}]\n", s.Addr()))
				file := filepath.Join(t.TempDir(), "protocol.json")
				code, stdout, stderr := invoke(t, "", "link", "check", "--config", conf, "--campaign", "1001/502", "--phone", "0034600111222", "--protocol", file)
				if code != 0 {
					t.Fatalf("exit %d: %s%s", code, stdout, stderr)
				}
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				f, err := os.Open(file)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				if p, err = habits.Read(file, f); err != nil {
					t.Fatal(err)
				}
				return p, string(data)
			}
			first, text := protocol(as)
			if strings.Contains(text, "600111222") || strings.Contains(text, "34600") || len(first.Remarks) < 2 {
				t.Errorf("the protocol is\n%s", text)
			}
			again, _ := protocol(first.Habits)
			if as.AnswerAfter == 0 || first.Habits.AnswerAfter >= as.AnswerAfter { // this machine may be slow itself
				first.Habits.AnswerAfter, again.Habits.AnswerAfter = as.AnswerAfter, as.AnswerAfter
			}
			if !reflect.DeepEqual(again.Habits, first.Habits) {
				t.Errorf("replayed, OCS answers as %+v, not as %+v", again.Habits, first.Habits)
			}
			for _, s := range first.Habits.Settings() { // what was seen is what there is
				if s.Name == "dialing_by_table" && as.OmitDialing { // the group is not loaded
					continue
				}
				if !strings.Contains(fmt.Sprintf("%+v", as.Settings()), s.Name) {
					t.Errorf("%s is seen, and the OCS has no such habit", s.Name)
				}
			}
		})
	}
	if code, _, stderr := invoke(t, "", "link", "check", "--config", "x.yaml", "--protocol", "p.json"); code != 2 && !strings.Contains(stderr, "x.yaml") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// answering is a T-Server whose OCS answers each request with this, twice.
func answering(l tkvlist.List) map[tlink.ID][]tlink.Message {
	event := tlink.Message{ID: tlink.EventUserEvent, Attributes: tkvlist.List{{Key: tlink.AttributeThisDN, Value: tkvlist.String("CommDN_1")}}, UserData: l}
	return map[tlink.ID][]tlink.Message{
		tlink.RequestRegisterClient: accepted, tlink.RequestRegisterAddress: {{ID: tlink.EventRegistered}}, tlink.KeepAlive: {{ID: tlink.KeepAliveAck}},
		tlink.RequestDistributeUserEvent: {{ID: tlink.EventACK}, event, event},
	}
}

// A backup that nobody has named is told from an OCS that is silent.
func TestLinkCheckBackup(t *testing.T) {
	t.Parallel()
	by202 := (&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 202, Target: 101}, Phone: "5550001111"}).UserData()
	conf := checkRig{link: ", ocs: [201]", peer: saying(answering(by202))}.start(t)
	code, stdout, _ := invoke(t, "", "link", "check", "--config", conf, "--phone", "5550001111")
	if code != exitInvalid || !strings.Contains(stdout, "OCS 201 is silent") || !strings.Contains(stdout, "write `ocs: [{dbid: 201, backup: 202}]`") || strings.Contains(stdout, "check Connections") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

// An answer that is not understood is in the protocol that the README asks for: how it
// looks and what is wrong with it, without numbers of customers.
func TestLinkProtocolNotUnderstood(t *testing.T) {
	t.Parallel()
	number, text := tkvlist.Int, tkvlist.String
	phone := tkvlist.Pair{Key: commdn.KeyPhone, Value: text("5550001111")}
	for name, c := range map[string]struct {
		answer tkvlist.List
		want   string // the remark; empty: none
	}{
		"another type":               {tkvlist.List{{Key: commdn.KeyMessageType, Value: number(999)}, phone}, "CM_ReqDoNotCall: after T: not understood: commdn: message type 999 is not supported: GSW_CM_MessageType=integer 999 GSW_PHONE=string"},
		"without a type":             {tkvlist.List{{Key: "MessageType", Value: number(33)}, {Key: "5550001111", Value: text("done")}}, "CM_ReqDoNotCall: after T: not understood: commdn: user data without GSW_CM_MessageType: MessageType=integer (another key)=string"},
		"a type in words":            {tkvlist.List{{Key: commdn.KeyMessageType, Value: text("5550001111x")}}, "CM_ReqDoNotCall: after T: not understood: commdn: GSW_CM_MessageType: "},
		"a type that may be a phone": {tkvlist.List{{Key: commdn.KeyMessageType, Value: number(550001111)}}, "CM_ReqDoNotCall: after T: not understood: commdn: message type ******111 is not supported: GSW_CM_MessageType=integer"},
		"another's":                  {tkvlist.List{{Key: commdn.KeyMessageType, Value: number(999)}, {Key: commdn.KeyTargetAppID, Value: number(7)}}, ""},
		"a request":                  {tkvlist.List{{Key: commdn.KeyMessageType, Value: number(int32(commdn.ReqDoNotCall))}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf := checkRig{link: ", ocs: [201]", peer: saying(answering(c.answer))}.start(t)
			file := filepath.Join(t.TempDir(), "protocol.json")
			code, stdout, stderr := invoke(t, "", "link", "check", "--config", conf, "--phone", "5550001111", "--protocol", file)
			if code != exitInvalid || strings.Contains(stdout, "--protocol FILE") != (c.want != "") || strings.Contains(stdout, "OCS 201 is silent") != (c.want == "") {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
			in, err := os.Open(file)
			if c.want == "" {
				if err == nil {
					in.Close()
					t.Error("there is a protocol of it")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			p, err := habits.Read(file, in)
			if err != nil || len(p.Remarks) != 1 || p.Habits != (habits.Habits{}) {
				t.Fatalf("%v: %+v", err, p)
			}
			got := regexp.MustCompile(`after \S+:`).ReplaceAllString(p.Remarks[0], "after T:")
			if !strings.HasPrefix(got, c.want) || strings.Contains(got, "0001111") {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}
