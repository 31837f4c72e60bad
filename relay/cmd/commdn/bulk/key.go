package bulk

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
)

// identity tells the requests of a job from those of every other one. It is kept beside
// the results, in PATH.job, so that a job that goes on after a crash has the keys of the
// one before.
type identity struct {
	path  string
	id    string // random, made with the results file
	round int    // how many times the job has worked on every row
}

// identify reads the identity of the job, or makes one: for a fresh results file, and for
// one whose identity is not there.
func identify(path string, fresh bool) (identity, error) {
	j := identity{path: path + ".job"}
	text, err := os.ReadFile(j.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		fresh = true
	case err != nil:
		return j, err
	}
	if !fresh {
		if n, err := fmt.Sscanf(string(text), "%s %d\n", &j.id, &j.round); n != 2 || err != nil {
			return j, &ResultsError{j.path, 1, "is not what a job writes; remove it if no request of the job before can be under way"}
		}
		return j, nil
	}
	j.id = rand.Text()
	return j, j.save()
}

// save writes the identity to the disk, whole or not at all.
func (j *identity) save() error {
	temp := j.path + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %d\n", j.id, j.round)
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
		r.job.id, strconv.Itoa(r.job.round), strconv.Itoa(row.Line), row.Phone, row.CustomerID, row.Chain, row.Campaign, strconv.Itoa(try),
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
