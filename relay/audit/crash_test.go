package audit

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/desk"
	"commdn/relay/journal"
)

// victimFolder makes the test binary a process that accepts requests into a folder
// until it is killed. Every other process has no link, so that what it accepts waits.
const (
	victimFolder = "COMMDN_TEST_VICTIM"
	victimName   = "COMMDN_TEST_VICTIM_NAME"
	victimUp     = "COMMDN_TEST_VICTIM_UP"
)

func victim(folder string) error {
	j, err := journal.Open(journal.Options{Folder: folder, InFlight: 64, Keep: time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	ctx := context.Background()
	l, err := Open(ctx, options(j))
	if err != nil {
		return err
	}
	o, err := newOffice(j, l, os.Getenv(victimUp) != "")
	if err != nil {
		return err
	}
	fmt.Println("ready")
	var running sync.WaitGroup
	for w := range 8 {
		running.Go(func() {
			for n := 0; ; n++ {
				key := fmt.Sprintf("%s-%d-%d", os.Getenv(victimName), w, n)
				ticket, refusal := o.ask(ctx, key, &commdn.DoNotCall{Phone: fmt.Sprintf("555%07d", n)})
				if refusal != nil {
					continue
				}
				if e, err := ticket.Next(ctx, 0); err == nil && e.Kind == desk.Accepted {
					fmt.Println(key)
				}
			}
		})
	}
	running.Wait()
	return nil
}

// Whatever was accepted is in the audit after a kill at any moment: with its outcome, or
// as waiting.
func TestKilled(t *testing.T) {
	kills := 6
	if n, err := strconv.Atoi(os.Getenv("CHAOS_ROUNDS")); err == nil {
		kills = n
	}
	folder := filepath.Join(t.TempDir(), "journal")
	accepted := map[string]bool{}
	for k := range kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), victimFolder+"="+folder, fmt.Sprintf("%s=p%d", victimName, k))
		if k%2 == 0 {
			cmd.Env = append(cmd.Env, victimUp+"=1")
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() || lines.Text() != "ready" {
			_ = cmd.Wait()
			t.Fatalf("process %d did not start: %q", k, lines.Text())
		}
		kill := time.AfterFunc(time.Duration(20+rand.IntN(300))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		for lines.Scan() {
			accepted[lines.Text()] = true
		}
		kill.Stop()
		_ = cmd.Wait()
	}
	o := openOffice(t, folder, false)
	for late := time.Now().Add(3 * patience); ; time.Sleep(200 * time.Millisecond) {
		seen := map[string]bool{}
		if err := o.audit.Find(t.Context(), Query{}, func(e *Entry) error { seen[e.Key] = true; return nil }); err != nil {
			t.Fatal(err)
		}
		var missing []string
		for key := range accepted {
			if !seen[key] {
				missing = append(missing, key)
			}
		}
		if len(missing) == 0 {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("%d of %d accepted are not in the audit: %s …", len(missing), len(accepted), strings.Join(missing[:min(5, len(missing))], " "))
		}
	}
	rep, err := o.audit.Verify(t.Context(), nil, nil)
	if err != nil || len(rep.Problems) > 0 {
		t.Errorf("%v, %+v", err, rep)
	}
	t.Logf("%d kills, %d accepted, none missing, %d entries", kills, len(accepted), rep.Entries)
	if len(accepted) < kills {
		t.Errorf("only %d accepted", len(accepted))
	}
}
