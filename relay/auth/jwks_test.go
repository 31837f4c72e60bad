package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"commdn/relay/auth/authtest"
)

func marshalled(t *testing.T, key any, kid string) string {
	t.Helper()
	data, err := jose.JSONWebKey{Key: key, KeyID: kid}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestKeyFile(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public := marshalled(t, private.Public(), "good")
	secret := marshalled(t, private, "mine")
	d := secret[strings.Index(secret, `"d":"`)+5:]
	d = d[:strings.IndexByte(d, '"')]
	for name, tt := range map[string]struct {
		data string
		want string // empty: accepted
	}{
		"one key":                      {`{"keys":[` + public + `]}`, ""},
		"beside one of RSA encryption": {`{"keys":[{"kty":"RSA","use":"enc","kid":"e","n":"AQAB","e":"AQAB"},` + public + `]}`, ""},
		"beside an unknown kind":       {`{"keys":[{"kty":"AKP","alg":"ML-DSA-44","kid":"pq","pub":"AA"},` + public + `]}`, ""},
		"beside a strange curve":       {`{"keys":[{"kty":"OKP","crv":"Ed448","kid":"x","x":"AA"},` + public + `]}`, ""},
		"private":                      {`{"keys":[` + public + `,` + secret + `]}`, `key 2 (kid "mine") is a private key`},
		"symmetric":                    {`{"keys":[{"kty":"oct","kid":"s","k":"` + d + `"}]}`, `key 1 (kid "s") is symmetric`},
		"half private":                 {`{"keys":[` + strings.Replace(public, `{`, `{"d":"`+d+`",`, 1) + `]}`, "private key"},
		"PEM":                          {"-----BEGIN PRIVATE KEY-----\n" + d, "is PEM"},
		"a key alone":                  {public, "single key"},
		"a private key alone":          {secret, "single key"},
		"no keys":                      {`{"keys":[]}`, "give at least one public key"},
		"other JSON":                   {`{"issuer":"x"}`, "has no keys"},
		"a list":                       {`[` + public + `]`, "not JSON as it should be"},
		"nothing":                      {``, "not JSON as it should be"},
		"key of a string":              {`{"keys":["x"]}`, "key 1 is not an object"},
		"RSA of 1024 bits":             {`{"keys":[` + marshalled(t, small.Public(), "small") + `]}`, `key 1 (kid "small") has 1024 bits`},
		"algorithm for secrets":        {`{"keys":[` + strings.Replace(public, `{`, `{"alg":"HS256",`, 1) + `]}`, `algorithm "HS256"`},
		"point not on the curve":       {`{"keys":[{"kty":"EC","crv":"P-256","kid":"p","x":"AQ","y":"AQ"}]}`, `key 1 (kid "p") cannot be read`},
		"too many":                     {`{"keys":[` + strings.Repeat(public+",", maxKeys) + public + `]}`, "has 101 keys"},
		"too long":                     {`{"keys":[` + strings.Repeat(" ", maxKeySet) + `]}`, "more than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			file := keyFile(t, []byte(tt.data))
			_, err := NewJWKS(JWKS{File: file, Issuer: "https://i.example", Audience: "a"})
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), file)):
				t.Errorf("error %v, want the file and %q", err, tt.want)
			case err != nil && strings.Contains(err.Error(), d):
				t.Errorf("the key is in the error: %v", err)
			}
		})
	}
	if _, err := NewJWKS(JWKS{File: "not-there.json", Issuer: "i", Audience: "a"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
	if _, err := NewJWKS(JWKS{File: "x", Audience: "a"}); err == nil || !strings.Contains(err.Error(), "issuer is missing") {
		t.Errorf("no issuer gives %v", err)
	}
}

func TestReload(t *testing.T) {
	p := authtest.New(t)
	a := newJWKS(t, p, nil)
	first := p.Token(claims{"roles": "agent"})
	accepts(t, a, first)
	p.Rotate()
	p.Retire()
	second := p.Token(claims{"roles": "agent"})
	rejects(t, a, second, Signature)

	write := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(a.file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write([]byte(`{"keys":[{"kty":"oct","k":"AAAA"}]}`))
	if err := a.Reload(); err == nil {
		t.Fatal("a symmetric key is taken")
	}
	accepts(t, a, first) // the old keys stay
	write(p.KeySet())

	// Other tokens are checked meanwhile.
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			for range 50 {
				_, one := a.Authenticate(testContext(t), first)
				_, two := a.Authenticate(testContext(t), second)
				if one != nil && two != nil {
					t.Errorf("neither key is known: %v, %v", one, two)
				}
			}
		})
	}
	if err := a.Reload(); err != nil {
		t.Error(err)
	}
	others.Wait()
	accepts(t, a, second)
	rejects(t, a, first, Signature)
}

// TestNoKid: a file may omit the kids; then any key may match.
func TestNoKid(t *testing.T) {
	p := authtest.New(t)
	p.Rotate("RS256")
	k := p.Rotate()
	set := strings.ReplaceAll(string(p.KeySet()), `"kid"`, `"was"`)
	a := newJWKS(t, p, func(o *JWKS) { o.File = keyFile(t, []byte(set)) })
	accepts(t, a, p.Token(claims{"roles": "agent"}))
	stranger, err := authtest.NewKey(k.ID, "ES256")
	if err != nil {
		t.Fatal(err)
	}
	token, err := stranger.Sign(nil, p.Claims(claims{"roles": "agent"}))
	if err != nil {
		t.Fatal(err)
	}
	rejects(t, a, token, Signature)
}

// TestTries: the authenticator bounds the number of keys that it tries.
func TestTries(t *testing.T) {
	p := authtest.New(t)
	for range maxTries {
		p.Rotate()
	}
	a := newJWKS(t, p, nil)
	accepts(t, a, p.Token(claims{"roles": "agent"})) // the last one, by its kid
	token, err := p.Key().Sign(claims{"kid": ""}, p.Claims(claims{"roles": "agent"}))
	if err != nil {
		t.Fatal(err)
	}
	rejects(t, a, token, Signature)
}
