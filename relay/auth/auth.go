// Package auth says who a user is and what they may do: an Authenticator turns a token
// into an Identity, a Policy turns an Identity into a Grant, and the Grant answers for
// every request.
//
// Tokens are JSON Web Tokens (RFC 7519), signed by an OpenID Connect provider (NewOIDC)
// or by a key of a file (NewJWKS).
package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is a user's role.
type Role uint8

// The roles. Each has its own rights; none includes another.
const (
	Agent      Role = iota // puts numbers on the Do Not Call list, cancels records
	Supervisor             // watches and controls campaigns and campaign sequences
	Auditor                // reads the audit log
)

// roleNames are indexed by Role.
var roleNames = [...]string{"agent", "supervisor", "auditor"}

// Roles returns all roles.
func Roles() []Role { return []Role{Agent, Supervisor, Auditor} }

// String returns the name in configurations: agent, supervisor, auditor.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("role %d", uint8(r))
}

// ParseRole returns the role with this name.
func ParseRole(name string) (Role, error) {
	if i := slices.Index(roleNames[:], name); i >= 0 {
		return Role(i), nil
	}
	return 0, fmt.Errorf("auth: there is no role %q; there are %s", name, strings.Join(roleNames[:], ", "))
}

// Identity is who a user is, according to the token.
type Identity struct {
	Subject string    // claim sub: unique at the issuer
	Name    string    // for people: the name claim if usable, else Subject
	Roles   []Role    // sorted, each once, at least one
	Values  []string  // of the roles claim, sorted, each once; rules match them
	Expires time.Time // of the token, without clock skew; zero: never

	open bool // made by Everybody, without authentication
}

// Anonymous reports that nobody authenticated this user, see Everybody.
func (id Identity) Anonymous() bool { return id.open }

// Authenticator turns a token into an Identity. It is safe for concurrent use. The error
// is a *TokenError. It waits for the provider only when it needs its keys, and no longer
// than ctx lasts.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (Identity, error)
}
