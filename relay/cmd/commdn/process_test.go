package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/sim/control"
	"commdn/relay/sim/scenario"
)

// program is what built has built, for all tests.
var program struct {
	once   sync.Once
	folder string
	err    error
}

// versionFlags have the binary know what it is.
const versionFlags = "-X main.version=1.2.3 -X main.commit=0123456789abcdef0123456789abcdef01234567 " +
	"-X main.committed=2026-11-28T16:00:00Z -X main.changed=true"

// built gives the binary, which the first call builds. TestMain removes it.
func built(t *testing.T) string {
	t.Helper()
	program.once.Do(func() {
		if program.folder, program.err = os.MkdirTemp("", "commdn-binary-"); program.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-ldflags", versionFlags, "-o", program.folder, ".").CombinedOutput()
		if err != nil {
			program.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	return filepath.Join(program.folder, "commdn")
}

// What a shell script does with a campaign, through real processes: load,
// start, change the mode, and wait until OCS has unloaded it by itself, while
// another process watches.
func TestCampaignProcesses(t *testing.T) {
	t.Parallel()
	binary := built(t)
	sim := process(t, binary, "sim", "--listen", "127.0.0.1:0", "--http", "off", "--dial-rate", "300", "--speed", "20")
	relay := process(t, binary, "relay", "--listen", "127.0.0.1:0", "--tserver", sim.word(4), "--ocs", "201",
		"--campaign", "1001=Autumn offers", "--campaign", "1002=Renewals", "--group", "502=Sales")
	relay.log.wait(t, "T-Server link is up")
	script := `
		set -eu
		campaign() { "$COMMDN" campaign "$1" "Autumn offers/Sales" --relay "$RELAY" -o jsonl "${@:2}"; }
		"$COMMDN" campaign watch "Autumn offers/Sales" --relay "$RELAY" -o jsonl > "$WATCHED" & watch=$!
		trap 'kill $watch 2> /dev/null || :' EXIT
		until [ -s "$WATCHED" ]; do read -rt 0.05 <> <(:) || :; done
		campaign load --dial-mode predict --optimize-by busy-factor --goal 80
		campaign start --auto-complete
		campaign mode --dial-mode progress --goal 60
		campaign status --wait not-loaded
		if campaign stop; then exit 9; else [ $? = 1 ]; fi
		kill -TERM $watch # a shell's background jobs ignore SIGINT
		wait $watch
		trap - EXIT
	`
	watched := filepath.Join(t.TempDir(), "watched")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.WaitDelay = time.Second
	cmd.Env = append(os.Environ(), "COMMDN="+binary, "RELAY="+strings.Replace(relay.word(2), "http://", "ws://", 1)+"/ws", "WATCHED="+watched)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, &stdout, &stderr)
	}
	var events []string
	for lines := bufio.NewScanner(&stdout); lines.Scan(); {
		v := object(t, lines.Text())
		events = append(events, fmt.Sprint(v["command"], " ", v["ok"], " ", v["status"], " ", v["dial_mode"]))
	}
	want := []string{
		"load true CM_GCS_Active CFGDMPredict", "start true CM_GCS_Running CFGDMPredict", "mode true CM_GCS_Running CFGDMProgress",
		"status true CM_GCS_NotLoaded CFGDMPredict", "stop false  ",
	}
	if got := strings.Join(events, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("commands printed:\n%s", got)
	}
	text, err := os.ReadFile(watched)
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	for _, want := range []string{`"status":"CM_GCS_NotLoaded"`, "CM_EvCampaignLoaded", "CM_EvDialingStarted", "CM_EvDialingModeChanged", "CM_GCS_WaitingUnload", `"status":"CM_GCS_NotLoaded"`} {
		i := bytes.Index(text[last+1:], []byte(want))
		if i < 0 {
			t.Fatalf("no %s in turn among what watch printed:\n%s", want, text)
		}
		last += 1 + i
	}
}

// The scenario of a million records, with all its campaigns dialing, stays within
// 600 MB. How soon it is there is for people to read.
func TestSimLarge(t *testing.T) {
	t.Parallel()
	binary := built(t)
	cmd := exec.Command(binary, "sim", "--scenario", "large", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--speed", "0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log := &safeBuffer{}
	cmd.Stderr = log
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	var web string
	for lines := bufio.NewScanner(out); web == "" && lines.Scan(); {
		for _, word := range strings.Fields(lines.Text()) {
			if strings.HasPrefix(word, "http://") {
				web = strings.TrimRight(word, ",/")
			}
		}
	}
	started := time.Since(began)
	one, err := control.Dial(web)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	groups, err := one.Campaigns(ctx)
	if err != nil || len(groups) != 200 {
		t.Fatalf("%d campaign groups, %v", len(groups), err)
	}
	for _, g := range groups {
		for _, do := range []string{control.Load, control.Start} {
			if _, err := one.Do(ctx, control.Control{Campaign: g.Campaign, Group: g.Group, Do: do}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := one.Advance(ctx, 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	state, err := one.State(ctx)
	if err != nil || state.Counts.Records != 1_000_000 || state.Counts.CampaignGroups["CM_GCS_Running"] != 200 {
		t.Errorf("%+v, %v", state.Counts, err)
	}
	peak := peakMemory(t, cmd.Process.Pid)
	_ = cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	if peak > 600_000 {
		t.Errorf("%d KB of memory", peak)
	}
	t.Logf("scenario large: started in %.2f s, at most %d MB of memory with 200 campaigns dialing", started.Seconds(), peak/1000)
}

// peakMemory is the most memory that a process which still runs had, in KB. What
// wait(2) tells afterwards is at least that of the process which started it: of
// this test, with all that others do in it meanwhile.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var peak int
	if _, err := fmt.Sscanf(rest, "%d kB", &peak); err != nil {
		t.Fatalf("VmHWM: %v in\n%s", err, status)
	}
	return peak
}

// phones writes a file of n different numbers.
func phones(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("phone\n")
	for i := range n {
		fmt.Fprintf(&b, "5557%06d\n", i)
	}
	return written(t, "numbers.csv", b.String())
}

// A file of 1,000 numbers is interrupted half-way by a real SIGINT, and run
// again: every number is asked for once, and stands on OCS's list once.
func TestFileInterrupted(t *testing.T) {
	t.Parallel()
	const all = 1000
	binary := built(t)
	url, s := simulation(t, func(sc *scenario.Scenario, _ *relay.Options) {
		sc.Faults = append(sc.Faults, scenario.Fault{Do: scenario.Delay, Latency: time.Millisecond})
	})
	events, stop := s.Subscribe(4 * all)
	defer stop()
	out := filepath.Join(t.TempDir(), "out.csv")
	args := with(url, "dnc", "--file", phones(t, all), "--results", out)

	asked := map[string]int{}
	count := func() bool {
		select {
		case e, ok := <-events:
			if m, err := commdn.Decode(e.UserData); err == nil {
				if r, isRequest := m.(*commdn.DoNotCall); isRequest {
					asked[r.Phone]++
				}
			}
			return ok
		default:
			return false
		}
	}
	cmd := exec.Command(binary, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for late := time.After(patience); len(asked) < all/2; {
		select {
		case e := <-events:
			if m, err := commdn.Decode(e.UserData); err == nil && m.Type() == commdn.ReqDoNotCall {
				asked[m.Subjects()[0].ID]++
			}
		case <-late:
			t.Fatalf("%d asked for\n%s", len(asked), &stderr)
		}
	}
	_ = cmd.Process.Signal(os.Interrupt)
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitNoAnswer || !strings.Contains(stderr.String(), "interrupted: some rows were not reached; run the same command again to go on") {
		t.Fatalf("interrupted: %v\n%s%s", err, &stdout, &stderr)
	}
	first := len(column(t, out, 1))
	if first < all/2 || first >= all {
		t.Errorf("%d rows in the results of an interrupted job", first)
	}
	text, err := exec.Command(binary, args...).CombinedOutput()
	if want := fmt.Sprintf("%d rows, %d done before, %d done in ", all, first, all-first); err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("again: %v\n%swant %s", err, text, want)
	}
	for count() {
	}
	listed := map[string]int{}
	for _, entry := range s.DNC() {
		listed[entry.Phone]++
	}
	recorded := map[string]int{}
	for _, phone := range column(t, out, 1) {
		recorded[phone]++
	}
	for what, numbers := range map[string]map[string]int{"asked for": asked, "on the list": listed, "in the results": recorded} {
		if len(numbers) != all {
			t.Errorf("%d numbers %s", len(numbers), what)
		}
		for phone, n := range numbers {
			if n != 1 {
				t.Errorf("%s %d times %s", phone, n, what)
			}
		}
	}
}

// A job is killed when OCS has its requests and before a result of them is written down.
// The next one writes the results down, and OCS hears of no number again.
func TestFileKilled(t *testing.T) {
	t.Parallel()
	const all = 20
	binary := built(t)
	url, s := simulation(t, func(sc *scenario.Scenario, _ *relay.Options) {
		sc.Faults = append(sc.Faults, scenario.Fault{Do: scenario.Delay, Latency: 3 * time.Second})
	})
	events, stop := s.Subscribe(8 * all)
	defer stop()
	out := filepath.Join(t.TempDir(), "out.csv")
	args := with(url, "dnc", "--file", phones(t, all), "--results", out, "--parallel", "20")
	asked := map[string]int{}
	next := func(wait <-chan time.Time) bool {
		select {
		case e := <-events:
			if m, err := commdn.Decode(e.UserData); err == nil && m.Type() == commdn.ReqDoNotCall {
				asked[m.Subjects()[0].ID]++
			}
			return true
		case <-wait:
			return false
		}
	}
	cmd := exec.Command(binary, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for late := time.After(patience); len(asked) < all; {
		if !next(late) {
			t.Fatalf("%d asked for", len(asked))
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	before := len(column(t, out, 1))
	if before == all {
		t.Fatal("killed too late")
	}
	text, err := exec.Command(binary, args...).CombinedOutput()
	if err != nil || !strings.Contains(string(text), fmt.Sprintf("%d rows", all)) {
		t.Fatalf("again: %v\n%s", err, text)
	}
	if n := len(column(t, out, 1)); n != all {
		t.Errorf("%d rows in the results", n)
	}
	now := make(chan time.Time)
	close(now)
	for len(events) > 0 {
		next(now)
	}
	for phone, n := range asked {
		if n != 1 {
			t.Errorf("%s asked for %d times", phone, n)
		}
	}
}

// The rate of the command for files of different length is for people to read;
// only what was done is checked.
func TestFileLarge(t *testing.T) {
	t.Parallel()
	binary := built(t)
	url, s := simulation(t, nil)
	listed := 0
	for _, n := range []int{100, 10_000} {
		out := filepath.Join(t.TempDir(), "out.csv")
		cmd := exec.Command(binary, with(url, "dnc", "--file", phones(t, n), "--results", out, "--parallel", "16", "-o", "json")...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		text, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, &stderr)
		}
		v := object(t, string(text))
		listed = max(listed, n)
		if v["done"] != float64(n) || v["rows"] != float64(n) || len(s.DNC()) != listed {
			t.Errorf("%d numbers: %v, %d on the list", n, v, len(s.DNC()))
		}
		file, err := os.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(file).ReadAll()
		_ = file.Close()
		if err != nil || len(lines) != n+1 {
			t.Errorf("%d numbers: %d lines of results, %v", n, len(lines), err)
		}
		t.Logf("%d numbers: %.0f a second", n, float64(n)/v["seconds"].(float64))
	}
}
