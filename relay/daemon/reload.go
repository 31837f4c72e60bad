package daemon

import (
	"strings"
	"time"

	"commdn/relay/config"
	"commdn/relay/directory"
)

// Reloaded is the outcome of reading the configuration.
type Reloaded struct {
	Time         time.Time `json:"time"`
	OK           bool      `json:"ok"`
	TakenOver    []string  `json:"taken_over,omitempty"`    // options that have changed
	NeedsRestart []string  `json:"needs_restart,omitempty"` // likewise, with their old values still in use
	Findings     []string  `json:"findings,omitempty"`      // what is worth knowing of the configuration
	Errors       []string  `json:"errors,omitempty"`        // why nothing has changed
}

// Reload reads the configuration and what it names again, and has the relay go
// over to it as far as it can. What is wrong changes nothing.
func (d *Daemon) Reload() *Reloaded {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, err := d.tryReload()
	r.Time = time.Now().UTC()
	if err != nil {
		r.Errors = lines(err)
		for _, text := range r.Errors {
			d.log.Error("configuration refused, the old one stays in use", "error", text)
		}
	} else {
		r.OK = true
		d.log.Info("configuration reloaded", "file", d.o.File, "taken_over", r.TakenOver)
		if r.NeedsRestart != nil {
			d.log.Warn("these options have changed and need a new start", "options", r.NeedsRestart)
		}
	}
	d.last.Store(r)
	return r
}

func (d *Daemon) tryReload() (*Reloaded, error) {
	r := &Reloaded{}
	var pushed *directory.Directory
	if d.bridge != nil {
		pushed = d.bridge.Directory()
	}
	next, err := readSetup(d.o.File, pushed, d.log)
	if err == nil {
		err = next.openable()
	}
	if err != nil {
		return r, err
	}
	from := d.setup.conf
	r.TakenOver, r.NeedsRestart = config.Diff(from, next.conf)
	next.conf = config.Merge(from, next.conf)
	settings, err := next.settings()
	if err != nil {
		return r, err
	}
	certificate := d.certificate.Load()
	if certificate != nil {
		if certificate, err = LoadCertificate(string(next.conf.TLS.CertFile), string(next.conf.TLS.KeyFile), d.log); err != nil {
			return r, err
		}
	}
	goOver := func() {}
	if d.identities != nil {
		if goOver, err = d.identities.next(from.Auth, next.conf.Auth, d.log); err != nil {
			return r, err
		}
	}
	// Nothing can fail from here on: settings has looked at what Reload looks at.
	if err := d.srv.Reload(settings); err != nil {
		return r, err
	}
	goOver()
	d.certificate.Store(certificate)
	d.setLevel(next.conf)
	d.setup = next
	d.sayFindings(next)
	r.Findings = next.texts()
	return r, nil
}

// lines gives each error of joined ones, or each line of one, by itself.
func lines(err error) []string { return strings.Split(strings.TrimRight(err.Error(), "\n"), "\n") }
