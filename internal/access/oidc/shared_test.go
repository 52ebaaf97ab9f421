package oidc_test

import (
	"errors"
	"testing"
	"time"

	"github.com/customer360/gateway/internal/access"
	"github.com/customer360/gateway/internal/access/oidc"
	"github.com/customer360/gateway/internal/crm"
)

// shared are staff's and the portal's entries of one provider, told apart by a claim.
func shared(tb testing.TB, claim string) []oidc.Issuer {
	tb.Helper()
	employees, customers := staff(everyKey(tb)), portal(nil)
	customers.Issuer, customers.Audience = staffIssuer, "portal"
	employees.When = oidc.When{Claim: claim, Values: []string{"staff", "0"}}
	customers.When = oidc.When{Claim: claim, Values: []string{"customer", "1", "true"}}
	return []oidc.Issuer{employees, customers}
}

// TestSharedIssuer has one provider's tokens for staff and for customers.
func TestSharedIssuer(t *testing.T) {
	const kind = "https://example.com/kind"
	customers := object{"aud": "portal", "roles": remove, "customer_id": customer}
	for name, c := range map[string]struct {
		claim  string
		claims object
		want   access.Kind
	}{
		"staff, Auth0's claim":            {kind, object{kind: "staff"}, access.KindStaff},
		"a customer, Auth0's claim":       {kind, customers.with(object{kind: "customer"}), access.KindCustomer},
		"staff, Keycloak's roles":         {"realm_access.roles", object{"realm_access": object{"roles": []string{"offline_access", "staff"}}}, access.KindStaff},
		"a customer, Keycloak's roles":    {"realm_access.roles", customers.with(object{"realm_access": object{"roles": []string{"customer"}}}), access.KindCustomer},
		"staff, Entra's members":          {"acct", object{"acct": 0}, access.KindStaff},
		"a customer, Entra's guests":      {"acct", customers.with(object{"acct": 1}), access.KindCustomer},
		"a customer, by yes or no":        {"external", customers.with(object{"external": true}), access.KindCustomer},
		"staff, whatever else they claim": {kind, object{kind: "staff", "customer_id": customer, "principal": "customer"}, access.KindStaff},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVerifier(t, oidc.Config{Issuers: shared(t, c.claim)})
			p, err := v.Authenticate(t.Context(), good(t, staffClaims().with(c.claims)))
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind != c.want || (len(p.Roles) > 0) != (c.want == access.KindStaff) || (p.Customer != "") != (c.want == access.KindCustomer) {
				t.Errorf("the principal is %+v, want a %s", p, c.want)
			}
		})
	}
}

// TestCustomerNeverBecomesStaff gives customers of a shared provider all that could
// make them staff, but for the one claim that decides.
func TestCustomerNeverBecomesStaff(t *testing.T) {
	const kind = "app.kind"
	v := newVerifier(t, oidc.Config{Issuers: shared(t, kind)})
	within := func(value any) object { return object{"app": object{"kind": value}} }
	all := object{
		"aud": []string{audience, "portal"}, "azp": audience, "roles": []string{"boss", "helpdesk"},
		"employee": employee, "customer_id": customer, "principal": "staff", "kind": "staff", "when": "staff",
	}
	for name, c := range map[string]struct {
		claims object
		code   crm.Code
		want   oidc.Reason
	}{
		"no claim":                    {object{}, crm.CodeForbidden, oidc.ReasonNobody},
		"an empty one":                {within(""), crm.CodeForbidden, oidc.ReasonNobody},
		"null":                        {within(nil), crm.CodeForbidden, oidc.ReasonNobody},
		"an unknown value":            {within("partner"), crm.CodeForbidden, oidc.ReasonNobody},
		"another case":                {within("Staff"), crm.CodeForbidden, oidc.ReasonNobody},
		"a space more":                {within("staff "), crm.CodeForbidden, oidc.ReasonNobody},
		"two words":                   {within("customer staff"), crm.CodeForbidden, oidc.ReasonNobody},
		"an object":                   {within(object{"staff": true}), crm.CodeForbidden, oidc.ReasonNobody},
		"a list in a list":            {within([]any{[]string{"staff"}}), crm.CodeForbidden, oidc.ReasonNobody},
		"a number with a fraction":    {within(0.5), crm.CodeForbidden, oidc.ReasonNobody},
		"both":                        {within([]string{"customer", "staff"}), crm.CodeForbidden, oidc.ReasonSeveral},
		"both, staff first":           {within([]string{"staff", "customer"}), crm.CodeForbidden, oidc.ReasonSeveral},
		"one beside the real one":     {within("customer").with(object{"app.kind": "staff"}), crm.CodeForbidden, oidc.ReasonSeveral},
		"one before it":               {object{"app": object{"kind": "customer", "x": 1}, "app.kind": []string{"staff"}}, crm.CodeForbidden, oidc.ReasonSeveral},
		"a customer for staff's app":  {within("customer").with(object{"aud": audience}), crm.CodeUnauthenticated, oidc.ReasonAudience},
		"staff of the portal's app":   {within("staff").with(object{"aud": "portal"}), crm.CodeUnauthenticated, oidc.ReasonAudience},
		"staff without a role":        {within("staff").with(object{"roles": nil}), access.CodeNoRole, oidc.ReasonNoRole},
		"a customer without a record": {within("customer").with(object{"aud": "portal", "customer_id": nil}), access.CodeNotLinked, oidc.ReasonNotLinked},
		"expired, and nobody":         {object{"exp": time.Now().Add(-time.Hour).Unix()}, crm.CodeUnauthenticated, oidc.ReasonExpired},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := v.Authenticate(t.Context(), good(t, staffClaims().with(all).with(c.claims)))
			if err == nil {
				t.Fatalf("it was taken as %+v", p)
			}
			if got := reasonOf(t, err); got != c.want || crm.CodeOf(err) != c.code {
				t.Errorf("%s for %s, want %s for %s", crm.CodeOf(err), got, c.code, c.want)
			}
		})
	}
	p, err := v.Authenticate(t.Context(), good(t, staffClaims().with(all).with(within("customer")).with(object{"aud": "portal"})))
	if err != nil {
		t.Fatal(err)
	}
	if p.Kind != access.KindCustomer || p.Roles != nil || p.Actor != "" || p.Customer != customer {
		t.Errorf("a customer with all of staff's claims is %+v", p)
	}
}

// TestSharedIssuerRefused: what makes it a guess whose a token is, or checks the
// tokens of one provider in two ways, is no configuration.
func TestSharedIssuerRefused(t *testing.T) {
	for name, change := range map[string]func(employees, customers *oidc.Issuer){
		"no condition":            func(_, customers *oidc.Issuer) { customers.When = oidc.When{} },
		"no condition, the first": func(employees, _ *oidc.Issuer) { employees.When = oidc.When{} },
		"a value of both":         func(_, customers *oidc.Issuer) { customers.When.Values = []string{"customer", "staff"} },
		"no values":               func(_, customers *oidc.Issuer) { customers.When.Values = nil },
		"no claim":                func(_, customers *oidc.Issuer) { customers.When.Claim = "" },
		"an empty value":          func(_, customers *oidc.Issuer) { customers.When.Values = []string{""} },
		"other keys":              func(_, customers *oidc.Issuer) { customers.StaticKeys = []byte("{}") },
		"other algorithms":        func(_, customers *oidc.Issuer) { customers.Algorithms = []string{"RS512"} },
		"other types":             func(_, customers *oidc.Issuer) { customers.Types = []string{"x"} },
		"another address of keys": func(_, customers *oidc.Issuer) { customers.JWKSURL = jwksURL },
	} {
		t.Run(name, func(t *testing.T) {
			issuers := shared(t, "kind")
			change(&issuers[0], &issuers[1])
			if v, err := oidc.New(oidc.Config{Issuers: issuers}); err == nil {
				v.Close()
				t.Error("it was taken")
			}
		})
	}
}

// TestSharedIssuerNamed: a refusal names the entry as soon as it is known, before that
// all that it may be.
func TestSharedIssuerNamed(t *testing.T) {
	v := newVerifier(t, oidc.Config{Issuers: shared(t, "kind")})
	for name, c := range map[string]struct {
		claims object
		want   string
	}{
		"nobody":        {object{}, "staff,portal"},
		"no role":       {object{"kind": "staff", "roles": remove}, "staff"},
		"not linked":    {object{"kind": "customer", "aud": "portal"}, "portal"},
		"an audience's": {object{"kind": "customer"}, "portal"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := v.Authenticate(t.Context(), good(t, staffClaims().with(c.claims)))
			var refusal *access.Refusal
			if !errors.As(err, &refusal) || refusal.Issuer != c.want {
				t.Errorf("%v is of %+v, want %q", err, refusal, c.want)
			}
		})
	}
}
