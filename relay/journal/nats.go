package journal

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// NATS is a cluster that has the journal.
type NATS struct {
	URLs        []string    // nats://HOST:PORT or tls://HOST:PORT
	Credentials string      // file with the user's JWT and key; empty: none
	TLS         *tls.Config // nil: as the URLs say
	Replicas    int         // of each stream
}

// connect connects, and keeps trying while the relay runs.
func (n NATS) connect(log *slog.Logger) (*nats.Conn, error) {
	o := []nats.Option{
		nats.Name("commdn relay"), nats.MaxReconnects(-1), nats.Timeout(5 * time.Second), nats.ReconnectBufSize(-1),
		// A server that is gone without a word is noticed before it has cost two leases.
		nats.PingInterval(time.Second), nats.MaxPingsOutstanding(2), nats.ReconnectWait(100 * time.Millisecond), nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Error("the connection to NATS is lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { log.Info("connected to NATS again", "server", c.ConnectedAddr()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if !errors.Is(err, nats.ErrNoResponders) {
				log.Warn("NATS reports", "error", err)
			}
		}),
	}
	if n.Credentials != "" {
		o = append(o, nats.UserCredentials(n.Credentials))
	}
	if n.TLS != nil {
		o = append(o, nats.Secure(n.TLS))
	}
	c, err := nats.Connect(strings.Join(n.URLs, ","), o...)
	if err != nil {
		return nil, fmt.Errorf("NATS cannot be reached: %w", err)
	}
	return c, nil
}
