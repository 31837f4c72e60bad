package leak

import (
	"strings"
	"testing"
	"time"
)

func leftBehind(started, stop chan struct{}) {
	close(started)
	<-stop
}

func TestLeft(t *testing.T) {
	if left := Left(time.Minute); left != nil {
		t.Fatalf("before anything was started: %q", left)
	}
	started, stop := make(chan struct{}), make(chan struct{})
	go leftBehind(started, stop)
	<-started
	left := Left(0)
	close(stop)
	if len(left) != 1 || !strings.Contains(left[0], "leftBehind") {
		t.Errorf("left = %q, want the one goroutine in leftBehind", left)
	}
	if left := Left(time.Minute); left != nil {
		t.Errorf("after it ended: %q", left)
	}
}

func TestMain(m *testing.M) { Main(m) }
