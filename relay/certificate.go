package relay

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificate is a TLS certificate in two files that is read again when they
// change, so that a renewed one needs no restart.
type Certificate struct {
	certFile, keyFile string
	every             time.Duration // how often the files are looked at, when somebody connects
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	stamp   string // of the files that it was read from
	looked  time.Time
}

// LoadCertificate reads the files once.
func LoadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, every: 10 * time.Second, log: log}
	if err := c.read(); err != nil {
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
		if c.stampOf() != c.stamp {
			if err := c.readLocked(); err != nil {
				c.log.Warn("certificate not renewed, the old one stays in use", "error", err)
			} else {
				c.log.Info("certificate renewed", "file", c.certFile, "until", c.current.Leaf.NotAfter)
			}
		}
	}
	return c.current
}

// Reload reads the files now.
func (c *Certificate) Reload() error { return c.read() }

func (c *Certificate) read() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.readLocked()
}

func (c *Certificate) readLocked() error {
	stamp := c.stampOf()
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("relay: certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	c.current, c.stamp, c.looked = &pair, stamp, time.Now()
	return nil
}

// stampOf tells one state of the files from another.
func (c *Certificate) stampOf() string {
	stamp := ""
	for _, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			stamp += fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size(), ";")
		}
	}
	return stamp
}
