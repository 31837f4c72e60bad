package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"commdn/relay/cmd/commdn/bulk"
)

// jobInput is what a job reads. A pipe is read once, as it comes, unless it has to
// be read twice: then it goes to a temporary file first.
type jobInput struct {
	in    io.Reader
	file  *os.File // what in is, where it can be read from its start again
	close func() error
}

// openInput opens the file and fills in what a job needs to know of it.
func (f *peopleFlags) openInput(e *env, o *bulk.Options) (*jobInput, error) {
	in := &jobInput{in: e.stdin, close: func() error { return nil }}
	o.Open = in.open
	if isTerminal(e.stderr) {
		o.Progress = e.stderr
	}
	if f.File == "-" {
		return in, nil
	}
	file, err := os.Open(f.File)
	if err != nil {
		return nil, err
	}
	in.in, in.close = file, file.Close
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if other, err := os.Stat(f.Results); err == nil && os.SameFile(info, other) {
		_ = file.Close()
		return nil, &exitError{exitUsage, fmt.Errorf("commdn: --results %s is the file of numbers", f.Results)}
	}
	if info.Mode().IsRegular() {
		in.file, o.Size = file, info.Size()
	}
	return in, nil
}

// keep makes sure that the jobInput can be read twice.
func (in *jobInput) keep() error {
	if in.file != nil {
		return nil
	}
	temp, err := os.CreateTemp("", "commdn-*.csv")
	if err != nil {
		return err
	}
	pipe, closePipe := in.in, in.close
	in.in, in.file = temp, temp
	in.close = func() error {
		return errors.Join(closePipe(), temp.Close(), os.Remove(temp.Name()))
	}
	_, err = io.Copy(temp, pipe)
	return err
}

// open gives the jobInput, from its start where that is possible.
func (in *jobInput) open() (io.ReadCloser, error) {
	if in.file != nil {
		if _, err := in.file.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
	}
	return io.NopCloser(in.in), nil
}
