package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"commdn/relay"
	"commdn/relay/config"
	"commdn/relay/directory"
)

// daemon is a relay that runs by a configuration file, and reads it again.
type daemon struct {
	file        string
	level       slog.LevelVar
	log         *slog.Logger
	identities  *identities // nil: nobody is asked who they are
	certificate atomic.Pointer[relay.Certificate]
	metrics     *prometheus.Registry
	srv         *relay.Server
	last        atomic.Pointer[reloaded]

	listeners []net.Listener // in the order that they were opened; closed by close
	beside    []*beside
	browsers  net.Listener // one of listeners, with TLS where there is a certificate

	mu    sync.Mutex // one reload at a time
	setup *setup     // what the relay works with
}

// reloaded is the outcome of reading the configuration.
type reloaded struct {
	Time         time.Time `json:"time"`
	OK           bool      `json:"ok"`
	TakenOver    []string  `json:"taken_over,omitempty"`    // options that have changed
	NeedsRestart []string  `json:"needs_restart,omitempty"` // likewise, with their old values still in use
	Findings     []string  `json:"findings,omitempty"`      // what is worth knowing of the configuration
	Errors       []string  `json:"errors,omitempty"`        // why nothing has changed
}

// newDaemon reads the configuration and opens everything that the relay needs,
// so that what cannot be had ends it before it serves.
func newDaemon(e *env, file string) (*daemon, error) {
	s, err := readSetup(file)
	if err == nil {
		err = s.openable()
	}
	if err != nil {
		return nil, err
	}
	d := &daemon{file: file, setup: s, metrics: prometheus.NewRegistry()}
	d.setLevel(s.conf)
	options := &slog.HandlerOptions{Level: &d.level}
	d.log = slog.New(slog.NewTextHandler(e.stderr, options))
	if s.conf.Log.Format == "json" {
		d.log = slog.New(slog.NewJSONHandler(e.stderr, options))
	}
	d.log.Info("configuration read", "file", file, "version", version)
	s.tell(func(severity directory.Severity, text string) { d.log.Log(e.ctx, logLevel(severity), text) })
	d.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if err := d.open(e); err != nil {
		d.close()
		return nil, err
	}
	d.last.Store(&reloaded{Time: time.Now().UTC(), OK: true, Findings: s.texts()})
	return d, nil
}

// logLevel is what a finding is logged as.
func logLevel(s directory.Severity) slog.Level {
	return map[directory.Severity]slog.Level{directory.Error: slog.LevelError, directory.Warning: slog.LevelWarn}[s]
}

// texts gives the findings as lines.
func (s *setup) texts() (all []string) {
	s.tell(func(severity directory.Severity, text string) { all = append(all, severity.String()+": "+text) })
	return all
}

func (d *daemon) setLevel(c *config.Config) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Log.Level)) // Check knows the words
	d.level.Set(level)
}

func (d *daemon) open(e *env) error {
	c := d.setup.conf
	settings, err := d.setup.settings()
	if err != nil {
		return err
	}
	options := relay.Options{
		Links: d.setup.links(), Settings: settings,
		AnswerTimeout: c.Limits.AnswerTimeout, HelloTimeout: c.Limits.HelloTimeout,
		PingInterval: c.Limits.PingInterval, WriteTimeout: c.Limits.WriteTimeout, DrainTimeout: c.DrainTimeout,
		BehindProxy: c.BehindProxy, Metrics: d.metrics, Log: d.log,
	}
	if c.Auth.On() {
		a, err := newAuthenticator(c.Auth, d.log)
		if err != nil {
			return err
		}
		d.identities = &identities{wait: 10 * time.Second}
		d.identities.now.Store(a)
		options.Auth = d.identities
	}
	if d.browsers, err = d.listen(relay.Listen(c.Listen, c.Auth.On())); err != nil {
		return err
	}
	if c.TLS.On() {
		if err := d.secure(c); err != nil {
			return err
		}
	}
	if d.srv, err = relay.New(e.downloads(options)); err != nil {
		return err
	}
	return d.openBeside(c)
}

// listen keeps what was opened, to close it.
func (d *daemon) listen(l net.Listener, err error) (net.Listener, error) {
	if err == nil {
		d.listeners = append(d.listeners, l)
	}
	return l, err
}

// secure puts TLS before what browsers reach.
func (d *daemon) secure(c *config.Config) error {
	certificate, err := relay.LoadCertificate(string(c.TLS.CertFile), string(c.TLS.KeyFile), d.log)
	if err != nil {
		return err
	}
	d.certificate.Store(certificate)
	conf := certificate.Config()
	conf.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		return d.certificate.Load().Config().GetCertificate(hello)
	}
	d.browsers = tls.NewListener(d.browsers, conf)
	return nil
}

// close ends what newDaemon has begun. It may be called after run.
func (d *daemon) close() {
	for _, l := range d.listeners {
		_ = l.Close()
	}
	if d.srv != nil {
		d.srv.Close()
	}
	if d.identities != nil {
		d.identities.now.Load().close()
	}
}

// run serves until the command is ended, and reloads on SIGHUP.
func (d *daemon) run(e *env) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	var running sync.WaitGroup
	running.Go(func() {
		for range hangup {
			d.reload()
		}
	})
	for _, b := range d.beside {
		running.Go(func() { b.serve(d.log) })
	}
	scheme := "http"
	if d.setup.conf.TLS.On() {
		scheme = "https"
	}
	fmt.Fprintf(e.stdout, "commdn relay: %s://%s/\n", scheme, d.browsers.Addr())
	err := d.srv.Serve(e.ctx, d.browsers)
	signal.Stop(hangup)
	close(hangup)
	for _, b := range d.beside {
		b.stop()
	}
	running.Wait()
	return err
}

// reload reads the configuration and what it names again, and has the relay go
// over to it as far as it can. What is wrong changes nothing.
func (d *daemon) reload() *reloaded {
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
		d.log.Info("configuration reloaded", "file", d.file, "taken_over", r.TakenOver)
		if r.NeedsRestart != nil {
			d.log.Warn("these options have changed and need a new start", "options", r.NeedsRestart)
		}
	}
	d.last.Store(r)
	return r
}

func (d *daemon) tryReload() (*reloaded, error) {
	r := &reloaded{}
	next, err := readSetup(d.file)
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
		if certificate, err = relay.LoadCertificate(string(next.conf.TLS.CertFile), string(next.conf.TLS.KeyFile), d.log); err != nil {
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
	next.tell(func(severity directory.Severity, text string) {
		if severity != directory.Info {
			d.log.Log(context.Background(), logLevel(severity), text)
		}
	})
	r.Findings = next.texts()
	return r, nil
}
