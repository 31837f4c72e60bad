package relay

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/protocol/commdn"
	"commdn/relay/auth"
	"commdn/relay/tserver"
)

// Options says how a relay works. Links and Log are needed; a zero field means
// its default.
type Options struct {
	Links []Link // at least one

	// Auth makes a person of a token. nil: nobody is asked for one, and everybody
	// may do everything, so that Listen takes loopback addresses only.
	Auth     auth.Authenticator
	Settings // to begin with

	AnswerTimeout time.Duration // for OCS to answer; 10 s
	HelloTimeout  time.Duration // for a new connection to say hello; 5 s
	PingInterval  time.Duration // asked of clients, whole seconds; silence of three intervals closes; 15 s
	WriteTimeout  time.Duration // of one frame to a client; 10 s
	DrainTimeout  time.Duration // for requests under way at the end; 10 s
	StatusAge     time.Duration // that the last known status of a campaign group is given for an answer; 30 s, negative is never

	BehindProxy bool                    // the client's address is the last of X-Forwarded-For
	Files       fs.FS                   // what a browser downloads; nil: nothing is served
	Routes      map[string]http.Handler // further patterns for the HTTP server
	Version     string                  // told to clients
	Metrics     prometheus.Registerer   // nil: a registry of its own, which nobody reads
	Log         *slog.Logger
}

// Link is a link to the T-Server of a site or tenant.
type Link struct {
	Name    string          // in logs and metrics; empty with a single link is "tserver"
	TServer tserver.Options // driver, servers, CommDN; OnUserEvent and OnState are the relay's own
	AppDBID commdn.DBID     // of the application that OCS is connected to; written into every request
	// OCS are all on the CommDN; a request for all of them is settled when each
	// has answered. Empty: by the first answer.
	OCS []commdn.DBID
	// Tenants are those whose requests go here, by DBID or name; empty: all.
	Tenants []auth.Named
}

// Limits bound what clients can take. A zero field means its default. Those that
// change while the relay runs count for living sessions too; none is closed for
// being one too many.
type Limits struct {
	Sessions     int     // open, in all; 20,000
	PerAddress   int     // of them from one address; 1,000
	Rate         float64 // requests a second of a session; 50
	Burst        int     // that may come at once; 100
	AddressRate  float64 // the same for an address; 2,000
	AddressBurst int     // 4,000
	Requests     int     // under way per session; 32
	Queue        int     // frames waiting to be written per session; 256
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
	def(&o.AnswerTimeout, 10*time.Second)
	def(&o.HelloTimeout, 5*time.Second)
	def(&o.PingInterval, 15*time.Second)
	def(&o.WriteTimeout, 10*time.Second)
	def(&o.DrainTimeout, 10*time.Second)
	if o.StatusAge == 0 {
		o.StatusAge = 30 * time.Second
	}
	o.PingInterval = max(o.PingInterval.Round(time.Second), time.Second)
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	return o, nil
}

func (l Limits) withDefaults() Limits {
	number := func(n *int, v int) {
		if *n <= 0 {
			*n = v
		}
	}
	number(&l.Sessions, 20_000)
	number(&l.PerAddress, 1_000)
	number(&l.Burst, 100)
	number(&l.AddressBurst, 4_000)
	number(&l.Requests, 32)
	number(&l.Queue, 256)
	if l.Rate <= 0 {
		l.Rate = 50
	}
	if l.AddressRate <= 0 {
		l.AddressRate = 2_000
	}
	return l
}

// Listen opens a TCP listener. Without authentication only a loopback address is
// taken: whoever reaches the relay then may put numbers on the Do Not Call list.
func Listen(address string, authenticated bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("relay: listen address %q: %w; give HOST:PORT, for example 127.0.0.1:8080", address, err)
	}
	if !authenticated && !loopback(host) {
		return nil, fmt.Errorf("relay: refusing to listen on %q: nobody is authenticated, so only a loopback address (127.0.0.1, ::1, localhost) is safe; configure auth", address)
	}
	return net.Listen("tcp", address)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
