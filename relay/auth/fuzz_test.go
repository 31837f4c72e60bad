package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"commdn/relay/auth/authtest"
)

// fixedKeys are the same in every process: a fuzzing worker has to accept tokens that its
// parent signed.
func fixedKeys(t testing.TB) (ec, ed authtest.Key) {
	t.Helper()
	scalar := make([]byte, 32)
	scalar[31] = 42
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		t.Fatal(err)
	}
	return authtest.Key{ID: "ec", Algorithm: "ES256", Private: private},
		authtest.Key{ID: "ed", Algorithm: "EdDSA", Private: ed25519.NewKeyFromSeed(scalar)}
}

const fuzzIssuer = "https://issuer.example"

func fixedAuthenticator(t testing.TB) *JWKSAuthenticator {
	t.Helper()
	ec, ed := fixedKeys(t)
	data, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{ec.Public(), ed.Public()}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := NewJWKS(JWKS{File: file, Issuer: fuzzIssuer, Audience: "commdn"})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const fuzzClaims = `{"iss":"https://issuer.example","aud":["commdn"],"sub":"ann","name":"Ann","exp":4102444800,"iat":1700000000,"roles":["agent"]}`

// FuzzAuthenticate: any token gives a *TokenError, unless a key signed exactly this
// content.
func FuzzAuthenticate(f *testing.F) {
	a := fixedAuthenticator(f)
	ec, ed := fixedKeys(f)
	for _, k := range []authtest.Key{ec, ed} {
		for _, header := range []map[string]any{nil, {"kid": ""}, {"typ": "at+jwt"}, {"kid": "other"}, {"jwk": ec.Public()}, {"jku": "http://x/"}, {"crit": []string{"b64"}, "b64": false}} {
			token, err := k.Sign(header, []byte(fuzzClaims))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(token)
			parts := strings.Split(token, ".")
			f.Add(parts[0] + "." + parts[1] + ".")
			f.Add(b64(claims{"alg": "none"}) + "." + parts[1] + ".")
			f.Add(b64(claims{"alg": "HS256", "kid": k.ID}) + "." + parts[1] + "." + parts[2])
			f.Add(b64(claims{"alg": "RS256", "kid": k.ID}) + "." + parts[1] + "." + parts[2])
			f.Add(parts[0] + "." + strings.Replace(parts[1], "a", "b", 1) + "." + parts[2])
			f.Add(`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`)
		}
	}
	f.Add("")
	f.Add("..")
	f.Add("e30.e30.e30")
	f.Fuzz(func(t *testing.T, token string) {
		id, err := a.Authenticate(context.Background(), token)
		if err != nil {
			checkTokenError(t, id, err)
			return
		}
		if id.Subject != "ann" || id.Name != "Ann" || len(id.Roles) != 1 || id.Roles[0] != Agent || id.Expires.Unix() != 4102444800 {
			t.Errorf("an identity that nobody signed: %+v", id)
		}
	})
}

// FuzzClaims signs any claims, as a faulty issuer would.
func FuzzClaims(f *testing.F) {
	a := fixedAuthenticator(f)
	_, ed := fixedKeys(f)
	for _, s := range []string{
		fuzzClaims, "", "{}", "null", "[]", `{"iss":1}`,
		strings.Replace(fuzzClaims, "4102444800", "1e300", 1), strings.Replace(fuzzClaims, "4102444800", "-1", 1),
		strings.Replace(fuzzClaims, `["agent"]`, `"agent supervisor"`, 1), strings.Replace(fuzzClaims, `["agent"]`, `[["agent"]]`, 1),
		strings.Replace(fuzzClaims, `"Ann"`, `"\u0000"`, 1), strings.Replace(fuzzClaims, `"ann"`, `"\ud800"`, 1),
		strings.Replace(fuzzClaims, `}`, `,"sub":"eve"}`, 1), strings.Replace(fuzzClaims, `"aud"`, `"Aud"`, 1),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		token, err := ed.Sign(nil, payload)
		if err != nil {
			t.Fatal(err)
		}
		id, err := a.Authenticate(context.Background(), token)
		if err != nil {
			checkTokenError(t, id, err)
			return
		}
		if !printable(id.Subject, maxSubject) || !printable(id.Name, maxName) || len(id.Roles) == 0 || len(id.Roles) > len(id.Values) {
			t.Errorf("an identity that is none: %+v", id)
		}
		if left := time.Until(id.Expires); left < -DefaultClockSkew || id.Expires.Year() > 9999 {
			t.Errorf("expires %v", id.Expires)
		}
	})
}

func checkTokenError(t *testing.T, id Identity, err error) {
	t.Helper()
	var te *TokenError
	if !errors.As(err, &te) || te.Reason < Missing || te.Reason > Unavailable || te.What == "" {
		t.Errorf("error %#v, want a *TokenError with a reason", err)
	}
	if id.Subject != "" || id.Roles != nil {
		t.Errorf("refused, and yet there is an identity: %+v", id)
	}
	if strings.ContainsAny(err.Error(), "\r\n\x00") || len(err.Error()) > 500 {
		t.Errorf("the error is not one short line: %q", err)
	}
}

// FuzzPattern: a pattern parses or fails, and one without wildcards matches the name that
// it spells.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{"Autumn*", "1001", `\*`, "a?c", "**", "[", `\`, "", "ß", "İ", "\xff"} {
		f.Add(s, "Autumn offers")
	}
	f.Fuzz(func(t *testing.T, s, name string) {
		p, err := parsePattern(s)
		if err != nil {
			return
		}
		if p.matches(Named{DBID: 5, Name: name}) && !strings.ContainsAny(s, `*?\`) && p.dbid == 0 && len([]rune(s)) != len([]rune(name)) {
			t.Errorf("%q is taken for %q", name, s)
		}
		var literal strings.Builder
		for _, c := range name {
			literal.WriteString(`\` + string(c))
		}
		if own, err := parsePattern(literal.String()); name != "" && (err != nil || !own.matches(Named{Name: name})) {
			t.Errorf("%q is not taken for itself: %v", name, err)
		}
	})
}
