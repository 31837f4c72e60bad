package bulk

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// hold takes a results file for this job: one that two jobs write is of no use.
// The lock is the system's and ends with the process. While it holds, PATH.lock
// tells people who has it.
func hold(path string, f *os.File) (release func() error, err error) {
	note := path + ".lock"
	ok, err := lock(f)
	if err != nil {
		return nil, &ResultsError{path, 0, "cannot be locked against another job: " + err.Error() + "; give a file on a local disk"}
	}
	if !ok {
		holder := "another process"
		if who, err := os.ReadFile(note); err == nil && len(who) > 0 && len(who) < 512 {
			holder = oneLine(strings.TrimSpace(string(who)))
		}
		return nil, &ResultsError{path, 0, "is in use by " + holder + "; wait for its end, or give another name"}
	}
	host, _ := os.Hostname()
	who := fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host, time.Now().Format(time.RFC3339))
	if err := os.WriteFile(note, []byte(who), 0o600); err != nil {
		return nil, err
	}
	return func() error { return errors.Join(os.Remove(note), f.Close()) }, nil
}
