package daemon

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestListenAdmin(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "admin.sock")
	l, err := ListenAdmin(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	answered := make(chan error, 1)
	go func() {
		c, err := l.Accept() // the other relay's look, or nothing
		if err == nil {
			_ = c.Close()
		}
		answered <- err
	}()
	if _, err := ListenAdmin(path); err == nil || !strings.Contains(err.Error(), path+": another process answers on it") {
		t.Errorf("a second relay: %v", err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the living socket: %v", err)
	}

	// As a process leaves it that was killed.
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = l.Close()
	if l, err = ListenAdmin(path); err != nil {
		t.Fatalf("over a dead socket: %v", err)
	}
	_ = l.Close()
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Close: %v", err)
	}

	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ path, want string }{
		{path, "is there and is no socket"},
		{filepath.Join(filepath.Dir(path), "none", "admin.sock"), "no such file or directory"},
		{path + strings.Repeat("x", 108), "invalid argument"},
	} {
		if l, err := ListenAdmin(x.path); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, %v, want %q", x.path, l, err, x.want)
		}
	}
}
