package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A relay whose file descriptors are exhausted is not ready, and says why; it is
// again when they are free.
func TestDescriptorsExhausted(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	r := process(t, "sh", "-c", `ulimit -n 64; exec "$0" "$@"`, built(t), "relay", "--config", c.config(c.signedIn("")))
	r.log.wait(t, "T-Server link is up")
	address := r.address(t, "metrics")
	kept := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}, Timeout: patience}
	defer kept.CloseIdleConnections()
	readyz := func() (int, string) {
		t.Helper()
		answer, err := kept.Get("http://" + address + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	if code, body := readyz(); code != 200 {
		t.Fatalf("at the start: %d %s", code, body)
	}
	var open []net.Conn
	defer func() {
		for _, one := range open {
			_ = one.Close()
		}
	}()
	for range 80 {
		one, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			break
		}
		open = append(open, one)
	}
	wait := func(want int, words string) {
		t.Helper()
		for late := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
			code, body := readyz()
			if code == want && strings.Contains(body, words) {
				return
			}
			if time.Now().After(late) {
				t.Fatalf("%d %s, want %d %q", code, body, want, words)
			}
		}
	}
	wait(503, "file descriptors are exhausted")
	for _, one := range open {
		_ = one.Close()
	}
	open = nil
	wait(200, `"ready":true`)
}
