package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"commdn/protocol/frame"
)

// A shell completes the names that the relay of the line knows.
func TestCompletionOfNames(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	folder := t.TempDir()
	if err := os.Symlink(built(t), filepath.Join(folder, "commdn")); err != nil {
		t.Fatal(err)
	}
	_, script, _ := invoke(t, "", "completion", "bash")
	for words, want := range map[string]string{
		`commdn campaign start Autumn`:                                           `Autumn\ offers/Sales Autumn\ offers/Service`,
		`commdn campaign start \"Autumn`:                                         `Autumn offers/Sales Autumn offers/Service`,
		`commdn campaign start Ren --relay ` + url:                               "", // nothing follows the relay
		`commdn campaign --relay ` + url + ` watch Renewals/Sa`:                  `Renewals/Sales`,
		`commdn campaign ensure running Renewals/Sa`:                             `Renewals/Sales`,
		`commdn sequence load x.yaml --group Sal`:                                `Sales`,
		`commdn campaign status Autumn --relay ws://127.0.0.1:1/ws --ca-file /d`: "/dev",
		`commdn dnc /de`: "",
	} {
		cmd := exec.Command("bash", "--norc", "-c", script+"\nCOMP_WORDS=("+words+")\nCOMP_CWORD=$((${#COMP_WORDS[@]}-1))\n_commdn\necho \"${COMPREPLY[*]}\"")
		cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "COMMDN_RELAY="+url)
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s: %q, want %q, %v", words, got, want, err)
		}
	}
	if code, stdout, _ := invoke(t, "", "complete-names", "group", "--", "campaign", "start", "--relay", "=", "ws://127.0.0.1:1/ws"); code != exitNoAnswer || stdout != "" {
		t.Errorf("no relay: exit %d, %s", code, stdout)
	}
	if _, stdout, _ := invoke(t, "", "--help"); strings.Contains(stdout, "complete-names") {
		t.Error("--help shows what only scripts need")
	}
}

// Every word that is offered leads to what it stands for.
func TestCompletionWords(t *testing.T) {
	t.Parallel()
	n := names{frame.Directory{
		Campaigns:      []frame.Named{{DBID: 12, Name: "Autumn"}, {DBID: 14, Name: "Same"}, {DBID: 15, Name: "Same"}, {DBID: 16, Name: "A"}, {DBID: 17, Name: "A/B"}, {DBID: 18, Name: "12"}, {DBID: 19, Name: "dbid:7"}},
		Groups:         []frame.Named{{DBID: 7, Name: "Sales"}, {DBID: 8, Name: "B/C"}, {DBID: 9, Name: "C"}},
		CampaignGroups: []frame.CampaignGroup{{Campaign: 12, Group: 7}, {Campaign: 14, Group: 7}, {Campaign: 16, Group: 8}, {Campaign: 18, Group: 7}, {Campaign: 12, Group: 99}},
	}}
	want := []string{"Autumn/Sales\n", "Autumn/dbid:99\n", "dbid:14/Sales\n", "dbid:16/dbid:8\n", "name:12/Sales\n"}
	if got := n.words(kindCampaignGroup); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got, want := n.words(kindCampaign), []string{"A\n", "A/B\n", "Autumn\n", "dbid:14\n", "dbid:15\n", "name:12\n", "name:dbid:7\n"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got, want := n.words(kindGroup), []string{"B/C\n", "C\n", "Sales\n"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestValueOfWords(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"dnc --relay a": "a", "dnc --relay=a x": "a", "dnc --relay = a": "a", "dnc --relay": "", "dnc --relays a": "", "dnc": "", "dnc --relay=": "",
	} {
		if got := value(strings.Fields(words), "--relay"); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}
