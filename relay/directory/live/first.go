package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"commdn/relay/directory"
)

// How long First waits for a bridge: with a directory on disk, and without.
const (
	waitWithCache = 5 * time.Second
	waitWithout   = time.Minute
)

// First returns the directory for the relay's start: that of the bridge, or, if none
// comes within 5 s or the relay cannot use it, the one on disk. Without one on disk it
// waits for the bridge for a minute. The error has both reasons.
func First(ctx context.Context, o Options) (*directory.Directory, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	wait := waitWithCache
	cached, errCache := load(o.Cache)
	if errCache != nil {
		wait = waitWithout
	}
	within, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	d, err := insist(within, o)
	if err == nil {
		unusable := o.Unusable(d)
		if unusable == nil || errCache != nil || o.Unusable(cached) != nil {
			return d, nil
		}
		err = fmt.Errorf("it cannot be used: %w", unusable)
	}
	switch {
	case errCache == nil:
		o.Log.Warn("no directory of the bridge, so that the one on disk is used", "bridge", o.Address, "file", o.Cache, "of", cached.Export.Date, "err", err)
		return cached, nil
	}
	return nil, errors.Join(fmt.Errorf("no directory of the bridge: %w", err), errCache)
}

// insist asks a bridge until it sends a directory, or ctx ends. The error then is the
// last one that says more than the end of ctx.
func insist(ctx context.Context, o Options) (*directory.Directory, error) {
	var reason error
	for failed := 0; ; failed++ {
		d, err := Fetch(ctx, o)
		if err == nil {
			return d, nil
		}
		if reason == nil || !over(ctx) {
			reason = err
		}
		select {
		case <-ctx.Done():
			return nil, reason
		case <-time.After(o.backoff(failed)):
		}
	}
}

// over reports whether ctx has ended or is about to: a dial that fails at its deadline
// returns a moment before ctx says so.
func over(ctx context.Context) bool {
	by, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(by)
}

// Fetch asks a bridge for its directory once. A message of the bridge about Configuration
// Server, in place of a directory, becomes the error.
func Fetch(ctx context.Context, o Options) (*directory.Directory, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	w, err := connect(ctx, &o)
	if err != nil {
		return nil, err
	}
	defer w.close()
	for {
		m, err := w.read()
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, fmt.Errorf("live: %s is connected, and has sent no directory in time: %w", source(o.Address), context.Cause(ctx))
		case err != nil:
			return nil, err
		case m.kind == kindError:
			return nil, fmt.Errorf("live: %s cannot read Configuration Server: %s", source(o.Address), m.text)
		case m.kind == kindDirectory:
			return parse(source(o.Address), m.data)
		}
	}
}

// load reads the directory on disk.
func load(file string) (*directory.Directory, error) {
	if file == "" {
		return nil, errors.New("no directory on disk: directory.cache is not set")
	}
	d, err := directory.Load(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no directory on disk: %s is not there", file)
	case err != nil:
		return nil, fmt.Errorf("no directory on disk: %w", err)
	case d.Export == nil:
		return nil, fmt.Errorf("no directory on disk: %s is no export of Configuration Server", file)
	}
	return d, nil
}

// save writes a directory to disk, atomically.
func save(file string, data []byte) error {
	next := file + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("live: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(next, file)
	}
	if err != nil {
		_ = os.Remove(next)
		return fmt.Errorf("live: %w", err)
	}
	return nil
}
