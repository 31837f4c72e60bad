package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"

	"commdn/relay/internal/netname"
)

// files looks at what the configuration names: each file is there and can be
// read, and certificate and key belong together. What is in the directory and
// the JWKS file is for those who use them.
func (c *checker) files() {
	cert := c.file("tls.cert_file", c.TLS.CertFile)
	key := c.file("tls.key_file", c.TLS.KeyFile)
	if cert && key {
		if _, err := tls.LoadX509KeyPair(string(c.TLS.CertFile), string(c.TLS.KeyFile)); err != nil {
			c.Fail("tls", "certificate and key cannot be used: %s", err)
		}
	}
	if c.file("auth.oidc.ca_file", c.Auth.OIDC.CAFile) {
		pem, err := os.ReadFile(string(c.Auth.OIDC.CAFile))
		if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
			c.Fail("auth.oidc.ca_file", "%s holds no certificate in PEM", c.Auth.OIDC.CAFile)
		}
	}
	c.file("auth.jwks.file", c.Auth.JWKS.File)
	c.file("directory.file", c.Directory.File)
}

// file says whether there is a file to be read; that none is named is no error.
func (c *checker) file(path string, name Path) bool {
	if name == "" {
		return false
	}
	f, err := os.Open(string(name))
	if err != nil {
		c.Fail(path, "%s", fileError(err))
		return false
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		c.Fail(path, "%s is no file", name)
		return false
	}
	return true
}

func fileError(err error) string {
	var p *fs.PathError
	if !errors.As(err, &p) {
		return err.Error()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p.Path + " is not there"
	case errors.Is(err, fs.ErrPermission):
		return p.Path + " cannot be read: permission denied"
	}
	return fmt.Sprintf("%s cannot be read: %s", p.Path, p.Err)
}

// Warnings says what works, and may not be what somebody wanted. It is asked
// after Check.
func (c *Config) Warnings() []string {
	var all []string
	warn := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if !c.Auth.On() {
		warn("auth: nobody is asked who they are; whoever reaches this machine's loopback address may do everything")
	}
	if info, err := os.Stat(string(c.TLS.KeyFile)); err == nil && info.Mode().Perm()&0o007 != 0 {
		warn("tls.key_file: %s can be read or written by every user of the machine (mode %04o); take that right away", c.TLS.KeyFile, info.Mode().Perm())
	}
	host, _, _ := net.SplitHostPort(c.Listen)
	if (!netname.Loopback(host) || c.BehindProxy) && len(c.Hosts) == 0 {
		warn("hosts: there are none, so that only requests to a loopback name are served; give the names that browsers reach the relay by")
	}
	if host, _, err := net.SplitHostPort(c.Metrics.Listen); err == nil && !netname.Loopback(host) {
		warn("metrics.listen: %s is no loopback address; whoever reaches it reads the metrics", c.Metrics.Listen)
	}
	return all
}
