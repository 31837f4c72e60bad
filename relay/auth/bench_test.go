package auth

import (
	"context"
	"testing"

	"commdn/relay/auth/authtest"
)

// BenchmarkAuthenticate: one token with its key known.
func BenchmarkAuthenticate(b *testing.B) {
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		b.Run(algorithm, func(b *testing.B) {
			p := authtest.New(b)
			p.Rotate(algorithm)
			a := newOIDC(b, p, nil)
			token := p.Token(claims{"roles": []string{"agent", "supervisor"}, "name": "Ann"})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Authenticate(context.Background(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMay: one session at one notification.
func BenchmarkMay(b *testing.B) {
	g := grant(b, id("", Supervisor), Rule{Role: Supervisor, Campaigns: []string{"Winter*", "Spring*", "*offers"}, Tenants: []string{"Acme"}})
	o := Object{autumn, north, acme}
	b.ReportAllocs()
	for b.Loop() {
		if !g.May(RightWatch, o) {
			b.Fatal("not allowed")
		}
	}
}
