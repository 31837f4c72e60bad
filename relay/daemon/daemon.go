// Package daemon runs a relay by its configuration file: set-up, reload,
// certificate, metrics, profiler and admin socket. Package relay is what it runs.
package daemon

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"io/fs"
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
	"commdn/relay/audit"
	"commdn/relay/config"
	"commdn/relay/directory"
	"commdn/relay/directory/live"
	"commdn/relay/internal/maskhash"
	"commdn/relay/journal"
	"commdn/relay/metrics"
	"commdn/relay/web"
)

// Options say what a Daemon works with.
type Options struct {
	File    string    // the configuration; absolute
	Files   fs.FS     // what a browser downloads
	Version string    // told to clients
	Log     io.Writer // where log lines go
}

// Daemon is a relay that runs by a configuration file, and reads it again.
type Daemon struct {
	o           Options
	level       slog.LevelVar
	log         *slog.Logger
	identities  *identities // nil: nobody is asked who they are
	certificate atomic.Pointer[Certificate]
	metrics     *prometheus.Registry
	srv         *relay.Server
	journal     *journal.Journal // nil: requests are kept in memory
	audit       *audit.Log       // nil: there is none
	bridge      *live.Client     // that pushes the directory; nil: there is none
	last        atomic.Pointer[Reloaded]
	refused     atomic.Uint64 // reloads
	book        *logbook
	hash        maskhash.Key    // of numbers in the log
	said        map[string]bool // findings that the log has; of who holds mu

	listeners []net.Listener // in the order that they were opened; closed by close
	beside    []*beside
	browsers  net.Listener // one of listeners, with TLS where there is a certificate

	mu    sync.Mutex                    // one reload at a time
	setup *setup                        // what the relay works with
	conf  atomic.Pointer[config.Config] // that of setup, for who does not hold mu
}

// use takes over what the relay works with from now on.
func (d *Daemon) use(s *setup) {
	d.setup = s
	d.conf.Store(s.conf)
}

// New reads the configuration and opens everything that the relay needs, so that
// what cannot be had ends it before it serves.
func New(o Options) (*Daemon, error) {
	book := &logbook{out: o.Log}
	s, err := readSetup(o.File, nil, slog.New(slog.NewTextHandler(book, nil)))
	if err == nil {
		err = s.openable()
	}
	if err != nil {
		return nil, err
	}
	d := &Daemon{o: o, metrics: prometheus.NewRegistry(), book: book, hash: maskhash.NewKey()}
	d.use(s)
	if file := s.conf.Log.HashKeyFile; file != "" {
		if d.hash, err = maskhash.ReadKey(string(file)); err != nil {
			return nil, fmt.Errorf("log.hash_key_file: %w", err)
		}
	}
	d.setLevel(s.conf)
	options := &slog.HandlerOptions{Level: &d.level}
	d.log = slog.New(slog.NewTextHandler(book, options))
	if s.conf.Log.Format == "json" {
		d.log = slog.New(slog.NewJSONHandler(book, options))
	}
	d.log.Info("configuration read", "file", o.File, "version", o.Version)
	d.sayFindings(s)
	d.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if err := d.open(); err != nil {
		d.Close()
		return nil, err
	}
	d.last.Store(&Reloaded{Time: time.Now().UTC(), OK: true, Findings: s.texts()})
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

func (d *Daemon) setLevel(c *config.Config) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Log.Level)) // Check knows the words
	d.level.Set(level)
}

func (d *Daemon) open() error {
	c := d.setup.conf
	settings, err := d.setup.settings()
	if err != nil {
		return err
	}
	links, err := d.setup.links()
	if err != nil {
		return err
	}
	options := relay.Options{
		Links: links, Settings: settings, Files: d.o.Files, Version: d.o.Version,
		AnswerTimeout: c.Limits.AnswerTimeout, StatusAge: c.Limits.StatusAge, HelloTimeout: c.Limits.HelloTimeout,
		PingInterval: c.Limits.PingInterval, WriteTimeout: c.Limits.WriteTimeout, DrainTimeout: c.DrainTimeout,
		BehindProxy: c.BehindProxy, Metrics: d.metrics, Log: d.log, Hash: &d.hash,
	}
	if err := metrics.NewDaemon(d.metrics, d.told); err != nil {
		return err
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
	if d.browsers, err = d.listen(web.Listen(c.Listen, c.Auth.On())); err != nil {
		return err
	}
	if c.TLS.On() {
		if err := d.secure(c); err != nil {
			return err
		}
	}
	if err := d.openJournal(c.Journal, &options); err != nil {
		return err
	}
	if err := d.openAudit(c, &options); err != nil {
		return err
	}
	if d.srv, err = relay.New(options); err != nil {
		return err
	}
	if err := d.follow(); err != nil {
		return err
	}
	return d.openBeside(c)
}

// listen keeps what was opened, to close it.
func (d *Daemon) listen(l net.Listener, err error) (net.Listener, error) {
	if err == nil {
		d.listeners = append(d.listeners, l)
	}
	return l, err
}

// secure puts TLS before what browsers reach.
func (d *Daemon) secure(c *config.Config) error {
	certificate, err := LoadCertificate(string(c.TLS.CertFile), string(c.TLS.KeyFile), d.log)
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

// Close ends what New has begun. It may be called after Run.
func (d *Daemon) Close() {
	if d.bridge != nil {
		d.bridge.Close() // first: it reloads the relay
	}
	for _, l := range d.listeners {
		_ = l.Close()
	}
	if d.srv != nil {
		d.srv.Close()
	}
	if d.audit != nil {
		d.audit.Close() // after the relay, which writes to its end
	}
	if d.journal != nil {
		d.journal.Close() // after the relay, which keeps outcomes to its end
	}
	if d.identities != nil {
		d.identities.now.Load().close()
	}
}

// Run serves until ctx ends, and reloads on SIGHUP. It calls ready with the URL
// for browsers once it serves.
func (d *Daemon) Run(ctx context.Context, ready func(url string)) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	var running sync.WaitGroup
	running.Go(func() {
		for range hangup {
			d.Reload()
		}
	})
	for _, b := range d.beside {
		running.Go(func() { b.serve(d.log) })
	}
	looking, looked := context.WithCancel(ctx)
	running.Go(func() { d.watchCertificates(looking) })
	scheme := "http"
	if d.setup.conf.TLS.On() {
		scheme = "https"
	}
	ready(scheme + "://" + d.browsers.Addr().String() + "/")
	err := d.srv.Serve(ctx, d.browsers)
	signal.Stop(hangup)
	close(hangup)
	looked()
	for _, b := range d.beside {
		b.stop()
	}
	running.Wait()
	return err
}
