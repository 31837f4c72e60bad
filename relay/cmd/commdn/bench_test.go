package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"commdn/relay/cmd/commdn/bench"
)

// All measurements with little of everything: each server is there, has done
// what it is measured by, and every number is filled in. How large they are is
// for people to read.
func TestBenchRelay(t *testing.T) {
	t.Parallel()
	binary := built(t)
	cmd := exec.Command(binary, "bench", "relay", "--sessions", "20", "--subscribers", "10", "--rate", "200", "--duration", "500ms", "-o", "jsonl")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	var lines []string
	for text := range strings.Lines(string(out)) {
		var r bench.Result
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&r); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		line := r.Measurement + " " + r.Server
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
		ordered := slices.IsSorted([]float64{r.P50, r.P90, r.P99, r.Max})
		if r.Measurement != "steady" && (r.Count == 0 || r.Seconds <= 0 || r.PerSecond <= 0 || r.P50 <= 0) || !ordered || r.Unit == "" {
			t.Errorf("%s: %s", line, text)
		}
		if r.Server == "relay" && slices.Contains([]string{"status", "fan-out"}, r.Measurement) && (r.Ratio <= 0 || r.Goal == "") {
			t.Errorf("no ratio: %s", text)
		}
		sessions := map[string]int{"idle": 20, "status": 100, "fan-out": 10, "dnc": 50, "steady": 60}[r.Measurement]
		count := map[string]int{"idle": 20, "fan-out": 20, "dnc": 100}[r.Measurement]
		if r.Sessions != sessions || count != 0 && r.Count != count {
			t.Errorf("%d sessions, %d %s: %s", r.Sessions, r.Count, r.Unit, text)
		}
		if slices.Contains([]string{"idle", "steady"}, r.Measurement) && r.RSS <= 0 {
			t.Errorf("no memory: %s", text)
		}
	}
	want := []string{"idle echo", "idle relay", "status echo", "status relay", "fan-out echo", "fan-out relay", "dnc relay", "steady relay"}
	if !slices.Equal(lines, want) {
		t.Errorf("measured: %q", lines)
	}
}

func TestBenchUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"bench relay --measure idle,speed":  `"speed" is none of idle, status, fan-out, dnc, steady`,
		"bench relay --sessions 0":          "must be at least 1",
		"bench relay --rate=-1":             "--rate 0",
		"bench echo --listen 0.0.0.0:12345": "only a loopback address",
	} {
		if code, stdout, stderr := invoke(t, "", strings.Fields(args)...); code == 0 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d\n%s%s", args, code, stdout, stderr)
		}
	}
}

// Interrupted, it ends the servers that it started.
func TestBenchInterrupted(t *testing.T) {
	t.Parallel()
	binary := built(t)
	cmd := exec.Command(binary, "bench", "relay", "--measure", "steady", "--rate", "100", "--subscribers", "5", "--duration", "10s", "-o", "jsonl")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := &safeBuffer{}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("%q, %v\n%s", line, err, stderr)
	}
	servers := children(t, cmd.Process.Pid)
	if len(servers) != 2 {
		t.Errorf("%d servers run", len(servers))
	}
	_ = cmd.Process.Signal(os.Interrupt)
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitNoAnswer || stderr.String() != "bench: steady: interrupted\n" {
		t.Errorf("%v\n%s", err, stderr)
	}
	for _, pid := range servers {
		if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
			t.Errorf("process %d is still there: %v", pid, err)
		}
	}
}

// children gives the processes that a process has started.
func children(t *testing.T, pid int) (all []int) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil || files == nil {
		t.Fatalf("no list of the children of process %d: %v", pid, err)
	}
	for _, file := range files {
		text, _ := os.ReadFile(file) // a thread may have ended
		for _, field := range strings.Fields(string(text)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, child)
		}
	}
	return all
}
