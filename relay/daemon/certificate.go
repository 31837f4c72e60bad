package daemon

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"commdn/relay/config"
)

// Certificate is a TLS certificate in two files that is read again when they
// change, so that a renewed one needs no restart.
type Certificate struct {
	certFile, keyFile string
	every             time.Duration // how often the files are looked at, when somebody connects
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	sum     [sha256.Size]byte // of the files that it was read from
	looked  time.Time
	failed  string // why the files could not be read; empty: they could
}

// LoadCertificate reads the files once.
func LoadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	return loadCertificate(certFile, keyFile, 10*time.Second, log)
}

func loadCertificate(certFile, keyFile string, every time.Duration, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, every: every, log: log}
	c.looked = time.Now()
	if _, err := c.read(); err != nil {
		return nil, err
	}
	return c, nil
}

// Config gives the server's side of TLS: 1.2 or later, and HTTP/1.1 alone, since
// the WebSocket needs that.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.get(), nil },
	}
}

// get gives the certificate of the files as they are now. Files that cannot be
// read, or do not fit together because one of them is still to be replaced,
// leave the old one in use.
func (c *Certificate) get() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= c.every {
		c.looked = now
		switch renewed, err := c.read(); {
		case err != nil:
			if c.failed != err.Error() { // else the log has it
				c.log.Warn("certificate not renewed, the old one stays in use", "error", err)
			}
			c.failed = err.Error()
		default:
			c.failed = ""
			if renewed {
				c.log.Info("certificate renewed", "file", c.certFile, "until", c.current.Leaf.NotAfter)
			}
		}
	}
	return c.current
}

// describe says what is in use.
func (c *Certificate) describe() (config.Certificate, error) {
	return config.DescribeCertificate("browsers", "tls.cert_file", c.certFile, c.get())
}

// read reads the files and says whether they are others than before.
func (c *Certificate) read() (renewed bool, err error) {
	var files [2][]byte
	for i, name := range []string{c.certFile, c.keyFile} {
		if files[i], err = os.ReadFile(name); err != nil {
			return false, fmt.Errorf("relay: certificate %s with key %s: %w", c.certFile, c.keyFile, err)
		}
	}
	sum := sha256.Sum256(bytes.Join(files[:], nil))
	if c.current != nil && sum == c.sum {
		return false, nil
	}
	pair, err := tls.X509KeyPair(files[0], files[1])
	if err != nil {
		return false, fmt.Errorf("relay: certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	c.current, c.sum = &pair, sum
	return true, nil
}

// lookEvery is how often a relay that runs looks for certificates that expire.
const lookEvery = 24 * time.Hour

// watchCertificates warns once a day of certificates that have expired or soon
// will, until ctx ends. The start has warned already.
func (d *Daemon) watchCertificates(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			for _, c := range d.certificates() {
				if problem := c.Problem(now); problem != "" {
					d.log.Warn(problem)
				}
			}
		}
	}
}

// certificates are those that the relay shows to somebody: that for browsers as it
// is in use, and those of its own connections, which read their files each time.
func (d *Daemon) certificates() []config.Certificate {
	all := d.conf.Load().Certificates()
	inUse := d.certificate.Load()
	if inUse == nil {
		return all
	}
	all = slices.DeleteFunc(all, func(c config.Certificate) bool { return c.Use == "browsers" })
	if c, err := inUse.describe(); err == nil {
		all = append([]config.Certificate{c}, all...)
	}
	return all
}
