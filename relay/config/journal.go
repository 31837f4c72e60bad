package config

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"time"

	"commdn/relay/internal/netname"
	"commdn/relay/internal/strictyaml"
)

// memoryOnly is the value of Journal.Store without a journal.
const memoryOnly = "memory"

// Journal says where do-not-call and cancel requests are kept from "accepted" to their
// outcome, and how they are tried again.
type Journal struct {
	// Store is "memory": there is no journal, and nothing is ever accepted. Empty: by
	// the other keys.
	Store    string        `yaml:"store,omitempty"`
	Folder   Path          `yaml:"folder,omitempty"` // this relay's own; made where it is not there
	NATS     NATS          `yaml:"nats,omitempty"`   // a cluster in place of a folder
	InFlight int           `yaml:"in_flight,omitempty"`
	Attempts int           `yaml:"attempts,omitempty"` // without an answer, before a request is put aside
	Backoff  Backoff       `yaml:"backoff,omitempty"`  // between attempts
	Keep     time.Duration `yaml:"keep,omitempty"`     // how long an outcome is known
}

// Shorthand says that a plain value is Store: journal: memory.
func (Journal) Shorthand() string { return "store" }

const (
	// pageKeeps is how long a page keeps a request by default, and sends it again, with the
	// same key.
	pageKeeps = 72 * time.Hour
	// shortestKeep is how long the journal takes a key that comes again for the same message
	// in any case. With an outcome that was forgotten before, it would neither be known nor
	// taken.
	shortestKeep = 2 * time.Minute
)

// warning says what Keep is too short for; empty: nothing.
func (j Journal) warning() string {
	if !j.On() || j.Keep >= pageKeeps {
		return ""
	}
	return fmt.Sprintf("journal.keep: outcomes are known for %s, and pages keep a request for %s (keepHours): a page that was closed before it heard the outcome, and is opened after %s, has a request carried out a second time; give %s or more, 96h for one",
		strictyaml.Short(j.Keep), strictyaml.Short(pageKeeps), strictyaml.Short(j.Keep), strictyaml.Short(pageKeeps))
}

// On reports whether there is one.
func (j Journal) On() bool { return j.Folder != "" || j.NATS.On() }

// NATS is a cluster of NATS servers with JetStream.
type NATS struct {
	URLs            []string  `yaml:"urls,omitempty"`             // nats://HOST:PORT or tls://HOST:PORT
	CredentialsFile Path      `yaml:"credentials_file,omitempty"` // of the relay's user; empty: none
	TLS             ClientTLS `yaml:"tls,omitempty"`
	Replicas        int       `yaml:"replicas,omitempty"` // on so many servers
	// Lease is how long after its last sign of life the relay that sends on a link may be
	// followed by another one.
	Lease time.Duration `yaml:"lease,omitempty"`
}

// On reports whether it is in use.
func (n NATS) On() bool { return len(n.URLs) > 0 }

func defaultJournal() Journal {
	return Journal{
		NATS: NATS{Replicas: 3, Lease: 3 * time.Second}, InFlight: 256, Attempts: 20, Backoff: Backoff{Min: time.Second, Max: time.Minute}, Keep: 96 * time.Hour,
	}
}

// journal checks where requests are kept. open says that other machines reach the relay.
func (c *checker) journal(open bool) {
	j := c.Journal
	switch {
	case j.Store != "" && j.Store != memoryOnly:
		c.Fail("journal", "is %s; give memory, or keys: {folder: /var/lib/commdn/journal}", strictyaml.Quote(j.Store))
	case j.Store == memoryOnly && j.On():
		c.Fail("journal", "is memory and has a folder or nats; give one of them")
	case j.Folder != "" && j.NATS.On():
		c.Fail("journal", "has both folder and nats; give one of them")
	case j.Store == "" && !j.On() && open:
		c.Fail("journal", "is missing, and others than this machine use the relay: a do-not-call that waits would be lost with the process; give a folder, journal: {folder: /var/lib/commdn/journal} for one, or journal: memory if that may be so")
	case !j.NATS.On() && (j.NATS.CredentialsFile != "" || j.NATS.TLS.On()):
		c.Fail("journal.nats", "needs urls")
	}
	for i, s := range j.NATS.URLs {
		c.natsURL(item("journal.nats.urls", i), s)
	}
	c.clientTLS("journal.nats.tls", j.NATS.TLS)
	between(c, "journal.nats.replicas", j.NATS.Replicas, 1, 5)
	between(c, "journal.nats.lease", j.NATS.Lease, time.Second, time.Minute)
	if c.RelayName != "" && !relayName.MatchString(c.RelayName) {
		c.Fail("relay_name", "is %s; give 1 to 64 letters, digits, dots, hyphens and underscores", strictyaml.Quote(c.RelayName))
	}
	between(c, "journal.in_flight", j.InFlight, 1, 10_000)
	between(c, "journal.attempts", j.Attempts, 1, 10_000)
	between(c, "journal.backoff.min", j.Backoff.Min, time.Millisecond, time.Hour)
	between(c, "journal.backoff.max", j.Backoff.Max, j.Backoff.Min, 24*time.Hour)
	between(c, "journal.keep", j.Keep, shortestKeep, 30*24*time.Hour)
}

// relayName is what a relay may be called.
var relayName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// natsURL checks the URL of a NATS server. It does not show it: somebody may have put a
// password into it.
func (c *checker) natsURL(path, s string) {
	if s == "" {
		return // texts says so
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "nats" && u.Scheme != "tls" || u.Port() == "" || u.Path != "" || !netname.IsHost(u.Hostname()) && !netname.Loopback(u.Hostname()):
		c.Fail(path, "is no URL of a NATS server; give tls://HOST:4222, or nats://HOST:4222")
	case u.User != nil:
		c.Fail(path, "holds a user or a password; give journal.nats.credentials_file")
	case u.Scheme == "nats" && !netname.Loopback(u.Hostname()) && !c.Journal.NATS.TLS.On():
		c.Fail(path, "is not encrypted, and phone numbers go over it; give tls://HOST:PORT")
	}
}

// journalFiles checks what the journal's keys name.
func (c *checker) journalFiles() {
	c.file("journal.nats.credentials_file", c.Journal.NATS.CredentialsFile)
	c.clientFiles("journal.nats.tls", c.Journal.NATS.TLS)
	if info, err := os.Stat(string(c.Journal.Folder)); c.Journal.Folder != "" && err == nil && !info.IsDir() {
		c.Fail("journal.folder", "%s is no folder", c.Journal.Folder)
	}
}
