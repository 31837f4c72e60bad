package auth

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// JWKS configures checking tokens with the keys of a file, for a network that reaches no
// provider. File, Issuer and Audience are required.
type JWKS struct {
	File       string        // a JSON Web Key Set with public keys, at most 1 MiB
	Issuer     string        // the required claim iss
	Audience   string        // the claim aud must be or contain it
	ClockSkew  time.Duration // for exp, nbf and iat; 0: 30 s; at most 5 min
	Claims     Claims
	Algorithms []string // of RS, PS and ES 256, 384, 512, and EdDSA; nil: all of them
}

// JWKSAuthenticator is an Authenticator with the keys of a file.
type JWKSAuthenticator struct {
	file     string
	verifier *verifier
	keys     atomic.Pointer[keySet]
}

// NewJWKS reads the file. It refuses a file without a usable key, and one with private or
// symmetric keys: such a key would let everybody who reads the file issue tokens.
func NewJWKS(o JWKS) (*JWKSAuthenticator, error) {
	v, err := newVerifier(o.Issuer, o.Audience, o.ClockSkew, o.Algorithms, o.Claims)
	if err != nil {
		return nil, err
	}
	a := &JWKSAuthenticator{file: o.File, verifier: v}
	if err := a.Reload(); err != nil {
		return nil, err
	}
	return a, nil
}

// Reload reads the file again. If the file is unusable the keys stay as they were.
func (a *JWKSAuthenticator) Reload() error {
	keys, err := readKeyFile(a.file)
	if err != nil {
		return fmt.Errorf("auth: key file %s %w", a.file, err)
	}
	a.keys.Store(&keys)
	return nil
}

func readKeyFile(name string) (keySet, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeySet+1))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	if len(data) > maxKeySet {
		return nil, fmt.Errorf("has more than %d bytes", maxKeySet)
	}
	keys, notes, err := readKeys(data)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, n := range notes {
		if n.secret {
			return nil, fmt.Errorf("is refused: %s", n.text)
		}
		texts = append(texts, n.text)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("has no key that can be used: %s", strings.Join(append(texts, "give at least one public key"), "; "))
	}
	return keys, nil
}

// Authenticate checks a token without waiting for anything.
func (a *JWKSAuthenticator) Authenticate(ctx context.Context, token string) (Identity, error) {
	return a.verifier.authenticate(ctx, token, a)
}

func (a *JWKSAuthenticator) open(_ context.Context, jws *jose.JSONWebSignature) ([]byte, error) {
	payload, ok, known := a.keys.Load().open(jws)
	if !ok {
		return nil, badSignature(jws, known)
	}
	return payload, nil
}

// badSignature is the refusal of a token that matches no key.
func badSignature(jws *jose.JSONWebSignature, known bool) error {
	if kid := jws.Signatures[0].Protected.KeyID; kid != "" && !known {
		return refuse(Signature, "the issuer has no key %s", shown(kid))
	}
	return refuse(Signature, "its signature is not one of the issuer, or it was changed since")
}
