package relay

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/tserver"
)

// Options says how a relay works. Link, AppDBID and Log are needed; a zero
// field means its default.
type Options struct {
	Link    tserver.Options // driver, servers, CommDN; OnUserEvent and OnState are the relay's own
	AppDBID commdn.DBID     // DBID of the application that OCS is connected to; written into every request
	OCS     []commdn.DBID   // every OCS on the CommDN; a request for all of them is settled when each has answered. Empty: by the first answer

	Directory frame.Directory // names that clients may use for campaigns and groups

	AnswerTimeout time.Duration // for OCS to answer; 10 s
	HelloTimeout  time.Duration // for a new connection to say hello; 5 s
	PingInterval  time.Duration // asked of clients, whole seconds; silence of three intervals closes; 15 s
	MaxRequests   int           // under way per session; 32
	QueueLen      int           // frames waiting to be written per session; 256

	Files   fs.FS                   // what a browser downloads; nil: nothing is served
	Routes  map[string]http.Handler // further patterns for the HTTP server
	Version string                  // told to clients
	Log     *slog.Logger
}

func (o Options) withDefaults() (Options, error) {
	if o.Log == nil {
		return o, errors.New("relay: Options.Log is nil")
	}
	if o.AppDBID <= 0 {
		return o, fmt.Errorf("relay: application DBID %d is not above 0; give the DBID of the application that OCS is connected to", o.AppDBID)
	}
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.AnswerTimeout, 10*time.Second)
	def(&o.HelloTimeout, 5*time.Second)
	def(&o.PingInterval, 15*time.Second)
	o.PingInterval = max(o.PingInterval.Round(time.Second), time.Second)
	if o.MaxRequests <= 0 {
		o.MaxRequests = 32
	}
	if o.QueueLen <= 0 {
		o.QueueLen = 256
	}
	return o, nil
}

// Listen opens a TCP listener on a loopback address. Any other address is
// refused: the relay does not yet authenticate anybody, so whoever reaches it
// may put numbers on the Do Not Call list.
func Listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("relay: listen address %q: %w; give HOST:PORT, for example 127.0.0.1:8080", address, err)
	}
	if !loopback(host) {
		return nil, fmt.Errorf("relay: refusing to listen on %q: there is no authentication yet, so only a loopback address (127.0.0.1, ::1, localhost) is safe", address)
	}
	return net.Listen("tcp", address)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
