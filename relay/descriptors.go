package relay

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// spare is how many file descriptors have to be free for a relay to be of use to
// somebody who comes.
const spare = 8

// descriptors says whether file descriptors are exhausted.
func descriptors() error {
	for range spare {
		f, err := os.Open(os.DevNull)
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			return fmt.Errorf("file descriptors are exhausted, fewer than %d are free: raise LimitNOFILE of the unit (ulimit -n)", spare)
		}
		if err == nil {
			defer f.Close()
		}
	}
	return nil
}
