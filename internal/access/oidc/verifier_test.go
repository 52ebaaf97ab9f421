package oidc_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/oidc"
)

func TestTaken(t *testing.T) {
	s, v, now := keys(t), both(t), time.Now()
	header := func(alg, kid, typ string) string { return object{"alg": alg, "kid": kid, "typ": typ}.text(t) }
	claims := staffClaims()
	for name, token := range map[string]string{
		"RS256":                sign(t, "RS256", s.rsa, header("RS256", "rsa", "JWT"), claims.text(t)),
		"PS256":                sign(t, "PS256", s.rsa, header("PS256", "rsa", "JWT"), claims.text(t)),
		"ES256":                sign(t, "ES256", s.ec, header("ES256", "ec", "JWT"), claims.text(t)),
		"EdDSA":                sign(t, "EdDSA", s.ed, header("EdDSA", "ed", "JWT"), claims.text(t)),
		"no key named":         sign(t, "ES256", s.ec, `{"alg":"ES256","typ":"JWT"}`, claims.text(t)),
		"no type":              sign(t, "ES256", s.ec, `{"alg":"ES256","kid":"ec"}`, claims.text(t)),
		"access token":         sign(t, "ES256", s.ec, header("ES256", "ec", "at+jwt"), claims.text(t)),
		"whole type":           sign(t, "ES256", s.ec, header("ES256", "ec", "application/AT+JWT"), claims.text(t)),
		"thumbprint":           sign(t, "RS256", s.rsa, rs256().with(object{"x5t": "AAAA", "other": 1}).text(t), claims.text(t)),
		"expired a moment ago": good(t, claims.with(object{"exp": now.Add(-50 * time.Second).Unix()})),
		"from a fast clock":    good(t, claims.with(object{"iat": now.Add(50 * time.Second).Unix(), "nbf": now.Add(50 * time.Second).Unix()})),
		"time with a fraction": good(t, claims.with(object{"exp": float64(now.Unix()) + 60.5})),
		"list of one audience": good(t, claims.with(object{"aud": []string{audience}})),
		"several audiences":    good(t, claims.with(object{"aud": []string{"x", audience}, "azp": audience})),
		"client of its own":    good(t, claims.with(object{"azp": "app"})),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := v.Authenticate(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			want := &access.Principal{Kind: access.KindStaff, ID: got.ID, Roles: []access.Role{access.RoleSupport}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("principal (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPrincipals(t *testing.T) {
	v := both(t)
	// The first 64 bits of SHA-256("https://staff.example\x00alice").
	const alice = "staff:9306486469d45aae"
	p, err := v.Authenticate(t.Context(), good(t, staffClaims().with(object{
		"sub": "alice", "employee": employee, "roles": []string{"boss", "helpdesk", "boss", "other"},
	})))
	if err != nil {
		t.Fatal(err)
	}
	want := &access.Principal{Kind: access.KindStaff, ID: alice, Actor: employee, Roles: []access.Role{access.RoleAdmin, access.RoleSupport}}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("staff (-want +got):\n%s", diff)
	}
	other, err := v.Authenticate(t.Context(), good(t, staffClaims().with(object{"sub": "alice", "employee": customer, "jti": "2"})))
	if err != nil {
		t.Fatal(err)
	}
	if other.ID != alice || other.Actor != "" {
		t.Errorf("the same subject with a claim that is no employee is %q, %q", other.ID, other.Actor)
	}
}

// TestPortalNeverYieldsStaff returns a customer's token every claim that makes staff.
func TestPortalNeverYieldsStaff(t *testing.T) {
	v := both(t)
	p, err := v.Authenticate(t.Context(), good(t, portalClaims().with(object{
		"sub": "alice", "roles": []string{"boss", "helpdesk", "ADMIN"}, "employee": employee, "principal": "staff",
		"realm_access": object{"roles": []string{"boss"}}, "scope": "admin", "groups": []string{"boss"},
	})))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&access.Principal{Kind: access.KindCustomer, ID: p.ID, Customer: customer}, p); diff != "" {
		t.Errorf("customer (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(p.ID, "customer:") {
		t.Errorf("the customer is %q", p.ID)
	}
	// Keys are each issuer's own: the portal's key signs no token of staff's issuer.
	s := keys(t)
	apart := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{
		staff(jwks(t, public(s.rsa, "rsa", "RS256"))), portal(jwks(t, public(s.other, "rsa", "RS256"))),
	}})
	_, err = apart.Authenticate(t.Context(), sign(t, "RS256", s.other, rs256().text(t), staffClaims().text(t)))
	if got := reasonOf(t, err); got != oidc.ReasonSignature {
		t.Errorf("the portal's key with staff's iss: %s, want %s", got, oidc.ReasonSignature)
	}
}

func TestClients(t *testing.T) {
	i := staff(everyKey(t))
	i.Clients = []string{"app"}
	v := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{i}})
	for name, c := range map[string]struct {
		claims object
		want   oidc.Reason
	}{
		"azp":                     {object{"azp": "app"}, ""},
		"client_id":               {object{"client_id": "app"}, ""},
		"several audiences":       {object{"aud": []string{audience, "account"}, "azp": "app"}, ""},
		"none":                    {object{}, oidc.ReasonParty},
		"another":                 {object{"azp": "evil"}, oidc.ReasonParty},
		"another, and its own id": {object{"azp": "evil", "client_id": "app"}, oidc.ReasonParty},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := v.Authenticate(t.Context(), good(t, staffClaims().with(c.claims)))
			var got oidc.Reason
			if err != nil {
				got = reasonOf(t, err)
			}
			if got != c.want {
				t.Errorf("refused for %q, want %q", got, c.want)
			}
		})
	}
}

// TestRoles has claims in the shapes of well-known providers.
func TestRoles(t *testing.T) {
	support, admin := []access.Role{access.RoleSupport}, []access.Role{access.RoleAdmin, access.RoleSupport}
	for _, c := range []struct {
		name, path string
		claims     object
		want       []access.Role
	}{
		{"Keycloak, realm", "realm_access.roles", object{"realm_access": object{"roles": []string{"offline_access", "helpdesk", "boss"}}, "typ": "Bearer"}, admin},
		{"Keycloak, client", "resource_access.customer-360.eu.roles", object{"resource_access": object{
			"account": object{"roles": []string{"boss"}}, "customer-360.eu": object{"roles": []string{"helpdesk"}},
		}}, support},
		{"Auth0, namespaced", "https://customer360.example/roles", object{"https://customer360.example/roles": []string{"helpdesk"}, "permissions": []string{"boss"}}, support},
		{"Entra, app roles", "roles", object{"roles": []string{"helpdesk"}, "wids": []string{"boss"}, "ver": "2.0", "oid": "1"}, support},
		{"Okta, groups", "groups", object{"groups": []string{"Everyone", "helpdesk"}}, support},
		{"Cognito, groups", "cognito:groups", object{"cognito:groups": []string{"helpdesk"}, "token_use": "access"}, support},
		{"a single text", "role", object{"role": "helpdesk"}, support},
		{"a text is one role", "scope", object{"scope": "helpdesk boss"}, nil},
		{"a way that ends early", "realm_access.roles", object{"realm_access": "helpdesk"}, nil},
		{"a way into a list", "realm_access.roles", object{"realm_access": []any{object{"roles": "helpdesk"}}}, nil},
		{"another case", "roles", object{"Roles": []string{"boss"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := staff(everyKey(t))
			i.RolesClaim = c.path
			v := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{i}})
			p, err := v.Authenticate(t.Context(), good(t, staffClaims().with(object{"roles": remove}).with(c.claims)))
			if c.want == nil {
				if got := reasonOf(t, err); got != oidc.ReasonNoRole {
					t.Errorf("refused for %s", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, p.Roles); diff != "" {
				t.Errorf("roles (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTime takes tokens until their time and the clocks' difference is over, with
// what was taken remembered and without.
func TestTime(t *testing.T) {
	for _, noCache := range []bool{false, true} {
		t.Run(fmt.Sprint("no cache: ", noCache), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{staff(everyKey(t))}, NoCache: noCache, ClockSkew: 10 * time.Second})
				now := time.Now()
				token := good(t, staffClaims().with(object{"iat": now.Unix(), "nbf": now.Add(20 * time.Second).Unix(), "exp": now.Add(70 * time.Second).Unix()}))
				for _, at := range []struct {
					second int
					want   oidc.Reason
				}{{9, oidc.ReasonNotYetValid}, {10, ""}, {40, ""}, {69, ""}, {80, ""}, {81, oidc.ReasonExpired}} {
					time.Sleep(time.Until(now.Add(time.Duration(at.second) * time.Second)))
					_, err := v.Authenticate(t.Context(), token)
					var got oidc.Reason
					if err != nil {
						got = reasonOf(t, err)
					}
					if got != at.want {
						t.Errorf("after %d s: %q, want %q", at.second, got, at.want)
					}
				}
			})
		})
	}
}

func TestSigner(t *testing.T) {
	signer, err := oidc.NewSigner(staffIssuer, audience, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	v := newVerifier(t, oidc.Config{Issuers: []oidc.Issuer{staff(signer.JWKS())}})
	token, err := signer.Sign(map[string]any{"sub": "demo", "roles": []string{"boss"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Authenticate(t.Context(), token); err != nil {
		t.Error(err)
	}
	other, err := oidc.NewSigner(staffIssuer, audience, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	token, err = other.Sign(map[string]any{"sub": "demo", "roles": []string{"boss"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Authenticate(t.Context(), token)
	if got := reasonOf(t, err); got != oidc.ReasonUnknownKey {
		t.Errorf("another signer's token: %s", got)
	}
	if strings.Contains(string(signer.JWKS()), `"d"`) {
		t.Error("the JWKS holds the private key")
	}
}
