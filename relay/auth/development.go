package auth

import (
	"context"
	"slices"
	"strings"
)

// development believes everybody.
type development struct{}

// NewDevelopment returns an Authenticator that checks nothing: for a demonstration on one
// machine, never for a relay that others can reach. The token is a comma-separated list
// of roles, optionally followed by an equals sign and a name: "agent",
// "agent,supervisor=Ann". An empty list means all roles. Its identities never expire.
func NewDevelopment() Authenticator { return development{} }

func (development) Authenticate(_ context.Context, token string) (Identity, error) {
	if len(token) > maxToken {
		return Identity{}, refuse(Malformed, "it has %d bytes, and at most %d are read", len(token), maxToken)
	}
	names, name, named := strings.Cut(token, "=")
	if name = strings.TrimSpace(name); named && !printable(name, maxName) {
		return Identity{}, refuse(Malformed, "the name behind = is empty, longer than %d bytes, or has control characters", maxName)
	}
	var id Identity
	if strings.TrimSpace(names) == "" {
		id.Roles = Roles()
	} else {
		for word := range strings.SplitSeq(names, ",") {
			r, err := ParseRole(strings.TrimSpace(word))
			if err != nil {
				return Identity{}, refuse(NoRole, "a development token is roles (%s) with commas between, and =NAME behind where wanted", strings.Join(roleNames[:], ", "))
			}
			id.Roles = append(id.Roles, r)
		}
		slices.Sort(id.Roles)
		id.Roles = slices.Compact(id.Roles)
	}
	for _, r := range id.Roles {
		id.Values = append(id.Values, r.String())
	}
	slices.Sort(id.Values)
	if id.Name = name; !named {
		id.Name = strings.Join(id.Values, " and ")
	}
	id.Subject = id.Name
	return id, nil
}
