package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"commdn/relay/auth/authtest"
)

// rig is a provider with one key of every family, and both authenticators.
type rig struct {
	p              *authtest.Provider
	rsa, ec, ed    authtest.Key
	authenticators map[string]Authenticator
}

func newRig(t *testing.T, skew time.Duration) *rig {
	p := authtest.New(t)
	r := &rig{p: p, rsa: p.Rotate("RS256"), ed: p.Rotate("EdDSA")}
	r.ec = p.Rotate("ES256")
	r.authenticators = map[string]Authenticator{
		"oidc": newOIDC(t, p, func(o *OIDC) { o.ClockSkew = skew }),
		"jwks": newJWKS(t, p, func(o *JWKS) { o.ClockSkew = skew }),
	}
	return r
}

type claims = map[string]any

// token signs the usual claims of an agent, with changes.
func (r *rig) token(t *testing.T, k authtest.Key, header, changed claims) string {
	t.Helper()
	all := claims{"roles": []string{"agent"}}
	for name, v := range changed {
		all[name] = v
	}
	token, err := k.Sign(header, r.p.Claims(all))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func b64(v any) string {
	data, ok := v.([]byte)
	if !ok {
		data, _ = json.Marshal(v)
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

func TestAccepted(t *testing.T) {
	r := newRig(t, time.Minute)
	now := time.Now().Unix()
	exp := now + 600
	normal := Identity{Subject: "ann", Name: "ann", Roles: []Role{Agent}, Values: []string{"agent"}, Expires: time.Unix(exp, 0)}
	with := func(change func(*Identity)) Identity {
		id := normal
		change(&id)
		return id
	}
	for name, tt := range map[string]struct {
		key    authtest.Key
		header claims
		claims claims
		want   Identity
	}{
		"RS256":             {key: r.rsa, want: normal},
		"ES256":             {key: r.ec, want: normal},
		"EdDSA":             {key: r.ed, want: normal},
		"access token":      {key: r.ec, header: claims{"typ": "at+jwt"}, want: normal},
		"media type":        {key: r.ec, header: claims{"typ": "application/AT+JWT"}, want: normal},
		"no kid":            {key: r.ec, header: claims{"kid": ""}, want: normal},
		"audience list":     {key: r.ec, claims: claims{"aud": []string{"other", authtest.Audience}}, want: normal},
		"name":              {key: r.ec, claims: claims{"name": "Ann Ämter"}, want: with(func(id *Identity) { id.Name = "Ann Ämter" })},
		"name of two lines": {key: r.ec, claims: claims{"name": "Ann\nadmin"}, want: normal},
		"name too long":     {key: r.ec, claims: claims{"name": strings.Repeat("x", 256)}, want: normal},
		"name no string":    {key: r.ec, claims: claims{"name": 7}, want: normal},
		"just expired, inside the skew": {key: r.ec, claims: claims{"exp": now - 20},
			want: with(func(id *Identity) { id.Expires = time.Unix(now-20, 0) })},
		"just not valid, inside the skew": {key: r.ec, claims: claims{"nbf": now + 30, "iat": now + 30}, want: normal},
		"roles in a string": {key: r.ec, claims: claims{"roles": "supervisor openid agent agent"},
			want: with(func(id *Identity) {
				id.Roles = []Role{Agent, Supervisor}
				id.Values = []string{"agent", "openid", "supervisor"}
			})},
	} {
		for kind, a := range r.authenticators {
			t.Run(kind+"/"+name, func(t *testing.T) {
				c := claims{"exp": exp}
				for k, v := range tt.claims {
					c[k] = v
				}
				id, err := a.Authenticate(testContext(t), r.token(t, tt.key, tt.header, c))
				if err != nil || !reflect.DeepEqual(id, tt.want) {
					t.Errorf("got %+v, %v\nwant %+v", id, err, tt.want)
				}
			})
		}
	}
}

func TestRefused(t *testing.T) {
	r := newRig(t, time.Minute)
	now := time.Now().Unix()
	stranger, err := authtest.NewKey(r.ec.ID, "ES256")
	if err != nil {
		t.Fatal(err)
	}
	good := r.token(t, r.ec, nil, nil)
	parts := strings.Split(good, ".")
	other := strings.Split(r.token(t, r.ec, nil, claims{"sub": "eve"}), ".")
	signed := func(header, changed claims) string { return r.token(t, r.ec, header, changed) }

	// hmacWith signs with the bytes of the public key as a secret, which a careless
	// library would accept.
	hmacWith := func(key []byte) string {
		input := b64(claims{"alg": "HS256", "kid": r.rsa.ID, "typ": "JWT"}) + "." + parts[1]
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(input))
		return input + "." + b64(mac.Sum(nil))
	}
	der, err := x509.MarshalPKIXPublicKey(r.rsa.Private.Public())
	if err != nil {
		t.Fatal(err)
	}
	pemKey := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	jwk, err := r.rsa.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	relabelled := func(alg, kid, signature string) string {
		return b64(claims{"alg": alg, "kid": kid, "typ": "JWT"}) + "." + parts[1] + "." + signature
	}

	for name, tt := range map[string]struct {
		token string
		want  Reason
	}{
		"nothing":        {"", Missing},
		"garbage":        {"%%% not a token %%%", Malformed},
		"two parts":      {parts[0] + "." + parts[1], Malformed},
		"four parts":     {good + ".x", Malformed},
		"dots":           {"..", Algorithm},
		"JSON form":      {`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`, Malformed},
		"line break":     {good + "\n", Malformed},
		"bearer":         {"Bearer " + good, Malformed},
		"huge":           {strings.Repeat("a", maxToken) + "." + parts[1] + "." + parts[2], Malformed},
		"header broken":  {"e30" + "." + parts[1] + "." + parts[2], Algorithm},
		"header no JSON": {b64([]byte("hello")) + "." + parts[1] + "." + parts[2], Malformed},
		"header deep":    {b64([]byte(strings.Repeat("[", 9000))) + "." + parts[1] + "." + parts[2], Malformed},
		"header twice":   {b64([]byte(`{"alg":"ES256","alg":"none"}`)) + "." + parts[1] + ".", Malformed},

		"unsigned":                    {relabelled("none", "", ""), Algorithm},
		"unsigned, odd case":          {relabelled("nOnE", "", ""), Algorithm},
		"unsigned with signature":     {relabelled("none", r.ec.ID, parts[2]), Algorithm},
		"signature removed":           {parts[0] + "." + parts[1] + ".", Signature},
		"HS256 with the key's PEM":    {hmacWith(pemKey), Algorithm},
		"HS256 with the trimmed PEM":  {hmacWith([]byte(strings.TrimSpace(string(pemKey)))), Algorithm},
		"HS256 with the key's DER":    {hmacWith(der), Algorithm},
		"HS256 with the key's JWK":    {hmacWith(jwk), Algorithm},
		"ES256 said to be RS256":      {relabelled("RS256", r.ec.ID, parts[2]), Signature},
		"ES256 with the RSA key's id": {relabelled("ES256", r.rsa.ID, parts[2]), Signature},
		"RS256 said to be PS256":      {relabelled("PS256", r.rsa.ID, strings.Split(r.token(t, r.rsa, nil, nil), ".")[2]), Signature},
		"ES256 of zeros":              {parts[0] + "." + parts[1] + "." + b64(make([]byte, 64)), Signature},
		"algorithm unknown":           {relabelled("ES256K", r.ec.ID, parts[2]), Algorithm},

		"payload changed":           {parts[0] + "." + other[1] + "." + parts[2], Signature},
		"signature of another":      {parts[0] + "." + parts[1] + "." + other[2], Signature},
		"key of a stranger":         {r.token(t, stranger, nil, nil), Signature},
		"kid unknown":               {r.token(t, stranger, claims{"kid": "nobody's"}, nil), Signature},
		"kid none, stranger":        {r.token(t, stranger, claims{"kid": ""}, nil), Signature},
		"key brought along":         {r.token(t, stranger, claims{"jwk": stranger.Public()}, nil), Signature},
		"key set named":             {r.token(t, stranger, claims{"jku": r.p.Issuer + "/keys"}, nil), Signature},
		"certificate brought along": {r.token(t, stranger, claims{"x5c": []string{certificate(t, stranger.Private)}}, nil), Signature},
		"certificate named":         {r.token(t, stranger, claims{"x5u": r.p.Issuer + "/cert"}, nil), Signature},
		"critical extension":        {signed(claims{"crit": []string{"b64"}, "b64": true}, nil), Malformed},
		"logout token":              {signed(claims{"typ": "logout+jwt"}, nil), Malformed},
		"typ no string":             {signed(claims{"typ": 5}, nil), Malformed},

		"expired":                    {signed(nil, claims{"exp": now - 61}), Expired},
		"expired long ago":           {signed(nil, claims{"exp": 0}), Expired},
		"exp missing":                {signed(nil, claims{"exp": nil}), Malformed},
		"exp text":                   {signed(nil, claims{"exp": "soon"}), Malformed},
		"exp beyond all times":       {signed(nil, claims{"exp": 1e18}), Malformed},
		"exp beyond all numbers":     {signed(nil, claims{"exp": 1e300}), Malformed},
		"nbf in the future":          {signed(nil, claims{"nbf": now + 120}), NotYetValid},
		"iat in the future":          {signed(nil, claims{"iat": now + 120}), NotYetValid},
		"iss of another":             {signed(nil, claims{"iss": "https://elsewhere.example"}), Issuer},
		"iss with a slash":           {signed(nil, claims{"iss": r.p.Issuer + "/"}), Issuer},
		"iss missing":                {signed(nil, claims{"iss": nil}), Malformed},
		"aud of another":             {signed(nil, claims{"aud": "other"}), Audience},
		"aud list of others":         {signed(nil, claims{"aud": []string{"other", "commdn2"}}), Audience},
		"aud that begins like it":    {signed(nil, claims{"aud": "commdn evil"}), Audience},
		"aud missing":                {signed(nil, claims{"aud": nil}), Malformed},
		"aud a number":               {signed(nil, claims{"aud": 1}), Malformed},
		"sub missing":                {signed(nil, claims{"sub": nil}), Malformed},
		"sub of two lines":           {signed(nil, claims{"sub": "ann\nlevel=ERROR"}), Malformed},
		"sub too long":               {signed(nil, claims{"sub": strings.Repeat("x", 256)}), Malformed},
		"roles missing":              {signed(nil, claims{"roles": nil}), NoRole},
		"roles empty":                {signed(nil, claims{"roles": []string{}}), NoRole},
		"roles of something else":    {signed(nil, claims{"roles": []string{"Agent", "admin"}}), NoRole},
		"roles an object":            {signed(nil, claims{"roles": claims{"agent": true}}), NoRole},
		"roles a list with a number": {signed(nil, claims{"roles": []any{"agent", 1}}), NoRole},
	} {
		for kind, a := range r.authenticators {
			t.Run(kind+"/"+name, func(t *testing.T) {
				if o, ok := a.(*OIDCAuthenticator); ok {
					o.provider.ask.SetBurst(1000) // the limit of requests is another test's subject
					o.provider.ask.SetLimit(1000)
				}
				id, err := a.Authenticate(testContext(t), tt.token)
				refused(t, tt.token, id, err, tt.want)
			})
		}
	}
	for kind, a := range r.authenticators {
		if _, err := a.Authenticate(testContext(t), good); err != nil {
			t.Errorf("%s: the good token is refused as well: %v", kind, err)
		}
	}
}

// certificate makes a self-signed one in the form of x5c.
func certificate(t *testing.T, key crypto.Signer) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "eve"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestPayloadNoObject(t *testing.T) {
	r := newRig(t, 0)
	for _, payload := range []string{"", "null", "7", `"text"`, "[]", "{", `{"sub":"ann","sub":"eve"}`, strings.Repeat(`{"a":`, 2000)} {
		token, err := r.ec.Sign(nil, []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range r.authenticators {
			id, err := a.Authenticate(testContext(t), token)
			refused(t, token, id, err, Malformed)
		}
	}
}

func TestAlgorithms(t *testing.T) {
	p := authtest.New(t)
	for _, name := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"} {
		k := p.Rotate(name)
		token := p.Token(claims{"roles": "agent"})
		if _, err := newJWKS(t, p, nil).Authenticate(testContext(t), token); err != nil {
			t.Errorf("%s by default: %v", name, err)
		}
		if _, err := newJWKS(t, p, func(o *JWKS) { o.Algorithms = []string{name} }).Authenticate(testContext(t), token); err != nil {
			t.Errorf("%s allowed: %v", name, err)
		}
		other := "ES256"
		if name == other {
			other = "RS256"
		}
		id, err := newJWKS(t, p, func(o *JWKS) { o.Algorithms = []string{other} }).Authenticate(testContext(t), token)
		refused(t, token, id, err, Algorithm)
		if fits(&jose.JSONWebKey{Key: k.Private.Public(), Algorithm: "XY1"}, name) {
			t.Errorf("a key for algorithm XY1 is taken for %s", name)
		}
	}
	small, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if fits(&jose.JSONWebKey{Key: small.Public()}, "ES256") || fits(&jose.JSONWebKey{Key: []byte("secret")}, "HS256") {
		t.Error("a key that fits no algorithm is taken")
	}
}
