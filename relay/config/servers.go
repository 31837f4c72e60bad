package config

import (
	"crypto/tls"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"commdn/relay/directory"
	"commdn/relay/internal/dial"
	"commdn/relay/internal/netname"
	"commdn/relay/internal/strictyaml"
)

// Config makes what a client connects with; nil where it is not used.
func (t ClientTLS) Config() (*tls.Config, error) {
	if !t.On() {
		return nil, nil
	}
	return dial.Files{CA: string(t.CAFile), Cert: string(t.CertFile), Key: string(t.KeyFile), ServerName: t.ServerName}.Config()
}

// unixScheme begins the address of a Unix socket.
const unixScheme = "unix:"

func isUnix(s string) bool { return strings.HasPrefix(s, unixScheme) }

// server checks an address to connect to: HOST:PORT, or unix:/path.
func (c *checker) server(path, s string) (ok bool) {
	if socket, ok := strings.CutPrefix(s, unixScheme); ok {
		switch {
		case !filepath.IsAbs(socket):
			c.Fail(path, "%s is no address of a Unix socket; give unix: and its whole path, unix:/run/commdn/bridge.sock for one", strictyaml.Quote(s))
		case len(socket) > maxSocket:
			c.Fail(path, "has %d bytes; the path of a Unix socket has at most %d", len(socket), maxSocket)
		default:
			return true
		}
		return false
	}
	if host, port, err := netname.SplitHostPort(s); err != nil || host == "" || port == 0 {
		c.Fail(path, "%s is no address; give HOST:PORT, or unix:/path for a Unix socket", strictyaml.Quote(s))
		return false
	}
	return true
}

// sameServer says whether two addresses are one: host names know no case.
func sameServer(a, b string) bool {
	return a == b || !isUnix(a) && netname.Authority(a) == netname.Authority(b)
}

// local says whether an address of server leads to this machine alone.
func local(s string) bool {
	host, _, _ := net.SplitHostPort(s)
	return isUnix(s) || netname.Loopback(host)
}

// clientTLS checks what the relay needs to connect over TLS to these addresses.
func (c *checker) clientTLS(path string, t ClientTLS, addresses ...string) {
	if !t.On() {
		return
	}
	if t.CAFile == "" || t.CertFile == "" || t.KeyFile == "" {
		c.Fail(path, "needs ca_file, cert_file and key_file, or none of them")
	}
	if t.ServerName != "" && !netname.IsHost(t.ServerName) {
		c.Fail(path+".server_name", "%s is no host name", strictyaml.Quote(t.ServerName))
	}
	if len(addresses) > 0 && !slices.ContainsFunc(addresses, func(s string) bool { return !isUnix(s) }) {
		c.Fail(path, "is for HOST:PORT, and there are only Unix sockets, which never have TLS; leave it away")
	}
}

// directory looks at where the directory comes from.
func (c *checker) directory() {
	d := c.Directory
	switch err := directory.CheckEncoding(d.Encoding); {
	case err != nil:
		c.Fail("directory.encoding", "%s", err)
	case d.Encoding != "" && d.File == "":
		c.Fail("directory.encoding", "is that of directory.file, and there is none")
	}
	switch {
	case d.File != "" && d.Bridge.On():
		c.Fail("directory", "has both file and bridge; give one of them")
	case d.Bridge.On():
		ok := c.server("directory.bridge.address", d.Bridge.Address)
		c.clientTLS("directory.bridge.tls", d.Bridge.TLS, d.Bridge.Address)
		if ok && !local(d.Bridge.Address) && !d.Bridge.TLS.On() {
			c.Fail("directory.bridge", "%s is no loopback address; give tls, so that nobody else can say what the directory is", strictyaml.Quote(d.Bridge.Address))
		}
	case d.Bridge.TLS.On():
		c.Fail("directory.bridge", "needs an address")
	case d.Cache != "":
		c.Fail("directory.cache", "keeps what a bridge sends, and there is no directory.bridge")
	}
}
