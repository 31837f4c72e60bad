// Package dial connects the relay to what runs beside it, a bridge or a
// T-Server: over TCP, over TLS with a client certificate, or over a Unix
// socket.
package dial

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"
)

// unixScheme begins the address of a Unix socket.
const unixScheme = "unix:"

// Split gives network and address for package net: "unix:/run/x.sock" is a Unix
// socket, anything else HOST:PORT of TCP.
func Split(address string) (network, addr string) {
	if path, ok := strings.CutPrefix(address, unixScheme); ok {
		return "unix", path
	}
	return "tcp", address
}

// keepAlive finds a machine that has vanished after about 25 seconds.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}

// Dial connects to an address of Split and does the TLS handshake. A nil conf
// means no TLS; a Unix socket never has it, as it does not leave the machine.
// Where conf names no server, the host of the address counts.
func Dial(ctx context.Context, address string, conf *tls.Config) (net.Conn, error) {
	network, addr := Split(address)
	dialer := net.Dialer{KeepAliveConfig: keepAlive}
	nc, err := dialer.DialContext(ctx, network, addr)
	if err != nil || conf == nil || network == "unix" {
		return nc, err
	}
	if conf.ServerName == "" {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			nc.Close()
			return nil, err
		}
		conf = conf.Clone()
		conf.ServerName = host
	}
	secure := tls.Client(nc, conf)
	if err := secure.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, fmt.Errorf("TLS handshake with %s: %w", address, err)
	}
	return secure, nil
}
