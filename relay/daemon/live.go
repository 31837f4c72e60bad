package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"commdn/relay/config"
	"commdn/relay/directory"
	"commdn/relay/directory/live"
	"commdn/relay/metrics"
)

// firstDirectory gives what a bridge has, or the last good one on disk.
func firstDirectory(conf *config.Config, log *slog.Logger) (*directory.Directory, error) {
	o, err := bridgeOptions(conf.Directory)
	if err != nil {
		return nil, err
	}
	o.Log = log
	o.Unusable = func(d *directory.Directory) error {
		s := complete(conf, d)
		return errors.Join(s.openable(), s.silent())
	}
	return live.First(context.Background(), o)
}

func bridgeOptions(d config.Directory) (live.Options, error) {
	secure, err := d.Bridge.TLS.Config()
	if err != nil {
		return live.Options{}, fmt.Errorf("directory.bridge.tls: %w", err)
	}
	return live.Options{Address: d.Bridge.Address, TLS: secure, Cache: string(d.Cache)}, nil
}

// follow takes over what a bridge pushes, from now on.
func (d *Daemon) follow() error {
	c := d.setup.conf.Directory
	if !c.Bridge.On() {
		return nil
	}
	o, err := bridgeOptions(c)
	if err != nil {
		return err
	}
	o.Have, o.Apply, o.Log = d.setup.directory, d.apply, d.log
	if d.bridge, err = live.Open(o); err != nil {
		return err
	}
	return metrics.NewDirectory(d.metrics, func() metrics.Directory {
		s := d.bridge.State()
		now := metrics.Directory{Connected: s.Connected, Wrong: s.Configuration != "" || s.Refusal != nil, Applied: s.Applied, Refused: s.Refused}
		for _, k := range s.Counts {
			now.Objects = append(now.Objects, metrics.Objects{Kind: k.Kind, N: k.N})
		}
		return now
	})
}

// pushed gives what the bridge in use has sent; nil: it is another one.
func (d *Daemon) pushed(b config.Bridge) *directory.Directory {
	if d.bridge == nil || b != d.setup.conf.Directory.Bridge {
		return nil
	}
	return d.bridge.Directory()
}

// complete gives a configuration with a directory; nil: it has none. conf stays as it
// is.
func complete(conf *config.Config, d *directory.Directory) *setup {
	c := *conf
	if d == nil {
		return &setup{conf: &c}
	}
	c.Links = slices.Clone(c.Links) // Complete writes into them
	return &setup{conf: &c, directory: d, findings: c.Complete(d)}
}

// apply takes over a directory that a bridge has pushed, like a reload. It refuses one
// that breaks what the one in use does not: an account that has lost its rights gets
// an empty directory, without an error. The links stay as they were opened.
func (d *Daemon) apply(pushed *directory.Directory) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := complete(d.setup.conf, pushed)
	if err := next.breaks(d.setup); err != nil {
		return err
	}
	settings, err := next.settings()
	if err != nil {
		return err
	}
	if err := d.srv.Reload(settings); err != nil {
		return err
	}
	d.use(next)
	d.sayFindings(next)
	return nil
}

// breaks gives the errors of links that have none in the setup in use.
func (s *setup) breaks(inUse *setup) error {
	link := func(f directory.Finding) string { name, _, _ := strings.Cut(f.Text, ": "); return name }
	had := make(map[string]bool)
	for _, f := range inUse.findings {
		had[link(f)] = had[link(f)] || f.Severity == directory.Error
	}
	var all []error
	for _, f := range s.findings {
		if f.Severity == directory.Error && !had[link(f)] {
			all = append(all, errors.New(f.Text))
		}
	}
	return errors.Join(all...)
}

// sayFindings logs what an administrator has to know and the log does not have
// already; what is only worth knowing it logs the first time alone.
func (d *Daemon) sayFindings(s *setup) {
	first, now := d.said == nil, make(map[string]bool)
	s.tell(func(severity directory.Severity, text string) {
		if severity != directory.Info {
			now[text] = true
		}
		if first || severity != directory.Info && !d.said[text] {
			d.log.Log(context.Background(), logLevel(severity), text)
		}
	})
	d.said = now
}

// Bridge is what is known of the bridge that pushes the directory.
type Bridge struct {
	Address   string            `json:"address"`
	Connected bool              `json:"connected"`
	Since     time.Time         `json:"since"`            // when Connected last changed
	Reason    string            `json:"reason,omitempty"` // why it is not connected, or what it says of Configuration Server
	Received  time.Time         `json:"received"`         // when it last sent a directory; zero: not since the relay started
	Refused   string            `json:"refused,omitempty"`
	Objects   []directory.Count `json:"objects"` // of the directory in use
}

// bridgeStatus says how the bridge is; nil: there is none.
func (d *Daemon) bridgeStatus() *Bridge {
	if d.bridge == nil {
		return nil
	}
	address := d.conf.Load().Directory.Bridge.Address
	s := d.bridge.State()
	b := &Bridge{Address: address, Connected: s.Connected, Since: s.Since.UTC(), Reason: s.Configuration, Received: s.Received, Objects: s.Counts}
	for text, err := range map[*string]error{&b.Refused: errors.Join(s.Refusal, s.CacheErr), &b.Reason: s.Err} {
		if err != nil {
			*text = err.Error()
		}
	}
	return b
}
