package oidc_test

import (
	"fmt"
	"testing"

	"github.com/customer360/gateway/internal/access/oidc"
)

// BenchmarkAuthenticate checks one token again and again: remembered, and in full.
func BenchmarkAuthenticate(b *testing.B) {
	s, claims := keys(b), staffClaims().text(b)
	tokens := map[string]string{
		"RS256": good(b, staffClaims()),
		"ES256": sign(b, "ES256", s.ec, `{"alg":"ES256","kid":"ec","typ":"JWT"}`, claims),
		"EdDSA": sign(b, "EdDSA", s.ed, `{"alg":"EdDSA","kid":"ed","typ":"JWT"}`, claims),
	}
	for _, noCache := range []bool{false, true} {
		for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
			b.Run(fmt.Sprintf("%s/NoCache=%t", algorithm, noCache), func(b *testing.B) {
				v := newVerifier(b, oidc.Config{Issuers: []oidc.Issuer{staff(everyKey(b))}, NoCache: noCache})
				b.ReportAllocs()
				for b.Loop() {
					if _, err := v.Authenticate(b.Context(), tokens[algorithm]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
