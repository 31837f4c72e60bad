package main

import (
	"testing"

	"commdn/relay"
)

// A person sees which of several relays sends, and whether this one could.
func TestLeaseLine(t *testing.T) {
	for want, l := range map[string]relay.LinkStatus{
		"this relay sends, in term 7":                                           {Connected: true, Lease: &relay.Lease{Holder: "a", Self: true, Term: 7}},
		"b sends, in term 8; this relay stands by":                              {Connected: true, Lease: &relay.Lease{Holder: "b", Term: 8}},
		"b sends, in term 8; this relay stands by, and has no link to T-Server": {Lease: &relay.Lease{Holder: "b", Term: 8}},
		"no relay sends": {Connected: true, Lease: &relay.Lease{Term: 8}},
	} {
		if got := leaseLine(l); got != want {
			t.Errorf("%+v: %q, want %q", l, got, want)
		}
	}
}
