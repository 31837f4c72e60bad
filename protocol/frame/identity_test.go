package frame_test

import (
	"reflect"
	"testing"

	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

func TestRefreshBody(t *testing.T) {
	for _, r := range []frame.Refresh{{}, {Token: "eyJ.eyJ.sig"}} {
		if got := frame.ReadRefresh(trip(t, r.Body())); got != r {
			t.Errorf("read %+v, want %+v", got, r)
		}
	}
}

func TestIdentityBody(t *testing.T) {
	for _, i := range []frame.Identity{
		{},
		{Subject: "u-7", Name: "Zoë", Roles: []string{frame.RoleAgent}, Expires: 1700000000},
		{Roles: []string{frame.RoleSupervisor, "driver", frame.RoleSupervisor}, Expires: 1<<32 - 1}, // 2106-02-07 06:28:15 UTC
	} {
		if got := frame.ReadIdentity(trip(t, i.Body())); !reflect.DeepEqual(got, i) {
			t.Errorf("read %+v, want %+v", got, i)
		}
	}
	// What is no role is none, and takes no other one away.
	got := frame.ReadIdentity(tkvlist.List{
		{Key: "role", Value: tkvlist.Nested(nil)}, {Key: "role", Value: tkvlist.String("auditor")}, {Key: "role", Value: tkvlist.Int(1)},
	})
	if !reflect.DeepEqual(got.Roles, []string{frame.RoleAuditor}) {
		t.Errorf("roles %q", got.Roles)
	}
}
