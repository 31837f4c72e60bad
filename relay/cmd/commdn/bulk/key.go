package bulk

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Job says what the requests of a job have in common, beside what is in their rows. A
// results file is of one Job.
type Job struct {
	Command string // what each row asks for, as "dnc"
	Flags   string // whom it asks, as on a command line; no line breaks
}

// String gives the command line.
func (j Job) String() string { return j.Command + " " + j.Flags }

// identity tells the requests of a job from those of every other one. It is kept beside
// the results, in PATH.job, so that a job that goes on after a crash has the keys of the
// one before.
type identity struct {
	path  string
	id    string // random, made with the results file
	round int    // how many times the job has worked on every row
	job   Job
}

// identify reads the identity of a job, or makes one for a fresh results file. It fails
// with a *ResultsError where the results may be of another job: what they call done may
// be something else then.
func identify(path string, fresh bool, job Job) (identity, error) {
	j := identity{path: path + ".job", job: job}
	if fresh {
		j.id = rand.Text()
		return j, j.save()
	}
	text, err := os.ReadFile(j.path)
	if errors.Is(err, os.ErrNotExist) {
		return j, &ResultsError{path, 0, "the file " + j.path + " is gone, which says of which job these are the results; put it back, or give another results file"}
	}
	if err != nil {
		return j, err
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	if n, err := fmt.Sscanf(first, "%s %d", &j.id, &j.round); n != 2 || err != nil {
		return j, &ResultsError{j.path, 1, "is not what a job writes; give another results file"}
	}
	if rest == "" {
		return j, &ResultsError{path, 0, "is of an earlier version, which did not write down what was asked for; give another results file, and every row is asked for again"}
	}
	command, flags, _ := strings.Cut(strings.TrimSuffix(rest, "\n"), " ")
	switch was := (Job{command, flags}); {
	case was == job:
		return j, nil
	case command != job.Command:
		return j, &ResultsError{path, 0, "this is the results file of a " + command + " job; give another one"}
	default:
		return j, &ResultsError{path, 0, "this is the results file of " + was.String() + "; go on with these flags, or give another results file"}
	}
}

// save writes the identity to the disk, whole or not at all.
func (j *identity) save() error {
	temp := j.path + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %d\n%s\n", j.id, j.round, j.job)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(temp, j.path)
}

// Key gives the key of the request for a row: the same for the same row of the same job
// until the job has worked on every row, and for no other one. So a request that was sent
// before a crash, and whose result was not written down, is the same request when the job
// goes on. Where a relay remembers that it could not carry out a request, a further try
// needs a key of its own.
func (r *Results) Key(row Row, try int) string {
	h := sha256.New()
	for _, s := range []string{
		r.job.id, strconv.Itoa(r.job.round), r.job.job.Command, r.job.job.Flags, strconv.Itoa(row.Line), row.Phone, row.CustomerID, row.Chain, row.Campaign, strconv.Itoa(try),
	} {
		_, _ = h.Write(append([]byte(s), 0))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// complete notes that every row has its result on the disk. Who runs the job again asks
// anew for those that are not done.
func (r *Results) complete() error {
	if err := r.file.Sync(); err != nil {
		return err
	}
	r.job.round++
	return r.job.save()
}
