package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a server that is measured.
type process struct {
	name   string
	cmd    *exec.Cmd
	lines  []string // printed before it was ready
	log    *tail
	closed chan struct{} // when its standard output ended
}

// startTime is how long a server may take until it serves.
const startTime = 30 * time.Second

// startProcess starts commdn with arguments and waits for a line with ready.
func startProcess(binary, ready string, args ...string) (*process, error) {
	p := &process{name: "commdn " + strings.Join(args[:min(2, len(args))], " "), cmd: exec.Command(binary, args...), log: &tail{}, closed: make(chan struct{})}
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	late := time.AfterFunc(startTime, func() { _ = p.cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.lines = append(p.lines, lines.Text())
		if strings.Contains(lines.Text(), ready) {
			break
		}
	}
	late.Stop()
	served := len(p.lines) > 0 && strings.Contains(p.lines[len(p.lines)-1], ready)
	go func() {
		defer close(p.closed)
		_, _ = io.Copy(io.Discard, out)
	}()
	if !served {
		p.end()
		return nil, fmt.Errorf("%s does not serve: %s", p.name, p.log)
	}
	return p, nil
}

// after gives what stands behind words in what the process printed.
func (p *process) after(words string) string {
	for _, line := range p.lines {
		if _, rest, ok := strings.Cut(line, words); ok {
			return rest
		}
	}
	return ""
}

// host is where the process serves HTTP.
func (p *process) host() string {
	host, _, _ := strings.Cut(p.after("http://"), "/")
	return host
}

func (p *process) url() string { return "ws://" + p.host() + "/ws" }

// end ends the process as a service manager would; nil and a second time do
// nothing.
func (p *process) end() {
	if p == nil || p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(startTime, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	<-p.closed
	_ = p.cmd.Wait()
}

// waitReady waits until the relay has its link.
func (p *process) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.host()+"/readyz", nil)
		if err != nil {
			return err
		}
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// clockTick is the unit of the times in /proc/PID/stat, the same on every Linux.
const clockTick = 10 * time.Millisecond

// cpu gives what the process has used of processors so far.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("%s has ended, or this is no Linux: %w; its log: %s", p.name, err, p.log)
	}
	return readCPU(text)
}

// readCPU reads user and system time, the 14th and 15th field; the 2nd is a
// name in brackets and may hold anything.
func readCPU(stat []byte) (time.Duration, error) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, errors.New("/proc/PID/stat has fewer fields than expected")
	}
	user, err := strconv.ParseInt(string(fields[11]), 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(string(fields[12]), 10, 64)
	return time.Duration(user+system) * clockTick, err
}

// memory gives the resident bytes of the process in KB.
func (p *process) memory() (float64, error) {
	// smaps_rollup is exact; the VmRSS of some kernels is off by some pages of
	// each processor.
	for _, file := range []string{"smaps_rollup", "status"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, file))
		if err != nil {
			continue
		}
		if kb, ok := readMemory(text); ok {
			return kb, nil
		}
	}
	return 0, fmt.Errorf("%s has ended, or this is no Linux; its log: %s", p.name, p.log)
}

func readMemory(text []byte) (kb float64, ok bool) {
	for line := range bytes.Lines(text) {
		f := bytes.Fields(line)
		if len(f) >= 2 && (string(f[0]) == "Rss:" || string(f[0]) == "VmRSS:") {
			kb, err := strconv.ParseFloat(string(f[1]), 64)
			return kb, err == nil
		}
	}
	return 0, false
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailLen = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if len(t.text) > 4*tailLen {
		t.text = append(t.text[:0], t.text[len(t.text)-tailLen:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text[max(0, len(t.text)-tailLen):]))
}
