package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"

	"commdn/protocol/client"
	"commdn/protocol/client/ws"
	"commdn/relay/internal/netname"
)

// dialer opens native WebSockets to a relay. The certificate of a wss:// relay
// must be signed by an authority in caFile, or by one of the system's if that
// is empty; an error is about that file.
func dialer(relay, caFile string) (client.Dialer, error) {
	var o ws.Options
	if caFile != "" {
		if u, err := url.Parse(relay); err == nil && (u.Scheme == "ws" || u.Scheme == "http") {
			return nil, errors.New("goes with a wss:// relay; this one shows no certificate")
		}
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, err
		}
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
		if !o.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", caFile)
		}
	}
	dial := ws.Dialer(relay, o)
	return func(ctx context.Context) (client.Conn, error) {
		conn, err := dial(ctx)
		if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
			err = fmt.Errorf("%w; give its authority with --ca-file", unknown)
		}
		return conn, err
	}, nil
}

// unencrypted says whether what is sent to a relay can be read on the way.
func unencrypted(relay string) bool {
	u, err := url.Parse(relay)
	if err != nil || u.Scheme != "ws" && u.Scheme != "http" {
		return false
	}
	return !netname.Loopback(u.Hostname())
}
