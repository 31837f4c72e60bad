package config

import (
	"net/url"

	"commdn/relay/internal/netname"
	"commdn/relay/internal/strictyaml"
)

// reachable checks who can reach the relay, and how.
func (c *checker) reachable() {
	host, ok := c.listen("listen", c.Listen)
	open := ok && !netname.Loopback(host)
	if (c.TLS.CertFile == "") != (c.TLS.KeyFile == "") {
		c.Fail("tls", "needs both cert_file and key_file, or neither")
	}
	switch {
	case c.Auth.On():
	case open:
		c.Fail("listen", "%s is no loopback address, and nobody is asked who they are; give auth.oidc or auth.jwks", strictyaml.Quote(c.Listen))
	case c.BehindProxy:
		c.Fail("behind_proxy", "lets others in through the proxy, and nobody is asked who they are; give auth.oidc or auth.jwks")
	}
	if open && !c.TLS.On() && !c.BehindProxy && c.Auth.On() {
		c.Fail("listen", "%s is no loopback address, and tokens would go over it in plain text; give tls, or behind_proxy: true if something else ends TLS before the relay", strictyaml.Quote(c.Listen))
	}
	c.journal((open || c.BehindProxy) && c.Auth.On())
	c.audit()
	for i, h := range c.Hosts {
		if h != "" && !netname.IsHost(h) {
			c.Fail(item("hosts", i), "%s is no host name; give it without scheme, port and wildcard", strictyaml.Quote(h))
		}
	}
	for i, o := range c.Origins {
		if _, err := netname.ParseOrigin(o); o != "" && err != nil {
			c.Fail(item("origins", i), "%s is no origin; give https://NAME or https://NAME:PORT, where the first label of NAME may be *", strictyaml.Quote(o))
		}
	}
	for i, o := range c.Parents {
		if _, err := netname.ParseParent(o); o != "" && err != nil {
			c.Fail(item("parents", i), "%s is no origin of a parent; give https://NAME or https://NAME:PORT, without a wildcard", strictyaml.Quote(o))
		}
	}
}

func (c *checker) auth() {
	a := c.Auth
	switch {
	case a.OIDC.On() && a.JWKS.On():
		c.Fail("auth", "has both oidc and jwks; give one of them")
	case a.OIDC.On():
		c.issuer("auth.oidc.issuer", a.OIDC.Issuer)
		c.needed("auth.oidc.audience", a.OIDC.Audience)
	case a.OIDC.Audience != "" || a.OIDC.CAFile != "":
		c.Fail("auth.oidc", "needs an issuer")
	case a.JWKS.On():
		c.needed("auth.jwks.issuer", a.JWKS.Issuer)
		c.needed("auth.jwks.audience", a.JWKS.Audience)
	case a.JWKS.Issuer != "" || a.JWKS.Audience != "":
		c.Fail("auth.jwks", "needs a file")
	}
	between(c, "auth.oidc.clock_skew", a.OIDC.ClockSkew, 0, maxSkew)
	between(c, "auth.jwks.clock_skew", a.JWKS.ClockSkew, 0, maxSkew)
	between(c, "auth.grace", a.Grace, 0, maxGrace)
	c.needed("auth.claims.roles", a.Claims.Roles)
	c.needed("auth.claims.name", a.Claims.Name)
	for i, r := range a.Rules {
		path := item("auth.rules", i)
		c.word(path+".role", r.Role, "agent", "supervisor", "auditor")
		if len(r.Campaigns)+len(r.Groups)+len(r.Tenants) == 0 {
			c.Fail(path, "narrows nothing; give campaigns, groups or tenants")
		}
	}
}

// issuer checks the URL of a provider. It does not show it: somebody may have put a
// password into it.
func (c *checker) issuer(path, s string) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || !netname.IsHost(u.Hostname()):
		c.Fail(path, "is no URL of an issuer; give it as its tokens have it, https://login.example.com/realm for one")
	case u.User != nil:
		c.Fail(path, "holds a user or a password; give it without")
	case u.RawQuery != "" || u.Fragment != "":
		c.Fail(path, "has a query or a fragment; give it without")
	case u.Scheme == "http" && !netname.Loopback(u.Hostname()):
		c.Fail(path, "is not encrypted; give an https URL")
	}
}
