package linkcheck

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/config"
	"commdn/relay/directory"
	"commdn/relay/directory/live"
	"commdn/relay/internal/near"
)

// bridgeWithin is how long a bridge may take for its directory.
const bridgeWithin = 30 * time.Second

// Setup is a relay's configuration with the directory that it names.
type Setup struct {
	Config *config.Config
	// Directory is nil where none is named, and where Failure says why there is
	// none.
	Directory *directory.Directory
	Failure   error
}

// Read reads a configuration and the directory. The error is one of the
// configuration: a directory that cannot be had is a finding like others.
func Read(ctx context.Context, file string) (*Setup, error) {
	conf, err := config.Load(file, os.Environ())
	if err != nil {
		return nil, err
	}
	s := &Setup{Config: conf}
	switch d := conf.Directory; {
	case d.File != "":
		s.Directory, s.Failure = directory.LoadIn(string(d.File), d.Encoding)
	case d.Bridge.On():
		s.Directory, s.Failure = fetch(ctx, d.Bridge)
	}
	return s, nil
}

func fetch(ctx context.Context, b config.Bridge) (*directory.Directory, error) {
	secure, err := b.TLS.Config()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, bridgeWithin, fmt.Errorf("nothing within %s", bridgeWithin))
	defer cancel()
	return live.Fetch(ctx, live.Options{Address: b.Address, TLS: secure})
}

// Names gives campaigns and groups as a relay would tell them; none without a
// directory.
func (s *Setup) Names() frame.Directory {
	if s.Directory == nil {
		return frame.Directory{}
	}
	return s.Directory.Frame(func(directory.Kind, frame.Named, frame.Named) bool { return true })
}

// complete fills in what a link leaves to the directory, and gives what the
// directory says of it.
func (s *Setup) complete(l config.Link) (config.Link, []directory.Finding) {
	if s.Directory == nil {
		return l, nil
	}
	one := config.Config{Links: []config.Link{l}}
	found := one.Complete(s.Directory)
	return one.Links[0], found
}

// Chosen gives the links of these names, in the order of the configuration; all of
// them for no name.
func (s *Setup) Chosen(names []string) (chosen []config.Link, err error) {
	if len(names) == 0 {
		return s.Config.Links, nil
	}
	var have []string
	for _, l := range s.Config.Links {
		have = append(have, l.Name)
		if slices.Contains(names, l.Name) {
			chosen = append(chosen, l)
		}
	}
	for _, name := range names {
		if slices.Contains(have, name) {
			continue
		}
		hint := "there are " + strings.Join(have, ", ")
		if like := near.Names(name, have, 1); like != nil {
			hint = "did you mean " + like[0] + "?"
		}
		return nil, fmt.Errorf("%q is no link of the configuration; %s", name, hint)
	}
	return chosen, nil
}
