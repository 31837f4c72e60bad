package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/sim/scenario"
)

func TestCancel(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	if code, _, stderr := invoke(t, "", with(url, "campaign", "load", "Autumn offers/Sales")...); code != 0 {
		t.Fatal(stderr)
	}
	const desktop = "5550198822" // on an agent's desktop
	for name, c := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"phone":      {[]string{"5551234567"}, 0, "OCS 201: records canceled\n", ""},
		"incomplete": {[]string{desktop}, 0, "OCS 201: incomplete: " + commdn.IncompleteMessage + "\n", ""},
		"incomplete, as JSON": {
			[]string{desktop, "--record-only", "--campaign", "Autumn offers", "--customer-id", "C-2291", "-o", "json"}, 0,
			`{"row":0,"phone":"` + desktop + `","customer_id":"C-2291","chain":"RecordOnly","campaign":"Autumn offers",` + strings.Replace(fine, "done", "incomplete", 1) +
				`,"answers":[{"ocs":201,"phone":"5550198822","ok":true,"incomplete":true,"code":0,"name":"","message":"` + commdn.IncompleteMessage + `"}]}` + "\n", "",
		},
		"several": {
			[]string{"5551234567", desktop, refusedPhone}, exitInvalid,
			"5551234567: OCS 201: records canceled\n" + desktop + ": OCS 201: incomplete: " + commdn.IncompleteMessage + "\n",
			refusedPhone + ": OCS 201 refused: CM_ERROR_INVALID_PARAMETER (10): a parameter of the request is invalid\n",
		},
		"campaign that is not loaded": {
			[]string{"5551234567", "--campaign", "Renewals"}, exitInvalid, "",
			"OCS 201 refused: CM_ERROR_CAMPAIGN_NOT_FOUND (3)",
		},
		"customer alone": {[]string{"--customer-id", "C-1"}, exitInvalid, "", "GSW_PHONE: is empty; a customer id alone cancels nothing\n"},
		"two scopes":     {[]string{"1", "--record-only", "--chain", "AllChain"}, exitUsage, "", "can't be used together"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := invoke(t, "", with(url, append([]string{"cancel"}, c.args...)...)...)
			if code != c.code || timeless(t, stdout) != c.stdout || !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("exit %d\nstdout: %sstderr: %s", code, stdout, stderr)
			}
		})
	}
}

// Several phones are one array, or a line each.
func TestDncSeveral(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, nil)
	code, stdout, stderr := invoke(t, "", with(url, "dnc", "5551", "5552", "5551", "--customer-id", "C-1", "--record-only", "-o", "json")...)
	var all []personResult
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 0 || stderr != "" || len(all) != 3 {
		t.Fatalf("exit %d, %v\n%s%s", code, err, stdout, stderr)
	}
	for i, phone := range []string{"5551", "5552", "5551"} {
		if r := all[i]; r.Phone != phone || r.CustomerID != "C-1" || r.Chain != "RecordOnly" || !r.OK || r.State != "done" || len(r.Answers) != 1 {
			t.Errorf("%+v", r)
		}
	}
	if got := s.DNC(); len(got) != 2 {
		t.Errorf("list %v", got)
	}
	code, stdout, _ = invoke(t, "", with(url, "dnc", "5553", refusedPhone, "-o", "jsonl")...)
	if lines := strings.Split(strings.TrimSpace(stdout), "\n"); code != exitInvalid || len(lines) != 2 ||
		object(t, lines[0])["state"] != "done" || object(t, lines[1])["state"] != "refused" {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	code, stdout, stderr = invoke(t, "", "dnc", "5551", "5552", "--relay", "ws://127.0.0.1:1/ws")
	if code != exitNoAnswer || stdout != "" || strings.Count(stderr, "not connected to the relay") != 2 {
		t.Errorf("no relay: exit %d\n%s%s", code, stdout, stderr)
	}
	if code, _, stderr := invoke(t, "", with(url, "dnc", "5554", "5555\a")...); code != exitInvalid || !strings.Contains(stderr, `has "U+7" at character 5`) || len(s.DNC()) != 3 {
		t.Errorf("one of them is wrong: exit %d, %s, %v", code, stderr, s.DNC())
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, func(sc *scenario.Scenario, _ *relay.Options) { behaviour(sc).EchoOnError = true })
	out := filepath.Join(t.TempDir(), "out.csv")
	const in = "customer_id,phone,chain\nC-1,5551,\n,5552,RecordOnly\n,5553,Some\n,,AllChain\n," + refusedPhone + ",\n,5551,\n,55x4\n,,\n,5551\n"
	job := with(url, "dnc", "--file", "-", "--results", out)
	code, stdout, stderr := invoke(t, in, job...)
	if code != exitInvalid || !strings.HasSuffix(stdout, "; 1 rows ask for the same as an earlier one\n") || !strings.HasPrefix(stdout, "8 rows, 4 done, 1 refused, 3 invalid in ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	for _, want := range []string{
		`row 4: invalid: chain: is "Some"; give AllChain or RecordOnly` + "\n", "row 5: invalid: phone: is empty, and so is GSW_CUSTOMER_ID",
		"row 6: refused: CM_ERROR_INVALID_PARAMETER (10): a parameter of the request is invalid\n", `row 8: invalid: phone: has the letter "x" at character 3`,
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in %s", want, stderr)
		}
	}
	if got := s.DNC(); len(got) != 2+1 { // 5551 twice, once with a customer
		t.Errorf("list %v", got)
	}
	states := column(t, out, 5)
	if want := []string{"done", "done", "done", "done", "invalid", "invalid", "invalid", "refused"}; !slices.Equal(states, want) {
		t.Errorf("states %v", states)
	}

	// Again, from a pipe: what is done is passed over, and what ends as before has no
	// further line.
	code, stdout, _ = invoke(t, in, append(job, "-o", "json")...)
	got := object(t, stdout)
	if code != exitInvalid || got["rows"] != 8.0 || got["skipped"] != 4.0 || got["done_in_all"] != 4.0 || got["duplicates"] != 1.0 || got["refused"] != 1.0 || got["invalid"] != 3.0 || got["done"] != 0.0 || got["complete"] != true {
		t.Errorf("again: exit %d, %v", code, got)
	}
	if again := column(t, out, 5); !slices.Equal(again, states) {
		t.Errorf("again: states %v", again)
	}
	// With rows put right, in a file; jsonl has a line per row.
	right := strings.NewReplacer("Some", "AllChain", ",,AllChain\n", "C-9,,\n", refusedPhone, "5559", "55x4", "5554").Replace(in)
	code, stdout, stderr = invoke(t, "", with(url, "dnc", "--file", written(t, "in.csv", right), "--results", out, "-o", "jsonl")...)
	if lines := strings.Split(strings.TrimSpace(stdout), "\n"); code != 0 || len(lines) != 4 || object(t, lines[0])["state"] != "done" || stderr != "" {
		t.Errorf("put right: exit %d\n%s%s", code, stdout, stderr)
	}
	// With another default scope, the rows are others.
	code, _, stderr = invoke(t, right, append(job, "--record-only")...)
	if code != exitInvalid || !strings.Contains(stderr, "this is of other rows") {
		t.Errorf("other flags: exit %d, %s", code, stderr)
	}
}

// column gives the values of a column of a results file, sorted.
func column(t *testing.T, path string, n int) (values []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		values = append(values, strings.Split(line, ",")[n])
	}
	slices.Sort(values)
	return values
}

func TestFileCancel(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, func(sc *scenario.Scenario, _ *relay.Options) { behaviour(sc).EchoOnError = true })
	if code, _, stderr := invoke(t, "", with(url, "campaign", "load", "Autumn offers/Sales")...); code != 0 {
		t.Fatal(stderr)
	}
	out := filepath.Join(t.TempDir(), "out.csv")
	code, stdout, stderr := invoke(t, "phone,campaign\n5550198822,\n5551234567,Autumn offers\n5550133019,Renewals\n",
		with(url, "cancel", "--file", "-", "--results", out)...)
	if code != exitInvalid || !strings.HasPrefix(stdout, "3 rows, 1 done, 1 incomplete, 1 refused in ") || !strings.Contains(stderr, "row 4: refused: CM_ERROR_CAMPAIGN_NOT_FOUND (3)") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, _ = invoke(t, "phone,campaign\n5550198822,\n5551234567,Autumn offers\n5550133019,Autumn offers\n",
		with(url, "cancel", "--file", "-", "--results", out)...)
	if code != 0 || !strings.HasPrefix(stdout, "3 rows, 1 done before, 1 done, 1 incomplete in ") {
		t.Errorf("again: exit %d\n%s", code, stdout)
	}
	if got := column(t, out, 8); !slices.Contains(got, commdn.IncompleteMessage) {
		t.Errorf("messages %q", got)
	}
}

// A results file is of one command and of whom it asks: what dnc has done is not done
// for cancel, nor at another OCS or relay.
func TestFileOfAnotherJob(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, nil)
	other, _ := simulation(t, nil)
	events, stop := s.Subscribe(64)
	defer stop()
	out, numbers := filepath.Join(t.TempDir(), "out.csv"), written(t, "in.csv", "phone\n5551\n5552\n")
	args := func(command, relay string, more ...string) []string {
		return with(relay, append([]string{command, "--file", numbers, "--results", out}, more...)...)
	}
	if code, _, stderr := invoke(t, "", args("dnc", "ws://127.0.0.1:1/ws")...); code != exitNoAnswer || !strings.Contains(stderr, "not connected") {
		t.Errorf("no relay: exit %d, %s", code, stderr)
	}
	if code, stdout, stderr := invoke(t, "", args("dnc", url)...); code != 0 || !strings.HasPrefix(stdout, "2 rows, 2 done in ") {
		t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"another command": {args("cancel", url), "this is the results file of a dnc job; give another one\n"},
		"another OCS":     {args("dnc", url, "--ocs", "201"), "this is the results file of dnc --ocs 0 --relay " + url + "; go on with these flags, or give another results file\n"},
		"another relay":   {args("dnc", other), "this is the results file of dnc --ocs 0 --relay " + url + "; go on"},
	} {
		code, stdout, stderr := invoke(t, "", c.args...)
		if code != exitInvalid || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d\n%s%s", name, code, stdout, stderr)
		}
	}
	if code, stdout, stderr := invoke(t, "", args("dnc", strings.Replace(url, "ws://", "WS://", 1))...); code != 0 || !strings.HasPrefix(stdout, "2 rows, 2 done before in ") {
		t.Errorf("the same job: exit %d\n%s%s", code, stdout, stderr)
	}
	// With a results file of its own the cancel is sent.
	out = filepath.Join(t.TempDir(), "out.csv")
	if code, stdout, stderr := invoke(t, "", args("cancel", url)...); code != 0 || !strings.HasPrefix(stdout, "2 rows, 2 done in ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	asked := map[commdn.MessageType]int{}
	for len(events) > 0 {
		if m, err := commdn.Decode((<-events).UserData); err == nil {
			asked[m.Type()]++
		}
	}
	if asked[commdn.ReqDoNotCall] != 2 || asked[commdn.ReqCancelRecord] != 2 {
		t.Errorf("asked for %v", asked)
	}
}

func TestFileErrors(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	numbers := written(t, "in.csv", "phone\n5551\n")
	for name, c := range map[string]struct {
		stdin string
		args  []string
		code  int
		want  string
	}{
		"phones too":       {"", []string{"dnc", "5551", "--file", numbers}, exitUsage, "--file goes without phones"},
		"customer too":     {"", []string{"dnc", "--customer-id", "C", "--file", numbers}, exitUsage, "--file goes without phones"},
		"results alone":    {"", []string{"dnc", "5551", "--results", "x"}, exitUsage, "--results goes with --file"},
		"onto itself":      {"", []string{"dnc", "--file", numbers, "--results", numbers}, exitUsage, "is the file of numbers"},
		"nobody at work":   {"", []string{"dnc", "--file", numbers, "--parallel", "0"}, exitUsage, "--parallel 0 is not from 1 to 256"},
		"no file":          {"", []string{"dnc", "--file", "/no/such.csv"}, exitInvalid, "/no/such.csv"},
		"a folder":         {"", []string{"dnc", "--file", t.TempDir()}, exitInvalid, "is a directory"},
		"a results folder": {"", []string{"dnc", "--file", numbers, "--results", t.TempDir()}, exitInvalid, "is a directory"},
		"unknown column":   {"number\n1\n", []string{"dnc", "--file", "-"}, exitInvalid, `-: header row: unknown column "number"; the columns are phone, customer_id, chain, campaign`},
		"no results":       {"phone\n5551\n", []string{"dnc", "--file", "-", "--results", written(t, "x.csv", "mine\n")}, exitInvalid, "this is no results file"},
		"no campaigns":     {"phone,campaign\n5551,A\n", []string{"dnc", "--file", "-"}, 0, "commdn: dnc knows no campaigns; the column campaign is not used\n"},
		"no relay":         {"phone\n5551\n", []string{"dnc", "--file", "-", "--relay", "ws://127.0.0.1:1/ws"}, exitNoAnswer, "not connected to the relay"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := c.args
			if !slices.Contains(args, "--relay") {
				args = with(url, args...)
			}
			code, _, stderr := invoke(t, c.stdin, args...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit %d\n%s", code, stderr)
			}
		})
	}
}

// Where OCS has refused without saying which number, another row that has no answer may
// be the one that was meant.
func TestFileRefusalWithoutNumber(t *testing.T) {
	t.Parallel()
	for name, echo := range map[string]bool{"named": true, "nameless": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := simulation(t, func(sc *scenario.Scenario, r *relay.Options) {
				behaviour(sc).EchoOnError, r.AnswerTimeout = echo, time.Second
				sc.Faults = append(sc.Faults, scenario.Fault{Do: scenario.Silence, Phone: "5551"})
			})
			code, stdout, stderr := invoke(t, "phone\n5551\n"+refusedPhone+"\n", with(url, "dnc", "--file", "-", "--parallel", "2")...)
			if code != exitInvalid || !strings.HasPrefix(stdout, "2 rows, 1 refused, 1 unknown in ") || strings.Contains(stderr, "run again with --parallel 1") == echo {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}

// A file of numbers that OCS does not answer: rows are unknown, and the job is
// given up when none is answered.
func TestFileNoAnswer(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, func(sc *scenario.Scenario, r *relay.Options) {
		sc.Applications[0].Connections, r.AnswerTimeout = nil, 50*time.Millisecond
	})
	code, stdout, stderr := invoke(t, "phone\n5551\n5552\n5553\n", with(url, "dnc", "--file", "-", "--parallel", "2")...)
	if code != exitUnknown || !strings.HasPrefix(stdout, "3 rows, 3 unknown in ") || strings.Contains(stderr, "--parallel 1") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	many := "phone\n"
	for n := range 100 {
		many += fmt.Sprintln(5000 + n)
	}
	code, stdout, stderr = invoke(t, many, with(url, "dnc", "--file", "-", "--parallel", "1")...)
	if code != exitNoAnswer || !strings.HasPrefix(stdout, "3 rows, 3 unknown in ") && !strings.HasPrefix(stdout, "4 rows, 4 unknown in ") || !strings.Contains(stderr, "given up after 3 rows without an answer") || !strings.Contains(stderr, "with --results, a second run goes on") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	s.TServers()[0].SetLink(false)
	code, stdout, stderr = invoke(t, many, with(url, "dnc", "--file", "-", "--timeout", "1s", "--results", filepath.Join(t.TempDir(), "out.csv"))...)
	if code != exitNoAnswer || !strings.HasPrefix(stdout, "1 rows, 1 not-sent in ") || !strings.Contains(stderr, "given up at row ") || !strings.Contains(stderr, "run the same command again to go on") {
		t.Errorf("link down: exit %d\n%s%s", code, stdout, stderr)
	}
}
