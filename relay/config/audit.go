package config

import (
	"time"

	"commdn/relay/internal/strictyaml"
)

// Values of Audit.Mode.
const (
	auditOn  = "on"
	auditOff = "off"
)

// Audit says whether the relay keeps who asked for what, in the journal's folder or
// cluster, and for how long.
type Audit struct {
	Mode    string        `yaml:"mode,omitempty"`     // on: a relay without a journal does not start; off; empty: where there is a journal
	Keep    time.Duration `yaml:"keep,omitempty"`     // entries that are older are removed
	KeyFile Path          `yaml:"key_file,omitempty"` // Ed25519, PKCS #8 in PEM: signs checkpoints; empty: there are none
}

// Shorthand says that a plain value is Mode: audit: off.
func (Audit) Shorthand() string { return "mode" }

// AuditOn reports whether there is an audit.
func (c *Config) AuditOn() bool { return c.Audit.Mode != auditOff && c.Journal.On() }

func defaultAudit() Audit { return Audit{Keep: 365 * 24 * time.Hour} }

// audit checks that an audit that is asked for can be kept.
func (c *checker) audit() {
	a := c.Audit
	switch {
	case a.Mode != "" && a.Mode != auditOn && a.Mode != auditOff:
		c.Fail("audit", "is %s; give on or off, or keys: {keep: 8760h, key_file: /etc/commdn/audit.pem}", strictyaml.Quote(a.Mode))
	case a.Mode == auditOff && a.KeyFile != "":
		c.Fail("audit", "is off and has a key_file; give one of them")
	case (a.Mode == auditOn || a.KeyFile != "") && !c.Journal.On():
		c.Fail("audit", "is asked for, and there is no journal to keep it in; give journal.folder or journal.nats, or audit: off")
	}
	between(c, "audit.keep", a.Keep, 24*time.Hour, 100*365*24*time.Hour)
}
