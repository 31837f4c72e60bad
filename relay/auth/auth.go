// Package auth says who somebody is and what they may do: an Authenticator
// makes an Identity of a token, a Policy makes a Grant of an Identity, and the
// Grant answers for every request.
//
// Tokens are JSON Web Tokens (RFC 7519), signed by an OpenID Connect provider
// (NewOIDC) or by a key of a file (NewJWKS).
package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is what somebody works as.
type Role uint8

// The roles. Each has rights of its own; none includes another.
const (
	Agent      Role = iota // puts numbers on the Do Not Call list, cancels records
	Supervisor             // watches and controls campaigns and campaign sequences
	Auditor                // reads the audit
)

// roleNames are indexed by Role.
var roleNames = [...]string{"agent", "supervisor", "auditor"}

// Roles gives all roles.
func Roles() []Role { return []Role{Agent, Supervisor, Auditor} }

// String gives the name that configurations use: agent, supervisor, auditor.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("role %d", uint8(r))
}

// ParseRole gives the role with this name.
func ParseRole(name string) (Role, error) {
	if i := slices.Index(roleNames[:], name); i >= 0 {
		return Role(i), nil
	}
	return 0, fmt.Errorf("auth: there is no role %q; there are %s", name, strings.Join(roleNames[:], ", "))
}

// Identity is who somebody is, as the token says.
type Identity struct {
	Subject string    // claim sub: unique at the issuer
	Name    string    // for people: the name claim where there is a usable one, else Subject
	Roles   []Role    // sorted, each once, at least one
	Values  []string  // of the roles claim, sorted, each once: rules go by them
	Expires time.Time // of the token, without clock skew; zero: never

	open bool // made by Everybody: nobody asked who it is
}

// Anonymous says that nobody asked who this is, see Everybody.
func (id Identity) Anonymous() bool { return id.open }

// Authenticator makes an Identity of a token. It may be called by several
// goroutines. The error is a *TokenError. It waits for the provider only when
// it needs its keys, and no longer than ctx lasts.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (Identity, error)
}
