package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"commdn/relay/habits"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
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
