package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/frame"
	"commdn/relay"
	"commdn/relay/sim/scenario"
)

// Ctrl-C in the window takes a do-not-call back, and OCS hears nothing; without it the
// request goes out when the window ends, and with the window over Ctrl-C is too late.
func TestUndo(t *testing.T) {
	t.Parallel()
	url, s, srv := simulated(t, nil)
	binary := built(t)
	run := func(interrupt bool, args ...string) (code int, stdout, stderr string) {
		t.Helper()
		cmd := exec.Command(binary, with(url, args...)...)
		var out, log safeBuffer
		cmd.Stdout, cmd.Stderr = &out, &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		defer late.Stop()
		if interrupt {
			log.wait(t, "Ctrl-C takes it back")
			for late := time.Now().Add(patience); srv.Status().Requests == 0; time.Sleep(time.Millisecond) { // it is on its way
				if time.Now().After(late) {
					t.Fatal("the relay hears of no request")
				}
			}
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
		_ = cmd.Wait()
		return cmd.ProcessState.ExitCode(), out.String(), log.String()
	}
	code, stdout, stderr := run(true, "dnc", "5551234567", "--undo", "29s")
	if code != exitNoAnswer || stdout != "" || !strings.Contains(stderr, "taken back in time; OCS was told nothing") || len(s.DNC()) != 0 {
		t.Errorf("interrupted: exit %d\n%s%s%v", code, stdout, stderr, s.DNC())
	}
	code, stdout, stderr = run(true, "dnc", "5551234567", "5551234568", "--undo", "1h", "-o", "jsonl")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != exitNoAnswer || len(lines) != 2 || object(t, lines[0])["state"] != "undone" || object(t, lines[1])["state"] != "not-sent" || len(s.DNC()) != 0 {
		t.Errorf("two of them: exit %d\n%s%s%v", code, stdout, stderr, s.DNC())
	}
	if !strings.Contains(stderr, "held for 30s") {
		t.Errorf("the relay's limit: %s", stderr)
	}
	code, stdout, stderr = run(false, "dnc", "5551234567", "--undo", "50ms")
	if code != 0 || !strings.Contains(stdout, "on the Do Not Call list") || len(s.DNC()) == 0 {
		t.Errorf("not interrupted: exit %d\n%s%s%v", code, stdout, stderr, s.DNC())
	}
}

// A window that the relay does not give is no window: nothing is sent.
func TestNoUndo(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, func(_ *scenario.Scenario, o *relay.Options) { o.Limits.Undo = -1 })
	code, _, stderr := invoke(t, "", with(url, "dnc", "5551234567", "--undo", "5s")...)
	if code != exitInvalid || !strings.Contains(stderr, "holds nothing back") || len(s.DNC()) != 0 {
		t.Errorf("exit %d\n%s", code, stderr)
	}
	for _, args := range [][]string{{"dnc", "1234", "--undo", "-5s"}, {"dnc", "--file", filepath.Join(t.TempDir(), "none"), "--undo", "5s"}} {
		if code, _, stderr := invoke(t, "", with(url, args...)...); code != exitUsage || !strings.Contains(stderr, "--undo") {
			t.Errorf("%q: exit %d\n%s", args, code, stderr)
		}
	}
	if f := failureOf(exitOf(&frame.Refusal{Code: frame.RefusedUndone})); f.State != client.Undone.String() || f.OK || f.Retryable {
		t.Errorf("%+v", f)
	}
}
