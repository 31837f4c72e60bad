package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Key signs tokens.
type Key struct {
	ID        string // kid
	Algorithm string
	Private   crypto.Signer // *rsa.PrivateKey, *ecdsa.PrivateKey or ed25519.PrivateKey
}

// NewKey makes a key for an algorithm: RS, PS or ES with 256, 384 or 512, or
// EdDSA.
func NewKey(id, algorithm string) (Key, error) {
	k := Key{ID: id, Algorithm: algorithm}
	var err error
	switch jose.SignatureAlgorithm(algorithm) {
	case jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512:
		k.Private, err = rsa.GenerateKey(rand.Reader, 2048)
	case jose.ES256:
		k.Private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.ES384:
		k.Private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case jose.ES512:
		k.Private, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case jose.EdDSA:
		_, k.Private, err = ed25519.GenerateKey(rand.Reader)
	default:
		err = fmt.Errorf("authtest: no keys are made for algorithm %q", algorithm)
	}
	return k, err
}

// Public returns the key in its published form.
func (k Key) Public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.Private.Public(), KeyID: k.ID, Algorithm: k.Algorithm, Use: "sig"}
}

// Sign returns a token in its compact form. header adds to alg, kid and typ JWT, or
// replaces them; kid "" omits it. Sign marshals claims unless they are a []byte.
func (k Key) Sign(header map[string]any, claims any) (string, error) {
	payload, ok := claims.([]byte)
	if !ok {
		var err error
		if payload, err = json.Marshal(claims); err != nil {
			return "", err
		}
	}
	opts := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", k.ID)
	for name, v := range header {
		opts = opts.WithHeader(jose.HeaderKey(name), v)
	}
	if opts.ExtraHeaders["kid"] == "" {
		delete(opts.ExtraHeaders, "kid")
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.Algorithm), Key: k.Private}, opts)
	if err != nil {
		return "", err
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}
