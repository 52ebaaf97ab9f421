package oidc_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/customer360/gateway/internal/access/oidc"
	"github.com/customer360/gateway/internal/crm"
)

// FuzzAuthenticate brings anything as a token. Nothing but the tokens that were
// signed may be taken, byte for byte, and what is wrong has a reason.
func FuzzAuthenticate(f *testing.F) {
	// A key that is the same each time, so that the corpus is about signed tokens.
	seed := sha256.Sum256([]byte("tokens for fuzzing"))
	key := ed25519.NewKeyFromSeed(seed[:])
	header := func(more string) string { return `{"alg":"EdDSA","kid":"ed","typ":"JWT"` + more + `}` }
	const claims = `{"iss":"` + staffIssuer + `","aud":"gateway","sub":"a","roles":["boss"],"exp":9999999999}`
	signed := []string{
		sign(f, "EdDSA", key, header(""), claims),
		sign(f, "EdDSA", key, header(""), strings.Replace(claims, staffIssuer, portalIssuer+`","customer_id":"`+customer, 1)),
	}
	for _, token := range signed {
		f.Add(token)
		f.Add(token + "=")
		f.Add(token[:len(token)-1])
		f.Add(strings.ToUpper(token))
	}
	for _, more := range []string{`,"crit":["b64"],"b64":false`, `,"jwk":{"kty":"OKP"}`, `,"kid":"ed"`, `,"x5c":["AAAA"]`} {
		f.Add(sign(f, "EdDSA", key, header(more), claims))
	}
	for _, other := range []string{`{}`, `null`, `[[[[`, `{"exp":1e400}`, `{"iss":{}}`, claims + claims, strings.Replace(claims, "9999999999", "-1e-9", 1)} {
		f.Add(sign(f, "EdDSA", key, header(""), other))
	}
	f.Add("")
	f.Add("..")
	f.Add("....")
	f.Add(`{"payload":"e30","signatures":[]}`)
	static := jwks(f, public(key, "ed", "EdDSA"))
	v := newVerifier(f, oidc.Config{Issuers: []oidc.Issuer{staff(static), portal(static)}, NoCache: true})
	for _, token := range signed {
		if _, err := v.Authenticate(f.Context(), token); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, token string) {
		p, err := v.Authenticate(t.Context(), token)
		if err == nil {
			if !slices.Contains(signed, token) || p == nil {
				t.Fatalf("%q was taken as %+v", token, p)
			}
			return
		}
		var reason oidc.Reason
		if p != nil || crm.CodeOf(err) != crm.CodeUnauthenticated || !errors.As(err, &reason) {
			t.Fatalf("%q gives %+v, %v", token, p, err)
		}
	})
}

// FuzzKeys brings anything as a JWKS: it is refused or it has keys.
func FuzzKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"oct","k":"AAAA"},null,7,{"kty":"RSA","x5c":["AAAA"]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := oidc.New(oidc.Config{Issuers: []oidc.Issuer{staff(body)}})
		if err != nil {
			return
		}
		defer v.Close()
		_, err = v.Authenticate(t.Context(), "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL3N0YWZmLmV4YW1wbGUifQ.AAAA")
		if crm.CodeOf(err) != crm.CodeUnauthenticated {
			t.Fatal(err)
		}
	})
}
