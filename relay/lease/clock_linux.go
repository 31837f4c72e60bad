package lease

import (
	"time"

	"golang.org/x/sys/unix"
)

// Clock gives the time since the machine started, with the time in which it was
// suspended.
func Clock() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		panic(err) // Linux has it since 2.6.39
	}
	return time.Duration(t.Nano())
}
