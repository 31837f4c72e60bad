package relay

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/protocol/commdn"
	"commdn/relay/auth"
	"commdn/relay/cluster"
	"commdn/relay/desk"
	"commdn/relay/internal/admission"
	"commdn/relay/internal/defaults"
	"commdn/relay/internal/maskhash"
	"commdn/relay/numbers"
	"commdn/relay/tserver"
	"commdn/relay/web"
)

// Options says how a relay works. Links and Log are needed; a zero field means
// its default, which is that of the configuration file.
type Options struct {
	Links []Link // at least one

	// Auth makes a person of a token. nil: nobody is asked for one, and everybody
	// may do everything, so that Listen takes loopback addresses only.
	Auth     auth.Authenticator
	Settings // to begin with

	AnswerTimeout time.Duration // for OCS to answer
	HelloTimeout  time.Duration // for a new connection to say hello
	PingInterval  time.Duration // asked of clients, whole seconds; silence of three intervals closes
	WriteTimeout  time.Duration // of one frame to a client
	DrainTimeout  time.Duration // for requests in flight at the end
	StatusAge     time.Duration // that the last known status of a campaign group is given for an answer; negative: never

	// Journal keeps do-not-call and cancel requests from "accepted" to their outcome.
	// Who opened it closes it, after the relay. nil: they are kept in memory, and never
	// accepted.
	Journal desk.Journal
	Retry   desk.Retry // of what is in the journal
	// Audit is told who asks for what, and what becomes of it. Who opened it closes it,
	// after the relay. nil: there is none.
	Audit desk.Audit

	// Cluster has other relays on the same CommDNs, of which one sends on each link. nil:
	// this relay is alone. It needs a Journal that they share.
	Cluster cluster.Joiner

	BehindProxy bool                    // the client's address is the last of X-Forwarded-For
	Files       fs.FS                   // what a browser downloads; nil: nothing is served
	Routes      map[string]http.Handler // further patterns for the HTTP server
	Version     string                  // told to clients
	Metrics     prometheus.Registerer   // nil: a registry of its own, which nobody reads
	Log         *slog.Logger
	Hash        *maskhash.Key // of phones and customer ids in the log; nil: a new one

	headerTimeout, bodyTimeout time.Duration // of HTTP requests; for tests, else those of package web
	openFiles                  int           // that the process may open; for tests, else what the system says
	probeEvery                 time.Duration // for tests; else probeEvery
}

// Link is a link to the T-Server of a site or tenant.
type Link struct {
	Name    string          // in logs and metrics; empty with a single link is "tserver"
	TServer tserver.Options // driver, servers, CommDN; OnUserEvent and OnState are the relay's own
	AppDBID commdn.DBID     // of the application that OCS is connected to; written into every request
	// OCS are all on the CommDN; a request for all of them is settled when each
	// has answered. Empty: by the first answer.
	OCS []commdn.DBID
	// Backups are the OCS that stand in for those of OCS, by the DBID of these.
	Backups map[commdn.DBID]commdn.DBID
	// Charset is the encoding of texts on the CommDN, by its WHATWG name; empty:
	// UTF-8.
	Charset string
	// Numbers are the rules of those whose calling lists are behind the link: in which
	// forms they hold phone numbers. Empty: as digits.
	Numbers numbers.Sites
	// CancelByCustomer lets people cancel the records of a customer without a
	// phone, which OCS does on other interfaces.
	CancelByCustomer bool
	// Tenants are those whose requests go here, by DBID or name; empty: all.
	Tenants []auth.Named
}

// Limits bound what clients can take. A zero field means its default. Those that
// change while the relay runs count for living sessions too; none is closed for
// being one too many.
type Limits struct {
	Sessions     int     // open, in all
	PerAddress   int     // of them from one address
	PerPerson    int     // of them of one person
	Rate         float64 // requests a second of a session
	Burst        int     // that may come at once
	AddressRate  float64 // the same for an address
	AddressBurst int
	PersonRate   float64 // the same for a person; never less than for a session
	PersonBurst  int
	Requests     int // under way per session
	Queue        int // frames waiting to be written per session
	// Undo is the longest window in which who asked for a do-not-call or cancel can take
	// it back; negative: there is none.
	Undo time.Duration

	// Of connections that have not said who they are. The oldest ones give way.
	Waiting           int     // in all; a tenth of Sessions
	WaitingPerAddress int     // a tenth of PerAddress, 20 at least
	Arrivals          float64 // new ones a second from one address; a tenth of PerAddress, 20 at least
	ArrivalBurst      int     // that may come at once; half of PerAddress, 100 at least
	// HTTP are connections from one address that are no WebSocket; half of
	// PerAddress, 100 at least. Idle ones give way.
	HTTP int
}

func (o Options) withDefaults() (Options, error) {
	if o.Log == nil {
		return o, errors.New("relay: Options.Log is nil")
	}
	if len(o.Links) == 0 {
		return o, errors.New("relay: Options.Links is empty; give the link to a T-Server")
	}
	names := make(map[string]bool)
	for i := range o.Links {
		l := &o.Links[i]
		if l.Name == "" && len(o.Links) == 1 {
			l.Name = "tserver"
		}
		switch {
		case l.Name == "" || names[l.Name]:
			return o, fmt.Errorf("relay: the name %q of link %d is empty or there twice; give each link its own", l.Name, i+1)
		case l.AppDBID <= 0:
			return o, fmt.Errorf("relay: application DBID %d is not above 0; give the DBID of the application that OCS is connected to", l.AppDBID)
		}
		names[l.Name] = true
	}
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.AnswerTimeout, defaults.AnswerTimeout)
	def(&o.HelloTimeout, defaults.HelloTimeout)
	def(&o.PingInterval, defaults.PingInterval)
	def(&o.WriteTimeout, defaults.WriteTimeout)
	def(&o.DrainTimeout, defaults.DrainTimeout)
	def(&o.probeEvery, probeEvery)
	if o.StatusAge == 0 {
		o.StatusAge = defaults.StatusAge
	}
	o.PingInterval = max(o.PingInterval.Round(time.Second), time.Second)
	if o.openFiles == 0 {
		o.openFiles = web.FileLimit()
	}
	if o.Hash == nil {
		k := maskhash.NewKey()
		o.Hash = &k
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.Auth == nil {
		o.Auth = auth.Everybody()
	}
	return o, nil
}

func (l Limits) withDefaults() Limits {
	number := func(n *int, v int) {
		if *n <= 0 {
			*n = v
		}
	}
	number(&l.Sessions, defaults.Sessions)
	number(&l.PerAddress, defaults.SessionsPerAddress)
	number(&l.Burst, defaults.Burst)
	number(&l.AddressBurst, defaults.AddressBurst)
	number(&l.Requests, defaults.RequestsPerSession)
	number(&l.Queue, defaults.Queue)
	number(&l.PerPerson, defaults.SessionsPerPerson)
	number(&l.PersonBurst, defaults.PersonBurst)
	l.PersonBurst = max(l.PersonBurst, l.Burst)
	if l.Undo == 0 {
		l.Undo = defaults.Undo
	}
	number(&l.Waiting, max(20, l.Sessions/10))
	number(&l.WaitingPerAddress, max(20, l.PerAddress/10))
	number(&l.ArrivalBurst, max(100, l.PerAddress/2))
	number(&l.HTTP, max(100, l.PerAddress/2))
	perSecond := func(n *float64, v float64) {
		if *n <= 0 {
			*n = v
		}
	}
	perSecond(&l.Rate, defaults.RequestsPerSecond)
	perSecond(&l.AddressRate, defaults.AddressPerSecond)
	perSecond(&l.PersonRate, defaults.PersonPerSecond)
	l.PersonRate = max(l.PersonRate, l.Rate)
	perSecond(&l.Arrivals, float64(max(20, l.PerAddress/10)))
	return l
}

func (l Limits) admission() admission.Limits {
	return admission.Limits{
		Sessions: l.Sessions, PerAddress: l.PerAddress, PerPerson: l.PerPerson,
		Waiting: l.Waiting, WaitingPerAddress: l.WaitingPerAddress, Arrivals: l.Arrivals, ArrivalBurst: l.ArrivalBurst,
		AddressRate: l.AddressRate, AddressBurst: l.AddressBurst, PersonRate: l.PersonRate, PersonBurst: l.PersonBurst,
	}
}
