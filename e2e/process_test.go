package e2e

import (
	"bufio"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is what ./build.sh build makes.
const binary = "../bin/commdn"

// patience bounds every wait of a test. A test that passes does not wait so long: it is
// for slow machines.
const patience = 30 * time.Second

// process is a running command of the binary.
type process struct {
	t      testing.TB
	cmd    *exec.Cmd
	stdout *bufio.Reader
	log    *lookout
}

// processes are the running ones, for the suite's time limit.
var processes = struct {
	sync.Mutex
	all map[*exec.Cmd]bool
}{all: map[*exec.Cmd]bool{}}

// endAll ends the browser and every process.
func endAll() {
	processes.Lock()
	for cmd := range maps.Keys(processes.all) {
		_ = cmd.Process.Kill()
	}
	processes.Unlock()
	shared.stop()
}

// start starts a command and kills it when the test ends.
func start(t testing.TB, args ...string) *process {
	t.Helper()
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("%v; run ./build.sh build first", err)
	}
	p := &process{t: t, cmd: exec.Command(binary, args...), log: &lookout{out: io.Discard, grew: make(chan struct{}, 1)}}
	if _, bench := t.(*testing.B); !bench { // there the log would stand between the numbers
		p.log.out = t.Output()
	}
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	processes.Lock()
	processes.all[p.cmd] = true
	processes.Unlock()
	t.Cleanup(p.kill)
	return p
}

// says reads the process's output until a line matches, and returns the first group of
// the match.
func (p *process) says(pattern string) string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	for {
		line, err := p.stdout.ReadString('\n')
		if m := re.FindStringSubmatch(line); m != nil {
			return m[1]
		}
		if err != nil {
			p.t.Fatalf("%v ended without a line like %s; it said %s", p.cmd.Args, pattern, p.log.said())
		}
	}
}

// kill ends the process without a chance to say goodbye.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		p.gone()
	}
}

// terminate sends SIGTERM and requires a clean end.
func (p *process) terminate() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	err := p.cmd.Wait()
	p.gone()
	if err != nil {
		p.t.Fatalf("within %v after SIGTERM: %v", patience, err)
	}
}

func (p *process) gone() {
	processes.Lock()
	defer processes.Unlock()
	delete(processes.all, p.cmd)
}

// lookout passes a process's log on and searches it.
type lookout struct {
	out  io.Writer
	grew chan struct{} // there is more; capacity 1

	mu   sync.Mutex
	text strings.Builder
}

func (l *lookout) Write(b []byte) (int, error) {
	l.mu.Lock()
	l.text.Write(b)
	l.mu.Unlock()
	select {
	case l.grew <- struct{}{}:
	default:
	}
	return l.out.Write(b)
}

func (l *lookout) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// find waits until the log matches and returns the first group of the match. Only one
// goroutine may wait.
func (l *lookout) find(t testing.TB, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for late := time.After(patience); ; {
		if m := re.FindStringSubmatch(l.said()); m != nil {
			return m[1]
		}
		select {
		case <-l.grew:
		case <-late:
			t.Fatalf("the log never had %s: %s", pattern, l.said())
		}
	}
}
