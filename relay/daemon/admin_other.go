//go:build !unix

package daemon

import "syscall"

// ownerOnly does nothing: the mode of the file is set after it is there.
func ownerOnly(string, string, syscall.RawConn) error { return nil }
