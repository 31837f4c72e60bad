package dial

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// Files are what a client needs for TLS, each in PEM.
type Files struct {
	CA         string // certificates of those who may have signed the server's
	Cert, Key  string // the client's own, the certificate with its chain
	ServerName string // in the server's certificate; empty: the host of the address
}

// Config makes a configuration for Dial. Certificate and key are read again for
// every connection, so that renewed ones count; the CA is read once. The error
// names the file.
func (f Files) Config() (*tls.Config, error) {
	if f.CA == "" || f.Cert == "" || f.Key == "" {
		return nil, errors.New("TLS needs the CA, the certificate and the key, each in a file")
	}
	pem, err := os.ReadFile(f.CA)
	if err != nil {
		return nil, fmt.Errorf("CA: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("CA: %s holds no certificate in PEM", f.CA)
	}
	if _, err := f.load(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: roots, ServerName: f.ServerName,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return f.load() },
	}, nil
}

func (f Files) load() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s with key %s: %w", f.Cert, f.Key, err)
	}
	return &pair, nil
}
