package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"commdn/relay/config"
	"commdn/relay/directory"
	"commdn/relay/directory/live"
	"commdn/relay/metrics"
)

// firstDirectory gives what a bridge has, or the last good one on disk.
func firstDirectory(d config.Directory, log *slog.Logger) (*directory.Directory, error) {
	o, err := bridgeOptions(d)
	if err != nil {
		return nil, err
	}
	o.Log = log
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
		now := metrics.Directory{Connected: s.Connected, Wrong: s.Configuration != "", Applied: s.Applied, Refused: s.Refused}
		for _, k := range s.Counts {
			now.Objects = append(now.Objects, metrics.Objects{Kind: k.Kind, N: k.N})
		}
		return now
	})
}

// apply takes over a directory that a bridge has pushed, like a reload. The links
// stay as they were opened.
func (d *Daemon) apply(pushed *directory.Directory) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	conf := *d.setup.conf
	conf.Links = slices.Clone(conf.Links) // Complete writes into them
	next := &setup{conf: &conf, directory: pushed}
	next.findings = conf.Complete(pushed)
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
