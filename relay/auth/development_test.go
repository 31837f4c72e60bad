package auth

import (
	"reflect"
	"strings"
	"testing"
)

func TestDevelopment(t *testing.T) {
	a := NewDevelopment()
	for token, want := range map[string]Identity{
		"":                       {Subject: "agent and auditor and supervisor", Name: "agent and auditor and supervisor", Roles: Roles(), Values: []string{"agent", "auditor", "supervisor"}},
		"=Ann":                   {Subject: "Ann", Name: "Ann", Roles: Roles(), Values: []string{"agent", "auditor", "supervisor"}},
		"agent":                  {Subject: "agent", Name: "agent", Roles: []Role{Agent}, Values: []string{"agent"}},
		"supervisor , agent=Ann": {Subject: "Ann", Name: "Ann", Roles: []Role{Agent, Supervisor}, Values: []string{"agent", "supervisor"}},
		"auditor,auditor= A=B ":  {Subject: "A=B", Name: "A=B", Roles: []Role{Auditor}, Values: []string{"auditor"}},
	} {
		id, err := a.Authenticate(testContext(t), token)
		if err != nil || !reflect.DeepEqual(id, want) {
			t.Errorf("%q gives %+v, %v\nwant %+v", token, id, err, want)
		}
		if !id.Expires.IsZero() {
			t.Errorf("%q expires", token)
		}
	}
	for token, want := range map[string]Reason{
		"boss": NoRole, "agent,": NoRole, "agent,boss=Ann": NoRole, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.": NoRole,
		"agent=": Malformed, "agent=A\nB": Malformed, "=" + strings.Repeat("x", 256): Malformed, strings.Repeat("agent,", 4000): Malformed,
	} {
		rejects(t, a, token, want)
	}
}
