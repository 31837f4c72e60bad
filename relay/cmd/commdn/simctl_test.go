package main

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"commdn/relay/sim/control"
)

// still is a scenario whose clock stands still.
const still = `
name: still
seed: 3
clock: {start: 2026-03-02T08:00:00Z, speed: 0}
applications:
  - {dbid: 301, name: OCS_301, type: ocs, connections: [77], ocs: {ring: 2s, talk: 10s, backup: 302}}
  - {dbid: 77, name: relay_77, type: third-party-server}
comm_dns: [{number: "9001"}]
groups: [{dbid: 501, name: Service, agents: 5}]
calling_lists: [{dbid: 601, name: Offers, records: [{phone: "5551", customer_id: C-1}], generate: {customers: 99}}]
campaigns: [{dbid: 1001, name: Autumn offers, calling_lists: [601]}]
campaign_groups: [{campaign: 1001, group: 501}]
`

// simulator runs `commdn sim` with its page, and gives where that is.
func simulator(t *testing.T, args ...string) (s *server, url string) {
	t.Helper()
	s = serving(t, append([]string{"sim", "--listen", "127.0.0.1:0", "--backup-listen", "127.0.0.1:0", "--http", "127.0.0.1:0"}, args...)...)
	s.more.wait(t, "commdn sim: scenario ") // the line behind that of the page
	return s, regexp.MustCompile(`page on (\S+)`).FindStringSubmatch(s.more.String())[1]
}

// The simulated servers that a scenario names are there.
func TestSimScenario(t *testing.T) {
	t.Parallel()
	url, _ := installation(t, []string{"--scenario", written(t, "still.yaml", still)},
		[]string{"--comm-dn", "9001", "--app-dbid", "77", "--application", "relay_77", "--ocs", "301"})
	code, stdout, stderr := invoke(t, "", "dnc", "5550104477", "--relay", url)
	if code != 0 || stdout != "OCS 301: on the Do Not Call list\n" {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
}

func TestSimCtl(t *testing.T) {
	t.Parallel()
	protocol := written(t, "protocol.json", `{"version": 1, "remarks": ["seen"], "habits": {"charset": "shift_jis"}}`)
	s, url := simulator(t, "--scenario", written(t, "still.yaml", still), "--dial-rate", "5", "--seed", "9")
	if want := "commdn sim: T-Server on " + s.word(4) + ", 9001"; s.line != want {
		t.Errorf("%q, want %q", s.line, want)
	}
	for _, c := range []struct {
		args string
		code int
		want string // in what is printed, with one blank where there are several
	}{
		{"state", 0, "scenario still seed 9\nclock 2026-03-02T08:00:00Z speed 0\n"},
		{"state", 0, "OCS OCS_301 (301) on 9001, serves 77\ncampaign groups CM_GCS_NotLoaded 1\nrecords 100 \nDo Not Call 0 \n"},
		{"state -o json", 0, `"scenario":"still"`},
		{"campaigns", 0, "Autumn offers (1001) Service (501) CM_GCS_NotLoaded CFGDMPredict CFGOMBusyFactor 80 0 0 0 100 of 100 301\n"},
		{"campaigns -o jsonl", 0, `{"campaign":1001,"campaign_name":"Autumn offers","group":501,`},
		{"campaigns list -o json", 0, `[{"campaign":1001,`},
		{"campaigns start 1001/501", exitInvalid, "OCS 301 refused: CM_ERROR_CAMPAIGN_NOT_LOADED (4)"},
		{"campaigns load 1001/501 --dial-mode progress --auto-complete", 0, "CM_GCS_Active CFGDMProgress CFGOMBusyFactor 80"},
		{"campaigns start 1001/Service", 0, "CM_GCS_Running"},
		{"campaigns set 1001/501 --dial-mode predict --optimize-by wait-time --goal 30", 0, "CM_GCS_Running CFGDMPredict CFGOMWaitTime 30"},
		{"clock --advance 10s", 0, "clock 2026-03-02T08:00:10Z speed 0\n"},
		{"campaigns stop 1001/501 -o json", 0, `"status":"CM_GCS_Active"`},
		{"campaigns unload 1001/501", 0, "CM_GCS_WaitingUnload"},
		{"campaigns force-unload 1001/501", 0, "CM_GCS_NotLoaded"},
		{"campaigns stop 1001/Servce", exitInvalid, `group "Servce" is not known; near it: Service (501)`},
		{"campaigns stop 0/501", exitInvalid, "there is nothing to stop"},
		{"campaigns load 1001/501 --dial-mode fast", exitUsage, `--dial-mode: "fast" is no dialing mode`},
		{"records --list 601 --limit 2", 0, "601/1 5551 C-1 0 "},
		{"records --list 601 --limit 2", 0, "98 more of 100\n"},
		{"records --phone 5551 -o jsonl", 0, `{"list":601,"id":1,"phone":"5551",`},
		{"records list --phone 5551 -o json", 0, `"total":1,"offset":0}`},
		{"records --list 609", exitInvalid, "there is no calling list 609"},
		{"records check-out 601/100", 0, " yes\n"},
		{"records check-in 601/100", 0, " -\n"},
		{"records check-out 601", exitUsage, `record "601": give LIST/RECORD`},
		{"records check-out 601/101", exitInvalid, "calling list 601 has no record 101"},
		{"dnc add 5551234567 --customer-id C-7", 0, "5551234567 C-7 1 2026-03-02T08:00:10Z\n"},
		{"dnc add", exitInvalid, "an entry needs a phone, a customer_id, or both"},
		{"dnc", 0, "PHONE CUSTOMER TENANT SINCE\n5551234567 C-7 1 2026-03-02T08:00:10Z\n"},
		{"dnc list -o jsonl", 0, `{"phone":"5551234567","customer_id":"C-7","tenant":1,"time":"2026-03-02T08:00:10Z"}` + "\n"},
		{"clock --advance 8h --speed 60", 0, " speed 60\n"},
		{"clock --advance 32d", exitUsage, "--advance"},
		{"clock --advance 800h", exitInvalid, "advance: 800h0m0s is not from 0 to 744h0m0s"},
		{"faults", 0, "ID HAPPENED FAULT\n"},
		{"faults add delay --latency 200ms --jitter 50ms --percent 10 --request do-not-call", 0, "1 0 do delay, latency 200ms, jitter 50ms, request CM_ReqDoNotCall, percent 10\n"},
		{"faults add refuse --error license-violation --ocs 301 --times 2 -o json", 0, `"error":"CM_ERROR_LICENSE_VIOLATION"`},
		{"faults add unregister --after 1000000", 0, "3 0 do unregister, after 1000000\n"},
		{"faults add explode", exitInvalid, `"explode" is no fault`},
		{"faults add delay --latency soon", exitUsage, `latency: is the text "soon"`},
		{"faults add drop --percent many", exitUsage, `--percent: "many" is no whole number`},
		{"faults -o jsonl", 0, `"id":2`},
		{"faults rm 2", 0, ""},
		{"faults rm 2", exitInvalid, "there is no fault 2"},
		{"faults clear", 0, ""},
		{"faults list -o json", 0, "[]\n"},
		{"habits", 0, "OCS BACKUP ACTIVE HABITS\n301 302 301 -\n"},
		{"habits names", 0, "no_echo an answer names neither phone nor customer\n"},
		{"habits set no_echo=true n_items=wrong", 0, "301 302 301 no_echo=true n_items=wrong\n"},
		{"habits set n_items= --ocs 301 -o jsonl", 0, `{"ocs":301,"backup":302,"active":301,"habits":{"no_echo":true}}` + "\n"},
		{"habits set no_echo=maybe", exitUsage, `habit no_echo: is "maybe"; give true or false`},
		{"habits set no_echo", exitUsage, `"no_echo": give NAME=VALUE`},
		{"habits set no_echo=true no_echo=false", exitUsage, "no_echo is there twice"},
		{"habits set no_echo=true --ocs 302", exitInvalid, "there is no OCS 302; there are 301"},
		{"habits as strange -o json", 0, `[{"ocs":301,"backup":302,"active":301,"habits":{"ints_as_strings":true,`},
		{"habits as odd", exitUsage, `"odd" is neither plain nor strange nor a file with a protocol`},
		{"habits as " + protocol, 0, "301 302 301 charset=shift_jis\n"},
		{"takeover", 0, "301 302 302 charset=shift_jis backup_dbid=302\n"},
		{"habits as plain", 0, "301 302 301 -\n"},
		{"reset", 0, "clock 2026-03-02T08:00:00Z speed 0\n"},
		{"dnc -o json", 0, "[]\n"},
	} {
		code, stdout, stderr := invoke(t, "", append(strings.Fields("sim ctl --http "+url), strings.Fields(c.args)...)...)
		text := stdout
		if code != 0 {
			text = stderr
			if stdout != "" || strings.Count(stderr, "\n") != 1 {
				t.Errorf("%s: an error, and on standard output %q; on standard error %q", c.args, stdout, stderr)
			}
		}
		for strings.Contains(text, "  ") {
			text = strings.ReplaceAll(text, "  ", " ")
		}
		if code != c.code || !strings.Contains(text, c.want) {
			t.Errorf("%s: exit %d, want %d with %q\n%s%s", c.args, code, c.code, c.want, stdout, stderr)
		}
	}
	if code := s.end(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if code, _, stderr := invoke(t, "", "sim", "ctl", "--http", url, "state"); code != exitNoAnswer || !strings.Contains(stderr, "no simulator answers") {
		t.Errorf("without a simulator: exit %d, %s", code, stderr)
	}
	if code, _, stderr := invoke(t, "", "sim", "ctl", "--http", "localhost", "state"); code != exitUsage || !strings.Contains(stderr, "--http") {
		t.Errorf("no address: exit %d, %s", code, stderr)
	}
}

// A simulation answers as a preset, or as an OCS that was seen.
func TestSimAs(t *testing.T) {
	t.Parallel()
	file := written(t, "still.yaml", still)
	for as, want := range map[string]string{
		"plain":   `"habits":{}`,
		"strange": `"habits":{"ints_as_strings":true,`,
		written(t, "seen.json", `{"version": 1, "habits": {"no_echo": true, "big_answers": true}}`): `"habits":{"no_echo":true,"big_answers":true}`,
	} {
		_, url := simulator(t, "--scenario", file, "--as", as)
		if code, stdout, stderr := invoke(t, "", "sim", "ctl", "--http", url, "habits", "-o", "jsonl"); code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("%s: exit %d, %s%s, want %s", as, code, stdout, stderr, want)
		}
	}
	bad := written(t, "bad.json", `{"version": 2}`)
	for as, want := range map[string]string{
		"strnge": `: --as: "strnge" is neither plain nor strange nor a file with a protocol`,
		bad:      ": --as: " + bad + ": version is 2; this program reads version 1 alone",
	} {
		for _, command := range []string{"sim", "demo"} {
			if code, stdout, stderr := invoke(t, "", command, "--scenario", file, "--as", as); code != exitInvalid || stdout != "" || !strings.Contains(stderr, command+want) {
				t.Errorf("%s --as %s: exit %d, %s%s", command, as, code, stdout, stderr)
			}
		}
	}
}

// The trace goes on until it is interrupted, or the simulator ends.
func TestSimCtlTrace(t *testing.T) {
	t.Parallel()
	s, url := simulator(t, "--scenario", written(t, "still.yaml", still))
	client, err := control.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	trace := func(ctx context.Context, output string) (out, errs *safeBuffer, ended chan int) {
		out, errs, ended = &safeBuffer{}, &safeBuffer{}, make(chan int, 1)
		go func() {
			ended <- run(&env{ctx: ctx, files: pages(t), stdin: strings.NewReader(""), stdout: out, stderr: errs}, []string{"sim", "ctl", "trace", "--http", url, "-o", output})
		}()
		return out, errs, ended
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	text, _, interrupted := trace(ctx, "table")
	lines, errs, ended := trace(t.Context(), "jsonl")
	// They have begun when both have printed something.
	for began := false; !began; began = strings.Contains(text.String(), "CM_EvCampaignStatus") && strings.Contains(lines.String(), "CM_EvCampaignStatus") {
		for _, do := range []string{control.Load, control.ForceUnload} {
			if _, err := client.Do(t.Context(), control.Control{Campaign: 1001, Group: 501, Do: do}); err != nil {
				t.Fatal(err)
			}
		}
	}
	cancel()
	if code := <-interrupted; code != 0 || !strings.Contains(text.String(), "  9001  OCS_301  CM_EvCampaignStatus\n\tAttributeUserData\t[") {
		t.Errorf("exit %d\n%s", code, text)
	}
	s.end()
	if code := <-ended; code != exitNoAnswer || !strings.Contains(errs.String(), "the simulator has ended") || !strings.Contains(lines.String(), `"from":"ocs","application":"OCS_301","message":"CM_EvCampaignStatus"`) {
		t.Errorf("exit %d\n%s%s", code, lines, errs)
	}
}

func TestSimScenarios(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := invoke(t, "", "sim", "scenarios")
	for _, name := range []string{"demo", "two-ocs", "no-connection", "empty", "large"} {
		if code != 0 || !strings.Contains("\n"+stdout, "\n"+name+"  ") {
			t.Errorf("no %s: exit %d\n%s%s", name, code, stdout, stderr)
		}
		// What is printed is a file that can be checked, and run.
		code, text, stderr := invoke(t, "", "sim", "scenarios", name)
		if code != 0 {
			t.Errorf("%s: exit %d, %s", name, code, stderr)
		}
		if code, stdout, stderr := invoke(t, "", "sim", "check", written(t, name+".yaml", text)); code != 0 || !strings.HasPrefix(stdout, "ok: ") {
			t.Errorf("%s: exit %d, %s%s", name, code, stdout, stderr)
		}
	}
	if code, stdout, _ := invoke(t, "", "sim", "check", "large"); code != 0 || stdout != "ok: 1 OCS, 1 CommDNs, 200 campaigns, 20 groups, 200 campaign groups, 200 calling lists with 1000000 records, 0 faults\n" {
		t.Errorf("large: exit %d, %s", code, stdout)
	}
	if code, _, stderr := invoke(t, "", "sim", "scenarios", "none"); code != exitInvalid || !strings.Contains(stderr, "there are demo, empty") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// A file that is wrong is told with its lines, and nothing starts, in a process
// of its own too.
func TestSimBadScenario(t *testing.T) {
	t.Parallel()
	file := written(t, "bad.yaml", strings.NewReplacer("calling_lists: [601]", "calling_lists: [609]", "seed: 3", "sead: 3").Replace(still))
	binary := built(t)
	for _, args := range [][]string{{"sim", "--scenario", file}, {"sim", "check", file}, {"demo", "--scenario", file}} {
		var exit *exec.ExitError
		cmd := exec.Command(binary, args...)
		stdout, err := cmd.Output()
		if !errors.As(err, &exit) || exit.ExitCode() != exitInvalid || len(stdout) > 0 {
			t.Errorf("%v: %v\n%s", args, err, stdout)
			continue
		}
		if want := file + ":3: "; !strings.Contains(string(exit.Stderr), want) || !strings.Contains(string(exit.Stderr), "seed") {
			t.Errorf("%v: no %q in\n%s", args, want, exit.Stderr)
		}
	}
	file = written(t, "dangling.yaml", strings.Replace(still, "calling_lists: [601]", "calling_lists: [609]", 1))
	code, stdout, stderr := invoke(t, "", "sim", "--scenario", file)
	if code != exitInvalid || stdout != "" || !strings.HasPrefix(stderr, file+":11: campaigns[0].calling_lists[0]: ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if code, _, stderr := invoke(t, "", "sim", "check", filepath.Join(t.TempDir(), "none.yaml")); code != exitInvalid || !strings.Contains(stderr, "there is no file") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// Addresses that others can reach are for those who ask for it.
func TestSimExpose(t *testing.T) {
	t.Parallel()
	for address, safe := range map[string]bool{
		"127.0.0.1:0": true, "localhost:7000": true, "[::1]:7000": true, ":7000": false, "0.0.0.0:7000": false, "10.0.0.1:7000": false, "sim.example:7000": false,
	} {
		if err := (&simRunCmd{}).check(address); (err == nil) != safe {
			t.Errorf("%s: %v", address, err)
		}
		if err := (&simRunCmd{Expose: true}).check(address); err != nil {
			t.Errorf("%s, exposed: %v", address, err)
		}
	}
}
