package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

// ListenAdmin opens a Unix socket that only its owner may use. The folder has to
// be there. A socket file that a dead process left is replaced; one on which
// somebody answers, and a file that is no socket, are errors. Close takes the
// file away.
func ListenAdmin(path string) (net.Listener, error) {
	if err := clearSocket(path); err != nil {
		return nil, fmt.Errorf("relay: admin socket %s: %w", path, err)
	}
	l, err := (&net.ListenConfig{Control: ownerOnly}).Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("relay: admin socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("relay: admin socket: %w", err)
	}
	return l, nil
}

// clearSocket takes away a socket file that nobody listens on any more.
func clearSocket(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != os.ModeSocket:
		return errors.New("is there and is no socket; give another path")
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		_ = c.Close()
		return errors.New("another process answers on it; end that, or give another path")
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}
