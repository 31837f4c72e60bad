package auth

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Default names of claims.
const (
	DefaultRolesClaim = "roles"
	DefaultNameClaim  = "name"
)

// Claims says where a token has roles and name. A name with dots is a path into nested
// objects, "realm_access.roles", or the name of a claim that has dots itself,
// "https://example.com/roles".
type Claims struct {
	Roles string // a list of strings, or a string with ASCII blanks between the values; default "roles"
	Name  string // a string; default "name"
	// Map holds, for each role, the values of the roles claim that give it. A role that
	// is missing here is given by its own name; a role with an empty list by nothing.
	Map map[Role][]string
}

func (c Claims) complete() Claims {
	if c.Roles == "" {
		c.Roles = DefaultRolesClaim
	}
	if c.Name == "" {
		c.Name = DefaultNameClaim
	}
	given := make(map[Role][]string, len(roleNames))
	for _, r := range Roles() {
		given[r] = []string{r.String()}
	}
	maps.Copy(given, c.Map)
	c.Map = given
	return c
}

// values returns the values of the roles claim, sorted, each once.
func (c Claims) values(all map[string]any) ([]string, error) {
	var values []string
	switch claim := lookup(all, c.Roles).(type) {
	case nil:
		return nil, refuse(NoRole, "it has no claim %s", shown(c.Roles))
	case string:
		values = strings.FieldsFunc(claim, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) })
	case []any:
		for _, v := range claim {
			s, ok := v.(string)
			if !ok {
				return nil, refuse(NoRole, "its claim %s holds something other than strings", shown(c.Roles))
			}
			values = append(values, s)
		}
	default:
		return nil, refuse(NoRole, "its claim %s is neither a string nor a list", shown(c.Roles))
	}
	slices.Sort(values)
	return slices.Compact(values), nil
}

// roles returns the roles that the values give, in order.
func (c Claims) roles(values []string) ([]Role, error) {
	var roles []Role
	for _, r := range Roles() {
		if slices.ContainsFunc(c.Map[r], func(v string) bool {
			_, ok := slices.BinarySearch(values, v)
			return ok
		}) {
			roles = append(roles, r)
		}
	}
	if roles == nil {
		return nil, refuse(NoRole, "its claim %s has %d values, and none gives a role here", shown(c.Roles), len(values))
	}
	return roles, nil
}

// lookup follows path into nested objects. As names may have dots themselves, it tries
// every way to split the path, longest name first.
func lookup(object map[string]any, path string) any {
	if v, ok := object[path]; ok {
		return v
	}
	for end := strings.LastIndexByte(path, '.'); end > 0; end = strings.LastIndexByte(path[:end], '.') {
		if inner, ok := object[path[:end]].(map[string]any); ok {
			if v := lookup(inner, path[end+1:]); v != nil {
				return v
			}
		}
	}
	return nil
}

// printable reports whether s is fit to show: not empty, at most most bytes, no control
// characters.
func printable(s string, most int) bool {
	return s != "" && len(s) <= most && strings.IndexFunc(s, unicode.IsControl) < 0
}
