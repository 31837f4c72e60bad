// Package e2e drives the built binary with headless Chromium, as a person
// would: with mouse and keyboard.
package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is what ./build.sh build makes.
const binary = "../bin/commdn"

// patience is the longest that a test waits for anything.
const patience = 15 * time.Second

// demo is a running `commdn demo`.
type demo struct {
	t    testing.TB
	addr string
	args []string
	cmd  *exec.Cmd
	out  io.ReadCloser
}

// startDemo runs the binary on a free loopback port, with arguments that are
// added to that.
func startDemo(t testing.TB, args ...string) *demo {
	t.Helper()
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("%v; run ./build.sh build first", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &demo{t: t, addr: l.Addr().String(), args: args}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	d.start()
	t.Cleanup(d.kill)
	return d
}

// start runs the process and waits until it says where it is.
func (d *demo) start() {
	d.t.Helper()
	d.cmd = exec.Command(binary, append([]string{"demo", "--listen", d.addr}, d.args...)...)
	if _, bench := d.t.(*testing.B); !bench { // there the log would stand between the numbers
		d.cmd.Stderr = d.t.Output()
	}
	var err error
	if d.out, err = d.cmd.StdoutPipe(); err != nil {
		d.t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	line, err := bufio.NewReader(d.out).ReadString('\n')
	if err != nil || !strings.Contains(line, d.url()) {
		d.t.Fatalf("demo said %q (%v), want its URL %s", line, err, d.url())
	}
}

func (d *demo) url() string { return "http://" + d.addr + "/" }

// kill ends the process without a chance to say goodbye.
func (d *demo) kill() {
	if d.cmd.ProcessState != nil {
		return
	}
	_ = d.cmd.Process.Kill()
	_ = d.cmd.Wait()
}

// terminate sends SIGTERM and wants a clean end.
func (d *demo) terminate() {
	d.t.Helper()
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- d.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			d.t.Fatalf("after SIGTERM: %v", err)
		}
	case <-time.After(patience):
		d.t.Fatal("still running after SIGTERM")
	}
}

// entry is one entry of /sim/api/dnc.
type entry struct {
	Phone      string    `json:"phone"`
	CustomerID string    `json:"customer_id"`
	Time       time.Time `json:"time"`
}

// list gives the simulated Do Not Call list.
func (d *demo) list() []entry {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url()+"sim/api/dnc", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	var entries []entry
	err = json.NewDecoder(resp.Body).Decode(&entries)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		d.t.Fatal(err)
	}
	return entries
}

// on says how often a phone is on the list.
func (d *demo) on(phone string) int {
	d.t.Helper()
	n := 0
	for _, e := range d.list() {
		if e.Phone == phone {
			n++
		}
	}
	return n
}
