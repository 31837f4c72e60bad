package daemon

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"commdn/relay/config"
)

// Reloaded is the outcome of reading the configuration.
type Reloaded struct {
	Time         time.Time `json:"time"`
	OK           bool      `json:"ok"`
	TakenOver    []string  `json:"taken_over,omitempty"`    // options that have changed
	NeedsRestart []string  `json:"needs_restart,omitempty"` // likewise, with their old values still in use
	Findings     []string  `json:"findings,omitempty"`      // what is worth knowing of the configuration
	// Certificate is the one for browsers, with the file that it was read from; nil:
	// the relay has none.
	Certificate *TakenCertificate `json:"certificate,omitempty"`
	Errors      []string          `json:"errors,omitempty"` // why nothing has changed
}

// TakenCertificate is a certificate that was read again.
type TakenCertificate struct {
	config.Certificate
	New bool `json:"new"` // it is another one than before
}

// Reload reads the configuration and what it names again, and has the relay go
// over to it as far as it can. What is wrong changes nothing.
func (d *Daemon) Reload() *Reloaded {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, err := d.tryReload()
	if err != nil {
		d.refused.Add(1)
		r = &Reloaded{Errors: lines(err)} // nothing of what it would have done is true
		for _, text := range r.Errors {
			d.log.Error("configuration refused, the old one stays in use", "error", text)
		}
	} else {
		r.OK = true
		d.log.Info("configuration reloaded", "file", d.o.File, "taken_over", r.TakenOver)
		if c := r.Certificate; c != nil {
			d.log.Info("certificate read", "file", c.File, "new", c.New, "serial", c.Serial, "until", c.Expires)
		}
		if r.NeedsRestart != nil {
			d.log.Warn("these options have changed and need a new start", "options", r.NeedsRestart)
		}
	}
	r.Time = time.Now().UTC()
	d.last.Store(r)
	return r
}

func (d *Daemon) tryReload() (*Reloaded, error) {
	r := &Reloaded{}
	from := d.setup.conf
	next, err := readSetup(d.o.File, d.pushed, d.log)
	// What the next start would refuse is refused now, while somebody looks.
	for _, refuses := range []func() error{
		func() error { return next.openable() }, func() error { return next.silent() }, func() error { return next.usable() },
		func() error { return startable(from, next.conf) },
	} {
		if err == nil {
			err = refuses()
		}
	}
	if err != nil {
		return r, err
	}
	r.TakenOver, r.NeedsRestart = config.Diff(from, next.conf)
	bridge := next.conf.Directory.Bridge
	next.conf = config.Merge(from, next.conf)
	if bridge != from.Directory.Bridge { // which pushes until the next start
		next = complete(next.conf, d.setup.directory)
	}
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
	if certificate != nil {
		r.Certificate = taken(d.certificate.Load(), certificate)
	}
	d.certificate.Store(certificate)
	d.setLevel(next.conf)
	d.use(next)
	d.sayFindings(next)
	r.Findings = next.texts()
	return r, nil
}

// lines gives each error of joined ones, or each line of one, by itself.
func lines(err error) []string { return strings.Split(strings.TrimRight(err.Error(), "\n"), "\n") }

// taken says which certificate takes the place of which.
func taken(before, now *Certificate) *TakenCertificate {
	was, _ := before.describe()
	is, _ := now.describe()
	return &TakenCertificate{is, was.Serial != is.Serial || was.Expires != is.Expires}
}

// startable says whether a start could open what a reload does not: addresses to
// listen on that are others now, and the admin socket.
func startable(from, to *config.Config) error {
	var all []error
	ours := map[string]bool{port(from.Listen): true, port(from.Metrics.Listen): true, port(from.Pprof): true}
	for _, a := range []struct{ option, was, is string }{
		{"listen", from.Listen, to.Listen}, {"metrics.listen", from.Metrics.Listen, to.Metrics.Listen}, {"pprof", from.Pprof, to.Pprof},
	} {
		if a.is == a.was || a.is == "" {
			continue
		}
		l, err := net.Listen("tcp", a.is)
		if errors.Is(err, syscall.EADDRINUSE) && ours[port(a.is)] {
			continue // by this relay, which a start comes after
		}
		if err != nil {
			all = append(all, fmt.Errorf("%s: %w", a.option, err))
			continue
		}
		_ = l.Close()
	}
	if to.AdminSocket != from.AdminSocket && to.AdminSocket != "" {
		if l, err := ListenAdmin(string(to.AdminSocket)); err != nil {
			all = append(all, fmt.Errorf("admin_socket: %w", err))
		} else {
			_ = l.Close()
		}
	}
	return errors.Join(all...)
}

func port(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}
