package config

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
	"time"

	"commdn/relay/internal/strictyaml"
)

// authoritySuffix ends the Use of authorities.
const authoritySuffix = " ca"

// CertificateSoon is how long before its end a certificate is told of.
const CertificateSoon = 14 * 24 * time.Hour

// Certificate is a certificate that the relay shows to somebody, or those of an
// authority that it trusts.
type Certificate struct {
	Use     string    `json:"use"`    // to whom: browsers, directory, or "link NAME"; with " ca" behind, or "sign-in ca": whom it trusts there
	Option  string    `json:"option"` // cert_file or ca_file of the configuration that names it
	File    string    `json:"file"`
	Serial  string    `json:"serial"`  // hexadecimal; of an authority that of the last one to expire
	Expires time.Time `json:"expires"` // of the first of its chain that does; of authorities, the last one
	Begins  time.Time `json:"begins"`
}

// ReadCertificate reads the certificate of two files in PEM, with its chain.
func ReadCertificate(use, option, certFile, keyFile string) (Certificate, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return Certificate{}, fmt.Errorf("%s: certificate %s with key %s: %w", option, certFile, keyFile, err)
	}
	return DescribeCertificate(use, option, certFile, &pair)
}

// DescribeCertificate says what one is that has been read.
func DescribeCertificate(use, option, file string, pair *tls.Certificate) (Certificate, error) {
	c := Certificate{Use: use, Option: option, File: file}
	for i, der := range pair.Certificate {
		one, err := x509.ParseCertificate(der)
		if err != nil {
			return c, fmt.Errorf("%s: certificate %s: %w", option, file, err)
		}
		if i == 0 {
			c.Serial, c.Begins, c.Expires = fmt.Sprintf("%X", one.SerialNumber), one.NotBefore.UTC(), one.NotAfter.UTC()
		} else if one.NotAfter.Before(c.Expires) {
			c.Expires = one.NotAfter.UTC() // an intermediate one: nobody trusts the first without it
		}
	}
	return c, nil
}

// readAuthority reads the certificates of authorities. One that has expired beside
// others is nothing to tell: files keep old ones.
func readAuthority(use, option, file string) (c Certificate, ok bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		return c, false
	}
	c = Certificate{Use: use, Option: option, File: file}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		one, err := x509.ParseCertificate(block.Bytes)
		if err == nil && one.NotAfter.After(c.Expires) {
			c.Serial, c.Begins, c.Expires = fmt.Sprintf("%X", one.SerialNumber), one.NotBefore.UTC(), one.NotAfter.UTC()
		}
	}
	return c, !c.Expires.IsZero()
}

// Problem says what is wrong with the time of a certificate, or soon will be;
// empty: nothing.
func (c Certificate) Problem(now time.Time) string {
	day := c.Expires.Format(time.RFC3339)
	outcome := "nobody connects with it"
	if strings.HasSuffix(c.Use, authoritySuffix) {
		outcome = "nothing that it has signed is trusted"
	}
	switch left := c.Expires.Sub(now); {
	case left <= 0:
		return fmt.Sprintf("%s: the certificate %s expired at %s; %s, so renew it now", c.Option, c.File, day, outcome)
	case now.Before(c.Begins):
		return fmt.Sprintf("%s: the certificate %s is valid from %s on; until then %s", c.Option, c.File, c.Begins.Format(time.RFC3339), outcome)
	case left < CertificateSoon:
		return fmt.Sprintf("%s: the certificate %s expires in %s, at %s; renew it", c.Option, c.File, Left(left), day)
	}
	return ""
}

// Left words a time that is left: days, or hours and minutes of the last two.
func Left(d time.Duration) string {
	if d >= 48*time.Hour {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s")
}

// Certificates are those that the configuration names and that can be read. What
// cannot be read Check refuses.
func (c *Config) Certificates() []Certificate {
	var all []Certificate
	add := func(use, path string, cert, key Path) {
		if cert == "" || key == "" {
			return
		}
		if one, err := ReadCertificate(use, strictyaml.Join(path, "cert_file"), string(cert), string(key)); err == nil {
			all = append(all, one)
		}
	}
	authority := func(use, option string, file Path) {
		if file == "" {
			return
		}
		if one, ok := readAuthority(use+authoritySuffix, option, string(file)); ok {
			all = append(all, one)
		}
	}
	authority("sign-in", "auth.oidc.ca_file", c.Auth.OIDC.CAFile)
	authority("directory", "directory.bridge.tls.ca_file", c.Directory.Bridge.TLS.CAFile)
	for i, l := range c.Links {
		authority("link "+l.Name, item("links", i)+".tls.ca_file", l.TLS.CAFile)
	}
	add("browsers", "tls", c.TLS.CertFile, c.TLS.KeyFile)
	add("directory", "directory.bridge.tls", c.Directory.Bridge.TLS.CertFile, c.Directory.Bridge.TLS.KeyFile)
	for i, l := range c.Links {
		add("link "+l.Name, item("links", i)+".tls", l.TLS.CertFile, l.TLS.KeyFile)
	}
	return all
}
