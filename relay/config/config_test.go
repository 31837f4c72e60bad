package config

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// oneLink is the minimum content of a file.
const oneLink = "links: [{name: a, servers: ['h:1'], comm_dn: C, application: x, app_dbid: 5}]\n"

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "f: is empty; give the keys of a configuration"},
		{"unknown key", "listen: a\nlitsen: b\n", "f:2:1: litsen: unknown key; did you mean listen?"},
		{"unknown key inside", "auth:\n  oidc:\n    isuer: x\n", "f:3:5: auth.oidc.isuer: unknown key; did you mean issuer?"},
		{"nothing like it", "tls: {password: x}\n", "f:1:7: tls.password: unknown key; the keys here are cert_file, key_file"},
		{"twice", "listen: a\nlisten: b\n", "f:2:1: listen: is there twice; first in line 1"},
		{"types", "listen: [a]\nhosts: a\nbehind_proxy: yes\nlimits: {sessions: many, burst: 1.5, requests_per_second: x}\ndrain_timeout: 20\ntls: x\n",
			"f:1:1: listen: is no plain value; give a text\nf:2:1: hosts: must be a list\nf:3:1: behind_proxy: is the text \"yes\"; give true or false\n" +
				"f:4:10: limits.sessions: is the text \"many\"; give a whole number up to 9223372036854775807\nf:4:26: limits.burst: is 1.5; give a whole number up to 9223372036854775807\n" +
				"f:4:38: limits.requests_per_second: is the text \"x\"; give a number\nf:5:1: drain_timeout: is 20; give a duration such as 200ms, 90s or 1h30m\nf:6:6: tls: must be keys with values"},
		{"parts of lists", "links: [{name: a}]\nauth: {rules: [{values: [x]}]}\n", "f:1:9: links[0]: servers is missing\nf:2:16: auth.rules[0]: role is missing"},
		{"a DBID that is none", "links: [{name: a, servers: [], app_dbid: 3000000000}]\n", "f:1:32: links[0].app_dbid: is 3000000000; give a whole number up to 2147483647"},
	} {
		if cfg, err := Parse("f", []byte(c.text), nil); err == nil || cfg != nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestDefaults(t *testing.T) {
	c, err := Parse("f", []byte(oneLink), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Error(err)
	}
	want := Default()
	want.Links = []Link{{Name: "a", Driver: "tlink", Servers: []string{"h:1"}, CommDN: "C", Application: "x", AppDBID: 5,
		KeepAlive: KeepAlive{4 * time.Second, 4 * time.Second}, Backoff: Backoff{250 * time.Millisecond, 5 * time.Second}, Numbers: Numbers{Send: []string{"digits"}, Extension: "drop"}}}
	want.from = c.from
	if !reflect.DeepEqual(c, want) {
		t.Errorf("%+v\nwant %+v", c, want)
	}
}

func TestCheck(t *testing.T) {
	const signedIn = "auth: {oidc: {issuer: 'https://l.example.com', audience: a}}\n"
	long := strings.Repeat("a", 256)
	for _, c := range []struct{ name, text, want string }{
		{"a relay for this machine", oneLink, ""},
		{"a relay for all", oneLink + signedIn + "listen: ':443'\nbehind_proxy: true\njournal: memory\n", ""},
		{"IPv6", oneLink + "listen: '[::1]:8080'\n", ""},
		{"without auth", oneLink + "listen: 0.0.0.0:8080\n", `f:2:1: listen: "0.0.0.0:8080" is no loopback address, and nobody is asked who they are; give auth.oidc or auth.jwks`},
		{"without auth, everywhere", oneLink + "listen: ':8080'\n", `f:2:1: listen: ":8080" is no loopback address, and nobody is asked who they are; give auth.oidc or auth.jwks`},
		{"without auth, behind a proxy", oneLink + "behind_proxy: true\n", "f:2:1: behind_proxy: lets others in through the proxy, and nobody is asked who they are; give auth.oidc or auth.jwks"},
		{"without TLS", oneLink + signedIn + "listen: relay.example.com:8080\njournal: memory\n", `f:3:1: listen: "relay.example.com:8080" is no loopback address, and tokens would go over it in plain text; give tls, or behind_proxy: true if something else ends TLS before the relay`},
		{"listen", oneLink + "listen: 8080\n", `f:2:1: listen: "8080" is no address to listen on; give HOST:PORT, for example 127.0.0.1:8080`},
		{"listen, port", oneLink + "listen: localhost:65536\n", `f:2:1: listen: "localhost:65536" is no address to listen on; give HOST:PORT, for example 127.0.0.1:8080`},
		{"half of TLS", oneLink + "tls: {cert_file: check_test.go}\n", "f:2:1: tls: needs both cert_file and key_file, or neither\nf:2:7: tls.cert_file: check_test.go is not there"},
		{"hosts", oneLink + "hosts: [a.example.com, 'https://b', 'c:1', '*.d', '']\n",
			"f:2:24: hosts[1]: \"https://b\" is no host name; give it without scheme, port and wildcard\nf:2:37: hosts[2]: \"c:1\" is no host name; give it without scheme, port and wildcard\nf:2:44: hosts[3]: \"*.d\" is no host name; give it without scheme, port and wildcard\nf:2:51: hosts[4]: is empty"},
		{"parents", oneLink + "parents:\n  - https://crm.example.com\n  - https://*.example.com\n  - \"'self'\"\n  - ''\n",
			"f:4:5: parents[1]: \"https://*.example.com\" is no origin of a parent; give https://NAME or https://NAME:PORT, without a wildcard\n" +
				"f:5:5: parents[2]: \"'self'\" is no origin of a parent; give https://NAME or https://NAME:PORT, without a wildcard\nf:6:5: parents[3]: is empty"},

		{"both providers", oneLink + "auth: {oidc: {issuer: 'https://l', audience: a}, jwks: {file: config_test.go, issuer: i, audience: a}}\n", "f:2:1: auth: has both oidc and jwks; give one of them"},
		{"no audience", oneLink + "auth: {oidc: {issuer: 'https://l'}}\n", "f:2:8: auth.oidc.audience: is empty; give one"},
		{"no issuer", oneLink + "auth: {oidc: {audience: a}}\n", "f:2:8: auth.oidc: needs an issuer"},
		{"an issuer in plain text", oneLink + "auth: {oidc: {issuer: 'http://login.example.com', audience: a}}\n", "f:2:15: auth.oidc.issuer: is not encrypted; give an https URL"},
		{"an issuer on this machine", oneLink + "auth: {oidc: {issuer: 'http://127.0.0.1:9000/realm', audience: a}}\n", ""},
		{"a password", oneLink + "auth: {oidc: {issuer: 'https://u:geheim@l', audience: a}}\n", "f:2:15: auth.oidc.issuer: holds a user or a password; give it without"},
		{"a bad URL with a password", oneLink + "auth: {oidc: {issuer: 'https://u:geheim@l:x', audience: a}}\n", "f:2:15: auth.oidc.issuer: is no URL of an issuer; give it as its tokens have it, https://login.example.com/realm for one"},
		{"a query", oneLink + "auth: {oidc: {issuer: 'https://l?a=b', audience: a}}\n", "f:2:15: auth.oidc.issuer: has a query or a fragment; give it without"},
		{"skew", oneLink + "auth: {oidc: {clock_skew: 6m}, jwks: {clock_skew: -1s}, grace: 2h}\n",
			"f:2:15: auth.oidc.clock_skew: is 6m; give 0s to 5m\nf:2:39: auth.jwks.clock_skew: is -1s; give 0s to 5m\nf:2:57: auth.grace: is 2h; give 0s to 1h"},
		{"jwks", oneLink + "auth: {jwks: {file: config_test.go}}\n", "f:2:8: auth.jwks.issuer: is empty; give one\nf:2:8: auth.jwks.audience: is empty; give one"},
		{"jwks without a file", oneLink + "auth: {jwks: {issuer: i}}\n", "f:2:8: auth.jwks: needs a file"},
		{"jwks file that is not there", oneLink + "auth: {jwks: {file: none.json, issuer: i, audience: a}}\n", "f:2:15: auth.jwks.file: none.json is not there"},
		{"claims", oneLink + "auth: {claims: {roles: '', name: ''}}\n", "f:2:17: auth.claims.roles: is empty; give one\nf:2:28: auth.claims.name: is empty; give one"},
		{"rules", oneLink + "auth: {rules: [{role: agnet, tenants: [A]}, {role: agent, values: [x]}]}\n", "f:2:17: auth.rules[0].role: is \"agnet\"; did you mean agent?\nf:2:45: auth.rules[1]: narrows nothing; give campaigns, groups or tenants"},

		{"limits", oneLink + "limits: {sessions: 0, burst: -1, requests_per_second: 0, queue: 100001, hello_timeout: 0, ping_interval: 1500ms, answer_timeout: 11m}\n",
			"f:2:10: limits.sessions: is 0; give 1 to 1000000\nf:2:23: limits.burst: is -1; give 1 to 1000000\nf:2:34: limits.requests_per_second: is 0; give 0.01 to 1000000\nf:2:58: limits.queue: is 100001; give 1 to 100000\n" +
				"f:2:73: limits.hello_timeout: is 0s; give 10ms to 10m\nf:2:91: limits.ping_interval: is 1.5s; give whole seconds\nf:2:114: limits.answer_timeout: is 11m; give 10ms to 10m"},
		{"drain_timeout", oneLink + "drain_timeout: 0\n", "f:2:1: drain_timeout: is 0s; give 1ms to 10m"},
		{"metrics", oneLink + "metrics: {listen: '127.0.0.1:8080'}\n", "f:2:11: metrics.listen: is listen too; give another port"},
		{"no metrics", oneLink + "metrics: {listen: ''}\n", ""},
		{"admin_socket", oneLink + "admin_socket: /" + strings.Repeat("a", 107) + "\n", "f:2:1: admin_socket: has 108 bytes; the path of a Unix socket has at most 107"},
		{"pprof", oneLink + "pprof: 0.0.0.0:6060\n", `f:2:1: pprof: "0.0.0.0" is no loopback address; a profiler shows what is in memory, so give 127.0.0.1 or ::1`},
		{"no journal", oneLink + signedIn + "listen: ':443'\nbehind_proxy: true\n",
			"f:1:1: journal: is missing, and others than this machine use the relay: a do-not-call that waits would be lost with the process; give a folder, journal: {folder: /var/lib/commdn/journal} for one, or journal: memory if that may be so"},
		{"journal", oneLink + signedIn + "listen: ':443'\nbehind_proxy: true\njournal: {folder: journal}\n", ""},
		{"journal, a word", oneLink + "journal: disk\n", `f:2:1: journal: is "disk"; give memory, or keys: {folder: /var/lib/commdn/journal}`},
		{"journal, two", oneLink + "journal: {folder: a, nats: {urls: ['tls://n:4222']}}\n", "f:2:1: journal: has both folder and nats; give one of them"},
		{"journal, memory too", oneLink + "journal: {store: memory, folder: a}\n", "f:2:1: journal: is memory and has a folder or nats; give one of them"},
		{"journal, a file", oneLink + "journal: {folder: config_test.go}\n", "f:2:11: journal.folder: config_test.go is no folder"},
		{"journal, no URLs", oneLink + "journal: {nats: {credentials_file: config_test.go}}\n", "f:2:11: journal.nats: needs urls"},
		{"journal, URLs", oneLink + "journal: {nats: {urls: ['http://n:1', 'nats://u:geheim@n:1', 'nats://n:1', 'nats://127.0.0.1:1', 'tls://n']}}\n",
			"f:2:25: journal.nats.urls[0]: is no URL of a NATS server; give tls://HOST:4222, or nats://HOST:4222\nf:2:39: journal.nats.urls[1]: holds a user or a password; give journal.nats.credentials_file\n" +
				"f:2:62: journal.nats.urls[2]: is not encrypted, and phone numbers go over it; give tls://HOST:PORT\nf:2:98: journal.nats.urls[4]: is no URL of a NATS server; give tls://HOST:4222, or nats://HOST:4222"},
		{"audit", oneLink + "journal: {folder: journal}\naudit: on\n", ""},
		{"audit, a word", oneLink + "audit: yes\n", `f:2:1: audit: is "yes"; give on or off, or keys: {keep: 8760h, key_file: /etc/commdn/audit.pem}`},
		{"audit without a journal", oneLink + "journal: memory\naudit: on\n", "f:3:1: audit: is asked for, and there is no journal to keep it in; give journal.folder or journal.nats, or audit: off"},
		{"audit, a key without a journal", oneLink + "audit: {key_file: config_test.go}\n", "f:2:1: audit: is asked for, and there is no journal to keep it in; give journal.folder or journal.nats, or audit: off"},
		{"audit, off with a key", oneLink + "journal: {folder: journal}\naudit: {mode: off, key_file: config_test.go}\n", "f:3:1: audit: is off and has a key_file; give one of them"},
		{"audit, bounds", oneLink + "journal: {folder: journal}\naudit: {keep: 1h, key_file: nothing.pem}\n", "f:3:9: audit.keep: is 1h; give 24h to 876000h\nf:3:19: audit.key_file: nothing.pem is not there"},
		{"journal, bounds", oneLink + "journal: {in_flight: 0, attempts: 0, backoff: {min: 2s, max: 1s}, keep: 1s, nats: {replicas: 7}}\n",
			"f:2:11: journal.in_flight: is 0; give 1 to 10000\nf:2:25: journal.attempts: is 0; give 1 to 10000\nf:2:57: journal.backoff.max: is 1s; give 2s to 24h\nf:2:67: journal.keep: is 1s; give 2m to 720h\nf:2:84: journal.nats.replicas: is 7; give 1 to 5"},
		{"several relays", oneLink + "relay_name: relay-1.madrid\njournal: {nats: {urls: ['tls://n:4222'], lease: 5s}}\n", ""},
		{"several relays, wrong", oneLink + "relay_name: 'relay one'\njournal: {nats: {lease: 100ms}}\n",
			"f:2:1: relay_name: is \"relay one\"; give 1 to 64 letters, digits, dots, hyphens and underscores\nf:3:18: journal.nats.lease: is 100ms; give 1s to 1m"},
		{"log", oneLink + "log: {level: warning, format: xml}\n", "f:2:7: log.level: is \"warning\"; did you mean warn?\nf:2:23: log.format: is \"xml\"; give text, json"},
		{"blanks", oneLink + "auth: {oidc: {audience: ' a', issuer: 'https://l'}}\n", "f:2:15: auth.oidc.audience: begins or ends with a blank"},
		{"control characters", oneLink + "auth: {roles: {agent: [\"a\\nb\"]}}\n", "f:2:24: auth.roles.agent[0]: holds a control character"},
		{"directory", oneLink + "directory: {file: none.yaml}\n", "f:2:13: directory.file: none.yaml is not there"},
		{"directory, a folder", oneLink + "directory: {file: .}\n", "f:2:13: directory.file: . is no file"},

		{"directory, an encoding", oneLink + "directory: {bridge: {address: '127.0.0.1:1'}, encoding: cp-1252}\n", "f:2:47: directory.encoding: \"cp-1252\" is no encoding; give windows-1252, iso-8859-15, shift_jis or another of the WHATWG list"},
		{"directory, an encoding of no file", oneLink + "directory: {bridge: {address: '127.0.0.1:1'}, encoding: cp1252}\n", "f:2:47: directory.encoding: is that of directory.file, and there is none"},
		{"no link", "links: []\n", "f:1:1: links: are none; give one at least"},
		{"names of links", "links: [{name: 'a b', servers: ['h:1'], comm_dn: C, application: x, app_dbid: 5, tenants: [A]}, {name: b, servers: ['h:1'], comm_dn: C, application: x, app_dbid: 5, tenants: [B, A]}, {name: b, servers: ['h:1'], comm_dn: C, application: x, app_dbid: 5, tenants: [C]}]\n",
			"f:1:10: links[0].name: \"a b\" is no name for a link; give up to 63 letters, digits, and ._- behind the first\nf:1:179: links[1].tenants[1]: \"A\" is that of links[0] in line 1\nf:1:185: links[2].name: \"b\" is that of links[1] in line 1"},
		{"servers", "links: [{name: a, servers: [h, ':1', 'h:0', 'h:1', 'h:1', '[::1]:1'], comm_dn: C, application: x, app_dbid: 5}]\n",
			"f:1:29: links[0].servers[0]: \"h\" is no address; give HOST:PORT, or unix:/path for a Unix socket\nf:1:32: links[0].servers[1]: \":1\" is no address; give HOST:PORT, or unix:/path for a Unix socket\nf:1:38: links[0].servers[2]: \"h:0\" is no address; give HOST:PORT, or unix:/path for a Unix socket\nf:1:52: links[0].servers[4]: \"h:1\" is there twice"},
		{"servers but for case and dot", "links: [{name: a, servers: ['h.example:1', 'H.Example.:1', 'unix:/run/a', 'unix:/run/A'], comm_dn: C, application: x, app_dbid: 5}]\n",
			"f:1:44: links[0].servers[1]: \"H.Example.:1\" is there twice"},
		{"servers at Unix sockets", "links: [{name: a, servers: ['unix:/run/a', 'unix:b', 'unix:'], tls: {ca_file: config_test.go}, comm_dn: C, application: x, app_dbid: 5}]\n",
			"f:1:44: links[0].servers[1]: \"unix:b\" is no address of a Unix socket; give unix: and its whole path, unix:/run/commdn/bridge.sock for one\n" +
				"f:1:54: links[0].servers[2]: \"unix:\" is no address of a Unix socket; give unix: and its whole path, unix:/run/commdn/bridge.sock for one\n" +
				"f:1:64: links[0].tls: needs ca_file, cert_file and key_file, or none of them\n" +
				"f:1:64: links[0].tls: is for HOST:PORT, and there are only Unix sockets, which never have TLS; leave it away\n" +
				"f:1:70: links[0].tls.ca_file: config_test.go holds no certificate in PEM"},
		{"TLS for one of two servers", "links: [{name: a, servers: ['unix:/run/a', 'h:1'], tls: {server_name: 'a b'}, comm_dn: C, application: x, app_dbid: 5}]\n",
			"f:1:52: links[0].tls: needs ca_file, cert_file and key_file, or none of them\nf:1:58: links[0].tls.server_name: \"a b\" is no host name"},
		{"bridge", oneLink + "directory: {bridge: {address: '127.0.0.1:7110'}, cache: ./directory.json}\n", ""},
		{"bridge, without what a directory tells", "links: [{name: a, servers: ['h:1']}]\ndirectory: {bridge: {address: 'unix:/run/x'}}\n", ""},
		{"bridge and file", oneLink + "directory: {file: config_test.go, bridge: {address: 'unix:/x'}}\n", "f:2:1: directory: has both file and bridge; give one of them"},
		{"bridge elsewhere", oneLink + "directory: {bridge: {address: 'bridge:1'}}\n", "f:2:13: directory.bridge: \"bridge:1\" is no loopback address; give tls, so that nobody else can say what the directory is"},
		{"bridge without an address", oneLink + "directory: {bridge: {tls: {server_name: a}}}\n", "f:2:13: directory.bridge: needs an address"},
		{"bridge nowhere", oneLink + "directory: {bridge: {address: h}}\n", "f:2:22: directory.bridge.address: \"h\" is no address; give HOST:PORT, or unix:/path for a Unix socket"},
		{"cache without a bridge", oneLink + "directory: {cache: x}\n", "f:2:13: directory.cache: keeps what a bridge sends, and there is no directory.bridge"},
		{"cache nowhere", oneLink + "directory: {bridge: {address: 'unix:/x'}, cache: none/x}\n", "f:2:43: directory.cache: none is not there"},
		{"no server", "links: [{name: a, servers: [], comm_dn: C, application: x, app_dbid: 5}]\n", "f:1:19: links[0].servers: are none; give the primary T-Server, and the backup where there is one"},
		{"without a directory", "links: [{name: a, servers: ['h:1']}, {name: b, servers: ['h:1'], comm_dn: C, application: x, app_dbid: 5, tenants: [B]}]\n",
			"f:1:9: links[0]: comm_dn is missing; without a directory it has to be given\nf:1:9: links[0]: application is missing; without a directory it has to be given\nf:1:9: links[0]: app_dbid is missing; without a directory it has to be given\nf:1:9: links[0]: tenants are missing; with several links and no directory each needs those whose requests go there"},
		{"with one", "links: [{name: a, servers: ['h:1']}, {name: b, servers: ['h:1']}]\ndirectory: {file: config_test.go}\n", ""},
		{"numbers of links", "links: [{name: a, servers: ['h:1'], comm_dn: " + long + ", application: x, app_dbid: -1, ocs: [0, 5, 5], keep_alive: {idle: 0}, backoff: {min: 10s}}]\n",
			"f:1:37: links[0].comm_dn: has 256 bytes; at most 255 are possible\nf:1:320: links[0].app_dbid: is -1; give 1 or more\nf:1:340: links[0].ocs[0]: is 0; give 1 or more\nf:1:346: links[0].ocs[2]: 5 is there twice\nf:1:363: links[0].keep_alive.idle: is 0s; give 100ms to 1h\nf:1:373: links[0].backoff.max: is 5s; give 10s to 1h"},
	} {
		cfg, err := Parse("f", []byte(c.text), nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := ""
		if err := cfg.Check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	text := []byte(oneLink + "listen: 127.0.0.1:1\n")
	c, err := Parse("f", text, []string{
		"PATH=/bin", "COMMDN=x", "COMMDN_LISTEN=localhost:2=", "COMMDN_AUTH_OIDC_ISSUER=https://l", "COMMDN_LIMITS_BURST=7", "COMMDN_LIMITS_REQUESTS_PER_SECOND=0.5",
		"COMMDN_BEHIND_PROXY=true", "COMMDN_DRAIN_TIMEOUT=5s", "COMMDN_METRICS_LISTEN=", "COMMDN_TLS_KEY_FILE=k.pem",
		// Variables that Kubernetes sets for the Services commdn and commdn-relay, and
		// those of other commands.
		"COMMDN_SERVICE_HOST=10.0.0.1", "COMMDN_SERVICE_PORT_HTTP=8080", "COMMDN_PORT=tcp://10.0.0.1:8080", "COMMDN_PORT_8080_TCP_ADDR=10.0.0.1",
		"COMMDN_RELAY_SERVICE_HOST=10.0.0.1", "COMMDN_RELAY_PORT_8080_TCP=tcp://10.0.0.1:8080", "COMMDN_RELAY=ws://r/ws", "COMMDN_TOKEN=secret", "COMMDN_SIM=x", "COMMDN_BRIDGE=required", "COMMDN_DISK=required",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "localhost:2=" || c.Auth.OIDC.Issuer != "https://l" || c.Limits.Burst != 7 || c.Limits.RequestsPerSecond != 0.5 ||
		!c.BehindProxy || c.DrainTimeout != 5*time.Second || c.Metrics.Listen != "" || c.TLS.KeyFile != "k.pem" {
		t.Errorf("%+v", c)
	}
	if err := c.Check(); err == nil || !strings.Contains(err.Error(), `environment variable COMMDN_LISTEN: listen: "localhost:2=" is no address to listen on`) {
		t.Errorf("%v", err)
	}
	for _, x := range []struct{ env, want string }{
		{"COMMDN_LISTN=x", "environment variable COMMDN_LISTN: COMMDN_LISTN: there is no such key; did you mean COMMDN_LISTEN?"},
		{"COMMDN_ELEPHANTS=x", "environment variable COMMDN_ELEPHANTS: COMMDN_ELEPHANTS: there is no such key"},
		{"COMMDN_ORIGINS=x", "environment variable COMMDN_ORIGINS: COMMDN_ORIGINS: a list cannot be given by the environment; put it into the file"},
		{"COMMDN_LINKS_0_COMM_DN=x", "environment variable COMMDN_LINKS_0_COMM_DN: COMMDN_LINKS_0_COMM_DN: a list cannot be given by the environment; put it into the file"},
		{"COMMDN_LIMITS_BURST=many", `environment variable COMMDN_LIMITS_BURST: limits.burst: is the text "many"; give a whole number up to 9223372036854775807`},
		{"COMMDN_BEHIND_PROXY=1", `environment variable COMMDN_BEHIND_PROXY: behind_proxy: is the text "1"; give true or false`},
	} {
		if c, err := Parse("f", text, []string{x.env}); err == nil || c != nil || err.Error() != x.want {
			t.Errorf("%s:\n got %v\nwant %s", x.env, err, x.want)
		}
	}
}

// TestEnvironmentOrder: the order of errors does not depend on the order of the
// environment.
func TestEnvironmentOrder(t *testing.T) {
	want := "environment variable COMMDN_ELEPHANTS: COMMDN_ELEPHANTS: there is no such key\nenvironment variable COMMDN_QQQ: COMMDN_QQQ: there is no such key"
	for _, env := range [][]string{{"COMMDN_ELEPHANTS=1", "COMMDN_QQQ=1"}, {"COMMDN_QQQ=1", "COMMDN_ELEPHANTS=1"}} {
		if _, err := Parse("f", []byte(oneLink), env); err == nil || err.Error() != want {
			t.Errorf("%v", err)
		}
	}
}

func TestLoad(t *testing.T) {
	folder := t.TempDir()
	if _, err := Load(filepath.Join(folder, "none.yaml"), nil); err == nil || !strings.HasPrefix(err.Error(), "config: open ") {
		t.Errorf("%v", err)
	}
	file := filepath.Join(folder, "c.yaml")
	if err := os.WriteFile(file, []byte(oneLink+"admin_socket: run/admin.sock\ndirectory: {file: /dev/null}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(file, nil)
	if want := file + ":3:13: directory.file: /dev/null is no file"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	c, err := Load(file, []string{"COMMDN_DIRECTORY_FILE=c.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	if c.AdminSocket != Path(filepath.Join(folder, "run/admin.sock")) || c.Directory.File != Path(file) {
		t.Errorf("paths: %+v", c)
	}
	if err := os.WriteFile(file, make([]byte, MaxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(file, nil); err == nil || err.Error() != file+": is too large: at most 1048576 bytes are possible" {
		t.Errorf("%v", err)
	}
}

// TestCheckInGo: a configuration built in Go has no lines.
func TestCheckInGo(t *testing.T) {
	if err := Default().Check(); err == nil || err.Error() != "configuration: links: are none; give one at least" {
		t.Errorf("%v", err)
	}
}

func TestMasked(t *testing.T) {
	c, err := Load(example, []string{"COMMDN_LOG_LEVEL=debug"})
	if err != nil {
		t.Fatal(err)
	}
	c.Origins = append(c.Origins, "1", "2", "3", "4", "5", "6", "true")
	c.AdminSocket = "/run/a b.sock"
	text := c.Masked()
	again, err := Parse("masked", text, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if differ, more := Diff(c, again); differ != nil || more != nil {
		t.Errorf("%q, %q come back different from\n%s", differ, more, text)
	}
	for _, line := range []string{"  level: debug\n", "listen: \"127.0.0.1:8080\"\n", "  - \"true\"\n", "      idle: 4s\n", "    groups: []\n", "admin_socket: \"/run/a b.sock\"\n", "    issuer: \"https://login.example.com/realms/contact-centre\"\n"} {
		if !strings.Contains(string(text), line) {
			t.Errorf("%q is not in\n%s", line, text)
		}
	}
	c.Auth.OIDC.Issuer = "https://relay:geheim@login.example.com"
	if text := string(c.Masked()); strings.Contains(text, "geheim") || !strings.Contains(text, `"https://***@login.example.com"`) {
		t.Errorf("a password is shown:\n%s", text)
	}
}

func TestDiff(t *testing.T) {
	load := func(change func(*Config)) *Config {
		c, err := Load(example, nil)
		if err != nil {
			t.Fatal(err)
		}
		change(c)
		return c
	}
	for _, x := range []struct {
		name     string
		from, to func(*Config)
		reload   string
		restart  string
	}{
		{"nothing", func(*Config) {}, func(*Config) {}, "", ""},
		{"all that is taken over", func(*Config) {}, func(c *Config) {
			c.Origins, c.Auth.Roles.Agent, c.Auth.Rules, c.Auth.Claims.Name, c.Auth.Grace = nil, []string{"x"}, nil, "n", 0
			c.Hosts, c.Limits.Burst, c.Limits.Queue, c.Directory.File, c.Directory.Encoding, c.Log.Level, c.Parents = nil, 1, 1, "d", "latin1", "warn", []string{"x"}
		}, "hosts origins parents auth.claims.name auth.roles.agent auth.rules auth.grace limits.burst limits.queue directory.file directory.encoding log.level", ""},
		{"a bridge in place of a file", func(c *Config) { c.Directory.File, c.Directory.Encoding = "d", "latin1" }, func(c *Config) {
			c.Directory.Bridge = Bridge{"h:1", ClientTLS{CAFile: "c"}}
		}, "", "directory.file directory.encoding directory.bridge.address directory.bridge.tls.ca_file"},
		{"a file in place of a bridge", func(c *Config) { c.Directory.Bridge.Address = "h:1" }, func(c *Config) { c.Directory.File = "d" }, "", "directory.file directory.bridge.address"},
		{"inside of a rule", func(*Config) {}, func(c *Config) { c.Auth.Rules[0].Role, c.Auth.Rules[0].Values[0] = "agent", "x" }, "auth.rules[0].role auth.rules[0].values", ""},
		{"all that is not", func(*Config) {}, func(c *Config) {
			c.Listen, c.BehindProxy, c.Limits.WriteTimeout, c.Auth.OIDC.Issuer, c.Auth.JWKS.File = "x", true, 1, "x", "x"
			c.DrainTimeout, c.Metrics.Listen, c.AdminSocket, c.Pprof, c.Log.Format = 1, "", "x", "x", "json"
			c.Links[0].OCS, c.Links[0].KeepAlive.Idle, c.Links[0].Servers[1] = nil, 1, "x"
		}, "", "listen behind_proxy auth.oidc.issuer auth.jwks.file limits.write_timeout links[0].servers links[0].ocs links[0].keep_alive.idle drain_timeout metrics.listen admin_socket pprof log.format"},
		{"one link more", func(*Config) {}, func(c *Config) { c.Links = append(c.Links, Link{}) }, "", "links"},
		{"another certificate", func(c *Config) { c.TLS = TLS{"a", "b"} }, func(c *Config) { c.TLS = TLS{"c", "d"} }, "tls.cert_file tls.key_file", ""},
		{"TLS turned on", func(*Config) {}, func(c *Config) { c.TLS = TLS{"a", "b"} }, "", "tls.cert_file tls.key_file"},
	} {
		from, to := load(x.from), load(x.to)
		reload, restart := Diff(from, to)
		merged := Merge(from, to)
		if more, left := Diff(merged, to); len(more) != 0 || !slices.Equal(left, restart) {
			t.Errorf("%s: after the reload %q and %q are different", x.name, more, left)
		}
		if a, b := strings.Join(reload, " "), strings.Join(restart, " "); a != x.reload || b != x.restart {
			t.Errorf("%s: taken over %q, a new start for %q", x.name, a, b)
		}
	}
}
