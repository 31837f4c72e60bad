package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json" // refuses duplicate keys
	"github.com/go-jose/go-jose/v4/jwt"

	"commdn/protocol/frame"
)

// Limits of a token.
const (
	maxToken   = frame.MaxToken // bytes; refused unread above
	maxSubject = 255            // bytes; what OpenID Connect allows
	maxName    = 255            // bytes
)

// Clock skew: the tolerated difference between the clocks of issuer and relay.
const (
	DefaultClockSkew = 30 * time.Second
	MaxClockSkew     = 5 * time.Minute
)

// algorithms are the supported ones, and the default. They include neither "none" nor
// anything symmetric: a relay that can check such a signature can also make it.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// verifier checks a token completely. It uses go-jose and not go-oidc's IDTokenVerifier,
// which takes five minutes of skew for nbf and none for exp, ignores iat, gives its
// reasons only as text, and asks the provider for keys whenever a signature is bad.
type verifier struct {
	issuer, audience string
	skew             time.Duration
	algorithms       []jose.SignatureAlgorithm
	claims           Claims
}

// opener checks the signature with its keys, which it may have to fetch, and returns the
// payload. The error is a *TokenError.
type opener interface {
	open(ctx context.Context, jws *jose.JSONWebSignature) ([]byte, error)
}

func newVerifier(issuer, audience string, skew time.Duration, allowed []string, claims Claims) (*verifier, error) {
	if issuer == "" {
		return nil, errors.New("auth: the issuer is missing; give the URL that tokens have in their claim iss")
	}
	if audience == "" {
		return nil, errors.New("auth: the audience is missing; give the name that tokens for the relay have in their claim aud")
	}
	if skew < 0 || skew > MaxClockSkew {
		return nil, fmt.Errorf("auth: a clock skew of %v is not possible; give 0 (for %v) to %v", skew, DefaultClockSkew, MaxClockSkew)
	}
	if skew == 0 {
		skew = DefaultClockSkew
	}
	v := &verifier{issuer: issuer, audience: audience, skew: skew, algorithms: algorithms, claims: claims.complete()}
	if len(allowed) > 0 {
		v.algorithms = nil
	}
	for _, name := range allowed {
		a := jose.SignatureAlgorithm(name)
		if !slices.Contains(algorithms, a) {
			return nil, fmt.Errorf("auth: algorithm %s is not allowed; possible are %v", shown(name), algorithms)
		}
		v.algorithms = append(v.algorithms, a)
	}
	return v, nil
}

func (v *verifier) authenticate(ctx context.Context, token string, keys opener) (Identity, error) {
	switch {
	case token == "":
		return Identity{}, refuse(Missing, "no token came; sign in first")
	case len(token) > maxToken:
		return Identity{}, refuse(Malformed, "it has %d bytes, and at most %d are read", len(token), maxToken)
	case !compact(token):
		return Identity{}, refuse(Malformed, "it is no JSON Web Token: three parts of base64url with dots between, and nothing before or behind, are expected")
	}
	jws, err := jose.ParseSignedCompact(token, v.algorithms)
	var unexpected *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &unexpected) {
		return Identity{}, refuse(Algorithm, "algorithm %s is not allowed; allowed are %v", shown(string(unexpected.Got)), v.algorithms)
	}
	if err != nil {
		return Identity{}, refuse(Malformed, "its header cannot be read")
	}
	if err := checkHeader(jws.Signatures[0].Protected); err != nil {
		return Identity{}, err
	}
	payload, err := keys.open(ctx, jws)
	if err != nil {
		return Identity{}, err
	}
	return v.read(payload, time.Now())
}

// compact reports whether the token has only characters of the compact form. go-jose
// would ignore line breaks.
func compact(token string) bool {
	dots := 0
	for i := range len(token) {
		switch c := token[i]; {
		case c == '.':
			dots++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return dots == 2
}

// checkHeader refuses what the issuer signs for other purposes, such as logout tokens. We
// never use keys that the header names or contains (jwk, jku, x5c, x5u).
func checkHeader(h jose.Header) error {
	if _, ok := h.ExtraHeaders["crit"]; ok {
		return refuse(Malformed, "its header asks for extensions (crit), and none are known here")
	}
	switch typ := h.ExtraHeaders[jose.HeaderType].(type) {
	case nil:
		return nil
	case string:
		switch strings.TrimPrefix(strings.ToLower(typ), "application/") {
		case "jwt", "at+jwt":
			return nil
		}
		return refuse(Malformed, "its typ is %s; an access or ID token has at+jwt, JWT or none", shown(typ))
	}
	return refuse(Malformed, "its typ is not a string")
}

// read makes an identity from a payload with a valid signature.
func (v *verifier) read(payload []byte, now time.Time) (Identity, error) {
	var c jwt.Claims
	var all map[string]any
	if json.Unmarshal(payload, &c) != nil || json.Unmarshal(payload, &all) != nil {
		return Identity{}, refuse(Malformed, "its claims are not a JSON object with iss, sub, aud, exp, nbf and iat as RFC 7519 has them")
	}
	if c.Issuer != v.issuer {
		if c.Issuer == "" {
			return Identity{}, refuse(Malformed, "the claim iss is missing")
		}
		return Identity{}, refuse(Issuer, "it comes from %s, not from %s", shown(c.Issuer), shown(v.issuer))
	}
	if !slices.Contains(c.Audience, v.audience) {
		if len(c.Audience) == 0 {
			return Identity{}, refuse(Malformed, "the claim aud is missing")
		}
		return Identity{}, refuse(Audience, "it is for %s, not for %s", shown(strings.Join(c.Audience, " ")), shown(v.audience))
	}
	if !printable(c.Subject, maxSubject) {
		return Identity{}, refuse(Malformed, "the claim sub is missing, longer than %d bytes, or has control characters", maxSubject)
	}
	if err := v.checkTimes(&c, now); err != nil {
		return Identity{}, err
	}
	id := Identity{Subject: c.Subject, Name: c.Subject, Expires: c.Expiry.Time()}
	if name, ok := lookup(all, v.claims.Name).(string); ok && printable(name, maxName) {
		id.Name = name
	}
	var err error
	if id.Values, err = v.claims.values(all); err != nil {
		return Identity{}, err
	}
	if id.Roles, err = v.claims.roles(id.Values); err != nil {
		return Identity{}, err
	}
	return id, nil
}

func (v *verifier) checkTimes(c *jwt.Claims, now time.Time) error {
	if c.Expiry == nil {
		return refuse(Malformed, "the claim exp is missing")
	}
	exp := c.Expiry.Time()
	if exp.Year() > 9999 {
		return refuse(Malformed, "the claim exp is no time before the year 10000")
	}
	if past := now.Sub(exp); past >= v.skew {
		return refuse(Expired, "it expired %v ago", past.Round(time.Second))
	}
	for _, from := range []struct {
		claim string
		at    *jwt.NumericDate
	}{{"nbf", c.NotBefore}, {"iat", c.IssuedAt}} {
		if from.at == nil {
			continue
		}
		if ahead := from.at.Time().Sub(now); ahead > v.skew {
			return refuse(NotYetValid, "its %s is %v ahead of the clock here", from.claim, ahead.Round(time.Second))
		}
	}
	return nil
}
