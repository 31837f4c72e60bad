package auth

import (
	"context"
	"testing"

	"commdn/relay/auth/authtest"
)

// BenchmarkAuthenticate checks one token with a known key.
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

// BenchmarkMay checks one session for one notification.
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
