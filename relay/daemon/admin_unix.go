//go:build unix

package daemon

import (
	"errors"
	"syscall"
)

// ownerOnly gives the file of a Unix socket its mode before it is there, as far
// as the system takes that from the socket: Linux does.
func ownerOnly(_, _ string, c syscall.RawConn) error {
	var err error
	outer := c.Control(func(fd uintptr) { err = syscall.Fchmod(int(fd), 0o600) })
	return errors.Join(outer, err)
}
