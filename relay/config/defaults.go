package config

import (
	"time"

	"commdn/relay/internal/defaults"
	"commdn/relay/tserver"
)

// DefaultDriver is the default driver of a link.
const DefaultDriver = "tlink"

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
