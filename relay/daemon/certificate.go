package daemon

import (
	"bytes"
	"crypto/sha256"
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
	sum     [sha256.Size]byte // of the files that it was read from
	looked  time.Time
}

// LoadCertificate reads the files once.
func LoadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, every: 10 * time.Second, log: log}
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
			c.log.Warn("certificate not renewed, the old one stays in use", "error", err)
		case renewed:
			c.log.Info("certificate renewed", "file", c.certFile, "until", c.current.Leaf.NotAfter)
		}
	}
	return c.current
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
