package relay

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/internal/raced"
	"commdn/relay/web"
)

// The crowd is a process of its own: a process may open only so many files.
const (
	crowdAddress = "COMMDN_TEST_CROWD_ADDRESS" // of the relay; makes the test program a crowd
	crowdSize    = "COMMDN_TEST_CROWD_SIZE"
)

// crowd opens connections and leaves them silent until its input ends: a third
// says nothing at all, a third stops within the request, and a third has a
// WebSocket and does not say hello. It tells on its output when all are there.
func crowd(address string) error {
	size, err := strconv.Atoi(os.Getenv(crowdSize))
	if err != nil {
		return err
	}
	whole := fmt.Sprintf("GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"+
		"Sec-WebSocket-Protocol: %s\r\n\r\n", address, frame.Subprotocol)
	says := []string{"", whole[:40], whole}
	all := make([]net.Conn, size)
	for i := range all {
		if all[i], err = net.Dial("tcp", address); err != nil {
			return fmt.Errorf("connection %d: %w", i+1, err)
		}
		if _, err := io.WriteString(all[i], says[i%3]); err != nil {
			return fmt.Errorf("connection %d: %w", i+1, err)
		}
		if i%3 < 2 {
			continue
		}
		_ = all[i].SetReadDeadline(time.Now().Add(patience))
		answer, err := http.ReadResponse(bufio.NewReaderSize(all[i], 512), nil)
		if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
			return fmt.Errorf("connection %d: %v %w", i+1, answer, err)
		}
	}
	fmt.Println("open")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// 15,000 connections that say nothing keep nobody from being served, are no
// sessions, and leave nothing behind.
func TestSilentCrowd(t *testing.T) {
	size := 15_000
	if raced.On {
		size = 6_000
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if room := int(min(limit.Cur, 1<<20)) - 1000; room < size {
		t.Logf("this process may open %d files: the crowd is smaller", limit.Cur)
		size = room
	}
	l, err := web.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	behind := newRig(t, installation(connectedOCS(201)), nil)
	r := serveOn(t, l, behind.sim.Addr(), func(o *Options) {
		o.HelloTimeout, o.Settings.Limits = time.Minute, Limits{
			PerAddress: size, Rate: 1e6, Burst: 1000, Waiting: size, WaitingPerAddress: size, ArrivalBurst: size, HTTP: size,
		}
		o.Links[0].OCS = []commdn.DBID{201}
		o.headerTimeout = time.Minute
	})
	r.waitLink(true)
	standing := r.session()

	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), crowdAddress+"="+r.addr, fmt.Sprintf("%s=%d", crowdSize, size))
	var errs strings.Builder
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close() }) // which ends it, whatever happens
	ended := make(chan error, 1)
	said := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		said <- line
		ended <- cmd.Wait()
	}()
	// Served while they come,
	n := uint32(0)
	for open := false; !open; {
		n++
		standing.put(n, fmt.Sprintf("55501%05d", n))
		select {
		case line := <-said:
			if line != "open\n" {
				t.Fatalf("the crowd says %q %s %v", line, &errs, <-ended)
			}
			open = true
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Logf("%d connections; %d requests meanwhile", size, n)
	if got := r.open(); got != 1+size/3 {
		t.Errorf("%d connections count as such, want %d", got, 1+size/3)
	}
	if got := len(r.srv.Status().Roles); got != 1 || r.srv.Status().Sessions != 1 {
		t.Errorf("%d sessions", r.srv.Status().Sessions)
	}
	// and while they stand: who is there, and who comes.
	standing.put(n+1, "5550200001")
	r.session().put(1, "5550200002")
	if answer, body := r.get("/readyz"); answer.StatusCode != http.StatusOK {
		t.Errorf("readyz: %d %s", answer.StatusCode, body)
	}
	_ = in.Close()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the crowd: %v %s", err, &errs)
		}
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		t.Fatal("the crowd does not end")
	}
	r.until("they are gone", func() bool { return r.open() == 2 })
	standing.put(n+2, "5550200003")
}
