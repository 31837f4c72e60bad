package auth

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
)

func TestClaims(t *testing.T) {
	keycloak := `{"realm_access":{"roles":["offline","dnc-agents","leads"]},"resource_access":{"my.app":{"roles":["agent"]}},"preferred_username":"ann"}`
	both := map[Role][]string{Agent: {"dnc-agents", "outbound"}, Supervisor: {"leads"}}
	for name, tt := range map[string]struct {
		claims Claims
		token  string
		roles  []Role
		values []string
	}{
		"default":              {Claims{}, `{"roles":["agent","x"]}`, []Role{Agent}, []string{"agent", "x"}},
		"all, each once":       {Claims{}, `{"roles":["supervisor","auditor","agent","agent"]}`, []Role{Agent, Supervisor, Auditor}, []string{"agent", "auditor", "supervisor"}},
		"nested, mapped":       {Claims{Roles: "realm_access.roles", Map: both}, keycloak, []Role{Agent, Supervisor}, []string{"dnc-agents", "leads", "offline"}},
		"a name with a dot":    {Claims{Roles: "resource_access.my.app.roles"}, keycloak, []Role{Agent}, []string{"agent"}},
		"a URL as a name":      {Claims{Roles: "https://x.example/roles"}, `{"https://x.example/roles":"agent"}`, []Role{Agent}, []string{"agent"}},
		"scopes":               {Claims{Roles: "scope", Map: map[Role][]string{Auditor: {"commdn:audit"}}}, `{"scope":"openid  commdn:audit"}`, []Role{Auditor}, []string{"commdn:audit", "openid"}},
		"the rest by its name": {Claims{Map: both}, `{"roles":"auditor agent"}`, []Role{Auditor}, []string{"agent", "auditor"}},
		"given to nobody":      {Claims{Map: map[Role][]string{Agent: {}}}, `{"roles":"auditor agent"}`, []Role{Auditor}, []string{"agent", "auditor"}},
		"path to nothing":      {Claims{Roles: "realm_access.groups"}, keycloak, nil, nil},
		"path through a list":  {Claims{Roles: "realm_access.roles.agent"}, keycloak, nil, nil},
		"path through null":    {Claims{Roles: "a.b"}, `{"a":null}`, nil, nil},
		"null":                 {Claims{}, `{"roles":null}`, nil, nil},
		"a number":             {Claims{}, `{"roles":3}`, nil, nil},
		"case counts":          {Claims{}, `{"roles":"Agent AGENT"}`, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var all map[string]any
			if err := json.Unmarshal([]byte(tt.token), &all); err != nil {
				t.Fatal(err)
			}
			c := tt.claims.complete()
			var roles []Role
			values, err := c.values(all)
			if err == nil {
				roles, err = c.roles(values)
			}
			var te *TokenError
			if tt.roles == nil {
				if !errors.As(err, &te) || te.Reason != NoRole {
					t.Fatalf("roles %v, error %v; want a refusal for want of a role", roles, err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(roles, tt.roles) || !reflect.DeepEqual(values, tt.values) {
				t.Errorf("roles %v of %q, error %v; want %v of %q", roles, values, err, tt.roles, tt.values)
			}
		})
	}
	given := map[Role][]string{Agent: {"x"}}
	if c := (Claims{Map: given}).complete(); len(given) != 1 || len(c.Map) != 3 {
		t.Error("the caller's map is changed")
	}
}

// A value ends at a blank of ASCII: other white space is part of it, as it is for
// whoever gives the roles.
func TestRolesAreSplitAtASCIIBlanks(t *testing.T) {
	for claim, want := range map[string][]string{
		"agent supervisor":      {"agent", "supervisor"},
		" agent\t\r\nauditor ":  {"agent", "auditor"},
		"not\u00a0agent":        {"not\u00a0agent"},
		"not\u2003agent":        {"not\u2003agent"},
		"not\u0085agent\u3000x": {"not\u0085agent\u3000x"},
	} {
		got, err := Claims{Roles: "roles"}.values(map[string]any{"roles": claim})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v; want %q", claim, got, err, want)
		}
	}
}
