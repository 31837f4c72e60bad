package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Limits of a key set.
const (
	maxKeySet  = 1 << 20 // bytes of JSON
	maxKeys    = 100
	maxTries   = 16 // keys tried per token
	minRSABits = 2048
	maxRSABits = 8192 // above it checking a signature takes too long
)

// keySet holds only public keys that can check signatures.
type keySet []jose.JSONWebKey

// open returns the payload if a key matches. known means that the set has the key that
// the token names, so that a newer set would not help.
func (s keySet) open(jws *jose.JSONWebSignature) (payload []byte, ok, known bool) {
	h := jws.Signatures[0].Protected
	tries := 0
	for i := range s {
		k := &s[i]
		named := h.KeyID != "" && k.KeyID == h.KeyID
		known = known || named
		// If either has no kid, any key may match.
		if !named && h.KeyID != "" && k.KeyID != "" || !fits(k, h.Algorithm) {
			continue
		}
		if tries++; tries > maxTries {
			break
		}
		if payload, err := jws.Verify(k.Key); err == nil {
			return payload, true, true
		}
	}
	return nil, false, known
}

// fits reports whether the key is for the algorithm. The key decides, so that no token
// can choose the use of a key.
func fits(k *jose.JSONWebKey, algorithm string) bool {
	if k.Algorithm != "" && k.Algorithm != algorithm {
		return false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")
	case *ecdsa.PublicKey:
		return algorithm == curves[key.Curve.Params().Name]
	case ed25519.PublicKey:
		return algorithm == string(jose.EdDSA)
	}
	return false
}

var curves = map[string]string{"P-256": string(jose.ES256), "P-384": string(jose.ES384), "P-521": string(jose.ES512)}

// unusable is a key of a set that we do not use.
type unusable struct {
	text   string // which key, and what is wrong
	secret bool   // private or symmetric: every reader of the set can sign
}

// readKeys reads a JSON Web Key Set (RFC 7517). It returns keys for other uses or of an
// unknown kind as unusable, not as an error.
func readKeys(data []byte) (keySet, []unusable, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
		Kty  string            `json:"kty"`
	}
	const want = `a JSON Web Key Set, {"keys": [...]}, is expected`
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN")) {
		return nil, nil, errors.New("is PEM; " + want)
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, nil, fmt.Errorf("is not JSON as it should be: %s; %s", brief(err), want)
	}
	switch {
	case set.Keys == nil && set.Kty != "":
		return nil, nil, errors.New("is a single key; " + want)
	case set.Keys == nil:
		return nil, nil, errors.New("has no keys; " + want)
	case len(set.Keys) > maxKeys:
		return nil, nil, fmt.Errorf("has %d keys; at most %d are read", len(set.Keys), maxKeys)
	}
	var keys keySet
	var notes []unusable
	for i, raw := range set.Keys {
		k, note := readKey(raw)
		if note == nil {
			keys = append(keys, k)
			continue
		}
		note.text = fmt.Sprintf("key %d %s", i+1, note.text)
		notes = append(notes, *note)
	}
	return keys, notes, nil
}

// secretMembers are the secret members of a JWK.
var secretMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}

func readKey(raw json.RawMessage) (jose.JSONWebKey, *unusable) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return jose.JSONWebKey{}, &unusable{text: "is not an object"}
	}
	named := ""
	var kid string
	if json.Unmarshal(members["kid"], &kid) == nil && kid != "" {
		named = "(kid " + shown(kid) + ") "
	}
	no := func(format string, args ...any) (jose.JSONWebKey, *unusable) {
		return jose.JSONWebKey{}, &unusable{text: named + fmt.Sprintf(format, args...)}
	}
	if string(members["kty"]) == `"oct"` {
		_, n := no("is symmetric: who can check with it can sign with it; let the issuer sign with RSA, EC or Ed25519")
		n.secret = true
		return jose.JSONWebKey{}, n
	}
	for _, m := range secretMembers {
		if _, ok := members[m]; ok {
			_, n := no("is a private key: it belongs to the issuer alone; give the public keys only, without the members %s", strings.Join(secretMembers, ", "))
			n.secret = true
			return jose.JSONWebKey{}, n
		}
	}
	var k jose.JSONWebKey
	if err := k.UnmarshalJSON(raw); errors.Is(err, jose.ErrUnsupportedKeyType) {
		return no("is of a kind that is not known here")
	} else if err != nil {
		return no("cannot be read: %s", brief(err))
	}
	if k.Use != "" && k.Use != "sig" {
		return no("is not for signatures: its use is %s", shown(k.Use))
	}
	if k.Algorithm != "" && !slices.Contains(algorithms, jose.SignatureAlgorithm(k.Algorithm)) {
		return no("is for algorithm %s, which is not used here", shown(k.Algorithm))
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return no("has %d bits; RSA keys of %d to %d are used", bits, minRSABits, maxRSABits)
		}
	case *ecdsa.PublicKey, ed25519.PublicKey:
	default:
		return no("is of a kind that is not known here")
	}
	return k, nil
}
