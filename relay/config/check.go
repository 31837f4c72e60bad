package config

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/charsets"
	"commdn/relay/internal/netname"
	"commdn/relay/internal/strictyaml"
)

// Bounds of values.
const (
	maxText   = 1024 // bytes
	maxSkew   = 5 * time.Minute
	maxGrace  = time.Hour
	maxSocket = 107 // bytes of the path of a Unix socket
)

// Check returns what is wrong with the values, and with the files that they name: joined
// *strictyaml.Errors, or nil.
func (c *Config) Check() error {
	k := c.checker()
	k.values()
	k.files()
	return k.Err()
}

type checker struct {
	*strictyaml.Problems
	*Config
}

func (c *Config) checker() *checker {
	if c.from == nil {
		return &checker{strictyaml.New("configuration"), c}
	}
	return &checker{c.from.Fresh(), c}
}

func (c *checker) values() {
	c.texts(reflect.ValueOf(c.Config).Elem(), "")
	c.reachable()
	c.auth()
	c.limits()
	between(c, "drain_timeout", c.DrainTimeout, time.Millisecond, 10*time.Minute)
	if c.Metrics.Listen != "" {
		c.listen("metrics.listen", c.Metrics.Listen)
		if samePort(c.Metrics.Listen, c.Listen) {
			c.Fail("metrics.listen", "is listen too; give another port")
		}
	}
	if len(c.AdminSocket) > maxSocket {
		c.Fail("admin_socket", "has %d bytes; the path of a Unix socket has at most %d", len(c.AdminSocket), maxSocket)
	}
	if c.Pprof != "" {
		if host, ok := c.listen("pprof", c.Pprof); ok && !netname.Loopback(host) {
			c.Fail("pprof", "%s is no loopback address; a profiler shows what is in memory, so give 127.0.0.1 or ::1", strictyaml.Quote(host))
		}
	}
	c.word("log.level", c.Log.Level, "debug", "info", "warn", "error")
	c.word("log.format", c.Log.Format, "text", "json")
	c.directory()
	c.links()
}

// texts checks every text, and refuses empty items of lists.
func (c *checker) texts(v reflect.Value, path string) {
	switch {
	case strictyaml.IsMapping(v.Type()):
		for _, f := range strictyaml.Fields(v.Type()) {
			c.texts(v.FieldByIndex(f.Index), strictyaml.Join(path, f.Key))
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			at := path + "[" + strconv.Itoa(i) + "]"
			if v.Index(i).Kind() == reflect.String && v.Index(i).Len() == 0 {
				c.Fail(at, "is empty")
			}
			c.texts(v.Index(i), at)
		}
	case v.Kind() == reflect.String:
		if w := strictyaml.WrongText(v.String(), maxText); w != "" {
			c.Fail(path, "%s", w)
		}
	}
}

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

func (c *checker) limits() {
	l := c.Limits
	const million = 1_000_000
	for _, n := range []struct {
		key     string
		n, most int
	}{
		{"sessions", l.Sessions, million}, {"sessions_per_address", l.SessionsPerAddress, million},
		{"burst", l.Burst, million}, {"address_burst", l.AddressBurst, million},
		{"sessions_per_person", l.SessionsPerPerson, million}, {"person_burst", l.PersonBurst, million},
		{"requests_per_session", l.RequestsPerSession, 10_000}, {"queue", l.Queue, 100_000},
	} {
		between(c, "limits."+n.key, n.n, 1, n.most)
	}
	for _, f := range []struct {
		key string
		f   float64
	}{{"requests_per_second", l.RequestsPerSecond}, {"address_requests_per_second", l.AddressRequestsPerSecond}, {"person_requests_per_second", l.PersonRequestsPerSecond}} {
		between(c, "limits."+f.key, f.f, 0.01, million)
	}
	for _, d := range []struct {
		key   string
		d     time.Duration
		least time.Duration
	}{
		{"hello_timeout", l.HelloTimeout, 10 * time.Millisecond}, {"ping_interval", l.PingInterval, time.Second}, // clients get whole seconds
		{"answer_timeout", l.AnswerTimeout, 10 * time.Millisecond}, {"status_age", l.StatusAge, 10 * time.Millisecond}, {"write_timeout", l.WriteTimeout, 10 * time.Millisecond},
	} {
		between(c, "limits."+d.key, d.d, d.least, 10*time.Minute)
	}
	between(c, "limits.undo", l.Undo, 0, time.Minute)
	if l.PingInterval%time.Second != 0 {
		c.Fail("limits.ping_interval", "is %s; give whole seconds", strictyaml.Short(l.PingInterval))
	}
}

// linkName is the form of a link's name, which is a label of metrics.
var linkName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`)

func (c *checker) links() {
	if len(c.Links) == 0 {
		c.Fail("links", "are none; give one at least")
	}
	names, tenants := make(map[string]int), make(map[string]int)
	for i, l := range c.Links {
		path := item("links", i)
		if !linkName.MatchString(l.Name) {
			c.Fail(path+".name", "%s is no name for a link; give up to 63 letters, digits, and ._- behind the first", strictyaml.Quote(l.Name))
		}
		c.first(names, "links", i, ".name", l.Name)
		if len(l.Servers) == 0 {
			c.Fail(path+".servers", "are none; give the primary T-Server, and the backup where there is one")
		}
		for j, s := range l.Servers {
			c.server(item(path+".servers", j), s)
			if slices.ContainsFunc(l.Servers[:j], func(o string) bool { return sameServer(o, s) }) {
				c.Fail(item(path+".servers", j), "%s is there twice", strictyaml.Quote(s))
			}
		}
		c.clientTLS(path+".tls", l.TLS, l.Servers...)
		if !c.Directory.On() {
			const why = "; without a directory it has to be given"
			if l.CommDN == "" {
				c.Fail(path, "comm_dn is missing%s", why)
			}
			if l.Application == "" {
				c.Fail(path, "application is missing%s", why)
			}
			if l.AppDBID == 0 {
				c.Fail(path, "app_dbid is missing%s", why)
			}
			if len(l.Tenants) == 0 && len(c.Links) > 1 {
				c.Fail(path, "tenants are missing; with several links and no directory each needs those whose requests go there")
			}
		}
		c.short(path+".comm_dn", l.CommDN)
		c.short(path+".application", l.Application)
		if l.AppDBID < 0 {
			c.Fail(path+".app_dbid", "is %d; give 1 or more", l.AppDBID)
		}
		known := make(map[commdn.DBID]bool)
		for j, o := range l.OCS {
			if o.DBID < 1 {
				c.Fail(item(path+".ocs", j), "is %d; give 1 or more", o.DBID)
			}
			if o.Backup < 0 {
				c.Fail(item(path+".ocs", j)+".backup", "is %d; give 1 or more", o.Backup)
			}
			for _, id := range []commdn.DBID{o.DBID, o.Backup} {
				if id > 0 && known[id] {
					c.Fail(item(path+".ocs", j), "%d is there twice", id)
				}
				known[id] = true
			}
		}
		if err := charsets.Check(l.Charset); err != nil {
			c.Fail(path+".charset", "%s", err)
		}
		for j, t := range l.Tenants {
			c.first(tenants, "links", i, ".tenants["+strconv.Itoa(j)+"]", t)
		}
		between(c, path+".keep_alive.idle", l.KeepAlive.Idle, 100*time.Millisecond, time.Hour)
		between(c, path+".keep_alive.timeout", l.KeepAlive.Timeout, 100*time.Millisecond, time.Hour)
		between(c, path+".backoff.min", l.Backoff.Min, time.Millisecond, time.Hour)
		between(c, path+".backoff.max", l.Backoff.Max, l.Backoff.Min, time.Hour)
		c.numbers(path+".numbers", l.Numbers)
		c.tenantNumbers(path, l)
	}
}

// first refuses a value that an earlier item of the list has.
func (c *checker) first(seen map[string]int, list string, i int, key, s string) {
	if j, twice := seen[s]; twice && s != "" {
		c.Fail(item(list, i)+key, "%s is that of %s", strictyaml.Quote(s), c.Seen(item(list, j)))
		return
	}
	seen[s] = i
}

// short refuses a name that Configuration Server does not accept.
func (c *checker) short(path, s string) {
	const most = 255
	if len(s) > most {
		c.Fail(path, "has %d bytes; at most %d are possible", len(s), most)
	}
}

func (c *checker) needed(path, s string) {
	if s == "" {
		c.Fail(path, "is empty; give one")
	}
}

func (c *checker) word(path, s string, words ...string) {
	if !slices.Contains(words, s) {
		c.Fail(path, "is %s%s", strictyaml.Quote(s), strictyaml.Hint(s, words, "; give "))
	}
}

func between[T cmp.Ordered](c *checker, path string, v, least, most T) {
	if !(v >= least && v <= most) {
		c.Fail(path, "is %s; give %s to %s", number(v), number(least), number(most))
	}
}

func number(v any) string {
	switch v := v.(type) {
	case time.Duration:
		return strictyaml.Short(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// listen checks a HOST:PORT to listen on: the host may be empty, for every address of the
// machine, and the port 0, for any.
func (c *checker) listen(path, s string) (host string, ok bool) {
	host, _, err := netname.SplitHostPort(s)
	if err != nil {
		c.Fail(path, "%s is no address to listen on; give HOST:PORT, for example 127.0.0.1:8080", strictyaml.Quote(s))
		return "", false
	}
	return host, true
}

// samePort reports whether two listeners would collide.
func samePort(a, b string) bool {
	hostA, portA, _ := net.SplitHostPort(a)
	hostB, portB, _ := net.SplitHostPort(b)
	everywhere := func(h string) bool { return h == "" || h == "0.0.0.0" || h == "::" }
	return portA == portB && portA != "0" && (hostA == hostB || everywhere(hostA) || everywhere(hostB))
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

func item(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
