package auth

import "context"

// everybody asks for no token.
type everybody struct{}

// Everybody gives the Authenticator of a relay that authenticates nobody:
// whoever comes may do everything. Such a relay must listen on loopback
// addresses alone. It is the only place where rights come without a token.
func Everybody() Authenticator { return everybody{} }

// Authenticate ignores the token.
func (everybody) Authenticate(context.Context, string) (Identity, error) {
	return Identity{Roles: Roles(), open: true}, nil
}

// Off says whether a authenticates nobody.
func Off(a Authenticator) bool {
	_, off := a.(everybody)
	return off
}

// everything is the grant of Everybody.
func everything() *Grant {
	g := &Grant{}
	for i := range g.roles {
		g.roles[i] = limits{has: true, all: true}
	}
	return g
}
