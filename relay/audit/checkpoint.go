package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// Point is an entry of a chain by its hash, which stands for all entries before it, too.
type Point struct {
	Sequence uint64 `json:"sequence"`
	Hash     string `json:"hash"` // SHA-256, hexadecimal
}

// Signed is a point of a chain with a signature: what is kept elsewhere, to prove the
// chain with.
type Signed struct {
	Chain string `json:"chain"` // 32 hexadecimal digits
	Point
	Time      time.Time `json:"time"`
	Relay     string    `json:"relay"`
	Key       string    `json:"key"`       // fingerprint of the public key
	Signature []byte    `json:"signature"` // Ed25519
}

// message is what is signed.
func (s *Signed) message() []byte {
	return fmt.Appendf(nil, "commdn audit checkpoint\nchain %s\nsequence %d\nhash %s\ntime %s\nrelay %s\n",
		s.Chain, s.Sequence, s.Hash, s.Time.UTC().Format(time.RFC3339Nano), s.Relay)
}

// Verify says why a public key does not prove the checkpoint.
func (s *Signed) Verify(key ed25519.PublicKey) error {
	if hash, err := hex.DecodeString(s.Hash); err != nil || len(hash) != sha256.Size || s.Sequence == 0 || len(s.Chain) != 32 {
		return errors.New("it is no checkpoint of an audit")
	}
	if own := Fingerprint(key); s.Key != own {
		return fmt.Errorf("the checkpoint was signed with the key %s, and this one is %s; give the public key of that time", s.Key, own)
	}
	if !ed25519.Verify(key, s.message(), s.Signature) {
		return errors.New("the signature of the checkpoint is wrong: it, or what it signs, was changed")
	}
	return nil
}

// Fingerprint names a public key: 16 hexadecimal digits.
func Fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// ReadKey reads the private key for checkpoints: PKCS #8 in PEM, as
// openssl genpkey -algorithm ed25519 writes it.
func ReadKey(file string) (ed25519.PrivateKey, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, fmt.Errorf("%s holds no private key in PEM; openssl genpkey -algorithm ed25519 writes one", file)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds a key of another kind than Ed25519; openssl genpkey -algorithm ed25519 writes one", file)
	}
	return private, nil
}

// ParsePublicKey reads a public key in PEM, as openssl pkey -pubout writes it.
func ParsePublicKey(data []byte) (ed25519.PublicKey, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, errors.New("it is no public key in PEM; openssl pkey -in KEY -pubout writes one")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("it is a key of another kind than Ed25519")
	}
	return public, nil
}

// PublicKey gives the key that proves the checkpoints of this relay; nil: there is none.
func (l *Log) PublicKey() ed25519.PublicKey {
	if l.o.Key == nil {
		return nil
	}
	return l.o.Key.Public().(ed25519.PublicKey)
}

// ErrNoKey says that checkpoints cannot be signed.
var ErrNoKey = errors.New("the relay has no key for checkpoints: give audit.key_file in its configuration; openssl genpkey -algorithm ed25519 makes one")

// Checkpoint signs the chain as it is. That it did so is an entry.
func (l *Log) Checkpoint(ctx context.Context) (*Signed, error) {
	if l.o.Key == nil {
		return nil, ErrNoKey
	}
	h, err := l.end(ctx)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	s := l.sign(h.chain, h.seq, h.hash)
	if err := l.keep(ctx, &Entry{Kind: Checkpoint, Signed: s}); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return s, nil
}

func (l *Log) sign(chain [16]byte, seq uint64, hash digest) *Signed {
	s := &Signed{
		Chain: hex.EncodeToString(chain[:]), Point: Point{seq, hex.EncodeToString(hash[:])}, Time: utc(time.Now()), Relay: l.o.Relay, Key: Fingerprint(l.PublicKey()),
	}
	s.Signature = ed25519.Sign(l.o.Key, s.message())
	return s
}
