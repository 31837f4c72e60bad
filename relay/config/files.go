package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"commdn/relay/internal/maskhash"
	"commdn/relay/internal/netname"
	"commdn/relay/internal/strictyaml"
)

// files checks the files that the configuration names: each exists and is readable, and
// certificate and key belong together. The users of the directory and of the JWKS file
// check their content.
func (c *checker) files() {
	c.pair("tls", c.TLS.CertFile, c.TLS.KeyFile)
	c.authority("auth.oidc.ca_file", c.Auth.OIDC.CAFile)
	c.file("auth.jwks.file", c.Auth.JWKS.File)
	c.file("directory.file", c.Directory.File)
	c.clientFiles("directory.bridge.tls", c.Directory.Bridge.TLS)
	c.cache()
	c.journalFiles()
	c.file("audit.key_file", c.Audit.KeyFile)
	if c.file("log.hash_key_file", c.Log.HashKeyFile) {
		if _, err := maskhash.ReadKey(string(c.Log.HashKeyFile)); err != nil {
			c.Fail("log.hash_key_file", "%s", err)
		}
	}
	for i, l := range c.Links {
		c.clientFiles(item("links", i)+".tls", l.TLS)
	}
}

func (c *checker) clientFiles(path string, t ClientTLS) {
	c.authority(path+".ca_file", t.CAFile)
	c.pair(path, t.CertFile, t.KeyFile)
}

// pair checks that certificate and key are usable.
func (c *checker) pair(path string, certFile, keyFile Path) {
	cert, key := c.file(path+".cert_file", certFile), c.file(path+".key_file", keyFile)
	if !cert || !key {
		return
	}
	if _, err := tls.LoadX509KeyPair(string(certFile), string(keyFile)); err != nil {
		c.Fail(path, "certificate and key cannot be used: %s", err)
	}
}

// authority checks that a file holds certificates of a CA.
func (c *checker) authority(path string, name Path) {
	if !c.file(path, name) {
		return
	}
	pem, err := os.ReadFile(string(name))
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
		c.Fail(path, "%s holds no certificate in PEM", name)
	}
}

// cache checks that a file can be kept there; it need not exist yet.
func (c *checker) cache() {
	name := string(c.Directory.Cache)
	if name == "" {
		return
	}
	if _, err := os.Stat(name); err == nil {
		c.file("directory.cache", c.Directory.Cache)
	} else if info, err := os.Stat(filepath.Dir(name)); err != nil {
		c.Fail("directory.cache", "%s", fileError(err))
	} else if !info.IsDir() {
		c.Fail("directory.cache", "%s is no folder", filepath.Dir(name))
	}
}

// file checks that a named file is readable; an empty name is no error.
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

// Warnings returns what works but may not be what somebody wanted. Call it after Check.
func (c *Config) Warnings() []string {
	var all []string
	warn := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if !c.Auth.On() {
		warn("auth: nobody is asked who they are; whoever reaches this machine's loopback address may do everything")
	}
	key := func(path string, name Path) {
		if info, err := os.Stat(string(name)); err == nil && info.Mode().Perm()&0o007 != 0 {
			warn("%s.key_file: %s can be read or written by every user of the machine (mode %04o); take that right away", path, name, info.Mode().Perm())
		}
	}
	key("tls", c.TLS.KeyFile)
	key("journal.nats.tls", c.Journal.NATS.TLS.KeyFile)
	key("audit", c.Audit.KeyFile)
	if info, err := os.Stat(string(c.Log.HashKeyFile)); err == nil && info.Mode().Perm()&0o007 != 0 {
		warn("log.hash_key_file: %s can be read or written by every user of the machine (mode %04o); whoever has it finds numbers in the log", c.Log.HashKeyFile, info.Mode().Perm())
	}
	key("directory.bridge.tls", c.Directory.Bridge.TLS.KeyFile)
	for i, l := range c.Links {
		key(item("links", i)+".tls", l.TLS.KeyFile)
	}
	for _, one := range c.Certificates() {
		if problem := one.Problem(time.Now()); problem != "" {
			warn("%s", problem)
		}
	}
	for i, l := range c.Links {
		if found := l.KeepAlive.Idle + l.KeepAlive.Timeout; found >= c.Limits.AnswerTimeout && found > 0 {
			warn("%s.keep_alive: finds a frozen T-Server after up to %s, and requests wait no longer than limits.answer_timeout (%s): they would blame OCS; make idle and timeout shorter",
				item("links", i), strictyaml.Short(found), strictyaml.Short(c.Limits.AnswerTimeout))
		}
	}
	host, _, _ := net.SplitHostPort(c.Listen)
	others := !netname.Loopback(host) || c.BehindProxy
	if others && !c.Journal.On() {
		warn("journal: requests are kept in memory; a do-not-call that waits for OCS is lost with the process, and the relay accepts none while a link is down")
	}
	if why := c.Journal.warning(); why != "" {
		warn("%s", why)
	}
	switch {
	case !others || c.Audit.Mode == auditOff:
	case !c.AuditOn():
		warn("audit: there is none, as the journal is in memory; nobody can say later who asked for what")
	case c.Audit.KeyFile == "":
		warn("audit.key_file: there is none, so that nothing proves the audit against somebody who has its folder; openssl genpkey -algorithm ed25519 makes one")
	}
	if c.Directory.Bridge.On() && c.Directory.Cache == "" {
		warn("directory.cache: there is none, so that a relay cannot start without its bridge; give a file")
	}
	if others && len(c.Hosts) == 0 {
		warn("hosts: there are none, so that only requests to a loopback name are served; give the names that browsers reach the relay by")
	}
	if host, _, err := net.SplitHostPort(c.Metrics.Listen); err == nil && !netname.Loopback(host) {
		warn("metrics.listen: %s is no loopback address; whoever reaches it reads the metrics", c.Metrics.Listen)
	}
	return all
}
