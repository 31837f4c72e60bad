//go:build unix

package journal

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes a file for this process, until it is closed or the process ends;
// false: another one has it.
func lockFile(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// freeSpace gives the bytes that can still be written to the disk of a folder.
func freeSpace(folder string) (uint64, error) {
	var s syscall.Statfs_t
	err := syscall.Statfs(folder, &s)
	return uint64(s.Bavail) * uint64(s.Bsize), err
}
