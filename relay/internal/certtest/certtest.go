// Package certtest makes certificates for tests.
package certtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// CA signs certificates. Everything that it writes is in one temporary folder.
type CA struct {
	File   string // its own certificate, PEM
	folder string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
}

// Pair is a certificate with its key (PKCS #8), both PEM.
type Pair struct{ Cert, Key string }

// New makes a CA whose certificates are valid for an hour.
func New(t testing.TB) *CA {
	t.Helper()
	ca := &CA{folder: t.TempDir()}
	template := template("certtest CA")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign
	var der []byte
	ca.key, der = sign(t, template, template, nil)
	var err error
	if ca.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	ca.File = write(t, ca.folder, "ca.pem", "CERTIFICATE", der)
	return ca
}

// Issue makes a certificate for localhost, 127.0.0.1 and ::1 that a server and a
// client can use, in files called after name.
func (ca *CA) Issue(t testing.TB, name string) Pair {
	t.Helper()
	template := template(name)
	template.DNSNames = []string{"localhost"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	key, der := sign(t, template, ca.cert, ca.key)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return Pair{write(t, ca.folder, name+".pem", "CERTIFICATE", der), write(t, ca.folder, name+".key", "PRIVATE KEY", private)}
}

// Server makes the configuration of a server that demands a certificate of this
// CA from its clients.
func (ca *CA) Server(t testing.TB) *tls.Config {
	t.Helper()
	pair := ca.Issue(t, "server")
	certificate, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AddCert(ca.cert)
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{certificate},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients,
	}
}

func template(name string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		panic(err)
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Minute), NotAfter: now.Add(time.Hour),
	}
}

// sign makes a key and its certificate; with no signer's key it signs itself.
func sign(t testing.TB, of, by *x509.Certificate, signer *ecdsa.PrivateKey) (*ecdsa.PrivateKey, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, of, by, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return key, der
}

func write(t testing.TB, folder, name, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(folder, name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
