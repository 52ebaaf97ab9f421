package config_test

import (
	"os"
	"regexp"
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
			When:          config.When{Claim: "https://example.com/kind", Values: []string{"staff"}},
			RoleMap:       map[string]string{"crm-helpdesk": "SUPPORT", "crm-sales": "SALES", "crm-admin": "ADMIN"},
			EmployeeClaim: "employee_id", Clients: []string{"dashboard"}, Types: []string{"at+jwt"}, Algorithms: []string{"RS256"},
		},
		{Name: "portal", Issuer: "https://id.shop.example.com/", Audience: "portal", Principal: config.PrincipalCustomer, IdentitySource: "portal"},
		{
			Name: "accounts", Issuer: "https://login.example.com/", Audience: "portal", Principal: config.PrincipalCustomer,
			When: config.When{Claim: "https://example.com/kind", Values: []string{"customer"}}, CustomerClaim: "customer_id",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("auth.issuers (-want +got):\n%s", diff)
	}
}

func TestMistakesInIssuers(t *testing.T) {
	const staff = "auth:\n  issuers:\n    - name: a\n      issuer: https://a.example\n      audience: x\n      principal: staff\n      roles_claim: roles\n      role_map: {boss: ADMIN}\n"
	const customer = "    - name: b\n      issuer: https://b.example\n      audience: x\n      principal: customer\n"
	shared := strings.Replace(customer, "b.example", "a.example", 1) + "      identity_source: b\n"
	when := func(claim, values string) string {
		return "      when: {claim: " + claim + ", values: [" + values + "]}\n"
	}
	tests := map[string]struct{ content, want string }{
		"no list":                     {"auth:\n  issuers: {name: a}\n", `:2: auth.issuers: takes a list, even of one item; give a list of issuers`},
		"no audience":                 {"auth:\n  issuers:\n    - name: a\n      issuer: https://a.example\n      principal: staff\n", `auth.issuers[0].audience: is missing; give what the issuer's tokens`},
		"no TLS":                      {strings.Replace(staff, "https:", "http:", 1), `auth.issuers[0].issuer: is reached over a network without TLS`},
		"no URL":                      {strings.Replace(staff, "https://a.example", "a", 1), `auth.issuers[0].issuer: is no address that starts with https://`},
		"unknown role":                {strings.Replace(staff, "ADMIN", "BOSS", 1), `auth.issuers[0].role_map: has a value that is none of the words it may be; give the gateway's role`},
		"role map no map":             {strings.Replace(staff, "{boss: ADMIN}", "ADMIN", 1), `auth.issuers[0].role_map: must hold pairs`},
		"no roles":                    {strings.Replace(staff, "      role_map: {boss: ADMIN}\n", "", 1), `:3: auth.issuers[0]: needs roles_claim and role_map`},
		"staff as customer":           {staff + "      customer_claim: id\n", `auth.issuers[0].customer_claim: is for tokens of the other principal`},
		"customer as staff":           {staff + customer + "      identity_source: b\n      role_map: {boss: ADMIN}\n", `auth.issuers[1].role_map: is for tokens of the other principal`},
		"no link":                     {staff + customer, `auth.issuers[1]: needs either customer_claim or identity_source`},
		"two links":                   {staff + customer + "      identity_source: b\n      customer_claim: id\n", `auth.issuers[1]: needs either customer_claim or identity_source`},
		"one name twice":              {staff + strings.Replace(customer, "name: b", "name: a", 1), `auth.issuers[1].name: is the name of another issuer too`},
		"one issuer twice":            {staff + strings.Replace(customer, "b.example", "a.example", 1) + "      identity_source: b\n", `auth.issuers[1].issuer: is the issuer of another item too: both need when`},
		"one issuer, half told":       {staff + when("kind", "staff") + shared, `auth.issuers[1].issuer: is the issuer of another item too: both need when`},
		"one issuer, half told first": {staff + shared + when("kind", "customer"), `auth.issuers[1].issuer: is the issuer of another item too: both need when`},
		"one issuer, same value":      {staff + when("kind", "a, b") + shared + when("kind", "b"), `auth.issuers[1].when.values: has a value that another item of the issuer has too`},
		"one issuer, two sets of keys": {
			staff + when("kind", "a") + shared + when("kind", "b") + "      jwks_url: https://b.example\n",
			`auth.issuers[1].jwks_url: differs from that of the issuer's first item`,
		},
		"one issuer, other types":      {staff + when("kind", "a") + shared + when("kind", "b") + "      types: [x]\n", `auth.issuers[1].types: differs`},
		"one issuer, other algorithms": {staff + when("kind", "a") + shared + when("kind", "b") + "      algorithms: [RS256]\n", `auth.issuers[1].algorithms: differs`},
		"a claim without values":       {staff + "      when: {claim: kind}\n", `auth.issuers[0]: needs both when.claim and when.values`},
		"values without a claim":       {staff + "      when: {values: [a]}\n", `auth.issuers[0]: needs both when.claim and when.values`},
		"a claim of the user's own":    {staff + when("email", "a"), `auth.issuers[0].when.claim: is a claim that users can set themselves`},
		"no such key under when":       {staff + "      when: {value: a}\n", `auth.issuers[0].when.value: is no key; did you mean auth.issuers[0].when.values?`},
		"a shared secret":              {staff + "      algorithms: [HS256]\n", `auth.issuers[0].algorithms: item 1 is none of the algorithms`},
		"no algorithm":                 {staff + "      algorithms: [none]\n", `auth.issuers[0].algorithms: item 1 is none of the algorithms`},
		"star origin":                  {"cors:\n  policies:\n    - origins: ['*']\n", `:3: cors.policies[0].origins: item 1 is not an origin`},
		"no header":                    {"cors:\n  policies:\n    - {origins: [https://a.example], headers: ['X: y']}\n", `cors.policies[0].headers: item 1 is no name of a header`},
		"one origin twice":             {"cors:\n  allowed_origins: [https://a.example]\n  policies:\n    - origins: [https://a.example]\n", `cors.policies[0].origins: has an origin that another policy`},
		"no paying":                    {"limits:\n  cost_per_minute: 10\n", `:2: limits.cost_per_minute: is less than limits.cost`},
		"no network":                   {"trusted_proxies: [proxy]\n", `:1: trusted_proxies: item 1 is neither a network nor an address`},
		"no mode":                      {"documents: {mode: strict}\n", `:1: documents.mode: is none of the words it may be; give allow, log, safelist, require-id`},
		"safelist of nothing":          {"documents: {mode: safelist}\n", `documents.mode: needs documents.manifest`},
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

// The settings that docs/access.md shows are settings.
func TestDocumentedIssuers(t *testing.T) {
	docs, err := os.ReadFile("../../docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(docs, -1)
	if len(blocks) != 2 {
		t.Errorf("%d blocks of settings, want 2", len(blocks))
	}
	for _, block := range blocks {
		if _, err := config.Load(config.Sources{File: write(t, string(block[1]))}); err != nil {
			t.Errorf("%v in:\n%s", err, block[1])
		}
	}
}
