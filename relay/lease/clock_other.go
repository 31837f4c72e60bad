//go:build !linux

package lease

import "time"

var began = time.Now()

// Clock gives the time since the process started. Whether it counts the time in which
// the machine was suspended is up to the system.
func Clock() time.Duration { return time.Since(began) }
