package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/customer360/gateway/internal/config"
)

func checkExampleIssuers(t *testing.T, got []config.Issuer) {
	t.Helper()
	want := []config.Issuer{
		{
			Name: "company", Issuer: "https://login.example.com/", Audience: "customer360",
			JWKSURL: "https://login.example.com/.well-known/jwks.json", Principal: config.PrincipalStaff, RolesClaim: "realm_access.roles",
			RoleMap:       map[string]string{"crm-helpdesk": "SUPPORT", "crm-sales": "SALES", "crm-admin": "ADMIN"},
			EmployeeClaim: "employee_id", Clients: []string{"dashboard"}, Types: []string{"at+jwt"}, Algorithms: []string{"RS256"},
		},
		{Name: "portal", Issuer: "https://id.shop.example.com/", Audience: "portal", Principal: config.PrincipalCustomer, IdentitySource: "portal"},
		{Name: "accounts", Issuer: "https://accounts.example.com/", Audience: "portal", Principal: config.PrincipalCustomer, CustomerClaim: "customer_id"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("auth.issuers (-want +got):\n%s", diff)
	}
}

func TestMistakesInIssuers(t *testing.T) {
	const staff = "auth:\n  issuers:\n    - name: a\n      issuer: https://a.example\n      audience: x\n      principal: staff\n      roles_claim: roles\n      role_map: {boss: ADMIN}\n"
	const customer = "    - name: b\n      issuer: https://b.example\n      audience: x\n      principal: customer\n"
	tests := map[string]struct{ content, want string }{
		"no list":             {"auth:\n  issuers: {name: a}\n", `:2: auth.issuers: takes a list, even of one item; give a list of issuers`},
		"no audience":         {"auth:\n  issuers:\n    - name: a\n      issuer: https://a.example\n      principal: staff\n", `auth.issuers[0].audience: is missing; give what the issuer's tokens`},
		"no TLS":              {strings.Replace(staff, "https:", "http:", 1), `auth.issuers[0].issuer: is reached over a network without TLS`},
		"no URL":              {strings.Replace(staff, "https://a.example", "a", 1), `auth.issuers[0].issuer: is no address that starts with https://`},
		"unknown role":        {strings.Replace(staff, "ADMIN", "BOSS", 1), `auth.issuers[0].role_map: has a value that is none of the words it may be; give the gateway's role`},
		"role map no map":     {strings.Replace(staff, "{boss: ADMIN}", "ADMIN", 1), `auth.issuers[0].role_map: must hold pairs`},
		"no roles":            {strings.Replace(staff, "      role_map: {boss: ADMIN}\n", "", 1), `:3: auth.issuers[0]: needs roles_claim and role_map`},
		"staff as customer":   {staff + "      customer_claim: id\n", `auth.issuers[0].customer_claim: is for tokens of the other principal`},
		"customer as staff":   {staff + customer + "      identity_source: b\n      role_map: {boss: ADMIN}\n", `auth.issuers[1].role_map: is for tokens of the other principal`},
		"no link":             {staff + customer, `auth.issuers[1]: needs either customer_claim or identity_source`},
		"two links":           {staff + customer + "      identity_source: b\n      customer_claim: id\n", `auth.issuers[1]: needs either customer_claim or identity_source`},
		"one name twice":      {staff + strings.Replace(customer, "name: b", "name: a", 1), `auth.issuers[1].name: is the name of another issuer too`},
		"one issuer twice":    {staff + strings.Replace(customer, "b.example", "a.example", 1) + "      identity_source: b\n", `auth.issuers[1].issuer: is the issuer of another item too`},
		"a shared secret":     {staff + "      algorithms: [HS256]\n", `auth.issuers[0].algorithms: item 1 is none of the algorithms`},
		"no algorithm":        {staff + "      algorithms: [none]\n", `auth.issuers[0].algorithms: item 1 is none of the algorithms`},
		"star origin":         {"cors:\n  policies:\n    - origins: ['*']\n", `:3: cors.policies[0].origins: item 1 is not an origin`},
		"no header":           {"cors:\n  policies:\n    - {origins: [https://a.example], headers: ['X: y']}\n", `cors.policies[0].headers: item 1 is no name of a header`},
		"one origin twice":    {"cors:\n  allowed_origins: [https://a.example]\n  policies:\n    - origins: [https://a.example]\n", `cors.policies[0].origins: has an origin that another policy`},
		"no paying":           {"limits:\n  cost_per_minute: 10\n", `:2: limits.cost_per_minute: is less than limits.cost`},
		"no network":          {"trusted_proxies: [proxy]\n", `:1: trusted_proxies: item 1 is neither a network nor an address`},
		"no mode":             {"documents: {mode: strict}\n", `:1: documents.mode: is none of the words it may be; give allow, log, safelist, require-id`},
		"safelist of nothing": {"documents: {mode: safelist}\n", `documents.mode: needs documents.manifest`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(config.Sources{File: write(t, test.content)})
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error: %v\nwant one line with %q", err, test.want)
			}
		})
	}
}
