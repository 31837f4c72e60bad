package config

import "time"

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
