// Package config reads the file of `commdn relay --config`: one strict YAML file, with
// environment variables over it. relay/config.example.yaml shows every option with its
// default; README.md says how the relay reads it.
package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/defaults"
	"commdn/relay/internal/strictyaml"
	"commdn/relay/tserver"
)

// DefaultDriver is the default driver of a link.
const DefaultDriver = "tlink"

// MaxSize is the maximum size of a file in bytes.
const MaxSize = 1 << 20

// Path is the path of a file. A relative one starts at the folder of the configuration;
// Parse makes it absolute.
type Path string

// Config is a configuration. The zero value is unusable: start with Default.
type Config struct {
	// Listen is the HOST:PORT for browsers.
	Listen string `yaml:"listen,omitempty"`
	// BehindProxy means that something else terminates TLS before the relay.
	BehindProxy bool `yaml:"behind_proxy,omitempty"`
	// Hosts are names, beside loopback names, by which browsers reach the relay.
	Hosts []string `yaml:"hosts,omitempty"`
	TLS   TLS      `yaml:"tls,omitempty"`
	// Origins are the origins of pages that may connect, beside the relay's own:
	// https://desktop.example.com, or https://*.example.com.
	Origins []string `yaml:"origins,omitempty"`
	// Parents are the origins of pages that may embed frame.html in a frame, beside the
	// relay's own: https://desktop.example.com.
	Parents   []string  `yaml:"parents,omitempty"`
	Auth      Auth      `yaml:"auth,omitempty"`
	Limits    Limits    `yaml:"limits,omitempty"`
	Directory Directory `yaml:"directory,omitempty"`
	Links     []Link    `yaml:"links,omitempty"`
	Journal   Journal   `yaml:"journal,omitempty"`
	// RelayName is that of this relay among those on the same NATS; empty: the machine's.
	RelayName string `yaml:"relay_name,omitempty"`
	Audit     Audit  `yaml:"audit,omitempty"`
	// DrainTimeout is how long requests in flight may take at the end.
	DrainTimeout time.Duration `yaml:"drain_timeout,omitempty"`
	Metrics      Metrics       `yaml:"metrics,omitempty"`
	// AdminSocket is the Unix socket of `commdn relay status`; empty: none.
	AdminSocket Path `yaml:"admin_socket,omitempty"`
	// Pprof is the HOST:PORT of the profiler, loopback only; empty: none.
	Pprof string `yaml:"pprof,omitempty"`
	Log   Log    `yaml:"log,omitempty"`

	from *strictyaml.Problems // positions of the keys; nil for a configuration built in Go
}

// TLS is the relay's own certificate; both or neither.
type TLS struct {
	CertFile Path `yaml:"cert_file,omitempty"` // PEM, with the chain
	KeyFile  Path `yaml:"key_file,omitempty"`  // PEM
}

// On reports whether the relay terminates TLS itself.
func (t TLS) On() bool { return t.CertFile != "" || t.KeyFile != "" }

// Auth says who users are and what they may do.
type Auth struct {
	OIDC   OIDC          `yaml:"oidc,omitempty"`
	JWKS   JWKS          `yaml:"jwks,omitempty"`
	Claims Claims        `yaml:"claims,omitempty"`
	Roles  Roles         `yaml:"roles,omitempty"`
	Rules  []Rule        `yaml:"rules,omitempty"`
	Grace  time.Duration `yaml:"grace,omitempty"` // how long a session outlives its token
}

// On reports whether users must authenticate.
func (a Auth) On() bool { return a.OIDC.On() || a.JWKS.On() }

// OIDC is an OpenID Connect provider that supplies keys.
type OIDC struct {
	Issuer    string        `yaml:"issuer,omitempty"` // URL
	Audience  string        `yaml:"audience,omitempty"`
	ClockSkew time.Duration `yaml:"clock_skew,omitempty"`
	CAFile    Path          `yaml:"ca_file,omitempty"` // PEM; empty: the system's
}

// On reports whether it is in use.
func (o OIDC) On() bool { return o.Issuer != "" }

// JWKS is a file with the keys of an issuer, for a closed network.
type JWKS struct {
	File      Path          `yaml:"file,omitempty"`
	Issuer    string        `yaml:"issuer,omitempty"`
	Audience  string        `yaml:"audience,omitempty"`
	ClockSkew time.Duration `yaml:"clock_skew,omitempty"`
}

// On reports whether it is in use.
func (j JWKS) On() bool { return j.File != "" }

// Claims are the relevant claims of a token, as dotted paths.
type Claims struct {
	Roles string `yaml:"roles,omitempty"` // text of words, or list of texts
	Name  string `yaml:"name,omitempty"`  // for logs and for other users
}

// Roles are the values of the roles claim that give each role.
type Roles struct {
	Agent      []string `yaml:"agent,omitempty"`
	Supervisor []string `yaml:"supervisor,omitempty"`
	Auditor    []string `yaml:"auditor,omitempty"`
}

// Rule narrows a role. Names may contain * and ?; an empty list narrows nothing.
type Rule struct {
	Role      string   `yaml:"role"`                // agent, supervisor or auditor
	Values    []string `yaml:"values,omitempty"`    // of the roles claim, for its users; empty: everybody with the role
	Campaigns []string `yaml:"campaigns,omitempty"` // names or DBIDs
	Groups    []string `yaml:"groups,omitempty"`    // names or DBIDs
	Tenants   []string `yaml:"tenants,omitempty"`   // names or DBIDs
}

// Limits bound what clients may use. All but Undo are above 0.
type Limits struct {
	Sessions                 int           `yaml:"sessions,omitempty"`
	SessionsPerAddress       int           `yaml:"sessions_per_address,omitempty"`
	RequestsPerSecond        float64       `yaml:"requests_per_second,omitempty"` // of one session
	Burst                    int           `yaml:"burst,omitempty"`
	AddressRequestsPerSecond float64       `yaml:"address_requests_per_second,omitempty"`
	AddressBurst             int           `yaml:"address_burst,omitempty"`
	SessionsPerPerson        int           `yaml:"sessions_per_person,omitempty"`
	PersonRequestsPerSecond  float64       `yaml:"person_requests_per_second,omitempty"`
	PersonBurst              int           `yaml:"person_burst,omitempty"`
	RequestsPerSession       int           `yaml:"requests_per_session,omitempty"` // in flight at once
	Queue                    int           `yaml:"queue,omitempty"`                // frames waiting to be written to a session
	Undo                     time.Duration `yaml:"undo,omitempty"`                 // the longest window in which a request can be undone; 0: there is none
	HelloTimeout             time.Duration `yaml:"hello_timeout,omitempty"`
	PingInterval             time.Duration `yaml:"ping_interval,omitempty"`
	AnswerTimeout            time.Duration `yaml:"answer_timeout,omitempty"`
	StatusAge                time.Duration `yaml:"status_age,omitempty"` // that a known state of a campaign group is given for an answer
	WriteTimeout             time.Duration `yaml:"write_timeout,omitempty"`
}

// Directory is the source of names and DBIDs, see package directory: a file, or a bridge;
// empty: none.
type Directory struct {
	File     Path   `yaml:"file,omitempty"`
	Encoding string `yaml:"encoding,omitempty"` // of the file, by its name in the WHATWG list; empty: UTF-8
	Bridge   Bridge `yaml:"bridge,omitempty"`
	Cache    Path   `yaml:"cache,omitempty"` // file that keeps the last good directory of the bridge
}

// On reports whether there is one.
func (d Directory) On() bool { return d.File != "" || d.Bridge.On() }

// Bridge pushes the directory as Configuration Server has it.
type Bridge struct {
	Address string    `yaml:"address,omitempty"` // HOST:PORT or unix:/path
	TLS     ClientTLS `yaml:"tls,omitempty"`
}

// On reports whether it is in use.
func (b Bridge) On() bool { return b.Address != "" }

// ClientTLS configures the relay's own connections over TLS; all files or none.
type ClientTLS struct {
	CAFile     Path   `yaml:"ca_file,omitempty"`     // PEM: the CA of the server's certificate
	CertFile   Path   `yaml:"cert_file,omitempty"`   // PEM: the relay's own, with the chain
	KeyFile    Path   `yaml:"key_file,omitempty"`    // PEM
	ServerName string `yaml:"server_name,omitempty"` // in the server's certificate; empty: the host of its address
}

// On reports whether it is in use.
func (t ClientTLS) On() bool { return t != (ClientTLS{}) }

// Link is one CommDN of one T-Server, or of a pair of them.
type Link struct {
	Name        string      `yaml:"name"`                  // in logs, metrics and status
	Driver      string      `yaml:"driver,omitempty"`      // the protocol of T-Server: tlink, which the simulator and bridges speak
	Servers     []string    `yaml:"servers"`               // HOST:PORT or unix:/path, primary first
	TLS         ClientTLS   `yaml:"tls,omitempty"`         // of those at HOST:PORT
	CommDN      string      `yaml:"comm_dn,omitempty"`     // empty: from the directory
	Application string      `yaml:"application,omitempty"` // name of the relay's own; empty: from the directory
	AppDBID     commdn.DBID `yaml:"app_dbid,omitempty"`    // of Application; 0: from the directory
	OCS         []OCS       `yaml:"ocs,omitempty"`         // every OCS on the CommDN; empty: from the directory
	// Charset is the encoding of texts on the CommDN, by its WHATWG name; empty: UTF-8.
	Charset string `yaml:"charset,omitempty"`
	// CancelByCustomer lets people cancel the records of a customer without a phone.
	CancelByCustomer bool      `yaml:"cancel_by_customer,omitempty"`
	Tenants          []string  `yaml:"tenants,omitempty"` // names or DBIDs whose requests go here; empty: all
	KeepAlive        KeepAlive `yaml:"keep_alive,omitempty"`
	Backoff          Backoff   `yaml:"backoff,omitempty"`
	Numbers          Numbers   `yaml:"numbers,omitempty"` // how its calling lists hold phone numbers
	// TenantNumbers are rules of tenants in Tenants whose lists hold them otherwise.
	TenantNumbers []TenantNumbers `yaml:"tenant_numbers,omitempty"`
}

// OCS is an Outbound Contact Server, or a pair of them: 201, or {dbid: 201, backup: 202}.
type OCS struct {
	DBID   commdn.DBID `yaml:"dbid"`
	Backup commdn.DBID `yaml:"backup,omitempty"` // the one that stands in for it; 0: none
}

// Shorthand says that a number alone is the DBID.
func (OCS) Shorthand() string { return "dbid" }

// Servers gives the DBIDs of the OCS, without backups.
func Servers(all []OCS) []commdn.DBID {
	if all == nil {
		return nil
	}
	ids := make([]commdn.DBID, len(all))
	for i, o := range all {
		ids[i] = o.DBID
	}
	return ids
}

// Backups gives the DBIDs of the backups, by that of the OCS.
func Backups(all []OCS) map[commdn.DBID]commdn.DBID {
	backups := make(map[commdn.DBID]commdn.DBID)
	for _, o := range all {
		if o.Backup != 0 {
			backups[o.DBID] = o.Backup
		}
	}
	return backups
}

// KeepAlive detects a dead idle link.
type KeepAlive struct {
	Idle    time.Duration `yaml:"idle,omitempty"`    // silence before the relay asks T-Server for a sign of life
	Timeout time.Duration `yaml:"timeout,omitempty"` // for its answer
}

// Backoff is the relay's wait before it reconnects.
type Backoff struct {
	Min time.Duration `yaml:"min,omitempty"`
	Max time.Duration `yaml:"max,omitempty"`
}

// Metrics is the second HTTP server.
type Metrics struct {
	Listen string `yaml:"listen,omitempty"` // HOST:PORT of /metrics, /healthz and /readyz; empty: none
}

// Log configures the relay's log.
type Log struct {
	Level  string `yaml:"level,omitempty"`  // debug, info, warn or error
	Format string `yaml:"format,omitempty"` // text or json
	// HashKeyFile holds the secret that numbers are hashed with in the log; empty:
	// one that is made at start.
	HashKeyFile Path `yaml:"hash_key_file,omitempty"`
}

// Default returns a configuration with all defaults. It has no links, so Check refuses
// it.
func Default() *Config {
	return &Config{
		Listen: "127.0.0.1:8080",
		Auth: Auth{
			OIDC:   OIDC{ClockSkew: 30 * time.Second},
			JWKS:   JWKS{ClockSkew: 30 * time.Second},
			Claims: Claims{Roles: "roles", Name: "name"},
			Roles:  Roles{Agent: []string{"agent"}, Supervisor: []string{"supervisor"}, Auditor: []string{"auditor"}},
			Grace:  60 * time.Second,
		},
		Limits: Limits{
			Sessions: defaults.Sessions, SessionsPerAddress: defaults.SessionsPerAddress,
			RequestsPerSecond: defaults.RequestsPerSecond, Burst: defaults.Burst,
			AddressRequestsPerSecond: defaults.AddressPerSecond, AddressBurst: defaults.AddressBurst,
			SessionsPerPerson: defaults.SessionsPerPerson, PersonRequestsPerSecond: defaults.PersonPerSecond, PersonBurst: defaults.PersonBurst,
			RequestsPerSession: defaults.RequestsPerSession, Queue: defaults.Queue, Undo: defaults.Undo,
			HelloTimeout: defaults.HelloTimeout, PingInterval: defaults.PingInterval,
			AnswerTimeout: defaults.AnswerTimeout, StatusAge: defaults.StatusAge, WriteTimeout: defaults.WriteTimeout,
		},
		Journal:      defaultJournal(),
		Audit:        defaultAudit(),
		DrainTimeout: defaults.DrainTimeout,
		Metrics:      Metrics{Listen: "127.0.0.1:9464"},
		Log:          Log{Level: "info", Format: "text"},
	}
}

// SetDefaults fills in a link's defaults.
func (l *Link) SetDefaults() {
	l.Driver = DefaultDriver
	l.KeepAlive = KeepAlive{Idle: tserver.DefaultKeepAliveIdle, Timeout: tserver.DefaultKeepAliveTimeout}
	l.Backoff = Backoff{Min: tserver.DefaultMinBackoff, Max: tserver.DefaultMaxBackoff}
	l.Numbers = defaultNumbers()
}

// Load reads a file and the environment (os.Environ()) and checks them. Errors are joined
// *strictyaml.Errors, in the order of the file.
func Load(file string, env []string) (*Config, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	c, err := Parse(file, data, env)
	if err == nil {
		err = c.Check()
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

var format = strictyaml.Format{What: "a configuration", MaxSize: MaxSize}

// Parse reads the content of a file, with the environment over it, and fills in the
// defaults. It checks keys, types and names; Check checks the values. name is for errors,
// and its folder for relative paths.
func Parse(name string, data []byte, env []string) (*Config, error) {
	c := Default()
	c.from = format.Read(name, data, c)
	c.environment(env)
	if err := c.from.Err(); err != nil {
		return nil, err
	}
	folder := filepath.Dir(name)
	walk(reflect.ValueOf(c).Elem(), "", func(_ string, v reflect.Value) {
		if p, ok := v.Addr().Interface().(*Path); ok && *p != "" && !filepath.IsAbs(string(*p)) {
			*p = Path(filepath.Join(folder, string(*p)))
		}
	})
	return c, nil
}

// walk calls see with every key that has a plain value or a list, but not for the items
// of a list.
func walk(v reflect.Value, path string, see func(path string, v reflect.Value)) {
	for _, f := range strictyaml.Fields(v.Type()) {
		value, at := v.FieldByIndex(f.Index), strictyaml.Join(path, f.Key)
		if strictyaml.IsMapping(value.Type()) {
			walk(value, at, see)
			continue
		}
		see(at, value)
	}
}
